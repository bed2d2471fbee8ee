"""Interventions: list, edit, copy, look at the effect, estimate, restore."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from planner.admin.base import SHORT_TEXT
from planner.admin.channels import ChannelInline, CostInline
from planner.admin.estimation import choice_page
from planner.admin.legal import legal_points
from planner.admin.results import step_row
from planner.admin.versions import WholeHistoryAdmin
from planner.models import Intervention
from planner.models.channel_rules import CHANNEL_TARGETS, CHANNEL_UNITS
from planner.models.vocabulary import CostCategory
from planner.presets import channel_presets
from planner.reports.reasons import reason_words
from planner.services import RunRefused, intervention_clone, intervention_look
from regions.access import Role, request_access
from regions.models import Case

SHOWN_TARGETS = 20


@admin.register(Intervention)
class InterventionAdmin(WholeHistoryAdmin):
    """Interventions with their channels and costs on one page."""

    change_form_template = "admin/planner/intervention/change_form.html"
    list_display = (
        "name", "slug", "case", "kind", "maturity", "start_year", "channel_count", "cost_count", "weakest_grade",
    )  # fmt: skip
    list_filter = ("case", "kind", "maturity")
    search_fields = ("name", "slug", "description", "competence", "source")
    list_select_related = ("case",)
    inlines = (ChannelInline, CostInline)
    formfield_overrides = SHORT_TEXT
    actions = ("estimate", "copy")
    fieldsets = (
        (None, {"fields": ("case", ("name", "slug"), ("kind", "maturity"), "description")}),
        (_("Standing"), {"fields": ("competence", "legal_test", "closures", "start_year")}),
        (_("Source"), {"fields": ("source", "source_url", "notes")}),
    )
    prepopulated_fields = {"slug": ("name",)}

    class Media:
        js = ("planner/intervention.js",)
        css = {"all": ("planner/work.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intervention]:
        """With the counts and the weakest evidence that the list shows."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                _channels=Count("channels", distinct=True),
                _costs=Count("costs", distinct=True),
                _grade=Max("channels__grade"),
            )
        )

    @admin.display(description=_("channels"), ordering="_channels")
    def channel_count(self, row: Any) -> int:
        """How many channels it has."""
        return row._channels

    @admin.display(description=_("costs"), ordering="_costs")
    def cost_count(self, row: Any) -> int:
        """How many amounts it has."""
        return row._costs

    @admin.display(description=_("weakest evidence"), ordering="_grade")
    def weakest_grade(self, row: Any) -> str:
        """The weakest evidence grade of its channels."""
        return row._grade or "–"

    # Pages of one intervention ---------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The intervention's own pages before the general ones."""
        site = self.admin_site
        own = [
            path("targets/", site.admin_view(self.targets_view), name="planner_intervention_targets"),
            path("<int:pk>/look/", site.admin_view(self.look_view), name="planner_intervention_look"),
            path("<int:pk>/copy/", site.admin_view(require_POST(self.copy_view)), name="planner_intervention_copy"),
        ]
        return [*own, *super().get_urls()]

    def planned_row(self, request: HttpRequest, pk: int) -> Intervention:
        """The intervention, for planners of its case."""
        row = Intervention.objects.select_related("case").filter(pk=pk).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A rough look at the effect, by few draws; nothing is stored."""
        row = self.planned_row(request, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("A quick look at: %(name)s") % {"name": row.name},
            "opts": self.opts,
            "row": row,
            "legal": legal_points(row.channels.all()),
        }
        try:
            look = intervention_look(row)
        except RunRefused as refused:
            context["problems"] = refused.problems
        else:
            measure = look.measure or {}
            regions = (measure.get("full") or {}).get("regions", ())
            names = dict(row.case.regions.values_list("code", "name"))
            context |= {
                "look": look,
                "problems": [named_channel(problem, row) for problem in look.problems],
                "steps": [step_row(step) for step in measure.get("chain") or ()],
                "regions": [{**one, "name": names.get(one["id"], one["id"])} for one in regions],
            }
        return TemplateResponse(request, "admin/planner/intervention/look.html", context)

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """A copy to work on."""
        copy = intervention_clone(self.planned_row(request, pk), cast(User, request.user))
        messages.success(request, _("This is the copy; change what differs."))
        return HttpResponseRedirect(reverse("admin:planner_intervention_change", args=[copy.pk]))

    def targets_view(self, request: HttpRequest) -> HttpResponse:
        """Codes that a channel can be aimed at, as one types: [{code, name}], at most twenty."""
        case = request_access(request).limit(Case.objects.all()).filter(pk=int_or_none(request.GET.get("case"))).first()
        if case is None:
            raise Http404
        return targets_answer(case, request.GET.get("field", ""), request.GET.get("q", ""))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """'Save and look' leads to the look."""
        return self.look_after(request, obj) or super().response_change(request, obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """'Save and look' leads to the look."""
        return self.look_after(request, obj) or super().response_add(request, obj, post_url_continue)

    def look_after(self, request: HttpRequest, obj: Intervention) -> HttpResponse | None:
        """Where to go after saving, if that was asked for."""
        if "_look" not in request.POST:
            return None
        return HttpResponseRedirect(reverse("admin:planner_intervention_look", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the rules of channels for the script, the sums of the costs and the legal points."""
        row = kwargs.get("obj")
        context["channel_rules"] = {
            name: {"units": units, "targets": CHANNEL_TARGETS[name]} for name, units in CHANNEL_UNITS.items()
        }
        context["presets"] = [
            {"kind": one.kind, "name": str(one.name), "values": one.values()} for one in channel_presets()
        ]
        if row is not None:
            context |= {"legal": legal_points(row.channels.all()), "cost_sums": cost_sums(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    # Actions ---------------------------------------------------------------------------------------------------------

    def has_estimate_permission(self, request: HttpRequest) -> bool:
        """Starting a run is adding one."""
        return request_access(request).anywhere(Role.PLANNER)

    @admin.action(description=_("Estimate effects of the selected interventions"), permissions=["estimate"])
    def estimate(self, request: HttpRequest, queryset: QuerySet[Intervention]) -> HttpResponse | None:
        """Show what would run, with the standard settings to begin with; nothing starts yet."""
        cases = list(Case.objects.filter(pk__in=queryset.order_by().values("case_id")).distinct())
        if len(cases) != 1:
            self.message_user(
                request, _("Select interventions of one case: a run compares them there."), messages.ERROR
            )
            return None
        return choice_page(request, self.admin_site, cases[0], set(queryset.values_list("pk", flat=True)), {})

    @admin.action(description=_("Copy the selected interventions"), permissions=["estimate"])
    def copy(self, request: HttpRequest, queryset: QuerySet[Intervention]) -> None:
        """Copies of all, each under a free id."""
        rows = list(queryset)
        if not all(self.has_change_permission(request, row) for row in rows):
            raise PermissionDenied
        with transaction.atomic():
            for row in rows:
                intervention_clone(row, cast(User, request.user))
        self.message_user(request, _("Copied: %(count)s.") % {"count": len(rows)}, messages.SUCCESS)


def int_or_none(text: str | None) -> int | None:
    """A number in an address."""
    return int(text) if text and text.isdigit() else None


def targets_answer(case: Case, field: str, typed: str) -> HttpResponse:
    """The codes of a field whose code or name holds what was typed."""
    sources: dict[str, tuple[Any, ...]] = {
        "crossing": (case.crossings,),
        "direction": (case.economies,),
        "sector": (case.sectors,),
        **dict.fromkeys(("origin", "destination", "place"), (case.economies, case.regions)),
    }
    if field not in sources:
        raise Http404
    found: list[dict[str, str]] = []
    for rows in sources[field]:
        matching = rows.filter(code__icontains=typed) | rows.filter(name__icontains=typed)
        found += [
            {"code": code, "name": name}
            for code, name in matching.order_by("code").values_list("code", "name")[:SHOWN_TARGETS]
        ]
    return JsonResponse({"found": found[:SHOWN_TARGETS]})


def named_channel(problem: str, row: Intervention) -> str:
    """'booths, channel booths:2: ...' -> 'channel 2: ...', in the reader's language."""
    text = problem.removeprefix(row.slug).lstrip(":, ")
    number, colon, fault = text.removeprefix(f"channel {row.slug}:").partition(": ")
    if not colon or not number.isdigit():
        return reason_words(text)
    return f"{_('channel ')}{number}: {reason_words(fault)}"


def cost_sums(row: Intervention) -> list[tuple[Any, float]]:
    """Sums by category and over all, in million of the case's money."""
    sums: dict[str, float] = {}
    for category, amount in row.costs.values_list("category", "amount_musd"):
        sums[category] = sums.get(category, 0.0) + amount
    lines = [(CostCategory(name).label, value) for name, value in sums.items()]
    return [*lines, (pgettext_lazy("sum", "all together"), sum(sums.values()))] if lines else []
