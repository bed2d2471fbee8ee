"""A made-up but complete report context: deterministic, of any size, in the shape of the JSON document."""

import math
import random

from tests.reports.names import CROSSINGS, PLACES, SUBJECTS


def quantities(random_source: random.Random, centre: float, spread: float) -> dict[str, float]:
    """A summary of draws about `centre`, skewed a little."""
    low, high = centre - 1.5 * spread, centre + 1.8 * spread
    negative = 0.5 * (1 - math.erf(centre / spread / math.sqrt(2))) if spread else float(centre < 0)
    return {
        "mean": centre,
        "sd": spread,
        "q05": low,
        "q50": centre + 0.02 * spread * random_source.random(),
        "q95": high,
        "p_negative": negative,
    }


def synthetic_context(interventions: int = 30, seed: int = 1, name: str | None = None) -> dict:
    """`name` replaces every free text, to try hostile input."""
    source = random.Random(seed)
    regions = _regions(source)
    measures = [_intervention(source, number, regions) for number in range(interventions)]
    ranked = [measure for measure in measures if measure["status"] == "done"]
    context = {
        "format": "border-trade-planner/estimate/1",
        "case": {
            "name": "us-canada-2023",
            "title": "The land border of the United States and Canada, 2023",
            "year": 2023,
            "currency": "USD",
            "price_year": 2023,
            "economies": [{"id": "US", "name": "United States"}, {"id": "CA", "name": "Canada"}],
            "sectors": [
                {"id": "agri_food", "name": "Agriculture and food", "kind": "goods"},
                {"id": "vehicles_transport", "name": "Vehicles and transport", "kind": "goods"},
                {"id": "travel", "name": "Travel", "kind": "travel"},
            ],
            "sources": [
                {
                    "what": "flows",
                    "who": "US Bureau of Transportation Statistics",
                    "title": "TransBorder Freight Data, 2023",
                    "url": "https://www.bts.gov/transborder",
                    "note": "US public domain",
                }
            ],
        },
        "run": {
            "closure": "world_share",
            "closure_rule": "",
            "criterion": "imbalance",
            "standing": "border",
            "draws": 500,
            "seed": 1,
            "engine_version": "0.1.0",
            "input_digest": "3f5a9c11d0e84b7795a2c1ce0f2b7d4e8a6c5b4a39281706f5e4d3c2b1a09f8e",
            "stages": ["partial", "conditional", "full"],
        },
        "baseline": {
            "index": 0.3480009,
            "index_with_travel": 0.3391204,
            "index_reference": 0.3480009,
            "total_trade_musd": 654123.0,
            "imputed_share": 0.914,
            "provenance": {"observed": 0.081, "mirrored": 0.0, "scaled": 0.005, "imputed": 0.914},
            "regions": regions,
            "raised": [
                {"place": "CA-AB", "sector": "energy_minerals", "what": "output", "factor": 2.31},
                {"place": "CA-MB", "sector": "machinery_electronics", "what": "absorption", "factor": 1.18},
            ],
            "warnings": ["No input-output table: value added equals output in goods and services."],
            "crossings": _crossings(source),
            "pairs": _pairs(source, regions),
        },
        "interventions": measures,
        "ranking": _ranking(measures, ranked),
        "orderings": _orderings(ranked),
        "analyses": {},
        "left_out_draws": {"left_out": 0, "rows": []},
        "draws": _draws(measures),
        "parameters": _parameters(),
        "quality": _quality(ranked),
    }
    return _renamed(context, name) if name is not None else context


def _draws(measures: list[dict]) -> dict:
    """500 values for each measure with an effect, round its mean."""
    source = random.Random(77)
    done = [measure for measure in measures if measure["full"]]

    def drawn(name: str) -> dict[str, list[float]]:
        return {
            one["id"]: [source.gauss(one["full"][name]["mean"], one["full"][name]["sd"]) for _ in range(500)]
            for one in done
        }

    return {"left_out": [], "index_change": drawn("index_change"), "welfare_musd": drawn("ev_musd")}


