"""The ranking as lines of text for a terminal."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from planner.reports.numbers import format_interval, format_number, format_range
from planner.reports.words import tension_sentences

Context = Mapping[str, Any]
LONGEST_NAME, SHORTEST_NAME = 90, 24
GAP = "  "
WIDEST = 400
NO_COST = "-"
RESTRICTIVE = "(r)"

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
)
NAME_COLUMN = 3


def ranking_lines(context: Context, width: int | None = None) -> list[str]:
    """Cover, table and notes."""
    return [*cover_lines(context), "", *table_lines(context, width), "", *note_lines(context)]


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
    marks = tie_marks(context["ranking"]["rows"])
    rows = [cells(row, measures[row["intervention"]], marks) for row in context["ranking"]["rows"]]
    if not rows:
        return ["No intervention could be ranked."]
    heads = [head.format(currency=context["case"]["currency"]) for head, _ in COLUMNS]
    widths = [max(len(head), *(len(row[at]) for row in rows)) for at, head in enumerate(heads)]
    if width is None:
        # Names are cut to what a terminal has room for; a file takes them whole.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDEST
    others = sum(widths) - widths[NAME_COLUMN] + len(GAP) * (len(widths) - 1)
    widths[NAME_COLUMN] = min(widths[NAME_COLUMN], LONGEST_NAME, max(width - others, SHORTEST_NAME))
    lines = [aligned(heads, widths), GAP.join("-" * size for size in widths)]
    return lines + [aligned(row, widths) for row in rows]


def cells(row: Mapping[str, Any], measure: Mapping[str, Any], marks: Mapping[int, str]) -> list[str]:
    """One row of the table as text."""
    index, welfare = measure["full"]["index_change"], measure["full"]["ev_musd"]
    # Restrictive measures are there to compare with: the chances of the others are among the others.
    chances = row.get("among_proposed") or row
    cost = (measure.get("costs") or {}).get("total_musd")
    return [
        str(row["rank"]),
        format_range(row["rank_low"], row["rank_high"]),
        marks[row["tie_group"]],
        f"{RESTRICTIVE} {measure['name']}" if measure["kind"] == "restrictive" else measure["name"],
        format_number(index["mean"], "index_change"),
        format_interval(index["q05"], index["q95"], "index_change"),
        format_number(welfare["mean"], "musd_change"),
        format_interval(welfare["q05"], welfare["q95"], "musd_change"),
        format_number(chances["p_best"], "probability"),
        format_number(chances["p_top3"], "probability"),
        format_number(cost, "musd") if cost else NO_COST,
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


def note_lines(context: Context) -> list[str]:
    """How to read the table: ties, measures that narrow the gap and lower welfare, what was not ranked."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    rows = context["ranking"]["rows"]
    groups = {row["tie_group"] for row in rows}
    lines = []
    if rows:
        tied = len(groups) < len(rows)
        lines.append(
            "The change is that of the headline index, in millionths: negative narrows the gap. "
            "Intervals are 5 to 95 % of the draws."
        )
        if tied:
            lines.append(
                f"Measures with the same letter are tied: at 90 % their order is not settled "
                f"({len(groups)} groups, {len(rows)} measures)."
            )
    if any(measures[row["intervention"]]["kind"] == "restrictive" for row in rows):
        lines.append(
            f"{RESTRICTIVE} Restrictive or macro measures, to compare with; P(best) and P(top 3) of the others are among the others."
        )
    if rows:
        lines += tension_sentences(rows, measures, context["orderings"])["conflict"]
    for row in context["ranking"]["not_ranked"]:
        words = {"not_applicable": "not applicable", "failed": "FAILED"}.get(row["status"], row["status"])
        lines.append(f"Not ranked, {words}: {measures[row['intervention']]['name']}: {row['reason']}")
    lines.extend(f"Note on the baseline: {warning}" for warning in context["baseline"].get("warnings", ()))
    return lines
