"""Two to four runs of one case side by side: what differs in their inputs, then in their outcomes, and why ranks moved."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from scipy.stats import kendalltau

from planner.analyses.attribution import Side, attribute_moves
from planner.engine.effect import Effect
from planner.engine.serialise import facts_to_json
from planner.models import Run
from planner.reports.context import build_context
from planner.reports.intervention_section import acts_on
from planner.reports.json_writer import rounded
from planner.snapshot import digest_of, load_baseline, read_effects

FORMAT = "border-trade-planner/comparison/1"
FEWEST, MOST = 2, 4
SETTINGS = ("closure", "criterion", "standing", "variant", "draws", "seed", "stress", "engine_version")
# Settings that change every effect at once, and those that only change which draws are looked at, or the order.
CAUSES = ("closure", "variant", "stress", "engine_version")
DRAWN = ("draws", "seed")
ORDERED_BY = ("criterion", "standing")
SAME = 1e-9
COST_TOTAL = "cost_total_musd"
CHANNEL_VALUES = ("low", "central", "high", "start_year", "ramp_years")
REGION_FIELDS = ("exports_musd", "imports_musd", "index")


class NotComparable(ValueError):
    """These runs cannot be set side by side; the message says why."""


def compare_runs(runs: Sequence[Run]) -> dict[str, Any]:
    """The comparison of finished runs, in the order given; the first is what the others are compared with."""
    if not FEWEST <= len(runs) <= MOST:
        raise NotComparable(f"{len(runs)} runs: expected {FEWEST} to {MOST}")
    if len({run.pk for run in runs}) < len(runs):
        raise NotComparable("the same run twice")
    if len({run.case_id for run in runs}) > 1:
        raise NotComparable("the runs are of different cases")
    effects = [read_effects(run) for run in runs]
    # Rounded like the reports that the numbers come from.
    documents = [rounded(build_context(run, effects=of_run)) for run, of_run in zip(runs, effects, strict=True)]
    inputs = {
        "settings": _settings(runs),
        "parameters": _parameters(runs),
        "facts": _facts(documents),
        "facts_digests": [facts_digest(run) for run in runs],
        "interventions": _interventions(runs),
    }
    outcomes = _outcomes(runs, documents, inputs)
    return rounded(
        {
            "format": FORMAT,
            "case": {name: documents[0]["case"][name] for name in ("name", "title", "year", "currency", "price_year")},
            "runs": [_run(run, document) for run, document in zip(runs, documents, strict=True)],
            "inputs": inputs,
            "outcomes": outcomes,
            "agreement": _agreement(outcomes, len(runs)),
            "attributions": _attributions(runs, effects, inputs, outcomes),
        }
    )


def _run(run: Run, document: Mapping[str, Any]) -> dict[str, Any]:
    rows = document["ranking"]["rows"]
    return {
        "run": run.pk,
        "scenario": run.scenario.name if run.scenario else "",
        "review": run.review,
        **{name: getattr(run, name) for name in SETTINGS},
        "input_digest": run.input_digest,
        "index": document["baseline"]["index"],
        "total_trade_musd": document["baseline"]["total_trade_musd"],
        "imputed_share": document["baseline"]["imputed_share"],
        "ranked": len(rows),
        "first": [row["intervention"] for row in rows if row["tie_group"] == 1],
    }


def _settings(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Settings that are not the same in all runs."""
    found = [{"setting": name, "values": [getattr(run, name) for run in runs]} for name in SETTINGS]
    return [row for row in found if any(value != row["values"][0] for value in row["values"])]