def synthetic_outlines() -> dict[str, list[list[tuple[float, float]]]]:
    """A six-cornered outline round every place: rings of (longitude, latitude)."""
    outlines = {}
    for place, _, _, latitude, longitude, _ in PLACES:
        corners = [
            (longitude + 3.2 * math.cos(math.pi * step / 3), latitude + 2.4 * math.sin(math.pi * step / 3))
            for step in range(6)
        ]
        outlines[place] = [[*corners, corners[0]]]
    return outlines


def _regions(source: random.Random) -> list[dict]:
    rows = []
    for place, title, economy, latitude, longitude, gdp in PLACES:
        exports = 0.04 * gdp * source.uniform(0.3, 1.7)
        imports = 0.04 * gdp * source.uniform(0.3, 1.7)
        if place == "US-MI":
            exports, imports = 26650.0, 49540.0
        rows.append(
            {
                "id": place,
                "name": title,
                "economy": economy,
                "exports_musd": exports,
                "imports_musd": imports,
                "balance_musd": exports - imports,
                "normalised_balance": (exports - imports) / (exports + imports),
                "index": min(0.98, abs(exports - imports) / (exports + imports) + source.uniform(0, 0.2)),
                "coverage": exports / imports,
                "balance_gdp": (exports - imports) / gdp,
                "gdp_musd": float(gdp),
                "imputed_share": source.uniform(0.85, 0.97),
                "latitude": latitude,
                "longitude": longitude,
            }
        )
    return rows


def _crossings(source: random.Random) -> list[dict]:
    return [
        {
            "code": code,
            "name": title,
            "latitude": latitude,
            "longitude": longitude,
            "trade_musd": 140000.0 * 0.62**place * source.uniform(0.8, 1.2),
            "wait_minutes": {"US": source.uniform(4, 32), "CA": source.uniform(3, 18)},
            "wait_grade": "C" if place < 5 else "D",
            "wait_source": "Published mean of one year" if place < 5 else "Assumed: case default",
        }
        for place, (code, title, latitude, longitude) in enumerate(CROSSINGS)
    ]


def _pairs(source: random.Random, regions: list[dict]) -> list[dict]:
    pairs = []
    for origin in regions:
        for destination in regions:
            if origin["economy"] != destination["economy"]:
                value = origin["exports_musd"] * destination["imports_musd"] / 250000 * source.uniform(0.2, 1.5)
                pairs.append({"origin": origin["id"], "destination": destination["id"], "value_musd": value})
    return pairs


