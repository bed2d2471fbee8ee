"""How a number becomes text: scale, digits, sign and unit, in the language that is active; every writer formats through here."""

import math
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

MINUS = "\u2212"
MISSING = "\u2013"
SUPERSCRIPTS = str.maketrans("0123456789-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b")
STORED_DIGITS = 9
SHOWN_OF_CHANGE, MOST_STEP_DIGITS = 3, 7
# Point and comma of the texts below in each language; ISO 80000 has a narrow space between thousands.
SEPARATORS = {"fr": str.maketrans(".,", ",\u202f"), "es": str.maketrans(".,", ",\u202f")}


@dataclass(frozen=True)
class NumberFormat:
    """`scale` multiplies the stored value; give `decimals`, or else `significant` digits; `trimmed` drops trailing zeros."""

    scale: float = 1.0
    significant: int = 3
    decimals: int | None = None
    signed: bool = False
    suffix: str = ""
    trimmed: bool = False


# Index changes span five orders of magnitude around 1e-5, so they are written in millionths.
FORMATS = {
    "index": NumberFormat(decimals=7),
    "index_short": NumberFormat(decimals=3),
    "index_change": NumberFormat(scale=1e6, signed=True),
    "index_change_plain": NumberFormat(scale=1e6),
    "musd": NumberFormat(),
    "musd_change": NumberFormat(signed=True),
    "busd": NumberFormat(scale=1e-3, decimals=2),
    "busd_signed": NumberFormat(scale=1e-3, decimals=2, signed=True),
    "pct_change": NumberFormat(signed=True, suffix="\u202f%"),
    "share": NumberFormat(scale=100, decimals=1, suffix="\u202f%"),
    "share_small": NumberFormat(scale=100, significant=2, suffix="\u202f%"),
    "change_share": NumberFormat(scale=100, decimals=0, signed=True, suffix="\u202f%"),
    "probability": NumberFormat(scale=100, decimals=0, suffix="\u202f%"),
    "ratio": NumberFormat(decimals=3),
    "ratio_signed": NumberFormat(decimals=3, signed=True),
    "ratio_change": NumberFormat(scale=1e6, signed=True),
    "minutes": NumberFormat(decimals=1),
    "tau": NumberFormat(decimals=2, signed=True),
    "count": NumberFormat(decimals=0),
    "plain": NumberFormat(significant=4, trimmed=True),
    # Steps of a chain differ from each other only far behind the point.
    "chain": NumberFormat(significant=7, trimmed=True),
    "chain_change": NumberFormat(signed=True),
}


def stored(value: float) -> float | None:
    """The value as reports keep it: nine significant digits, no negative zero, None when not finite."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.{STORED_DIGITS}g}") + 0.0


def stored_text(value: float | None) -> str:
    """The shortest text of the stored value; empty when there is none."""
    rounded = None if value is None else stored(float(value))
    if rounded is None:
        return ""
    return str(int(rounded)) if rounded.is_integer() and abs(rounded) < 1e15 else repr(rounded)


def format_number(value: float | None, kind: str = "plain") -> str:
    """Text for people: true minus, grouped thousands, no exponent unless the number is tiny or huge."""
    rounded = None if value is None else stored(float(value))
    if rounded is None:
        return MISSING
    style = FORMATS[kind]
    scaled = rounded * style.scale
    if style.decimals is not None:
        text = f"{abs(scaled):,.{style.decimals}f}"
    else:
        text = _significant(abs(scaled), style.significant)
        if style.trimmed and "." in text and "\u00d7" not in text:
            text = text.rstrip("0").rstrip(".")
    is_zero = not any(digit in text for digit in "123456789")
    if kind == "probability":
        text = _bounded_probability(scaled, text)
    sign = ""
    if not is_zero and scaled < 0:
        sign = MINUS
    elif not is_zero and style.signed:
        sign = "+"
    return f"{sign}{localised(text)}{style.suffix}"


def localised(text: str) -> str:
    """A number written in the English way, with the separators of the active language."""
    separators = SEPARATORS.get((get_language() or "en").split("-")[0])
    return text.translate(separators) if separators else text


def format_date(text: str) -> str:
    """A date such as 2023-12-01 in words of the active language; any other text as it is."""
    try:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    except (TypeError, ValueError):
        return str(text or "")


def format_interval(low: float | None, high: float | None, kind: str = "plain") -> str:
    """`low to high`; the words keep the minus signs readable."""
    if low is None or high is None:
        return MISSING
    first, last = interval_ends(low, high, kind)
    return _("%(low)s to %(high)s") % {"low": first, "high": last}


def interval_ends(low: float, high: float, kind: str) -> tuple[str, str]:
    """Both ends as an interval shows them: the unit stands once."""
    return format_number(low, kind).removesuffix(FORMATS[kind].suffix), format_number(high, kind)


def format_tick(value: float, kind: str) -> str:
    """The label of an axis tick: the scaled value without trailing zeros."""
    style = FORMATS[kind]
    scaled = float(f"{value * style.scale:.6g}")
    size = abs(scaled)
    exponent = math.floor(math.log10(size)) if size else 0
    if size and (exponent < -4 or exponent > 7):
        mantissa = f"{size / 10.0**exponent:.6g}\u00d7".removeprefix("1\u00d7")
        text = f"{mantissa}10{str(exponent).translate(SUPERSCRIPTS)}"
    else:
        text = f"{size:,.{max(-exponent, 0)}f}" if size < 1 else f"{size:,.10g}" if size % 1 else f"{size:,.0f}"
    sign = MINUS if scaled < 0 else "+" if scaled > 0 and style.signed else ""
    return f"{sign}{localised(text)}"


def format_step(value: float | None, before: float | None, after: float | None) -> str:
    """A level before or after a change, with as many digits as make three of the change visible, at most seven in all."""
    rounded = None if value is None else stored(float(value))
    if rounded is None:
        return MISSING
    change = abs((after or 0.0) - (before or 0.0)) if before is not None else 0.0
    if not change or not rounded:
        return format_number(rounded, "plain")
    digits = SHOWN_OF_CHANGE - math.floor(math.log10(change)) - 1
    most = MOST_STEP_DIGITS - math.floor(math.log10(abs(rounded))) - 1
    text = f"{abs(rounded):,.{min(max(digits, 0), max(most, 0))}f}"
    return f"{MINUS if rounded < 0 else ''}{localised(text)}"


def format_range(low: int, high: int) -> str:
    """Ranks from `low` to `high`, one number when they are equal."""
    return str(low) if low == high else f"{low}\u2013{high}"


def _significant(magnitude: float, digits: int) -> str:
    if magnitude == 0:
        return "0"
    # Rounded first, since rounding can carry into the next decade: 9.996 is written with the decimals of 10.0.
    exponent = int(f"{magnitude:.{digits - 1}e}".split("e")[1])
    if exponent < -4 or exponent >= 12:
        mantissa, power = f"{magnitude:.{digits - 1}e}".split("e")
        return f"{mantissa}\u00d710{str(int(power)).translate(SUPERSCRIPTS)}"
    decimals = max(digits - 1 - exponent, 0)
    return f"{magnitude:,.{decimals}f}"


def _bounded_probability(percent: float, text: str) -> str:
    if 0 < percent < 0.5:
        return "<1"
    if 99.5 <= percent < 100:
        return ">99"
    return text
