"""Figures: text never overlaps, axes are right, areas and projections are what they claim."""

import math
import random
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from planner.reports.figure_set import paper_figures, report_figures
from planner.reports.figures import svg, theme
from planner.reports.figures.clipping import area, centroid, clip_ring
from planner.reports.figures.curve_figure import Point, curve_figure
from planner.reports.figures.labels import Wanted, place_labels
from planner.reports.figures.projection import albers
from planner.reports.figures.ranking_figure import RankedMark, ranking_figure
from planner.reports.figures.scales import linear_scale, round_ticks, symlog_scale
from tests.reports.synthetic import synthetic_context, synthetic_outlines

SVG = "{http://www.w3.org/2000/svg}"


def label_boxes(markup: str) -> list[tuple[str, svg.Box]]:
    """Where every label of a figure lies."""
    boxes = []
    for node in ElementTree.fromstring(markup).iter(f"{SVG}text"):
        if "label" not in node.attrib["class"].split():
            continue
        size = float(node.attrib["font-size"])
        anchor = node.attrib.get("text-anchor", "start")
        bold = node.attrib.get("font-weight") is not None
        text = node.text or ""
        boxes.append((text, svg.text_box(text, float(node.attrib["x"]), float(node.attrib["y"]), size, anchor, bold)))
    return boxes


def transformed_labels(markup: str) -> bool:
    return any("transform" in node.attrib for node in ElementTree.fromstring(markup).iter(f"{SVG}text"))


