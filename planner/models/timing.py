"""When a schedule is due: cron lines and intervals in a time zone, right across clock changes and month ends."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LAST_DAY = "L"
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
FIELDS: tuple[tuple[Any, int, int, dict[str, int]], ...] = (
    (_("minute"), 0, 59, {}),
    (_("hour"), 0, 23, {}),
    (_("day of the month"), 1, 31, {}),
    (_("month"), 1, 12, MONTHS),
    (_("day of the week"), 0, 7, WEEKDAYS),
)
# The 29th of February may be eight years away.
LONGEST_WAIT = timedelta(days=366 * 8 + 2)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cron:
    """A parsed cron line; `last_day` is the letter L among the days of the month."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @property
    def every_hour(self) -> bool:
        """Whether it goes by elapsed hours: then the hour that a clock change repeats counts twice."""
        return len(self.hours) == 24

    def on(self, day: date) -> bool:
        """As cron has it: where both kinds of days are narrowed down, either is enough."""
        if day.month not in self.months:
            return False
        last = calendar.monthrange(day.year, day.month)[1]
        by_date = day.day in self.days or (self.last_day and day.day == last)
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return (self.any_day or by_date) and (self.any_weekday or by_weekday)
        return by_date or by_weekday


@lru_cache(maxsize=512)
def parse_cron(line: str) -> Cron:
    """The cron line; ValidationError names the field that is wrong."""
    parts = line.split()
    if len(parts) != len(FIELDS):
        raise ValidationError(
            _("%(line)r has %(count)d fields; expected five: minute, hour, day of the month, month, day of the week."),
            params={"line": line, "count": len(parts)},
        )
    day_parts = [part for part in parts[2].split(",") if part.upper() != LAST_DAY]
    last_day = len(day_parts) < len(parts[2].split(","))
    values = [
        _field(part, *FIELDS[place]) if part else frozenset[int]()
        for place, part in enumerate((parts[0], parts[1], ",".join(day_parts), parts[3], parts[4]))
    ]
    return Cron(
        minutes=tuple(sorted(values[0])),
        hours=tuple(sorted(values[1])),
        days=values[2],
        last_day=last_day,
        months=values[3],
        weekdays=frozenset(value % 7 for value in values[4]),
        any_day=parts[2] == "*",
        any_weekday=parts[4] == "*",
    )


def _field(text: str, name: object, low: int, high: int, words: dict[str, int]) -> frozenset[int]:
    chosen: set[int] = set()
    for part in text.split(","):
        span, _slash, step_text = part.partition("/")
        try:
            step = int(step_text) if _slash else 1
            if span == "*":
                first, last = low, high
            else:
                start, _dash, end = span.partition("-")
                first = words.get(start.lower(), -1) if start.lower() in words else int(start)
                last = (words[end.lower()] if end.lower() in words else int(end)) if _dash else first
                last = high if _slash and not _dash else last
        except ValueError:
            first, last, step = 1, 0, 0
        if step < 1 or not low <= first <= last <= high:
            raise ValidationError(
                _(
                    "%(name)s: %(part)r; expected *, numbers from %(low)d to %(high)d, ranges such as 1-5, steps such as */2."
                ),
                params={"name": name, "part": part, "low": low, "high": high},
            )
        chosen.update(range(first, last + 1, step))
    return frozenset(chosen)


@dataclass(frozen=True)
class Timing:
    """A cron line, or every so many minutes, hours, days, weeks or months from a start; in a time zone."""

    time_zone: str
    cron: str = ""
    every: int | None = None
    period: str = ""
    starts_at: datetime | None = None

    def next_after(self, moment: datetime) -> datetime | None:
        """The first due time later than the moment; None where there is none within eight years."""
        return next(self._after(moment), None)

    def latest_until(self, after: datetime, moment: datetime) -> tuple[datetime | None, int]:
        """The last due time in (after, moment] and how many due times there were; None and 0 where none."""
        latest, count = None, 0
        for due in self._after(after):
            if due > moment:
                break
            latest, count = due, count + 1
        return latest, count

    def _after(self, moment: datetime) -> Iterator[datetime]:
        return self._cron_after(moment) if self.cron else self._interval_after(moment)

    def _cron_after(self, moment: datetime) -> Iterator[datetime]:
        rule, zone = parse_cron(self.cron), ZoneInfo(self.time_zone)
        # A day earlier, since a time that a clock change skips is due later than its name says.
        first = moment.astimezone(zone).date() - DAY
        last_due = moment
        for offset in range(LONGEST_WAIT.days):
            day = first + offset * DAY
            if not rule.on(day):
                continue
            named = [datetime.combine(day, time(hour, minute)) for hour in rule.hours for minute in rule.minutes]
            for due in sorted({instant for one in named for instant in instants(one, zone, rule.every_hour)}):
                if due > last_due:
                    last_due = due
                    yield due

    def _interval_after(self, moment: datetime) -> Iterator[datetime]:
        start, every = self.starts_at, self.every
        if start is None or not every:
            return
        if self.period in ("minutes", "hours"):
            step = timedelta(**{self.period: every})
            number = max((moment - start) // step + 1, 0)
            while True:
                yield start + number * step
                number += 1
        zone = ZoneInfo(self.time_zone)
        local = start.astimezone(zone).replace(tzinfo=None)
        number = max(_steps_before(local, moment.astimezone(zone).replace(tzinfo=None), every, self.period) - 2, 0)
        while True:
            (due, *_rest) = instants(_stepped(local, number * every, self.period), zone, False)
            if due > moment:
                yield due
            number += 1


def _steps_before(local: datetime, now: datetime, every: int, period: str) -> int:
    if period == "months":
        return ((now.year - local.year) * 12 + now.month - local.month) // every
    return (now - local).days // (every * (7 if period == "weeks" else 1))


def _stepped(local: datetime, count: int, period: str) -> datetime:
    """The start moved on; a month without its day has its last day instead."""
    if period != "months":
        return local + count * (7 if period == "weeks" else 1) * DAY
    year, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, calendar.monthrange(year, month + 1)[1]))


def instants(local: datetime, zone: ZoneInfo, both: bool) -> list[datetime]:
    """The moments that a local time names, in UTC.

    A time that the clocks skip is as long after midnight as its name says (02:30 becomes 03:30), a time that comes
    twice is the first of the two, as RFC 5545 has it; with `both`, both are meant.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return [first, second] if both and second > first else [first]


def known_time_zone(name: str) -> None:
    """A name of the IANA time zone database."""
    if name not in available_timezones():
        raise ValidationError(
            _("%(name)r is no time zone; expected a name such as America/Toronto."), params={"name": name}
        )


def known_cron(line: str) -> None:
    """A cron line that comes due some day."""
    parse_cron(line)
    if Timing("UTC", cron=line).next_after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValidationError(_("%(line)r never comes: no month has that day."), params={"line": line})
