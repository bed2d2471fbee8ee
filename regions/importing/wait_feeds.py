"""Snapshots of US Customs and Border Protection's feed of border waits, JSON or XML, as a table of records.

A snapshot lists ports; each has the waits of its lanes by kind of traffic, with the hour they were taken ("At 2:00 pm PDT",
"At Noon EST") and the date and time of the port. Kept snapshots come as a JSON list, as JSON lines (one snapshot or port a line)
or as XML with any number of them. Only standard lanes are records: lanes of members of programmes are shorter by design.
The layout is that of the public feed as programs that read it describe it; no schema of it is published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from regions.importing.streams import Limits, inspect
from regions.importing.table_files import LIMITS, TableLimits, checked_rows, refused

KIND = "feed"
NAMES = ("port_number", "port_name", "vehicle_class", "method", "start", "minutes")
TRAFFIC = {"commercial_vehicle_lanes": "truck", "passenger_vehicle_lanes": "car", "pedestrian_lanes": "pedestrian"}
LANE = "standard_lanes"
METHOD = "agency feed, standard lanes"
ROOT, PORT = "border_wait_time", "port"
CLOCK = re.compile(
    r"(?:at\s+)?(?:(?P<word>noon|midnight)|(?P<hour>\d{1,2}):(?P<minute>\d\d)\s*(?P<half>[ap]m)?)", re.IGNORECASE
)
DATES = ("%m/%d/%Y", "%Y-%m-%d")
Cells = tuple[str, ...]


def is_feed(start: bytes) -> bool:
    """Whether a file that starts so is a feed: by what is in it, never by its name."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return f"<{ROOT}".encode() in text
    return text.startswith((b"[", b"{")) and b'"port_number"' in text and b"FeatureCollection" not in text


class FeedTable:
    """The records of all snapshots in a file."""

    kind = KIND
    names: tuple[str, ...] = NAMES
    layers: tuple[str, ...] = ()
    crs = geometry = ""

    def __init__(self, path: Path, limits: TableLimits = LIMITS) -> None:
        self.path = path
        with inspect(path, Limits(limits.packed_bytes, limits.json_bytes)).text() as file:
            text = file.read()
        ports = xml_ports(path, text) if text.lstrip("\ufeff \r\n\t").startswith("<") else json_ports(path, text)
        self._records = [cells for port in ports for cells in records_of(port)]
        self.rows: int | None = checked_rows(path, len(self._records), limits)

    def records(self) -> Iterator[tuple[int, Cells]]:
        """Every record, from 1."""
        yield from enumerate(self._records, start=1)

    def shapes(self) -> list[Any] | None:
        """None: positions are not in the feed."""
        return None


def json_ports(path: Path, text: str) -> Iterator[dict[str, Any]]:
    """Ports of a list, of lists of lists, of objects that hold them, or of JSON lines."""
    try:
        content = json.loads(text)
    except ValueError as whole:
        content = []
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    content.append(json.loads(line))
                except (ValueError, RecursionError):
                    raise refused(
                        path, line[:40], f"expected JSON, or JSON lines ({whole})", "bad_json", number
                    ) from None
    except RecursionError as error:
        raise refused(path, "", f"expected JSON ({error})", "bad_json") from error
    yield from ports_within(content)


def ports_within(content: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Objects that have a port number, wherever they are; a few levels suffice for any way of keeping snapshots."""
    if isinstance(content, dict) and "port_number" in content:
        yield content
    elif depth < 6 and isinstance(content, (list, dict)):
        for inner in content if isinstance(content, list) else content.values():
            yield from ports_within(inner, depth + 1)


def xml_ports(path: Path, text: str) -> Iterator[dict[str, Any]]:
    """Ports of every snapshot. Declarations of document types are refused: they could unpack to anything."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refused(path, "", "expected XML without a document type", "bad_xml")
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \r\n\t"))  # noqa: S314 -- without declarations nothing unpacks
    except ElementTree.ParseError as error:
        raise refused(path, "", f"expected whole XML ({error})", "bad_xml", error.position[0]) from error
    for port in root.iter(PORT):
        yield as_object(port)


def as_object(element: ElementTree.Element) -> dict[str, Any]:
    """An element's children by name: texts, or objects of their own."""
    return {child.tag: as_object(child) if len(child) else (child.text or "").strip() for child in element}


def records_of(port: dict[str, Any]) -> Iterator[Cells]:
    """A record for each kind of traffic with standard lanes; the minutes as written, so that their reader judges them."""
    name = " ".join(str(port.get(part) or "") for part in ("port_name", "crossing_name")).strip()
    for group, vehicles in TRAFFIC.items():
        lanes = port.get(group)
        lane = lanes.get(LANE) if isinstance(lanes, dict) else None
        if isinstance(lane, dict):
            status, minutes = (str(lane.get(field) or "").strip() for field in ("operational_status", "delay_minutes"))
            # Without minutes the status says why: no delay, closed, not updated.
            yield (str(port["port_number"]).strip(), name, vehicles, METHOD, start_of(port, lane), minutes or status)


def start_of(port: dict[str, Any], lane: dict[str, Any]) -> str:
    """When the wait was taken, on the clocks of the port: the lane's hour on the port's date, the day before where that
    hour is still to come at the port's own time. As written where it cannot be read, for the reader to tell."""
    day, own = day_of(str(port.get("date") or "")), clock_of(str(port.get("time") or ""))
    written = str(lane.get("update_time") or "")
    clock = clock_of(written)
    clock = own if clock is None else clock
    if day is None or clock is None:
        return f"{port.get('date') or ''} {written}".strip()
    if own is not None and clock > own + timedelta(hours=1):
        day -= timedelta(days=1)
    moment = datetime(day.year, day.month, day.day) + clock
    return moment.strftime("%Y-%m-%d %H:%M")


def day_of(text: str) -> date | None:
    """A date in either way of writing it."""
    for pattern in DATES:
        try:
            return datetime.strptime(text.strip(), pattern).date()
        except ValueError:
            continue
    return None


def clock_of(text: str) -> timedelta | None:
    """An hour of the day as time since midnight."""
    found = CLOCK.match(text.strip())
    if not found:
        return None
    if found["word"]:
        return timedelta(hours=12 if found["word"].lower() == "noon" else 0)
    hour, minute = int(found["hour"]), int(found["minute"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    return timedelta(hours=hour, minutes=minute) if hour < 24 and minute < 60 else None
