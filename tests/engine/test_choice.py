"""Responses to waits: recovered from simulated series, against loops, PPML, and the formula that the routes use."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad

from planner.engine.choice import _Likelihood, _rows_with_a_choice, estimate_choice, response_parameters
from planner.engine.errors import InvalidSample
from planner.engine.gravity import estimate_ppml
from planner.engine.parameters import KEYS, check_parameters
from planner.engine.types import Parameters

BETA, RATIO = 1.2, 0.4
MODES = {"truck": ("north", "bridge", "south"), "rail": ("tunnel", "yard")}
GRADIENT = {"truck": 0.004, "rail": 0.001}


def loop_shares(hours, alpha, mode_constant, beta, ratio):
    """Shares by (mode, crossing), written out; `ratio` by mode."""
    value = {key: np.exp(alpha[key] - beta * hours[key]) for key in hours}
    total = {mode: sum(v for (m, _), v in value.items() if m == mode) for mode in {m for m, _ in hours}}
    upper = {mode: np.exp(mode_constant[mode] + ratio[mode] * np.log(total[mode])) for mode in total}
    everything = sum(upper.values())
    return {(m, c): v / total[m] * upper[m] / everything for (m, c), v in value.items()}


def simulate(seed, periods=60, groups=("in", "out"), trips=3000, modes=MODES, ratio=None):
    """A series of counts drawn around the shares of the model, with hours that wander."""
    rng = np.random.default_rng(seed)
    ratio = ratio or dict.fromkeys(modes, RATIO)
    keys = [(mode, crossing) for mode, crossings in modes.items() for crossing in crossings]
    rows = []
    for group in groups:
        alpha = {key: rng.normal(0, 0.7) for key in keys}
        constant = {mode: rng.normal(0, 0.5) for mode in modes}
        level = {key: rng.uniform(0.3, 2) for key in keys}
        for period in range(periods):
            hours = {key: level[key] * np.exp(rng.normal(0, 0.6)) for key in keys}
            shares = loop_shares(hours, alpha, constant, BETA, ratio)
            counts = rng.multinomial(trips, [shares[key] for key in keys]) if trips else [shares[key] for key in keys]
            rows += [(group, period, *key, count, hours[key]) for key, count in zip(keys, counts, strict=True)]
    return pd.DataFrame(rows, columns=["group", "period", "mode", "crossing", "share", "hours"])


def test_recovered_within_their_interval():
    """Response to an hour and mode elasticity lie in their 95 % intervals, which are narrow."""
    result = estimate_choice(simulate(1))
    for estimate, true in ((result.response, BETA), (result.ratio, RATIO), (result.mode_elasticity, BETA * RATIO)):
        low, high = estimate.interval(0.95)
        assert low < true < high
        assert high - low < 0.25 * true
    assert result.inadmissible == ""
    assert (result.situations, result.alternatives) == (120, 10)


def test_intervals_cover_as_often_as_they_say():
    """40 short series: with 95 % each, fewer than 33 of 40 come once in 1,400 times."""
    covered = np.zeros(3)
    for seed in range(100, 140):
        result = estimate_choice(simulate(seed, periods=30, groups=("in",), trips=400))
        for number, (estimate, true) in enumerate(
            ((result.response, BETA), (result.ratio, RATIO), (result.mode_elasticity, BETA * RATIO))
        ):
            low, high = estimate.interval(0.95)
            covered[number] += low < true < high
    assert covered.min() >= 33


def test_exact_shares_give_the_exact_answer():
    """Without noise; fitted shares are the series itself."""
    series = simulate(2, periods=12, trips=0)
    result = estimate_choice(series)
    assert result.response.value == pytest.approx(BETA, rel=1e-6)
    assert result.ratio.value == pytest.approx(RATIO, rel=1e-6)
    np.testing.assert_allclose(result.shares, series["share"], rtol=1e-6)


def test_gradient_of_the_likelihood():
    series = simulate(3, periods=5)
    rows, _ = _rows_with_a_choice(series)
    used = series.iloc[rows]
    gradients = np.where(used["mode"] == "truck", 1.0, 0.25)
    model = _Likelihood.build(used, used["hours"].to_numpy(), gradients)
    answer = np.random.default_rng(0).normal(0.4, 0.3, 2 + model.constants)
    error = check_grad(lambda x: model.evaluate(x).log_likelihood.sum(), lambda x: model.scores(x).sum(axis=0), answer)
    assert error < 1e-4 * np.linalg.norm(model.scores(answer).sum(axis=0))


def test_mode_elasticity_where_hours_cost_modes_differently():
    """mu = lambda_m beta / gradient_m for every mode: rail's lambda is a quarter of the trucks' here."""
    ratio = {"truck": RATIO, "rail": RATIO * GRADIENT["rail"] / GRADIENT["truck"]}
    result = estimate_choice(simulate(4, periods=20, trips=0, ratio=ratio), gradient=GRADIENT)
    assert result.ratio.value == pytest.approx(RATIO, rel=1e-6)
    assert result.mode_elasticity.value == pytest.approx(RATIO * BETA / GRADIENT["truck"], rel=1e-6)


def test_it_is_the_choice_of_the_routes():
    """q' = q (d_b/dbar_m)^-kappa (dbar_m/dbar)^-mu of model.md 2, from the first period's shares and changes of hours."""
    ratio = {"truck": RATIO, "rail": RATIO * GRADIENT["rail"] / GRADIENT["truck"]}
    series = simulate(5, periods=12, groups=("in",), trips=0, ratio=ratio)
    result = estimate_choice(series, gradient=GRADIENT)
    beta, mu = result.response.value, result.mode_elasticity.value
    first = series[series["period"] == 0].set_index(["mode", "crossing"])
    last = series[series["period"] == 5].set_index(["mode", "crossing"])
    slope = pd.Series(first.index.get_level_values("mode").map(GRADIENT), first.index)
    cost = np.exp(slope * (last["hours"] - first["hours"]))
    kappa = beta / slope
    of_mode = first["share"].groupby("mode").transform("sum")
    within = first["share"] / of_mode
    nest = (within * cost**-kappa).groupby("mode").transform("sum") ** (-1 / kappa)
    overall = (first["share"] * nest**-mu).sum() ** (-1 / mu)
    predicted = first["share"] * (cost / nest) ** -kappa * (nest / overall) ** -mu
    np.testing.assert_allclose(predicted, last["share"], rtol=1e-5)


def test_one_mode_is_a_poisson_regression_with_effects():
    """The multinomial and the Poisson likelihood share their maximum: PPML with effects of alternatives and periods."""
    series = simulate(6, modes={"truck": MODES["truck"]})
    result = estimate_choice(series)
    assert result.ratio is None
    assert result.mode_elasticity is None
    share = series["share"] / series.groupby(["group", "period"])["share"].transform("sum")
    panel = series.assign(share=share, situation=series["group"] + series["period"].astype(str))
    ppml = estimate_ppml(panel, "share ~ hours | group^period + group^crossing", "situation")
    assert result.response.value == pytest.approx(-ppml["hours"].value, rel=1e-7)
    correction = np.sqrt((120 - 1) / (120 - 5))  # 5 parameters, which the errors of PPML do not count
    assert result.response.standard_error == pytest.approx(correction * ppml["hours"].standard_error, rel=1e-5)


def test_order_amounts_and_labels_do_not_matter():
    series = simulate(7, periods=15)
    plain = estimate_choice(series)
    other = series.sample(frac=1, random_state=3)
    factor = other["period"].map(lambda period: 1 + period) * 1e6
    other = estimate_choice(other.assign(share=other["share"] * factor, crossing="x" + other["crossing"]))
    assert other.response.value == pytest.approx(plain.response.value, rel=1e-7)
    assert other.mode_elasticity.standard_error == pytest.approx(plain.mode_elasticity.standard_error, rel=1e-5)


def test_unit_of_hours():
    series = simulate(8, periods=15)
    hours = estimate_choice(series)
    minutes = estimate_choice(series.assign(hours=60 * series["hours"]))
    assert minutes.response.value == pytest.approx(hours.response.value / 60, rel=1e-6)
    assert minutes.ratio.value == pytest.approx(hours.ratio.value, rel=1e-6)
    assert minutes.mode_elasticity.standard_error == pytest.approx(hours.mode_elasticity.standard_error / 60, rel=1e-5)


def test_closed_crossings_and_a_mode_without_hours():
    """A crossing without a row in a period is closed then; pipelines have no hours and take a share all the same."""
    rng = np.random.default_rng(9)
    rows = []
    for period in range(40):
        hours = {("truck", name): rng.uniform(0.2, 2) for name in ("a", "b", "c")}
        if period % 4 == 0:
            del hours["truck", "b"]
        hours["pipeline", "p"] = 0.0
        constant = {"truck": 0.0, "pipeline": -0.5}
        alpha = {("truck", "a"): 0, ("truck", "b"): 0.6, ("truck", "c"): -0.3, ("pipeline", "p"): 0}
        shares = loop_shares(hours, alpha, constant, BETA, {"truck": RATIO, "pipeline": 0.0})
        rows += [(period, *key, share, np.nan if key[1] == "p" else hours[key]) for key, share in shares.items()]
    series = pd.DataFrame(rows, columns=["period", "mode", "crossing", "share", "hours"])
    result = estimate_choice(series)
    assert result.response.value == pytest.approx(BETA, rel=1e-6)
    assert result.ratio.value == pytest.approx(RATIO, rel=1e-6)


def test_what_never_carries_anything_is_left_out_and_named():
    series = simulate(10, periods=12)
    idle = series[series["crossing"] == "north"].assign(crossing="ghost", share=0)
    quiet = series[(series["period"] == 3) & (series["group"] == "in")].assign(share=0, period=99)
    result = estimate_choice(pd.concat([series, idle, quiet], ignore_index=True))
    plain = estimate_choice(series)
    assert result.left_out == (
        "in truck ghost never carries anything", "out truck ghost never carries anything",
        "1 periods without traffic or without a choice",
    )  # fmt: skip
    assert result.response.value == pytest.approx(plain.response.value, rel=1e-8)
    assert np.isnan(result.shares[len(series) :]).all()
    assert np.isfinite(result.shares[: len(series)]).all()


def test_clusters_widen_the_errors_of_repeated_series():
    """The same periods four times over: errors that know it stay, others halve."""
    series = simulate(11, periods=40, groups=("in",))
    copies = [series.assign(period=series["period"] + 1000 * copy, source=series["period"]) for copy in range(4)]
    once = estimate_choice(series)
    repeated = estimate_choice(pd.concat(copies, ignore_index=True), cluster="source")
    naive = estimate_choice(pd.concat(copies, ignore_index=True))
    correction = np.sqrt((159 / 154) / (39 / 34))  # for 6 parameters
    assert repeated.response.standard_error == pytest.approx(correction * once.response.standard_error, rel=1e-4)
    assert naive.response.standard_error == pytest.approx(correction * once.response.standard_error / 2, rel=0.02)


def test_faults_of_a_series_are_named_at_once():
    series = simulate(12, periods=4, groups=("in",)).astype({"hours": object, "share": object})
    series.loc[0, "share"] = -1
    series.loc[1, "hours"] = "long"
    series.loc[2, "hours"] = None
    series.loc[3, "mode"] = None
    series.loc[6, "crossing"] = "north"
    with pytest.raises(InvalidSample) as refused:
        estimate_choice(series, gradient={"truck": 0.0})
    assert refused.value.problems == [
        "gradient of mode truck, 0: expected a number above 0",
        "row 3, column mode, empty: expected a value",
        'row 0, column share, value "-1": expected a number of at least 0',
        'row 1, column hours, value "long": expected a number, or nothing',
        "row 2, column hours, empty: expected a number, as in other rows of its mode",
        'row 6, column crossing, value "north": expected each crossing once in a group, period and mode',
    ]
    with pytest.raises(InvalidSample, match="column share: not in the series, which has group, period"):
        estimate_choice(series.drop(columns="share"))


def test_series_that_say_nothing():
    series = simulate(13, periods=6)
    with pytest.raises(InvalidSample, match="cannot be told from constants"):
        estimate_choice(series.assign(hours=1.0))
    common = series["period"] * 0.1 + series["crossing"].map(len)
    with pytest.raises(InvalidSample, match="cannot be told from constants"):
        estimate_choice(series.assign(hours=common))
    with pytest.raises(InvalidSample, match="6 periods for 6 parameters: expected more periods"):
        estimate_choice(series[series["group"] == "in"])
    with pytest.raises(InvalidSample, match="at least two crossings or modes"):
        estimate_choice(series[series["crossing"] == "north"])


def test_modes_whose_hours_move_together_tell_the_response_only():
    """Hours of each period shift between crossings of a mode, never between modes."""
    series = simulate(14, periods=20, trips=0)
    mean = series.groupby(["group", "period", "mode"])["hours"].transform("mean")
    result = estimate_choice(series.assign(hours=series["hours"] - mean))
    assert result.ratio is None
    assert result.response.value > 0


def test_estimates_become_parameters_and_priors_stand_in_where_there_are_none():
    result = estimate_choice(simulate(15), gradient=dict.fromkeys(MODES, 0.1))
    response, modes = response_parameters(result, as_of="2026-11-01")
    assert response.central == result.response.value
    assert response.source.startswith("estimated here: nested logit, 120 periods, 10 alternatives, 1.")
    assert modes.central == result.mode_elasticity.value
    assert check_parameters(Parameters((response, modes)), [], []) == []
    prior, prior_modes = response_parameters(None, as_of="2026-11-01")
    known = KEYS["logit_response_per_hour"]
    assert (prior.low, prior.central, prior.high, prior.grade) == (known.low, known.central, known.high, "D")
    assert prior.source.endswith("(no series of shares and waits)")
    assert prior_modes.key == "mode_elasticity"
    one_mode = estimate_choice(simulate(16, modes={"truck": MODES["truck"]}))
    response, modes = response_parameters(one_mode, as_of="")
    assert response.source.startswith("estimated here")
    assert modes.source.endswith("(the hours of modes do not vary apart)")


def test_an_inadmissible_estimate_gives_way_to_the_prior():
    """Shares that rise with the wait: a series of queues that follow traffic."""
    series = simulate(17, periods=20)
    result = estimate_choice(series.assign(hours=-series["hours"]))
    assert "the model needs it above 0" in result.inadmissible
    rows = response_parameters(result, as_of="")
    assert all(row.source.startswith("prior: ") and result.inadmissible in row.source for row in rows)
    ratio = dict.fromkeys(MODES, 1.6)
    steep = estimate_choice(simulate(18, ratio=ratio))
    assert "the model needs it from 0 to 1" in steep.inadmissible