def _intervention(source: random.Random, number: int, regions: list[dict]) -> dict:
    title, kind = SUBJECTS[number % len(SUBJECTS)]
    if number >= len(SUBJECTS):
        title = f"{title}, variant {number // len(SUBJECTS)}"
    size = 10 ** source.uniform(-7, -2.3)
    sign = -1 if source.random() < 0.72 else 1
    centre = sign * size
    spread = size * source.choice((0.2, 0.35, 0.5, 1.4))
    welfare = -12000 * size * sign * source.uniform(0.5, 2) * (-1 if kind == "restrictive" else 1)
    identifier = f"measure_{number + 1:03d}"
    reason = ""
    status = "done"
    if title.startswith(("Limit on", "Revaluation")) and number < len(SUBJECTS):
        status, reason = (
            "not_applicable",
            "A revaluation has meaning under the closure short_run only: with flexible wages it is neutral.",
        )
    if number == len(SUBJECTS) - 2:
        status, reason = "failed", "The solve stopped after 60 iterations with a residual of 2.1e-4 at CA-ON."
    done = status == "done"
    index = quantities(source, centre, spread)
    grade = source.choice("BCCD")
    return {
        "id": identifier,
        "name": title,
        "kind": kind,
        "description": "Fewer minutes in the primary inspection lane and fewer papers for the same load.",
        "maturity": source.choice(["idea", "study", "approved", "construction", "operating"]),
        "competence": "Customs of both economies, with the bridge authority",
        "legal_test": "Agreement on pre-clearance; environmental review done",
        "closures": [],
        "status": status,
        "reason": reason,
        "grade": grade,
        "channels": [
            {
                "type": "wait_minutes",
                "targets": "crossing 3801 (Detroit), entering US",
                "acts_on": {"crossing": ["3801"], "direction": ["US"]},
                "low": -12.0,
                "central": -8.0,
                "high": -4.0,
                "unit": "minutes",
                "source": "Project sponsor's traffic study, 2022, table 4",
                "grade": grade,
                "start_year": 2026,
                "ramp_years": 2,
            }
        ],
        "costs": _costs(source)
        if number % 5
        else {"total_musd": None, "capital_musd": None, "operating_musd_per_year": None, "by_year": []},
        "effect": {
            stage: {"index_change": quantities(source, centre * factor, spread * factor)}
            for stage, factor in (("partial", 1.4), ("conditional", 1.1))
        }
        | {"full": {"index_change": index}}
        if done
        else {},
        "full": {
            "index_change": index,
            "index_with_travel_change": quantities(source, centre * 0.95, spread),
            "gap_change_musd": quantities(random.Random(number + 7), centre * 2e5, spread * 2e5),
            "ev_musd": quantities(source, welfare, abs(welfare) * 0.4),
            "ev_all_places_musd": quantities(random.Random(number), welfare * 0.6, abs(welfare) * 0.3),
            "welfare_pct": quantities(source, welfare / 60000, abs(welfare) * 0.4 / 60000),
            "revenue_change_musd": quantities(source, 0.0, 0.0),
            "regions": [_region_effect(source, region, centre, welfare, len(regions)) for region in regions],
        }
        if done
        else {},
        "narrows_and_lowers_welfare": done and centre < 0 and welfare < 0,
        "chain": _chain(grade, centre, welfare) if done else [],
    }


def _region_effect(source: random.Random, region: dict, centre: float, welfare: float, regions: int) -> dict:
    share = source.uniform(-0.4, 2.4) / regions
    exports = abs(centre) * 60000 * share
    imports = exports * source.uniform(0.4, 1.4)
    return {
        "id": region["id"],
        "exports_change_musd": quantities(source, exports, abs(exports) / 3),
        "imports_change_musd": quantities(source, imports, abs(imports) / 3),
        "balance_change_musd": quantities(source, exports - imports, abs(exports) / 3),
        "normalised_balance_change": quantities(source, centre * share, abs(centre * share) / 2),
        "index_change": quantities(source, centre * share, abs(centre * share) / 2),
        "ev_musd": quantities(source, welfare * share, abs(welfare * share) * 0.4),
        "welfare_pct": quantities(
            source, welfare * share / region["gdp_musd"] * 100, abs(welfare * share / region["gdp_musd"]) * 40
        ),
        "real_wage_pct": quantities(
            source, welfare * share / region["gdp_musd"] * 90, abs(welfare * share / region["gdp_musd"]) * 40
        ),
        "tag": source.choice(["export-led", "import compression", "expansion", "diversion"]),
    }


def _costs(source: random.Random) -> dict:
    capital = round(10 ** source.uniform(0.5, 3.7), 1)
    rows = [
        {
            "year": 2025 + year,
            "category": "capital",
            "amount_musd": capital / 3,
            "source": "Sponsor's budget",
            "grade": "B",
        }
        for year in range(3)
    ] + [
        {
            "year": 2028 + year,
            "category": "operating",
            "amount_musd": capital / 40,
            "source": "Assumed share of capital",
            "grade": "D",
        }
        for year in range(5)
    ]
    return {
        "total_musd": capital + capital / 8,
        "capital_musd": capital,
        "operating_musd_per_year": capital / 40,
        "by_year": rows,
    }


