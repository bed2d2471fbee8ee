"""What is stored comes back: effects as bytes, facts and parameters as canonical JSON, a baseline rebuilt equal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from planner.engine.effect import DONE, FAILED, Effect
from planner.engine.estimate import estimate_effect
from planner.engine.serialise import (
    baseline_from_bytes,
    baseline_to_bytes,
    canonical,
    digest,
    facts_from_json,
    facts_to_json,
    intervention_from_json,
    intervention_to_json,
    parameters_from_json,
    parameters_to_json,
)
from planner.engine.types import CaseFacts
from tests.engine.shipped_case import shipped_baseline, shipped_interventions
from tests.engine.small_case import channel, fixed_parameters, plan, small_baseline, small_facts


def test_effect_as_bytes():
    arrays = {"full.index_change": np.array([1.0, -2.5e-17]), "full.ev_musd": np.arange(6.0).reshape(3, 2)}
    kept = Effect("bridge", DONE, "", arrays, [{"step": "wait", "before": 12.0, "after": None}])
    again = Effect.from_bytes(kept.to_bytes())
    assert (again.intervention, again.status, again.reason, again.chain) == ("bridge", DONE, "", kept.chain)
    assert set(again.arrays) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
        assert again.arrays[name].dtype == np.float64


def test_a_failed_effect_as_bytes():
    again = Effect.from_bytes(Effect("é", FAILED, "no equilibrium at Québec").to_bytes())
    assert (again.intervention, again.reason, again.arrays) == ("é", "no equilibrium at Québec", {})


def test_an_estimated_effect_as_bytes():
    small = small_baseline()
    kept = estimate_effect(
        small, small.parameters, plan(channel("trade_cost", -0.01)), draws=4, seed=1, closure="world_share"
    )
    again = Effect.from_bytes(kept.to_bytes())
    assert again.chain == kept.chain
    assert all((again.arrays[name] == array).all() for name, array in kept.arrays.items())


@pytest.mark.parametrize("variant", ["central", "high"])
def test_a_baseline_is_rebuilt_equal(variant):
    """Accounts, routes and measures to the last bit."""
    kept = shipped_baseline(variant)
    again = baseline_from_bytes(baseline_to_bytes(kept))
    np.testing.assert_array_equal(again.accounts.flows, kept.accounts.flows)
    np.testing.assert_array_equal(again.network.share, kept.network.share)
    np.testing.assert_array_equal(again.network.wait_hours, kept.network.wait_hours)
    np.testing.assert_array_equal(again.provenance, kept.provenance)
    assert again.accounts.places == kept.accounts.places
    assert (again.variant, again.warnings, again.raised) == (kept.variant, kept.warnings, kept.raised)
    assert baseline_to_bytes(again) == baseline_to_bytes(kept)


def test_facts_with_gaps():
    """What was not counted is NaN before and after."""
    facts = small_facts()
    crossings = facts.crossings.copy()
    crossings.loc[1, "trucks_inbound"] = np.nan
    facts = replace(facts, crossings=crossings)
    again = facts_from_json(facts_to_json(facts))
    pd.testing.assert_frame_equal(again.crossings, facts.crossings, check_dtype=False)
    pd.testing.assert_frame_equal(again.sector_flows, facts.sector_flows)
    assert isinstance(again, CaseFacts)
    assert (again.name, again.year, again.currency) == ("small", 2023, "USD")


def test_parameters_and_interventions():
    parameters = fixed_parameters()
    assert parameters_from_json(parameters_to_json(parameters)) == parameters
    for intervention in shipped_interventions():
        assert intervention_from_json(intervention_to_json(intervention)) == intervention


def test_digests():
    """Equal documents give equal digests whatever the order of their keys; another number gives another."""
    assert digest({"a": 1, "b": [1.5]}) == digest({"b": [1.5], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert canonical({"b": 1, "a": "é"}) == b'{"a":"\\u00e9","b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
