"""Published PPML estimates of Yotov, Piermartini, Monteiro & Larch (2016), chapter 1 and the NAFTA baseline of chapter 2.

Every coefficient and standard error to the digits printed. Years 1986, 1990, ..., 2006; errors clustered by pair.
"""

import numpy as np
import pandas as pd
import pytest

from planner.engine.gravity import estimate_ppml

pytestmark = pytest.mark.published
YEARS = (1986, 1990, 1994, 1998, 2002, 2006)
YEAR_EFFECTS = "exporter^year + importer^year"


@pytest.fixture(scope="module")
def panel(reference_data):
    """All flows; `border`: sold abroad; `partners`: the pair, one shared by all domestic pairs."""
    table = pd.read_csv(reference_data / "agtpa_applications.csv.gz")
    table = table[table["year"].isin(YEARS)]
    border = table["exporter"] != table["importer"]
    return table.assign(border=border.astype(int), partners=np.where(border, table["pair_id"].astype(str), "home"))


def digits(text):
    return len(text.partition(".")[2])


def assert_as_printed(result, printed):
    """`printed`: name -> (coefficient, standard error or None), as the texts in print."""
    for name, (value, error) in printed.items():
        found = result[name]
        assert f"{found.value:.{digits(value)}f}" == value, name
        if error is not None:
            assert f"{found.standard_error:.{digits(error)}f}" == error, name


def test_international_flows(panel):
    abroad = panel[panel["border"] == 1]
    result = estimate_ppml(abroad, f"trade ~ log(dist) + cntg + lang + clny | {YEAR_EFFECTS}", "pair_id")
    assert (result.observations, result.clusters) == (28152, 2346)
    assert_as_printed(result, {
        "log(dist)": ("-0.841", "0.032"), "cntg": ("0.437", "0.083"), "lang": ("0.247", "0.077"),
        "clny": ("-0.222", "0.116"),
    })  # fmt: skip


def test_international_flows_with_agreements(panel):
    abroad = panel[panel["border"] == 1]
    result = estimate_ppml(abroad, f"trade ~ log(dist) + cntg + lang + clny + rta | {YEAR_EFFECTS}", "pair_id")
    assert_as_printed(result, {
        "log(dist)": ("-0.822", "0.031"), "cntg": ("0.416", "0.083"), "lang": ("0.250", "0.077"),
        "clny": ("-0.205", "0.114"), "rta": ("0.191", "0.066"),
    })  # fmt: skip


def test_domestic_sales_with_a_border_effect_for_each_country(panel):
    """`border^exporter` gives each country a constant for domestic and one for foreign sales."""
    formula = f"trade ~ log(dist) + cntg + lang + clny + rta | {YEAR_EFFECTS} + border^exporter"
    assert_as_printed(estimate_ppml(panel, formula, "pair_id"), {"rta": ("0.409", "0.069")})


def test_pair_effects(panel):
    """Pairs that never trade are separated: the book leaves them out by hand. The six digits are those of its program."""
    result = estimate_ppml(panel, f"trade ~ rta | {YEAR_EFFECTS} + partners", "pair_id")
    assert_as_printed(result, {"rta": ("0.557", "0.102")})
    assert result["rta"].value == pytest.approx(0.557185, abs=5e-7)
    never = panel.groupby("partners")["trade"].transform("sum").to_numpy() == 0
    np.testing.assert_array_equal(result.separated, np.flatnonzero(never))
    assert (result.observations, len(result.separated), len(result.singletons)) == (28482, 84, 0)


def test_pair_effects_with_a_lead(panel):
    result = estimate_ppml(panel, f"trade ~ rta + rta_lead4 | {YEAR_EFFECTS} + partners", "pair_id")
    assert_as_printed(result, {"rta": ("0.520", "0.086"), "rta_lead4": ("0.077", "0.092")})


def test_pair_effects_phased_in(panel):
    formula = f"trade ~ rta + rta_lag4 + rta_lag8 + rta_lag12 | {YEAR_EFFECTS} + partners"
    assert_as_printed(estimate_ppml(panel, formula, "pair_id"), {
        "rta": ("0.291", None), "rta_lag4": ("0.414", None), "rta_lag8": ("0.169", None), "rta_lag12": ("0.119", None),
    })  # fmt: skip


def test_cross_section_of_2006(panel):
    result = estimate_ppml(
        panel[panel["year"] == 2006], "trade ~ log(dist) + cntg + border | exporter + importer", "pair_id"
    )
    assert_as_printed(result, {
        "log(dist)": ("-0.7912879", None), "cntg": ("0.6736456", None), "border": ("-2.47445", None),
    })  # fmt: skip
