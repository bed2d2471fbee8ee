"""The analyses of a run as tidy tables: one row for each number or for each thing that has several."""

from collections.abc import Callable, Iterable

from planner.reports import analysis_rows as rows_of
from planner.reports.analysis_rows import INDEX, MUSD, Found
from planner.reports.columns import Column, flag_column, number_column, text_column, whole_column
from planner.reports.table_rows import Document, Row
from planner.reports.wait_tables import WAIT_TABLES

Spec = tuple[str, str, tuple[Column, ...], tuple[str, ...], Callable[[Document], Iterable[Row]]]

_MEASURE = text_column("intervention", "id of the measure")
_SPREAD = tuple(
    number_column(name, "see unit", text)
    for name, text in (
        ("mean", "mean over draws"),
        ("sd", "standard deviation over draws"),
        ("q05", "5 % quantile over draws"),
        ("q50", "median over draws"),
        ("q95", "95 % quantile over draws"),
    )
)
_EFFECTS = (
    number_column("index_change", INDEX, "change of the headline index at central values"),
    number_column("ev_musd", MUSD, "welfare of those with standing at central values"),
    whole_column("rank", "place", "place among measures that are not restrictive"),
    whole_column("rank_among_all", "place", "place among all measures"),
)
_AGREEMENT = (
    text_column("status", "done or failed"),
    text_column("reason", "why it failed"),
    number_column("kendall_tau", "-1 to 1", "agreement with the ordering of the run"),
    text_column("first", "id of the first measure that is not restrictive"),
    flag_column("same_first", "whether that is the first of the run"),
)


def analysis_tables(document: Document) -> list[Spec]:
    """Tables of the analyses that the report holds."""
    stored = document.get("analyses") or {}
    return [
        (name, title, columns, key, _reader(kind, rows))
        for kind, name, title, columns, key, rows in (*_TABLES, *WAIT_TABLES)
        if kind in stored and stored[kind]["status"] == "done"
    ]


def _reader(kind: str, rows: Callable[[Found], Iterable[Row]]) -> Callable[[Document], Iterable[Row]]:
    return lambda document: rows(document["analyses"][kind]["document"])


