"""The analyses of a run as tidy tables: one row for each number or for each thing that has several."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from planner.reports.columns import Column, flag_column, number_column, text_column, whole_column
from planner.reports.table_rows import Document, Row
from planner.reports.wait_tables import WAIT_TABLES

Found = Mapping[str, Any]
Spec = tuple[str, str, tuple[Column, ...], tuple[str, ...], Callable[[Document], Iterable[Row]]]

_MEASURE = text_column("intervention", "id of the measure")
_MUSD, _INDEX = "million USD per year", "share of trade"
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
    number_column("index_change", _INDEX, "change of the headline index at central values"),
    number_column("ev_musd", _MUSD, "welfare of those with standing at central values"),
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


# --- Rows ------------------------------------------------------------------------------------------------------------


def diagnosis_rows(found: Found) -> Iterable[Row]:
    headline = found["headline"]
    yield from _drivers("", "", "index", _INDEX, headline["index"], headline["parts"], headline["remainder"])
    for row in found["regions"]:
        place = row["place"]
        yield {"region": place, "quantity": "balance", "component": "trade", "value": row["trade_musd"], "unit": _MUSD}
        yield from _drivers(place, "", "balance", _MUSD, row["balance_musd"], row["parts_musd"], row["remainder_musd"])
        yield from _drivers(place, "", "index", _INDEX, row["index"], row["index_parts"], row["index_remainder"])
    for row in found["pairs"]:
        ends = {"region": row["region"], "partner": row["partner"], "quantity": "balance"}
        yield {**ends, "component": "trade", "value": row["trade_musd"], "unit": _MUSD}
        yield {**ends, "component": "one_way_share", "value": row["one_way_share"], "unit": "share of trade"}
        yield from _drivers(
            row["region"], row["partner"], "balance", _MUSD, row["balance_musd"], row["parts_musd"], row["remainder_musd"]
        )  # fmt: skip


def _drivers(
    region: str, partner: str, quantity: str, unit: str, total: float, parts: Mapping[str, float], rest: float
) -> Iterable[Row]:
    for component, value in (("total", total), *parts.items(), ("remainder", rest)):
        yield {
            "region": region,
            "partner": partner,
            "quantity": quantity,
            "component": component,
            "value": value,
            "unit": unit,
        }


def minute_rows(found: Found) -> Iterable[Row]:
    for row in found["stations"]:
        yield {**row, "sector": ""}
        for sector in sorted({*row["index_change_by_sector"], *row["ev_musd_by_sector"]}):
            yield {
                "crossing": row["crossing"],
                "direction": row["direction"],
                "sector": sector,
                "index_change": row["index_change_by_sector"].get(sector),
                "ev_musd": row["ev_musd_by_sector"].get(sector),
            }


def listed_rows(name: str) -> Callable[[Found], Iterable[Row]]:
    return lambda found: found[name]


def nested_rows(outer: str, label: str) -> Callable[[Found], Iterable[Row]]:
    def rows(found: Found) -> Iterable[Row]:
        for entry in found[outer]:
            for row in entry["rows"]:
                yield {label: entry[label if label in entry else "id"], **row}

    return rows


def robustness_rows(found: Found) -> Iterable[Row]:
    for row in found["robustness"]:
        yield {**row, "stresses": row["of"]}


def side_rows(found: Found) -> Iterable[Row]:
    for name, value in (*found["before"]["theil"].items(), ("co2_tonnes", found["before"]["co2_tonnes"])):
        yield {"intervention": "", "place": "", "measure": f"before_{name}", "value": value}
    for place in found["before"]["places"]:
        for name, value in place.items():
            if name != "place":
                yield {"intervention": "", "place": place["place"], "measure": name, "value": value}
    for row in found["rows"]:
        name = row["intervention"]
        for part, value in row["theil_change"].items():
            yield {"intervention": name, "place": "", "measure": f"theil_{part}_change", "value": value}
        for economy, value in row["external_position_change_musd"].items():
            yield {
                "intervention": name,
                "place": economy,
                "measure": "external_position_change_musd",
                "value": value,
            }
        for field in ("co2_before_tonnes", "co2_change_tonnes", "revenue_change_musd"):
            yield {"intervention": name, "place": "", "measure": field, "value": row[field]}
        for place in row["places"]:
            for field, value in place.items():
                if field != "place":
                    yield {"intervention": name, "place": place["place"], "measure": field, "value": value}


def appraisal_rows(found: Found) -> Iterable[Row]:
    for field in ("discount_rate", "optimism_bias"):
        yield {"intervention": "", "figure": field, "item": "", "unit": "share", **found[field]}
    for row in found["rows"]:
        name = row["intervention"]
        for field, unit in (("npv_musd", "million"), ("bcr", "ratio"), ("eirr", "share per year")):
            yield {"intervention": name, "figure": field, "item": "", "unit": unit, **(row[field] or {})}
        for field in ("payback_years", "discounted_payback_years"):
            known = row[field] or {}
            yield {
                "intervention": name,
                "figure": field,
                "item": "",
                "unit": "years",
                **known,
                "share_defined": known.get("share_reached"),
            }
        for field in ("present_benefits_musd", "present_costs_musd", "present_transfers_musd"):
            for item, summary in row[field].items():
                yield {"intervention": name, "figure": field, "item": item, "unit": "million", **summary}
        for item, summary in row["switching"].items():
            yield {"intervention": name, "figure": "switching", "item": item, "unit": "share", **(summary or {})}
        yield from _single_figures(name, row)
        yield from _traveller_figures(name, row["travellers"])


def _traveller_figures(name: str, found: Found | None) -> Iterable[Row]:
    """People, and what each of them and all of them save."""
    if found:
        start: Row = {"intervention": name, "item": "travellers"}
        for figure, unit in (("people", "a year"), ("waits_measured", "share of people")):
            yield {**start, "figure": figure, "unit": unit, "value": found[figure]}
        for figure, unit in (("minutes_saved", "minutes each"), ("hours_saved", "hours a year")):
            yield {**start, "figure": figure, "unit": unit, **(found[figure] or {})}


def _single_figures(name: str, row: Found) -> Iterable[Row]:
    single = {
        "p_npv_positive": (row["p_npv_positive"], "share of draws"),
        "bcr_at_means": (row["bcr_at_means"], "ratio"),
        "sunk_musd": (row["sunk_musd"], "million"),
        "beyond_horizon_musd": (row["beyond_horizon_musd"], "million"),
        "operating_continued_musd": (row["operating_continued_musd"], "million"),
        "half_ramp_share": (row["half_ramp_share"], "share"),
    }
    for figure, (value, unit) in single.items():
        yield {"intervention": name, "figure": figure, "item": "", "unit": unit, "value": value}
    for field, unit in (("switching_at_means", "share"), ("eirr_status", "share of draws"), ("co2_tonnes", "tonnes")):
        for item, value in (row[field] or {}).items():
            yield {"intervention": name, "figure": field, "item": item, "unit": unit, "value": value}


def year_rows(found: Found) -> Iterable[Row]:
    for row in found["rows"]:
        for year in row["by_year"]:
            start = {"intervention": row["intervention"], "year": year["year"]}
            for field in ("benefits_musd", "costs_musd", "transfers_musd"):
                for item, value in year[field].items():
                    yield {**start, "figure": field, "item": item, "value": value}
            for field in ("discount_factor", "net_musd", "discounted_net_musd"):
                if field in year:
                    yield {**start, "figure": field, "item": "", "value": year[field]}


def criterion_rows(found: Found) -> Iterable[Row]:
    rankings = {**found["single"], "weighted_sum": found["weighted"], "topsis": found["topsis"]}
    for criterion, ranking in rankings.items():
        for row in ranking["rows"]:
            yield {"criterion": criterion, **row}


def weight_rows(found: Found) -> Iterable[Row]:
    for row in found["weight_breaks"]:
        for number, span in enumerate(row["spans"], start=1):
            yield {
                "criterion": row["criterion"],
                "number": number,
                "weight": found["weights"][row["criterion"]],
                "holds_share": row["holds_share"],
                **span,
            }


def pareto_rows(found: Found) -> Iterable[Row]:
    regret = {row["intervention"]: row for row in found["regret"]["rows"]}
    for row in found["pareto"]["rows"]:
        lost = regret.get(row["intervention"], {})
        yield {
            **row,
            "dominated_by": ";".join(row["dominated_by"]),
            **{f"regret_{name}": lost.get(name) for name in ("mean", "q90", "largest")},
        }


def variance_rows(found: Found) -> Iterable[Row]:
    for row in found["rows"]:
        start = {name: row[name] for name in ("intervention", "outcome", "method", "explained", "noise")}
        yield {**start, "input": "", "share": row["unexplained"], "mean": row["mean"]}
        for bar in row["inputs"]:
            yield {**start, "input": bar["name"], **{name: bar[name] for name in ("share", "sign", "low", "high")}}


def overall_rows(found: Found) -> Iterable[Row]:
    for outcome, rows in found["overall"].items():
        for row in rows:
            yield {"outcome": outcome, "input": row["name"], "share": row["share"]}


PORTFOLIO_FIGURES = (
    "budget",
    "cost_musd",
    "value",
    "predicted_by_pairs",
    "sum_alone",
    "interaction",
    "narrowing",
    "welfare_musd",
    "gap",
    "exchanges",
    "shadow_price",
)


def portfolio_rows(found: Found) -> Iterable[Row]:
    for figure, value in (*found["default"].items(), ("joint_solves", found["joint_solves"])):
        yield {"set": "default", "figure": figure, "item": "", "value": value}
    for name in ("portfolio", "plan"):
        chosen = found[name]
        if chosen:
            for figure in PORTFOLIO_FIGURES:
                yield {"set": name, "figure": figure, "item": "", "value": chosen[figure]}
            for figure in ("cost_by_year", "yearly_prices"):
                for year, value in chosen[figure].items():
                    yield {"set": name, "figure": figure, "item": year, "value": value}
    for figure, summary in (found["portfolio"]["over_draws"] or {}).items():
        for item, value in summary.items():
            yield {"set": "portfolio", "figure": f"{figure}_over_draws", "item": item, "value": value}
    for row in (found["plan"] or {}).get("by_year", ()):
        for figure in ("narrowing", "welfare_musd"):
            yield {"set": "plan", "figure": f"{figure}_by_year", "item": str(row["year"]), "value": row[figure]}


def member_rows(found: Found) -> Iterable[Row]:
    for name in ("portfolio", "plan"):
        for member in (found[name] or {}).get("members", ()):
            yield {"set": name, "intervention": member["id"], **member}


def interaction_rows(found: Found) -> Iterable[Row]:
    inside = {(row["first"], row["second"]): row for row in found["portfolio"]["interactions_inside"]}
    largest = {(row["first"], row["second"]): row for row in found["interactions"]}
    for pair, row in {**largest, **inside}.items():
        yield {**row, "inside": pair in inside}


def frontier_rows(found: Found) -> Iterable[Row]:
    for row in found["frontier"]:
        yield {**row, "members": ";".join(row["members"])}


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
     ("region", "partner", "quantity", "component"), diagnosis_rows),
    ("minute_values", "minute_values", "What one minute of truck wait less would do, central values",
     (text_column("crossing", "code of the crossing"), text_column("direction", "economy entered"),
      text_column("sector", "id of the sector; empty: all"),
      number_column("index_change", _INDEX, "change of the index"), number_column("ev_musd", _MUSD, "welfare of border regions"),
      number_column("truck_trade_musd", _MUSD, "trade by truck"), number_column("wait_minutes", "minutes", "mean wait now"),
      text_column("wait_grade", "evidence grade of the wait"), text_column("wait_source", "its source")),
     ("crossing", "direction", "sector"), minute_rows),
    ("variants", "imputations", "The ranking under other imputations side by side",
     (text_column("id", "how the baseline was completed"),
      text_column("kind", "run, ratios, ratio or kernel"),
      text_column("parameter", "what moves; empty: all builder ratios"),
      number_column("value", "see parameter", "what it is set to"),
      number_column("imputed_share", "share of value", "share of the baseline that is imputed"),
      number_column("index", "index, 0 to 1", "before any measure"), *_AGREEMENT),
     ("id",), listed_rows("variants")),
    ("variants", "imputation_ranks", "Effects and ranks under every imputation, central values",
     (text_column("id", "how the baseline was completed"), _MEASURE, *_EFFECTS), ("id", "intervention"),
     nested_rows("variants", "id")),
    ("variants", "imputation_robustness", "Who keeps its rank under other imputations",
     (_MEASURE, whole_column("rank", "place", "in the run"), whole_column("lowest", "place", "best place under any"),
      whole_column("highest", "place", "worst place under any"),
      whole_column("kept", "imputations", "under which the place is that of the run"),
      whole_column("of", "imputations", "that rank it")), ("intervention",), listed_rows("robustness")),
    ("closures", "closures", "Closures side by side",
     (text_column("closure", "rule for overall balances"), number_column("index", "index, 0 to 1", "before any measure"), *_AGREEMENT),
     ("closure",), listed_rows("closures")),
    ("closures", "closure_ranks", "Effects and ranks under every closure, central values",
     (text_column("closure", "rule for overall balances"), _MEASURE, *_EFFECTS), ("closure", "intervention"),
     nested_rows("closures", "closure")),
    ("stress", "stresses", "Stress tests",
     (text_column("id", "id of the stress"), text_column("kind", "what happens"), text_column("target", "crossing or economy"),
      number_column("size", "see unit", "how much"), text_column("unit", "unit of the size"),
      text_column("closure", "closure of the solve"),
      number_column("index_change", _INDEX, "of the stress alone"), number_column("ev_musd", _MUSD, "of the stress alone"), *_AGREEMENT),
     ("id",), listed_rows("stresses")),
    ("stress", "stress_ranks", "Effects and ranks on top of every stress, central values",
     (text_column("stress", "id of the stress"), _MEASURE, *_EFFECTS), ("stress", "intervention"), nested_rows("stresses", "stress")),
    ("stress", "robustness", "Who keeps its rank under stress",
     (_MEASURE, whole_column("rank", "place", "without stress"), whole_column("highest", "place", "best under stress"),
      whole_column("lowest", "place", "worst under stress"), whole_column("kept", "number", "stresses under which the rank is unchanged"),
      whole_column("stresses", "number", "stresses that rank it"), flag_column("keeps_rank", "whether it keeps its rank under all")),
     ("intervention",), robustness_rows),
    ("side", "side_measures", "What else each measure does, central values; without a measure: the baseline",
     (_MEASURE, text_column("place", "id of the place or economy; empty: all"),
      text_column("measure", "what; _pct: per cent, _musd: million USD a year (external position: in all), _tonnes: tonnes a year, else shares and indices"),
      number_column("value", "see measure", "the number")),
     ("intervention", "place", "measure"), side_rows),
    ("appraisal", "appraisal", "Appraisal: present values and ratios over draws",
     (_MEASURE, text_column("figure", "what"), text_column("item", "of which benefit, cost, reason"), text_column("unit", "its unit"),
      *_SPREAD, number_column("p_negative", "share of draws", "draws below zero"),
      number_column("share_defined", "share of draws", "draws that have the number"),
      number_column("value", "see unit", "a figure that is one number")),
     ("intervention", "figure", "item"), appraisal_rows),
    ("appraisal", "appraisal_years", "Appraisal by year, means over draws",
     (_MEASURE, whole_column("year", "year", "year"), text_column("figure", "what"), text_column("item", "of which benefit or cost"),
      number_column("value", "million USD; factor", "amount, not discounted unless said")),
     ("intervention", "year", "figure", "item"), year_rows),
    ("criteria", "criteria_ranks", "Rankings by single criteria, weighted sum and TOPSIS",
     (text_column("criterion", "what is ranked by"), whole_column("rank", "place", "1 the best"), _MEASURE,
      number_column("score_mean", "unit of the criterion", "mean over draws"),
      *(number_column(name, "unit of the criterion", text) for name, text in (("q05", "5 % quantile"), ("q50", "median"), ("q95", "95 % quantile"))),
      number_column("p_best", "share of draws", "first"), number_column("p_top3", "share of draws", "among the first three"),
      whole_column("rank_low", "place", "best rank in the middle 90 %"), whole_column("rank_high", "place", "worst rank in the middle 90 %"),
      whole_column("tie_group", "number", "not told apart at 90 %"), flag_column("settled_above", "told apart from the one above")),
     ("criterion", "intervention"), criterion_rows),
    ("criteria", "criteria_agreement", "Agreement of the orders by single criteria",
     (text_column("first", "criterion"), text_column("second", "criterion"), number_column("kendall_tau", "-1 to 1", "Kendall's tau")),
     ("first", "second"), listed_rows("agreement")),
    ("criteria", "weight_spans", "Who is first as one weight moves, the others in proportion",
     (text_column("criterion", "whose weight moves"), whole_column("number", "number", "number of the span"),
      number_column("low", "share", "weight from"), number_column("high", "share", "weight to"), text_column("first", "id of the first"),
      number_column("weight", "share", "weight now"), number_column("holds_share", "share of draws", "today's first is best at some weight")),
     ("criterion", "number"), weight_rows),
    ("criteria", "pareto_regret", "Front of imbalance and welfare; regret in the run's criterion",
     (_MEASURE, flag_column("on_front", "no other is better in both, at the means"), number_column("p_on_front", "share of draws", "on the front"),
      text_column("dominated_by", "who is better"),
      *(number_column(f"regret_{name}", "unit of the criterion", f"loss against the best of the same draw, {name}") for name in ("mean", "q90", "largest"))),
     ("intervention",), pareto_rows),
    ("variance", "variance", "Shares of variance by uncertain number; without an input: what is left",
     (_MEASURE, text_column("outcome", "imbalance or welfare"), text_column("input", "parameter or channel"),
      number_column("share", "share of variance", "its share"), whole_column("sign", "1 or -1", "whether the outcome rises with it"),
      number_column("low", "unit of the outcome", "mean outcome where it is lowest"), number_column("high", "unit of the outcome", "where it is highest"),
      number_column("mean", "unit of the outcome", "mean outcome"), text_column("method", "linear or binned"),
      number_column("explained", "share of variance", "all inputs"), number_column("noise", "share of variance", "not told apart below it")),
     ("intervention", "outcome", "input"), variance_rows),
    ("variance", "variance_overall", "Mean shares of variance over measures that are not restrictive",
     (text_column("outcome", "imbalance or welfare"), text_column("input", "parameter; channels: the measures' own size"),
      number_column("share", "share of variance", "mean share")), ("outcome", "input"), overall_rows),
    ("portfolio", "portfolio", "The best set: what it costs and does together",
     (text_column("set", "portfolio: best set; plan: with start years"), text_column("figure", "what"), text_column("item", "year or statistic"),
      number_column("value", "million USD; index points; objective per million", "the number")), ("set", "figure", "item"), portfolio_rows),
    ("portfolio", "portfolio_members", "Members of the best set",
     (text_column("set", "portfolio or plan"), _MEASURE, number_column("cost_musd", "million USD", "cost"),
      number_column("alone", "objective", "effect alone"), number_column("marginal", "objective", "what the set loses without it"),
      whole_column("start_year", "year", "start")), ("set", "intervention"), member_rows),
    ("portfolio", "portfolio_candidates", "Candidates of the set",
     (text_column("id", "id of the measure"), number_column("cost_musd", "million USD", "cost"), number_column("alone", "objective", "effect alone")),
     ("id",), listed_rows("candidates")),
    ("portfolio", "frontier", "The best set at each budget",
     (number_column("budget", "million USD", "budget"), number_column("cost_musd", "million USD", "spent"), number_column("value", "objective", "joint effect"),
      number_column("narrowing", "index points", "fall of the index"), number_column("welfare_musd", _MUSD, "welfare"),
      number_column("gain_per_million", "objective per million", "since the budget before"),
      number_column("shadow_price", "objective per million", "of one million more"), text_column("members", "ids")), ("budget",), frontier_rows),
    ("portfolio", "interactions", "Pairs by the size of their interaction",
     (text_column("first", "id"), text_column("second", "id"), number_column("joint", "objective", "together"),
      number_column("interaction", "objective", "joint less the sum: negative for substitutes"),
      flag_column("inside", "both in the best set")), ("first", "second"), interaction_rows),
)  # fmt: skip
