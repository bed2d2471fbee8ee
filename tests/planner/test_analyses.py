"""Analyses as parts of a run: computed once, after what they read, stored with a reason where there is nothing."""

from html import escape

import numpy as np
import pytest

from planner import snapshot
from planner.analyses import ANALYSES, NoAnalysis, NotApplicable
from planner.engine import car_queues
from planner.engine.car_queues import car_waits
from planner.engine.crossing_queues import queues_of
from planner.engine.errors import SolveFailed
from planner.engine.estimate import Study
from planner.engine.parameters import DEFAULTS
from planner.engine.queues import erlang_c
from planner.engine.uncertainty import Draws
from planner.management.ranking_table import ranking_lines
from planner.models import Run, RunAnalysis, RunPart
from planner.models.vocabulary import AFTER_EFFECTS, AnalysisKind
from planner.reports.bundle import report_zip
from planner.reports.context import build_context
from planner.reports.html_writer import report_html
from planner.reports.left_out import left_out_sentences
from planner.reports.verification import verify_zip
from planner.selectors import run_analyses, run_analysis
from planner.services import PartOutcome, RunRefused, parts_to_send, run_estimate_part, run_finish, run_start
from regions.importing.loader import import_case
from regions.models import Case
from tests.factories.plans import CHANNELS, import_plans, with_vehicles, write_plans
from tests.factories.runs import FEW, finished_run

FIRST = [kind for kind in AnalysisKind.values if kind in ANALYSES and kind not in AFTER_EFFECTS]


def _redone_by_hand(station, arrivals):
    """The wait of a station that is open all day, from what the document says of its queue and nothing else."""
    share, level = np.array(arrivals["weekday_shares"]), arrivals["weekend_level"]
    week = np.concatenate([share * (1 if day < 5 else level) for day in range(7)])
    booths, rate = int(station["booths"]), 60 / station["service_minutes"]
    spread = (1 + DEFAULTS.central("service_cv") ** 2) / 2
    arriving = np.repeat(week / week.sum(), 60) * station["trucks_per_week"]  # trucks an hour, by minute
    uses = np.linspace(0, 1, 4001)[:-1]
    lines = booths * uses + spread * erlang_c(booths, booths * uses) * uses / (1 - uses)
    there, total = 0.0, 0.0
    for _turn in range(2):  # the second week is the one that repeats
        total = 0.0
        for minute in arriving:
            use = np.interp(there, lines, uses)
            there = max(there + (minute - booths * rate * use) / 60, 0.0)
            total += there - booths * np.interp(there, lines, uses)
    wait = total / station["trucks_per_week"] + station["not_queue_share"] * station["central_minutes"]
    # The engine steps by half hours, this by minutes.
    assert wait == pytest.approx(station["central_minutes"], rel=0.03)


