"""The planner's admin: every model listed and searched, estimates started, results shown under a strict policy."""

import json
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from planner.admin import estimation
from planner.models import ApiToken, Intervention, Run, Scenario, Snapshot
from planner.services import run_estimate_part, run_finish, run_start
from tests.factories.plans import HEADLINE
from tests.factories.runs import FEW, finished_run

pytestmark = pytest.mark.django_db

OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "planner"), key=lambda model: model.__name__
)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)[^>]*>|\son\w+\s*=|\sstyle\s*=|<style", re.I
)


@pytest.fixture
def planner_user(client):
    user = get_user_model().objects.create_superuser("root", "root@example.org", "a password for tests")
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client):
    user = get_user_model().objects.create_user("viewer", password="a password for tests", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_case"))
    client.force_login(user)
    return client


@pytest.fixture
def sent(monkeypatch):
    """The runs whose messages were sent; no broker takes part here."""
    runs = []
    monkeypatch.setattr(estimation.tasks, "enqueue_run", runs.append)
    return runs


def address(model, page, *arguments) -> str:
    return reverse(f"admin:planner_{model._meta.model_name}_{page}", args=arguments)


# Shown on the pages of what they belong to, or nobody's business.
ELSEWHERE = {"RunDocument", "DeliveryAttempt", "IdempotencyKey", "Recipient", "ReportFile"}


def test_every_model_is_in_the_admin():
    every = {model.__name__ for model in apps.get_app_config("planner").get_models()}
    histories = {name for name in every if name.startswith("Historical")}
    assert {model.__name__ for model in OURS} == every - histories - ELSEWHERE


def test_lists_search_filter_and_open(planner_user, case):
    finished_run(case)
    Scenario.objects.create(case=case, name="usual", parameter_set=case.parameter_sets.get())
    made = ApiToken(user=get_user_model().objects.get(), name="t", scopes=["read"], expires_at=timezone.now())
    made.issue()
    made.save()
    opened = set()
    for model in OURS:
        registered = admin.site._registry[model]
        assert registered.search_fields, model
        assert registered.list_filter or model is Snapshot, model
        assert planner_user.get(address(model, "changelist")).status_code == 200, model
        assert planner_user.get(address(model, "changelist"), {"q": "tariff"}).status_code == 200, model
        if (row := model.objects.first()) is not None:
            page = planner_user.get(address(model, "change", row.pk))
            assert page.status_code == 200, model
            assert not INLINE.findall(page.content.decode()), model
            opened.add(model.__name__)
    assert len(opened) >= 13


def look(client, *slugs):
    """The action of the list: it shows what would run."""
    rows = Intervention.objects.filter(slug__in=slugs)
    return client.post(
        address(Intervention, "changelist"), {"action": "estimate", "_selected_action": [row.pk for row in rows]}
    )


def start(client, case, *slugs, **settings):
    rows = Intervention.objects.filter(case=case, slug__in=slugs)
    values = {"case": case.pk, "everything": "0" if slugs else "1", "start": "1", **settings}
    return client.post(reverse("admin:planner_run_start"), values | {"interventions": [row.pk for row in rows]})


class TestEstimate:
    def test_the_action_shows_what_would_run_and_starts_nothing(self, planner_user, case, sent):
        page = look(planner_user, "exporters", "tariff").content.decode()
        assert "2 to compute, 0 taken from earlier runs" in page
        assert "Nothing of this case has been timed yet" in page
        assert not Run.objects.exists()
        assert not INLINE.findall(page)

    def test_starts_a_run_and_shows_it(self, planner_user, case, sent):
        answer = start(planner_user, case, "exporters", "tariff", draws=20)
        run = Run.objects.get()
        assert answer.status_code == 302
        assert answer.url == address(Run, "change", run.pk)
        assert sent == [run]
        assert {document["id"] for document in run.interventions} == {"exporters", "tariff"}
        assert (run.requested_by.username, run.draws) == ("root", 20)
        assert "progress.js" in planner_user.get(answer.url).content.decode()

    def test_a_second_click_leads_to_the_same_run(self, planner_user, case, sent):
        assert start(planner_user, case, "exporters").url == start(planner_user, case, "exporters").url
        assert Run.objects.count() == 1

    def test_refusals_are_shown_and_can_be_left_out(self, planner_user, case, sent):
        case.interventions.get(slug="exporters").channels.update(low=0, central=0, high=0)
        assert start(planner_user, case, "exporters", "tariff").status_code == 200
        assert not Run.objects.exists()
        page = look(planner_user, "exporters", "tariff").content.decode()
        assert "no model input changes" in page
        assert "Start 1 without the refused" in page
        assert address(Intervention, "change", case.interventions.get(slug="exporters").pk) in page
        kept = re.search(r'class="without-refused".*?</form>', page, re.S).group()
        values = dict(re.findall(r'name="(case|everything|interventions|start)" value="([^"]*)"', kept))
        planner_user.post(reverse("admin:planner_run_start"), values)
        assert [one["id"] for one in Run.objects.get().interventions] == ["tariff"]

    def test_earlier_work_and_missing_meaning_are_foreseen(self, planner_user, case, sent):
        run = finished_run(case, slugs=["exporters", "tariff"])
        values = {"case": case.pk, "everything": "1", "look": "1", "draws": run.draws, "seed": run.seed}
        page = planner_user.post(reverse("admin:planner_run_start"), values).content.decode()
        assert "2 to compute, 2 taken from earlier runs" in page
        assert "1 without meaning under this closure" in page
        assert f"by the pace of run {run.pk}" in page

    def test_a_scenario_estimates_everything(self, planner_user, case, sent):
        scenario = Scenario.objects.create(
            case=case, name="short", parameter_set=case.parameter_sets.get(), closure="short_run", draws=10
        )
        page = planner_user.post(
            address(Scenario, "changelist"), {"action": "estimate", "_selected_action": [scenario.pk]}
        ).content.decode()
        assert f'<option value="{scenario.pk}" selected>' in page
        answer = start(planner_user, case, scenario=scenario.pk)
        run = Run.objects.get()
        assert answer.url == address(Run, "change", run.pk)
        assert (run.scenario, run.closure, run.draws, run.parts.count()) == (scenario, "short_run", 10, 5)

    def test_wrong_settings_are_named_at_their_field(self, planner_user, case, sent):
        page = start(planner_user, case, draws=30000).content.decode()
        assert "less than or equal to 20000" in page
        assert not Run.objects.exists()

    def test_viewers_are_not_offered_it(self, viewer, case, sent):
        assert 'value="estimate"' not in viewer.get(address(Intervention, "changelist")).content.decode()
        assert reverse("admin:planner_run_start") not in viewer.get(address(Run, "changelist")).content.decode()
        look(viewer, "exporters")
        assert start(viewer, case, "exporters").status_code == 403
        assert not Run.objects.exists()


class TestRetry:
    def failed(self, case):
        run = finished_run(case)
        run.parts.filter(intervention="tariff").update(state="failed", error="the machine was full")
        run.effects.filter(intervention="tariff").update(status="failed", reason="the machine was full")
        return run

    def test_what_failed_is_tried_again_and_the_rest_stands(self, planner_user, case, sent):
        run = self.failed(case)
        retry = reverse("admin:planner_run_retry", args=[run.pk])
        assert retry in planner_user.get(address(Run, "change", run.pk)).content.decode()
        assert planner_user.post(retry).status_code == 302
        run.refresh_from_db()
        assert (run.state, run.finished_at, run.rankings.count()) == ("pending", None, 0)
        assert list(run.parts.filter(state="pending").values_list("intervention", flat=True)) == ["tariff"]
        assert run.effects.count() == 4
        assert sent == [run]
        run_estimate_part(run.parts.get(intervention="tariff").pk)
        assert run_finish(run.pk)
        assert {row.intervention for row in run.rankings.first().rows.all()} >= {"tariff"}

    def test_an_approved_run_stays(self, planner_user, case, sent):
        run = self.failed(case)
        other = get_user_model().objects.create_user("other")
        Run.objects.filter(pk=run.pk).update(review="approved", reviewed_by=other, reviewed_at=timezone.now())
        retry = reverse("admin:planner_run_retry", args=[run.pk])
        assert retry not in planner_user.get(address(Run, "change", run.pk)).content.decode()
        page = planner_user.post(retry, follow=True).content.decode()
        assert "its results stay as they are" in page
        assert Run.objects.get().state == "done"
        assert not sent

    def test_viewers_may_not(self, viewer, case, sent):
        run = self.failed(case)
        retry = reverse("admin:planner_run_retry", args=[run.pk])
        assert retry not in viewer.get(address(Run, "change", run.pk)).content.decode()
        assert viewer.post(retry).status_code == 403


def test_inputs_changed_since(planner_user, case):
    run = finished_run(case)

    def state():
        answer = planner_user.get(reverse("admin:planner_run_inputs"), {"runs": str(run.pk)}).json()
        return answer[str(run.pk)]["state"], " ".join(answer[str(run.pk)]["details"])

    assert state() == ("same", "")
    case.interventions.get(slug="tariff").channels.update(note="looked at again")
    assert state() == ("changed", "Interventions changed: tariff.")
    case.parameter_sets.get().parameters.filter(key="theta").update(central=5.5)
    assert "Parameters changed: theta." in state()[1]
    case.crossings.first().delays.update(minutes=3)
    assert "Facts of the case have changed." in state()[1]


class TestRunPages:
    def test_progress(self, planner_user, case):
        run = run_start(case, settings=FEW).run
        progress = json.loads(planner_user.get(reverse("admin:planner_run_progress", args=[run.pk])).content)
        assert [line["text"] for line in progress.pop("log")] == []
        assert progress == {
            "state": "pending", "label": "Waiting", "finished": False, "early": False, "total": 5, "done": 0, "failed": 0,
            "running": 0, "seconds_left": None,
        }  # fmt: skip

    def test_cancel(self, planner_user, case):
        run = run_start(case, settings=FEW).run
        cancel = reverse("admin:planner_run_cancel", args=[run.pk])
        assert cancel in planner_user.get(address(Run, "change", run.pk)).content.decode()
        assert planner_user.get(cancel).status_code == 405
        assert planner_user.post(cancel).status_code == 302
        run.refresh_from_db()
        assert run.state == "cancelled"
        assert cancel not in planner_user.get(address(Run, "change", run.pk)).content.decode()

    def test_viewers_may_not_cancel(self, viewer, case):
        run = run_start(case, settings=FEW).run
        assert viewer.post(reverse("admin:planner_run_cancel", args=[run.pk])).status_code == 403
        run.refresh_from_db()
        assert run.state == "pending"

    def test_failures_are_shown_with_their_reason(self, planner_user, case):
        run = run_start(case, settings=FEW).run
        run.parts.filter(intervention="tariff").update(state="failed", error="no <b>equilibrium</b>")
        page = planner_user.get(address(Run, "change", run.pk)).content.decode()
        assert "no &lt;b&gt;equilibrium&lt;/b&gt;" in page

    def test_results_of_an_unfinished_run(self, planner_user, case):
        run = run_start(case, settings=FEW).run
        page = planner_user.get(reverse("admin:planner_run_ranking", args=[run.pk]))
        assert page.status_code == 200
        assert "no results" in page.content.decode()
        assert planner_user.get(reverse("admin:planner_run_report", args=[run.pk, "html"])).status_code == 404

    def test_strangers_see_nothing(self, client, case):
        run = finished_run(case)
        for name, arguments in (("ranking", []), ("why", ["tariff"]), ("report", ["html"]), ("progress", [])):
            assert client.get(reverse(f"admin:planner_run_{name}", args=[run.pk, *arguments])).status_code == 302
        user = get_user_model().objects.create_user("other", password="a password for tests", is_staff=True)
        client.force_login(user)
        for name, arguments in (("ranking", []), ("why", ["tariff"]), ("report", ["html"]), ("progress", [])):
            assert client.get(reverse(f"admin:planner_run_{name}", args=[run.pk, *arguments])).status_code == 403


class TestResults:
    def test_ranking(self, viewer, case):
        run = finished_run(case)
        for criterion in ("imbalance", "welfare"):
            ranking = reverse("admin:planner_run_ranking", args=[run.pk])
            self.check_ranking(run, viewer.get(ranking, {"criterion": criterion}).content.decode())
        assert viewer.get(ranking, {"criterion": "beauty"}).status_code == 404

    def check_ranking(self, run, page):
        assert f"{HEADLINE:.7f}" in page
        # Michigan's exports 23 and imports 44 billion.
        assert '<data value="23000">23.00</data>' in page
        assert '<data value="44000">44.00</data>' in page
        positions = [page.index(f"/why/{slug}/") for slug in ("exporters", "more-booths", "visitors", "tariff")]
        assert positions == sorted(positions)
        assert page.count('class="bar"') == 8
        assert "Dearer Canadian dollar" in page
        assert not INLINE.findall(page)
        assert reverse("admin:planner_run_report", args=[run.pk, "html"]) in page

    def test_why(self, viewer, case):
        run = finished_run(case)
        page = viewer.get(reverse("admin:planner_run_why", args=[run.pk, "more-booths"])).content.decode()
        for step in ("Mean truck wait at Old Bridge", "Delivered cost", "Imbalance index", "Welfare of border regions"):
            assert step in page
        # The measured wait, and five minutes less.
        assert re.search(r">22(\.0+)?<.*>17(\.0+)?<", page, re.DOTALL)
        assert "Survey" in page
        assert not INLINE.findall(page)
        other = viewer.get(reverse("admin:planner_run_why", args=[run.pk, "dearer-dollar"])).content.decode()
        assert "Not ranked" in other
        assert viewer.get(reverse("admin:planner_run_why", args=[run.pk, "no-such"])).status_code == 404

    def test_report_opens_under_the_policy(self, viewer, case):
        run = finished_run(case)
        answer = viewer.get(reverse("admin:planner_run_report", args=[run.pk, "html"]))
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "'sha256-" in policy
        assert "unsafe" not in policy
        assert (
            viewer.get(reverse("admin:planner_run_report", args=[run.pk, "json"]))
            .headers["Content-Disposition"]
            .startswith("attachment")
        )
        assert viewer.get(reverse("admin:planner_run_report", args=[run.pk, "exe"])).status_code == 404

    def test_hostile_names_stay_text(self, viewer, case):
        hostile = "<script>alert(1)</script>"
        Intervention.objects.filter(slug="tariff").update(name=hostile, description=hostile, competence=hostile)
        run = finished_run(case)
        for name, arguments in (("ranking", []), ("why", ["tariff"]), ("report", ["html"])):
            page = viewer.get(reverse(f"admin:planner_run_{name}", args=[run.pk, *arguments])).content.decode()
            assert hostile not in page
            assert "alert(1)" in page


def test_two_editors_the_second_is_told(planner_user, case):
    row = Intervention.objects.get(slug="tariff")
    page = planner_user.get(address(Intervention, "change", row.pk)).content.decode()
    form = dict(re.findall(r'name="((?:channels|costs)-[^"]*(?:_FORMS|-id|-intervention))" value="([^"]*)"', page))
    channel = row.channels.get()
    fields = {
        field.name: "" if getattr(channel, field.name) is None else getattr(channel, field.name)
        for field in channel._meta.fields
        if field.name not in ("id", "intervention")
    }
    form |= {f"channels-0-{name}": value for name, value in fields.items()}
    form |= {
        "version_seen": row.version,
        "case": case.pk,
        "slug": "tariff",
        "name": "First",
        "kind": "restrictive",
        "maturity": "idea",
    }
    first = planner_user.post(address(Intervention, "change", row.pk), form)
    assert first.status_code == 302, re.findall(r"errorlist[^>]*>.*?</ul>", first.content.decode(), re.S)
    second = planner_user.post(address(Intervention, "change", row.pk), form | {"name": "Second"})
    assert second.status_code == 200
    assert "Somebody else changed this" in second.content.decode()
    row.refresh_from_db()
    assert (row.name, row.version) == ("First", 2)
    assert row.history.first().history_user.username == "root"


def test_a_run_is_foreseen_again_with_its_own_settings(planner_user, case):
    run = finished_run(case, slugs=["exporters"])
    page = planner_user.get(reverse("admin:planner_run_start"), {"case": case.pk, "again": run.pk}).content.decode()
    assert "What would run" in page
    assert re.search(r'name="draws" value="20"', page)
    assert "1 taken from earlier runs" in page
    # A run of another case or none is no reason to look ahead.
    assert "What would run" not in planner_user.get(
        reverse("admin:planner_run_start"), {"case": case.pk, "again": "999"}
    ).content.decode()  # fmt: skip
