"""The sheet that ranks anew: a weighted score of imbalance and welfare in live formulas, with the values of this run.

Each criterion is put on a scale from 0, the worst mean among the measures counted, to 1, the best; a weight is therefore
what going from the worst to the best is worth. The engine's weighted sum uses the same scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.reports.json_writer import rounded
from planner.reports.sheet_styles import Styles, plain, write_text
from planner.reports.table_rows import Document

WEIGHT_CELLS = {"imbalance": "C5", "welfare": "C6"}
RESTRICTIVE_CELL = "C7"
HEAD_ROW = 12  # counted from 1, as formulas do; the next row holds units
FIRST_ROW = HEAD_ROW + 2
COLUMNS = (
    ("live rank", "place", 9),
    ("intervention", "id", 30),
    ("measure", "text", 60),
    ("kind", "text", 16),
    ("index change", "share of trade", 16),
    ("welfare", "million USD per year", 20),
    ("counted", "1 or 0", 9),
    ("index, if counted", "share of trade", 16),
    ("welfare, if counted", "million USD per year", 18),
    ("imbalance, scaled", "0 worst to 1 best", 16),
    ("welfare, scaled", "0 worst to 1 best", 16),
    ("score", "0 worst to 1 best", 16),
    ("rank in the report", "place", 18),
)
SORTED_COLUMN = len(COLUMNS) + 1  # one empty column between the table and the sorted list
_TEXTS = (
    "Change the yellow cells: the ranks below are formulas and follow.",
    "Score = weighted mean of both criteria, each scaled from 0 (the worst mean among the measures counted) to 1 (the best).",
    "With the weights as delivered the live ranks are the ranks of the report.",
)


@dataclass(frozen=True)
class Scored:
    """One ranked measure with the means that scores are made of."""

    identifier: str
    name: str
    kind: str
    index_change: float
    ev_musd: float
    rank: int


def scored_measures(context: Document) -> list[Scored]:
    """Ranked measures in the order of the report's ranking."""
    document = rounded(context)
    measures = {measure["id"]: measure for measure in document["interventions"]}
    rows = []
    for row in document["ranking"]["rows"]:
        measure = measures[row["intervention"]]
        full = measure["full"]
        means = (full["index_change"]["mean"], full["ev_musd"]["mean"])
        rows.append(Scored(measure["id"], measure["name"] or "", measure["kind"], *means, row["rank"]))
    return rows


def scaled_values(rows: Sequence[Scored]) -> list[dict[str, float]]:
    """Both criteria from 0, the worst mean, to 1, the best, with all measures counted."""
    index, welfare = [row.index_change for row in rows], [row.ev_musd for row in rows]
    return [
        {
            "imbalance": _scaled(row.index_change, max(index), min(index)),
            "welfare": _scaled(row.ev_musd, min(welfare), max(welfare)),
        }
        for row in rows
    ]


