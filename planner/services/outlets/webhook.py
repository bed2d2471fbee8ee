"""Delivery by signed webhook: the facts of the report and links to its files, to allowed and public hosts only."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _

from planner.models import Recipient
from planner.services.outlets.email import allowed_domain
from planner.services.outlets.guarded_http import post
from planner.services.outlets.parcel import NotNow, Parcel, Refused

SALT = b"planner.report-webhook"
# 408, 425, 429 and all 5xx may pass; any other answer than 2xx is the target's last word.
MAY_PASS = frozenset({408, 425, 429})


def secret_of(recipient: Recipient) -> str:
    """The secret that signs a recipient's calls; made from the installation's key, so that it is stored nowhere."""
    text = f"{recipient.pk}:{recipient.secret_version}".encode()
    key = hashlib.sha256(SALT + force_bytes(settings.SECRET_KEY)).digest()
    return "whsec_" + hmac.new(key, text, hashlib.sha256).hexdigest()


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over `timestamp.body`."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check_address(address: str) -> None:
    """An https address of an allowed host, without a name and password in it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Refused(_("%(address)s is no web address.") % {"address": address}) from error
    schemes = ("https", "http") if settings.REPORT_WEBHOOK_HTTP else ("https",)
    if (
        parts.scheme not in schemes
        or not parts.hostname
        or port == 0
        or not address.isascii()
        or address.split() != [address]
    ):
        raise Refused(
            _("%(address)s: expected an address that starts with %(schemes)s.")
            % {"address": address, "schemes": "://, ".join(schemes) + "://"}
        )
    if parts.username is not None or parts.password is not None:
        raise Refused(_("A webhook's address may not hold a name or password."))
    if not allowed_domain(parts.hostname, settings.REPORT_WEBHOOK_DOMAINS):
        raise Refused(
            _("%(host)s is not among the hosts to which reports may be sent (setting REPORT_WEBHOOK_DOMAINS).")
            % {"host": parts.hostname}
        )


def send(parcel: Parcel) -> str:
    """POST the facts as JSON, signed now."""
    check_address(parcel.address)
    body = json.dumps(dict(parcel.facts), ensure_ascii=False, sort_keys=True).encode()
    timestamp = str(int(time.time()))
    answer = post(
        parcel.address,
        body,
        {
            "Content-Type": "application/json",
            "User-Agent": "border-trade-planner",
            # Equal for every attempt of one delivery: a target that has it already may answer 2xx and forget the second.
            "Idempotency-Key": parcel.uid,
            "X-Planner-Delivery": parcel.uid,
            "X-Planner-Attempt": str(parcel.attempt),
            "X-Planner-Timestamp": timestamp,
            "X-Planner-Signature": signature(parcel.secret, timestamp, body),
        },
    )
    if 200 <= answer < 300:
        return _("answered %(status)d") % {"status": answer}
    if 300 <= answer < 400:
        raise Refused(_("answered %(status)d: redirects are not followed") % {"status": answer})
    words = _("answered %(status)d") % {"status": answer}
    raise (NotNow if answer >= 500 or answer in MAY_PASS else Refused)(words)
