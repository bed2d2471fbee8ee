"""The way in: database rows to the engine's facts, parameters and interventions, with digests of all of them.

A run keeps its inputs as plain documents, so that everything here can be read back from the run alone:
parameters as rows of the engine's Parameter; interventions as
{id, name, kind, description, closures, maturity, competence, legal_test, start_year, source, source_url, notes,
 channels: [{id, type, crossing, direction, origin, destination, sector, place, low, central, high, unit, source,
             grade, start_year, ramp_years, note}],
 costs: [{year, category, amount_musd, source, grade, note}]}, with lists of targets as lists.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from planner.engine.baseline import Baseline, build_baseline
from planner.engine.effect import Effect, common_draws
from planner.engine.parameters import DEFAULTS, KEYS, base_key
from planner.engine.serialise import baseline_from_bytes, baseline_to_bytes
from planner.engine.types import TRUCK, CaseFacts, Channel, Intervention, Parameter, Parameters
from planner.engine.version import ENGINE_VERSION
from planner.models import TARGET_FIELDS, ParameterSet, Run, Snapshot
from planner.models import Effect as EffectRow
from planner.models import Intervention as InterventionRow
from planner.models.vocabulary import AFTER_EFFECTS, split_list
from regions.models import Case
from regions.selectors import case_digest, case_frames

PARAMETER_FIELDS = tuple(field.name for field in fields(Parameter))
CASE_FIELDS = ("name", "title", "year", "currency", "price_year", "description", "sources", "making", "mirror_rule")
INTERVENTION_TEXTS = ("name", "kind", "description", "maturity", "competence", "legal_test")
CHANNEL_VALUES = ("id", "type", "low", "central", "high", "unit", "source", "grade", "start_year", "note")
KEPT_BASELINES = 4


# --- Documents: what a run copies ------------------------------------------------------------------------------------


def case_document(case: Case) -> dict[str, Any]:
    """What reports say about the case itself."""
    return {name: getattr(case, name) for name in CASE_FIELDS}


def parameter_documents(parameter_set: ParameterSet) -> list[dict[str, Any]]:
    """The rows of a parameter set, by key and sector."""
    return list(parameter_set.parameters.order_by("key", "sector").values(*PARAMETER_FIELDS))


def intervention_document(row: InterventionRow) -> dict[str, Any]:
    """An intervention with its channels and costs; the caller prefetches both."""
    return {
        "id": row.slug,
        **{name: getattr(row, name) for name in INTERVENTION_TEXTS},
        "closures": split_list(row.closures),
        "start_year": row.start_year,
        "source": row.source,
        "source_url": row.source_url,
        "notes": row.notes,
        "channels": [
            {
                "id": f"{row.slug}:{number}",
                "type": channel.type,
                **{name: split_list(getattr(channel, name)) for name in TARGET_FIELDS},
                "low": channel.low,
                "central": channel.central,
                "high": channel.high,
                "unit": channel.unit,
                "source": channel.source,
                "grade": channel.grade,
                "start_year": channel.start_year,
                "ramp_years": channel.ramp_years,
                "note": channel.note,
            }
            for number, channel in enumerate(
                sorted(row.channels.all(), key=lambda one: (one.position, one.pk)), start=1
            )
        ],
        "costs": [
            {
                "year": cost.year,
                "category": cost.category,
                "amount_musd": cost.amount_musd,
                "source": cost.source,
                "grade": cost.grade,
                "note": cost.note,
            }
            for cost in sorted(row.costs.all(), key=lambda one: (one.year, one.category, one.pk))
        ],
    }


# --- Engine values ---------------------------------------------------------------------------------------------------


def engine_parameters(documents: Sequence[Mapping[str, Any]]) -> Parameters:
    """Parameters as the engine takes them."""
    return Parameters(rows=tuple(Parameter(**{name: row[name] for name in PARAMETER_FIELDS}) for row in documents))


def engine_intervention(document: Mapping[str, Any]) -> Intervention:
    """An intervention as the engine takes it; an empty list of targets means all."""
    return Intervention(
        id=document["id"],
        name=document["name"],
        kind=document["kind"],
        closures=tuple(document["closures"]),
        channels=tuple(engine_channel(row) for row in document["channels"]),
    )


def engine_channel(row: Mapping[str, Any]) -> Channel:
    """One channel of the document."""
    values: dict[str, Any] = {name: row[name] for name in CHANNEL_VALUES}
    targets: dict[str, Any] = {name: tuple(row[name]) or ("*",) for name in TARGET_FIELDS if name != "vehicle"}
    # Lanes are those of trucks unless said otherwise; runs from before cars had any do not say.
    targets["vehicle"] = tuple(row.get("vehicle") or (TRUCK,))
    return Channel(**values, **targets, ramp_years=row["ramp_years"] or 0.0)


def case_facts(case: Case) -> CaseFacts:
    """The observed facts of the case."""
    return CaseFacts(name=case.name, year=case.year, currency=case.currency, **case_frames(case))


# --- What the engine knows about parameters -------------------------------------------------------------------------


def parameter_keys() -> list[str]:
    """The keys that the engine reads."""
    return sorted(KEYS)


def parameter_limits(key: str) -> tuple[float, float] | None:
    """The range that makes sense for a key (which may carry the economy entered), None for an unknown one."""
    known = KEYS.get(base_key(key))
    return None if known is None else (known.at_least, known.at_most)


def default_parameters() -> list[dict[str, Any]]:
    """The engine's documented starting values, as rows of a parameter set."""
    return [{name: getattr(row, name) for name in PARAMETER_FIELDS} for row in DEFAULTS]


