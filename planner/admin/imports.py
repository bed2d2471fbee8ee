"""Imports step by step: upload, format and columns, dry run, import; and taking a batch back from its page."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from planner import tasks
from planner.admin.base import ComputedAdmin
from planner.models import ImportJob
from planner.models.import_job import KEPT_IMPORTS, ImportPhase, ImportState
from planner.services import import_ask, import_discard, import_progress, import_upload
from planner.services.import_jobs import paths_of, possible_formats
from regions.access import Role, request_access
from regions.importing import registry
from regions.importing.format import Format
from regions.importing.problems import ImportRefused
from regions.importing.requests import CONSTANT, FileColumns
from regions.models import Case, ImportBatch

SHOWN_COLUMNS = 200
STEPS = (_("Upload"), _("Format and columns"), _("Dry run"), _("Import"))
STEP_OF = {
    ImportState.UPLOADED: 1,
    ImportState.CHECKED: 2,
    ImportState.REFUSED: 2,
    ImportState.LOADED: 3,
    ImportState.FAILED: 3,
    ImportState.DISCARDED: 3,
}


class SeveralFiles(forms.ClearableFileInput):
    """A field for any number of files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Each of the files is cleaned as one file would be."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files, at least one where the field is required."""
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(SeveralFilesField, self).clean(one, initial) for one in given or [None]]


class UploadForm(forms.Form):
    """The files, and the case that they belong to where they are no whole case."""

    files = SeveralFilesField(
        label=_("files"),
        help_text=_(
            "A zip of a whole case, or a table (CSV, XLSX, Parquet, GeoPackage, Shapefile, GeoJSON), or official files "
            "of the US Bureau of Transportation Statistics."
        ),
    )
    case = forms.ModelChoiceField(
        Case.objects.none(),
        label=_("case"),
        required=False,
        empty_label=_("A new case, or files of no case"),
        help_text=_("Tables of regions, crossings, flows or waits go into a case that is there."),
    )


