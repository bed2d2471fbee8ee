"""Regions and crossings from geographic files in any coordinate system, repaired, placed, checked and undone."""

import json
import zipfile

import geopandas
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from regions import geo
from regions.importing import registry
from regions.importing.journal import image
from regions.importing.loader import import_case
from regions.importing.outlines import repaired_outline
from regions.importing.problems import ImportRefused
from regions.models import Crossing, Region
from tests.regions.case_files import write_case

pytestmark = pytest.mark.django_db

MICHIGAN = box(-88, 41, -82.5, 47)
# Metres, with the false origin far away.
METRES = "EPSG:32617"
REGIONS = geopandas.GeoDataFrame(
    {
        "id": ["US-MI", "US-OH"],
        "name": ["Michigan", "Ohio"],
        "country": ["US", "US"],
        "kind": ["border", "border"],
        "gdp_musd": [658992.3, 870000.0],
        "population": [10037261, 11800000],
    },
    geometry=[MICHIGAN, box(-84.8, 38.4, -80.5, 41)],
    crs="EPSG:4326",
)
CROSSINGS = geopandas.GeoDataFrame(
    {"code": ["901", "3803"], "name": [None, "Third Bridge"], "region_a": [None, "US-MI"], "region_b": [None, "CA-ON"]},
    geometry=[Point(-83.06, 42.31), Point(-84.36, 46.51)],
    crs="EPSG:4326",
)
KINDS = ("geopackage", "shapefile", "geojson", "csv_wkt")


@pytest.fixture
def case(tmp_path):
    return import_case(write_case(tmp_path / "small-2023")).batch.case


def written(frame, tmp_path, kind, crs=METRES):
    """The frame as a file of a kind, in another coordinate system."""
    frame = frame.to_crs(crs)
    path = tmp_path / (f"file.{kind}" if kind != "geopackage" else "file.gpkg")
    if kind == "geopackage":
        frame.to_file(path, driver="GPKG", layer="things")
    elif kind == "shapefile":
        (tmp_path / "shapes").mkdir(exist_ok=True)
        frame.to_file(tmp_path / "shapes" / "things.shp", driver="ESRI Shapefile")
        with zipfile.ZipFile(path, "w") as archive:
            for part in (tmp_path / "shapes").iterdir():
                archive.write(part, f"folder/{part.name}")
    elif kind == "geojson":
        path.write_text(frame.to_json(to_wgs84=False))
    else:
        table = frame.drop(columns="geometry")
        table["geometry"] = shapely.to_wkt(frame.geometry.array, rounding_precision=3)
        table.to_csv(path, index=False)
    return path


def options(kind, crs=METRES):
    """What has to be said of a file that names no coordinate system."""
    return {"crs": crs} if kind == "csv_wkt" else {}


def refused(*arguments, **more):
    with pytest.raises(ImportRefused) as refusal:
        registry.load(*arguments, **more)
    return [(one.row, one.column, one.kind) for one in refusal.value.problems.errors]


def warned(report):
    return [problem.kind for problem in report.problems.warnings]


@pytest.mark.parametrize("kind", KINDS)
def test_regions_from_every_kind_of_file_in_metres(tmp_path, case, kind):
    before = image(Region, case)
    path = written(REGIONS, tmp_path, kind)
    assert registry.detect(path)[0].format.id == "regions"
    report = registry.load("regions", path, case, options=options(kind))
    assert report.changes["region"] == {"created": 1, "updated": 1, "unchanged": 2, "deleted": 0}
    michigan, ohio = Region.objects.get(code="US-MI"), Region.objects.get(code="US-OH")
    outline = shapely.from_wkb(bytes(michigan.outline.wkb))
    assert outline.symmetric_difference(MICHIGAN).area < 1e-5 * MICHIGAN.area
    assert (michigan.point.x, michigan.point.y) == (-85.0, 44.5)
    assert (ohio.economy.code, ohio.population, ohio.kind) == ("US", 11800000, "border")
    assert geo.covers(shapely.from_wkb(bytes(ohio.outline.wkb)), ohio.point.x, ohio.point.y)
    assert registry.load("regions", path, case, options=options(kind)).outcome == "unchanged"
    registry.undo(report.batches[0].pk)
    assert image(Region, case) == before


