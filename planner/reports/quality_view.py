"""Quality and provenance as pages show them: names, sentences, and a table of places by sectors."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.blocks import Block, heading, paragraph, table
from planner.reports.numbers import format_number
from regions.quality import words as quality_words
from regions.quality.findings import DIMENSIONS

MOST_RESULTS = 12


def quality_view(context: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Data sets with their reasons, results with theirs, and observed shares by place and sector.

    `names` are those of measures, places and sectors by id.
    """
    quality = context["quality"]
    return {
        "lead": lead(),
        "result_lead": result_lead(),
        "matrix_lead": matrix_lead(),
        "datasets": dataset_rows(quality),
        "dimensions": [quality_words.DIMENSIONS[name] for name in DIMENSIONS],
        "results": [
            {
                "name": names.get(result["intervention"], result["intervention"]),
                "grade": result["grade"],
                "reasons": [quality_words.reason(one) for one in result["reasons"]],
            }
            for result in quality["results"]
        ],
        "provenance": provenance_matrix(context, names),
    }


def dataset_rows(quality: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each data set with its grades by dimension and every finding as a sentence, the worst first."""
    rows = []
    for row in quality["datasets"]:
        own = [finding for finding in quality["findings"] if finding["dataset"] == row["dataset"]]
        own.sort(key=lambda finding: str(finding["grade"]), reverse=True)
        rows.append(
            {
                **row,
                "name": quality_words.DATASETS.get(row["dataset"], row["dataset"]),
                "grades": [row[name] for name in DIMENSIONS],
                "reasons": [{"grade": one["grade"], "text": quality_words.reason(one)} for one in own],
            }
        )
    return rows


def provenance_matrix(context: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Share of each place and sector that is observed or mirrored; the rest is scaled or imputed."""
    cells = {(row["place"], row["sector"]): row for row in context["quality"]["provenance"]}
    sectors = [sector["id"] for sector in context["case"]["sectors"]]
    places = [region["id"] for region in context["baseline"]["regions"]]
    return {
        "sectors": [names.get(sector, sector) for sector in sectors],
        "rows": [
            {"name": names.get(place, place), "shares": [known(cells.get((place, sector))) for sector in sectors]}
            for place in places
        ],
    }


def known(cell: Mapping[str, Any] | None) -> float | None:
    return None if cell is None else cell["known"]


def quality_blocks(view: Mapping[str, Any]) -> list[Block]:
    """The section on paper."""
    quality = view["quality"]
    columns = ((_("Data set"), "left", 1.6), (_("Grade"), "center", 0.6), (_("Reasons"), "left", 6))
    datasets = [
        [row["name"], row["grade"], "; ".join(f"{one['grade']}: {one['text']}" for one in row["reasons"])]
        for row in quality["datasets"]
    ]
    results = [[row["name"], row["grade"], "; ".join(row["reasons"])] for row in quality["results"][:MOST_RESULTS]]
    result_columns = ((_("Measure"), "left", 2.2), (_("Grade"), "center", 0.6), (_("Reasons"), "left", 5.4))
    matrix = quality["provenance"]
    shares = [[row["name"], *(format_number(share, "share") for share in row["shares"])] for row in matrix["rows"]]
    matrix_columns = ((_("Place"), "left", 2.0), *((name, "right", 1.0) for name in matrix["sectors"]))
    left_out = len(quality["results"]) - len(results)
    more = _("The first %(shown)d in the order of rank; the HTML report and the data files have all %(all)d.") % {
        "shown": len(results),
        "all": len(quality["results"]),
    }
    return [
        heading(_("Quality of data and results")),
        paragraph(lead()),
        table(columns, datasets, small=True),
        heading(_("Grade of each result"), 2),
        paragraph(result_lead()),
        table(result_columns, results, small=True),
        *([paragraph(more, quiet=True)] if left_out > 0 else []),
        heading(_("How much is observed, by place and sector"), 2),
        paragraph(matrix_lead()),
        table(matrix_columns, shares, small=True),
    ]


def lead() -> str:
    return _(
        "A good, B fair, C weak, D poor: the grade of a data set is the worst of its reasons. The limits between grades are rules of this tool."
    )


def result_lead() -> str:
    return _(
        "A result is as good as the weakest of its evidence, the waits it changes and the baseline it is computed on. Whether sign and rank are settled is said beside it."
    )


def matrix_lead() -> str:
    return _(
        "Share of what a place sells and buys of a sector that is observed, own sales included; the rest is scaled to known totals or imputed by rule."
    )