@pytest.mark.django_db
class TestParts:
    def test_an_analysis_is_a_part_and_the_run_waits_for_it(self, case):
        run = run_start(case, settings=FEW, slugs=["exporters"], analyses=["diagnosis"]).run
        estimate, analysis = run.parts.order_by("position")
        assert (estimate.name, analysis.name) == ("exporters", "diagnosis")
        assert run_estimate_part(estimate.pk) == PartOutcome.DONE
        assert not run_finish(run.pk), "the diagnosis is still open"
        assert run_estimate_part(analysis.pk) == PartOutcome.DONE
        assert run_estimate_part(analysis.pk) == PartOutcome.NOT_TAKEN, "a second delivery does nothing"
        assert run_finish(run.pk)
        assert list(run_analyses(run)) == ["diagnosis"]
        assert run_analysis(run, "diagnosis").document["headline"]["index"] > 0
        assert run_analysis(run, "stress") is None

    def test_equal_work_is_taken_from_the_earlier_run(self, case, monkeypatch):
        first = finished_run(case, slugs=["exporters"], analyses=["diagnosis"])
        monkeypatch.setitem(ANALYSES, "diagnosis", lambda work: pytest.fail("computed again"))
        second = finished_run(case, slugs=["exporters"], analyses=["diagnosis"])
        assert second.parts.get(analysis="diagnosis").reused
        assert run_analysis(second, "diagnosis").document == run_analysis(first, "diagnosis").document

    def test_what_reads_effects_waits_for_the_last_of_them(self, case, monkeypatch):
        seen = {}
        monkeypatch.setitem(
            ANALYSES, "criteria", lambda work: seen.update(work.effects) or {"found": len(work.effects)}
        )
        run = run_start(case, settings=FEW, slugs=["exporters", "tariff"], analyses=["criteria"]).run
        *estimates, analysis = run.parts.order_by("position")
        assert analysis.queued_at is None
        assert run_estimate_part(analysis.pk) == PartOutcome.NOT_TAKEN
        assert parts_to_send(run.pk) == []
        for part in estimates:
            run_estimate_part(part.pk)
        assert parts_to_send(run.pk) == [analysis.pk]
        assert parts_to_send(run.pk) == [], "one message"
        assert run_estimate_part(analysis.pk) == PartOutcome.DONE
        assert sorted(seen) == ["exporters", "tariff"]

    @pytest.mark.parametrize(
        ("error", "status", "state"),
        [
            (NotApplicable("no meaning here"), "not_applicable", "done"),
            (NoAnalysis("no meaning here"), "failed", "failed"),
            (ZeroDivisionError("no meaning here"), "failed", "failed"),
        ],
    )
    def test_a_failed_analysis_says_why_and_the_run_stands(self, case, monkeypatch, error, status, state):
        def fails(work):
            raise error

        monkeypatch.setitem(ANALYSES, "diagnosis", fails)
        run = finished_run(case, slugs=["exporters"], analyses=["diagnosis"])
        row = run_analysis(run, "diagnosis")
        assert (row.status, row.document) == (status, {})
        assert "no meaning here" in row.reason
        assert run.parts.get(analysis="diagnosis").state == state
        assert run.state == "done"
        assert run.rankings.count() == 2

    def test_an_unknown_analysis_is_refused(self, case):
        with pytest.raises(RunRefused, match="no analysis 'astrology'; expected one of diagnosis"):
            run_start(case, settings=FEW, analyses=["astrology"])
        assert not RunPart.objects.exists()


@pytest.mark.django_db
class TestDocuments:
    def test_parts_of_the_diagnosis_add_up(self, case):
        run = finished_run(case, slugs=["exporters"], analyses=["diagnosis"])
        found = run_analysis(run, "diagnosis").document
        assert found["pairs"]
        for row in found["pairs"] + found["regions"]:
            whole = sum(row["parts_musd"].values()) + row["remainder_musd"]
            assert whole == pytest.approx(row["balance_musd"], abs=1e-9 * row["trade_musd"])
        headline = found["headline"]
        assert sum(headline["parts"].values()) + headline["remainder"] == pytest.approx(headline["index"], abs=1e-9)

    def test_the_own_closure_ranks_as_the_engine_does_at_central_values(self, case):
        run = finished_run(case, analyses=["closures", "stress"])
        own = run_analysis(run, "closures").document["closures"][0]
        assert (own["closure"], own["kendall_tau"], own["same_first"]) == ("world_share", 1.0, True)
        baseline = snapshot.load_baseline(run.snapshot)
        work = snapshot.engine_intervention(next(row for row in run.interventions if row["id"] == "exporters"))

        alone = Study(baseline, baseline.parameters, draws=0, seed=1, closure="world_share").estimate(work)
        row = next(row for row in own["rows"] if row["intervention"] == "exporters")
        assert row["index_change"] == pytest.approx(alone.arrays["full.index_change"][0], rel=1e-6)
        assert row["rank"] is not None
        restrictive = [row["id"] for row in run.interventions if row["kind"] == "restrictive"]
        assert restrictive
        assert not set(restrictive) & set(own["order"])
        assert run_analysis(run, "stress").document["baseline_order"] == own["order"]

    def test_every_document_is_the_same_when_computed_again(self, case):
        run = finished_run(case, slugs=["exporters", "tariff"], analyses=FIRST)
        before = {kind: row.document for kind, row in run_analyses(run).items()}
        assert sorted(before) == sorted(FIRST)
        RunAnalysis.objects.all().delete()
        again = finished_run(case, slugs=["exporters", "tariff"], analyses=FIRST)
        assert {kind: row.document for kind, row in run_analyses(again).items()} == before