@pytest.mark.parametrize("kind", KINDS)
def test_crossings_from_every_kind_of_file_in_metres(tmp_path, case, kind):
    path = written(CROSSINGS, tmp_path, kind)
    assert registry.detect(path)[0].format.id == "crossings"
    report = registry.load("crossings", path, case, options=options(kind))
    old, new = Crossing.objects.get(code="0901"), Crossing.objects.get(code="3803")
    assert (old.name, old.trucks_inbound) == ("Old Bridge", 1000)
    assert (old.point.x, old.point.y) == pytest.approx((-83.06, 42.31), abs=1e-6)
    assert (new.region_a.code, new.region_b.code) == ("US-MI", "CA-ON")
    assert (new.point.x, new.point.y) == pytest.approx((-84.36, 46.51), abs=1e-6)
    assert report.quality["leading_zeros_restored"] == {"code": 1}


def test_a_file_without_a_coordinate_system_asks_for_one(tmp_path, case):
    path = written(REGIONS, tmp_path, "csv_wkt")
    assert refused("regions", path, case) == [(0, "crs", "bad_crs")]
    assert refused("regions", path, case, options={"crs": "EPSG:1"}) == [(0, "crs", "bad_crs")]
    # Metres taken for degrees lie nowhere on the globe.
    assert {kind for *_, kind in refused("regions", path, case, options={"crs": "EPSG:4326"})} == {"out_of_range"}


def test_latitude_and_longitude_are_enough(tmp_path, case):
    path = tmp_path / "crossings.csv"
    path.write_text("code,lat,lon,trucks_inbound\n0901,42.31,-83.07,\n3802,,,7000\n")
    registry.load("crossings", path, case)
    assert Crossing.objects.get(code="0901").point.x == -83.07
    assert Crossing.objects.get(code="0901").trucks_inbound == 1000
    assert Crossing.objects.get(code="3802").trucks_inbound == 7000
    path.write_text("code,x,y\n0901,330000,4690000\n")
    registry.load("crossings", path, case, options={"crs": METRES})
    assert Crossing.objects.get(code="0901").point.y == pytest.approx(42.35, abs=0.05)


