"""Reads of plans for pages, the API and commands."""

import hashlib
import json
import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from planner import snapshot
from planner.models import Intervention, ParameterSet, Ranking, RankingRow, Run, RunAnalysis, RunDocument, RunPart
from planner.models.vocabulary import ACTIVE_STATES, FINISHED_STATES, EffectStatus, RunState
from planner.reports.comparison import compare_runs
from planner.reports.context import build_context, report_document
from planner.reports.cover import run_cover
from planner.reports.intervention_section import costs
from planner.reports.localised import localised_document
from planner.reports.standing import standing_places
from planner.reports.writers import Report
from planner.snapshot import load_baseline, read_effects
from regions.models import Case
from regions.selectors import case_digest

KEPT_SECONDS = 3600
_making = threading.Lock()
PACE_PARTS = 20
MOST_SHOWN_DRAWS = 500
LOG_LINES = 60
# What services record in the audit log about a run; kept in English, shown in the reader's language.
RECORDED = (
    gettext_noop("run started"),
    gettext_noop("run cancelled"),
    gettext_noop("failed parts tried again"),
    gettext_noop("review: draft"),
    gettext_noop("review: approved"),
    gettext_noop("review: frozen"),
)


@dataclass(frozen=True)
class Progress:
    """How far a run has come; `left` is an estimate from the parts done so far."""

    state: str
    total: int
    done: int
    failed: int
    running: int
    reused: int
    left: timedelta | None

    @property
    def share(self) -> float:
        """Parts that have ended, of all."""
        return (self.done + self.failed) / self.total if self.total else 1.0


def run_progress(run: Run, now: datetime | None = None) -> Progress:
    """Counted from the rows of the parts."""
    counts = run.parts.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=RunState.DONE)),
        failed=Count("pk", filter=Q(state=RunState.FAILED)),
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
        reused=Count("pk", filter=Q(reused=True)),
    )
    left = None
    if run.state == RunState.RUNNING:
        left = time_left(run, counts["total"] - counts["done"] - counts["failed"], now or timezone.now())
    return Progress(state=run.state, left=left, **counts)


def time_left(run: Run, open_parts: int, now: datetime) -> timedelta | None:
    """From the pace of the last computed parts, so that workers that come or go and reused parts do not mislead."""
    computed = run.parts.filter(reused=False, finished_at__isnull=False, claimed_at__isnull=False)
    recent = computed.order_by("-finished_at").values_list("claimed_at", "finished_at")[:PACE_PARTS]
    spans = [(claimed, finished) for claimed, finished in recent if claimed and finished]
    if not spans:
        return None
    since = min(claimed for claimed, __ in spans)
    last = max(finished for __, finished in spans)
    left = (last - since) / len(spans) * open_parts - (now - last)
    return max(left, timedelta())


def failed_parts(run: Run) -> QuerySet[RunPart]:
    """The parts that failed, with their reasons."""
    return run.parts.filter(state=RunState.FAILED)


def run_analyses(run: Run) -> dict[str, RunAnalysis]:
    """The stored analyses of a run by kind, failed ones included."""
    return {analysis.kind: analysis for analysis in run.analyses.all()}


def run_analysis(run: Run, kind: str) -> RunAnalysis | None:
    """One stored analysis of a run; None where the run has none of that kind (not asked for, or not ended yet)."""
    return RunAnalysis.objects.filter(run=run, kind=kind).first()


def run_context(run: Run) -> dict[str, Any]:
    """The report context of a run that is done; a finished run does not change, so it is kept for a while.

    Workers store it as the run ends; where that is yet to come it is made here, once for all threads that ask.
    """
    if run.state not in FINISHED_STATES:
        raise ValueError(f"run {run.pk} is {run.state}: it has no results yet")
    key = f"run-context:{run.pk}:{document_key(run)}"
    context: dict[str, Any] | None = cache.get(key)
    if context is None:
        with _making:
            context = cache.get(key)
            if context is None:
                context = stored_document(run) or build_context(run)
                cache.set(key, context, KEPT_SECONDS)
    return context


