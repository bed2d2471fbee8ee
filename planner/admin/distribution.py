"""A small picture of a triangular distribution: where a channel's value lies, and where zero is."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 150, 34, 4
BASE = HEIGHT - 6


def distribution_picture(low: float | None, central: float | None, high: float | None) -> SafeString | str:
    """An SVG without styles of its own; the numbers stand beside it, so it is hidden from screen readers."""
    if low is None or central is None or high is None or not low <= central <= high:
        return "–"
    left, right = min(low, 0.0), max(high, 0.0)
    span = (right - left) or 1.0

    def at(value: float) -> str:
        return f"{MARGIN + (WIDTH - 2 * MARGIN) * (value - left) / span:.1f}"

    shape = f"M{at(low)},{BASE} L{at(central)},4 L{at(high)},{BASE} Z"
    return format_html(
        '<svg class="distribution" width="{w}" height="{h}" viewBox="0 0 {w} {h}" aria-hidden="true">'
        '<line class="axis" x1="0" x2="{w}" y1="{base}" y2="{base}"/><path class="shape" d="{shape}"/>'
        '<line class="central" x1="{c}" x2="{c}" y1="4" y2="{base}"/>'
        '<line class="zero" x1="{z}" x2="{z}" y1="{base}" y2="{h}"/></svg>',
        w=WIDTH, h=HEIGHT, base=BASE, shape=shape, c=at(central), z=at(0.0),
    )  # fmt: skip
