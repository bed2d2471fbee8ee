"""The official files as formats of the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from regions.importing import border_entry, transborder
from regions.importing.batches import FileResult
from regions.importing.border_entry_loader import import_border_entry
from regions.importing.format import Format, field_of
from regions.importing.problems import Problems
from regions.importing.requests import Option, Report, Request
from regions.importing.transborder_loader import import_transborder

REPLACE = Option(
    "replace",
    _("Replace what another file brought"),
    _("Months that are imported already are replaced; they come back when the new batch is undone."),
    "flag",
    default=False,
)


def importer(format_id: str, function: Callable[..., list[FileResult]]) -> Callable[[Request], Report]:
    """An importer of official files behind the registry's interface."""

    def run(request: Request) -> Report:
        results = function(
            request.paths,
            replace=bool(request.options.get("replace", False)),
            dry_run=request.dry_run,
            user=request.user,
            progress=request.progress,
        )
        return report(format_id, results)

    return run


def report(format_id: str, results: list[FileResult]) -> Report:
    """The results of all files in one."""
    problems = Problems()
    for result in results:
        problems.merge(result.problems)
    outcomes = {result.outcome for result in results}
    quality: dict[str, Any] = {result.name: result.quality for result in results}
    return Report(
        format_id,
        "unchanged" if outcomes == {"unchanged"} else "checked" if "checked" in outcomes else "loaded",
        rows={result.name: result.rows for result in results},
        changes={result.name: {"created": 0 if result.outcome == "unchanged" else result.rows} for result in results},
        quality=quality,
        problems=problems,
        batches=tuple(result.batch for result in results if result.batch),
    )


FORMATS = (
    Format(
        "transborder",
        _("BTS TransBorder freight"),
        _("Raw files dot1, dot2 and dot3 of the United States' freight statistics, by month or for a year."),
        "formats/transborder.md",
        ("csv",),
        importer("transborder", import_transborder),
        fields=tuple(field_of(column) for column in transborder.COLUMNS),
        options=(REPLACE,),
        several_files=True,
    ),
    Format(
        "border_entry",
        _("BTS Border Crossing/Entry"),
        _("Vehicles, containers and people that entered the United States, by port and month."),
        "formats/border-entry.md",
        ("csv",),
        importer("border_entry", import_border_entry),
        fields=tuple(field_of(column) for column in border_entry.COLUMNS),
        options=(REPLACE,),
        several_files=True,
    ),
)
