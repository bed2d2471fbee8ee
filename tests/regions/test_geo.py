"""Outlines read, repaired, simplified and measured."""

import json

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from regions import geo


def collection(*geometries, crs=None):
    features = [
        {"type": "Feature", "properties": {"id": f"P{number}"}, "geometry": geometry}
        for number, geometry in enumerate(geometries, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **({"crs": crs} if crs else {})})


def square(west=0, south=0, size=1):
    return box(west, south, west + size, south + size).__geo_interface__


def test_polygons_become_multipolygons():
    frame, problems = geo.read_outlines(collection(square(), square(5)), "o.geojson")
    assert problems == []
    assert frame["id"].tolist() == ["P1", "P2"]
    assert set(frame.geometry.geom_type) == {"MultiPolygon"}


def test_polygon_with_a_spike_is_repaired_and_reported():
    spiked = Polygon([(0, 0), (1, 0), (1, 1), (1, 2), (1, 1), (0, 1)]).__geo_interface__
    frame, (problem,) = geo.read_outlines(collection(spiked), "o.geojson")
    assert problem.severity == "warning"
    assert (problem.row, problem.value) == (1, "P1")
    assert frame.geometry[0].is_valid
    assert frame.geometry[0].area == pytest.approx(1)


def test_bow_tie_is_refused():
    """Its two halves turn in opposite directions: no telling which outline was meant."""
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]).__geo_interface__
    frame, (problem,) = geo.read_outlines(collection(bow_tie), "o.geojson")
    assert problem.kind == "invalid_polygon"
    assert len(frame) == 0


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (None, "bad_geometry"),
        ({"type": "Point", "coordinates": [0, 0]}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": []}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": "far away"}, "bad_geometry"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [400, 0], [400, 1], [0, 0]]]}, "out_of_range"),
        ({"type": "Polygon", "coordinates": [[[45, 100], [46, 100], [46, 101], [45, 100]]]}, "out_of_range"),
        (
            {"type": "Polygon", "coordinates": [[[0, 80], [100, 80], [-160, 80], [-60, 80], [0, 80]]]},
            "around_a_pole",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1e999, 0], [1, 1], [0, 0]]]}, "not_finite"),
    ],
)
def test_geometry_that_is_no_outline(geometry, kind):
    _, (problem,) = geo.read_outlines(collection(geometry), "o.geojson")
    assert problem.kind == kind


def test_other_coordinate_systems_are_refused():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    _, (problem,) = geo.read_outlines(collection(square(), crs=crs), "o.geojson")
    assert (problem.kind, problem.value) == ("bad_crs", "urn:ogc:def:crs:EPSG::3857")
    crs["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert geo.read_outlines(collection(square(), crs=crs), "o.geojson")[1] == []


@pytest.mark.parametrize("feature", [{}, {"properties": None}, {"properties": {"id": 7}}, "text", None])
def test_features_without_an_id(feature):
    _, (problem,) = geo.read_outlines(json.dumps({"type": "FeatureCollection", "features": [feature]}), "o.geojson")
    assert (problem.row, problem.kind) == (1, "missing_value")


def test_one_typed_outline():
    assert geo.read_outline(json.dumps(square()))[0].area == 1
    assert geo.read_outline(json.dumps({"type": "Feature", "geometry": square()}))[0].area == 1
    for text in ("{", "[]", "null", '{"type": "Point", "coordinates": [0, 0]}'):
        outline, problem = geo.read_outline(text)
        assert outline is None
        assert problem.startswith("expected")


def test_simplified_neighbours_still_touch():
    wavy = [(1, y / 50) for y in range(51)]
    wavy = [(x + 0.004 * (index % 2), y) for index, (x, y) in enumerate(wavy)]
    left = MultiPolygon([Polygon([(0, 0), *wavy, (0, 1)])])
    right = MultiPolygon([Polygon([(2, 0), *wavy, (2, 1)])])
    frame = geo.outline_frame(
        [{"id": "L", "feature": 1, "geometry": left}, {"id": "R", "feature": 2, "geometry": right}]
    )
    simple = geo.simplified(frame, 0.02)
    assert simple.geometry.count_coordinates().sum() < frame.geometry.count_coordinates().sum() / 4
    first, second = simple.geometry
    assert first.intersection(second).area == pytest.approx(0, abs=1e-12)
    assert first.union(second).area == pytest.approx(2, abs=1e-9)


def test_areas():
    """One degree square at the equator is about 12,309 km² on the ellipsoid; a missing outline has no area."""
    frame = geo.geodataframe(["A", "B"], [bytes(box(0, 0, 1, 1).wkb), None])
    areas = geo.areas_km2(frame)
    assert areas[0] == pytest.approx(12_309, rel=1e-3)
    assert np.isnan(areas[1])
    assert geo.areas_km2(geo.geodataframe([], [])).shape == (0,)


def test_great_circle_distance():
    quarter = geo.great_circle_km(0, 0, 0, 90)
    assert quarter == pytest.approx(np.pi / 2 * 6371.0088)
    detroit_to_new_york = geo.great_circle_km(42.3314, -83.0458, 40.7128, -74.0060)
    assert detroit_to_new_york == pytest.approx(775, abs=3)
    table = geo.great_circle_km(np.array([[0.0], [10.0]]), 0, np.array([0.0, 10.0, 20.0]), 0)
    assert table.shape == (2, 3)
    assert table[1, 1] == 0
