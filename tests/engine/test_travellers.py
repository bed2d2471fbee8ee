"""Travellers' time: worked by hand on one crossing."""

import numpy as np
import pandas as pd
import pytest

from planner.engine.baseline import build_baseline
from planner.engine.channels import check_intervention
from planner.engine.crossing_queues import queues_of
from planner.engine.travellers import travellers_saving
from planner.engine.uncertainty import Draws
from tests.engine.small_case import channel, fixed_parameters, frame, plan, small_facts

SHARED = channel("traveller_share", 0.5, crossing="X", direction="A")
SHORTER = channel("wait_minutes", -6, crossing="X", direction="A")


def saving(baseline, *channels, minutes=6.0):
    """What travellers save where trucks save `minutes` at every station."""
    queues = queues_of(baseline)
    draws = Draws(baseline.parameters, 0, 0)
    return travellers_saving(baseline, queues, plan(SHORTER, *channels), draws, np.full((len(queues), 1), minutes))


def saved(found):
    """Minutes each, by station and draw."""
    return (found.before - found.after).tolist()


def small(**tables: pd.DataFrame):
    return build_baseline(small_facts(**tables), fixed_parameters())


def test_half_of_six_minutes_for_everyone_who_enters():
    """100,000 people a year at X save three minutes each: 5,000 hours."""
    found = saving(small(), SHARED)
    assert found.stations == (("X", "A"),)
    assert found.people.tolist() == [100000.0]
    assert found.hours.tolist() == pytest.approx([5000.0])
    assert (found.measured.tolist(), found.uncounted) == ([False], ())


def test_no_more_than_their_wait_is_saved_and_longer_waits_cost_time():
    measured = frame("crossing direction minutes grade source", ("X", "A", 2.0, "B", "counted"))
    baseline = small(traveller_waits=measured)
    assert saved(saving(baseline, SHARED)) == [[2.0]], "of three minutes, as they wait two"
    assert saving(baseline, SHARED).measured.tolist() == [True]
    assert saving(baseline, SHARED, minutes=60.0).hours.tolist() == pytest.approx([100000 * 2 / 60])
    assert saving(baseline, SHARED, minutes=-6.0).hours.tolist() == pytest.approx([-5000.0])


def test_both_ways_counts_everyone_twice_and_no_count_is_named():
    both = saving(small(), channel("traveller_share", 0.5, crossing="X", direction="*"))
    assert both.people.sum() == 200000.0
    nobody = saving(small(), channel("traveller_share", 0.5, crossing="Y", direction="A"))
    assert (nobody.hours.tolist(), nobody.uncounted) == ([0.0], ("Y",))


def test_a_measure_that_says_nothing_of_travellers_has_none():
    assert saving(small()) is None


def test_a_share_of_minutes_that_no_channel_saves_is_refused():
    baseline = small()
    found = check_intervention(baseline, plan(SHARED, channel("trade_cost", -0.01)))
    assert any("no channel changes a wait" in problem for problem in found)
    assert check_intervention(baseline, plan(SHORTER, SHARED)) == []
    twice = check_intervention(baseline, plan(SHORTER, SHARED, channel("traveller_share", 0.2, crossing="X")))
    assert any("change the same thing twice" in problem for problem in twice)
