"""The home page: cases, latest runs, what waits, how good the data are, what comes next. Bounded queries for any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.models import Alert, ImportJob, Intervention, Run, Schedule
from planner.models.import_job import ImportState
from planner.models.vocabulary import ACTIVE_STATES, AnalysisKind, Review, RunState
from planner.selectors import imputed_share
from planner.services.schedules import next_due
from regions.access import Access, Role, request_access
from regions.models import Case, Crossing, Delay, ImportBatch, Region
from regions.models.choices import EvidenceGrade

SHOWN_CASES, SHOWN_RUNS, SHOWN_SCHEDULES = 12, 8, 5
# Of so many the next dates are computed.
MOST_SCHEDULES = 12
STATE_CHIPS = {
    RunState.PENDING: "chip--note",
    RunState.RUNNING: "chip--note",
    RunState.DONE: "chip--good",
    RunState.FAILED: "chip--bad",
    RunState.CANCELLED: "chip--quiet",
}


@dataclass(frozen=True)
class CaseLine:
    """A case with its size, its latest results and how good its data are."""

    case: Case
    regions: int
    crossings: int
    unmeasured: int
    interventions: int
    weak_waits: int
    waits: int
    run: Run | None
    imputed: float | None
    last_import: ImportBatch | None

    @property
    def warnings(self) -> int:
        """How many remarks the last import left."""
        problems = self.last_import.problems if self.last_import else {}
        return sum(problems.get("counts", {}).values()) if isinstance(problems, dict) else 0


def home_context(request: HttpRequest) -> dict[str, Any]:
    """Everything the home page shows to this person."""
    access = request_access(request)
    cases = list(access.limit(Case.objects.order_by("-updated_at"))[: SHOWN_CASES + 1])
    lines = case_lines(cases[:SHOWN_CASES])
    runs = list(access.limit(Run.objects.select_related("case", "requested_by"))[:SHOWN_RUNS])
    waiting = waiting_work(access)
    return {
        "case_lines": lines,
        "more_cases": len(cases) > SHOWN_CASES,
        "runs": [run_line(run) for run in runs],
        "waiting": waiting,
        "schedules": schedules(access),
        "next_step": next_step(lines, runs, access),
        "may_plan": access.anywhere(Role.PLANNER),
    }


def counted(model: Any, cases: Sequence[Case], **filters: Any) -> dict[int, int]:
    """Rows of each case in one query."""
    rows = model.objects.filter(case__in=cases, **filters).order_by().values("case").annotate(number=Count("pk"))
    return {row["case"]: row["number"] for row in rows}


def case_lines(cases: Sequence[Case]) -> list[CaseLine]:
    """The cases with counts; as many queries for twelve cases as for one."""
    regions = counted(Region, cases, kind=Region.Kind.BORDER)
    crossings = counted(Crossing, cases)
    measured = Exists(Delay.objects.filter(crossing=OuterRef("pk"), vehicle_class="truck"))
    no_wait = Crossing.objects.filter(~measured, case__in=cases, trucks_inbound__gt=0)
    unmeasured = dict(no_wait.order_by().values_list("case").annotate(Count("pk")))
    interventions = counted(Intervention, cases)
    weak = Q(quality__in=(EvidenceGrade.C, EvidenceGrade.D))
    waits: dict[int, Any] = {
        row["crossing__case"]: row
        for row in Delay.objects.filter(crossing__case__in=cases)
        .order_by()
        .values("crossing__case")
        .annotate(all=Count("pk"), weak=Count("pk", filter=weak))
    }
    done = Run.objects.filter(case__in=cases, state=RunState.DONE)
    newest = done.order_by().values("case").annotate(newest=Max("pk")).values("newest")
    latest = {run.case_id: run for run in Run.objects.filter(pk__in=newest).select_related("snapshot")}
    imports = ImportBatch.objects.filter(case__in=cases, status=ImportBatch.Status.LOADED)
    last = imports.order_by().values("case").annotate(last=Max("pk")).values("last")
    batches = {batch.case_id: batch for batch in ImportBatch.objects.filter(pk__in=last)}
    return [
        CaseLine(
            case=case,
            regions=regions.get(case.pk, 0),
            crossings=crossings.get(case.pk, 0),
            unmeasured=unmeasured.get(case.pk, 0),
            interventions=interventions.get(case.pk, 0),
            waits=waits.get(case.pk, {}).get("all", 0),
            weak_waits=waits.get(case.pk, {}).get("weak", 0),
            run=latest.get(case.pk),
            imputed=imputed_share(latest[case.pk]) if case.pk in latest else None,
            last_import=batches.get(case.pk),
        )
        for case in cases
    ]


def run_line(run: Run) -> dict[str, Any]:
    """A run with the colour of its state and where a click leads."""
    name = "admin:planner_run_ranking" if run.state == RunState.DONE else "admin:planner_run_change"
    return {"run": run, "chip": STATE_CHIPS[RunState(run.state)], "address": reverse(name, args=[run.pk])}


def waiting_work(access: Access) -> list[dict[str, Any]]:
    """What somebody has to look at: runs under way, runs that failed, results that wait for an approval."""
    rows = access.limit(Run.objects.all())
    changelist = reverse("admin:planner_run_changelist")
    counts = rows.aggregate(
        active=Count("pk", filter=Q(state__in=ACTIVE_STATES)),
        failed=Count("pk", filter=Q(state=RunState.FAILED)),
    )
    drafts = access.limit(Run.objects.filter(state=RunState.DONE, review=Review.DRAFT), Role.APPROVER).count()
    alerts = access.limit(Alert.objects.filter(seen_at__isnull=True), Role.PLANNER).count()
    imports = access.limit(ImportJob.objects.filter(state=ImportState.CHECKED), Role.PLANNER).count()
    found = [
        (
            counts["active"],
            ngettext("%d run is under way", "%d runs are under way", counts["active"]),
            f"{changelist}?finished_at__isnull=True",
            "chip--note",
        ),
        (
            counts["failed"],
            ngettext(
                "%d run failed: its page says why and can try again",
                "%d runs failed: their pages say why and can try again",
                counts["failed"],
            ),
            f"{changelist}?state__exact=failed",
            "chip--bad",
        ),
        (
            alerts,
            ngettext("%d alert of a report nobody has seen", "%d alerts of reports nobody has seen", alerts),
            f"{reverse('admin:planner_alert_changelist')}?seen_at__isempty=1",
            "chip--bad",
        ),
        (
            imports,
            ngettext(
                "%d import was checked and waits for a yes", "%d imports were checked and wait for a yes", imports
            ),
            f"{reverse('admin:planner_importjob_changelist')}?state__exact={ImportState.CHECKED}",
            "chip--warn",
        ),
        (
            drafts,
            ngettext(
                "%d finished run is a draft that you could approve",
                "%d finished runs are drafts that you could approve",
                drafts,
            ),
            f"{changelist}?state__exact=done&review__exact=draft",
            "chip--warn",
        ),
    ]
    return [
        {"number": number, "words": words % number, "address": address, "chip": chip}
        for number, words, address, chip in found
        if number
    ]


def schedules(access: Access) -> dict[str, Any]:
    """What is due next, soonest first; paused ones last."""
    rows = access.limit(Schedule.objects.select_related("case"))[:MOST_SCHEDULES]
    due = [{"schedule": one, "next": None if one.paused else next_due(one)} for one in rows]
    due.sort(key=lambda one: (one["next"] is None, one["next"] or one["schedule"].pk))
    return {"rows": due[:SHOWN_SCHEDULES], "may_add": access.anywhere(Role.PLANNER)}


def next_step(lines: Sequence[CaseLine], runs: Sequence[Run], access: Access) -> dict[str, str] | None:
    """One sentence with what to do next, and where; none when work is under way."""
    may_plan = access.anywhere(Role.PLANNER)
    if not lines:
        words = (
            _("There is no case yet. Import one: a folder of tables with places, crossings and trade.")
            if may_plan
            else _("There is no case that you may see yet. Ask whoever manages the planner for a role on one.")
        )
        return {"words": words}
    if any(run.state in ACTIVE_STATES for run in runs):
        return None
    for line in lines:
        if not access.may(Role.PLANNER, line.case.pk):
            continue
        if not line.interventions:
            return {
                "words": _("%(case)s has no interventions yet: add what could be done, its channels and its costs.")
                % {"case": line.case.title},
                "address": reverse("admin:planner_intervention_add"),
                "action": _("Add an intervention"),
            }
        if line.run is None:
            return {
                "words": _("%(case)s has not been estimated yet: choose interventions and start a run.")
                % {"case": line.case.title},
                "address": f"{reverse('admin:planner_intervention_changelist')}?case__id__exact={line.case.pk}",
                "action": _("Choose interventions"),
            }
    return None


def latest_diagnosis(request: HttpRequest) -> HttpResponseRedirect:
    """To the diagnosis of the newest finished run; where there is none the home page says what to do."""
    done = Run.objects.filter(state=RunState.DONE, analyses__kind=AnalysisKind.DIAGNOSIS)
    run = request_access(request).limit(done).order_by("-pk").first()
    return HttpResponseRedirect(
        reverse("admin:planner_run_diagnosis", args=[run.pk]) if run else reverse("admin:index")
    )
