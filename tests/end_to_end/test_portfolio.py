"""`portfolio` on a finished run: the chosen set, rules, refusals, exit codes, the JSON document."""

import json

import pytest
from django.core.management import CommandError, call_command

from planner.models import Effect, Run
from planner.services import parts, run_start
from planner.services.finish import run_finish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(case) -> Run:
    """The small case's run, finished in this process: `more-booths` (41.5 million) and `exporters` (3) have costs."""
    started = run_start(case, settings={"draws": 20}).run
    for part in started.parts.all():
        parts.run_estimate_part(part.pk)
    run_finish(started.pk)
    started.refresh_from_db()
    assert started.state == "done"
    return started


def portfolio(run, *arguments, capsys=None, **options) -> str:
    call_command("portfolio", str(run.pk), *arguments, **options)
    return capsys.readouterr().out if capsys else ""


def exit_code(*arguments) -> tuple[int, str]:
    with pytest.raises(CommandError) as error:
        call_command("portfolio", *arguments)
    return error.value.returncode, str(error.value)


def test_the_best_set_is_verified_and_written(run, tmp_path, capsys):
    path = tmp_path / "portfolio.json"
    printed = portfolio(
        run, "--budget", "100", "--objective", "welfare", "--frontier", "--json", str(path), capsys=capsys
    )
    document = json.loads(path.read_text())
    found = document["portfolio"]
    assert {member["id"] for member in found["members"]} == {"more-booths", "exporters"}
    assert found["cost_musd"] == pytest.approx(44.5)
    assert found["cost_by_year"] == {"2026": 43.0, "2027": 1.5}
    assert found["value"] == pytest.approx(found["welfare_musd"])
    assert found["value"] == pytest.approx(found["predicted_by_pairs"], rel=1e-6), "of two, pairs are the whole"
    alone = sum(row["alone"] for row in found["members"])
    assert found["interaction"] == pytest.approx(found["value"] - alone, abs=1e-4), "nine digits of each"
    assert found["over_draws"]["welfare_musd"]["q05"] < found["value"] < found["over_draws"]["welfare_musd"]["q95"]
    values = [row["value"] for row in document["frontier"]]
    assert values == sorted(values)
    assert 100 in [row["budget"] for row in document["frontier"]]
    reasons = {row["id"]: row["reason"] for row in document["not_considered"]}
    assert "cost unknown" in reasons["visitors"]
    assert "restrictive" in reasons["tariff"]
    assert "short_run" in reasons["dearer-dollar"]
    assert "Help for Michigan's exporters" in printed
    assert "Together, solved jointly" in printed
    assert "cost unknown" in printed
    assert str(tmp_path) not in path.read_text()
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"


def test_alone_is_what_the_estimate_says(run, tmp_path):
    """The central value of an intervention alone, from the same snapshot by the estimate's own way."""
    from planner import snapshot
    from planner.engine.estimate import study
    from planner.services.engine_calls import run_intervention

    path = tmp_path / "portfolio.json"
    portfolio(run, "--budget", "100", "--free", "--json", str(path))
    baseline = snapshot.load_baseline(run.snapshot)
    prepared = study(baseline, baseline.parameters, draws=0, seed=run.seed, closure=run.closure)
    candidates = json.loads(path.read_text())["candidates"]
    assert {row["id"] for row in candidates} == {"more-booths", "exporters", "visitors"}
    for row in candidates:
        effect = prepared.estimate(run_intervention(run, row["id"]))
        assert row["alone"] == pytest.approx(-effect.arrays["full.index_change"][0], rel=1e-6)


