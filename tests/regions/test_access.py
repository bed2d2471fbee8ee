"""Roles by case: what each one includes, where it ends, and how the admin keeps to it."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.urls import reverse

from regions.access import Access, Role, access_of, case_id_of, case_path, grant
from regions.models import Case, Delay, ImportBatch, Region, SectorFlow
from tests.factories import regions as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(db) -> Case:
    return make.CaseFactory(name="own")


@pytest.fixture
def foreign(db) -> Case:
    return make.CaseFactory(name="foreign")


def person(case: Case, role: Role) -> User:
    user = User.objects.create_user(role.name.lower(), password="x", is_staff=True)
    grant(user, case, role)
    return user


@pytest.mark.parametrize("role", Role)
def test_each_role_includes_those_before_it_and_ends_at_its_case(own, foreign, role):
    access = access_of(person(own, role))
    for asked in Role:
        assert access.may(asked, own.pk) == (asked <= role)
        assert not access.may(asked, foreign.pk)
        assert not access.may(asked, None)
    assert list(access.limit(Case.objects.all())) == [own]


def test_people_without_a_role_have_nothing(own):
    for user in (AnonymousUser(), User.objects.create_user("nobody")):
        assert access_of(user) == Access()
        assert not access_of(user).limit(Case.objects.all())
    left = person(own, Role.APPROVER)
    left.is_active = False
    assert access_of(left) == Access()


def test_roles_on_all_cases(own, foreign):
    user = User.objects.create_user("auditor")
    user.user_permissions.add(Permission.objects.get(codename="view_case", content_type__app_label="regions"))
    access = access_of(user)
    assert access.may(Role.VIEWER, foreign.pk)
    assert access.may(Role.VIEWER, None)
    assert not access.may(Role.PLANNER, own.pk)
    assert access_of(User.objects.create_superuser("root")).may(Role.APPROVER, foreign.pk)


def test_the_most_that_a_token_may_do(own):
    access = access_of(person(own, Role.APPROVER))
    assert access.capped(Role.VIEWER).may(Role.VIEWER, own.pk)
    assert not access.capped(Role.VIEWER).may(Role.PLANNER, own.pk)
    assert access.capped(None) == Access()


def test_the_way_from_each_model_to_its_case():
    paths = {model.__name__: case_path(model) for model in apps.get_app_config("planner").get_models()}
    assert (paths["Intervention"], paths["Channel"], paths["RankingRow"]) == (
        "case", "intervention__case", "ranking__run__case",
    )  # fmt: skip
    assert (case_path(Case), case_path(Delay), case_path(ImportBatch)) == ("", "crossing__case", "case")
    assert paths["Snapshot"] is None
    delay = make.DelayFactory()
    assert case_id_of(delay) == delay.crossing.case_id


@pytest.mark.parametrize("role", Role)
def test_admin_pages_end_at_the_case(client, own, foreign, role):
    client.force_login(person(own, role))
    for factory, model in ((make.RegionFactory, Region), (make.SectorFlowFactory, SectorFlow)):
        name = f"admin:regions_{model._meta.model_name}"
        mine, other = factory(case=own), factory(case=foreign)
        page = client.get(reverse(f"{name}_changelist"))
        assert page.status_code == 200
        assert list(page.context["cl"].result_list.filter(case=foreign)) == []
        assert client.get(reverse(f"{name}_change", args=[mine.pk])).status_code == 200
        # Django's admin answers for a row that the query does not hold as for one that does not exist.
        assert client.get(reverse(f"{name}_change", args=[other.pk])).status_code == 302
        assert "foreign" not in page.content.decode()
    assert client.get(reverse("admin:regions_case_add")).status_code == 403


def test_a_planner_cannot_move_rows_to_a_foreign_case(client, own, foreign):
    client.force_login(person(own, Role.PLANNER))
    economy = make.EconomyFactory(case=own)
    page = reverse("admin:regions_economy_change", args=[economy.pk])
    values = {"case": foreign.pk, "code": economy.code, "name": "Moved", "currency": ""}
    assert client.post(page, values).status_code == 200
    economy.refresh_from_db()
    assert economy.case == own


def test_viewers_change_nothing(client, own):
    client.force_login(person(own, Role.VIEWER))
    economy = make.EconomyFactory(case=own)
    values = {"case": own.pk, "code": economy.code, "name": "Changed"}
    assert client.post(reverse("admin:regions_economy_change", args=[economy.pk]), values).status_code == 403
    assert client.post(reverse("admin:regions_economy_delete", args=[economy.pk]), {"post": "yes"}).status_code == 403


def test_people_of_a_case_are_set_on_its_page(client, own, admin_client):
    planner = User.objects.create_user("new")
    page = reverse("admin:regions_case_change", args=[own.pk])
    form = admin_client.get(page).context["adminform"].form
    values = {field.html_name: field.value() for field in form if field.value() is not None}
    assert admin_client.post(page, values | {"planners": [planner.pk]}).status_code == 302
    assert access_of(planner).cases(Role.PLANNER) == [own.pk]
    assert admin_client.post(page, values | {"version_seen": 2, "planners": []}).status_code == 302
    assert access_of(User.objects.get(pk=planner.pk)) == Access()


def test_too_many_wrong_passwords(client, settings):
    User.objects.create_user("known", password="the right one", is_staff=True)
    page = reverse("admin:login")
    answers = [
        client.post(page, {"username": "known", "password": "wrong"}) for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert client.post(page, {"username": "known", "password": "the right one"}).status_code == 429