@pytest.mark.parametrize("count", [1, 12, 60, 200])
@pytest.mark.parametrize("layout", [*theme.LAYOUTS, theme.PAPER], ids=lambda layout: layout.name)
def test_no_two_labels_overlap_and_none_leaves_the_figure(count: int, layout: theme.Layout) -> None:
    context = synthetic_context(count)
    if layout is theme.PAPER:
        parts = paper_figures(context, synthetic_outlines())
        figures = [(name, part) for name, drawn in parts.items() for part in drawn]
    else:
        drawings = report_figures(context, synthetic_outlines())
        figures = [(name, str(drawn[layout.name])) for name, drawn in drawings.items()]
    for name, markup in figures:
        assert not transformed_labels(markup)
        boxes = label_boxes(markup)
        width, height = (float(part) for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', markup).groups())  # type: ignore[union-attr]
        page = svg.Box(-0.5, -0.5, width + 0.5, height + 0.5)
        for text, box in boxes:
            assert box.inside(page), (name, text, box, page)
        for (text, box), (other_text, other) in combinations(boxes, 2):
            assert not box.overlaps(other), (name, text, other_text)


@pytest.mark.parametrize("layout", [*theme.LAYOUTS, theme.PAPER], ids=lambda layout: layout.name)
def test_no_label_of_a_curve_lies_on_the_line(layout: theme.Layout) -> None:
    amounts = [(76, 430), (180, 690), (410, 920), (890, 1110), (1800, 1310), (3600, 1390), (3640, 1391)]
    points = [Point(money, value * 1e-6, str(3 + place)) for place, (money, value) in enumerate(amounts)]
    markup = curve_figure(points, "index_change_plain", ("budget", "fall"), layout, "figure-x", "Frontier", 3)
    (line,) = re.findall(r'<path d="([^"]+)"', markup)
    corners = [tuple(map(float, corner.split())) for corner in re.split("[ML]", line) if corner.strip()]
    along = [
        (x1 + (x2 - x1) * part / 400, y1 + (y2 - y1) * part / 400)
        for (x1, y1), (x2, y2) in pairwise(corners)
        for part in range(401)
    ]
    labels = [(text, box) for text, box in label_boxes(markup) if text in {point.name for point in points}]
    assert len(labels) >= 5
    for text, box in labels:
        assert not any(box.left < x < box.right and box.top < y < box.bottom for x, y in along), text


def test_overlap_test_can_fail() -> None:
    boxes = [svg.text_box("Detroit", 10, 20, 12), svg.text_box("Port Huron", 40, 22, 12)]
    assert boxes[0].overlaps(boxes[1])
    assert not boxes[0].overlaps(svg.text_box("Blaine", 10, 40, 12))


def test_labels_avoid_marks_and_each_other_in_a_crowd() -> None:
    source = random.Random(5)
    points = [(source.gauss(250, 60), source.gauss(200, 50)) for _ in range(120)]
    marks = [svg.Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    frame = svg.Box(0, 0, 500, 400)
    placed = place_labels([Wanted(f"measure {n}", x, y, 5) for n, (x, y) in enumerate(points)], frame, 11, marks)
    assert 5 < len(placed) < 120
    assert placed[0].index == 0
    for label in placed:
        assert label.box.inside(frame)
        assert not any(label.box.overlaps(mark) for place, mark in enumerate(marks) if place != label.index)
    assert not any(one.box.overlaps(two.box) for one, two in combinations(placed, 2))


def test_text_that_does_not_fit_is_shortened_and_keeps_its_whole_in_the_tooltip() -> None:
    name = "A very long name of a measure that no column of a figure could ever hold " * 3
    mark = RankedMark(1, name, -1e-4, -2e-4, -1e-5, 1)
    markup = ranking_figure([mark], "index_change", "Change", theme.NARROW, "figure-x", "Ranking")
    assert name in markup
    assert "\u2026" in markup
    assert svg.text_width(svg.shorten(name, 120, 12), 12) <= 120


def test_symlog_scale_is_monotone_symmetric_and_gives_each_decade_the_same_room() -> None:
    scale = symlog_scale([-1e-3, 1e-3, 1e-6], 0, 600)
    values = [-1e-3, -1e-5, -1e-6, -1e-7, 0, 1e-7, 1e-6, 1e-5, 1e-3]
    places = [scale(value) for value in values]
    assert places == sorted(places)
    assert scale(0) == pytest.approx(300)
    assert scale(1e-4) - scale(1e-5) == pytest.approx(scale(1e-5) - scale(1e-6))
    assert scale(5e-4) - scale(0) == pytest.approx(scale(0) - scale(-5e-4))


def test_symlog_ticks_are_zero_and_powers_of_ten_inside_the_axis() -> None:
    scale = symlog_scale([-2e-3, 4e-5, 3e-7], 0, 900)
    ticks = scale.ticks(20)
    assert 0 in ticks
    assert all(
        tick == 0
        or math.isclose(math.log10(abs(tick)) % 1, 0, abs_tol=1e-9)
        or math.isclose(math.log10(abs(tick)) % 1, 1, abs_tol=1e-9)
        for tick in ticks
    )
    assert all(scale.low <= tick <= scale.high for tick in ticks)
    assert symlog_scale([], 0, 100)(0) == 50
    assert symlog_scale([0.0], 0, 100)(0) == 50


def test_linear_scale_and_round_ticks() -> None:
    scale = linear_scale([-22.9, 6.0], 0, 100)
    assert scale(scale.low) == 0
    assert scale(scale.high) == 100
    assert round_ticks(-24, 7, 6) == [-20, -10, 0]
    assert round_ticks(0, 1, 5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_albers_keeps_areas_within_a_thousandth_and_north_up() -> None:
    projection = albers([(-141, 60), (-67, 42)])

    def cell(longitude: float, latitude: float) -> float:
        step = 0.5
        ring = [projection(longitude + dx, latitude + dy) for dx, dy in ((0, 0), (step, 0), (step, step), (0, step))]
        return area(ring) / (math.sin(math.radians(latitude + step)) - math.sin(math.radians(latitude)))

    reference = cell(-100, 45)
    for longitude, latitude in ((-140, 65), (-67, 42), (-83, 49), (-120, 36)):
        assert cell(longitude, latitude) == pytest.approx(reference, rel=1e-3)
    assert projection(-104, 60)[1] > projection(-104, 45)[1]
    assert projection(-70, 50)[0] > projection(-130, 50)[0]
    assert projection(179, 52)[0] < projection(-170, 52)[0]


def test_albers_works_in_the_south_and_at_the_equator() -> None:
    for points in ([(-60, -35), (-50, -20)], [(28, -4), (36, 4)]):
        projection = albers(points)
        middle = (points[0][0] + points[1][0]) / 2
        assert projection(middle, points[1][1])[1] > projection(middle, points[0][1])[1]
        assert projection(points[1][0], points[0][1])[0] > projection(points[0][0], points[0][1])[0]


def test_clipping_cuts_a_square_and_finds_its_centre() -> None:
    ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    cut = clip_ring(ring, svg.Box(5, 5, 20, 20))
    assert area(cut) == pytest.approx(25)
    assert centroid(cut) == pytest.approx((7.5, 7.5))
    assert clip_ring(ring, svg.Box(11, 11, 20, 20)) == []
    assert area(clip_ring(ring, svg.Box(-1, -1, 20, 20))) == pytest.approx(100)


def test_circles_of_the_map_have_areas_in_the_ratio_of_trade() -> None:
    context = synthetic_context(2)
    markup = str(report_figures(context, synthetic_outlines())["map"]["wide"])
    radii = {}
    for node in ElementTree.fromstring(markup).iter(f"{SVG}circle"):
        title = node.find(f"{SVG}title")
        if title is not None and title.text:
            radii[title.text.split(":")[0]] = float(node.attrib["r"])
    trade = {crossing["name"]: crossing["trade_musd"] for crossing in context["baseline"]["crossings"]}
    first, second = "Detroit", "Port Huron"
    assert (radii[first] / radii[second]) ** 2 == pytest.approx(trade[first] / trade[second], rel=0.02)


def test_map_without_outlines_shows_regions_as_points() -> None:
    drawn = report_figures(synthetic_context(1), {})["map"]["wide"]
    assert "Michigan" in drawn
    ElementTree.fromstring(str(drawn))
