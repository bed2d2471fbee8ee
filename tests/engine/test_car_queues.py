"""Cars' queues: one crossing worked by hand, their own lanes, and travellers who answer to waits."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.baseline import build_baseline
from planner.engine.bundles import JointEffects
from planner.engine.car_queues import car_queues_of, car_waits
from planner.engine.channels import check_intervention
from planner.engine.crossing_queues import queues_of
from planner.engine.estimate import study
from planner.engine.interventions import build_shock
from planner.engine.parameters import DEFAULTS
from planner.engine.queues import Stations, weekly_profile
from planner.engine.station_queues import spread_of
from planner.engine.travellers import travellers_saving
from planner.engine.types import Parameters
from planner.engine.uncertainty import Draws
from tests.engine.small_case import channel, fixed_parameters, frame, plan, small_facts

PEOPLE, CARS = 1_200_000.0, 600_000.0
WEEK = 7 / 365.25
COUNTED = frame(
    "code name latitude longitude region_a region_b travellers_inbound trucks_inbound cars_inbound car_people_inbound",
    ("X", "Bridge", 45.5, -80.0, "A1", "B1", PEOPLE + 5000, 1000.0, CARS, PEOPLE),
    ("Y", "Ferry", 45.0, -80.0, "A2", "B1", np.nan, 500.0, np.nan, np.nan),
)
RIGID = {"traveller_response_per_hour": 0.0}


def world(tables=(), **parameters):
    """The small case with a busy crossing X: 600,000 cars with two people each a year and way, waiting ten minutes.

    A car may need 2.5 times the usual time at the booth, so that the whole wait is a queue.
    """
    rows = [
        replace(row, high=2.5 * row.high) if row.key == "car_service_minutes" else row
        for row in fixed_parameters(**(RIGID | parameters))
    ]
    return build_baseline(small_facts(crossings=COUNTED, **dict(tables)), Parameters(tuple(rows)))


@cache
def answering(response: float):
    return world(traveller_response_per_hour=response)


def cars(type, value, **targets):
    return channel(type, value, **({"crossing": "X", "direction": "A", "vehicle": "car"} | targets))


def waits(baseline, *channels, draws=0):
    return car_waits(baseline, plan(*channels), Draws(baseline.parameters, draws, 3))


def by_hand(
    booths: float, rate: float, *, arrivals: float = CARS * WEEK, booked: float = 0.0, hours=(0.0, 24.0)
) -> float:
    """Hours of wait at a crossing with the cars' days of the case."""
    values = fixed_parameters()
    week = {"weekend": values.central("weekend_car_level"), "daytime": values.central("daytime_car_share")}
    profile, open_ = weekly_profile(*hours, booked, **week)
    spread = spread_of(values.central("service_cv"))
    one = np.ones((1, 1))
    return float(
        Stations(np.array([booths]), rate * one, arrivals * one, spread * one, profile[None], open_[None]).waits()[0, 0]
    )


def rate_of(baseline) -> float:
    """The fitted rate of service of the cars' queue at X into A."""
    queues = car_queues_of(baseline)
    return float(60 / queues.calibration.service_minutes[queues.place["X", "A"]])


def test_the_queue_gives_the_wait_with_the_fewest_booths():
    baseline = world()
    queues = car_queues_of(baseline)
    assert queues.names == [("X", "A"), ("X", "B")], "at Y nobody is counted"
    at = queues.place["X", "A"]
    assert queues.calibration.per_week[at] == pytest.approx(CARS * WEEK)
    assert queues.calibration.not_queue[at] == 0
    assert by_hand(queues.calibration.booths[at], rate_of(baseline)) == pytest.approx(10 / 60, rel=1e-9)
    usual = 60 / fixed_parameters().central("car_service_minutes")
    assert by_hand(queues.calibration.booths[at] - 1, usual) > 10 / 60 >= by_hand(queues.calibration.booths[at], usual)


