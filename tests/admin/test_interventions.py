"""Interventions in the admin: two editors, history and restoring, copies, quick looks, targets, legal points."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.admin.distribution import distribution_picture
from planner.admin.legal import legal_points
from planner.models import Channel, Intervention, Run
from regions.access import Role, grant
from tests.admin.test_plans import INLINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(client, case):
    """A planner of the case and of nothing else."""
    user = User.objects.create_user("planner", password="a password for tests", is_staff=True)
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return client


def page(name, *arguments) -> str:
    return reverse(f"admin:planner_intervention_{name}", args=arguments)


def shown_form(client, address, name: str = "intervention_form") -> dict[str, str]:
    """The values of the page's fields, as a browser would send them."""
    html = client.get(address).content.decode()
    form = html[html.index(f'id="{name}"') :]
    values = dict(re.findall(r'<input type="(?:text|hidden|url|number)" name="([^"]+)" value="([^"]*)"', form))
    values |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen.group(1) if chosen else ""
    return {name: value for name, value in values.items() if "__prefix__" not in name}


class TestTwoEditors:
    def test_the_second_sees_both_versions_and_loses_nothing(self, planner, case):
        row = case.interventions.get(slug="tariff")
        address = page("change", row.pk)
        first, second = shown_form(planner, address), shown_form(planner, address)
        assert planner.post(address, first | {"name": "First", "change_reason": "a better name"}).status_code == 302
        answer = planner.post(address, second | {"name": "Second", "notes": "mine"}).content.decode()
        assert "Somebody else changed this since you opened it." in answer
        assert "The last change is by planner" in answer
        both = re.search(r'class="both-versions".*?</table>', answer, re.S).group()
        assert re.search(r'<th scope="row">name</th><td>First</td><td>Second</td>', both)
        # What was typed is still in the form, and saving it again is meant.
        assert 'value="Second"' in answer
        assert re.search(r"<textarea[^>]*name=\"notes\"[^>]*>\s*mine", answer)
        row.refresh_from_db()
        assert (row.name, row.version) == ("First", 2)
        again = dict(re.findall(r'name="(version_seen|channels-0-version_seen)" value="([^"]*)"', answer))
        assert planner.post(address, second | {"name": "Second"} | again).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.version) == ("Second", 3)

    def test_a_row_below_that_was_changed_elsewhere(self, planner, case):
        row = case.interventions.get(slug="tariff")
        opened = shown_form(planner, page("change", row.pk))
        channel = row.channels.get()
        channel.note = "by somebody else"
        channel.save()
        answer = planner.post(page("change", row.pk), opened | {"channels-0-note": "mine"})
        assert answer.status_code == 200
        assert "Somebody else changed this" in answer.content.decode()
        assert row.channels.get().note == "by somebody else"

    def test_a_row_without_a_number_of_its_version(self, planner, case):
        channel = case.interventions.get(slug="tariff").channels.get()
        address = reverse("admin:planner_channel_change", args=[channel.pk])
        html = planner.get(address).content.decode()
        seen = re.search(r'name="version_seen" value="([0-9a-f]{32})"', html).group(1)
        values = {
            one.name: "" if getattr(channel, one.attname) is None else getattr(channel, one.attname)
            for one in channel._meta.fields
        } | {"version_seen": seen}
        assert planner.post(address, values | {"high": 0.2}).status_code == 302
        assert "Somebody else changed this" in planner.post(address, values | {"high": 0.3}).content.decode()
        assert Channel.objects.get(pk=channel.pk).high == 0.2
        # The whole that it belongs to counts as changed.
        assert Intervention.objects.get(slug="tariff").version == 2