def _chain(grade: str, centre: float, welfare: float) -> list[dict]:
    steps = [
        (
            "crossing",
            "Wait of trucks at Detroit, entering US",
            25.0,
            17.0,
            "minutes",
            "Traffic study, 2022, table 4",
            grade,
        ),
        ("cost", "Mean trade cost over the flows touched", 1.0, 1 - abs(centre), "ratio", "", ""),
        ("flows", "Exports of the border regions", 182000.0, 182000.0 * (1 + abs(centre)), "million USD", "", ""),
        ("flows", "Imports of the border regions", 301000.0, 301000.0 * (1 + abs(centre) / 2), "million USD", "", ""),
        ("balance", "Headline imbalance index", 0.3480009, 0.3480009 + centre, "index", "", ""),
        ("welfare", "Welfare of the border regions (equivalent variation)", 0.0, welfare, "million USD", "", ""),
    ]
    names = ("step", "text", "before", "after", "unit", "source", "grade")
    chain = [dict(zip(names, step, strict=True)) for step in steps]
    return [step | {"item": step["text"], "change": step["after"] - step["before"]} for step in chain]


def _ranking(measures: list[dict], ranked: list[dict]) -> dict:
    order = sorted(ranked, key=lambda measure: (measure["full"]["index_change"]["mean"], measure["id"]))
    rows = []
    group = 1
    for place, measure in enumerate(order):
        change = measure["full"]["index_change"]
        settled = place % 3 == 0 and place < 12
        group += 1 if place and settled else 0
        rows.append(
            {
                "rank": place + 1,
                "intervention": measure["id"],
                "score_mean": change["mean"],
                "q05": change["q05"],
                "q50": change["q50"],
                "q95": change["q95"],
                "p_best": (0.62, 0.30, 0.08)[place] if place < 3 else 0.0,
                "p_top3": (0.97, 0.93, 0.71, 0.29, 0.10)[place] if place < 5 else 0.0,
                "rank_low": max(1, place - 1),
                "rank_high": min(len(order), place + 3),
                "tie_group": group,
                "settled_above": bool(place and settled),
                "p_rank": _rank_chances(place, len(order)),
                "among_proposed": None,
                "score_per_busd": change["mean"] / measure["costs"]["total_musd"] * 1000
                if measure["costs"]["total_musd"]
                else None,
            }
        )
    plain = [row for row, measure in zip(rows, order, strict=True) if measure["kind"] != "restrictive"]
    for place, row in enumerate(plain):
        row["among_proposed"] = {
            "rank": place + 1,
            "p_best": (0.64, 0.31, 0.05)[place] if place < 3 else 0.0,
            "p_top3": (0.98, 0.94, 0.72, 0.26, 0.10)[place] if place < 5 else 0.0,
            "rank_low": max(1, place - 1),
            "rank_high": min(len(plain), place + 3),
            "tie_group": row["tie_group"] - plain[0]["tie_group"] + 1,
        }
    not_ranked = [
        {"intervention": measure["id"], "status": measure["status"], "reason": measure["reason"]}
        for measure in measures
        if measure["status"] != "done"
    ]
    return {"criterion": "imbalance", "rows": rows, "not_ranked": not_ranked}


def _rank_chances(place: int, count: int) -> list[float]:
    weights = [max(0.0, 1 - abs(rank - place) / 3.5) for rank in range(count)]
    return [weight / sum(weights) for weight in weights]