def test_equal_requests_give_equal_bytes(run, tmp_path):
    for name in ("one", "again"):
        portfolio(run, "--budget", "50", "--json", str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()


def test_rules(run, tmp_path):
    path = tmp_path / "portfolio.json"

    def members(*arguments: str) -> set[str]:
        portfolio(run, "--objective", "welfare", *arguments, "--json", str(path))
        return {row["id"] for row in json.loads(path.read_text())["portfolio"]["members"]}

    assert members("--budget", "10") == {"exporters"}
    assert members("--budget", "100", "--exclude", "more-booths,exporters") in ({"exporters"}, {"more-booths"})
    assert members("--budget", "100", "--without", "exporters") == {"more-booths"}
    assert members("--budget", "43", "--needs", "exporters:more-booths") == {"more-booths"}
    assert members("--budget", "43", "--with", "more-booths") == {"more-booths"}
    assert members("--budget", "100", "--yearly", "2026=42") == {"exporters"}
    assert members("--budget", "100", "--yearly", "43") == {"exporters", "more-booths"}
    assert "visitors" in members("--budget", "100", "--free", "visitors")
    assert members("--budget", "41", "--costs", "capital") == {"more-booths", "exporters"}


def test_a_plan_over_years(run, tmp_path, capsys):
    path = tmp_path / "portfolio.json"
    arguments = ["--budget", "100", "--yearly", "41", "--phase", "3", "--to", "2035", "--objective", "welfare"]
    printed = portfolio(run, *arguments, "--json", str(path), capsys=capsys)
    plan = json.loads(path.read_text())["plan"]
    starts = {row["id"]: row["start_year"] for row in plan["members"]}
    assert set(starts) == {"more-booths", "exporters"}
    assert max(plan["cost_by_year"].values()) <= 41
    assert starts != {"more-booths": 2027, "exporters": 2026}, "both at once cost 43 million in 2026"
    assert plan["by_year"][-1]["year"] == 2035
    by_hand = sum(row["welfare_musd"] * (1 + plan["discount_rate"]) ** (2026 - row["year"]) for row in plan["by_year"])
    assert plan["value"] == pytest.approx(by_hand, rel=1e-6)
    assert "put off by up to 3 years" in printed


def test_bad_input_exits_with_2(run, tmp_path):
    number = str(run.pk)
    for arguments, expected in (
        (["999999", "--budget", "5"], "no run 999999"),
        ([number, "--budget", "5", "--with", "nobody"], "no intervention 'nobody'"),
        ([number, "--budget", "5", "--exclude", "visitors,exporters"], "cost unknown"),
        ([number, "--budget", "5", "--with", "more-booths"], "required costs more than a budget"),
        ([number, "--budget", "5", "--from", "2030"], "give --phase too"),
        ([number, "--budget", "5", "--yearly", "2026=4", "2026=5"], "given twice"),
        ([number, "--budget", "5", "--without", "more-booths", "exporters"], "cost unknown"),
        ([number, "--budget", "5", "--phase", "1", "--from", "2030", "--to", "2029"], "the last not before the first"),
    ):
        code, message = exit_code(*arguments)
        assert code == 2, message
        assert expected in message
    for arguments in (
        ["--budget", "-5"],
        ["--budget", "much"],
        ["--budget", "5", "--needs", "one"],
        ["--budget", "5", "--phase", "x"],
    ):
        with pytest.raises(CommandError, match="expected"):
            call_command("portfolio", number, *arguments)


def test_a_run_without_results_exits_with_1(case):
    waiting = run_start(case, settings={"draws": 5}).run
    code, message = exit_code(str(waiting.pk), "--budget", "5")
    assert code == 1
    assert "no results" in message
    assert not Effect.objects.exists()


def test_an_intervention_that_failed_is_named_and_the_rest_stands(run, tmp_path):
    Effect.objects.filter(run=run, intervention="more-booths").update(status="failed", reason="no equilibrium")
    path = tmp_path / "portfolio.json"
    portfolio(run, "--budget", "100", "--objective", "welfare", "--json", str(path))
    document = json.loads(path.read_text())
    assert [row["id"] for row in document["portfolio"]["members"]] == ["exporters"]
    assert {"id": "more-booths", "name": "More booths at the Old Bridge", "reason": "no equilibrium"} in document[
        "not_considered"
    ]
