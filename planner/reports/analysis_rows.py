"""The rows of the tables of the analyses: one for each number or for each thing that has several."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from planner.reports.table_rows import Row

Found = Mapping[str, Any]
MUSD, INDEX = "million USD per year", "share of trade"


def diagnosis_rows(found: Found) -> Iterable[Row]:
    headline = found["headline"]
    yield from _drivers("", "", "index", INDEX, headline["index"], headline["parts"], headline["remainder"])
    for row in found["regions"]:
        place = row["place"]
        yield {"region": place, "quantity": "balance", "component": "trade", "value": row["trade_musd"], "unit": MUSD}
        yield from _drivers(place, "", "balance", MUSD, row["balance_musd"], row["parts_musd"], row["remainder_musd"])
        yield from _drivers(place, "", "index", INDEX, row["index"], row["index_parts"], row["index_remainder"])
    for row in found["pairs"]:
        ends = {"region": row["region"], "partner": row["partner"], "quantity": "balance"}
        yield {**ends, "component": "trade", "value": row["trade_musd"], "unit": MUSD}
        yield {**ends, "component": "one_way_share", "value": row["one_way_share"], "unit": "share of trade"}
        yield from _drivers(
            row["region"], row["partner"], "balance", MUSD, row["balance_musd"], row["parts_musd"], row["remainder_musd"]
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
        for figure, unit in (
            ("people", "a year"), ("waits_measured", "share of people"), ("moved", "crossings and directions"),
        ):  # fmt: skip
            yield {**start, "figure": figure, "unit": unit, "value": found[figure]}
        for figure, unit in (
            ("minutes_before", "minutes each"), ("minutes_after", "minutes each"), ("minutes_saved", "minutes each"),
            ("hours_saved", "hours a year"), ("change", "share of people"),
        ):  # fmt: skip
            yield {**start, "figure": figure, "unit": unit, **(found[figure] or {})}
        for when, tonnes in found["co2_tonnes"].items():
            yield {**start, "item": f"cars {when}", "figure": "co2_tonnes", "unit": "tonnes", **tonnes}


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
