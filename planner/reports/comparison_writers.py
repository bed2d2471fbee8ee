"""The comparison of runs as HTML, PDF, CSV and JSON."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from django.template import Context
from django.utils.translation import gettext as _
from django.utils.translation import override

from planner.reports.attribution_words import LETTERS
from planner.reports.blocks import with_figures
from planner.reports.comparison_figures import comparison_figures, comparison_paper_figures
from planner.reports.comparison_words import comparison_blocks, run_names
from planner.reports.csv_writer import safe_text
from planner.reports.html_writer import template
from planner.reports.json_writer import report_json
from planner.reports.numbers import format_number, stored_text
from planner.reports.pdf_writer import typeset
from planner.reports.words import CRITERIA, status

Document = Mapping[str, Any]
STATISTICS = ("mean", "q05", "q95")


def comparison_html(document: Document) -> bytes:
    """One page without script or anything fetched."""
    parts = {**page(document), "figures": comparison_figures(document)}
    return template("comparison.html").render(Context(parts)).encode("utf-8", "replace")


def comparison_pdf(document: Document) -> bytes:
    """Set like the report."""
    parts = page(document)
    return typeset(
        {
            "title": parts["title"],
            "year": document["case"]["year"],
            "kicker": parts["kicker"],
            "lead": parts["lead"],
            "status": parts["status"],
            "draft": parts["draft"],
            "contents": _("Contents"),
            "page_of": _("of"),
            "facts": [[label, text, ""] for label, text in parts["facts"]],
            "blocks": with_figures(parts["blocks"], comparison_paper_figures(document)),
            "running": " / ".join(run["input_digest"][:8] for run in document["runs"]),
        }
    )


def page(document: Document) -> dict[str, Any]:
    """What both show."""
    drafts = [run for run in document["runs"] if run["review"] == "draft"]
    facts = []
    for name, run in zip(run_names(document), document["runs"], strict=True):
        words = _("%(closure)s; %(criterion)s; %(draws)s draws, seed %(seed)s; %(status)s; digest %(digest)s") % {
            "closure": run["closure"],
            "criterion": CRITERIA.get(run["criterion"], run["criterion"]),
            "draws": format_number(run["draws"], "count"),
            "seed": run["seed"],
            "status": status(run["review"]),
            "digest": run["input_digest"][:16],
        }
        facts.append((name, words))
    return {
        "kicker": _("Border-region trade facilitation \u00b7 comparison of runs"),
        "subject": _("comparison of runs"),
        "title": document["case"]["title"],
        "lead": _("What differs between %(count)d runs: first what went in, then what came out, and why places moved.")
        % {"count": len(document["runs"])},
        # One draft among them makes the comparison a draft.
        "status": status("draft" if drafts else "approved"),
        "draft": bool(drafts),
        "facts": facts,
        "blocks": comparison_blocks(document),
    }


def comparison_csv(document: Document) -> bytes:
    """Tidy: one row for each intervention and run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    effects = [
        f"{name}_{one}"
        for name in ("index_change_share_of_trade", "welfare_ev_million_usd_per_year")
        for one in STATISTICS
    ]
    writer.writerow(
        [
            "letter",
            "run",
            "intervention",
            "name",
            "status",
            "place",
            "rank",
            "rank_low",
            "rank_high",
            "tie_group",
            *effects,
        ]
    )
    for row in document["outcomes"]:
        for letter, run, one in zip(LETTERS, document["runs"], row["runs"], strict=False):
            if one is None:
                continue
            numbers = [one[name] for name in ("place", "rank", "rank_low", "rank_high", "tie_group")]
            numbers += [(one[name] or {}).get(part) for name in ("index_change", "ev_musd") for part in STATISTICS]
            texts = [letter, str(run["run"]), safe_text(row["intervention"]), safe_text(row["name"]), one["status"]]
            writer.writerow([*texts, *(stored_text(number) for number in numbers)])
    return stream.getvalue().encode("utf-8-sig", "replace")


WRITERS: dict[str, Callable[[Document], bytes]] = {
    "html": comparison_html,
    "pdf": comparison_pdf,
    "csv": comparison_csv,
    "json": report_json,
}
COMPARISON_FORMATS = tuple(WRITERS)


def comparison_file(document: Document, kind: str, language: str = "en") -> bytes:
    """The comparison in one of the `COMPARISON_FORMATS`."""
    with override(language):
        return WRITERS[kind](document)
