"""Numbers as text: scale, digits, signs."""

import pytest

from planner.reports.numbers import (
    format_interval,
    format_number,
    format_range,
    format_step,
    format_tick,
    stored,
    stored_text,
)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.3480009, "index", "0.3480009"),
        (26650.123, "busd", "26.65"),
        (-22890.0, "busd_signed", "\u221222.89"),
        (-312.4e-6, "index_change", "\u2212312"),
        (7.0e-3, "index_change", "+7,000"),
        (-4.21e-7, "index_change", "\u22120.421"),
        (0.0, "index_change", "0"),
        (9.9996e-6, "index_change", "+10.0"),
        (2e-12, "index_change", "+2.00\u00d710\u207b\u2076"),
        (0.914, "share", "91.4\u202f%"),
        (0.0, "probability", "0\u202f%"),
        (0.002, "probability", "<1\u202f%"),
        (0.998, "probability", ">99\u202f%"),
        (1.0, "probability", "100\u202f%"),
        (1234567.8, "musd", "1,234,568"),
        (-0.004, "tau", "0.00"),
        (None, "musd", "\u2013"),
        (float("nan"), "musd", "\u2013"),
    ],
)
def test_format_number(value: float | None, kind: str, text: str) -> None:
    assert format_number(value, kind) == text


def test_intervals_ranges_and_ticks() -> None:
    assert format_interval(-4.2e-4, 1.1e-5, "index_change") == "\u2212420 to +11.0"
    assert format_interval(None, 1.0, "musd") == "\u2013"
    assert format_range(2, 2) == "2"
    assert format_range(2, 7) == "2\u20137"
    assert format_tick(-1e-5, "index_change") == "\u221210"
    assert format_tick(1e-8, "index_change") == "+0.01"
    assert format_tick(1e-11, "index_change") == "+10\u207b\u2075"
    assert format_tick(-20000, "busd_signed") == "\u221220"
    assert format_tick(0, "index_change") == "0"


def test_stored_values_have_nine_digits_and_no_negative_zero() -> None:
    assert stored(0.12345678949) == 0.123456789
    assert str(stored(-0.0)) == "0.0"
    assert stored(float("inf")) is None
    assert stored_text(3.0) == "3"
    assert stored_text(None) == ""
    assert float(stored_text(1 / 3)) == 0.333333333


def test_levels_of_a_step_show_three_digits_of_their_change_and_at_most_seven_in_all() -> None:
    assert [format_step(one, 12.1, 3.986546) for one in (12.1, 3.986546)] == ["12.10", "3.99"]
    assert format_step(-42404.36, -42404.36, -42445.35) == "\u221242,404.4"
    assert format_step(0.348000942, 0.348000942, 0.347740372) == "0.348001"
    assert format_step(0.348000942, 0.348000942, 0.348000941) == "0.3480009"
    assert format_step(5.0, None, 5.0) == "5"
    assert format_step(None, None, 5.0) == "\u2013"
