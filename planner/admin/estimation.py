"""The page that starts runs: pick interventions and scenario, see what would run and what is refused, start."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from planner import tasks
from planner.models import Intervention, Run, Scenario
from planner.models.scenario import SETTING_FIELDS
from planner.services import Fate, ForeseenRun, RunRefused, run_foresee, run_start
from regions.access import Role, request_access
from regions.models import Case

# A list longer than this is picked from in the list of interventions, which is searched, filtered and paged.
MOST_TICKED = 300
SHOWN_PROBLEMS = 20
TEMPLATE = "admin/planner/run/start.html"
OVERRIDES = tuple(name for name in SETTING_FIELDS if name != "stress")


class EstimateForm(forms.Form):
    """Which interventions of the case, under which scenario, and what differs from it for this one run."""

    scenario = forms.ModelChoiceField(
        Scenario.objects.none(),
        label=_("scenario"),
        required=False,
        empty_label=_("Standard settings with the default parameter set"),
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenarios: Any = self.fields["scenario"]
        scenarios.queryset = Scenario.objects.filter(case=case)
        for name in OVERRIDES:
            self.fields[name] = self.override(name)

    def override(self, name: str) -> forms.Field:
        """The setting's own field, blank for what the scenario says."""
        model_field: Any = Run._meta.get_field(name)
        field: Any = model_field.formfield()
        field.required = False
        field.initial = None
        if model_field.choices:
            field = forms.ChoiceField(
                label=field.label, required=False, choices=[("", _("as in the scenario")), *model_field.choices]
            )
        else:
            field.widget.attrs["placeholder"] = _("as in the scenario")
        return field

    def settings(self) -> dict[str, Any]:
        """What was filled in."""
        return {name: value for name in OVERRIDES if (value := self.cleaned_data.get(name)) not in (None, "")}

    def override_fields(self) -> list[forms.BoundField]:
        """The settings, for the template."""
        return [self[name] for name in OVERRIDES]


def plannable_cases(request: HttpRequest) -> list[Case]:
    """The cases in which the user may start runs."""
    access = request_access(request)
    if not access.anywhere(Role.PLANNER):
        raise PermissionDenied
    return list(access.limit(Case.objects.order_by("name"), Role.PLANNER))


def estimate_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """GET: pick. POST: show what would run; with 'start', run it."""
    cases = plannable_cases(request)
    wanted = request.POST.get("case") or request.GET.get("case") or (str(cases[0].pk) if len(cases) == 1 else "")
    case = next((one for one in cases if str(one.pk) == wanted), None)
    if wanted and case is None:
        raise PermissionDenied
    if case is None:
        return TemplateResponse(request, TEMPLATE, {**page_context(request, site), "cases": cases})
    given = request.POST if "look" in request.POST or "start" in request.POST else settings_again(request, case)
    return choice_page(request, site, case, picked_ids(request, case), given, start="start" in request.POST)


