"""What is handed to a way out, and how it says that it could not deliver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class NotNow(Exception):
    """The target did not take it; a later attempt may succeed."""


class Refused(Exception):
    """It may not be delivered there, now or later, unless somebody changes a setting or the address."""


@dataclass(frozen=True)
class Enclosure:
    """A file of the report; `url` is a link that expires, empty where the installation has no public address."""

    name: str
    media_type: str
    content: bytes
    format: str
    language: str
    sha256: str
    url: str = ""


@dataclass(frozen=True)
class Parcel:
    """One delivery: the words for people, the facts for programs, the files."""

    uid: str
    address: str
    subject: str
    text: str
    facts: Mapping[str, Any]
    enclosures: Sequence[Enclosure] = ()
    attach: bool = True
    # Where the files go in folders and stores: case and schedule, then the due time.
    place: tuple[str, ...] = ()
    attempt: int = 1
    secret: bytes = field(default=b"", repr=False)
