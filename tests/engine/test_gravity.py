"""PPML against an oracle with all dummies written out; faults of a panel; rows left out; parameters made of estimates."""

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import planner
from planner.engine.errors import InvalidSample
from planner.engine.estimates import TRIANGLE
from planner.engine.gravity import Derived, estimate_ppml, to_parameter_set
from planner.engine.gravity_formula import read_formula

FORMULA = "trade ~ log(dist) + border | exporter^year + importer^year"
PLACES = 7


def make_panel(seed=1, years=(2019, 2023), noise=0.4):
    """A panel of random trade with a distance elasticity of -0.9 and a border effect of -1.2."""
    rng = np.random.default_rng(seed)
    at, size = rng.uniform(0, 300, (PLACES, 2)), rng.uniform(5, 60, PLACES)
    rows = []
    for year in years:
        for origin in range(PLACES):
            for destination in range(PLACES):
                dist = 30 + np.hypot(*(at[origin] - at[destination]))
                border = int((origin < 3) != (destination < 3))
                mean = size[origin] * size[destination] * (dist / 100) ** -0.9 * np.exp(-1.2 * border)
                trade = mean * np.exp(rng.normal(0, noise)) * (rng.random() > 0.1)
                rows.append((f"P{origin}", f"P{destination}", year, trade, dist, border))
    return pd.DataFrame(rows, columns=["exporter", "importer", "year", "trade", "dist", "border"])


def oracle(panel, regressors, effects, clusters=None):
    """Coefficients and standard errors by Newton steps on every dummy, one row and one cluster at a time."""
    codes = [pd.factorize(panel[list(effect)].astype(str).agg("|".join, axis=1))[0] for effect in effects]
    dummies = [np.eye(code.max() + 1)[code] for code in codes]
    design = np.column_stack([*regressors, *dummies])
    trade = panel["trade"].to_numpy()
    bread, beta = None, np.linalg.lstsq(design, np.log(trade + trade.mean()), rcond=None)[0]
    for _ in range(100):
        mean = np.exp(design @ beta)
        bread = np.linalg.pinv(design.T @ (mean[:, None] * design), rcond=1e-11)
        step = bread @ (design.T @ (trade - mean))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    residual = trade - np.exp(design @ beta)
    scores = {}
    for row in range(len(panel)):
        key = row if clusters is None else clusters[row]
        scores[key] = scores.get(key, 0) + residual[row] * design[row]
    meat = sum(np.outer(score, score) for score in scores.values())
    factor = len(scores) / (len(scores) - 1)
    return beta[: len(regressors)], np.sqrt(np.diag(factor * bread @ meat @ bread))[: len(regressors)]


@pytest.mark.parametrize("clustered", [True, False])
def test_coefficients_and_errors_equal_those_with_all_dummies(clustered):
    panel = make_panel()
    pairs = (panel["exporter"] + panel["importer"]).tolist()
    result = estimate_ppml(panel, FORMULA, "exporter^importer" if clustered else None)
    regressors = [np.log(panel["dist"]), panel["border"]]
    values, errors = oracle(
        panel, regressors, [("exporter", "year"), ("importer", "year")], pairs if clustered else None
    )
    np.testing.assert_allclose([item.value for item in result.coefficients], values, rtol=1e-7)
    np.testing.assert_allclose([item.standard_error for item in result.coefficients], errors, rtol=1e-6)
    assert result.effects == (("exporter^year", 2 * PLACES), ("importer^year", 2 * PLACES))
    assert result.clusters == (PLACES**2 if clustered else None)
    assert result.observations == len(panel)


def test_without_fixed_effects_and_with_products():
    panel = make_panel()
    result = estimate_ppml(panel, "trade ~ log(dist) + border + border:log(dist)")
    regressors = [np.log(panel["dist"]), panel["border"], panel["border"] * np.log(panel["dist"])]
    values, errors = oracle(panel.assign(all=1), regressors, [("all",)])
    np.testing.assert_allclose([item.value for item in result.coefficients], values, rtol=1e-6)
    np.testing.assert_allclose([item.standard_error for item in result.coefficients], errors, rtol=1e-5)
    assert result.effects == ()


