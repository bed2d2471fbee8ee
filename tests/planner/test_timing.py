"""Due times across clock changes and month ends."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from planner.models.timing import Timing, known_cron, known_time_zone, parse_cron

TORONTO, SYDNEY = "America/Toronto", "Australia/Sydney"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def local(timing: Timing, after: datetime, count: int) -> list[str]:
    """The next due times on the wall clock."""
    found = []
    for _ in range(count):
        after = timing.next_after(after)
        found.append(after.astimezone(ZoneInfo(timing.time_zone)).strftime("%m-%d %H:%M%z"))
    return found


def test_a_morning_time_stays_in_the_morning_through_both_changes():
    daily = Timing(TORONTO, cron="0 7 * * *")
    assert local(daily, utc(2026, 3, 7, 13), 2) == ["03-08 07:00-0400", "03-09 07:00-0400"]
    assert local(daily, utc(2026, 10, 31, 12), 2) == ["11-01 07:00-0500", "11-02 07:00-0500"]
    weekly = Timing(TORONTO, every=1, period="weeks", starts_at=utc(2026, 3, 2, 12))  # Monday 07:00 in winter
    assert local(weekly, utc(2026, 3, 2, 12), 2) == ["03-09 07:00-0400", "03-16 07:00-0400"]


def test_a_time_that_the_clocks_skip_comes_once_and_later():
    assert local(Timing(TORONTO, cron="30 2 * * *"), utc(2026, 3, 7, 8), 3) == [
        "03-08 03:30-0400",
        "03-09 02:30-0400",
        "03-10 02:30-0400",
    ]
    # 02:30 and 03:30 name the same moment on that day.
    assert local(Timing(TORONTO, cron="30 2,3 * * *"), utc(2026, 3, 8, 6), 2) == [
        "03-08 03:30-0400",
        "03-09 02:30-0400",
    ]
    assert local(Timing(SYDNEY, cron="30 2 * * *"), utc(2026, 10, 3, 14), 1) == ["10-04 03:30+1100"]


def test_a_time_that_comes_twice_is_due_once_unless_every_hour_is():
    assert local(Timing(TORONTO, cron="30 1 * * *"), utc(2026, 10, 31, 12), 2) == [
        "11-01 01:30-0400",
        "11-02 01:30-0500",
    ]
    hourly = local(Timing(TORONTO, cron="0 * * * *"), utc(2026, 11, 1, 4, 30), 3)
    assert hourly == ["11-01 01:00-0400", "11-01 01:00-0500", "11-01 02:00-0500"]
    elapsed = Timing(TORONTO, every=6, period="hours", starts_at=utc(2026, 11, 1, 0))
    first = elapsed.next_after(utc(2026, 11, 1, 1))
    assert elapsed.next_after(first) - first == timedelta(hours=6)


def test_month_ends():
    assert [one[:5] for one in local(Timing("UTC", cron="0 6 L * *"), utc(2028, 1, 1), 4)] == [
        "01-31",
        "02-29",
        "03-31",
        "04-30",
    ]
    # As in cron, the 31st is a day that some months do not have.
    assert [one[:5] for one in local(Timing("UTC", cron="0 6 31 * *"), utc(2026, 2, 1), 2)] == ["03-31", "05-31"]
    monthly = Timing(TORONTO, every=1, period="months", starts_at=utc(2026, 1, 31, 12))
    assert [one[:5] for one in local(monthly, utc(2026, 1, 31, 12), 3)] == ["02-28", "03-31", "04-30"]
    assert [one[:5] for one in local(Timing("UTC", cron="0 0 29 2 *"), utc(2026, 1, 1), 1)] == ["02-29"]


def test_the_last_of_several_and_their_number():
    daily = Timing("UTC", cron="0 6 * * *")
    assert daily.latest_until(utc(2026, 5, 1, 6), utc(2026, 5, 4, 7)) == (utc(2026, 5, 4, 6), 3)
    assert daily.latest_until(utc(2026, 5, 1, 6), utc(2026, 5, 1, 23)) == (None, 0)


@pytest.mark.parametrize("zone", [TORONTO, SYDNEY, "UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("line", ["*/15 * * * *", "0 0 * * *", "30 2 1,15,L * mon", "5 1-3 * mar,apr,oct,nov sun"])
def test_due_times_rise_and_are_found_from_any_moment(zone, line):
    timing = Timing(zone, cron=line)
    due = list(islice(timing._after(utc(2026, 3, 1)), 400))
    assert all(after > before for before, after in pairwise(due))
    for moment in due[::37]:
        assert timing.next_after(moment - timedelta(seconds=1)) == moment
        assert timing.latest_until(moment - timedelta(seconds=1), moment) == (moment, 1)


def test_both_kinds_of_days_as_in_cron():
    rule = parse_cron("0 0 13 * fri")
    assert rule.on(utc(2026, 1, 13).date()), "the 13th, a Tuesday"
    assert rule.on(utc(2026, 1, 16).date()), "a Friday"
    assert not rule.on(utc(2026, 1, 14).date())


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("* * * *", "five"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of the month"),
        ("* * * 13 *", "month"),
        ("* * * * mo", "day of the week"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("0 0 30 2 *", "no month"),
    ],
)
def test_lines_that_are_wrong_are_named(line, word):
    with pytest.raises(ValidationError) as wrong:
        known_cron(line)
    assert word in wrong.value.messages[0]


def test_unknown_time_zones_are_named():
    with pytest.raises(ValidationError, match="Mars"):
        known_time_zone("Mars/Olympus")