@admin.register(ImportJob)
class ImportJobAdmin(ComputedAdmin):
    """Imports on their way and those that ended."""

    list_display = ("__str__", "format", "case", "state", "user", "created_at")
    list_filter = ("state", "case", "format")
    search_fields = ("format", "reason", "user__username", "case__name")
    list_select_related = ("case", "user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever plans in some case."""
        return request_access(request).anywhere(Role.PLANNER)

    def get_urls(self) -> list[URLPattern]:
        """The steps before the general pages."""
        site = self.admin_site
        own = [
            path("<int:pk>/progress/", site.admin_view(self.progress_view), name="planner_importjob_progress"),
            path("<int:pk>/check/", site.admin_view(require_POST(self.check_view)), name="planner_importjob_check"),
            path("<int:pk>/load/", site.admin_view(require_POST(self.load_view)), name="planner_importjob_load"),
            path(
                "<int:pk>/discard/", site.admin_view(require_POST(self.discard_view)), name="planner_importjob_discard"
            ),
        ]
        return [*own, *super().get_urls()]

    def own_job(self, request: HttpRequest, pk: Any, role: Role = Role.PLANNER) -> ImportJob:
        """The job, for planners of its case; one of no case for those who plan in all of them."""
        job = ImportJob.objects.select_related("case", "user").filter(pk=pk).first()
        if job is None:
            raise Http404
        if not request_access(request).may(role, job.case_id):
            raise PermissionDenied
        return job

    # Pages ------------------------------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The first step."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        access = request_access(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        cases: Any = form.fields["case"]
        cases.queryset = access.limit(Case.objects.order_by("name"), Role.PLANNER)
        cases.required = not access.may(Role.PLANNER, None)
        if request.method == "POST" and form.is_valid():
            try:
                job = import_upload(form.cleaned_data["files"], form.cleaned_data["case"], request.user)
            except ImportRefused as refusal:
                for problem in list(refusal.problems)[:20]:
                    form.add_error("files", str(problem))
            else:
                return HttpResponseRedirect(self.address("change", job))
        context = {**self.common(request, 0), "form": form, "title": _("Import data"), "formats": registry.formats()}
        return TemplateResponse(request, "admin/planner/importjob/upload.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a job: the step that it is at."""
        job = self.own_job(request, object_id, Role.VIEWER)
        step = 1 if "edit" in request.GET and job.state in KEPT_IMPORTS else STEP_OF.get(ImportState(job.state), 2)
        may = request_access(request).may(Role.PLANNER, job.case_id)
        context = {**self.common(request, step), "job": job, "title": str(job), "may": may}
        if step == 1 and may:
            context |= self.choice(request, job)
        elif job.is_active:
            context["progress"] = import_progress(job)
        else:
            context |= {
                "report": job.report,
                "changes": [(table_words(name), counts) for name, counts in job.report.get("changes", {}).items()],
                "differences": [
                    {
                        **one,
                        "table": table_words(one["table"]),
                        "before": in_words(one.get("before")),
                        "after": in_words(one.get("after")),
                    }
                    for one in job.report.get("differences", ())
                ],
                "format": known_format(job.format),
                "batches": ImportBatch.objects.filter(pk__in=job.report.get("batches", ())),
            }
        return TemplateResponse(request, "admin/planner/importjob/job.html", context)

    def common(self, request: HttpRequest, step: int) -> dict[str, Any]:
        """What every step shows."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "step": step,
            "steps": [(name, number < step, number == step) for number, name in enumerate(STEPS)],
        }

    def choice(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        """Formats that the file can be, its columns beside the format's fields, and the options."""
        first = paths_of(job)[0]
        possible, _recognised = possible_formats(first)
        wanted = request.GET.get("format", job.format)
        format = next((one for one in possible if one.id == wanted), None)
        seen = registry.read_columns(first, layer_of(job))
        shown = {"found": [(one, one is format) for one in possible], "seen": seen, "format": format}
        if format is None:
            return shown
        mapping = job.mapping if job.mapping and wanted == job.format else {}
        suggested = registry.suggest_mapping(format.id, first, layer_of(job)) if format.can_map else {}
        return {
            **shown,
            "rows": [field_row(one, seen, {**suggested, **mapping}) for one in format.fields] if format.can_map else [],
            "options": [(one, job.options.get(one.name, one.default)) for one in format.options],
            "cases": request_access(request).limit(Case.objects.order_by("name"), Role.PLANNER),
        }

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """What the page asks for while a worker reads."""
        job = self.own_job(request, pk, Role.VIEWER)
        return JsonResponse({**import_progress(job), "state": job.get_state_display(), "finished": not job.is_active})

    # Steps ------------------------------------------------------------------------------------------------------------

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Start the dry run with what was chosen."""
        job = self.own_job(request, pk)
        format = known_format(request.POST.get("format", ""))
        if format is None:
            raise Http404
        if format.needs_case or request.POST.get("case"):
            cases = request_access(request).limit(Case.objects.all(), Role.PLANNER)
            job.case = cases.filter(pk=number(request.POST.get("case"))).first()
            if job.case is None:
                messages.error(request, _("Choose the case that these rows belong to."))
                return HttpResponseRedirect(f"{self.address('change', job)}?edit=1&format={format.id}")
        elif not request_access(request).may(Role.PLANNER, None):
            messages.error(request, _("Only those who plan in all cases may import this format."))
            return HttpResponseRedirect(self.address("change", job))
        self.ask(
            request, job, ImportPhase.CHECK, format, chosen_mapping(request, format), chosen_options(request, format)
        )
        return HttpResponseRedirect(self.address("change", job))

    def load_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Import what was checked."""
        job = self.own_job(request, pk)
        format = known_format(job.format)
        if format is None:
            raise Http404
        self.ask(request, job, ImportPhase.LOAD, format, job.mapping, job.options)
        return HttpResponseRedirect(self.address("change", job))

    def ask(
        self, request: HttpRequest, job: ImportJob, phase: ImportPhase, format: Format, mapping: Any, options: Any
    ) -> None:
        """Hand the job to a worker."""
        with transaction.atomic():
            if import_ask(job, phase, mapping=mapping, options=options, format_id=format.id):
                tasks.enqueue_import(job)
            else:
                messages.info(request, _("This import has gone on meanwhile; this is where it is now."))

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Give up and remove the files."""
        job = self.own_job(request, pk)
        import_discard(job)
        return HttpResponseRedirect(self.address("change", job))

    def address(self, name: str, job: ImportJob) -> str:
        """An address of a job."""
        return reverse(f"admin:planner_importjob_{name}", args=[job.pk])


def table_words(name: str) -> Any:
    """A table as people call it."""
    for app in ("regions", "planner"):
        try:
            return apps.get_model(app, name.rpartition(".")[2])._meta.verbose_name_plural
        except LookupError:
            continue
    return name


def in_words(values: Any) -> str:
    """The values of a row, one after the other; nothing where there is no row."""
    if not isinstance(values, dict):
        return "" if values is None else str(values)
    return "; ".join(f"{name}: {'–' if value in (None, '') else value}" for name, value in values.items())


def number(text: str | None) -> int | None:
    """An id of a form."""
    return int(text) if text and text.isdigit() else None


def known_format(format_id: str) -> Format | None:
    """The format, None where there is none of that id."""
    return next((one for one in registry.formats() if one.id == format_id), None)


def layer_of(job: ImportJob) -> dict[str, Any]:
    """The sheet or layer that was chosen, as the registry takes it."""
    return {"layer": job.options["layer"]} if job.options.get("layer") else {}


def field_row(field: Any, seen: FileColumns, mapping: dict[str, str]) -> dict[str, Any]:
    """One line of the mapping: the field, the column chosen for it, or the value that stands for every row."""
    chosen = mapping.get(field.name, "")
    constant = chosen.removeprefix(CONSTANT) if chosen.startswith(CONSTANT) else ""
    samples = {name: [row[at] for row in seen.sample if at < len(row)] for at, name in enumerate(seen.names)}
    return {
        "field": field,
        "constant": constant,
        "columns": [(name, name == chosen) for name in seen.names[:SHOWN_COLUMNS]],
        "sample": ", ".join(samples.get(chosen, ())[:3]),
    }


def chosen_mapping(request: HttpRequest, format: Format) -> dict[str, str]:
    """{field: column, or '=value' for every row}, of those that were filled in."""
    mapping = {}
    for field in format.fields if format.can_map else ():
        if constant := request.POST.get(f"constant_{field.name}", "").strip():
            mapping[field.name] = f"{CONSTANT}{constant}"
        elif column := request.POST.get(f"column_{field.name}", ""):
            mapping[field.name] = column
    return mapping


def chosen_options(request: HttpRequest, format: Format) -> dict[str, Any]:
    """What was chosen beside the columns."""
    options: dict[str, Any] = {}
    for one in format.options:
        given = request.POST.get(f"option_{one.name}", "")
        if one.type == "flag":
            options[one.name] = given == "on"
        elif given.strip():
            options[one.name] = given.strip()
    return options