def _parameters(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Parameters whose values differ, by key and sector; None where a run has no such row."""
    names = ("low", "central", "high")
    tables = [
        {(row["key"], row.get("sector", "")): [row[one] for one in names] for row in run.parameters} for run in runs
    ]
    rows = []
    for key, sector in sorted(set().union(*tables)):
        values = [table.get((key, sector)) for table in tables]
        if any(value != values[0] for value in values):
            rows.append({"parameter": key, "sector": sector, "values": values})
    return rows


def _facts(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where the baselines differ: totals, and trade by region; the baseline follows from facts, parameters and variant."""
    rows = []
    for name in ("index", "index_with_travel", "total_trade_musd", "imputed_share"):
        values = [document["baseline"][name] for document in documents]
        if not _alike(values):
            rows.append({"place": "", "fact": name, "values": values})
    regions = [{region["id"]: region for region in document["baseline"]["regions"]} for document in documents]
    for place in regions[0]:
        for name in REGION_FIELDS:
            values = [table[place][name] if place in table else None for table in regions]
            if not _alike(values):
                rows.append({"place": place, "fact": name, "values": values})
    return rows


def facts_digest(run: Run) -> str:
    """Digest of the facts alone: the baseline's also follows the parameters."""
    return digest_of(facts_to_json(load_baseline(run.snapshot).facts))


def _alike(values: Sequence[float | None]) -> bool:
    first = values[0]
    return all(
        value == first or (value is not None and first is not None and math.isclose(value, first, rel_tol=SAME))
        for value in values
    )


def _interventions(runs: Sequence[Run]) -> dict[str, Any]:
    """Which interventions are not in all runs, and what differs in those that are."""
    tables = [{document["id"]: document for document in run.interventions} for run in runs]
    everything = sorted(set().union(*tables))
    partly = [{"intervention": one, "present": [one in table for table in tables]} for one in everything]
    changed = []
    for one in everything:
        if all(one in table for table in tables) and (rows := _changed_inputs([table[one] for table in tables])):
            changed.append({"intervention": one, "inputs": rows})
    return {"not_in_all": [row for row in partly if not all(row["present"])], "changed": changed}


def _changed_inputs(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Channels, by what they act on, and total costs that differ."""
    tables = [_channels(document) for document in documents]
    rows = []
    for key in sorted(set().union(*tables)):
        values = [table.get(key) for table in tables]
        if any(value != values[0] for value in values):
            rows.append({"input": key, "values": values})
    costs = [sum(cost["amount_musd"] for cost in document["costs"]) for document in documents]
    if not _alike(costs):
        rows.append({"input": COST_TOTAL, "values": [[cost] for cost in costs]})
    return rows


def _channels(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {}
    for channel in document["channels"]:
        where = "; ".join(f"{field} {','.join(names)}" for field, names in acts_on(channel).items())
        key, number = f"{channel['type']} ({where})" if where else channel["type"], 2
        while key in table:
            key, number = f"{key.split(' #')[0]} #{number}", number + 1
        table[key] = [channel.get(name) for name in CHANNEL_VALUES]
    return table


def _outcomes(
    runs: Sequence[Run], documents: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each intervention in each run; places and moves are counted among those that are ranked in all runs."""
    rankings = [{row["intervention"]: row for row in document["ranking"]["rows"]} for document in documents]
    measures = [{measure["id"]: measure for measure in document["interventions"]} for document in documents]
    common = [one for one in rankings[0] if all(one in ranking for ranking in rankings)]
    places = [
        {one: place for place, one in enumerate(sorted(common, key=lambda one: ranking[one]["rank"]), start=1)}
        for ranking in rankings
    ]
    changed = {row["intervention"] for row in inputs["interventions"]["changed"]}
    order = [*rankings[0], *sorted(set().union(*measures) - set(rankings[0]))]
    rows = []
    for one in order:
        known = next(table[one] for table in measures if one in table)
        in_runs = [
            _outcome(table.get(one), ranking.get(one), place.get(one))
            for table, ranking, place in zip(measures, rankings, places, strict=True)
        ]
        row = {"intervention": one, "name": known["name"], "kind": known["kind"], "runs": in_runs}
        rows.append(
            row | {"moves": [_move(runs, in_runs, later, one in changed, inputs) for later in range(1, len(runs))]}
        )
    return rows


def _outcome(
    measure: Mapping[str, Any] | None, row: Mapping[str, Any] | None, place: int | None
) -> dict[str, Any] | None:
    """None where the run does not have the intervention."""
    if measure is None:
        return None
    full = measure["full"] or {}
    return {
        "status": measure["status"],
        "place": place,
        **{name: row[name] if row else None for name in ("rank", "rank_low", "rank_high", "tie_group", "p_best")},
        "index_change": _summary(full.get("index_change")),
        "ev_musd": _summary(full.get("ev_musd")),
        "cost_musd": measure["costs"]["total_musd"],
    }


def _summary(values: Mapping[str, Any] | None) -> dict[str, float] | None:
    return {name: values[name] for name in ("mean", "q05", "q95")} if values else None


def _move(
    runs: Sequence[Run], in_runs: Sequence[Mapping[str, Any] | None], later: int, own: bool, inputs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """From the first run to a later one: places gained, whether that is beyond the rank intervals, and why."""
    before, after = in_runs[0], in_runs[later]
    if before is None or after is None or before["place"] is None or after["place"] is None:
        return None
    beyond = before["rank_high"] < after["rank_low"] or after["rank_high"] < before["rank_low"]
    same = all(_alike([before[name]["mean"], after[name]["mean"]]) for name in ("index_change", "ev_musd"))
    causes = [] if same else _causes(runs[0], runs[later], own, inputs, later)
    if same and before["place"] != after["place"]:
        different = [name for name in ORDERED_BY if getattr(runs[0], name) != getattr(runs[later], name)]
        causes = different or ["others"]
    return {
        "places": before["place"] - after["place"],
        "beyond_intervals": beyond,
        "effect_same": same,
        "causes": causes,
    }


def _causes(first: Run, later: Run, own: bool, inputs: Mapping[str, Any], number: int) -> list[str]:
    """What differs that can change an effect; several at once are all named, since one comparison cannot part them."""
    causes = ["own_inputs"] if own else []
    changed_parameters = any(row["values"][0] != row["values"][number] for row in inputs["parameters"])
    if changed_parameters:
        causes.append("parameters")
    if inputs["facts_digests"][0] != inputs["facts_digests"][number]:
        causes.append("facts")
    causes += [name for name in CAUSES if getattr(first, name) != getattr(later, name)]
    drawn = [name for name in DRAWN if getattr(first, name) != getattr(later, name)]
    return [*causes, *(["draws"] if drawn else [])] or ["unexplained"]


def _attributions(
    runs: Sequence[Run],
    effects: Sequence[Sequence[Effect]],
    inputs: Mapping[str, Any],
    outcomes: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any] | None]:
    """For each later run how much each difference moves places by itself; None where nothing differs or is ranked."""
    common = [row["intervention"] for row in outcomes if all(one and one["place"] for one in row["runs"])]
    if not common:
        return [None for _run in runs[1:]]
    sides = [
        Side(run, load_baseline(run.snapshot), digest, {effect.intervention: effect for effect in of_run})
        for run, digest, of_run in zip(runs, inputs["facts_digests"], effects, strict=True)
    ]
    found = []
    for later, side in enumerate(sides[1:], start=1):
        changed = [row["intervention"] for row in inputs["interventions"]["changed"] if _changed_channels(row, later)]
        found.append(attribute_moves(sides[0], side, common, changed))
    return found


def _changed_channels(row: Mapping[str, Any], later: int) -> bool:
    """Whether what the engine reads of a measure differs between the first and a later run; costs move no effect."""
    return any(one["input"] != COST_TOTAL and one["values"][0] != one["values"][later] for one in row["inputs"])


def _agreement(outcomes: Sequence[Mapping[str, Any]], count: int) -> list[dict[str, Any]]:
    """Kendall's tau between the orders of each two runs, over what both rank."""
    rows = []
    for one, other in combinations(range(count), 2):
        pairs = [
            (row["runs"][one]["place"], row["runs"][other]["place"])
            for row in outcomes
            if row["runs"][one] and row["runs"][other] and row["runs"][one]["place"] and row["runs"][other]["place"]
        ]
        tau = float(kendalltau(*zip(*pairs, strict=True)).statistic) if len(pairs) > 1 else math.nan
        rows.append(
            {"first": one, "second": other, "ranked_in_both": len(pairs), "tau": tau if math.isfinite(tau) else None}
        )
    return rows