def test_units_of_trade_and_regressors_do_not_matter():
    panel = make_panel()
    plain = estimate_ppml(panel, "trade ~ dist + border | exporter^year + importer^year")
    other = estimate_ppml(
        panel.assign(trade=panel["trade"] * 1e9, dist=panel["dist"] / 1e7),
        "trade ~ dist + border | exporter^year + importer^year",
    )
    assert other["dist"].value == pytest.approx(1e7 * plain["dist"].value, rel=1e-6)
    assert other["border"].standard_error == pytest.approx(plain["border"].standard_error, rel=1e-6)
    assert other.pseudo_r2 == pytest.approx(plain.pseudo_r2, abs=1e-9)
    assert 0 < plain.pseudo_r2 < 1


def test_order_of_rows_does_not_matter():
    panel = make_panel()
    shuffled = panel.sample(frac=1, random_state=1)
    one, two = (estimate_ppml(table, FORMULA, "exporter^importer") for table in (panel, shuffled))
    assert two["border"].value == pytest.approx(one["border"].value, rel=1e-8)
    assert two["border"].standard_error == pytest.approx(one["border"].standard_error, rel=1e-7)


def test_interval_and_p_value():
    border = estimate_ppml(make_panel(), FORMULA)["border"]
    low, high = border.interval(0.95)
    assert high - border.value == pytest.approx(1.959964 * border.standard_error, rel=1e-6)
    assert border.value - low == pytest.approx(high - border.value)
    assert border.p_value == pytest.approx(2 * norm.cdf(-abs(border.z)))


def test_rows_of_effects_without_trade_and_singletons_are_left_out_and_listed():
    panel = make_panel()
    panel.loc[(panel["exporter"] == "P2") & (panel["year"] == 2023), "trade"] = 0
    extra = pd.DataFrame([("lonely", "P1", 2023, 5.0, 100.0, 0)], columns=panel.columns)
    panel = pd.concat([panel, extra], ignore_index=True)
    result = estimate_ppml(panel, FORMULA)
    silent = np.flatnonzero((panel["exporter"] == "P2") & (panel["year"] == 2023))
    np.testing.assert_array_equal(result.separated, silent)
    np.testing.assert_array_equal(result.singletons, [len(panel) - 1])
    without = estimate_ppml(panel.drop(index=[*silent, len(panel) - 1]), FORMULA)
    assert result["border"].value == pytest.approx(without["border"].value, rel=1e-9)
    assert result.observations == without.observations == len(panel) - PLACES - 1


def test_leaving_rows_out_goes_on_until_nothing_more_falls_out():
    """Without its partner's rows, which never trade, the other pair of the pair effects is alone in its effect."""
    panel = make_panel(years=(2023,)).assign(group="rest")
    panel.loc[[1, 2], "group"] = "two"
    panel.loc[panel["exporter"].eq("P1"), "trade"] = 0
    panel.loc[[8], "group"] = "two"
    panel.loc[[2], "group"] = "rest"
    panel.loc[[1], "trade"] = 3.0
    result = estimate_ppml(panel, "trade ~ log(dist) | exporter + group")
    assert set(np.flatnonzero(panel["exporter"] == "P1")) == set(result.separated)
    assert list(result.singletons) == [1]


def test_zeros_separated_by_a_combination_of_effects_are_left_out():
    """Two blocks that trade within themselves, with zeros one way across: no level is empty, yet no maximum exists."""
    rng = np.random.default_rng(3)
    rows = []
    for year in (1, 2, 3):
        for origin in range(6):
            for destination in range(6):
                if origin < 3 <= destination and year < 4:
                    rows.append((origin, destination, year, 0.0, rng.normal()))
                elif (origin < 3) == (destination < 3):
                    rows.append((origin, destination, year, rng.uniform(1, 5), rng.normal()))
    panel = pd.DataFrame(rows, columns=["exporter", "importer", "year", "trade", "x"])
    result = estimate_ppml(panel, "trade ~ x | exporter + importer")
    across = ((panel["exporter"] < 3) & (panel["importer"] >= 3)).to_numpy()
    np.testing.assert_array_equal(result.separated, np.flatnonzero(across))
    inside = estimate_ppml(panel[~across], "trade ~ x | exporter + importer")
    assert result["x"].value == pytest.approx(inside["x"].value, rel=1e-6)


