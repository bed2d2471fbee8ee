"""Back-tests on series made with a known answer: found again where the answer is the model's, missed where it is not."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from planner.engine.backtest import predict_passage
from planner.engine.baseline import build_baseline
from planner.services.start import default_parameter_set
from planner.snapshot import case_facts, engine_parameters, parameter_documents
from tests.regions.made_files import ENTRY
from tests.regions.transborder_files import DOT1, write

pytestmark = pytest.mark.django_db

# Goods by truck a day and trucks a day in undisturbed months, by port and economy entered.
DAILY = {("0901", "US"): 9_000_000, ("0901", "CA"): 7_000_000, ("3802", "US"): 4_000_000, ("3802", "CA"): 3_000_000}
TRUCKS = {"0901": 4000, "3802": 1500}
DAYS = dict(zip(range(1, 13), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
CLOSED = ["--crossing", "0901", "--from", "2022-06-11", "--to", "2022-06-20", "--waits-held"]
SLOW = [*CLOSED[:-1], "--capacity", "0.8"]


@pytest.fixture
def passage(case):
    parameters = engine_parameters(parameter_documents(default_parameter_set(case)))
    baseline = build_baseline(case_facts(case), parameters)
    return lambda capacity, held=False: predict_passage(
        baseline, parameters, "0901", capacity, draws=0, seed=1, closure="world_share", waits_held=held
    )


def observed(folder, passage=None, days=10):
    """Monthly files of 2022; in June the crossing is in the state of `passage` for ten days."""
    ratio = {}
    if passage is not None:
        keys = list(zip(passage.crossing, passage.economy, strict=True))
        ratio = {
            "goods": dict(zip(keys, passage.trade[:, 0], strict=True)),
            "trucks": dict(zip(keys, passage.trucks[:, 0], strict=True)),
        }
    files, entries = [], [ENTRY]
    for month, length in DAYS.items():
        event = days if month == 6 and passage is not None else 0
        rows = []
        for (port, entered), daily in DAILY.items():
            value = round(daily * (length - event + event * (ratio["goods"][port, entered] if event else 0)))
            rows.append(f"{2 if entered == 'US' else 1},MI,{port},5,,XO,1220,{value},0,0,1,0,{month:02d},2022")
        rows.append(f"1,MI,3802,6,,XO,1220,77000000,0,0,1,0,{month:02d},2022")
        files.append(write(folder, *rows, header=DOT1, name=f"dot1_{month:02d}22.csv"))
        for port, daily in TRUCKS.items():
            value = round(daily * (length - event + event * (ratio["trucks"][port, "US"] if event else 0)))
            entries.append(
                f"Port,Michigan,{port},US-Canada Border,{month:02d}/01/2022,Trucks,{value},42,-83,POINT (-83 42)"
            )
    path = folder / "entry.csv"
    path.write_text("\n".join(entries) + "\n")
    return [str(one) for one in (*files, path)]


def run(files, folder, *arguments):
    out = folder / "out.json"
    call_command("backtest", "small-2023", *arguments, "--draws", "0", "--observed", *files, "--json", str(out))
    return json.loads(out.read_text())


def test_a_known_closure_is_found_again(case, passage, tmp_path, capsys):
    closed = passage(0.0, held=True)
    station = list(zip(closed.crossing, closed.economy, strict=True))
    assert closed.trade[station.index(("0901", "US")), 0] == 0
    assert (closed.trade[station.index(("3802", "US"))] > 1.5).all()
    assert 0 < closed.lost_share[0] < 1
    found = run(observed(tmp_path, closed), tmp_path, *CLOSED)
    for measure in ("goods_usd", "trucks"):
        score = found["score"][measure]
        assert score["absolute_error_share"] < 1e-3
        assert score["naive_absolute_error_share"] > 0.1
        assert score["skill"] > 0.999
    row = next(one for one in found["months"] if (one["crossing"], one["entered"]) == ("0901", "US"))
    assert row["expected"] == pytest.approx(DAILY["0901", "US"] * 30)
    assert row["predicted"] == pytest.approx(DAILY["0901", "US"] * 20)
    assert row["noise_share"] == pytest.approx(0, abs=1e-6)
    assert row["share_of_month"] == pytest.approx(1 / 3)
    printed = capsys.readouterr().out
    assert "skill 1.00" in printed
    assert "Goods trade lost, not diverted" in printed


def test_months_in_which_nothing_happened_refute_a_closure(case, tmp_path):
    found = run(observed(tmp_path), tmp_path, *CLOSED)
    score = found["score"]["trucks"]
    assert score["absolute_error_share"] > 0.1
    assert score["naive_absolute_error_share"] == pytest.approx(0, abs=1e-6)
    errors = {one["crossing"]: one["error"] for one in found["months"] if one["measure"] == "trucks"}
    assert errors["0901"] == pytest.approx(-TRUCKS["0901"] * 10)
    assert errors["3802"] > 0


def test_a_slowdown_turns_fewer_away_than_a_closure(passage):
    usual, slow, closed = passage(1.0), passage(0.8), passage(0.0, held=True)
    np.testing.assert_allclose(usual.trade, 1, rtol=1e-9)
    np.testing.assert_allclose(usual.wait_after, usual.wait_before)
    assert abs(usual.lost_share[0]) < 1e-9
    own = [code == "0901" for code in usual.crossing]
    assert (slow.trade[own] < 1).all()
    assert (slow.trade[own] > closed.trade[own]).all()
    assert (slow.wait_after[own] > slow.wait_before[own]).all()
    assert 0 < slow.lost_share[0] < closed.lost_share[0]
    with pytest.raises(ValueError, match="expected 0"):
        passage(1.5)
    with pytest.raises(ValueError, match="only a closure"):
        passage(0.8, held=True)


def test_a_known_slowdown_is_found_again_with_its_queues(case, passage, tmp_path):
    found = run(observed(tmp_path, passage(0.8)), tmp_path, *SLOW)
    for score in found["score"].values():
        assert score["skill"] > 0.999
    row = next(one for one in found["prediction"] if (one["crossing"], one["entered"]) == ("0901", "US"))
    assert row["wait_during_minutes"]["q50"] > row["wait_before_minutes"] + 10


def test_what_cannot_be_served_has_no_equilibrium_and_says_what_to_do(case, tmp_path):
    with pytest.raises(CommandError) as error:
        run(observed(tmp_path), tmp_path, *CLOSED[:-1])
    assert error.value.returncode == 1
    assert "--waits-held" in str(error.value)


def test_a_placebo_predicts_no_change(case, tmp_path):
    found = run(observed(tmp_path), tmp_path, *CLOSED, "--capacity", "1")
    for row in found["months"]:
        assert row["predicted"] == row["expected"]
    assert [one["skill"] for one in found["score"].values()] == [None, None]
    for row in found["prediction"]:
        assert row["trade_ratio"]["q50"] == 1
    assert found["loss"]["ev_musd"]["q50"] == 0


def refused(*arguments) -> str:
    with pytest.raises(CommandError) as error:
        call_command("backtest", *arguments)
    assert error.value.returncode == 2
    return str(error.value)


def test_bad_input_is_named(case, tmp_path):
    files = observed(tmp_path)
    wrong = ["--crossing", "9999", "--from", "2022-06-11", "--to", "2022-05-20", "--capacity", "2"]
    words = refused("small-2023", *wrong, "--observed", *files)
    assert "--crossing 9999" in words
    assert "--to 2022-05-20" in words
    assert "--capacity 2" in words
    assert "There is no case 'none'. Imported: small-2023" in refused("none", *CLOSED, "--observed", *files)
    later = ["--crossing", "0901", "--from", "2023-01-20", "--to", "2023-02-02"]
    assert "2023-01, 2023-02 missing" in refused("small-2023", *later, "--observed", *files)
    assert "undisturbed months" in refused("small-2023", *CLOSED, "--observed", files[5])
    broken = tmp_path / "dot1_bad.csv"
    broken.write_text(f"{DOT1}\n1,MI,0901,5,,XO,1220,many,0,0,1,0,06,2022\n")
    assert 'row 2, column VALUE, value "many"' in refused("small-2023", *CLOSED, "--observed", str(broken))
    twice = write(tmp_path, "1,MI,0901,5,,XO,1220,5,0,0,1,0,06,2022", header=DOT1, name="revised.csv")
    assert "2022-06" in refused("small-2023", *CLOSED, "--observed", *files, str(twice))
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert "by its header" in refused("small-2023", *CLOSED, "--observed", str(other))
