"""Runs: their state, progress and cancelling; the pages of their results hang below each run."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from planner import tasks
from planner.admin import estimation, results
from planner.admin.base import ComputedAdmin
from planner.models import Effect, Ranking, RankingRow, Run, RunAnalysis, RunPart, Snapshot
from planner.models.vocabulary import Review, RunState
from planner.reports.numbers import format_interval, format_number
from planner.reports.reasons import reason_words
from planner.selectors import InputChanges, failed_parts, input_changes, is_ranked_early, run_log, run_progress
from planner.services import (
    RetryRefused,
    ReviewRefused,
    retry_problem,
    review_problem,
    run_cancel,
    run_retry,
    run_review,
)
from planner.views import analyses, maps, passports, quadrant, ranking
from regions.access import Role, request_access
from regions.admin.base import ROWS_ON_A_PAGE

SHOWN_NAMES = 5
SHOWN_FAILURES = 20

REVIEW_WORDS = {
    Review.APPROVED: _("Approve the results"),
    Review.FROZEN: _("Freeze for good"),
    Review.DRAFT: _("Take the approval back"),
}


@admin.register(Run)
class RunAdmin(ComputedAdmin):
    """Runs, newest first."""

    change_form_template = "admin/planner/run/change_form.html"
    change_list_template = "admin/planner/run/change_list.html"
    list_display = (
        "__str__",
        "state",
        "criterion",
        "closure",
        "draws",
        "seed",
        "review",
        "requested_by",
        "created_at",
        "inputs",
        "results",
    )
    list_filter = ("state", "review", "case", "closure", "criterion")
    search_fields = ("case__name", "input_digest", "request_digest", "requested_by__username")
    list_select_related = ("case", "requested_by")
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": ("case", "scenario", "parameter_set", "state", "reason")}),
        (_("Settings"), {"fields": ("closure", "criterion", "standing", "draws", "seed", "variant")}),
        (
            _("Record"),
            {
                "fields": (
                    "requested_by",
                    "review",
                    "reviewed_by",
                    "reviewed_at",
                    "created_at",
                    "started_at",
                    "finished_at",
                    "engine_version",
                    "input_digest",
                )
            },
        ),
    )

    class Media:
        js = ("planner/inputs.js",)
        css = {"all": ("planner/work.css",)}

    @admin.display(description=_("inputs"))
    def inputs(self, run: Run) -> str:
        """Filled in by a script, since reading all facts anew takes longer than a list may."""
        return format_html('<span class="inputs-state" data-run="{}">–</span>', run.pk)

    @admin.display(description=_("results"))
    def results(self, run: Run) -> str:
        """A link to the ranking once there is one."""
        if run.state != RunState.DONE:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:planner_run_ranking", args=[run.pk]), _("Ranking"))

    def get_urls(self) -> list[URLPattern]:
        """The run's own pages before the general ones."""
        site = self.admin_site
        own = [
            path("start/", site.admin_view(self.start_view), name="planner_run_start"),
            path("inputs/", site.admin_view(self.inputs_view), name="planner_run_inputs"),
            path("<int:run_id>/retry/", site.admin_view(require_POST(self.retry_view)), name="planner_run_retry"),
            path("<int:run_id>/progress/", site.admin_view(self.progress_view), name="planner_run_progress"),
            path("<int:run_id>/cancel/", site.admin_view(require_POST(self.cancel_view)), name="planner_run_cancel"),
            path("<int:run_id>/review/", site.admin_view(require_POST(self.review_view)), name="planner_run_review"),
            path("<int:run_id>/ranking/", site.admin_view(self.ranking_view), name="planner_run_ranking"),
            path("<int:run_id>/draws.json", site.admin_view(self.draws_view, cacheable=True), name="planner_run_draws"),
            path("<int:run_id>/quadrant/", site.admin_view(self.quadrant_view), name="planner_run_quadrant"),
            *(
                path(
                    f"<int:run_id>/{page}/",
                    site.admin_view(self.analysis_view),
                    {"page": page},
                    name=f"planner_run_{page}",
                )
                for page in analyses.PAGES
            ),
            path("<int:run_id>/map/", site.admin_view(self.map_view), name="planner_run_map"),
            path(
                "<int:run_id>/map.json",
                site.admin_view(self.map_data_view, cacheable=True),
                name="planner_run_map_data",
            ),
            path(
                "<int:run_id>/number/<slug:measure>/<str:subject>/",
                site.admin_view(self.passport_view),
                name="planner_run_passport",
            ),
            path("<int:run_id>/why/<slug:intervention>/", site.admin_view(self.why_view), name="planner_run_why"),
            path("<int:run_id>/report.<str:kind>", site.admin_view(self.report_view), name="planner_run_report"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to a new run for those who may start one."""
        may_start = request_access(request).anywhere(Role.PLANNER)
        return super().changelist_view(request, {**(extra_context or {}), "may_start": may_start})

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """The page that starts runs."""
        return estimation.estimate_page(request, self.admin_site)

    def inputs_view(self, request: HttpRequest) -> JsonResponse:
        """Whether what runs read is otherwise now: asked for by lists and pages once they are there."""
        wanted = [int(one) for one in request.GET.get("runs", "").split(",") if one.isdigit()][:ROWS_ON_A_PAGE]
        runs = list(self.get_queryset(request).filter(pk__in=wanted))
        return JsonResponse({str(pk): changes_words(found) for pk, found in input_changes(runs).items()})

    def retry_view(self, request: HttpRequest, run_id: int) -> HttpResponseRedirect:
        """Try the failed and cancelled parts again."""
        run = self.viewable_run(request, run_id)
        if not self.may_cancel(request, run):
            raise PermissionDenied
        try:
            with transaction.atomic():
                tasks.enqueue_run(run_retry(run.pk, by=request.user))
        except RetryRefused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("admin:planner_run_change", args=[run.pk]))

    def viewable_run(self, request: HttpRequest, run_id: int) -> Run:
        """The run, for those who may see runs."""
        run = Run.objects.select_related("case", "snapshot", "scenario", "parameter_set").filter(pk=run_id).first()
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        return run

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page, with its progress and the reasons of what failed."""
        run = self.get_object(request, object_id)
        extra = dict(extra_context or {})
        if run is not None:
            progress = run_progress(run)
            extra |= {
                "run": run,
                "progress": progress,
                "early": is_ranked_early(run),
                "failures": failed_parts(run)[:SHOWN_FAILURES],
                "more_failures": failed_parts(run).count() - SHOWN_FAILURES if progress.failed > SHOWN_FAILURES else 0,
                "log": run_log(run),
                "may_cancel": self.may_cancel(request, run),
                "may_retry": self.may_cancel(request, run) and not retry_problem(run),
                "review_steps": self.review_steps(request, run),
            }
        return super().change_view(request, object_id, form_url, extra)

    def may_cancel(self, request: HttpRequest, run: Run) -> bool:
        """Whoever may start runs of the case may cancel them."""
        return request_access(request).may(Role.PLANNER, run.case_id)

    def progress_view(self, request: HttpRequest, run_id: int) -> JsonResponse:
        """What the page asks for while the run goes on."""
        run = self.viewable_run(request, run_id)
        progress = run_progress(run)
        return JsonResponse(
            {
                "state": run.state,
                "label": str(run.get_state_display()),
                "finished": run.is_finished,
                "early": is_ranked_early(run),
                "total": progress.total,
                "done": progress.done,
                "failed": progress.failed,
                "running": progress.running,
                "seconds_left": round(progress.left.total_seconds()) if progress.left is not None else None,
                "log": [
                    {
                        "at": date_format(localtime(line.at), "H:i:s"),
                        "text": line.text,
                        "fault": reason_words(line.fault),
                    }
                    for line in run_log(run)
                ],
            }
        )

    def cancel_view(self, request: HttpRequest, run_id: int) -> HttpResponseRedirect:
        """Cancel, and say whether there was anything left to cancel."""
        run = self.viewable_run(request, run_id)
        if not self.may_cancel(request, run):
            raise PermissionDenied
        if run_cancel(run.pk, by=request.user):
            messages.success(request, _("The run is cancelled."))
        else:
            messages.info(request, _("The run had already ended."))
        return HttpResponseRedirect(reverse("admin:planner_run_change", args=[run.pk]))

    def review_view(self, request: HttpRequest, run_id: int) -> HttpResponseRedirect:
        """Approve, freeze or take back; the service says why not."""
        run = self.viewable_run(request, run_id)
        step = request.POST.get("step", "")
        if not request_access(request).may(Role.APPROVER, run.case_id) or step not in Review.values:
            raise PermissionDenied
        try:
            run_review(run.pk, Review(step), cast(User, request.user))
        except ReviewRefused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("admin:planner_run_change", args=[run.pk]))

    def review_steps(self, request: HttpRequest, run: Run) -> list[tuple[str, Any]]:
        """The steps that this user may take now, each with the words of its button."""
        if not request_access(request).may(Role.APPROVER, run.case_id):
            return []
        user = cast(User, request.user)
        return [(step, words) for step, words in REVIEW_WORDS.items() if not review_problem(run, step, user)]

    def ranking_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The ranking page."""
        return ranking.ranking_page(request, self.viewable_run(request, run_id), self.admin_site)

    def draws_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The draws from which the ranking page ranks anew."""
        return ranking.draws_answer(request, self.viewable_run(request, run_id))

    def quadrant_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Imbalance against welfare."""
        return quadrant.quadrant_page(request, self.viewable_run(request, run_id), self.admin_site)

    def passport_view(self, request: HttpRequest, run_id: int, measure: str, subject: str) -> HttpResponse:
        """Where a number comes from."""
        run = self.viewable_run(request, run_id)
        return passports.passport_page(request, run, measure, subject, self.admin_site)

    def map_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Before and after on the map."""
        return maps.run_map_page(request, self.viewable_run(request, run_id), self.admin_site)

    def map_data_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """What the map of a run shows."""
        return maps.run_map_data(request, self.viewable_run(request, run_id))

    def analysis_view(self, request: HttpRequest, run_id: int, page: str) -> HttpResponse:
        """A page of stored analyses."""
        return analyses.analysis_page(request, self.viewable_run(request, run_id), self.admin_site, page)

    def why_view(self, request: HttpRequest, run_id: int, intervention: str) -> HttpResponse:
        """From minutes to rank for one intervention."""
        return results.why_page(request, self.viewable_run(request, run_id), intervention, self.admin_site)

    def report_view(self, request: HttpRequest, run_id: int, kind: str) -> HttpResponse:
        """The report file."""
        return results.report_file(request, self.viewable_run(request, run_id), kind)


def changes_words(changes: InputChanges) -> dict[str, Any]:
    """The state of a run's inputs, in a word and in sentences."""
    if not changes:
        return {"state": "same", "label": _("as they are now"), "details": []}
    details: list[Any] = []
    if changes.facts:
        details.append(_("Facts of the case have changed."))
    for names, words in (
        (changes.parameters, _("Parameters changed: %(names)s.")),
        (changes.changed, _("Interventions changed: %(names)s.")),
        (changes.removed, _("Interventions gone: %(names)s.")),
    ):
        if names:
            rest = ", …" if len(names) > SHOWN_NAMES else ""
            details.append(words % {"names": ", ".join(names[:SHOWN_NAMES]) + rest})
    return {"state": "changed", "label": _("changed since"), "details": details}


@admin.register(RunPart)
class RunPartAdmin(ComputedAdmin):
    """What each worker took and how it ended."""

    list_display = (
        "run",
        "position",
        "intervention",
        "state",
        "attempts",
        "worker",
        "claimed_at",
        "finished_at",
        "error",
    )
    list_filter = ("state", "run__case")
    search_fields = ("intervention", "error", "worker")
    list_select_related = ("run",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """The parts of one run, from its page."""
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(RunAnalysis)
class RunAnalysisAdmin(ComputedAdmin):
    """Stored analyses of runs; a failed one says why."""

    list_display = ("run", "kind", "status", "reason")
    list_filter = ("kind", "status", "run__case")
    search_fields = ("kind", "reason", "run__case__name")
    list_select_related = ("run",)


@admin.register(Effect)
class EffectAdmin(ComputedAdmin):
    """Effects with their means; the arrays stay in the database."""

    list_display = ("run", "intervention", "status", "index_change", "reason")
    list_filter = ("status", "run__case", "run__closure")
    search_fields = ("intervention", "reason")
    list_select_related = ("run",)
    exclude = ("arrays",)

    @admin.display(description=_("change of index, millionths (90 % interval)"))
    def index_change(self, effect: Effect) -> str:
        """Mean and interval of the headline's change."""
        summary = effect.summary.get("full.index_change")
        if not summary:
            return "–"
        interval = format_interval(summary["q05"], summary["q95"], "index_change")
        return f"{format_number(summary['mean'], 'index_change')} ({interval})"


@admin.register(Ranking)
class RankingAdmin(ComputedAdmin):
    """Rankings, each with the page that shows it."""

    list_display = ("run", "criterion", "page")
    list_filter = ("criterion", "run__case", "run__closure")
    search_fields = ("run__case__name", "rows__intervention")
    list_select_related = ("run",)

    @admin.display(description=_("page"))
    def page(self, ranking: Ranking) -> str:
        """The ranking page of the run."""
        address = reverse("admin:planner_run_ranking", args=[ranking.run_id])
        return format_html('<a href="{}?criterion={}">{}</a>', address, ranking.criterion, _("Show"))


@admin.register(RankingRow)
class RankingRowAdmin(ComputedAdmin):
    """Rows of rankings, to find where an intervention stood in each run."""

    list_display = ("ranking", "rank", "intervention", "score_mean", "q05", "q95", "p_best", "p_top3", "tie_group")
    list_filter = ("ranking__criterion", "ranking__run__case", "ranking__run__closure")
    search_fields = ("intervention",)
    list_select_related = ("ranking__run",)


@admin.register(Snapshot)
class SnapshotAdmin(ComputedAdmin):
    """Baselines that runs were made from."""

    list_display = ("digest", "created_at", "run_count")
    search_fields = ("digest",)
    exclude = ("payload",)
    date_hierarchy = "created_at"

    @admin.display(description=_("runs"))
    def run_count(self, snapshot: Snapshot) -> int:
        """How many runs used it."""
        return snapshot.runs.count()
