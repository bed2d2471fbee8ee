"""Geographic files as tables with shapes: GeoJSON, GeoPackage, and Shapefiles in a zip."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from regions.importing.streams import MIB, Limits, inspect
from regions.importing.table_files import LIMITS, TableLimits, as_text, checked_header, checked_rows, refused
from regions.importing.workbooks import check_zip

SHAPEFILE_PARTS = (
    ".shp",
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".sbn",
    ".sbx",
    ".qix",
    ".xml",
    ".txt",
    ".md",
    ".qpj",
    ".qmd",
)
NEEDED_PARTS = (".shp", ".shx", ".dbf")
WGS84 = "EPSG:4326"


class GeoJsonTable:
    """A FeatureCollection; the properties are the columns. A feature that is none gives a row of empty cells."""

    kind = "geojson"
    layers: tuple[str, ...] = ()

    def __init__(self, path: Path, limits: TableLimits = LIMITS) -> None:
        self.path = path
        source = inspect(path, Limits(limits.packed_bytes, limits.json_bytes))
        try:
            with source.text() as text:
                content = json.load(text)
        except (ValueError, RecursionError) as error:
            raise refused(path, "", f"expected GeoJSON ({error})", "bad_json", getattr(error, "lineno", 0)) from error
        features = content.get("features") if isinstance(content, dict) else None
        if not isinstance(features, list):
            raise refused(path, "", "expected a GeoJSON FeatureCollection", "bad_geojson")
        self.features = [one if isinstance(one, dict) else {} for one in features]
        self.rows: int | None = checked_rows(path, len(self.features), limits)
        self.crs = named_crs(content) or WGS84
        properties = [self.properties(feature) for feature in self.features]
        self.names = checked_header(path, list(dict.fromkeys(name for row in properties for name in row)), limits)
        kinds = {str(one["geometry"].get("type")) for one in self.features if isinstance(one.get("geometry"), dict)}
        self.geometry = ", ".join(sorted(kinds))

    def properties(self, feature: dict[str, Any]) -> dict[str, Any]:
        """The properties of a feature."""
        found = feature.get("properties")
        return found if isinstance(found, dict) else {}

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every feature, from 1."""
        for number, feature in enumerate(self.features, start=1):
            row = self.properties(feature)
            yield number, tuple(plain(row.get(name)) for name in self.names)

    def shapes(self) -> list[Any] | None:
        """Shapes as shapely has them; the text of the fault where one is malformed."""
        return [shape_of(feature.get("geometry")) for feature in self.features]


def plain(value: Any) -> str:
    """A JSON value as a cell."""
    return json.dumps(value) if isinstance(value, (dict, list)) else as_text(value)


def shape_of(geometry: Any) -> Any:
    """A shape, None where there is none, the fault as a text where it is malformed."""
    if geometry is None:
        return None
    try:
        return shapely.force_2d(shapely.geometry.shape(geometry))
    except Exception as error:  # shapely raises many types on malformed coordinates
        return str(error) or type(error).__name__


def named_crs(content: dict[str, Any]) -> str:
    """The coordinate system that old GeoJSON names; empty where it names none."""
    crs = content.get("crs")
    if not crs:
        return ""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name or crs)