@pytest.mark.parametrize(
    ("kind", "value", "after"),
    [
        ("booths", 1.0, lambda booths, rate: by_hand(booths + 1, rate)),
        ("service_time", -0.1, lambda booths, rate: by_hand(booths, rate / 0.9)),
        ("booking", 0.5, lambda booths, rate: by_hand(booths, rate, booked=0.5)),
        ("open_hours", -4.0, lambda booths, rate: by_hand(booths, rate, hours=(2.0, 22.0))),
        ("wait_minutes", -3.0, lambda booths, rate: 7 / 60),
        ("wait_share", -0.4, lambda booths, rate: 6 / 60),
    ],
)
def test_a_change_of_the_cars_lanes_by_hand(kind, value, after):
    baseline = world()
    found = waits(baseline, cars(kind, value))
    queues = car_queues_of(baseline)
    booths = queues.calibration.booths[queues.place["X", "A"]]
    assert found.names == [("X", "A")]
    assert found.before.tolist() == [[pytest.approx(10 / 60)]]
    assert found.after[0, 0] == pytest.approx(after(booths, rate_of(baseline)), rel=1e-9)
    assert found.ratio.tolist() == [[1.0]]


def test_trusted_travellers_shorten_the_mean_and_spread_the_service():
    baseline = world(trusted_traveller_share=0.2, trusted_traveller_service_ratio=0.5)
    before, after = 1 - 0.2 * 0.5, 1 - 0.4 * 0.5
    square = (1 - 0.4 * 0.75) / after**2 / ((1 - 0.2 * 0.75) / before**2)
    queues = car_queues_of(baseline)
    at = queues.place["X", "A"]
    stations = queues.stations_with(
        queues.calibration.booths, np.full((2, 1), rate_of(baseline) * before / after),
        queues.calibration.per_week[:, None], np.full((2, 1), spread_of(0.8) * square),
    )  # fmt: skip
    found = waits(baseline, cars("trusted_share", 0.2))
    assert found.after[0, 0] == pytest.approx(stations.waits()[at, 0], rel=1e-9)


def test_cars_and_trucks_have_lanes_of_their_own():
    baseline = world()
    draws = Draws(baseline.parameters, 0, 0)
    only_cars = build_shock(baseline, plan(cars("booths", 1.0)), draws)
    assert only_cars.shock.is_null
    assert not only_cars.change.any
    assert waits(baseline, cars("booths", 1.0, vehicle="truck")) is None
    assert check_intervention(baseline, plan(cars("booths", 1.0))) == [], (
        "what only travellers feel is a model input too"
    )
    both = plan(cars("wait_share", -0.5, vehicle="*"))
    trucks = queues_of(baseline)
    at = trucks.names.index(("X", "A"))
    assert build_shock(baseline, both, draws).waiting.direct()[at, 0] == pytest.approx(-0.5 * 0.5)
    assert car_waits(baseline, both, draws).after.tolist() == [[pytest.approx(5 / 60)]]


def test_a_measured_wait_and_counted_booths():
    measured = frame(
        "crossing direction minutes minutes_low minutes_high grade source", ("X", "A", 20.0, 15.0, 25.0, "B", "seen")
    )
    booths = frame("crossing direction booths grade source", ("X", "A", 9.0, "A", "seen"))
    baseline = world({"traveller_waits": measured, "car_booths": booths})
    queues = car_queues_of(baseline)
    at, other = queues.place["X", "A"], queues.place["X", "B"]
    assert queues.central_wait[[at, other]] == pytest.approx([20 / 60, 10 / 60])
    assert queues.how[at].basis == "interval"
    assert queues.how[other] is None
    assert queues.calibration.booths[at] <= 9
    drawn = 60 * queues.waits(Draws(baseline.parameters, 400, 3))
    assert np.quantile(drawn[at], [0.05, 0.95]) == pytest.approx([15, 25], abs=0.05)
    assert np.ptp(drawn[other]) == 0, "the small case's parameters are certain"


