"""The ranking as lines of text for a terminal."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from planner.reports.analysis_words import found, missing_sentences, short_sentences
from planner.reports.left_out import left_out_sentences
from planner.reports.numbers import format_interval, format_number, format_range
from planner.reports.words import tension_sentences

Context = Mapping[str, Any]
LONGEST_NAME, SHORTEST_NAME = 90, 24
GAP = "  "
WIDEST = 400
NO_COST = "-"
RESTRICTIVE, MARK = "restrictive", "(r)"
TO_COMPARE = "      Restrictive and macro measures, to compare with: not candidates, ranked among all"

# heading, alignment
COLUMNS = (
    ("rank", ">"),
    ("90 %", "<"),
    ("tie", "<"),
    ("intervention", "<"),
    ("index, millionths", ">"),
    ("90 % interval", "<"),
    ("welfare, M {currency}", ">"),
    ("90 % interval", "<"),
    ("P(best)", ">"),
    ("P(top 3)", ">"),
    ("cost, M {currency}", ">"),
    ("NPV, M {currency}", ">"),
    ("90 % interval", "<"),
)
NAME_COLUMN = 3


def ranking_lines(context: Context, width: int | None = None) -> list[str]:
    """Cover, table, notes and what the analyses found."""
    return [*cover_lines(context), "", *table_lines(context, width), "", *note_lines(context), *analysis_lines(context)]


def analysis_lines(context: Context) -> list[str]:
    """One line for each analysis, and for each that has no result."""
    lines = short_sentences(context) + missing_sentences(context)
    return ["", *lines] if lines else []


def cover_lines(context: Context) -> list[str]:
    """What was asked and where the border stands before any intervention."""
    case, run, baseline = context["case"], context["run"], context["baseline"]
    count = len(context["interventions"])
    return [
        (
            f"{case['title']}: {count} intervention{'s' if count != 1 else ''}, {run['draws']} draws, seed {run['seed']}, "
            f"engine {run['engine_version']}"
        ),
        f"Closure {run['closure']}: {run['closure_rule']}",
        f"Ranked by {run['criterion']}; welfare is that of {run['standing']}",
        (
            f"Headline imbalance before any intervention: {format_number(baseline['index'], 'index')} "
            f"(with travel {format_number(baseline['index_with_travel'], 'index')}); "
            f"{format_number(baseline['imputed_share'], 'share')} of the baseline's value is imputed"
        ),
    ]


def table_lines(context: Context, width: int | None = None) -> list[str]:
    """The ranked interventions, columns aligned; names are cut to the terminal's width."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    if not context["ranking"]["rows"]:
        return ["No intervention could be ranked."]
    proposed, others = rows_of(context, measures, restrictive=False), rows_of(context, measures, restrictive=True)
    rows = proposed + others
    heads = [head.format(currency=context["case"]["currency"]) for head, _ in COLUMNS]
    widths = [max(len(head), *(len(row[at]) for row in rows)) for at, head in enumerate(heads)]
    if width is None:
        # Names are cut to what a terminal has room for; a file takes them whole.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDEST
    taken = sum(widths) - widths[NAME_COLUMN] + len(GAP) * (len(widths) - 1)
    widths[NAME_COLUMN] = min(widths[NAME_COLUMN], LONGEST_NAME, max(width - taken, SHORTEST_NAME))
    lines = [aligned(heads, widths), GAP.join("-" * size for size in widths)]
    lines += [aligned(row, widths) for row in proposed]
    if others:
        lines += [TO_COMPARE if proposed else TO_COMPARE.strip(), *(aligned(row, widths) for row in others)]
    return lines


def rows_of(context: Context, measures: Mapping[str, Any], *, restrictive: bool) -> list[list[str]]:
    """Rows of measures that may be proposed, ranked among themselves, or of restrictive ones, there to compare with."""
    appraisal = found(context, "appraisal") or {"rows": []}
    npv = {row["intervention"]: row["npv_musd"] for row in appraisal["rows"]}
    ranked = context["ranking"]["rows"]
    chosen = [row for row in ranked if (measures[row["intervention"]]["kind"] == RESTRICTIVE) == restrictive]
    shown = chosen if restrictive else [own_places(row) for row in chosen]
    marks = {group: mark.upper() if restrictive else mark for group, mark in tie_marks(shown).items()}
    return [cells(row, measures[row["intervention"]], marks, npv) for row in shown]


