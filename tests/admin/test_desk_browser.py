"""The desk in a real browser: nothing serious for axe, nothing from elsewhere, ranks follow weights as the engine has them."""

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
from tests.admin.browsing import PHONE, browser, open_page, picture, serious_problems, sign_in
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


@pytest.fixture
def analysed_run(case):
    """A finished run with the analyses that have a page."""
    return finished_run(case, analyses=["diagnosis", "minute_values", "closures", "variance", "portfolio"])


def plan_pages(run) -> dict[str, str]:
    """Pages on which data and plans are made."""
    case = run.case
    return {
        "home": reverse("admin:index"),
        "help": reverse("admin:desk_help"),
        "map": reverse("admin:desk_map", args=[case.pk]),
        "crossing": reverse("admin:regions_crossing_change", args=[case.crossings.first().pk]),
        "region": reverse("admin:regions_region_change", args=[case.regions.first().pk]),
        "crossing-add": f"{reverse('admin:regions_crossing_add')}?case={case.pk}",
        "interventions": reverse("admin:planner_intervention_changelist"),
        "intervention": reverse("admin:planner_intervention_change", args=[case.interventions.first().pk]),
        "history": reverse("admin:planner_intervention_history", args=[case.interventions.first().pk]),
        "parameters": reverse("admin:planner_parameterset_change", args=[case.parameter_sets.first().pk]),
        "import": reverse("admin:planner_importjob_add"),
        "start": f"{reverse('admin:planner_run_start')}?case={case.pk}",
        "waits": reverse("admin:regions_delay_changelist"),
        "schedule": reverse("admin:planner_schedule_add"),
    }


def result_pages(run) -> dict[str, str]:
    """Pages on which results are read."""
    pages = ("ranking", "quadrant", "diagnosis", "sensitivity", "portfolio", "minutes", "map", "change")
    return {
        **{f"run-{page}": reverse(f"admin:planner_run_{page}", args=[run.pk]) for page in pages},
        "why": reverse("admin:planner_run_why", args=[run.pk, "visitors"]),
        "passport": reverse("admin:planner_run_passport", args=[run.pk, "ev_musd", "visitors"]),
        "compare": f"{reverse('admin:desk_compare')}?run={run.pk}",
        "runs": reverse("admin:planner_run_changelist"),
    }


def problems(page, name: str, address: str) -> list[str]:
    """What is wrong with a page: console, requests elsewhere, axe, a name that ran, width."""
    page.goto(address)
    # The policy refuses evaluated scripts, so it is waited for elements.
    page.locator("[data-map]:not([data-ready]), figure[data-chart]:not([data-drawn])").first.wait_for(state="detached")
    picture(page, name)
    found = [*page.faults, *serious_problems(page)]
    page.faults.clear()
    if page.evaluate("document.title") == "owned":
        found.append("a name ran as a script")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("scrolls sideways")
    return [f"{name}: {one}" for one in found]


@pytest.mark.parametrize(
    ("pages", "made"), [(plan_pages, "run"), (result_pages, "analysed_run")], ids=["plans", "results"]
)
def test_every_page_is_clean_for_axe_console_and_network(request, live_server, pages, made):
    run = request.getfixturevalue(made)
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        found = [one for name, address in pages(run).items() for one in problems(page, f"{name}-light", address)]
    assert not found, "\n".join(found)


def test_pages_in_the_dark_and_on_a_phone(analysed_run, live_server):
    everything = {**plan_pages(analysed_run), **result_pages(analysed_run)}
    found = []
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        signed_in = page.context.storage_state()
        for kind, how in (("dark", {"color_scheme": "dark"}), ("phone", {"viewport": PHONE})):
            other = open_page(started, live_server.url, storage_state=signed_in, **how)
            for name in ("home", "map", "run-ranking", "run-portfolio"):
                found += problems(other, f"{name}-{kind}", everything[name])
    assert not found, "\n".join(found)


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