def _orderings(ranked: list[dict]) -> dict:
    imbalance = [m["id"] for m in sorted(ranked, key=lambda m: (m["full"]["index_change"]["mean"], m["id"]))]
    welfare = [m["id"] for m in sorted(ranked, key=lambda m: (-m["full"]["ev_musd"]["mean"], m["id"]))]
    position = {identifier: place for place, identifier in enumerate(welfare)}
    reversals = [
        [first, second]
        for place, first in enumerate(imbalance)
        for second in imbalance[place + 1 :]
        if position[first] > position[second]
    ]
    pairs = max(len(imbalance) * (len(imbalance) - 1) / 2, 1)
    return {
        "imbalance": imbalance,
        "welfare": welfare,
        "kendall_tau": 1 - 2 * len(reversals) / pairs,
        "reversals": reversals,
        "narrows_and_lowers_welfare": [m["id"] for m in ranked if m["narrows_and_lowers_welfare"]],
    }


def _parameters() -> list[dict]:
    rows = [
        ("theta", "", 3.0, 5.0, 8.0, "elasticity", "Head and Mayer 2014, doi:10.1016/B978-0-444-54314-1.00003-3", "B"),
        (
            "goods_time_value_per_day",
            "",
            0.006,
            0.014,
            0.023,
            "share of value per day",
            "Hummels and Schaur 2013, doi:10.1257/aer.103.7.2935",
            "B",
        ),
        (
            "truck_cost_per_hour",
            "",
            70.0,
            91.0,
            110.0,
            "USD per hour",
            "American Transportation Research Institute 2024",
            "B",
        ),
        ("logit_response_per_hour", "", 0.5, 1.0, 2.0, "per hour", "Assumed", "D"),
        ("mode_elasticity", "", 2.0, 5.0, 10.0, "elasticity", "Assumed", "D"),
    ]
    names = ("key", "sector", "low", "central", "high", "unit", "source", "grade")
    return [dict(zip(names, row, strict=True)) | {"as_of": "2026-01-01"} for row in rows]


def _quality(ranked: list[dict]) -> dict:
    """Two data sets, a reason for each measure, and the provenance of two places."""
    grades = dict.fromkeys(("completeness", "timeliness", "consistency", "plausibility", "evidence"))
    return {
        "datasets": [
            {"dataset": "waits", "grade": "C", **grades, "completeness": "B", "evidence": "C"},
            {"dataset": "accounts", "grade": "A", **grades, "plausibility": "A"},
        ],
        "findings": [
            {"dataset": "waits", "dimension": "completeness", "code": "measured", "grade": "B", "value": 0.79, "facts": {}},
            {"dataset": "waits", "dimension": "evidence", "code": "well_founded", "grade": "C", "value": 0.44, "facts": {}},
            {
                "dataset": "accounts", "dimension": "plausibility", "code": "gdp_per_head", "grade": "A", "value": 66613.5,
                "facts": {"lowest": 41875.25, "highest": 109970.5, "places": []},
            },
        ],
        "results": [
            {
                "intervention": measure["id"],
                "grade": "D",
                "reasons": [
                    {"code": "channels", "grade": "D", "value": None, "facts": {"grade": "D", "channel": "wait_minutes"}},
                    {"code": "sign", "grade": None, "value": None, "facts": {"settled": True}},
                ],
            }
            for measure in ranked
        ],
        "provenance": [
            {
                "place": place, "sector": "vehicles", "value_musd": 1234.5, "known": 0.64, "observed": 0.64,
                "mirrored": 0.0, "scaled": 0.0, "imputed": 0.36,
            }
            for place in ("US-MI", "CA-ON")
        ],
    }  # fmt: skip


def _renamed(node: object, name: str, key: str = "") -> object:
    """Every free text replaced; ids, kinds, codes and units stay as they are."""
    free = {
        "name",
        "title",
        "description",
        "competence",
        "legal_test",
        "reason",
        "targets",
        "source",
        "text",
        "note",
        "who",
        "wait_source",
        "what",
    }
    if isinstance(node, dict):
        return {inner: _renamed(value, name, inner) for inner, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, name, key) for value in node]
    return name if isinstance(node, str) and key in free else node
