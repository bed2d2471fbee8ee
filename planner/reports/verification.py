"""Computes a report again from its own zip, without a database, and names the first file, hash or number that differs."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils.translation import override
from pyarrow import parquet

from planner.analyses import ANALYSES, Work, analyse
from planner.engine.baseline import build_baseline
from planner.engine.effect import Effect, common_draws
from planner.engine.errors import EngineError
from planner.engine.estimate import Study
from planner.engine.serialise import facts_from_json
from planner.engine.version import ENGINE_VERSION
from planner.reports.bundle import (
    COVER,
    DOCUMENT,
    FACTS,
    INTERVENTIONS,
    LIBRARIES,
    OUTLINES,
    PARAMETERS,
    RUN,
    RUN_FIELDS,
    report_files,
)
from planner.reports.context import report_document
from planner.reports.cover import DRAFT, Cover, cover_from_json
from planner.reports.json_writer import rounded
from planner.reports.unpacking import ZipRefused, file_difference, read_json, read_manifest, read_zip
from planner.snapshot import engine_intervention, engine_parameters

MOST_DRAWS, MOST_INTERVENTIONS = 20_000, 2_000
# Another processor or library may change the last digits of a solve, nothing that a reader could see.
RELATIVE = 1e-6
ABSOLUTE = {"musd": 1e-6, "chain": 1e-6, "other": 1e-11}
# What tells the entries of a list apart when a difference is named.
NAMES = ("id", "code", "intervention", "key")

Progress = Callable[[int, int, str], None]


@dataclass
class Verdict:
    """`difference` is the first thing that differs, empty where nothing does; notes say what was not compared."""

    difference: str = ""
    numbers: int = 0
    files: int = 0
    notes: list[str] = field(default_factory=list)


def verify_zip(path: Path, progress: Progress = lambda done, total, label: None) -> Verdict:
    """Hashes first, then every number of the document, then every format. Raises ZipRefused."""
    files = read_zip(path)
    manifest = read_manifest(files)
    verdict = Verdict(files=len(files))
    verdict.difference = file_difference(files, manifest)
    if verdict.difference:
        return verdict
    document = read_json(files, DOCUMENT)
    kinds = document.get("analyses", {}) if isinstance(document, dict) else {}
    again, kept_version = compute_again(files, progress, list(kinds))
    if kept_version != ENGINE_VERSION:
        verdict.notes.append(f"made with engine {kept_version}, computed again with {ENGINE_VERSION}")
        again["run"]["engine_version"] = kept_version
    verdict.difference, verdict.numbers = first_difference(document, again)
    if not verdict.difference:
        verdict.difference = _format_difference(files, document, manifest, verdict.notes)
    return verdict


def compute_again(files: dict[str, bytes], progress: Progress, kinds: Sequence[str] = ()) -> tuple[dict[str, Any], str]:
    """The report document from the inputs in the zip with analyses of these kinds, and the engine that made the zip."""
    run = SimpleNamespace(**_settings(read_json(files, RUN)))
    run.parameters, run.interventions = read_json(files, PARAMETERS), read_json(files, INTERVENTIONS)
    try:
        if len(run.interventions) > MOST_INTERVENTIONS:
            raise ZipRefused(f"{INTERVENTIONS}: more than {MOST_INTERVENTIONS} interventions")
        parameters = engine_parameters(run.parameters)
        baseline = build_baseline(facts_from_json(read_json(files, FACTS)), parameters, run.variant)
        study = Study(baseline, baseline.parameters, draws=run.draws, seed=run.seed, closure=run.closure)
        effects: dict[str, Effect] = {}
        steps = len(run.interventions) + len(kinds)
        for number, document in enumerate(run.interventions):
            progress(number, steps, "interventions")
            effects[document["id"]] = study.estimate(engine_intervention(document))
        effects = {effect.intervention: effect for effect in common_draws(list(effects.values()))}
        if unknown := sorted(set(kinds) - set(ANALYSES)):
            raise ZipRefused(f"{DOCUMENT}: analyses {', '.join(unknown)} are not known here")
        work, analyses = Work(run, baseline, effects), {}
        for number, kind in enumerate(kinds):
            progress(len(run.interventions) + number, steps, kind)
            analyses[kind] = analyse(kind, work)
        return rounded(report_document(run, baseline, effects, analyses=analyses)), run.engine_version
    except (EngineError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ZipRefused(f"the inputs in the zip cannot be computed: {type(error).__name__}: {error}") from error


def _settings(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict) or set(values) != set(RUN_FIELDS):
        raise ZipRefused(f"{RUN} must hold exactly {', '.join(RUN_FIELDS)}")
    draws, seed = values["draws"], values["seed"]
    if type(draws) is not int or not 1 <= draws <= MOST_DRAWS or type(seed) is not int or seed < 0:
        raise ZipRefused(f"{RUN}: draws must be a whole number from 1 to {MOST_DRAWS}, seed one from 0")
    if values["stress"]:
        raise ZipRefused(f"{RUN}: the run has stress settings, which verify does not compute")
    return values


def first_difference(kept: Any, again: Any, path: str = "") -> tuple[str, int]:
    """The first difference of two documents in words, empty where there is none, and how many numbers were compared."""
    if isinstance(kept, Mapping) and isinstance(again, Mapping):
        for name in (*again, *kept):
            if name not in kept or name not in again:
                return f"{_joined(path, name)}: only {'in the report' if name in kept else 'computed again'}", 0
        return _first((kept[name], again[name], _joined(path, name)) for name in kept)
    if isinstance(kept, list) and isinstance(again, list):
        if len(kept) != len(again):
            return f"{path}: {len(kept)} entries in the report, {len(again)} computed again", 0
        return _first(
            (one, other, f"{path}[{_name(one, number)}]")
            for number, (one, other) in enumerate(zip(kept, again, strict=True))
        )
    if _is_number(kept) and _is_number(again):
        allowed = max(RELATIVE * max(abs(kept), abs(again)), _absolute(path))
        same = math.isfinite(kept) and abs(kept - again) <= allowed
        return ("" if same else f"{path}: {kept!r} in the report, {again!r} computed again"), 1
    return ("" if kept == again else f"{path}: {kept!r} in the report, {again!r} computed again"), 0


def _first(pairs: Any) -> tuple[str, int]:
    numbers = 0
    for kept, again, path in pairs:
        difference, count = first_difference(kept, again, path)
        numbers += count
        if difference:
            return difference, numbers
    return "", numbers


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else str(name)


def _name(entry: Any, number: int) -> str:
    """The id of a list's entry, else its number."""
    if isinstance(entry, Mapping):
        return next((str(entry[name]) for name in NAMES if entry.get(name)), str(number))
    return str(number)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _absolute(path: str) -> float:
    return ABSOLUTE["musd" if "_musd" in path else "chain" if ".chain[" in path else "other"]