class TestHistory:
    def test_who_when_why_and_back(self, planner, case):
        row = case.interventions.get(slug="more-booths")
        address = page("change", row.pk)
        before = shown_form(planner, address)
        assert planner.post(address, before | {"change_reason": "as imported"}).status_code == 302
        kept = row.history.first()
        changed = shown_form(planner, address) | {"name": "Fewer booths", "change_reason": "new plan"}
        changed |= {"channels-0-central": "-3", "costs-1-DELETE": "on", "costs-0-amount_musd": "99"}
        assert planner.post(address, changed).status_code == 302
        assert (row.channels.get().central, row.costs.get().amount_musd) == (-3, 99)
        record = row.history.first()
        assert (record.history_user.username, record.history_change_reason) == ("planner", "new plan")
        assert row.channels.get().history.first().history_change_reason == "new plan"
        listed = planner.get(page("history", row.pk)).content.decode()
        assert "new plan" in listed
        assert "as imported" in listed
        # Which number became which, in the rows below too.
        told = " ".join(re.sub(r"<[^>]+>", " ", listed).split())
        assert "central -5 → -3" in told
        assert "amount, million 40 → 99" in told
        assert re.search(r"Cost \d{4} [^:]*: 1\.5 : removed", told)

        old = reverse("admin:planner_intervention_simple_history", args=[row.pk, kept.pk])
        html = planner.get(old).content.decode()
        assert "Channels as they were then" in html
        assert "Costs as they were then" in html
        assert not INLINE.findall(html)
        form = {name: value for name, value in before.items() if not name.startswith(("channels-", "costs-"))}
        version = Intervention.objects.get(pk=row.pk).version
        assert planner.post(old, form | {"version_seen": version, "change_reason": "back"}).status_code == 302
        row.refresh_from_db()
        assert row.name == "More booths at the Old Bridge"
        assert row.channels.get().central == -5
        assert sorted(row.costs.values_list("amount_musd", flat=True)) == [1.5, 40]
        assert row.history.first().history_change_reason == "back"

    def test_a_set_comes_back_with_its_values(self, planner, case):
        row = case.parameter_sets.get(is_default=True)
        address = reverse("admin:planner_parameterset_change", args=[row.pk])
        before = {one.pk: (one.low, one.central, one.high) for one in row.parameters.all()}
        form = shown_form(planner, address, "parameterset_form")
        changed, removed = row.parameters.all()[:2]
        number = next(
            name.split("-")[1] for name, value in form.items() if value == str(changed.pk) and name.endswith("-id")
        )
        gone = next(
            name.split("-")[1] for name, value in form.items() if value == str(removed.pk) and name.endswith("-id")
        )
        values = {f"parameters-{number}-high": changed.high + 1, f"parameters-{gone}-DELETE": "on"}
        answer = planner.post(address, form | values | {"change_reason": "a wider range"})
        assert answer.status_code == 302, answer.context["errors"]
        assert row.parameters.get(pk=changed.pk).high == changed.high + 1
        listed = planner.get(reverse("admin:planner_parameterset_history", args=[row.pk])).content.decode()
        told = " ".join(re.sub(r"<[^>]+>", " ", listed).split())
        assert f"Parameter {changed} : high {changed.high:g} → {changed.high + 1:g}" in told
        assert f"Parameter {removed} : removed" in told

        kept = row.history.last()
        old = reverse("admin:planner_parameterset_simple_history", args=[row.pk, kept.pk])
        assert "Parameters as they were then" in planner.get(old).content.decode()
        own = {name: value for name, value in form.items() if not name.startswith("parameters-")} | {"is_default": "on"}
        assert planner.post(old, own | {"version_seen": 2}).status_code == 302
        assert {one.pk: (one.low, one.central, one.high) for one in row.parameters.all()} == before

    def test_strangers_see_no_history(self, client, case):
        client.force_login(User.objects.create_user("other", password="x", is_staff=True))
        row = case.interventions.get(slug="tariff")
        assert client.get(page("history", row.pk)).status_code in (302, 403, 404)