def test_a_case_that_counts_no_travellers_has_no_queues_of_cars():
    baseline = build_baseline(
        small_facts(
            crossings=COUNTED.assign(travellers_inbound=np.nan, cars_inbound=np.nan, car_people_inbound=np.nan)
        ),
        fixed_parameters(),
    )
    assert len(car_queues_of(baseline)) == 0
    assert waits(baseline, cars("booths", 1.0), draws=5) is None
    assert waits(baseline, channel("visitors", 0.1, origin="B", destination="A")) is None
    assert car_queues_of(baseline).waits(Draws(baseline.parameters, 5, 1)).shape == (0, 5)
    assert any(
        "no model input changes" in problem for problem in check_intervention(baseline, plan(cars("booths", 1.0)))
    )
    trucks = queues_of(baseline)
    found = travellers_saving(
        baseline, trucks, plan(cars("booths", 1.0)), Draws(baseline.parameters, 0, 0), np.zeros((len(trucks), 1))
    )
    assert (found.hours.tolist(), found.uncounted) == ([0.0], ("X",))


def test_every_draw_has_its_wait():
    baseline = build_baseline(small_facts(crossings=COUNTED), DEFAULTS)
    found = waits(baseline, cars("booths", 1.0), draws=50)
    default = Draws(baseline.parameters, 50, 3).parameter("traveller_wait_default_minutes") / 60
    np.testing.assert_allclose(found.before[0], default)
    assert (found.after < found.before).all()
    assert waits(baseline, cars("booths", 0.0), draws=50) is None


def test_visitors_wait_too_and_lengthen_the_wait_of_others():
    baseline = world()
    found = waits(baseline, channel("visitors", 0.1, origin="B", destination="A"))
    assert found.names == [("X", "A"), ("X", "B")]
    assert found.ratio.tolist() == [[pytest.approx(1.05)]] * 2, "half of those at the crossing live in B"
    booths = car_queues_of(baseline).calibration.booths[0]
    assert found.after[0, 0] == pytest.approx(by_hand(booths, rate_of(baseline), arrivals=1.05 * CARS * WEEK), rel=2e-3)
    by_train = channel("visitors", 0.1, origin="B", destination="A", vehicle="rail")
    assert waits(baseline, by_train) is None, "who comes by train passes no queue of cars"
    assert not build_shock(baseline, plan(by_train), Draws(baseline.parameters, 0, 0)).shock.is_null
    more = waits(world(visitor_share=0.8), channel("visitors", 0.1, origin="A", destination="B"))
    assert more.ratio[0, 0] == pytest.approx(1.02)


def test_travellers_answer_to_their_wait():
    baseline = world(traveller_response_per_hour=2.0)
    for channels in ([cars("booths", 1.0)], [channel("visitors", 0.2, origin="*", destination="*")]):
        found = waits(baseline, *channels)
        outside = 1.0 if channels[0].type == "booths" else 1.2
        np.testing.assert_allclose(found.ratio, outside * np.exp(-2.0 * (found.after - found.before)), rtol=1e-8)
        booths = car_queues_of(baseline).calibration.booths[0] + (outside == 1)
        ratio = float(found.ratio[0, 0])
        assert found.after[0, 0] == pytest.approx(
            by_hand(booths, rate_of(baseline), arrivals=ratio * CARS * WEEK), rel=2e-3
        )
    assert waits(baseline, cars("booths", 1.0)).ratio[0, 0] > 1
    rigid = waits(world(), cars("booths", 1.0))
    assert waits(baseline, cars("booths", 1.0)).after[0, 0] > rigid.after[0, 0], (
        "who comes anew takes a part of the gain"
    )