class VectorTable:
    """A layer that GDAL reads, from a copy in a temporary folder that is gone afterwards."""

    def __init__(self, path: Path, kind: str, layer: str = "", limits: TableLimits = LIMITS) -> None:
        self.path = path
        self.kind = kind
        with tempfile.TemporaryDirectory() as folder:
            copy = (shapefile_copy if kind == "shapefile" else geopackage_copy)(path, Path(folder), layer, limits)
            try:
                self.read(copy, layer, limits)
            except (DataSourceError, DataLayerError, ValueError, RuntimeError, UnicodeDecodeError) as error:
                raise refused(path, "", f"expected a readable {kind} ({error})", "bad_geodata") from error

    def read(self, copy: Path, layer: str, limits: TableLimits) -> None:
        """Columns, cells and shapes of the layer."""
        if self.kind == "shapefile":
            self.layers = shapefile_layers(self.path)
            chosen = None
        else:
            self.layers = tuple(str(name) for name, _ in pyogrio.list_layers(copy))
            chosen = layer or (self.layers[0] if self.layers else "")
            if chosen not in self.layers:
                expectation = f"expected a layer with this name; there are {', '.join(self.layers) or 'none'}"
                raise refused(self.path, chosen, expectation, "no_layer")
        info = pyogrio.read_info(copy, layer=chosen, force_feature_count=True)
        self.rows: int | None = checked_rows(self.path, int(info["features"]), limits)
        self.names = checked_header(self.path, [str(name) for name in info["fields"]] or ["fid"], limits)
        meta, fids, shapes, columns = pyogrio.raw.read(copy, layer=chosen, return_fids=True, force_2d=True)
        self.crs = str(meta["crs"] or "")
        self.geometry = str(meta["geometry_type"] or "")
        columns = columns or [fids]
        self.cells = [column_texts(column) for column in columns]
        self.found = [None] * len(fids) if shapes is None else list(shapely.from_wkb(shapes, on_invalid="ignore"))

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every feature, from 1."""
        yield from enumerate(zip(*self.cells, strict=True), start=1)

    def shapes(self) -> list[Any] | None:
        """Shapes as shapely has them."""
        return self.found


def column_texts(column: np.ndarray) -> list[str]:
    """A column of GDAL as texts; missing numbers and dates are empty."""
    if column.dtype.kind == "M":
        return ["" if np.isnat(value) else as_text(value.astype("datetime64[s]").item()) for value in column]
    return ["" if value is None or value != value else as_text(value) for value in column.tolist()]


def shapefile_layers(path: Path) -> tuple[str, ...]:
    """The names of the .shp files in a zip, without their ending."""
    with zipfile.ZipFile(path) as archive:
        found = [PurePosixPath(name) for name in archive.namelist() if name.lower().endswith(".shp")]
    return tuple(sorted(name.stem for name in found if "__MACOSX" not in name.parts))


def shapefile_copy(path: Path, folder: Path, layer: str, limits: TableLimits) -> Path:
    """The parts of one Shapefile of a zip under plain names; the path of its .shp."""
    entries = check_zip(path, limits.packed_bytes, limits.unpacked_bytes, "a zip file")
    layers = shapefile_layers(path)
    if layer not in (layers if layer or len(layers) != 1 else ("",)):
        expectation = f"expected one Shapefile in the zip, or the name of one; there are {', '.join(layers) or 'none'}"
        raise refused(path, layer, expectation, "no_layer")
    stem = layer or layers[0]
    parts: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if "__MACOSX" in name.parts or entry.is_dir():
            continue
        if name.suffix.lower() not in SHAPEFILE_PARTS:
            raise refused(path, entry.filename, f"expected only {', '.join(SHAPEFILE_PARTS)} files", "bad_file_type")
        if name.stem == stem:
            parts[name.suffix.lower()] = entry
    missing = [suffix for suffix in NEEDED_PARTS if suffix not in parts]
    if missing:
        raise refused(path, stem, f"expected the parts {', '.join(missing)} of the Shapefile too", "missing_file")
    with zipfile.ZipFile(path) as archive:
        for suffix in (*NEEDED_PARTS, ".prj", ".cpg"):
            if suffix in parts:
                with archive.open(parts[suffix]) as source, (folder / f"layer{suffix}").open("wb") as target:
                    shutil.copyfileobj(source, target, MIB)
    return folder / "layer.shp"


def geopackage_copy(path: Path, folder: Path, layer: str, limits: TableLimits) -> Path:
    """A copy that nothing else writes, since a GeoPackage is a database."""
    size = path.stat().st_size
    if size > limits.packed_bytes:
        expectation = f"expected a file of at most {limits.packed_bytes // MIB} MiB"
        raise refused(path, f"{size} bytes", expectation, "too_large")
    shutil.copyfile(path, folder / "layer.gpkg")
    return folder / "layer.gpkg"
