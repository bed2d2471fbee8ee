"""`manage.py counterfactual`: plain files in, tables out; what is wrong with them is said at once, and nothing is written."""

import json

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from regions.management.base import BadInput

FLOWS = """origin,destination,value
A,A,100
A,B,20
A,C,10
B,A,25
B,B,80
B,C,15
C,A,5
C,B,20
C,C,60
"""
SHOCKS = "origin,destination,cost_ratio\nA,B,0.9\nB,A,0.9\n"
NAMES = ("places.csv", "flows.csv", "run.json")


@pytest.fixture
def run(tmp_path, capsys):
    """The command on texts of files: (folder of results, stdout, stderr)."""

    def act(flows=FLOWS, shocks=SHOCKS, out="results", **options):
        for name, text in (("flows.csv", flows), ("shocks.csv", shocks)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        given = {"flows": tmp_path / "flows.csv", "shocks": tmp_path / "shocks.csv", "out": tmp_path / out}
        call_command(
            "counterfactual", *(f"--{name.replace('_', '-')}={value}" for name, value in (given | options).items())
        )
        captured = capsys.readouterr()
        return tmp_path / out, captured.out, captured.err

    return act


def problems(run, tmp_path, **files):
    """What the command says of files that it refuses; nothing may be written."""
    with pytest.raises(BadInput) as refused:
        run(**files)
    assert refused.value.returncode == 2
    assert not (tmp_path / "results").exists()
    return str(refused.value).splitlines()[1:]


def test_a_cheaper_route_raises_trade_and_welfare_on_both_sides(run):
    folder, said, _ = run(theta=5)
    assert [line.rsplit("/", 1)[-1] for line in said.split()] == [*NAMES]
    places = pd.read_csv(folder / "places.csv").set_index("place")
    assert (places.loc[["A", "B"], "welfare_pct"] > 0).all()
    assert places.loc["C", "welfare_pct"] < 0, "trade is diverted from C"
    flows = pd.read_csv(folder / "flows.csv").set_index(["origin", "destination"])
    assert flows.filter(like="after").sum().iloc[0] == pytest.approx(335, rel=1e-9), (
        "world value added is the numeraire"
    )
    record = json.loads((folder / "run.json").read_text())
    assert record["residual"] < 1e-12
    assert set(record["input_sha256"]) == {"flows.csv", "shocks.csv"}


def test_the_partial_stage_is_the_shock_itself(run):
    folder, _, _ = run(theta=4, stage="partial")
    flows = pd.read_csv(folder / "flows.csv").set_index(["origin", "destination"])
    before, after = (flows.filter(like=name).iloc[:, 0] for name in ("before", "after"))
    assert (after / before)["A", "B"] == pytest.approx(0.9**-4)
    assert np.allclose((after / before).drop([("A", "B"), ("B", "A")]), 1)


def test_no_shock_no_change_and_equal_input_equal_bytes(run):
    folder, _, _ = run(shocks="origin,destination,cost_ratio\nA,B,1\n")
    assert pd.read_csv(folder / "places.csv")["welfare_pct"].abs().max() < 1e-10
    first, _, _ = run(out="first")
    second, _, _ = run(out="second")
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in NAMES[:2])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"flows": FLOWS.replace("value", "worth")}, 'flows.csv, row 1, column value: expected a column'),
        ({"flows": "origin,value\nA,1\n"}, "flows.csv, row 1, column destination: expected a column"),
        ({"flows": ""}, "flows.csv"),
        ({"flows": FLOWS.replace("A,B,20", "A,B,lots")}, 'flows.csv, row 3, column value, value "lots"'),
        ({"flows": FLOWS.replace("A,B,20", "A,B,-20")}, 'flows.csv, row 3, column value, value "-20"'),
        ({"flows": FLOWS.replace("A,B,20", "A,B,nan")}, 'flows.csv, row 3, column value, value "nan"'),
        ({"flows": FLOWS + "A,B,20\n"}, "flows.csv, row 11"),
        ({"flows": FLOWS.replace("B,B,80\n", "")}, "expected own sales of B (B -> B) above zero"),
        ({"flows": FLOWS + "D,D,10\n"}, "expected trade with at least one other place"),
        ({"shocks": SHOCKS + "A,Z,0.9\n"}, 'shocks.csv, row 4, column destination, value "Z": expected a place'),
        ({"shocks": "origin,destination,cost_ratio\nA,B,0\n"}, 'shocks.csv, row 2, column cost_ratio, value "0"'),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_row_column_and_value(run, tmp_path, files, said):
    found = problems(run, tmp_path, **files)
    assert any(said in problem for problem in found), found


def test_a_missing_column_is_the_one_problem(run, tmp_path):
    assert len(problems(run, tmp_path, flows=FLOWS.replace("value", "worth"))) == 1, "no place is blamed for it"


def test_all_problems_come_at_once(run, tmp_path):
    found = problems(run, tmp_path, flows=FLOWS.replace("A,B,20", "A,B,-20"), shocks=SHOCKS + "A,Z,0.9\nZ,A,x\n")
    assert {problem.split(",")[0] for problem in found} == {"flows.csv", "shocks.csv"}
    assert len(found) >= 3


def test_a_column_that_nobody_reads_is_named(run):
    _, _, warned = run(shocks="origin,destination,cost_ratio,tarif\nA,B,0.9,0.1\n")
    assert "shocks.csv" in warned
    assert "tarif" in warned


def test_a_folder_that_cannot_be_made_and_options_without_meaning(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for out in ("file", "file/below"):
        with pytest.raises(BadInput, match="expected a folder"):
            run(out=out)
    (tmp_path / "currency.csv").write_text("place,value\nA,1.1\n")
    with pytest.raises(BadInput, match="short_run"):
        run(currency=tmp_path / "currency.csv")
    with pytest.raises(BadInput, match="below 1"):
        run(closure="short_run", sigma=1)
    with pytest.raises(CommandError):
        run(theta=-1)
    with pytest.raises(CommandError, match="from 0 to 1"):
        run(closure="absorption", sigma=2)


def test_an_absurd_shock_ends_in_a_named_error(run, tmp_path):
    with pytest.raises(CommandError, match="The run failed"):
        run(shocks="origin,destination,cost_ratio\nA,B,1e-300\n", theta=40)
    assert not (tmp_path / "results").exists()
