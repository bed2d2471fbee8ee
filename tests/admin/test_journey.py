"""A new planner's whole way in a real browser, on the embedded database and broker: from a zip to an approved report."""

import re
import zipfile

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from planner.models import Intervention, Run
from regions.models import Case, Crossing
from tests.admin.browsing import PASSWORD, browser, open_page, picture, serious_problems, sign_in
from tests.factories.plans import write_plans

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs_browser,
    pytest.mark.needs_broker,
    pytest.mark.embedded_only,
]

WORDS = {
    "en": {
        "dry": "This was a dry run: nothing is stored.",
        "imported": "Imported.",
        "preview": "Preview.",
        "foreseen": "What would run",
        "done": "Done",
        "compared": "What came out",
        "approved": "Approved",
    },
    "fr": {
        "dry": "C’était un essai à blanc\u00a0: rien n’est enregistré.",
        "imported": "Importé.",
        "preview": "Aperçu.",
        "foreseen": "Ce qui serait calculé",
        "done": "Terminé",
        "compared": None,
        "approved": "Approuvé",
    },
}


@pytest.fixture
def people(transactional_db):
    """Two people who may plan in all cases; the second may approve too."""
    ContentType.objects.clear_cache()
    for name, codes in (("planner", ("view_case", "plan_case")), ("approver", ("view_case", "approve_case"))):
        user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codes))