# --- Digests ---------------------------------------------------------------------------------------------------------


def digest_of(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Inputs:
    """Everything that one run reads, and its digests."""

    facts: CaseFacts
    facts_digest: str
    parameter_documents: list[dict[str, Any]]
    intervention_documents: list[dict[str, Any]]

    @cached_property
    def parameters(self) -> Parameters:
        """The parameters as the engine takes them."""
        return engine_parameters(self.parameter_documents)

    @cached_property
    def digest(self) -> str:
        """Digest of facts, parameters and interventions."""
        return digest_of(
            {
                "facts": self.facts_digest,
                "parameters": self.parameter_documents,
                "interventions": self.intervention_documents,
            }
        )

    def baseline_digest(self, variant: str) -> str:
        """Digest of what determines the baseline."""
        return digest_of(
            {
                "facts": self.facts_digest,
                "parameters": self.parameter_documents,
                "variant": variant,
                "engine": ENGINE_VERSION,
            }
        )


def work_digest(run: Run, document: Mapping[str, Any]) -> str:
    """Digest of what determines the effect of one intervention in a run.

    The snapshot's key stands for facts, parameters, builder and engine version; criterion and standing only order.
    """
    read = {name: document[name] for name in ("id", "name", "kind", "closures", "channels")}
    settings = {"closure": run.closure, "draws": run.draws, "seed": run.seed, "stress": run.stress}
    return digest_of({"baseline": run.snapshot_id, "settings": settings, "intervention": read, "scope": "effect/1"})


def analysis_digest(run: Run, kind: str) -> str:
    """Digest of what determines an analysis of a run: all interventions with their costs, settings and case document.

    What reads effects depends on how each of them ended as well: a failed estimate may succeed in another run.
    """
    names = ("closure", "criterion", "standing", "draws", "seed", "stress")
    ended = EffectRow.objects.filter(run=run).order_by("intervention").values_list("intervention", "status")
    return digest_of(
        {
            "baseline": run.snapshot_id,
            "settings": {name: getattr(run, name) for name in names},
            "case": run.case_document,
            "interventions": run.interventions,
            "kind": kind,
            "effects": list(ended) if kind in AFTER_EFFECTS else [],
            "scope": "analysis/1",
        }
    )


def read_inputs(case: Case, parameter_rows: list[dict[str, Any]], intervention_rows: list[dict[str, Any]]) -> Inputs:
    """Read the case's facts and put them with the copied parameters and interventions."""
    return Inputs(case_facts(case), case_digest(case), parameter_rows, intervention_rows)


# --- Stored values of the engine ------------------------------------------------------------------------------------

_baselines: OrderedDict[str, Baseline] = OrderedDict()
_baselines_lock = threading.Lock()


def build_payload(inputs: Inputs, variant: str) -> bytes:
    """The baseline of the inputs as bytes. Raises InvalidBaseline."""
    return baseline_to_bytes(build_baseline(inputs.facts, inputs.parameters, variant))


def load_baseline(stored: Snapshot) -> Baseline:
    """The stored baseline; the last few are kept in the process."""
    with _baselines_lock:
        if stored.pk not in _baselines:
            _baselines[stored.pk] = baseline_from_bytes(bytes(stored.payload))
            while len(_baselines) > KEPT_BASELINES:
                _baselines.popitem(last=False)
        _baselines.move_to_end(stored.pk)
        return _baselines[stored.pk]


def read_effects(run: Run) -> list[Effect]:
    """The stored effects as the engine's values, by id of the intervention; failures without arrays included.

    All over the same draws: one that is without a solution for some intervention is left out of all.
    """
    effects = []
    for row in EffectRow.objects.filter(run=run).order_by("intervention"):
        if row.arrays:
            effects.append(replace(Effect.from_bytes(bytes(row.arrays)), status=row.status, reason=row.reason))
        else:
            effects.append(Effect(intervention=row.intervention, status=row.status, reason=row.reason, arrays={}))
    return common_draws(effects)