def outline_file(tmp_path, geometry, place="US-MI"):
    """One outline as GeoJSON."""
    path = tmp_path / "outlines.geojson"
    feature = {"type": "Feature", "properties": {"id": place}, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_a_polygon_that_crosses_itself_is_repaired_and_reported(tmp_path, case):
    spike = [[-87, 42], [-83, 42], [-83, 47], [-83, 46.9], [-82.99, 47], [-83.001, 46.9], [-87, 47], [-87, 42]]
    path = outline_file(tmp_path, {"type": "Polygon", "coordinates": [spike]})
    report = registry.load("regions", path, case)
    assert warned(report) == ["repaired_polygon"]
    assert report.quality["outlines"] == {"repaired_polygon": 1}
    assert shapely.from_wkb(bytes(Region.objects.get(code="US-MI").outline.wkb)).is_valid
    bow = [[-87, 42], [-83, 47], [-83, 42], [-87, 47], [-87, 42]]
    path = outline_file(tmp_path, {"type": "Polygon", "coordinates": [bow]})
    assert refused("regions", path, case) == [(1, "geometry", "invalid_polygon")]


@pytest.mark.parametrize(
    "ring",
    [
        [[170, 50], [-170, 50], [-170, 60], [170, 60], [170, 50]],
        [[170, 50], [190, 50], [190, 60], [170, 60], [170, 50]],
        [[-190, 50], [-170, 50], [-170, 60], [-190, 60], [-190, 50]],
    ],
)
def test_an_outline_across_the_180th_meridian_is_cut_there_and_reported(tmp_path, case, ring):
    path = outline_file(tmp_path, {"type": "Polygon", "coordinates": [ring]})
    report = registry.load("regions", path, case)
    assert "cut_at_180" in warned(report)
    outline = shapely.from_wkb(bytes(Region.objects.get(code="US-MI").outline.wkb))
    expected = MultiPolygon([box(170, 50, 180, 60), box(-180, 50, -170, 60)])
    assert outline.symmetric_difference(expected).area < 1e-9


def test_a_hole_across_the_180th_meridian_stays_a_hole():
    shell = [[160, 40], [-160, 40], [-160, 70], [160, 70], [160, 40]]
    hole = [[-175, 50], [175, 50], [175, 60], [-175, 60], [-175, 50]]
    outline, (note,) = repaired_outline(Polygon(shell, [hole]))
    assert note[0] == "cut_at_180"
    assert outline.area == pytest.approx(40 * 30 - 10 * 10)
    assert outline.is_valid


def test_places_outside_their_economy(tmp_path, case):
    path = tmp_path / "regions.csv"
    path.write_text("id,latitude,longitude\nUS-MI,50,-85\n")
    assert refused("regions", path, case) == [(2, "latitude", "place_in_another_economy")]
    path = outline_file(tmp_path, shapely.geometry.mapping(box(-87, 44, -83, 50)))
    report = registry.dry_run("regions", path, case)
    assert "outline_in_another_economy" in warned(report)
    path.write_text("id,latitude,longitude\nUS-MI,41.5,-85\n")
    assert warned(registry.dry_run("regions", path, case)) == ["place_outside_its_outline"]


def test_new_places_need_all_that_a_place_has(tmp_path, case):
    path = tmp_path / "regions.csv"
    path.write_text("id,name,country\nUS-OH,Ohio,US\nMX-SON,Sonora,MX\n")
    assert refused("regions", path, case) == [
        (2, "kind", "missing_value"), (2, "gdp_musd", "missing_value"), (2, "population", "missing_value"),
        (2, "latitude", "missing_value"), (3, "country", "unknown_code"),
    ]  # fmt: skip


def test_a_crossing_far_from_both_of_its_regions(tmp_path, case):
    path = tmp_path / "crossings.csv"
    path.write_text("code,latitude,longitude\n0901,24.3,-83.05\n")
    assert refused("crossings", path, case) == [(2, "latitude", "far_from_both_regions")]
    report = registry.dry_run("crossings", path, case, options={"accept_implausible": True})
    assert warned(report) == ["far_from_both_regions"]


def test_faults_of_crossings(tmp_path, case):
    path = tmp_path / "crossings.csv"
    path.write_text(
        "code,name,region_a,region_b,latitude,longitude\n"
        "OTHER,Other,US-MI,CA-ON,42,-83\n"
        "3804,Inside,US-MI,US-REST,42,-83\n"
        "3805,,US-MI,CA-XX,,\n"
    )
    assert refused("crossings", path, case) == [
        (2, "code", "reserved_code"), (3, "region_b", "same_economy"), (4, "name", "missing_value"),
        (4, "latitude", "missing_value"), (4, "region_b", "unknown_code"),
    ]  # fmt: skip


def test_layers_are_listed_and_chosen(tmp_path, case):
    path = tmp_path / "two.gpkg"
    CROSSINGS.to_file(path, driver="GPKG", layer="crossings")
    REGIONS.to_file(path, driver="GPKG", layer="regions")
    seen = registry.read_columns(path)
    assert seen.layers == ("crossings", "regions")
    assert seen.crs == "EPSG:4326"
    assert registry.load("regions", path, case, options={"layer": "regions"}).outcome == "loaded"
    assert refused("regions", path, case, options={"layer": "roads"}) == [(0, "", "no_layer")]


def test_a_shapefile_without_its_parts_or_with_strange_ones(tmp_path, case):
    whole = written(REGIONS, tmp_path, "shapefile")
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    def repacked(change):
        path = tmp_path / "changed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in change(dict(parts)).items():
                archive.writestr(name, content)
        return path

    def without(suffix):
        return lambda found: {name: content for name, content in found.items() if not name.endswith(suffix)}

    assert refused("regions", repacked(without(".dbf")), case) == [(0, "", "missing_file")]
    assert refused("regions", repacked(without(".prj")), case) == [(0, "crs", "bad_crs")]
    added = repacked(lambda found: {**found, "folder/run.exe": b"x"})
    assert refused("regions", added, case) == [(0, "", "bad_file_type")]
    climbing = repacked(lambda found: {**found, "../things.txt": b"x"})
    assert refused("regions", climbing, case) == [(0, "", "bad_path")]
    cut = repacked(lambda found: {**found, "folder/things.shp": found["folder/things.shp"][:120]})
    with pytest.raises(ImportRefused):
        registry.load("regions", cut, case)