def test_time_saved_by_the_rule_of_half():
    baseline = world()
    minutes = np.zeros((len(queues_of(baseline)), 1))
    draws = Draws(baseline.parameters, 0, 0)

    def saving(*channels):
        return travellers_saving(baseline, queues_of(baseline), plan(*channels), draws, minutes)

    shorter = saving(cars("wait_minutes", -3.0))
    assert shorter.people.tolist() == [PEOPLE], "those on foot are in no car"
    assert shorter.hours.tolist() == pytest.approx([PEOPLE * 3 / 60])
    assert shorter.car_hours_before - shorter.car_hours_after == pytest.approx([CARS * 3 / 60])
    surge = saving(channel("visitors", 0.1, origin="B", destination="A"))
    lost = (surge.after - surge.before)[:, 0]
    assert surge.hours.tolist() == pytest.approx([-(1 + 1.05) / 2 * PEOPLE * lost.sum() / 60])
    assert surge.hours[0] < 0
    nobody = saving(cars("booths", 1.0, crossing="Y"))
    assert (nobody.hours.tolist(), nobody.uncounted) == ([0.0], ("Y",))


@pytest.mark.parametrize(
    ("channels", "problem"),
    [
        ([cars("wait_minutes", -11.0)], "cuts the wait of cars at X into A by up to 11 minutes, but it is 10"),
        ([cars("booths", -50.0)], "takes 50 booths from X into A"),
        ([cars("preclearance_share", 0.1)], "preclearance_share is not aimed at vehicles"),
        ([cars("booths", 1.0, vehicle="bus")], "unknown vehicle 'bus'"),
        ([cars("booths", 1.0), cars("wait_minutes", -1.0)], "change the same thing twice"),
        ([cars("booths", 1.0, crossing="Y")], "no model input changes"),
        (
            [cars("booths", 1.0), channel("wait_minutes", -1, crossing="X", direction="A"), cars("traveller_share", 0.5, vehicle="truck")],
            "change the same thing twice",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(channels, problem):
    assert any(problem in found for found in check_intervention(world(), plan(*channels)))


def test_one_channel_for_trucks_and_one_for_cars_are_two_things():
    pair = plan(cars("booths", 1.0), cars("booths", 0.5, vehicle="truck"))
    assert check_intervention(world(), pair) == []


@settings(max_examples=25, deadline=None)
@given(
    booths=st.floats(0, 6),
    more=st.floats(0, 3),
    visitors=st.floats(-0.9, 3),
    extra=st.floats(0, 1),
    response=st.sampled_from([0.0, 0.5, 4.0]),
)
def test_more_booths_never_lengthen_and_more_visitors_never_shorten(booths, more, visitors, extra, response):
    baseline = answering(response)

    def wait(count, share):
        found = waits(baseline, cars("booths", count), channel("visitors", share, origin="*", destination="*"))
        return 10 / 60 if found is None else found.after[found.names.index(("X", "A")), 0]

    here = wait(booths, visitors)
    assert np.isfinite(here)
    # A queue whose lanes stay is read off a table, which is exact to a few parts in ten thousand.
    assert wait(booths + more, visitors) <= here * (1 + 1e-3) + 1e-9
    assert wait(booths, visitors + extra) >= here * (1 - 1e-3) - 1e-9


def test_lanes_of_cars_change_no_trade_in_bundles_either():
    baseline = world()
    study_ = study(baseline, baseline.parameters, draws=0, seed=1, closure="world_share")
    only_cars, trucks = (
        plan(cars("booths", 1.0), id="cars"),
        plan(cars("wait_share", -0.5, vehicle="truck"), id="trucks"),
    )
    both = plan(*only_cars.channels, *trucks.channels, id="both")
    bundles = [frozenset({number}) for number in range(3)] + [frozenset({0, 1})]
    found = JointEffects(study_, [only_cars, trucks, both], baseline.border).outcomes(bundles)
    assert (found[0].narrowing, found[0].welfare_musd) == (0.0, 0.0)
    assert abs(found[1].welfare_musd) > 0
    for other in found[2:]:
        assert (other.narrowing, other.welfare_musd) == pytest.approx(
            (found[1].narrowing, found[1].welfare_musd), rel=1e-9
        )
