"""Ways out: each takes a parcel and either delivers it, fails for now, or refuses for good."""

from collections.abc import Callable

from planner.models import Recipient
from planner.models.schedule import OutletKind
from planner.services.outlets import email, folder, s3, webhook
from planner.services.outlets.parcel import Enclosure, NotNow, Parcel, Refused

SENDERS: dict[str, Callable[[Parcel], str]] = {
    OutletKind.EMAIL: email.send,
    OutletKind.WEBHOOK: webhook.send,
    OutletKind.FOLDER: folder.send,
    OutletKind.S3: s3.send,
}
CHECKS: dict[str, Callable[[str], None]] = {
    OutletKind.EMAIL: email.check_address,
    OutletKind.WEBHOOK: webhook.check_address,
    OutletKind.FOLDER: folder.check_address,
    OutletKind.S3: s3.check_address,
}

__all__ = ["SENDERS", "Enclosure", "NotNow", "Parcel", "Refused", "address_problem", "webhook_secret"]

webhook_secret = webhook.secret_of


def address_problem(recipient: Recipient) -> str:
    """Why nothing may be sent there, as far as can be seen without sending; empty where it may."""
    try:
        CHECKS[recipient.kind](recipient.address)
    except Refused as refused:
        return str(refused)
    return ""