# kind, name, title, columns, key, rows
_TABLES: tuple[
    tuple[str, str, str, tuple[Column, ...], tuple[str, ...], Callable[[Found], Iterable[Row]]], ...
] = (
    ("diagnosis", "diagnosis", "Imbalances by driver: totals are the sums of their drivers and the remainder",
     (text_column("region", "id of the region; empty: the headline index"),
      text_column("partner", "id of the partner; empty: all partners"),
      text_column("quantity", "balance or index"),
      text_column("component", "total, driver, remainder, trade or share of one-way trade"),
      number_column("value", "see unit", "the number"), text_column("unit", "its unit")),
     ("region", "partner", "quantity", "component"), rows_of.diagnosis_rows),
    ("minute_values", "minute_values", "What one minute of truck wait less would do, central values",
     (text_column("crossing", "code of the crossing"), text_column("direction", "economy entered"),
      text_column("sector", "id of the sector; empty: all"),
      number_column("index_change", INDEX, "change of the index"), number_column("ev_musd", MUSD, "welfare of border regions"),
      number_column("truck_trade_musd", MUSD, "trade by truck"), number_column("wait_minutes", "minutes", "mean wait now"),
      text_column("wait_grade", "evidence grade of the wait"), text_column("wait_source", "its source")),
     ("crossing", "direction", "sector"), rows_of.minute_rows),
    ("variants", "imputations", "The ranking under other imputations side by side",
     (text_column("id", "how the baseline was completed"),
      text_column("kind", "run, ratios, ratio or kernel"),
      text_column("parameter", "what moves; empty: all builder ratios"),
      number_column("value", "see parameter", "what it is set to"),
      number_column("imputed_share", "share of value", "share of the baseline that is imputed"),
      number_column("index", "index, 0 to 1", "before any measure"), *_AGREEMENT),
     ("id",), rows_of.listed_rows("variants")),
    ("variants", "imputation_ranks", "Effects and ranks under every imputation, central values",
     (text_column("id", "how the baseline was completed"), _MEASURE, *_EFFECTS), ("id", "intervention"),
     rows_of.nested_rows("variants", "id")),
    ("variants", "imputation_robustness", "Who keeps its rank under other imputations",
     (_MEASURE, whole_column("rank", "place", "in the run"), whole_column("lowest", "place", "best place under any"),
      whole_column("highest", "place", "worst place under any"),
      whole_column("kept", "imputations", "under which the place is that of the run"),
      whole_column("of", "imputations", "that rank it")), ("intervention",), rows_of.listed_rows("robustness")),
    ("closures", "closures", "Closures side by side",
     (text_column("closure", "rule for overall balances"), number_column("index", "index, 0 to 1", "before any measure"), *_AGREEMENT),
     ("closure",), rows_of.listed_rows("closures")),
    ("closures", "closure_ranks", "Effects and ranks under every closure, central values",
     (text_column("closure", "rule for overall balances"), _MEASURE, *_EFFECTS), ("closure", "intervention"),
     rows_of.nested_rows("closures", "closure")),
    ("stress", "stresses", "Stress tests",
     (text_column("id", "id of the stress"), text_column("kind", "what happens"), text_column("target", "crossing or economy"),
      number_column("size", "see unit", "how much"), text_column("unit", "unit of the size"),
      text_column("closure", "closure of the solve"),
      number_column("index_change", INDEX, "of the stress alone"), number_column("ev_musd", MUSD, "of the stress alone"), *_AGREEMENT),
     ("id",), rows_of.listed_rows("stresses")),
    ("stress", "stress_ranks", "Effects and ranks on top of every stress, central values",
     (text_column("stress", "id of the stress"), _MEASURE, *_EFFECTS), ("stress", "intervention"), rows_of.nested_rows("stresses", "stress")),
    ("stress", "robustness", "Who keeps its rank under stress",
     (_MEASURE, whole_column("rank", "place", "without stress"), whole_column("highest", "place", "best under stress"),
      whole_column("lowest", "place", "worst under stress"), whole_column("kept", "number", "stresses under which the rank is unchanged"),
      whole_column("stresses", "number", "stresses that rank it"), flag_column("keeps_rank", "whether it keeps its rank under all")),
     ("intervention",), rows_of.robustness_rows),
    ("side", "side_measures", "What else each measure does, central values; without a measure: the baseline",
     (_MEASURE, text_column("place", "id of the place or economy; empty: all"),
      text_column("measure", "what; _pct: per cent, _musd: million USD a year (external position: in all), _tonnes: tonnes a year, else shares and indices"),
      number_column("value", "see measure", "the number")),
     ("intervention", "place", "measure"), rows_of.side_rows),
    ("appraisal", "appraisal", "Appraisal: present values and ratios over draws",
     (_MEASURE, text_column("figure", "what"), text_column("item", "of which benefit, cost, reason"), text_column("unit", "its unit"),
      *_SPREAD, number_column("p_negative", "share of draws", "draws below zero"),
      number_column("share_defined", "share of draws", "draws that have the number"),
      number_column("value", "see unit", "a figure that is one number")),
     ("intervention", "figure", "item"), rows_of.appraisal_rows),
    ("appraisal", "appraisal_years", "Appraisal by year, means over draws",
     (_MEASURE, whole_column("year", "year", "year"), text_column("figure", "what"), text_column("item", "of which benefit or cost"),
      number_column("value", "million USD; factor", "amount, not discounted unless said")),
     ("intervention", "year", "figure", "item"), rows_of.year_rows),
    ("criteria", "criteria_ranks", "Rankings by single criteria, weighted sum and TOPSIS",
     (text_column("criterion", "what is ranked by"), whole_column("rank", "place", "1 the best"), _MEASURE,
      number_column("score_mean", "unit of the criterion", "mean over draws"),
      *(number_column(name, "unit of the criterion", text) for name, text in (("q05", "5 % quantile"), ("q50", "median"), ("q95", "95 % quantile"))),
      number_column("p_best", "share of draws", "first"), number_column("p_top3", "share of draws", "among the first three"),
      whole_column("rank_low", "place", "best rank in the middle 90 %"), whole_column("rank_high", "place", "worst rank in the middle 90 %"),
      whole_column("tie_group", "number", "not told apart at 90 %"), flag_column("settled_above", "told apart from the one above")),
     ("criterion", "intervention"), rows_of.criterion_rows),
    ("criteria", "criteria_agreement", "Agreement of the orders by single criteria",
     (text_column("first", "criterion"), text_column("second", "criterion"), number_column("kendall_tau", "-1 to 1", "Kendall's tau")),
     ("first", "second"), rows_of.listed_rows("agreement")),
    ("criteria", "weight_spans", "Who is first as one weight moves, the others in proportion",
     (text_column("criterion", "whose weight moves"), whole_column("number", "number", "number of the span"),
      number_column("low", "share", "weight from"), number_column("high", "share", "weight to"), text_column("first", "id of the first"),
      number_column("weight", "share", "weight now"), number_column("holds_share", "share of draws", "today's first is best at some weight")),
     ("criterion", "number"), rows_of.weight_rows),
    ("criteria", "pareto_regret", "Front of imbalance and welfare; regret in the run's criterion",
     (_MEASURE, flag_column("on_front", "no other is better in both, at the means"), number_column("p_on_front", "share of draws", "on the front"),
      text_column("dominated_by", "who is better"),
      *(number_column(f"regret_{name}", "unit of the criterion", f"loss against the best of the same draw, {name}") for name in ("mean", "q90", "largest"))),
     ("intervention",), rows_of.pareto_rows),
    ("variance", "variance", "Shares of variance by uncertain number; without an input: what is left",
     (_MEASURE, text_column("outcome", "imbalance or welfare"), text_column("input", "parameter or channel"),
      number_column("share", "share of variance", "its share"), whole_column("sign", "1 or -1", "whether the outcome rises with it"),
      number_column("low", "unit of the outcome", "mean outcome where it is lowest"), number_column("high", "unit of the outcome", "where it is highest"),
      number_column("mean", "unit of the outcome", "mean outcome"), text_column("method", "linear or binned"),
      number_column("explained", "share of variance", "all inputs"), number_column("noise", "share of variance", "not told apart below it")),
     ("intervention", "outcome", "input"), rows_of.variance_rows),
    ("variance", "variance_overall", "Mean shares of variance over measures that are not restrictive",
     (text_column("outcome", "imbalance or welfare"), text_column("input", "parameter; channels: the measures' own size"),
      number_column("share", "share of variance", "mean share")), ("outcome", "input"), rows_of.overall_rows),
    ("portfolio", "portfolio", "The best set: what it costs and does together",
     (text_column("set", "portfolio: best set; plan: with start years"), text_column("figure", "what"), text_column("item", "year or statistic"),
      number_column("value", "million USD; index points; objective per million", "the number")), ("set", "figure", "item"), rows_of.portfolio_rows),
    ("portfolio", "portfolio_members", "Members of the best set",
     (text_column("set", "portfolio or plan"), _MEASURE, number_column("cost_musd", "million USD", "cost"),
      number_column("alone", "objective", "effect alone"), number_column("marginal", "objective", "what the set loses without it"),
      whole_column("start_year", "year", "start")), ("set", "intervention"), rows_of.member_rows),
    ("portfolio", "portfolio_candidates", "Candidates of the set",
     (text_column("id", "id of the measure"), number_column("cost_musd", "million USD", "cost"), number_column("alone", "objective", "effect alone")),
     ("id",), rows_of.listed_rows("candidates")),
    ("portfolio", "frontier", "The best set at each budget",
     (number_column("budget", "million USD", "budget"), number_column("cost_musd", "million USD", "spent"), number_column("value", "objective", "joint effect"),
      number_column("narrowing", "index points", "fall of the index"), number_column("welfare_musd", MUSD, "welfare"),
      number_column("gain_per_million", "objective per million", "since the budget before"),
      number_column("shadow_price", "objective per million", "of one million more"), text_column("members", "ids")), ("budget",), rows_of.frontier_rows),
    ("portfolio", "interactions", "Pairs by the size of their interaction",
     (text_column("first", "id"), text_column("second", "id"), number_column("joint", "objective", "together"),
      number_column("interaction", "objective", "joint less the sum: negative for substitutes"),
      flag_column("inside", "both in the best set")), ("first", "second"), rows_of.interaction_rows),
)  # fmt: skip