@pytest.fixture(scope="module")
def effects_kinds():
    return ["side", "appraisal", "criteria", "variance", "portfolio", "waits"]


@pytest.mark.django_db
class TestAfterTheEffects:
    """One run of all analyses that read effects, with enough draws for shares of variance."""

    @pytest.fixture
    def documents(self, case, effects_kinds):
        run = run_start(case, settings={"draws": 60, "seed": 3}, analyses=effects_kinds).run
        for part in run.parts.order_by("position"):
            run_estimate_part(part.pk)
        assert run_finish(run.pk)
        rows = run_analyses(run)
        assert {kind: row.reason for kind, row in rows.items() if row.status != "done"} == {}
        return run, {kind: row.document for kind, row in rows.items()}

    def test_an_economist_can_redo_them(self, documents):
        run, found = documents
        effects = {effect.intervention: effect for effect in snapshot.read_effects(run)}
        appraisal = found["appraisal"]
        priced = [row for row in appraisal["rows"] if row["cost_known"]]
        assert priced
        for row in priced:
            # By year to the present value, as in a spreadsheet.
            assert sum(year["discounted_net_musd"] for year in row["by_year"]) == pytest.approx(row["npv_musd"]["mean"])
            present = sum(one["mean"] for one in row["present_benefits_musd"].values())
            present -= sum(one["mean"] for one in row["present_costs_musd"].values())
            assert present == pytest.approx(row["npv_musd"]["mean"])
            assert "government_revenue" not in row["present_benefits_musd"], "a transfer, inside welfare"
        for row in appraisal["rows"]:
            if not row["cost_known"]:
                assert (row["npv_musd"], row["bcr"], row["p_npv_positive"]) == (None, None, None)
            last = row["by_year"][-1]
            border = snapshot.load_baseline(run.snapshot).border
            full = effects[row["intervention"]].arrays["full.ev_musd"][border].sum(axis=0).mean()
            if appraisal["last_year"] > 2040:
                assert last["benefits_musd"]["welfare"] == pytest.approx(full, rel=1e-9), "the ramp has ended"
        assert appraisal["base_year"] == run.case_document["year"] + 1

        criteria = found["criteria"]
        restrictive = {row["id"] for row in run.interventions if row["kind"] == "restrictive"}
        ranked = [row["intervention"] for row in criteria["single"]["imbalance"]["rows"]]
        assert sorted(ranked) == sorted(set(effects) - restrictive)
        assert [row["intervention"] for row in criteria["single"]["npv"]["rows"]] == appraisal["order"]
        means = {name: effects[name].arrays["full.index_change"].mean() for name in ranked}
        assert ranked == sorted(ranked, key=lambda name: (means[name], name))
        assert any(row["on_front"] for row in criteria["pareto"]["rows"])
        worst = np.max([effects[name].arrays["full.index_change"] for name in ranked], axis=0)
        best = np.min([effects[name].arrays["full.index_change"] for name in ranked], axis=0)
        for row in criteria["regret"]["rows"]:
            lost = effects[row["intervention"]].arrays["full.index_change"] - best
            assert row["mean"] == pytest.approx(lost.mean(), abs=1e-15)
            assert row["largest"] <= (worst - best).max() + 1e-15

        variance = found["variance"]
        for row in variance["rows"]:
            shares = [one["share"] for one in row["inputs"]]
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= 1 + 1e-9
            assert row["explained"] + row["unexplained"] == pytest.approx(1)
            for one in row["inputs"][:1]:
                assert np.sign(one["high"] - one["low"]) == one["sign"]

        best_set = found["portfolio"]
        assert best_set["portfolio"]["cost_musd"] <= best_set["default"]["budget"] * (1 + 1e-9)
        assert not restrictive & {row["id"] for row in best_set["portfolio"]["members"]}
        values = [row["value"] for row in best_set["frontier"]]
        assert values == sorted(values), "more money is never worse"

        side = found["side"]
        baseline = snapshot.load_baseline(run.snapshot)
        for row in side["rows"]:
            # Jobs only move: shares in labour income cannot move by more than all of it.
            assert all(0 <= place["reallocated_share"] < 1 for place in row["places"])
            assert sum(row["theil_change"][part] for part in ("between", "within")) == pytest.approx(
                row["theil_change"]["total"], abs=1e-12
            )
            assert len(row["places"]) == len(baseline.border)
            assert sum(row["external_position_change_musd"].values()) == pytest.approx(0, abs=1e-3)

    def test_waits_before_and_after_are_those_of_the_effects(self, documents):
        run, found = documents
        waits, baseline = found["waits"], snapshot.load_baseline(run.snapshot)
        effects = {effect.intervention: effect for effect in snapshot.read_effects(run)}
        names = queues_of(baseline).names
        stations = {(row["crossing"], row["direction"]): row for row in waits["stations"]}
        assert set(stations) == set(names)
        old = stations["0901", "US"]
        assert (old["basis"], old["statistic"], old["grade"], old["sample_size"]) == ("grade", "mean", "B", 2000)
        assert (old["period_start"], old["period_end"]) == ("2023-01-01", "2023-12-31")
        assert (old["low_minutes"], old["high_minutes"]) == pytest.approx((22 / 1.2, 22 * 1.2))
        assert old["minutes"]["q05"] < 22 < old["minutes"]["q95"]
        assert stations["3802", "CA"]["basis"] == "default", "not measured"
        shorter = next(row for row in waits["rows"] if row["intervention"] == "more-booths")
        for row in shorter["stations"]:
            at = names.index((row["crossing"], row["direction"]))
            before, after = (effects["more-booths"].arrays[f"wait.{when}_minutes"][at] for when in ("before", "after"))
            assert row["before"]["mean"] == pytest.approx(before.mean())
            assert row["change"]["q05"] == pytest.approx(np.quantile(after - before, 0.05))
            assert row["p_shorter"] == (after < before).mean()
        _redone_by_hand(old, waits["arrivals"][0])
        first = shorter["stations"][0]
        assert (first["crossing"], first["direction"], first["p_shorter"]) == ("0901", "US", 1.0)
        assert first["p95_after"] < first["p95_before"]
        assert np.nanmean(np.array(first["by_hour_after"], float)) < np.nanmean(np.array(old["by_hour"], float))
        arrays = effects["more-booths"].arrays
        hours = (arrays["wait.after_minutes"] - arrays["wait.before_minutes"]).mean(axis=1)
        trucks = [stations[name]["trucks_per_week"] * 365.25 / 7 for name in names]
        assert shorter["truck_hours_change"]["mean"] == pytest.approx(float(hours @ trucks) / 60 / 1000)
        unknown = {row["name"] for row in found["variance"]["overall"]["welfare"]}
        assert "waits" in unknown

    def test_a_draw_without_a_solution_is_left_out_counted_and_shown(self, case, monkeypatch, tmp_path):
        """Of one measure, hence of all; every analysis, every format and `verify` go on with the others."""
        block = Study._block

        def fails(study, intervention, draws):
            if intervention.id == "exporters" and draws.count and draws.window.start <= 6 < draws.window.stop:
                raise SolveFailed(3, 0.5, "US-MI", 1, "test")
            return block(study, intervention, draws)

        monkeypatch.setattr(Study, "_block", fails)
        kinds = ["appraisal", "criteria", "variance", "waits"]
        run = run_start(case, settings={"draws": 60, "seed": 3}, slugs=["exporters", "more-booths"], analyses=kinds).run
        for part in run.parts.order_by("position"):
            run_estimate_part(part.pk)
        assert run_finish(run.pk)
        run = Run.objects.get(pk=run.pk)
        assert {row.reason for row in run_analyses(run).values()} == {""}
        context = build_context(run)
        left_out = context["left_out_draws"]
        assert left_out["left_out"] == 1
        assert [(row["intervention"], row["draws"]) for row in left_out["rows"]] == [("exporters", 1)]
        assert "US-MI" in left_out["rows"][0]["reason"]
        first, second = left_out_sentences(context)
        assert first.startswith("1 of 60 draws has no solution")
        assert second.startswith("Help for Michigan's exporters: 1 without a solution")
        html = report_html(context).decode()
        assert escape(first) in html
        assert first in "\n".join(ranking_lines(context))
        path = tmp_path / "report.zip"
        path.write_bytes(report_zip(run, context))
        verdict = verify_zip(path)
        assert (verdict.difference, verdict.numbers > 1000) == ("", True)

    def test_travellers_time_is_a_benefit_where_a_measure_says_so(self, tmp_path, db):
        """Half of five million people's minutes, each draw with its own share, minutes and worth of an hour."""
        shared = "more-booths,traveller_share,0901,US,,,,,0.2,0.5,0.9,share of trucks' minutes,Assumption,D,2027,2,\n"
        case = import_plans(tmp_path / "small-2023", channels=CHANNELS + shared)
        run = finished_run(case, slugs=["more-booths", "exporters"], analyses=["appraisal"])
        rows = {row["intervention"]: row for row in run_analysis(run, "appraisal").document["rows"]}
        assert rows["exporters"]["travellers"] is None
        assert "travellers_time" not in rows["exporters"]["present_benefits_musd"]
        found = rows["more-booths"]
        assert (found["travellers"]["people"], found["travellers"]["waits_measured"]) == (5e6, 0.0)
        baseline = snapshot.load_baseline(run.snapshot)
        draws = Draws(baseline.parameters, run.draws, run.seed)
        effect = {effect.intervention: effect for effect in snapshot.read_effects(run)}["more-booths"]
        at = queues_of(baseline).names.index(("0901", "US"))
        trucks = (effect.arrays["wait.before_minutes"] - effect.arrays["wait.after_minutes"])[at]
        channel = snapshot.engine_intervention(
            run.interventions[0 if run.interventions[0]["id"] == "more-booths" else 1]
        ).channels[1]
        each = np.minimum(draws.channel(channel) * trucks, draws.parameter("traveller_wait_default_minutes"))
        worth = 5e6 * each / 60 * draws.parameter("traveller_time_value_usd_per_hour") / 1e6
        last = found["by_year"][-1]["benefits_musd"]["travellers_time"]
        assert last == pytest.approx(worth.mean()), "the ramp has ended"
        assert found["travellers"]["minutes_saved"]["mean"] == pytest.approx(each.mean())

    def test_lanes_of_cars_save_travellers_time_and_leave_trade_alone(self, tmp_path, db):
        """Five minutes less for those in cars: their time and CO2 are benefits, no truck and no flow moves."""
        case = import_plans(tmp_path / "small-2023", channels=with_vehicles(CHANNELS, more_booths="car"))
        run = finished_run(case, slugs=["more-booths", "exporters"], analyses=["appraisal", "waits"])
        found = {row["intervention"]: row for row in run_analysis(run, "appraisal").document["rows"]}["more-booths"]
        baseline = snapshot.load_baseline(run.snapshot)
        effect = {effect.intervention: effect for effect in snapshot.read_effects(run)}["more-booths"]
        assert not effect.arrays["full.index_change"].any()
        np.testing.assert_array_equal(effect.arrays["wait.before_minutes"], effect.arrays["wait.after_minutes"])
        draws = Draws(baseline.parameters, run.draws, run.seed)
        intervention = snapshot.engine_intervention(
            next(one for one in run.interventions if one["id"] == "more-booths")
        )
        cars = car_waits(baseline, intervention, draws)
        assert cars.names == [("0901", "US")]
        asked = np.maximum(draws.channel(intervention.channels[0]), -60 * cars.before[0])
        change = 60 * (cars.after - cars.before)[0]
        assert ((asked < change) & (change < 0)).all(), "who comes anew takes a part of the gain"
        answer = draws.parameter("traveller_response_per_hour")
        np.testing.assert_allclose(cars.ratio[0], np.exp(-answer * change / 60), rtol=1e-8)
        hours = 5e6 * (1 + cars.ratio[0]) / 2 * (cars.before - cars.after)[0]
        assert found["travellers"]["hours_saved"]["mean"] == pytest.approx(hours.mean())
        worth = hours * draws.parameter("traveller_time_value_usd_per_hour") / 1e6
        assert found["by_year"][-1]["benefits_musd"]["travellers_time"] == pytest.approx(worth.mean())
        vehicles = 5e6 / 2 * (cars.before - cars.ratio * cars.after)[0]
        carbon = (
            vehicles * draws.parameter("car_idling_co2_kg_per_hour") * draws.parameter("co2_price_usd_per_tonne") / 1e9
        )
        assert found["by_year"][-1]["benefits_musd"]["co2_of_queueing"] == pytest.approx(carbon.mean())
        (station,) = found["travellers"]["stations"]
        assert (station["crossing"], station["direction"], station["shared_lanes"]) == ("0901", "US", False)
        assert station["after"]["mean"] == pytest.approx(60 * cars.after.mean())
        today = run_analysis(run, "waits").document["car_stations"]
        assert {(row["crossing"], row["direction"]) for row in today} == {
            (b, e) for b in ("0901", "3802") for e in ("US", "CA")
        }
        assert {(row["basis"], row["cars_counted"], row["central_minutes"]) for row in today} == {
            ("default", False, 10.0)
        }
        report = build_context(run)
        html = report_html(report).decode()
        assert "Cars queue apart from trucks, at 4 crossings and directions" in html
        assert "lanes of cars" in html

    def test_a_case_that_counts_no_travellers_is_appraised_all_the_same(self, tmp_path, db):
        folder = write_plans(tmp_path / "small-2023")
        crossings = (
            (folder / "crossings.csv").read_text().replace("personal_vehicle_passengers_inbound", "months_before")
        )
        (folder / "crossings.csv").write_text(crossings.replace(",5000000,12", ",,12").replace(",2000000,12", ",,12"))
        import_case(folder)
        run = finished_run(Case.objects.get(), slugs=["more-booths", "exporters"], analyses=["appraisal", "waits"])
        found = {kind: row.document for kind, row in run_analyses(run).items()}
        assert [row["travellers"] for row in found["appraisal"]["rows"]] == [None, None]
        assert found["waits"]["car_stations"] == []
        assert "Cars queue apart" not in report_html(build_context(run)).decode()

    def test_a_measure_whose_cars_have_no_waits_fails_alone(self, tmp_path, db, monkeypatch):
        case = import_plans(tmp_path / "small-2023", channels=with_vehicles(CHANNELS, more_booths="*"))

        def fails(*_):
            raise SolveFailed(60, 0.5, "0901 into US (cars)", 1, "test")

        monkeypatch.setattr(car_queues._Together, "solve", fails)
        run = finished_run(case, slugs=["more-booths", "exporters"], analyses=["appraisal"])
        document = run_analysis(run, "appraisal").document
        assert [row["intervention"] for row in document["rows"]] == ["exporters"]
        ((name, reason),) = [(row["intervention"], row["reason"]) for row in document["not_appraised"]]
        assert (name, "0901 into US (cars)" in reason) == ("more-booths", True)

    def test_few_draws_have_no_shares_of_variance(self, case):
        run = finished_run(case, slugs=["exporters"], analyses=["variance"])
        row = run_analysis(run, "variance")
        assert (row.status, "at least 50" in row.reason) == ("not_applicable", True)