def test_a_regressor_that_marks_only_zeros_is_refused():
    panel = make_panel()
    closed = np.random.default_rng(5).choice(len(panel), 6, replace=False)
    panel["embargo"] = 0
    panel.loc[closed, ["embargo", "trade"]] = [1, 0.0]
    with pytest.raises(InvalidSample, match=r"regressor embargo has no finite coefficient.* rows without trade"):
        estimate_ppml(panel, "trade ~ log(dist) + embargo | exporter^year + importer^year")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("trade ~ size + border | exporter + importer", "regressor size: collinear with the fixed effects exporter"),
        (
            "trade ~ log(dist) + border + mixed | exporter^year + importer^year",
            r"regressor mixed: collinear with log\(dist\), border and the fixed effects",
        ),
        ("trade ~ border + one | exporter", "regressor one has the same value in every row"),
        ("trade ~ border + scaled", "regressor scaled: collinear with border: leave one out"),
    ],
)
def test_regressors_without_a_coefficient_of_their_own_are_named(formula, message):
    panel = make_panel()
    panel["size"] = panel["exporter"].str[1:].astype(int) + 0.1
    panel["mixed"] = 2 * np.log(panel["dist"]) - panel["border"] + 0.5 * panel["exporter"].str[1:].astype(int)
    panel["one"], panel["scaled"] = 1.0, 3 * panel["border"] + 2
    with pytest.raises(InvalidSample, match=message):
        estimate_ppml(panel, formula)


def test_all_faults_of_a_panel_are_named_at_once():
    panel = make_panel().astype({"dist": object})
    panel.index = panel.index + 2
    panel.loc[2, "trade"] = -5.0
    panel.loc[3, "trade"] = np.nan
    panel.loc[4, "dist"] = "far"
    panel.loc[5, "dist"] = 0
    panel.loc[6, "exporter"] = None
    panel.loc[7, "trade"] = np.inf
    with pytest.raises(InvalidSample) as refused:
        estimate_ppml(panel, "trade ~ log(dist) + border + tariff | exporter^year + importer^year", "pair")
    assert [problem for problem in refused.value.problems if not problem.startswith("column")] == [
        'row 2, column trade, value "-5.0": expected a number of at least 0',
        "row 3, column trade, empty: expected a number of at least 0",
        'row 7, column trade, value "inf": expected a number of at least 0',
        'row 4, column dist, value "far": expected a number above 0, since its logarithm is taken',
        'row 5, column dist, value "0": expected a number above 0, since its logarithm is taken',
        "row 6, column exporter, empty: expected a value",
    ]
    missing = [problem for problem in refused.value.problems if problem.startswith("column")]
    assert [problem.split(":")[0] for problem in missing] == ["column tariff", "column pair"]
    assert "exporter, importer, year, trade" in missing[0]


def test_panels_without_information():
    panel = make_panel()
    with pytest.raises(InvalidSample, match="at least one value above 0"):
        estimate_ppml(panel.assign(trade=0), FORMULA)
    with pytest.raises(InvalidSample, match="at least two rows"):
        estimate_ppml(panel[:0], FORMULA)
    with pytest.raises(InvalidSample, match="fit every row perfectly"):
        estimate_ppml(panel, "trade ~ border | exporter^importer^year")
    with pytest.raises(InvalidSample, match="cluster all: one group only"):
        estimate_ppml(panel.assign(all=1), FORMULA, "all")


def test_few_clusters_are_a_warning():
    result = estimate_ppml(make_panel(), FORMULA, "exporter")
    assert result.warnings == (f"{PLACES} clusters: standard errors tend to be too small with fewer than 30",)


