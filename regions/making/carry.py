"""What a made case takes over from another case folder: outlines, waits, attributes, parameters, interventions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from regions.importing.loader import read_folder
from regions.importing.problems import ImportRefused, Problem, Problems

ALL = "*"
TARGETS = ("crossing", "direction", "origin", "destination", "sector", "place")
OF_CROSSINGS = ("delays.csv", "crossing_attributes.csv")
OF_INTERVENTIONS = ("interventions.csv", "channels.csv", "costs.csv")
OUTLINES = "outlines.geojson"


def carried_tables(like: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Tables by file, and under `record` what was taken and what was dropped since the made case lacks its target.

    An intervention goes as a whole where one of its channels names something that the made case does not have.
    """
    if not like.is_dir():
        expectation = "expected the folder of a case"
        raise ImportRefused(Problems([Problem("--like", 0, "", str(like), expectation, "missing_folder")]))
    price_year = read_folder(like).case.description.price_year
    economies = {row["id"] for row in made["economies.csv"]}
    places = {row["id"] for row in made["regions.csv"]} | economies
    sectors = {row["id"] for row in made["sectors.csv"]}
    known = {
        "crossing": {row["code"] for row in made["crossings.csv"]}, "direction": economies, "origin": places,
        "destination": places, "sector": sectors, "place": places,
    }  # fmt: skip
    result: dict[str, Any] = {}
    for name in OF_CROSSINGS:
        result[name] = [row for row in rows_of(like, name) if row["crossing"] in known["crossing"]]
    dropped = {
        row["intervention"]
        for row in rows_of(like, "channels.csv")
        for target in TARGETS
        if unknown(row, target, known)
    }
    for name in OF_INTERVENTIONS:
        key = "id" if name == "interventions.csv" else "intervention"
        result[name] = [row for row in rows_of(like, name) if row[key] not in dropped]
    result["parameters.csv"] = [
        row
        for row in rows_of(like, "parameters.csv")
        if not row["key"].startswith("truck_value_usd")
        and (":" not in row["key"] or row["key"].split(":", 1)[1] in economies)
        and (not row["sector"] or row["sector"] in sectors)
    ]
    if (like / OUTLINES).is_file():
        outlines = json.loads((like / OUTLINES).read_text(encoding="utf-8"))
        outlines["features"] = [one for one in outlines["features"] if one["properties"].get("id") in places]
        result[OUTLINES] = json.dumps(outlines, ensure_ascii=False).encode()
    result["record"] = {
        "from": like.resolve().name,
        "price_year": price_year,
        "rows": {name: len(rows) for name, rows in result.items() if isinstance(rows, list) and rows},
        "interventions_dropped": sorted(dropped),
        "note": "Waits, attributes, parameters and costs are those of the other case, whatever its year.",
    }
    return {name: content for name, content in result.items() if content}


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table as text; none where the folder has no such file."""
    path = folder / name
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def unknown(row: dict[str, str], target: str, known: dict[str, set[str]]) -> bool:
    """Whether a channel names a target that the made case does not have."""
    named = [part.strip() for part in (row.get(target) or "").split(";")]
    return any(part and part != ALL and part not in known[target] for part in named)
