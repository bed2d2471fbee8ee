"""Where the spread of every result comes from: shares of variance by uncertain number, and tornado bars (model.md 9).

Document:
  draws, outcomes: {imbalance: index points, welfare: million a year of those with standing}
  rows: by id and outcome: {intervention, outcome, method (linear | binned), explained, unexplained, noise (a share below it
    is not told apart from zero), mean, inputs: largest first, only those told apart: {name (parameter key, with its sector
    in brackets, or id of a channel), share, sign (1: the outcome rises with it), low, high (mean outcome over the tenth
    of the draws in which the input is lowest, highest)}}
  overall: {outcome: [{name, share}]}: mean share over the measures that may be proposed, largest first; `channels` are the
    measures' own sizes, `waits` all measured waits together
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.work import NotApplicable, Work, finite
from planner.engine.ranking import imbalance_score, welfare_score
from planner.engine.types import Array
from planner.engine.uncertainty import WAIT_PREFIX, Draws
from planner.engine.variance import LEAST_DRAWS, drawn_inputs, variance_shares

MOST_INPUTS = 8
TAIL = 0.1
UNITS = {"imbalance": "index points", "welfare": "million a year"}


def variance(work: Work) -> dict[str, Any]:
    """See the module."""
    if work.run.draws < LEAST_DRAWS:
        raise NotApplicable(f"{work.run.draws} draws; shares of variance need at least {LEAST_DRAWS}")
    rows: list[dict[str, Any]] = []
    overall: dict[str, dict[str, float]] = {outcome: {} for outcome in UNITS}
    channels = {one.id: one.channels for one in work.interventions}
    proposed = [name for name in work.done() if name not in work.restrictive]
    # What all measures share is drawn once; channels are their own.
    common, shared = drawn_inputs(work.parameters, (), draws=work.run.draws, seed=work.run.seed, baseline=work.baseline)
    draws = Draws(work.parameters, work.run.draws, work.run.seed)
    for name, effect in work.done().items():
        own = [channel for channel in channels[name] if channel.low < channel.high]
        names = (*common, *(channel.id for channel in own))
        inputs = np.stack([*shared, *(draws.channel(channel) for channel in own)])
        inputs = np.delete(inputs, effect.left_out, axis=1)
        outcomes = {"imbalance": imbalance_score(effect), "welfare": welfare_score(effect, work.standing)}
        for outcome, values in outcomes.items():
            rows.append(_row(name, outcome, names, inputs, values))
            if name in proposed:
                for found in rows[-1]["inputs"]:
                    label = _shared_label(name, found["name"])
                    overall[outcome][label] = overall[outcome].get(label, 0.0) + found["share"] / len(proposed)
    document = {
        "draws": work.run.draws,
        "outcomes": UNITS,
        "rows": rows,
        "overall": {
            outcome: [
                {"name": name, "share": share}
                for name, share in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
            ]
            for outcome, shares in overall.items()
        },
    }
    return dict(finite(document))


def _shared_label(measure: str, name: str) -> str:
    """A channel is a measure's own: what measures share is that their size is uncertain; waits count as one unknown."""
    if name.startswith(WAIT_PREFIX):
        return "waits"
    return "channels" if name.startswith(f"{measure}:") else name


def _row(name: str, outcome: str, names: tuple[str, ...], inputs: Array, values: Array) -> dict[str, Any]:
    found = variance_shares(names, inputs, values)
    tail = max(1, round(TAIL * values.size))
    bars = []
    for label, share, sign in found.largest(MOST_INPUTS):
        order = np.argsort(inputs[names.index(label)], kind="stable")
        low, high = values[order[:tail]].mean(), values[order[-tail:]].mean()
        bars.append({"name": label, "share": share, "sign": sign, "low": float(low), "high": float(high)})
    return {
        "intervention": name,
        "outcome": outcome,
        "method": found.method,
        "explained": found.explained,
        "unexplained": found.unexplained,
        "noise": found.noise,
        "mean": float(values.mean()),
        "inputs": bars,
    }
