"""The case folder (as a zip file, where it comes over a form) as a format of the registry."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regions.importing.format import Format
from regions.importing.loader import CaseExists, import_case
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.requests import Option, Report, Request


def run(request: Request) -> Report:
    """Imports the folder or zip; a case of the name is updated only where `replace` is given."""
    try:
        result = import_case(
            request.path,
            name=request.options.get("name") or None,
            replace=bool(request.options.get("replace", False)),
            dry_run=request.dry_run,
            user=request.user,
            progress=request.progress,
        )
    except CaseExists as refusal:
        problem = Problem(request.path.name, 0, "", "", str(refusal), "case_exists")
        raise ImportRefused(Problems([problem])) from refusal
    return Report(
        "case",
        result.outcome,
        rows=result.rows,
        changes=result.changes,
        problems=result.problems,
        batches=(result.batch,) if result.batch else (),
        case_name=result.case_name,
    )


FORMATS = (
    Format(
        "case",
        _("Whole case"),
        _("A folder or zip file with regions, crossings, flows and what else a case has."),
        "case-folder.md",
        ("case",),
        run,
        options=(
            Option("name", _("Name of the case"), _("Empty: the name in case.json, or that of the file.")),
            Option(
                "replace",
                _("Update a case of this name"),
                _("Rows are matched by their codes, so that interventions and runs that point at them stay."),
                "flag",
                default=False,
            ),
        ),
    ),
)
