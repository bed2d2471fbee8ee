"""Start a run: copy what it needs, build or reuse its baseline, and make one part per intervention."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings as configuration
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from planner import snapshot
from planner.analyses import ANALYSES
from planner.engine.errors import InvalidBaseline
from planner.engine.version import ENGINE_VERSION
from planner.models import SETTING_FIELDS, Intervention, ParameterSet, Run, RunPart, Scenario, Snapshot
from planner.models.vocabulary import ACTIVE_STATES, LONGEST_FIRST, AnalysisKind
from planner.services.audit import audit
from planner.services.engine_calls import intervention_problems
from planner.services.errors import RunRefused
from regions.models import Case


@dataclass(frozen=True)
class PlannedRun:
    """A run as it would be stored, not saved yet, with what it reads."""

    run: Run
    inputs: snapshot.Inputs
    analyses: list[str]


@dataclass(frozen=True)
class StartedRun:
    """`created` is False where the same request is already waiting or running: that run is handed back."""

    run: Run
    created: bool


def run_start(
    case: Case,
    *,
    slugs: Iterable[str] | None = None,
    scenario: Scenario | None = None,
    parameter_set: ParameterSet | None = None,
    settings: Mapping[str, Any] | None = None,
    analyses: Iterable[str] | None = None,
    requested_by: User | AnonymousUser | None = None,
) -> StartedRun:
    """Make the run and its parts. The caller sends the messages once the transaction has committed.

    analyses: kinds to compute beside the effects; None: those that the installation computes for every run.
    Raises RunRefused with everything that is wrong: unknown ids, a baseline that cannot be built, an intervention
    that changes nothing.
    """
    planned = plan_run(
        case,
        slugs=slugs,
        scenario=scenario,
        parameter_set=parameter_set,
        settings=settings,
        analyses=analyses,
        requested_by=requested_by,
    )
    refuse_useless(planned.run.snapshot, planned.inputs)
    started = save_once(planned.run, planned.analyses)
    if started.created:
        audit(requested_by, started.run, "added", "run started")
    return started


def plan_run(
    case: Case,
    *,
    slugs: Iterable[str] | None = None,
    scenario: Scenario | None = None,
    parameter_set: ParameterSet | None = None,
    settings: Mapping[str, Any] | None = None,
    analyses: Iterable[str] | None = None,
    requested_by: User | AnonymousUser | None = None,
) -> PlannedRun:
    """Copy all that the run reads and build or find its baseline; whether each intervention is possible is not asked."""
    interventions = chosen_interventions(case, slugs)
    parameter_set = parameter_set or (scenario.parameter_set if scenario else default_parameter_set(case))
    chosen = chosen_settings(scenario, settings or {})
    documents = [snapshot.intervention_document(row) for row in interventions]
    parameter_rows = snapshot.parameter_documents(parameter_set)
    inputs = snapshot.read_inputs(case, parameter_rows, documents)
    stored = stored_baseline(inputs, chosen["variant"])
    kinds = chosen_analyses(analyses)

    request_digest = snapshot.digest_of(
        {
            "inputs": inputs.digest,
            "engine": ENGINE_VERSION,
            "settings": chosen,
            "analyses": kinds,
            "scope": "estimate/1",
        }
    )
    run = Run(
        case=case,
        scenario=scenario,
        parameter_set=parameter_set,
        snapshot=stored,
        case_document=snapshot.case_document(case),
        parameters=parameter_rows,
        interventions=documents,
        engine_version=ENGINE_VERSION,
        input_digest=inputs.digest,
        request_digest=request_digest,
        requested_by=requested_by if isinstance(requested_by, User) else None,
        **chosen,
    )
    return PlannedRun(run, inputs, kinds)


def save_once(run: Run, kinds: Sequence[str] = ()) -> StartedRun:
    """Save the run with its parts, unless the same request is active: then that run is the answer."""
    active = Run.objects.filter(request_digest=run.request_digest, state__in=ACTIVE_STATES)
    if (running := active.first()) is not None:
        return StartedRun(running, created=False)
    now = timezone.now()
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            estimates = [RunPart(run=run, intervention=document["id"], queued_at=now) for document in run.interventions]
            # Analyses are sent when the effects are there.
            analyses = [RunPart(run=run, analysis=kind) for kind in longest_first(kinds)]
            RunPart.objects.bulk_create(numbered([*estimates, *analyses]))
    except IntegrityError:
        # Two users asked at once and the other one was first: the constraint on active requests decides.
        running = active.first()
        if running is None:
            raise
        return StartedRun(running, created=False)
    return StartedRun(run, created=True)


def numbered(parts: Sequence[RunPart]) -> Sequence[RunPart]:
    """The parts with their positions."""
    for position, part in enumerate(parts):
        part.position = position
    return parts


def longest_first(kinds: Iterable[str]) -> list[str]:
    """Kinds of analysis in the order in which workers take them."""
    order = [*LONGEST_FIRST, *AnalysisKind]
    return sorted(kinds, key=lambda kind: order.index(AnalysisKind(kind)))


def chosen_analyses(asked: Iterable[str] | None) -> list[str]:
    """The kinds of analysis to compute, each once, in the order of the list of kinds."""
    wanted = set(configuration.RUN_ANALYSES if asked is None else asked)
    if unknown := sorted(wanted - set(ANALYSES)):
        raise RunRefused([f"no analysis {kind!r}; expected one of {', '.join(ANALYSES)}" for kind in unknown])
    return [kind for kind in AnalysisKind.values if kind in wanted]


def chosen_interventions(case: Case, slugs: Iterable[str] | None) -> list[Intervention]:
    """The interventions asked for, all of the case where none are named."""
    rows = list(case.interventions.order_by("slug").prefetch_related("channels", "costs"))
    if not rows:
        raise RunRefused(
            [f"case {case.name!r} has no interventions; import them with interventions.csv and channels.csv"]
        )
    if slugs is None:
        return rows
    wanted = set(slugs)
    known = {row.slug for row in rows}
    if unknown := sorted(wanted - known):
        raise RunRefused(
            [
                f"no intervention {slug!r} in case {case.name!r}; expected one of {', '.join(sorted(known))}"
                for slug in unknown
            ]
        )
    if not wanted:
        raise RunRefused(["no intervention was chosen"])
    return [row for row in rows if row.slug in wanted]


def default_parameter_set(case: Case) -> ParameterSet:
    """The set marked as default, else the newest."""
    parameter_set = case.parameter_sets.order_by("-is_default", "-as_of", "name").first()
    if parameter_set is None:
        raise RunRefused([f"case {case.name!r} has no parameter set; import the case again or add one"])
    return parameter_set


def chosen_settings(scenario: Scenario | None, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario's settings (else the defaults) with the overrides, checked like any form would check them."""
    probe = Run(**{name: getattr(scenario, name) for name in SETTING_FIELDS} if scenario else {})
    for name, value in overrides.items():
        if name not in SETTING_FIELDS:
            raise TypeError(f"not a setting of a run: {name}")
        if value is not None:
            setattr(probe, name, value)
    problems: list[str] = []
    for name in SETTING_FIELDS:
        field = cast(models.Field, Run._meta.get_field(name))
        try:
            setattr(probe, name, field.clean(getattr(probe, name), probe))
        except ValidationError as error:
            problems.extend(f"{name} = {getattr(probe, name)!r}: {message}" for message in error.messages)
    if problems:
        raise RunRefused(problems)
    return {name: getattr(probe, name) for name in SETTING_FIELDS}


def stored_baseline(inputs: snapshot.Inputs, variant: str) -> Snapshot:
    """The row that holds the baseline of these inputs, built now if no earlier run had the same."""
    digest = inputs.baseline_digest(variant)
    stored = Snapshot.objects.filter(pk=digest).first()
    if stored is not None:
        return stored
    try:
        payload = snapshot.build_payload(inputs, variant)
    except InvalidBaseline as error:
        raise RunRefused(error.problems) from error
    return Snapshot.objects.get_or_create(pk=digest, defaults={"payload": payload})[0]


def refuse_useless(stored: Snapshot, inputs: snapshot.Inputs) -> None:
    """Every chosen intervention must change some input of the model, and be possible."""
    problems = intervention_problems(stored, inputs)
    if problems:
        raise RunRefused(problems)