class TestCopies:
    def test_with_channels_and_costs_under_free_ids(self, planner, case):
        row = case.interventions.get(slug="more-booths")
        assert planner.post(page("copy", row.pk)).status_code == 302
        planner.post(page("changelist"), {"action": "copy", "_selected_action": [row.pk]})
        copies = Intervention.objects.filter(slug__startswith="more-booths-copy").order_by("slug")
        assert [one.slug for one in copies] == ["more-booths-copy", "more-booths-copy-2"]
        for copy in copies:
            assert copy.name == "More booths at the Old Bridge (copy)"
            assert (copy.channels.get().central, copy.costs.count(), copy.batch) == (-5, 2, None)
        assert row.channels.count() == 1

    def test_not_by_get_and_not_by_viewers(self, planner, client, case):
        row = case.interventions.get(slug="tariff")
        assert planner.get(page("copy", row.pk)).status_code == 405
        viewer = User.objects.create_user("viewer", password="x", is_staff=True)
        grant(viewer, case, Role.VIEWER)
        client.force_login(viewer)
        assert client.post(page("copy", row.pk)).status_code == 403
        html = client.get(page("change", row.pk)).content.decode()
        for refused in (page("copy", row.pk), page("look", row.pk), "_look", "_save"):
            assert refused not in html
        assert 'value="copy"' not in client.get(page("changelist")).content.decode()


class TestQuickLook:
    def test_shows_the_effect_and_stores_nothing(self, planner, case):
        row = case.interventions.get(slug="tariff")
        html = planner.get(page("look", row.pk)).content.decode()
        assert "Preview." in html
        assert "Change of the imbalance index" in html
        assert "Bound rates" in html
        assert not INLINE.findall(html)
        assert not Run.objects.exists()

    def test_faults_name_the_channel(self, planner, case):
        row = case.interventions.get(slug="more-booths")
        row.channels.update(low=-60)
        html = planner.get(page("look", row.pk)).content.decode()
        assert "A run would refuse it" in html
        assert "channel 1: cuts the wait at 0901 into US by up to 60 minutes" in html

    def test_without_meaning_under_the_closure(self, planner, case):
        row = case.interventions.get(slug="dearer-dollar")
        assert "has meaning only under short_run" in planner.get(page("look", row.pk)).content.decode()

    def test_saving_leads_to_it(self, planner, case):
        row = case.interventions.get(slug="tariff")
        form = shown_form(planner, page("change", row.pk)) | {"_look": "1"}
        assert planner.post(page("change", row.pk), form).url == page("look", row.pk)

    def test_of_another_case_nothing_is_found(self, client, case):
        client.force_login(User.objects.create_user("other", password="x", is_staff=True))
        row = case.interventions.get(slug="tariff")
        assert client.get(page("look", row.pk)).status_code == 404
        assert client.get(page("targets"), {"case": case.pk, "field": "crossing"}).status_code == 404


def test_targets_are_found_by_code_and_name(planner, case):
    def found(field, typed):
        answer = planner.get(page("targets"), {"case": case.pk, "field": field, "q": typed}).json()
        return [one["code"] for one in answer["found"]]

    assert found("crossing", "bridge") == ["0901", "3802"]
    assert found("crossing", "38") == ["3802"]
    assert found("place", "mi") == ["US-MI"]
    assert planner.get(page("targets"), {"case": case.pk, "field": "password"}).status_code == 404


def test_a_fault_stands_at_its_field(planner, case):
    row = case.interventions.get(slug="more-booths")
    form = shown_form(planner, page("change", row.pk)) | {"channels-0-unit": "hours", "channels-0-crossing": "9999"}
    html = planner.post(page("change", row.pk), form).content.decode()
    assert re.search(r"errorlist[^>]*><li>expected minutes for wait_minutes</li>", html)
    assert re.search(r"errorlist[^>]*><li>unknown: 9999; expected codes of crossings", html)


def test_legal_points_by_type_and_sign():
    def points(kind, central):
        return [str(one)[:12] for one in legal_points([Channel(type=kind, central=central)])]

    assert points("tariff", 0.1) == ["Bound rates:"]
    assert points("tariff", -0.1) == ["Most-favoure"]
    assert points("export_tax", -0.1) == ["Export subsi"]
    assert points("wait_minutes", -5) == []


def test_the_picture_of_a_distribution():
    picture = distribution_picture(-8, -5, -2)
    # Zero at the right edge, the central value five eighths of the way to the left of it.
    assert 'd="M4.0,28 L57.2,4 L110.5,28 Z"' in picture
    assert '<line class="zero" x1="146.0" x2="146.0"' in picture
    assert distribution_picture(1, 0, 2) == "–"
