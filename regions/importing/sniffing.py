"""What kind of file something is, by its content and never by its name."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from regions.importing.problems import ImportRefused
from regions.importing.requests import SAMPLE_ROWS, FileColumns
from regions.importing.streams import digest_and_compression, inspect
from regions.importing.table_files import (
    LIMITS,
    CsvTable,
    ParquetTable,
    TableFile,
    TableLimits,
    WorkbookTable,
    checked_header,
    refused,
)
from regions.importing.tables import CASE_FILE, REGIONS
from regions.importing.vector_files import GeoJsonTable, VectorTable
from regions.importing.wait_feeds import KIND as FEED
from regions.importing.wait_feeds import FeedTable, is_feed

SQLITE = b"SQLite format 3\0"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
START_BYTES = 4096


def kind_of(path: Path) -> str:
    """csv, xlsx, parquet, geopackage, shapefile, geojson, feed or case; raises ImportRefused for anything else."""
    if path.is_dir():
        return "case"
    try:
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except OSError as error:
        raise refused(path, "", f"expected a readable file ({error.strerror})", "unreadable_file") from error
    if start.startswith(b"PK"):
        return kind_of_zip(path)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(SQLITE):
        return "geopackage"
    if start.startswith(OLD_EXCEL):
        raise refused(path, "", "expected an XLSX workbook: save the old .xls file as .xlsx", "bad_file_type")
    if digest_and_compression(path)[1]:
        with inspect(path).text() as text:
            start = text.read(START_BYTES).encode()
    if is_feed(start):
        return FEED
    return "geojson" if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) else "csv"


def kind_of_zip(path: Path) -> str:
    """A workbook, a Shapefile or a case, by the names in the zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()[:5000]]
    except (zipfile.BadZipFile, OSError) as error:
        raise refused(path, "", f"expected a whole zip file ({error})", "bad_packing") from error
    if PurePosixPath("xl/workbook.xml") in names:
        return "xlsx"
    if any(name.suffix.lower() == ".shp" for name in names):
        return "shapefile"
    if {CASE_FILE, REGIONS.file} & {name.name for name in names}:
        return "case"
    expectation = "expected a zip file with the files of a case or with a Shapefile, or an XLSX workbook"
    raise refused(path, ", ".join(map(str, names[:4])), expectation, "bad_file_type")


def open_table(path: Path, options: Mapping[str, Any], limits: TableLimits = LIMITS) -> TableFile:
    """The table of a file; options["layer"] names a sheet or layer other than the first."""
    kind = kind_of(path)
    layer = str(options.get("layer") or "")
    if kind == "case":
        raise refused(path, "", "expected one table, not the files of a case", "bad_file_type")
    if kind in ("shapefile", "geopackage"):
        return VectorTable(path, kind, layer, limits)
    if kind == "xlsx":
        return WorkbookTable(path, layer, limits)
    if kind == "parquet":
        return ParquetTable(path, limits)
    if kind == FEED:
        return FeedTable(path, limits)
    return GeoJsonTable(path, limits) if kind == "geojson" else CsvTable(path, limits)


def look_at(path: Path, options: Mapping[str, Any]) -> FileColumns:
    """Header and first rows; large CSV files are not read further than that."""
    kind = kind_of(path)
    if kind == "case":
        return FileColumns("case")
    table: TableFile
    if kind == "csv":
        try:
            table = CsvTable(path)
        except ImportRefused as refusal:
            if {one.kind for one in refusal.problems.errors} <= {"too_many_rows", "too_large"}:
                # An official file may be larger than any table.
                return official_columns(path)
            raise
    else:
        table = open_table(path, options)
    sample = tuple(cells for _, cells in islice(table.records(), SAMPLE_ROWS))
    return FileColumns(kind, table.names, sample, table.layers, table.crs, table.geometry, table.rows)


def official_columns(path: Path) -> FileColumns:
    """The header and first rows of a file that is read as a stream."""
    source = inspect(path)
    rows = [tuple(cells) for _, cells in islice(source.records(), SAMPLE_ROWS + 1)]
    return FileColumns("csv", checked_header(path, list(rows[0]), LIMITS), tuple(rows[1:]))
