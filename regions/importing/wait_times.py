"""Times of records as local times: many ways of writing them, offsets, time zones and the hours that clocks skip."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

ISO = (
    r"^(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r" ?(?P<half>)(?P<offset>Z|UTC|[+-]\d\d:?\d\d)?$"
)
AMERICAN = (
    r"^(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}) (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    r" ?(?P<half>[AaPp][Mm])?(?P<offset>)$"
)
EXPECTATION = (
    "expected a time such as 2023-07-01 14:30, 2023-07-01T14:30:00-04:00 or 07/01/2023 2:30 PM, within 1990 to 2100"
)
MISSING_TIME = np.datetime64("NaT", "s")
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class ParsedTimes:
    """Times as written, seconds; NaT where they cannot be read. `offset_seconds`: NaN where none is written."""

    written: Times
    offset_seconds: NDArray[np.float64]


@dataclass(frozen=True)
class LocalTimes:
    """`local`: on the clocks of the place. `universal`: in UTC where that is known, else as written."""

    local: Times
    universal: Times
    # Written without an offset, in an hour that the clocks skip, or pass through twice.
    skipped: NDArray[np.bool_]
    twice: NDArray[np.bool_]


def parse_times(texts: pa.StringArray) -> ParsedTimes:
    """Each different text is read once."""
    encoded = compute.dictionary_encode(compute.utf8_trim_whitespace(texts))
    distinct = encoded.dictionary
    written = np.full(len(distinct), MISSING_TIME)
    offsets = np.full(len(distinct), np.nan)
    for pattern in (ISO, AMERICAN):
        parts = compute.extract_regex(distinct, pattern)
        fits = np.asarray(compute.is_valid(parts))
        if fits.any():
            fields = {one.name: parts.field(place) for place, one in enumerate(parts.type)}
            found = seconds_of(fields, fits)
            written[fits], offsets[fits] = found[fits], offsets_of(fields["offset"])[fits]
    places = encoded.indices.to_numpy(zero_copy_only=False)
    return ParsedTimes(written[places], offsets[places])


def whole(cells: pa.Array, fits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Digits as numbers; 0 where there are none."""
    filled = compute.if_else(compute.equal(compute.fill_null(cells, ""), ""), "0", compute.fill_null(cells, "0"))
    return np.where(fits, filled.cast(pa.int64()).to_numpy(zero_copy_only=False), 0)


def seconds_of(fields: dict[str, pa.Array], fits: NDArray[np.bool_]) -> Times:
    """Date and time from their parts; NaT for what no calendar has."""
    year, month, day = (whole(fields[name], fits) for name in ("year", "month", "day"))
    hour, minute, second = (whole(fields[name], fits) for name in ("hour", "minute", "second"))
    half = np.asarray(compute.utf8_upper(compute.fill_null(fields["half"], "")).to_pylist(), dtype=object)
    in_halves = half != ""
    good_hour = np.where(in_halves, (hour >= 1) & (hour <= 12), hour <= 23)
    hour = np.where(in_halves, hour % 12 + 12 * (half == "PM"), hour)
    months = (year - 1970) * 12 + (month - 1)
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    length = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - first
    good = fits & good_hour & (minute <= 59) & (second <= 59) & (month >= 1) & (month <= 12)
    good &= (day >= 1) & (day <= length.astype(np.int64)) & (year >= 1990) & (year <= 2100)
    times = first.astype("datetime64[s]") + ((day - 1) * 86_400 + hour * 3_600 + minute * 60 + second)
    return np.where(good, times, MISSING_TIME)


def offsets_of(cells: pa.Array) -> NDArray[np.float64]:
    """Offsets from UTC in seconds; NaN where none is written."""
    return np.array([offset_seconds(text or "") for text in cells.to_pylist()], dtype=float)


def offset_seconds(text: str) -> float:
    """`-04:00` as -14400."""
    if not text:
        return np.nan
    if text in ("Z", "UTC"):
        return 0.0
    digits = text[1:].replace(":", "")
    size = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return float(-size if text[0] == "-" else size)


def known_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def in_zone(times: ParsedTimes, zone: str) -> LocalTimes:
    """Times on the clocks of a zone; without one those without offset are taken as they are written."""
    nothing = np.zeros(len(times.written), dtype=bool)
    with_offset = ~np.isnan(times.offset_seconds)
    offsets = np.where(with_offset, times.offset_seconds, 0).astype("timedelta64[s]")
    universal = times.written - offsets
    if not zone:
        return LocalTimes(times.written, universal, nothing, nothing)
    local = np.where(with_offset, zone_clock(universal, zone), times.written)
    plain = ~with_offset & ~np.isnat(times.written)
    if not plain.any():
        return LocalTimes(local, universal, nothing, nothing)
    written = pa.array(times.written)
    early = utc_of(written, zone, "earliest")
    late = utc_of(written, zone, "latest")
    back = zone_clock(early, zone)
    skipped = plain & (back != times.written)
    twice = plain & (early != late) & ~skipped
    # Of an hour that comes twice the first is meant, as far as anybody can tell.
    return LocalTimes(local, np.where(plain, early, universal), skipped, twice)


def zone_clock(universal: Times, zone: str) -> Times:
    """UTC as the clocks of a zone show it."""
    stamped = pa.array(universal).cast(pa.timestamp("s", tz="UTC")).cast(pa.timestamp("s", tz=zone))
    clock: Times = compute.local_timestamp(stamped).to_numpy(zero_copy_only=False).astype("datetime64[s]")
    return clock


def utc_of(written: pa.Array, zone: str, which: str) -> Times:
    """Clock times as UTC; those that the clocks skip are moved to the next or last moment that they show."""
    stamped = compute.assume_timezone(written, zone, ambiguous=which, nonexistent=which)
    found: Times = stamped.cast(pa.timestamp("s", tz="UTC")).cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
    return found.astype("datetime64[s]")
