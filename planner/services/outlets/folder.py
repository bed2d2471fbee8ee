"""Delivery into a folder below the one that the operator sets aside for reports."""

import os
import re
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from planner.services.outlets.parcel import NotNow, Parcel, Refused

PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,60}$")


def check_address(address: str) -> None:
    """A folder's name, or names joined by '/', that stay below the reports' folder."""
    if not all(PLAIN_NAME.match(part) for part in address.split("/")):
        raise Refused(
            _(
                "%(address)s: expected the name of a folder, of letters, digits, '-', '_' and '.', at most in levels by '/'."
            )
            % {"address": address}
        )


def send(parcel: Parcel) -> str:
    """Write each file beside its place and move it there at once, so that nobody reads half of it."""
    check_address(parcel.address)
    root = Path(settings.REPORT_FOLDER).resolve()
    target = root.joinpath(parcel.address, *parcel.place)
    if not target.resolve().is_relative_to(root):
        raise Refused(_("%(folder)s leads out of the reports' folder.") % {"folder": parcel.address})
    try:
        target.mkdir(parents=True, exist_ok=True)
        for one in parcel.enclosures:
            part = target / f".{one.name}.{os.getpid()}.part"
            part.write_bytes(one.content)
            part.replace(target / one.name)
    except OSError as error:
        raise NotNow(f"{type(error).__name__}: {error.strerror}") from error
    return str(target.relative_to(root))
