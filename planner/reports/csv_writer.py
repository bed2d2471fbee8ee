"""The ranking as a tidy CSV table: one row a measure, units in the column names, text safe in spreadsheets."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from planner.reports.numbers import stored_text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_EFFECTS = (
    ("index_change", "index_change", "share_of_trade"),
    ("index_with_travel_change", "index_with_travel_change", "share_of_trade"),
    ("gap_change", "gap_change_musd", "million_usd_per_year"),
    ("welfare_ev", "ev_musd", "million_usd_per_year"),
    ("welfare", "welfare_pct", "percent"),
    ("revenue_change", "revenue_change_musd", "million_usd_per_year"),
)
_STATISTICS = ("mean", "sd", "q05", "q50", "q95", "p_negative")
_RANKING = (
    ("rank", "rank"),
    ("rank_low", "rank_low"),
    ("rank_high", "rank_high"),
    ("tie_group", "tie_group"),
    ("settled_above", "settled_above"),
    ("p_best", "p_best_share"),
    ("p_top3", "p_top3_share"),
)
_PROPOSED = (("p_best", "p_best_among_proposed_share"), ("p_top3", "p_top3_among_proposed_share"))
_TEXTS = ("name", "kind", "status", "reason", "maturity", "competence", "legal_test")
_COSTS = (
    ("total_musd", "cost_total_million_usd"),
    ("capital_musd", "cost_capital_million_usd"),
    ("operating_musd_per_year", "cost_operating_million_usd_per_year"),
)


def ranking_csv(context: Mapping[str, Any]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read accents; ranked measures first, then the others."""
    rows = ranking_rows(context)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, fieldnames=_columns(), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig", "replace")


def ranking_rows(context: Mapping[str, Any]) -> list[dict[str, str]]:
    """The table as text cells, in the order of the ranking."""
    measures = {measure["id"]: measure for measure in context["interventions"]}
    ranked = {row["intervention"]: row for row in context["ranking"]["rows"]}
    order = [*ranked, *(identifier for identifier in measures if identifier not in ranked)]
    return [_row(measures[identifier], ranked.get(identifier, {}), context["run"]) for identifier in order]


def safe_text(text: str) -> str:
    """Text that a spreadsheet will not take for a formula: an apostrophe goes before = + - @, tab and return."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _columns() -> list[str]:
    names = [
        "closure",
        "criterion",
        "intervention",
        *(column for _, column in (*_RANKING, *_PROPOSED)),
        *_TEXTS,
        "evidence_grade",
    ]
    for prefix, _, unit in _EFFECTS:
        names += [_effect_column(prefix, statistic, unit) for statistic in _STATISTICS]
    return [*names, "narrows_and_lowers_welfare", *(column for _, column in _COSTS), "score_per_billion_usd"]


def _effect_column(prefix: str, statistic: str, unit: str) -> str:
    return f"{prefix}_{statistic}_{'share_of_draws' if statistic == 'p_negative' else unit}"


def _row(measure: Mapping[str, Any], ranked: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, str]:
    row = {
        "closure": safe_text(run["closure"]),
        "criterion": safe_text(run["criterion"]),
        "intervention": safe_text(measure["id"]),
    }
    row |= {column: _cell(ranked.get(key)) for key, column in _RANKING}
    row |= {column: _cell((ranked.get("among_proposed") or {}).get(key)) for key, column in _PROPOSED}
    row |= {key: safe_text(measure.get(key) or "") for key in _TEXTS}
    row["evidence_grade"] = safe_text(measure.get("grade") or "")
    full = measure.get("full") or {}
    for prefix, key, unit in _EFFECTS:
        summary = full.get(key) or {}
        row |= {_effect_column(prefix, statistic, unit): _cell(summary.get(statistic)) for statistic in _STATISTICS}
    row["narrows_and_lowers_welfare"] = _cell(measure.get("narrows_and_lowers_welfare")) if full else ""
    costs = measure.get("costs") or {}
    row |= {column: _cell(costs.get(key)) for key, column in _COSTS}
    row["score_per_billion_usd"] = _cell(ranked.get("score_per_busd"))
    return row


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else stored_text(value)