def test_formula_is_read_and_written():
    formula = read_formula(" trade~log( dist ) + border:rta|exporter ^year+ importer^year ")
    assert str(formula) == "trade ~ log(dist) + border:rta | exporter^year + importer^year"
    assert formula.number_columns == ("trade", "dist", "border", "rta")
    assert (formula.log_columns, formula.group_columns) == (("dist",), ("exporter", "year", "importer"))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("trade", "found 0 signs ~"),
        ("trade ~ x | a | b ~ c", "found 2 signs ~"),
        ("trade ~ x | a | b", r"found 2 signs \|"),
        ("log(trade) ~ x", "zeros count"),
        ("trade ~ ", "regressor ''"),
        ("trade ~ 1", "regressor '1'"),
        ("trade ~ __import__('os').getcwd()", "expected a column"),
        ("trade ~ x | i(a)", r"fixed effect 'i\(a\)'"),
        ("trade ~ x + x", "regressor x is given twice"),
        ("trade ~ x | a^b + b^a", r"fixed effect a\^b is given twice"),
        ("trade ~ x | a^a", "names a column twice"),
        ("trade ~ trade:x", "among the regressors too"),
    ],
)
def test_formulas_that_do_not_fit(formula, message):
    with pytest.raises(InvalidSample) as refused:
        read_formula(formula)
    assert any(re.search(message, text) for text in refused.value.problems)


def test_parameters_have_mean_and_variance_of_the_estimate():
    result = estimate_ppml(make_panel(), FORMULA)
    mapping = [
        Derived("distance_elasticity", "log(dist)", factor=-1),
        Derived("theta", "border", factor=-2, constant=1, sector="steel"),
    ]
    distance, theta = to_parameter_set(result, mapping, as_of="2026-11-01")
    estimate = result["log(dist)"]
    assert (distance.central, distance.as_of, distance.grade) == (-estimate.value, "2026-11-01", "B")
    assert (distance.unit, distance.sector, theta.sector) == ("elasticity", "", "steel")
    assert distance.source.startswith("estimated here: PPML, 98 rows, log(dist) -")
    assert theta.central == pytest.approx(1 - 2 * result["border"].value)
    assert theta.high - theta.central == pytest.approx(2 * TRIANGLE * result["border"].standard_error)
    low, mode, high = distance.low, distance.central, distance.high
    variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    assert (low + mode + high) / 3 == pytest.approx(mode)
    assert np.sqrt(variance) == pytest.approx(estimate.standard_error)


def test_parameters_are_cut_at_the_range_and_say_so():
    result = estimate_ppml(make_panel(noise=1.5), FORMULA)
    (row,) = to_parameter_set(result, [Derived("distance_elasticity", "log(dist)", factor=-0.001)], as_of="")
    assert row.low >= 0
    assert not row.source.endswith("cut at the admissible range")
    mapping = [Derived("pass_through", "log(dist)", factor=0.5, constant=1 - 0.5 * result["log(dist)"].value - 0.001)]
    (wide,) = to_parameter_set(result, mapping, as_of="")
    assert (wide.central, wide.high) == (pytest.approx(0.999), 1)
    assert wide.source.endswith("cut at the admissible range")


def test_faults_of_a_mapping_are_named_at_once():
    result = estimate_ppml(make_panel(), FORMULA)
    mapping = [
        Derived("distance_elasticity", "log(dist)"),
        Derived("distance", "log(dist)"),
        Derived("theta", "tariff"),
        Derived("theta", "border", factor=-3),
        Derived("theta", "border", factor=-3),
    ]
    with pytest.raises(InvalidSample) as refused:
        to_parameter_set(result, mapping, as_of="", grade="X")
    problems = refused.value.problems
    assert len(problems) == 5
    assert "grade 'X'" in problems[0]
    assert "is a sign or a unit missing?" in problems[1]
    assert "parameter distance: unknown key" in problems[2]
    assert "no coefficient tariff; expected one of log(dist), border" in problems[3]
    assert problems[4] == "parameter theta: given twice"


def test_pyfixest_is_imported_by_gravity_alone_and_only_when_used():
    """It takes seconds to load, and every command loads the engine."""
    for path in Path(planner.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        at_top = {id(node) for node in tree.body}
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "pyfixest" for name in names):
                assert path.name == "gravity.py"
                assert id(node) not in at_top
