"""Writing a made case: into a temporary folder beside the place, read back and checked, then moved there at once."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from regions.importing.loader import read_folder
from regions.importing.problems import ImportRefused, Problem, Problems

MADE_FILE = "made.json"


def write_case(
    out: Path, description: dict[str, Any], record: dict[str, Any], tables: dict[str, list[dict[str, Any]] | bytes]
) -> dict[str, int]:
    """Rows written by file. The folder is read and checked as `import_case` does before it appears under its name."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        expectation = f"expected a place to write to ({error.strerror})"
        raise ImportRefused(Problems([Problem("--out", 0, "", str(out), expectation, "unwritable")])) from error
    try:
        folder = work / out.name
        folder.mkdir()
        (folder / "case.json").write_text(as_json(description), encoding="utf-8")
        (folder / MADE_FILE).write_text(as_json(record), encoding="utf-8")
        rows = {}
        for name, content in tables.items():
            if isinstance(content, bytes):
                (folder / name).write_bytes(content)
            elif content:
                write_csv(folder / name, content)
                rows[name] = len(content)
        read_folder(folder)
        folder.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return rows


def as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """A table with every column that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
