"""Template tags of the report: every number stands in a `data` element that carries its stored value."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from planner.reports.figures.svg import clean
from planner.reports.numbers import format_date, format_number, format_step, stored_text
from planner.reports.reasons import reason_words

register = template.Library()


@register.filter
def num(value: float | None, kind: str = "plain") -> SafeString:
    """One number; a dash where there is none."""
    text = format_number(value, kind)
    stored = stored_text(value)
    if not stored:
        return format_html('<span class="none">{}</span>', text)
    return format_html('<data value="{}">{}</data>', stored, text)


@register.filter
def step_cell(step: Mapping[str, Any], name: str) -> SafeString:
    """The level before or after a step of a chain, with the digits that its change needs."""
    text = format_step(step[name], step["before"], step["after"])
    stored = stored_text(step[name])
    if not stored:
        return format_html('<span class="none">{}</span>', text)
    return format_html('<data value="{}">{}</data>', stored, text)


@register.filter
def interval(summary: Mapping[str, Any] | None, kind: str = "plain") -> SafeString:
    """The 90 % interval of a summary."""
    if not summary or summary.get("q05") is None or summary.get("q95") is None:
        return format_html('<span class="none">{}</span>', format_number(None))
    words = _("%(low)s to %(high)s") % {"low": num(summary["q05"], kind), "high": num(summary["q95"], kind)}
    # The words come from our catalogue, the numbers are escaped already.
    return mark_safe(f'<span class="interval">{words}</span>')  # noqa: S308


@register.filter
def stacked(summary: Mapping[str, Any] | None, kind: str = "plain") -> SafeString:
    """The mean with its 90 % interval below it."""
    return format_html(
        '<span class="key">{}</span> {}', num((summary or {}).get("mean"), kind), interval(summary, kind)
    )


@register.filter
def rank_range(row: Mapping[str, Any]) -> SafeString:
    """The interval of a rank, one number when both ends are equal."""
    low, high = num(row["rank_low"], "count"), num(row["rank_high"], "count")
    return low if row["rank_low"] == row["rank_high"] else format_html("{}\u2013{}", low, high)


@register.filter
def numbered(parts: Sequence[tuple[str, str]]) -> SafeString:
    """Parts of a cell, see `cells`: words as they are, numbers with their stored value."""
    return format_html_join(
        "",
        "{}",
        ((format_html('<data value="{}">{}</data>', value, text) if value else text,) for text, value in parts),
    )


@register.filter
def day(text: str) -> str:
    """A date in words."""
    return format_date(text)


@register.filter
def lookup(mapping: Mapping[str, Any], key: str) -> Any:
    """The entry of a mapping under a key that is itself a variable; the key where there is no entry."""
    return mapping.get(key, key)


@register.filter
def entry(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """The entry of a mapping under a key that is itself a variable; None where there is none."""
    return (mapping or {}).get(key)


@register.filter
def beside(values: Sequence[Any], others: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Two lists of equal length, entry by entry."""
    return list(zip(values, others, strict=True))


@register.filter
def css_text(text: str) -> SafeString:
    """Text for a quoted string in the style sheet: all but letters, digits and spaces as escapes."""
    escaped = "".join(
        character if character.isascii() and (character.isalnum() or character == " ") else f"\\{ord(character):x} "
        for character in clean(str(text))
    )
    return mark_safe(escaped)  # noqa: S308 -- nothing but letters, digits, spaces and backslashes is left


@register.filter
def web_link(address: str) -> str:
    """The address if it is a plain web address, else nothing."""
    text = str(address or "").strip()
    return text if text.startswith(("https://", "http://")) and not any(c.isspace() for c in text) else ""


@register.filter
def reason(text: str) -> str:
    """Why there is no result, in the reader's language."""
    return reason_words(text or "")
