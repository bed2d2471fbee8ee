"""`manage.py elasticities`: the example of its page, exit codes, and that nothing is half-written."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from planner.engine.parameters import check_parameters
from planner.engine.types import Parameter, Parameters
from planner.importing.schema import PARAMETERS
from regions.importing.readers import parse_csv

ROOT = Path(__file__).resolve().parents[2]
PANEL = ROOT / "docs" / "examples" / "panel.csv"
FORMULA = "trade ~ log(dist) + border | exporter^year + importer^year"


def run(*arguments, out, panel=PANEL, formula=FORMULA):
    text = io.StringIO()
    call_command("elasticities", str(panel), "--formula", formula, "--out", str(out), *arguments, stdout=text)
    return text.getvalue()


def refused(*arguments, out, **options):
    with pytest.raises(CommandError) as error:
        run(*arguments, out=out, **options)
    assert not out.exists()
    return str(error.value), error.value.returncode


def numbers(text):
    """Every number of a text, for comparison to a tolerance."""
    return [float(number) for number in re.findall(r"-?\d+\.\d+(?:e[+-]\d+)?", text)]


def test_the_example_of_the_page(tmp_path, monkeypatch):
    """The command and the panel as printed give what is printed."""
    page = (ROOT / "docs" / "elasticities.md").read_text(encoding="utf-8")
    start, parameters = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (command,) = re.findall(r"```sh\nmanage.py (.*?)\n```", page, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert PANEL.read_text(encoding="utf-8").startswith(start)
    arguments = [str(ROOT / part) if part.startswith("docs/") else part for part in shlex.split(command)]
    monkeypatch.chdir(tmp_path)
    text = io.StringIO()
    call_command(*arguments, stdout=text)
    assert text.getvalue() == printed
    written = (tmp_path / "elasticities.parameters.csv").read_text(encoding="utf-8")
    assert numbers(written) == pytest.approx(numbers(parameters), rel=1e-6)
    assert re.sub(r"[\d.]+", "", written) == re.sub(r"[\d.]+", "", parameters)


def test_files_written(tmp_path):
    run("--cluster", "exporter^importer", "--parameter", "distance_elasticity=-log(dist)", out=tmp_path / "e.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "e.parameters.csv", "e.run.json"]
    rows = list(csv.DictReader((tmp_path / "e.csv").open(encoding="utf-8")))
    assert [row["coefficient"] for row in rows] == ["log(dist)", "border"]
    for row in rows:
        estimate, error, low = (float(row[name]) for name in ("estimate", "standard_error", "low_95"))
        assert low == pytest.approx(estimate - 1.959964 * error, rel=1e-6)
        assert float(row["z"]) == pytest.approx(estimate / error)
    record = json.loads((tmp_path / "e.run.json").read_text(encoding="utf-8"))
    lines = PANEL.read_text(encoding="utf-8").splitlines()
    assert all(lines[line - 1].startswith("Fern,") for line in record["separated_rows"])
    assert len(record["separated_rows"]) == 6
    assert record["covariance"][0][0] == pytest.approx(float(rows[0]["standard_error"]) ** 2)
    assert record["fixed_effects"] == {"exporter^year": 11, "importer^year": 12}


def test_parameters_fit_a_case(tmp_path):
    """The rows pass the checks of an import and of the engine."""
    run(
        "--parameter", "distance_elasticity = -log(dist)", "--parameter", "theta@steel=-2*border+1",
        "--parameter", "logit_response_per_hour=-border/4", "--grade", "C", out=tmp_path / "e.csv",
    )  # fmt: skip
    content = parse_csv((tmp_path / "e.parameters.csv").read_text(encoding="utf-8"), PARAMETERS)
    assert content.problems == []
    rows = tuple(Parameter(**dict(row.values)) for row in content.rows)
    assert check_parameters(Parameters(rows), ["steel"], []) == []
    distance, theta, response = rows
    assert (theta.sector, theta.grade) == ("steel", "C")
    assert theta.central == pytest.approx(1 + 8 * response.central)
    assert distance.source.startswith("estimated here")


def test_bad_input_exits_with_2_and_names_every_fault(tmp_path):
    panel, out = tmp_path / "panel.csv", tmp_path / "e.csv"
    panel.write_text(
        "exporter,importer,year,trade,dist,border\nA,A,1,-5,10,0\nA,B,1,,0,1\n,B,1,2,x,0\n", encoding="utf-8"
    )
    message, code = refused(out=out, panel=panel)
    assert code == 2
    lines = message.splitlines()
    assert lines[0] == "5 errors in the input. Nothing was changed."
    assert [line.split(":")[0] for line in lines[1:]] == [
        'panel.csv, row 2, column trade, value "-5"', "panel.csv, row 3, column trade",
        'panel.csv, row 3, column dist, value "0"', 'panel.csv, row 4, column dist, value "x"',
        "panel.csv, row 4, column exporter",
    ]  # fmt: skip
    message, code = refused(out=out, formula="trade ~ log(km) | exporter^year")
    assert (code, "panel.csv, row 1, column km: expected a column km in the header" in message) == (2, True)
    message, code = refused(out=out, formula="trade ~ system('x') | exporter")
    assert (code, message.splitlines()[0]) == (2, "Nothing was written.")
    message, code = refused("--cluster", "a b", out=out)
    assert (code, "cluster 'a b'" in message) == (2, True)
    message, code = refused("--parameter", "distance_elasticity=log(dist)", out=out)
    assert (code, "is a sign or a unit missing?" in message) == (2, True)
    assert refused(out=out, panel=tmp_path / "missing.csv")[1] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["panel.csv"]


def test_bad_arguments_exit_with_2(tmp_path):
    assert refused(out=tmp_path / "missing" / "e.csv")[1] == 2
    for argument in ("distance_elasticity", "distance_elasticity=log(dist)*2", "Theta=1", "theta=border/0"):
        with pytest.raises(CommandError, match="is not of the form KEY="):
            run("--parameter", argument, out=tmp_path / "e.csv")
    with pytest.raises(CommandError, match="is not a date"):
        run("--as-of", "yesterday", out=tmp_path / "e.csv")


def test_the_panel_is_never_overwritten(tmp_path):
    panel = tmp_path / "panel.csv"
    panel.write_bytes(PANEL.read_bytes())
    with pytest.raises(CommandError, match="would overwrite the panel") as refusal:
        run(out=panel, panel=panel)
    assert refusal.value.returncode == 2
    assert panel.read_bytes() == PANEL.read_bytes()