def own_places(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its places among the measures that may be proposed."""
    return {**row, **(row.get("among_proposed") or {})}


def cells(
    row: Mapping[str, Any],
    measure: Mapping[str, Any],
    marks: Mapping[int, str],
    npv: Mapping[str, Mapping[str, Any] | None],
) -> list[str]:
    """One row of the table as text."""
    index, welfare = measure["full"]["index_change"], measure["full"]["ev_musd"]
    worth = npv.get(measure["id"])
    cost = (measure.get("costs") or {}).get("total_musd")
    return [
        str(row["rank"]),
        format_range(row["rank_low"], row["rank_high"]),
        marks[row["tie_group"]],
        f"{MARK} {measure['name']}" if measure["kind"] == RESTRICTIVE else measure["name"],
        format_number(index["mean"], "index_change"),
        format_interval(index["q05"], index["q95"], "index_change"),
        format_number(welfare["mean"], "musd_change"),
        format_interval(welfare["q05"], welfare["q95"], "musd_change"),
        format_number(row["p_best"], "probability"),
        format_number(row["p_top3"], "probability"),
        format_number(cost, "musd") if cost else NO_COST,
        format_number(worth["mean"], "musd_change") if worth else NO_COST,
        format_interval(worth["q05"], worth["q95"], "musd_change") if worth else NO_COST,
    ]


def tie_marks(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """A letter for each tie group with more than one member, a dot for one that stands alone."""
    sizes: dict[int, int] = {}
    for row in rows:
        sizes[row["tie_group"]] = sizes.get(row["tie_group"], 0) + 1
    marks, shared = {}, 0
    for group in sorted(sizes):
        if sizes[group] > 1:
            marks[group] = letters(shared)
            shared += 1
        else:
            marks[group] = "."
    return marks


def letters(number: int) -> str:
    """0 -> a, 25 -> z, 26 -> aa."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    """One line of the table."""
    parts = []
    for text, width, (_, side) in zip(texts, widths, COLUMNS, strict=True):
        shown = text if len(text) <= width else text[: width - 1] + "…"
        parts.append(f"{shown:{side}{width}}")
    return GAP.join(parts).rstrip()


def scale_line(context: Context) -> str:
    """How small the effects are against the index, and why that is no fault."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    sizes = [
        abs(measures[row["intervention"]]["full"]["index_change"]["mean"])
        for row in context["ranking"]["rows"]
        if measures[row["intervention"]]["kind"] != RESTRICTIVE
    ]
    index = context["baseline"]["index"]
    if not sizes or not index:
        return ""
    return (
        f"The largest of them moves the index by {format_number(max(sizes) / index, 'share_small')} of its value: a minute or a "
        "programme touches few flows, and most of the gap has other causes (below)."
    )


def note_lines(context: Context) -> list[str]:
    """How to read the table: ties, measures that narrow the gap and lower welfare, what was not ranked."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    rows = context["ranking"]["rows"]
    groups = {own_places(row)["tie_group"] for row in rows if row.get("among_proposed")} or {
        row["tie_group"] for row in rows
    }
    lines: list[str] = []
    if rows:
        count = sum(bool(row.get("among_proposed")) for row in rows) or len(rows)
        tied = len(groups) < count
        lines.append(
            "The change is that of the headline index, in millionths: negative narrows the gap. "
            "Intervals are 5 to 95 % of the draws."
        )
        if tied:
            lines.append(
                f"Measures with the same letter are tied with the first of them: at 90 % their order against it is not settled "
                f"({len(groups)} groups, {count} measures)."
            )
    if any(measures[row["intervention"]]["kind"] == RESTRICTIVE for row in rows):
        lines.append(
            f"{MARK} Restrictive or macro measures stand below the others: their rank, P(best) and P(top 3) are among all "
            "measures, those of the others among the others."
        )
    if any(measure["kind"] != RESTRICTIVE for measure in measures.values()) and rows:
        lines.append(scale_line(context))
    if rows:
        lines += tension_sentences(rows, measures, context["orderings"])["conflict"]
    for row in context["ranking"]["not_ranked"]:
        words = {"not_applicable": "not applicable", "failed": "FAILED"}.get(row["status"], row["status"])
        lines.append(f"Not ranked, {words}: {measures[row['intervention']]['name']}: {row['reason']}")
    if context["left_out_draws"]["rows"]:
        lines += left_out_sentences(context)
    lines.extend(f"Note on the baseline: {warning}" for warning in context["baseline"].get("warnings", ()))
    return lines