def _format_difference(
    files: dict[str, bytes], document: Mapping[str, Any], manifest: Mapping[str, Any], notes: list[str]
) -> str:
    """The first file that is not what its format is when it is written from the document."""
    cover, language = _cover(files)
    with override(language):
        written = report_files(document, read_json(files, OUTLINES), cover)
    for name, expected in written.items():
        if name not in files:
            return f"{name}: not in the zip"
        if files[name] == expected:
            continue
        library = LIBRARIES.get(name)
        if library and manifest.get("libraries", {}).get(library) != version(library):
            notes.append(f"{name}: written with another version of {library}")
            if name != "results.parquet":
                continue
        if name == "results.parquet":
            if difference := _parquet_difference(files[name], expected):
                return f"{name}: {difference}"
            continue
        return f"{name}: {_line_difference(files[name], expected)}"
    return ""


def _cover(files: dict[str, bytes]) -> tuple[Cover, str]:
    """Cover and language that the formats were written with; zips of earlier versions have none."""
    if COVER not in files:
        return DRAFT, "en"
    about = read_json(files, COVER)
    try:
        language = about["language"]
        if language not in dict(settings.LANGUAGES):
            raise ValueError(f"no language {language!r}")
        return cover_from_json(about["cover"]), language
    except (KeyError, TypeError, ValueError) as error:
        raise ZipRefused(f"{COVER}: {error}") from error


def _line_difference(found: bytes, expected: bytes) -> str:
    if b"\x00" in found or b"\x00" in expected:
        return "not what is written from the numbers of report.json"
    lines, wanted = found.decode("utf-8", "replace").splitlines(), expected.decode("utf-8", "replace").splitlines()
    for number, (line, other) in enumerate(zip(lines, wanted, strict=False), start=1):
        if line != other:
            place = next(
                (at for at, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), min(len(line), len(other))
            )
            start = max(place - 30, 0)
            return f"line {number} has {line[start : place + 30]!r}, written from report.json it has {other[start : place + 30]!r}"
    return f"{len(lines)} lines, written from report.json {len(wanted)}"


def _parquet_difference(found: bytes, expected: bytes) -> str:
    """The first row that differs, whatever version of the library wrote it."""
    try:
        rows = parquet.read_table(io.BytesIO(found)).to_pylist()
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    wanted = parquet.read_table(io.BytesIO(expected)).to_pylist()
    for number, (row, other) in enumerate(zip(rows, wanted, strict=False), start=1):
        if row != other:
            return f"row {number} is {row}, written from report.json it is {other}"
    return "" if len(rows) == len(wanted) else f"{len(rows)} rows, written from report.json {len(wanted)}"
