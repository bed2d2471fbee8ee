"""Delivery by e-mail, to addresses of the domains that the operator allows."""

import smtplib
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.utils import formatdate

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from planner.services.outlets.parcel import Enclosure, NotNow, Parcel, Refused

MEGABYTE = 1_000_000
PERMANENT_FROM = 500


def allowed_domain(domain: str, allowed: list[str]) -> bool:
    """Whether a name is one of those allowed, or below one that is written with a dot before it; * allows all."""
    name = domain.lower().rstrip(".")
    return any(
        one == "*" or name == one.lower().lstrip(".") or (one.startswith(".") and name.endswith(one.lower()))
        for one in allowed
    )


def check_address(address: str) -> None:
    """A plain address of an allowed domain."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(_("%(address)s is no e-mail address.") % {"address": address}) from error
    domain = address.rpartition("@")[2]
    if not allowed_domain(domain, settings.REPORT_EMAIL_DOMAINS):
        raise Refused(
            _("%(domain)s is not among the domains to which reports may be sent (setting REPORT_EMAIL_DOMAINS).")
            % {"domain": domain}
        )


def send(parcel: Parcel) -> str:
    """One message. The same delivery always has the same Message-ID, so that a repeated one is recognised."""
    check_address(parcel.address)
    if not settings.EMAIL_HOST:
        raise NotNow(_("No mail server is set (setting EMAIL_HOST)."))
    size = sum(len(one.content) for one in parcel.enclosures)
    attach = parcel.attach and size <= settings.REPORT_EMAIL_MEGABYTES * MEGABYTE
    text = parcel.text if attach else f"{parcel.text}\n{links(parcel, size)}"
    message = EmailMessage(
        subject=" ".join(parcel.subject.split())[:200],
        body=text,
        to=[parcel.address],
        headers={
            "Message-ID": f"<{parcel.uid}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('> ')}>",
            "Date": formatdate(localtime=False),
            "Auto-Submitted": "auto-generated",
        },
    )
    for one in parcel.enclosures if attach else ():
        message.attach(attachment(one))
    try:
        message.connection = get_connection(fail_silently=False)
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        refused = f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
        # 5xx for one address is the mail server's last word on it; 4xx asks to come again.
        raise (Refused if code >= PERMANENT_FROM else NotNow)(refused) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotNow(f"{type(error).__name__}: {error}") from error
    return _("accepted by %(host)s") % {"host": settings.EMAIL_HOST}


def attachment(one: Enclosure) -> MIMEBase:
    """Byte for byte: as text it would get other line ends and no longer have its SHA-256."""
    part = MIMEBase(*one.media_type.split("/", 1))
    part.set_payload(one.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=one.name)
    return part


def links(parcel: Parcel, size: int) -> str:
    """The addresses of the files; without a public address there is nothing that a reader could open."""
    if not parcel.enclosures:
        return ""
    if not all(one.url for one in parcel.enclosures):
        raise Refused(
            _("The files (%(size).1f MB) cannot be attached and have no links: set PUBLIC_URL.")
            % {"size": size / MEGABYTE}
        )
    return "\n".join(f"{one.name}\n{one.url}" for one in parcel.enclosures)
