"""The cell formats of a workbook, and text cells that stay text."""

from typing import Any

from planner.reports.csv_writer import FORMULA_STARTS
from planner.reports.figures.svg import clean

LONGEST_TEXT = 32_767


class Styles:
    """Formats by what a cell holds."""

    def __init__(self, workbook: Any) -> None:
        self.text = workbook.add_format({"valign": "top"})
        self.guarded = workbook.add_format({"quote_prefix": True, "valign": "top"})
        self.heading = workbook.add_format({"bold": True, "bottom": 1})
        self.unit = workbook.add_format({"italic": True, "font_color": "#5A6675"})
        # General shows all digits that matter; shares of trade may be as small as a millionth.
        self.number = workbook.add_format({"num_format": "General", "valign": "top"})
        self.whole = workbook.add_format({"num_format": "0", "valign": "top"})
        self.score = workbook.add_format({"num_format": "0.0000"})
        self.millionths = workbook.add_format({"num_format": "#,##0.00"})
        self.input = workbook.add_format({"bg_color": "#FFF4CE", "border": 1})


def write_text(sheet: Any, row: int, column: int, text: str, styles: Styles) -> None:
    """A text cell; one that starts like a formula also carries the mark that keeps it text when it is edited or exported."""
    sheet.write_string(row, column, plain(text), styles.guarded if text.startswith(FORMULA_STARTS) else styles.text)


def plain(text: str) -> str:
    """Text that a workbook can hold: no control characters, no longer than a cell."""
    valid = clean(text)
    return valid if len(valid) <= LONGEST_TEXT else valid[: LONGEST_TEXT - 1] + "\u2026"
