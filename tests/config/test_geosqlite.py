"""Geometry columns and lookups, each run on whichever database is configured."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Centroid, Distance
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.contrib.gis.measure import D
from django.db import NotSupportedError, connection
from django.test.utils import isolate_apps

from planner.config.geosqlite.lookups import DISTANCE_LOOKUPS, LOOKUPS

pytestmark = [pytest.mark.needs_database, pytest.mark.django_db]

# Degrees near the equator, so that one degree is about 111.195 km both ways.
SHAPES = {
    "inner": Polygon.from_bbox((1, 1, 2, 2)),
    "outer": Polygon.from_bbox((0, 0, 4, 4)),
    "far": Polygon.from_bbox((10, 10, 11, 11)),
    # An L whose box reaches into `probe` while its area does not.
    "corner": Polygon(((3.5, -2), (3.6, -2), (3.6, 4.9), (9, 4.9), (9, 5), (3.5, 5), (3.5, -2))),
    "point": Point(1.5, 1.5),
}
PROBE = Polygon.from_bbox((1, 1, 2, 2))
WIDE = Polygon.from_bbox((-1, -1, 5, 5))

# lookup -> (value, names found)
CASES = {
    "bboverlaps": (Polygon.from_bbox((4.5, 0, 6, 2)), {"corner"}),
    "contained": (WIDE, {"inner", "outer", "point"}),
    "contains": (Point(1.5, 1.5), {"inner", "outer", "point"}),
    "covers": (PROBE, {"inner", "outer"}),
    "coveredby": (PROBE, {"inner", "point"}),
    "disjoint": (PROBE, {"far", "corner"}),
    "equals": (Polygon.from_bbox((1, 1, 2, 2)), {"inner"}),
    "intersects": (Polygon.from_bbox((4.5, 0, 6, 2)), set()),
    "within": (WIDE, {"inner", "outer", "point"}),
}


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker) -> Iterator[type[models.Model]]:
    """A table of its own with the shapes above, made once; SQLite changes its tables outside transactions only."""
    with isolate_apps("planner"):

        class Place(models.Model):
            name = models.CharField(max_length=20)
            shape = models.GeometryField(srid=4326, null=True)

            class Meta:
                app_label = "planner"
                db_table = "test_geometry_place"

    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Place)
        try:
            for name, shape in SHAPES.items():
                shape.srid = 4326
                Place.objects.create(name=name, shape=shape)
            Place.objects.create(name="none", shape=None)
            yield Place
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(Place)


def names(query) -> set[str]:
    return set(query.values_list("name", flat=True))


def test_every_listed_lookup_is_tried():
    assert set(CASES) == set(LOOKUPS)


@pytest.mark.parametrize("lookup", sorted(CASES))
def test_lookup(place, lookup):
    value, expected = CASES[lookup]
    value.srid = 4326
    assert names(place.objects.filter(**{f"shape__{lookup}": value})) == expected


@pytest.mark.parametrize("lookup", DISTANCE_LOOKUPS)
def test_distance_lookup(place, lookup):
    # The point is 111.195 km east of (0.5, 1.5) on the sphere, a little less at this latitude: 111.157 km.
    home = Point(0.5, 1.5, srid=4326)
    near = names(place.objects.filter(**{f"shape__{lookup}": (home, D(km=111.2))}))
    nearer = names(place.objects.filter(**{f"shape__{lookup}": (home, D(km=111.1))}))
    assert ("point" in near, "point" in nearer) == ((True, False) if "lt" in lookup else (False, True))
    assert ("far" in near) == ("gt" in lookup)
    assert "none" not in near


def test_distance_to_the_nearest_part_of_a_polygon(place):
    # 55.6 km from (0.5, 1.5) to the western side of the inner square.
    found = names(place.objects.filter(shape__distance_lte=(Point(0.5, 1.5, srid=4326), D(km=56)), name="inner"))
    missed = names(place.objects.filter(shape__distance_lte=(Point(0.5, 1.5, srid=4326), D(km=55)), name="inner"))
    assert (found, missed) == ({"inner"}, set())


def test_distance_as_a_column_in_metres(place):
    row = place.objects.annotate(away=Distance("shape", Point(1.5, 2.5, srid=4326))).get(name="point")
    assert row.away.m == pytest.approx(111_195, rel=0.006)  # a sphere here, a spheroid on PostGIS


def test_geometries_come_back_as_they_were(place):
    outline = MultiPolygon(Polygon.from_bbox((0.1, 0.2, 0.3, 0.4)), Polygon.from_bbox((1, 1, 2, 2)), srid=4326)
    place.objects.create(name="outline", shape=outline)
    read = place.objects.get(name="outline").shape
    assert read == outline
    assert read.srid == 4326
    assert place.objects.get(name="none").shape is None
    assert names(place.objects.filter(shape__isnull=True)) == {"none"}


def test_a_geometry_can_be_replaced(place):
    place.objects.filter(name="point").update(shape=Point(3, 3, srid=4326))
    assert place.objects.get(name="point").shape.coords == (3, 3)


def test_a_text_value_is_read_as_longitude_and_latitude(place):
    assert names(place.objects.filter(shape__covers="POINT (10.5 10.5)")) == {"far"}


def refused_when_embedded(match: str | None = None) -> AbstractContextManager[object]:
    """PostGIS can do what the embedded database refuses."""
    return pytest.raises(NotSupportedError, match=match) if connection.vendor == "sqlite" else nullcontext()


def test_other_lookup(place):
    with refused_when_embedded("no geometry lookup 'crosses'; it has bboverlaps"):
        assert names(place.objects.filter(shape__crosses=PROBE)) == set()


def test_other_function(place):
    with refused_when_embedded():
        list(place.objects.filter(name="point").annotate(middle=Centroid("shape")))


def test_aggregate(place):
    with refused_when_embedded():
        place.objects.aggregate(models.Extent("shape"))


def test_distance_without_unit(place):
    with refused_when_embedded("give the distance with its unit"):
        list(place.objects.filter(shape__distance_lte=(Point(0, 0, srid=4326), 5)))


def test_other_reference_system():
    with refused_when_embedded("SRID 4326 only"):
        models.PointField(srid=3857).db_type(connection)


def test_a_value_in_another_reference_system_is_transformed(place):
    metres = GEOSGeometry("POINT (166979.24 166998.3)", srid=3857)  # about 1.5 degrees east and north
    place.objects.create(name="projected", shape=metres)
    assert place.objects.get(name="projected").shape.coords == pytest.approx((1.5, 1.5), abs=1e-3)
