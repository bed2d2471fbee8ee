"""One context for all formats: the report document of a run, numbers only, the same for equal runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from django.utils.translation import gettext_noop, override

from planner.engine.baseline import Baseline
from planner.engine.effect import FAILED, Effect
from planner.engine.parameters import complete_parameters
from planner.engine.ranking import compare_orderings
from planner.engine.types import STAGES
from planner.models import Run
from planner.models.vocabulary import AnalysisKind
from planner.reports.baseline_section import baseline_section
from planner.reports.draws_section import draws_section
from planner.reports.intervention_section import add_rank_steps, intervention_section
from planner.reports.left_out import left_out_section
from planner.reports.quality_section import quality_section
from planner.reports.ranking_section import orderings_section, ranking_section, stored_rows
from planner.reports.standing import WORDS, standing_places
from planner.reports.words import CLOSURE_RULES
from planner.snapshot import engine_parameters, load_baseline, read_effects

FORMAT = "border-trade-planner/estimate/1"
CASE_FIELDS = ("name", "title", "year", "currency", "price_year", "sources")
PARAMETER_FIELDS = ("key", "sector", "low", "central", "high", "unit", "source", "grade", "as_of")
RESTRICTIVE = "restrictive"
ABOUT_THE_CASE = (AnalysisKind.DIAGNOSIS.value, AnalysisKind.MINUTE_VALUES.value)
NO_RESULT = gettext_noop("The run ended before this intervention was estimated.")


class RunFacts(Protocol):
    """What a report reads of a run, wherever the run is kept: in the database or in a zip."""

    @property
    def case_document(self) -> Mapping[str, Any]: ...
    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def interventions(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def closure(self) -> str: ...
    @property
    def criterion(self) -> str: ...
    @property
    def standing(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def draws(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def engine_version(self) -> str: ...
    @property
    def input_digest(self) -> str: ...


def build_context(run: Run, kinds: Sequence[str] = (), effects: Sequence[Effect] | None = None) -> dict[str, Any]:
    """The report document of a finished run: everything that any format shows, without time, id or path.

    With `kinds` it is limited to interventions of these kinds, which are then ranked among themselves. `effects` are the
    stored ones, where the caller has read them already.
    """
    stored = {effect.intervention: effect for effect in (read_effects(run) if effects is None else effects)}
    baseline = load_baseline(run.snapshot)
    analyses = stored_analyses(run)
    if not kinds:
        return report_document(run, baseline, stored, stored_rows(run), analyses=analyses)
    # Orderings, sets and appraisals of all measures say nothing true about some of them.
    of_the_case = {kind: analyses[kind] for kind in ABOUT_THE_CASE if kind in analyses}
    return report_document(cast(RunFacts, PartOfRun(run, kinds)), baseline, stored, analyses=of_the_case)


def stored_analyses(run: Run) -> dict[str, dict[str, Any]]:
    """{status, reason, document} of the run's analyses by kind, in the order of the kinds."""
    rows = {row.kind: row for row in run.analyses.all()}
    return {
        kind: {name: getattr(rows[kind], name) for name in ("status", "reason", "document")}
        for kind in AnalysisKind.values
        if kind in rows
    }


class PartOfRun:
    """A run with only its interventions of some kinds."""

    def __init__(self, run: Run, kinds: Sequence[str]) -> None:
        self.run = run
        self.interventions = [document for document in run.interventions if document["kind"] in kinds]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.run, name)


@override("en")
def report_document(
    run: RunFacts,
    baseline: Baseline,
    estimated: Mapping[str, Effect],
    ranked: Sequence[Mapping[str, Any]] | None = None,
    analyses: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The report document of a run's baseline, effects and analyses; the ranking is computed where no stored one is given.

    Its few words are English whatever the reader's language, so that equal runs give equal documents.
    """
    effects = _all_effects(run, estimated)
    standing = standing_places(baseline, run.standing)
    orderings = compare_orderings(effects, standing=standing)
    interventions = intervention_section(
        baseline,
        run.interventions,
        {effect.intervention: effect for effect in effects},
        standing,
        orderings.narrows_and_lowers,
    )
    costs = {entry["id"]: entry["costs"]["total_musd"] for entry in interventions}
    restrictive = {entry["id"] for entry in interventions if entry["kind"] == RESTRICTIVE}
    ranking = ranking_section(run.criterion, effects, standing, costs, restrictive, ranked)
    add_rank_steps(interventions, ranking["rows"])
    return {
        "format": FORMAT,
        "case": _case(run, baseline),
        "run": _run(run),
        "baseline": baseline_section(baseline, engine_parameters(run.parameters), run.closure, run.seed),
        "interventions": interventions,
        "ranking": ranking,
        "left_out_draws": left_out_section(effects),
        "draws": draws_section(effects, standing),
        "orderings": orderings_section(orderings),
        "analyses": dict(analyses or {}),
        "quality": quality_section(run, baseline, ranking["rows"]),
        # What the set leaves out is filled from the engine's starting values, and stands here like any other.
        "parameters": [
            {name: getattr(row, name) for name in PARAMETER_FIELDS} for row in complete_parameters(baseline.parameters)
        ],
    }


def _all_effects(run: RunFacts, estimated: Mapping[str, Effect]) -> list[Effect]:
    """Effects in the order of the run's interventions; what was cut off counts as failed."""
    return [
        estimated.get(document["id"]) or Effect(document["id"], FAILED, NO_RESULT) for document in run.interventions
    ]


def _case(run: RunFacts, baseline: Baseline) -> dict[str, Any]:
    facts = baseline.facts
    return {
        **{name: run.case_document[name] for name in CASE_FIELDS},
        "economies": [{"id": str(row.id), "name": str(row.name)} for row in facts.economies.itertuples()],
        "sectors": [
            {"id": str(row.id), "name": str(row.name), "kind": str(row.kind)} for row in facts.sectors.itertuples()
        ],
    }


def _run(run: RunFacts) -> dict[str, Any]:
    return {
        "closure": run.closure,
        "closure_rule": CLOSURE_RULES[run.closure],
        "criterion": run.criterion,
        "standing": WORDS[run.standing],
        "variant": run.variant,
        "draws": run.draws,
        "seed": run.seed,
        "engine_version": run.engine_version,
        "input_digest": run.input_digest,
        "stages": list(STAGES),
    }
