"""Results in a real browser: three sentences at first sight, ranks that follow weights as the engine has them, downloads."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from planner.engine.criteria import STANDARD, build_table, rank_weighted
from planner.models import Intervention
from planner.reports.standing import standing_places
from planner.snapshot import load_baseline, read_effects
from tests.admin.browsing import browser, open_page, sign_in
from tests.factories.plans import import_plans
from tests.factories.runs import finished_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_browser]

HOSTILE = "<script>document.title='owned'</script>=cmd|' \u202egnorw" + "x" * 60


@pytest.fixture
def case(transactional_db, tmp_path, monkeypatch):
    """The small case with an intervention whose name would harm a careless page."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    ContentType.objects.clear_cache()
    made = import_plans(tmp_path / "small-2023")
    Intervention.objects.filter(slug="visitors").update(name=HOSTILE)
    return made


@pytest.fixture
def run(case):
    """A finished run without analyses."""
    return finished_run(case, analyses=[])


def test_the_first_screen_of_the_ranking_says_it_in_three_sentences(run, live_server):
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(reverse("admin:planner_run_ranking", args=[run.pk]))
        sentences = page.locator(".three-sentences li")
        assert sentences.count() == 3
        boxes = [sentences.nth(number).bounding_box() for number in range(3)]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= 768 for box in boxes)
        texts = sentences.all_inner_texts()
        assert texts[0].startswith("Really distinguishable")
        assert texts[1].startswith("Welfare")
        assert "imputed" in texts[2]
        # A row of the table is in sight too.
        assert page.locator("table.ranking tbody tr").first.bounding_box()["y"] < 768


def test_weights_rank_anew_as_the_engine_does(run, live_server):
    baseline = load_baseline(run.snapshot)
    standing = standing_places(baseline, run.standing)
    values = {
        effect.intervention: {
            "imbalance": effect.arrays["full.index_change"],
            "welfare": effect.arrays["full.ev_musd"][standing].sum(axis=0),
        }
        for effect in read_effects(run)
        if effect.status == "done"
    }
    table = build_table([STANDARD["imbalance"], STANDARD["welfare"]], values)
    expected = [
        [row.intervention, row.rank, row.tie_group, row.rank_low, row.rank_high]
        for row in rank_weighted(table, {"imbalance": 0.6, "welfare": 0.4}).rows
    ]
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(reverse("admin:planner_run_ranking", args=[run.pk]))
        page.get_by_text("Weigh criteria yourself").click()
        for name, value in (("imbalance", "60"), ("welfare", "40")):
            slider = page.locator(f"#weight-{name}")
            slider.evaluate(
                "(field, value) => { field.value = value; field.dispatchEvent(new Event('input')); }", value
            )
        page.locator("table.ranking[data-milliseconds]").wait_for()
        ranked = json.dumps(json.dumps(expected, separators=(",", ":")))
        page.locator(f"table.ranking[data-ranked={ranked}]").wait_for()
        print(f"ranked anew in {page.locator('table.ranking').get_attribute('data-milliseconds')} ms")
        shown = page.locator("table.ranking tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.id)")
        assert shown == [row[0] for row in expected]
        # By keyboard: a slider moves, a column sorts.
        page.locator("#weight-welfare").focus()
        page.keyboard.press("ArrowRight")
        assert page.input_value("#weight-welfare") == "45"
        page.locator("button.sort[data-sort=welfare]").focus()
        page.keyboard.press("Enter")
        means = page.locator("table.ranking tbody tr").evaluate_all(
            "rows => rows.map((row) => Number(row.dataset.welfare))"
        )
        assert means == sorted(means)
        page.fill("#filter-text", "booths")
        assert page.locator("table.ranking tbody tr:visible").count() == 1
        assert np.all([fault == "" for fault in page.faults])


def test_charts_have_their_table_and_downloads(run, live_server):
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(reverse("admin:planner_run_quadrant", args=[run.pk]))
        page.locator("figure[data-drawn=true] svg").first.wait_for()
        page.get_by_text("The same as a table").click()
        assert page.locator("figure table tbody tr").count() == 4
        with page.expect_download() as download:
            page.get_by_role("button", name="Table (CSV)").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert len(text.splitlines()) == 5
        assert '"<script>' in text
        with page.expect_download() as download:
            page.get_by_role("button", name="Picture (SVG)").click()
        assert Path(download.value.path()).read_text(encoding="utf-8").startswith("<svg")
        assert page.faults == []
