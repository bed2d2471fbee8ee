"""Stored analyses of a run for the pages that show them: documents, reasons of what is missing, names and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from planner.models import Run
from planner.models.vocabulary import AnalysisKind, EffectStatus
from planner.reports.reasons import reason_words
from planner.selectors import run_analyses

Document = Mapping[str, Any]
MILLIONTHS = 1e6
MOST_BARS = 20


class Found:
    """A run's analyses: the documents of those that are done, the reasons of the others."""

    def __init__(self, run: Run) -> None:
        self.rows = run_analyses(run)

    def document(self, kind: AnalysisKind) -> Document | None:
        """The document; None where there is none."""
        row = self.rows.get(kind)
        return row.document if row is not None and row.status == EffectStatus.DONE else None

    def missing(self, *kinds: AnalysisKind) -> list[dict[str, Any]]:
        """What there is no document of, with the reason."""
        return [
            {
                "name": kind.label,
                "reason": reason_words(self.rows[kind].reason)
                if kind in self.rows
                else _("This run was made without it. Estimate again to have it."),
            }
            for kind in kinds
            if self.document(kind) is None
        ]


def chosen(request: HttpRequest, name: str, options: Sequence[tuple[str, str]]) -> str:
    """The option that was asked for, else the first one."""
    asked = request.GET.get(name, "")
    return asked if any(asked == value for value, _words in options) else (options[0][0] if options else "")


def place_names(document: Document) -> dict[str, str]:
    """Names of places by id."""
    return {one["id"]: one["name"] for one in document["baseline"]["regions"]}


def measure_names(document: Document) -> dict[str, str]:
    """Names of interventions by id."""
    return {one["id"]: one["name"] for one in document["interventions"]}


def ordered_ids(document: Document, present: set[str]) -> list[str]:
    """Ids in the order of the ranking, those that may be proposed first."""
    rows = sorted(document["ranking"]["rows"], key=lambda row: row.get("among_proposed") is None)
    ranked = [row["intervention"] for row in rows if row["intervention"] in present]
    return ranked + sorted(present - set(ranked))
