"""`manage.py minute_values`: the table, the JSON, exit codes."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories.plans import import_plans


@pytest.fixture
def case(db, tmp_path):
    return import_plans(tmp_path / "small-2023")


def run(*arguments):
    text = io.StringIO()
    call_command("minute_values", *arguments, stdout=text)
    return text.getvalue()


@pytest.mark.parametrize(("outcome", "unit"), [("imbalance", "index points"), ("welfare", "million")])
def test_table_and_json(case, tmp_path, outcome, unit):
    """Every crossing with truck trade in either direction, largest effect first; the split adds up."""
    target = tmp_path / "minutes.json"
    text = run(case.name, "--outcome", outcome, "--json", str(target))
    document = json.loads(target.read_text())
    assert document["unit"].startswith(unit)
    stations = document["stations"]
    assert stations
    assert {station["truck_trade_musd"] > 0 for station in stations} == {True}
    sizes = [abs(station["value"]) for station in stations]
    assert sizes == sorted(sizes, reverse=True)
    assert any(sizes)
    for station in stations:
        assert sum(station["by_sector"].values()) == pytest.approx(station["value"], rel=1e-6, abs=1e-15)
        assert f"{station['crossing']} {station['name']}" in text
    assert "after queues have answered" in text


def test_exit_codes(case, tmp_path):
    """2 for a case or folder that is not there; nothing is written."""
    with pytest.raises(CommandError) as unknown:
        run("nowhere")
    assert unknown.value.returncode == 2
    assert "imported cases" in str(unknown.value)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CommandError) as unwritable:
        run(case.name, "--json", str(blocked / "minutes.json"))
    assert unwritable.value.returncode == 2