def packed_case(folder) -> str:
    write_plans(folder / "small-2023")
    path = folder / "small border.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((folder / "small-2023").iterdir()):
            archive.write(file, file.name)
    return str(path)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_a_zip_to_an_approved_report(language, live_server, monkeypatch, people, one_worker, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    words = WORDS[language]
    with browser() as started:
        page = open_page(started, live_server.url)
        # The first estimate of a fresh checkout compiles the engine's kernels.
        page.set_default_timeout(120_000)
        sign_in(page, "planner")
        choose_language(page, language)
        import_the_case(page, words, packed_case(tmp_path))
        draw_a_crossing(page)
        add_an_intervention(page, words)
        first = estimate_all(page, words)
        move_a_weight(page)
        second = estimate_all(page, words, closure="balanced")
        compare(page, words, first, second)
        assert page.faults == []

        other = open_page(started, live_server.url)
        sign_in(other, "approver")
        choose_language(other, language)
        other.goto(reverse("admin:planner_run_change", args=[first]))
        other.click("button[name=step][value=approved]")
        other.locator(".field-review .readonly", has_text=words["approved"]).wait_for()
        assert other.faults == []
        assert Run.objects.get(pk=first).reviewed_by.username == "approver"

        page.goto(reverse("admin:planner_run_change", args=[first]))
        assert page.locator("button[name=step]").count() == 0, "the author is offered no approval"
        download(page, first)
        assert page.faults == []


def choose_language(page, language: str) -> None:
    page.click("details.person > summary")
    page.click(f"form.languages button[value={language}]")
    assert page.locator("html").get_attribute("lang") == language


def import_the_case(page, words, path: str) -> None:
    page.goto(reverse("admin:planner_importjob_add"))
    page.set_input_files("#id_files", path)
    picture(page, "journey-upload")
    page.click(".desk form button[type=submit]")
    page.wait_for_url("**/planner/importjob/*/change/")
    page.fill("[name=option_name]", "small-2023")
    picture(page, "journey-columns")
    page.click("form[action$='/check/'] button[type=submit]")
    page.get_by_text(words["dry"]).wait_for(timeout=60_000)
    picture(page, "journey-dry-run")
    assert serious_problems(page) == []
    assert not Case.objects.exists()
    page.click("form[action$='/load/'] button")
    page.get_by_text(words["imported"]).wait_for(timeout=60_000)
    assert Case.objects.get().name == "small-2023"


def choose_from(page, field: str, text: str) -> None:
    """From a field that is searched as one types."""
    page.click(f".field-{field} .select2-selection")
    page.fill(".select2-container--open .select2-search__field", text)
    page.locator(".select2-results__option", has_text=text).first.click()


def draw_a_crossing(page) -> None:
    page.goto(f"{reverse('admin:regions_crossing_add')}?case={Case.objects.get().pk}")
    page.locator("[data-map=edit][data-ready=true]").wait_for()
    page.fill("#id_code", "0999")
    page.fill("#id_name", "Third Bridge")
    choose_from(page, "region_a", "Michigan")
    choose_from(page, "region_b", "Ontario")
    page.click("[data-map-place]")
    box = page.locator("[data-map=edit]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.click("[name=_save]")
    page.wait_for_url("**/regions/crossing/")
    assert Crossing.objects.get(code="0999").point is not None


def add_channel(page, number: int, **values: str) -> None:
    page.click("#channels-group .add-row a")
    page.select_option(f"#id_channels-{number}-type", values.pop("type"))
    page.select_option(f"#id_channels-{number}-grade", values.pop("grade"))
    for name, value in values.items():
        page.fill(f"#id_channels-{number}-{name}", value)


def add_an_intervention(page, words) -> None:
    page.goto(f"{reverse('admin:planner_intervention_add')}?case={Case.objects.get().pk}")
    page.locator("#id_name").press_sequentially("Booths and advice")
    page.select_option("#id_kind", "facilitation")
    assert page.input_value("#id_slug") == "booths-and-advice"
    add_channel(page, 0, type="wait_minutes", low="-4", central="-3", high="-1", source="A plan", grade="D",
                crossing="3802", direction="US")  # fmt: skip
    assert page.input_value("#id_channels-0-unit") == "minutes", "the only unit of a type is filled in"
    assert page.locator("#channels-0 .field-picture svg").count() == 1, "the distribution is drawn while typing"
    assert page.locator("#id_channels-0-place").is_hidden(), "what the type does not read is not shown"
    # The second from a preset of another kind, which changes the list.
    page.select_option("#id_kind", "diversification")
    page.select_option("#channel-preset", index=2)
    page.click("#channel-presets button")
    assert page.input_value("#id_channels-1-type") == "productivity"
    assert page.input_value("#id_channels-1-source").startswith("Assumption")
    page.fill("#id_channels-1-sector", "food")
    page.fill("#id_channels-1-place", "mich")
    page.locator("#channels-1 .code-offer button", has_text="US-MI").click()
    assert page.input_value("#id_channels-1-place") == "US-MI"
    picture(page, "journey-intervention")
    page.click("[name=_look]")
    page.get_by_text(words["preview"]).wait_for(timeout=60_000)
    picture(page, "journey-look")
    assert Intervention.objects.get(slug="booths-and-advice").channels.count() == 2


def estimate_all(page, words, closure: str = "") -> int:
    page.goto(reverse("admin:planner_run_start"))
    page.click("details summary:has(+ .fields)")
    page.fill("#id_draws", "20")
    page.select_option("#id_closure", closure)
    page.click("[name=look]")
    page.get_by_role("heading", name=words["foreseen"]).wait_for()
    picture(page, f"journey-foreseen{closure}")
    page.click("section.preview [name=start]")
    page.wait_for_url("**/planner/run/*/change/")
    # The page follows the run by itself and reloads at its end.
    page.locator(".run-progress a[href$='/ranking/']").wait_for(timeout=90_000)
    assert page.locator(".run-progress [data-part=label]").inner_text() == words["done"]
    page.locator(".inputs-state[data-state=same]").wait_for()
    picture(page, f"journey-run{closure}")
    number = int(re.search(r"/run/(\d+)/", page.url).group(1))
    page.click(".run-progress a[href$='/ranking/']")
    page.wait_for_url("**/ranking/")
    assert Run.objects.get(pk=number).state == "done"
    return number


def move_a_weight(page) -> None:
    picture(page, "journey-ranking")
    page.click("details.weights > summary")
    before = page.locator("[data-ranking-status]").inner_text()
    slider = page.locator(".weights input[type=range]").last
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "before => document.querySelector('[data-ranking-status]').innerText !== before", arg=before, timeout=20_000
    )


def compare(page, words, *runs: int) -> None:
    page.goto(reverse("admin:desk_compare"))
    for number in runs:
        page.check(f"input[name=run][value='{number}']")
    page.click(".choose-runs button")
    table = page.locator("table.data").last
    table.wait_for()
    assert table.get_by_text("Booths and advice").count() == 1
    picture(page, "journey-compare")


def download(page, run: int) -> None:
    page.goto(reverse("admin:planner_run_ranking", args=[run]))
    link = page.locator("a[href*='report.csv']").first
    with page.expect_download() as waiting:
        link.click()
    path = waiting.value.path()
    assert "booths-and-advice" in path.read_text(encoding="utf-8-sig")