def runs_compared(runs: Sequence[Run]) -> dict[str, Any]:
    """The comparison of finished runs, kept like their contexts: it solves all measures once for each difference.

    Raises `NotComparable`.
    """
    key = "comparison:" + ":".join(f"{run.pk}-{document_key(run)}" for run in runs)
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        with _making:
            found = cache.get(key)
            if found is None:
                found = compare_runs(runs)
                cache.set(key, found, KEPT_SECONDS)
    return found


def is_ranked_early(run: Run) -> bool:
    """Whether a run that is under way has all its estimates, so that only analyses beside the ranking are to come."""
    if run.state != RunState.RUNNING:
        return False
    estimates = run.parts.exclude(intervention="")
    return estimates.exists() and not estimates.filter(state__in=ACTIVE_STATES).exists()


def early_context(run: Run) -> Mapping[str, Any]:
    """The report context of such a run: the same ranking, without the analyses that are still being computed."""
    key = f"early-context:{run.pk}:{run.request_digest}:{documents_code()}"
    context: dict[str, Any] | None = cache.get(key)
    if context is None:
        with _making:
            context = cache.get(key)
            if context is None:
                stored = {effect.intervention: effect for effect in snapshot.read_effects(run)}
                context = report_document(run, load_baseline(run.snapshot), stored)
                cache.set(key, context, KEPT_SECONDS)
    return localised_document(context)


def run_told(run: Run) -> Mapping[str, Any]:
    """The report context with its own words in the active language, for pages."""
    return localised_document(run_context(run))


def document_key(run: Run) -> str:
    """Names a run's document: what was asked, when the run ended, and the code that makes documents."""
    ended = run.finished_at.timestamp() if run.finished_at else ""
    return hashlib.sha256(f"{run.request_digest} {ended} {documents_code()}".encode()).hexdigest()


