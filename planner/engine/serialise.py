"""Facts, parameters and interventions as canonical JSON bytes: what a run stores, and what its digest is taken over."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from planner.engine.baseline import Baseline, build_baseline
from planner.engine.types import CaseFacts, Channel, Intervention, Parameter, Parameters


def facts_to_json(facts: CaseFacts) -> dict[str, Any]:
    """Plain values; rows of every table sorted, so that equal facts give equal JSON whatever their order."""
    document: dict[str, Any] = {"name": facts.name, "year": facts.year, "currency": facts.currency}
    for field in fields(facts):
        table = getattr(facts, field.name)
        if isinstance(table, pd.DataFrame):
            document[field.name] = {
                "columns": [str(column) for column in table.columns],
                "rows": [[_plain(value) for value in row] for row in table.itertuples(index=False, name=None)],
            }
    return document


def facts_from_json(document: dict[str, Any]) -> CaseFacts:
    """The inverse of `facts_to_json`."""
    values = {key: document[key] for key in ("name", "year", "currency")}
    tables: dict[str, Any] = {
        key: pd.DataFrame(table["rows"], columns=table["columns"])
        for key, table in document.items()
        if isinstance(table, dict)
    }
    return CaseFacts(**values, **tables)


def parameters_to_json(parameters: Parameters) -> list[dict[str, Any]]:
    """One object per row."""
    return [asdict(row) for row in parameters]


def parameters_from_json(rows: list[dict[str, Any]]) -> Parameters:
    """The inverse of `parameters_to_json`."""
    return Parameters(tuple(Parameter(**row) for row in rows))


def intervention_to_json(intervention: Intervention) -> dict[str, Any]:
    """The intervention with its channels."""
    return asdict(intervention)


def intervention_from_json(document: dict[str, Any]) -> Intervention:
    """The inverse of `intervention_to_json`."""
    channels = tuple(_channel(channel) for channel in document["channels"])
    rest = {key: value for key, value in document.items() if key not in ("channels", "closures")}
    return Intervention(channels=channels, closures=tuple(document["closures"]), **rest)


def _channel(document: dict[str, Any]) -> Channel:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
    }
    return Channel(**values)


def baseline_to_bytes(baseline: Baseline) -> bytes:
    """What the baseline is built from, compressed: building is exact and quick, so that its inputs are kept instead."""
    document = {
        "facts": facts_to_json(baseline.facts),
        "parameters": parameters_to_json(baseline.parameters),
        "variant": baseline.variant,
    }
    return zlib.compress(canonical(document))


def baseline_from_bytes(data: bytes) -> Baseline:
    """Rebuild the baseline that `baseline_to_bytes` stored."""
    document = json.loads(zlib.decompress(data))
    parameters = parameters_from_json(document["parameters"])
    return build_baseline(facts_from_json(document["facts"]), parameters, document["variant"])


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal documents give equal bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(document: Any) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or value != value:  # NaN differs from itself
        return None
    return value.item() if hasattr(value, "item") else value