def weighted_score(scaled: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """What the sheet's formula gives."""
    return sum(weights[name] * scaled[name] for name in WEIGHT_CELLS) / sum(weights.values())


def _scaled(value: float, worst: float, best: float) -> float:
    return 0.0 if best == worst else (worst - value) / (worst - best)


def write_score_sheet(sheet: Any, context: Document, styles: Styles) -> None:
    """Weights, the bounds of both scales, the table of scores and ranks, and the list sorted by live rank."""
    rows = scored_measures(context)
    weights = {name: float(name == context["ranking"]["criterion"]) for name in WEIGHT_CELLS}
    sheet.write_string("A1", "Weighted score of imbalance and welfare", styles.heading)
    sheet.write_string("A2", _TEXTS[0], styles.text)
    sheet.write_string("A3", f"{_TEXTS[1]} {_TEXTS[2]}", styles.text)
    for (name, cell), label in zip(WEIGHT_CELLS.items(), ("Weight of imbalance", "Weight of welfare"), strict=True):
        sheet.write_string(f"B{cell[1:]}", label, styles.text)
        sheet.write_number(cell, weights[name], styles.input)
        sheet.data_validation(cell, {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.write_string("B7", "Count restrictive measures (1 or 0)", styles.text)
    sheet.write_number(RESTRICTIVE_CELL, 1, styles.input)
    sheet.data_validation(RESTRICTIVE_CELL, {"validate": "list", "source": [0, 1]})
    _bounds(sheet, rows, styles)
    for place, (name, unit, width) in enumerate(COLUMNS):
        sheet.write_string(HEAD_ROW - 1, place, name, styles.heading)
        sheet.write_string(HEAD_ROW, place, unit, styles.unit)
        sheet.set_column(place, place, width)
    for place, (name, width) in enumerate(
        (("place", 8), ("measure at that place", 60), ("its score", 12)), SORTED_COLUMN
    ):
        sheet.write_string(HEAD_ROW - 1, place, name, styles.heading)
        sheet.set_column(place, place, width)
    scaled = scaled_values(rows)
    scores = [weighted_score(values, weights) for values in scaled]
    for number, (row, values) in enumerate(zip(rows, scaled, strict=True)):
        _score_row(sheet, number, row, values, scores, styles)
    _sorted_list(sheet, rows, scores, styles)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(HEAD_ROW + 1, 3)


def _range(letter: str, count: int) -> str:
    return f"${letter}${FIRST_ROW}:${letter}${FIRST_ROW + count - 1}"


def _bounds(sheet: Any, rows: Sequence[Scored], styles: Styles) -> None:
    """Worst and best of each criterion among the measures counted, in C9:D10."""
    sheet.write_string("C8", "worst", styles.unit)
    sheet.write_string("D8", "best", styles.unit)
    if not rows:
        return
    index, welfare = [row.index_change for row in rows], [row.ev_musd for row in rows]
    cells = (
        ("C9", "MAX", "H", max(index)),
        ("D9", "MIN", "H", min(index)),
        ("C10", "MIN", "I", min(welfare)),
        ("D10", "MAX", "I", max(welfare)),
    )
    sheet.write_string("B9", "Index change, mean", styles.text)
    sheet.write_string("B10", "Welfare, mean", styles.text)
    for cell, function, letter, value in cells:
        sheet.write_formula(cell, f"={function}({_range(letter, len(rows))})", styles.number, value)


def _score_row(
    sheet: Any, number: int, row: Scored, scaled: Mapping[str, float], scores: Sequence[float], styles: Styles
) -> None:
    """One measure: values as numbers, scale, score and rank as formulas with the values they have as delivered."""
    line = FIRST_ROW + number
    place, score = line - 1, scores[number]
    scores_range = _range("L", len(scores))
    rank = 1 + sum(other > score for other in scores) + sum(other == score for other in scores[:number])
    for column, text in ((1, row.identifier), (2, row.name), (3, row.kind)):
        write_text(sheet, place, column, text, styles)
    sheet.write_number(place, 4, row.index_change, styles.number)
    sheet.write_number(place, 5, row.ev_musd, styles.number)
    formulas = (
        (
            0,
            f'=IF(G{line}=1,RANK(L{line},{scores_range})+COUNTIF(L${FIRST_ROW}:L{line},L{line})-1,"")',
            styles.whole,
            rank,
        ),
        (6, f'=IF(AND(D{line}="restrictive",${RESTRICTIVE_CELL[0]}${RESTRICTIVE_CELL[1:]}=0),0,1)', styles.whole, 1),
        (7, f'=IF(G{line}=1,E{line},"")', styles.number, row.index_change),
        (8, f'=IF(G{line}=1,F{line},"")', styles.number, row.ev_musd),
        (9, f'=IF(G{line}=1,IF($C$9=$D$9,0,($C$9-E{line})/($C$9-$D$9)),"")', styles.score, scaled["imbalance"]),
        (10, f'=IF(G{line}=1,IF($C$10=$D$10,0,($C$10-F{line})/($C$10-$D$10)),"")', styles.score, scaled["welfare"]),
        (11, f'=IF(G{line}=1,($C$5*J{line}+$C$6*K{line})/($C$5+$C$6),"")', styles.score, score),
    )
    for column, formula, style, value in formulas:
        sheet.write_formula(place, column, formula, style, value)
    sheet.write_number(place, 12, row.rank, styles.whole)


def _sorted_list(sheet: Any, rows: Sequence[Scored], scores: Sequence[float], styles: Styles) -> None:
    """The same measures in the order of the live rank."""
    order = sorted(range(len(rows)), key=lambda number: (-scores[number], number))
    count = len(rows)
    for position, number in enumerate(order):
        line = FIRST_ROW + position
        found = f"MATCH(O{line},{_range('A', count)},0)"
        sheet.write_number(line - 1, SORTED_COLUMN, position + 1, styles.whole)
        name = f'=IFERROR(INDEX({_range("C", count)},{found}),"")'
        sheet.write_formula(line - 1, SORTED_COLUMN + 1, name, styles.text, plain(rows[number].name))
        score = f'=IFERROR(INDEX({_range("L", count)},{found}),"")'
        sheet.write_formula(line - 1, SORTED_COLUMN + 2, score, styles.score, scores[number])
