"""The tables that go into a case as formats of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from regions.importing import (
    accounts_importer,
    crossing_importer,
    flow_importer,
    measurement_importer,
    record_importer,
    region_importer,
    wait_records,
)
from regions.importing.case_import import CaseImporter
from regions.importing.format import Format, field_of
from regions.importing.requests import Option
from regions.importing.share_importers import RATE_UNITS, SHARE_IMPORTER, TARIFF_IMPORTER
from regions.importing.wait_feeds import KIND as FEED

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TABLES = ("csv", "xlsx", "parquet")
SHAPES = (*TABLES, "geojson", "geopackage", "shapefile")

LAYER = Option("layer", _("Sheet or layer"), _("Of a workbook or a geographic file with several; empty: the first."))
CRS = Option(
    "crs",
    _("Coordinate system"),
    _("Such as EPSG:32614; empty: the one that the file names. Latitude and longitude are always degrees on WGS 84."),
)
ACCEPT = Option(
    "accept_implausible",
    _("Accept implausible numbers"),
    _("Numbers that look as if they were in another unit are warnings instead of errors."),
    "flag",
    default=False,
)
ONLY = Option(
    "only_these",
    _("Remove what the file does not have"),
    _("Rows of this table that the case has and the file does not are deleted; they come back with an undo."),
    "flag",
    default=False,
)
DIFFER = Option(
    "accept_differences",
    _("Accept totals that differ"),
    _("Flows by sector and by crossing need not add up to the same trade between two places."),
    "flag",
    default=False,
)


def unit(name: str, label: StrOrPromise, units: dict[str, float]) -> Option:
    """The unit of a column; the first one is the default."""
    return Option(name, label, choices=tuple(units), default=next(iter(units)))


def table_format(
    importer: CaseImporter, title: StrOrPromise, description: StrOrPromise, page: str, options: tuple[Option, ...] = ()
) -> Format:
    """A format of one importer."""
    shapes = any(column.name == "geometry" for column in importer.table.columns)
    return Format(
        importer.id,
        title,
        description,
        f"formats/{page}.md",
        SHAPES if shapes else TABLES,
        importer.run,
        fields=tuple(field_of(column) for column in importer.table.columns),
        options=(LAYER, *options),
        needs_case=True,
        can_map=True,
        one_of=importer.one_of,
    )


WAIT_OPTIONS = (
    LAYER,
    unit("wait_unit", _("Unit of the waits"), wait_records.UNITS),
    Option(
        "time_zone",
        _("Time zone"),
        _("Such as America/Detroit. Needed where times have an offset; without one they are taken as written."),
    ),
    Option("source", _("Source"), _("Who measured it and where it was published; empty: the name of the file.")),
    Option(
        "best_grade",
        _("Best grade"),
        _("A for what an authority measures, lower for what others say; thin or old records lower it further."),
        choices=("A", "B", "C", "D"),
        default="A",
    ),
    Option(
        "zero_is_missing",
        _("Zero is no measurement"),
        _("Records of zero minutes are left out."),
        "flag",
        default=False,
    ),
    Option(
        "ignore_unknown",
        _("Leave out other crossings"),
        _("Records at crossings that the case does not have are counted and left out instead of refused."),
        "flag",
        default=False,
    ),
    ACCEPT,
)

FORMATS = (
    table_format(
        region_importer.IMPORTER,
        _("Regions"),
        _("Places with outlines or positions, from geographic files in any coordinate system, or tables."),
        "regions",
        (CRS,),
    ),
    table_format(
        crossing_importer.IMPORTER,
        _("Crossings"),
        _("Crossings with positions and yearly counts, from geographic files or tables."),
        "crossings",
        (CRS, ACCEPT),
    ),
    table_format(
        flow_importer.IMPORTER,
        _("Flows between regions"),
        _("Goods trade by sector, or by crossing and mode."),
        "flows",
        (unit("value_unit", _("Unit of the values"), flow_importer.VALUE_UNITS), ONLY, ACCEPT, DIFFER),
    ),
    table_format(
        accounts_importer.IMPORTER,
        _("Regional accounts"),
        _("GDP, population and jobs of regions."),
        "accounts",
        (unit("gdp_unit", _("Unit of GDP"), accounts_importer.GDP_UNITS), ACCEPT),
    ),
    Format(
        "wait_records",
        _("Records of waits"),
        _("Raw records of an agency, of sensors or a survey; they become measurements with intervals and grades."),
        "formats/wait-records.md",
        (*TABLES, FEED),
        record_importer.IMPORTER.run,
        fields=tuple(field_of(column) for column in wait_records.COLUMNS),
        options=WAIT_OPTIONS,
        needs_case=True,
        can_map=True,
        one_of=("start", "date"),
    ),
    table_format(
        measurement_importer.IMPORTER,
        _("Measured waits"),
        _("Means, medians or percentiles of waits that somebody else computed."),
        "wait-measurements",
        (ONLY,),
    ),
    table_format(
        TARIFF_IMPORTER,
        _("Tariffs"),
        _("Ad-valorem rates by pair of places and sector."),
        "tariffs",
        (unit("rate_unit", _("Unit of the rates"), RATE_UNITS), ONLY, ACCEPT),
    ),
    table_format(
        SHARE_IMPORTER,
        _("Input-output table"),
        _("Inputs of each sector at each place in long form, as shares or in money."),
        "input-output",
        (ONLY,),
    ),
)