@lru_cache(maxsize=1)
def documents_code() -> str:
    """Digest of the sources that make documents."""
    home = Path(__file__).resolve().parent
    digest = hashlib.sha256((home / "snapshot.py").read_bytes())
    for folder in ("engine", "reports"):
        for path in sorted((home / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stored_document(run: Run, column: str = "content") -> dict[str, Any] | None:
    """The document that a worker stored; None where there is none, or one of another version of the code."""
    kept = RunDocument.objects.filter(run=run, key=document_key(run)).values_list(column, flat=True).first()
    return json.loads(zlib.decompress(bytes(kept))) if kept else None


def run_report(run: Run, language: str = "en") -> Report:
    """The report of a run that is done, in a language."""
    return Report(run, run_context(run), run_cover(run), language)


def ranking_rows(run: Run, criterion: str) -> list[RankingRow]:
    """The rows of one ranking, in order; none where the run has no such ranking."""
    ranking = Ranking.objects.filter(run=run, criterion=criterion).first()
    return list(ranking.rows.order_by("rank")) if ranking else []


@dataclass(frozen=True)
class InputChanges:
    """What a run read and is otherwise now; interventions that came later are no change of what it read."""

    facts: bool
    parameters: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.facts or self.parameters or self.changed or self.removed)


def input_changes(runs: Sequence[Run]) -> dict[int, InputChanges]:
    """By run; facts are read once per case and parameters once per set, however many runs share them."""
    cases = Case.objects.in_bulk({run.case_id for run in runs})
    facts = {pk: case_digest(case) for pk, case in cases.items()}
    sets = ParameterSet.objects.in_bulk({run.parameter_set_id for run in runs if run.parameter_set_id})
    parameters = {pk: as_stored(snapshot.parameter_documents(one)) for pk, one in sets.items()}
    rows = Intervention.objects.filter(case__in=cases).prefetch_related("channels", "costs")
    interventions = {(row.case_id, row.slug): as_stored(snapshot.intervention_document(row)) for row in rows}
    return {
        run.pk: InputChanges(
            facts=not run_read_facts(run, facts[run.case_id]),
            parameters=changed_parameters(run, parameters.get(run.parameter_set_id or 0)),
            changed=tuple(
                one["id"]
                for one in run.interventions
                if (now := interventions.get((run.case_id, one["id"]))) is not None and now != one
            ),
            removed=tuple(one["id"] for one in run.interventions if (run.case_id, one["id"]) not in interventions),
        )
        for run in runs
    }


def run_read_facts(run: Run, facts_digest: str) -> bool:
    """Whether the run's digest is the one that its own copies give together with these facts."""
    copies = {"facts": facts_digest, "parameters": run.parameters, "interventions": run.interventions}
    return snapshot.digest_of(copies) == run.input_digest


def changed_parameters(run: Run, now: list[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """Keys whose rows differ, with the sector where there is one; all where the set is gone."""
    before = {parameter_name(row): row for row in run.parameters}
    after = {parameter_name(row): row for row in now or ()}
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def parameter_name(row: Mapping[str, Any]) -> str:
    """'theta' or 'theta cars'."""
    return f"{row['key']} {row['sector']}".strip()


def as_stored(document: Any) -> Any:
    """A document as it reads once it has been stored as JSON."""
    return json.loads(json.dumps(document, default=str))


@dataclass(frozen=True)
class LogLine:
    """One event of a run: when, what, and the reason where something went wrong."""

    at: datetime
    text: str
    fault: str = ""


def run_log(run: Run, length: int = LOG_LINES) -> list[LogLine]:
    """The last events of a run, newest first: what people did, and how each part ended."""
    lines = [
        LogLine(act.action_time, f"{_(act.change_message)} ({act.user.get_username()})")
        for act in LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Run), object_id=str(run.pk)
        ).select_related("user")[:length]
    ]
    ended = run.parts.filter(finished_at__isnull=False).order_by("-finished_at")[:length]
    lines += [LogLine(part.finished_at, part_words(part), part.error) for part in ended if part.finished_at]
    for part in run.parts.filter(state=RunState.RUNNING, claimed_at__isnull=False)[:length]:
        text = _("%(part)s: being estimated, attempt %(attempt)s") % {
            "part": part.label,
            "attempt": part.attempts,
        }
        lines.append(LogLine(part.claimed_at or run.created_at, text, part.error))
    return sorted(lines, key=lambda line: line.at, reverse=True)[:length]


def part_words(part: RunPart) -> str:
    """How one part ended, in a line."""
    if part.reused:
        return _("%(part)s: taken from an earlier run") % {"part": part.label}
    if part.state == RunState.DONE and part.claimed_at and part.finished_at:
        seconds = (part.finished_at - part.claimed_at).total_seconds()
        return _("%(part)s: done in %(seconds)s s") % {
            "part": part.label,
            "seconds": number_format(seconds, 1),
        }
    return f"{part.label}: {part.get_state_display()}"


def imputed_share(run: Run) -> float | None:
    """How much of the value in the run's baseline is imputed; kept by the baseline's digest, since it never changes."""
    key = f"imputed-share:{run.snapshot_id}"
    share: float | None = cache.get(key)
    if share is None:
        share = float(load_baseline(run.snapshot).provenance_shares()["imputed"])
        cache.set(key, share, None)
    return share


def run_draws(run: Run) -> dict[str, Any]:
    """Draws of each criterion by estimated intervention, from which any weighting can be ranked; costs have no draws.

    At most MOST_SHOWN_DRAWS draws are handed out: strata are permuted, so the first ones are a sample like any other.
    """
    if (kept := stored_document(run, "draws")) is not None:
        return kept
    standing = standing_places(load_baseline(run.snapshot), run.standing)
    documents = {row["id"]: row for row in run.interventions}
    rows = []
    for effect in read_effects(run):
        if effect.status != EffectStatus.DONE:
            continue
        arrays = {
            "imbalance": effect.arrays["full.index_change"],
            "welfare": effect.arrays["full.ev_musd"][standing].sum(axis=0),
            "revenue": effect.arrays["full.revenue_change_musd"][standing].sum(axis=0),
        }
        rows.append(
            {
                "id": effect.intervention,
                "kind": documents[effect.intervention]["kind"],
                "cost": costs(documents[effect.intervention]["costs"])["total_musd"],
                **{name: [float(f"{one:.6g}") for one in draws[:MOST_SHOWN_DRAWS]] for name, draws in arrays.items()},
            }
        )
    return {"draws": min(run.draws, MOST_SHOWN_DRAWS), "all_draws": run.draws, "rows": rows}