def settings_again(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The settings of the run that is to be made again with the inputs as they are now; None where none is named."""
    number = request.GET.get("again", "")
    run = case.runs.filter(pk=int(number)).first() if number.isdigit() else None
    if run is None:
        return None
    return {"scenario": run.scenario_id or "", **{name: getattr(run, name) for name in OVERRIDES}}


def choice_page(
    request: HttpRequest,
    site: AdminSite,
    case: Case,
    picked: set[int] | None,
    given: Mapping[str, Any] | None,
    *,
    start: bool = False,
) -> HttpResponse:
    """The choice for one case; with `given` settings also what would run, or with `start` the run itself."""
    if not request_access(request).may(Role.PLANNER, case.pk):
        raise PermissionDenied
    form = EstimateForm(case, given)
    context = {**page_context(request, site), "case": case, "form": form, **choice_of_interventions(case, picked)}
    if form.is_bound and form.is_valid():
        choice = {
            "scenario": form.cleaned_data["scenario"],
            "settings": form.settings(),
            "slugs": slugs_of(case, picked),
        }
        if start and (answer := start_and_show(request, case, **choice)):
            return answer
        context |= looked_ahead(case, choice)
    return TemplateResponse(request, TEMPLATE, context)


def page_context(request: HttpRequest, site: AdminSite) -> dict[str, Any]:
    """What the page needs in any case."""
    return {**site.each_context(request), "title": _("Estimate effects"), "opts": Run._meta}


def picked_ids(request: HttpRequest, case: Case) -> set[int] | None:
    """Ids of the interventions that were picked; None for all of the case."""
    source = request.POST if request.method == "POST" else request.GET
    if "interventions" not in source and source.get("everything", "1") == "1":
        return None
    if source.get("everything") == "1":
        return None
    given = {int(one) for one in source.getlist("interventions") if one.isdigit()}
    return set(case.interventions.filter(pk__in=given).values_list("pk", flat=True))


def slugs_of(case: Case, picked: set[int] | None) -> list[str] | None:
    """As the service wants them."""
    if picked is None:
        return None
    return list(case.interventions.filter(pk__in=picked).values_list("slug", flat=True))


def choice_of_interventions(case: Case, picked: set[int] | None) -> dict[str, Any]:
    """The list to tick, as long as the case's is of a bearable length; else the picked ones as they are."""
    total = case.interventions.count()
    rows = case.interventions.order_by("kind", "name")
    if total > MOST_TICKED:
        rows = rows.filter(pk__in=picked or ())
    return {
        "total": total,
        "tickable": total <= MOST_TICKED,
        "everything": picked is None,
        "picked_count": total if picked is None else len(picked),
        "rows": [(row, picked is None or row.pk in picked) for row in rows],
    }


def looked_ahead(case: Case, choice: dict[str, Any]) -> dict[str, Any]:
    """What would run, for the template; the problems where nothing could."""
    try:
        foreseen = run_foresee(case, **choice)
    except RunRefused as refused:
        return {"problems": refused.problems[:SHOWN_PROBLEMS], "more_problems": len(refused.problems) - SHOWN_PROBLEMS}
    refused_parts = foreseen.with_fate(Fate.REFUSED)
    keys = dict(
        Intervention.objects.filter(case=case, slug__in=[part.intervention for part in foreseen.parts]).values_list(
            "slug", "pk"
        )
    )
    return {
        "foreseen": foreseen,
        "possible": [keys[part.intervention] for part in foreseen.parts if part.fate != Fate.REFUSED],
        "possible_count": len(foreseen.parts) - len(refused_parts),
        "refused": [
            (part, reverse("admin:planner_intervention_change", args=[keys[part.intervention]]))
            for part in refused_parts[:SHOWN_PROBLEMS]
        ],
        "more_refused": len(refused_parts) - SHOWN_PROBLEMS,
        "meaningless": foreseen.with_fate(Fate.NOT_APPLICABLE),
        "reused_count": len(foreseen.with_fate(Fate.REUSED)),
        "computed_count": len(foreseen.with_fate(Fate.COMPUTED)),
        "time_words": time_words(foreseen),
    }


def time_words(foreseen: ForeseenRun) -> Any:
    """How long it may take, and how that is known."""
    if foreseen.seconds is None:
        return _("Nothing of this case has been timed yet; once the first estimate is done, the run says what is left.")
    if not foreseen.with_fate(Fate.COMPUTED):
        return _("Nothing has to be computed.")
    seconds = max(round(foreseen.seconds), 1)
    if seconds < 90:
        words = ngettext("about %(count)s second", "about %(count)s seconds", seconds) % {"count": seconds}
    else:
        minutes = round(seconds / 60)
        words = ngettext("about %(count)s minute", "about %(count)s minutes", minutes) % {"count": minutes}
    named = {"time": words, "run": foreseen.paced_by.pk if foreseen.paced_by else ""}
    return _("Expected time of the estimates: %(time)s, by the pace of run %(run)s; the analyses follow.") % named


def start_and_show(request: HttpRequest, case: Case, **choice: Any) -> HttpResponseRedirect | None:
    """Start the run, send its messages and go to its page; on refusal the page says everything that is wrong."""
    try:
        with transaction.atomic():
            started = run_start(case, requested_by=request.user, **choice)
            tasks.enqueue_run(started.run)
    except RunRefused:
        return None
    if not started.created:
        messages.info(request, _("The same estimate is already under way; this is its page."))
    return HttpResponseRedirect(reverse("admin:planner_run_change", args=[started.run.pk]))
