"""Label placement: greedy, by priority, never on top of another label or mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.reports.figures.svg import MUTED, Box, element, text_box


@dataclass(frozen=True)
class Wanted:
    """A label wanted beside a mark of the given radius."""

    text: str
    x: float
    y: float
    radius: float = 4.0


@dataclass(frozen=True)
class Placed:
    """Where a label goes, and whether it lies far enough away to need a leader line."""

    index: int
    text: str
    x: float
    baseline: float
    anchor: str
    box: Box
    leader: bool


# Right, left, above, below, then the corners, then two rings further out.
_DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (0.8, -0.8), (0.8, 0.8), (-0.8, -0.8), (-0.8, 0.8))
_RINGS = (4.0, 16.0, 30.0)


def place_labels(
    wanted: Sequence[Wanted], frame: Box, size: float, marks: Sequence[Box] = (), rings: Sequence[float] = _RINGS
) -> list[Placed]:
    """Labels that fit inside the frame, in order of priority; those without room are left out."""
    placed: list[Placed] = []
    taken = list(marks)
    for index, label in enumerate(wanted):
        own = Box(label.x - label.radius, label.y - label.radius, label.x + label.radius, label.y + label.radius)
        others = [box for box in taken if box != own]
        for ring in rings:
            choice = _first_free(index, label, ring, size, frame, others)
            if choice is not None:
                placed.append(choice)
                taken.append(choice.box)
                break
    return placed


def _first_free(index: int, label: Wanted, ring: float, size: float, frame: Box, taken: Sequence[Box]) -> Placed | None:
    reach = label.radius + ring
    for across, down in _DIRECTIONS:
        anchor = "start" if across > 0 else "end" if across < 0 else "middle"
        x = label.x + across * reach
        baseline = label.y + down * reach + size * (0.35 + 0.3 * down)
        box = text_box(label.text, x, baseline, size, anchor)
        if box.inside(frame) and not any(box.overlaps(other, 1.0) for other in taken):
            return Placed(index, label.text, x, baseline, anchor, box, ring > _RINGS[0])
    return None


def leader_line(label: Placed, mark: Wanted) -> str:
    """A thin line from the mark to the nearest edge of its label."""
    return element(
        "line",
        x1=mark.x,
        y1=mark.y,
        x2=min(max(mark.x, label.box.left), label.box.right),
        y2=min(max(mark.y, label.box.top), label.box.bottom),
        stroke=MUTED,
        stroke_width=0.75,
        class_="leader",
    )
