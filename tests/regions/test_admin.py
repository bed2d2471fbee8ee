"""Admin pages of the facts: every model, bounded pages, no silent overwriting, imported rows read only."""

import json

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from regions.importing.border_entry_loader import import_border_entry
from regions.importing.loader import import_case
from regions.importing.transborder_loader import import_transborder
from regions.models import Crossing, CrossingFlow, Delay, ImportBatch, Region, SectorFlow
from tests.factories import regions as make
from tests.regions import test_import_border_entry as entry_files
from tests.regions import transborder_files
from tests.regions.case_files import write_case

pytestmark = pytest.mark.django_db

MODELS = [model for model in apps.get_app_config("regions").get_models() if not model.__name__.startswith("Historical")]
# Session, user, count, page and the related filters; the same whether the table has three rows or thousands.
MOST_QUERIES = 14


@pytest.fixture
def imported(tmp_path):
    import_border_entry([entry_files.write(tmp_path, entry_files.ROW)])
    import_transborder([transborder_files.write(tmp_path, *transborder_files.ROWS)])
    batch = import_case(write_case(tmp_path / "small-2023")).batch
    make.WaitCellFactory(crossing=batch.case.crossings.get(code="0901"), direction=batch.case.economies.get(code="US"))
    return batch


@pytest.fixture
def staff(client):
    """Somebody who may do everything with the facts except edit imported rows."""
    user = User.objects.create_user("planner", password="x", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="regions").exclude(codename="edit_imported_rows")
    user.user_permissions.set(permissions)
    client.force_login(user)
    return client


def address(model, page, *arguments):
    return reverse(f"admin:regions_{model._meta.model_name}_{page}", args=arguments)


def form_values(response):
    """What a browser would send back unchanged."""
    form = response.context["adminform"].form
    values = {}
    for field in form:
        value = field.value()
        if value is True:
            values[field.html_name] = "on"
        elif value is not None and value is not False:
            values[field.html_name] = value
    return values


@pytest.mark.parametrize("model", MODELS)
def test_model_is_registered_with_search_and_filters(model):
    page = admin.site._registry[model]
    assert page.search_fields
    assert page.list_filter
    assert not page.inlines
    relations = {field.name for field in model._meta.fields if field.is_relation}
    shown = relations.intersection(page.list_display)
    assert shown <= set(page.list_select_related or ())


@pytest.mark.parametrize("model", MODELS)
def test_list_and_search_in_few_queries(model, imported, admin_client, django_assert_max_num_queries):
    for query in ("", "?q=US"):
        with django_assert_max_num_queries(MOST_QUERIES):
            response = admin_client.get(address(model, "changelist") + query)
        assert response.status_code == 200


@pytest.mark.parametrize("model", [Crossing, Region, SectorFlow, CrossingFlow, Delay])
def test_queries_of_a_list_do_not_grow_with_rows(model, admin_client):
    factory = getattr(make, f"{model.__name__}Factory")
    factory()
    page = address(model, "changelist")
    admin_client.get(page)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(page).status_code == 200
        return len(captured)

    few = queries()
    factory.create_batch(30)
    assert queries() == few


@pytest.mark.parametrize("model", MODELS)
def test_page_of_one_object(model, imported, admin_client, django_assert_max_num_queries):
    row = model._default_manager.first()
    with django_assert_max_num_queries(25):
        response = admin_client.get(address(model, "change", row.pk))
    assert response.status_code == 200
    assert b"http://" not in response.content.replace(b"http://www.w3.org", b"")
    assert b"https://" not in response.content


def test_position_is_typed_as_coordinates(imported, admin_client):
    crossing = Crossing.objects.get(code="0901")
    page = address(Crossing, "change", crossing.pk)
    values = form_values(admin_client.get(page))
    assert (values["latitude"], values["longitude"]) == (42.3, -83.05)
    values["latitude"] = "42.312"
    assert admin_client.post(page, values).status_code == 302
    crossing.refresh_from_db()
    assert (crossing.point.y, crossing.point.x) == (42.312, -83.05)
    assert crossing.version == 2
    assert crossing.history.first().history_user.username == "admin"


def test_position_beyond_the_globe_is_refused(imported, admin_client):
    crossing = Crossing.objects.get(code="0901")
    page = address(Crossing, "change", crossing.pk)
    values = form_values(admin_client.get(page)) | {"latitude": "142"}
    response = admin_client.post(page, values)
    assert response.status_code == 200
    assert "latitude" in response.context["adminform"].form.errors
    crossing.refresh_from_db()
    assert crossing.point.y == 42.3


def test_new_region_with_outline(imported, admin_client):
    square = {"type": "Polygon", "coordinates": [[[-80, 45], [-75, 45], [-75, 50], [-80, 50], [-80, 45]]]}
    region = Region.objects.get(code="CA-ON")
    values = {
        "case": region.case_id,
        "economy": region.economy_id,
        "code": "CA-QC",
        "name": "Quebec",
        "kind": "border",
        "gdp_musd": "429325",
        "population": "8848020",
        "latitude": "47",
        "longitude": "-77",
        "outline_geojson": json.dumps(square),
    }
    response = admin_client.post(address(Region, "add"), values)
    assert response.status_code == 302, response.context["adminform"].form.errors
    stored = Region.objects.get(code="CA-QC")
    assert stored.outline.extent == (-80, 45, -75, 50)
    assert stored.version == 1


def test_outline_stays_is_replaced_and_removed(imported, admin_client):
    region = Region.objects.get(code="CA-ON")
    page = address(Region, "change", region.pk)
    response = admin_client.get(page)
    assert "1 polygons, 5 points" in response.content.decode()
    admin_client.post(page, form_values(response) | {"name": "Ontario (ON)"})
    region.refresh_from_db()
    assert (region.name, region.outline.num_coords) == ("Ontario (ON)", 5)

    values = form_values(admin_client.get(page)) | {"outline_geojson": '{"type": "Point", "coordinates": [1, 2]}'}
    response = admin_client.post(page, values)
    assert "expected a Polygon or MultiPolygon" in str(response.context["adminform"].form.errors["outline_geojson"])

    admin_client.post(page, form_values(admin_client.get(page)) | {"remove_outline": "on"})
    region.refresh_from_db()
    assert region.outline is None


def test_second_editor_is_told_and_does_not_overwrite(imported, admin_client):
    region = Region.objects.get(code="CA-ON")
    page = address(Region, "change", region.pk)
    opened_by_both = form_values(admin_client.get(page))
    assert admin_client.post(page, opened_by_both | {"name": "First"}).status_code == 302
    response = admin_client.post(page, opened_by_both | {"name": "Second"})
    assert "Somebody else changed this" in response.content.decode()
    region.refresh_from_db()
    assert (region.name, region.version) == ("First", 2)


@pytest.mark.parametrize("model", [Region, Crossing, Delay])
def test_an_earlier_state_is_shown_and_restored(model, imported, admin_client):
    row = model.objects.first()
    changes = {Region: {"name": "New"}, Crossing: {"latitude": "43.5"}, Delay: {"minutes": "99"}}[model]
    page = address(model, "change", row.pk)
    assert admin_client.post(page, form_values(admin_client.get(page)) | changes).status_code == 302
    assert admin_client.get(address(model, "history", row.pk)).status_code == 200
    first = row.history.last()
    old_page = address(model, "simple_history", row.pk, first.pk)
    assert admin_client.post(old_page, form_values(admin_client.get(old_page))).status_code == 302
    restored = model.objects.get(pk=row.pk)
    assert restored.version == 3
    for field in ("name", "point", "minutes"):
        assert getattr(restored, field, None) == getattr(row, field, None)


def test_region_of_another_case_is_refused(imported, admin_client):
    region = Region.objects.get(code="CA-ON")
    page = address(Region, "change", region.pk)
    values = form_values(admin_client.get(page)) | {"economy": make.EconomyFactory().pk}
    assert "economy of the same case" in admin_client.post(page, values).content.decode()


def test_imported_rows_are_read_only_without_the_permission(imported, staff, admin_client):
    flow = SectorFlow.objects.first()
    page = address(SectorFlow, "change", flow.pk)
    staff.force_login(User.objects.get(username="planner"))
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"value_usd": "1"}).status_code == 403
    assert staff.get(address(SectorFlow, "add")).status_code == 403
    user = User.objects.get(username="planner")
    user.user_permissions.add(Permission.objects.get(codename="edit_imported_rows"))
    values = form_values(staff.get(page)) | {"value_usd": "123"}
    assert staff.post(page, values).status_code == 302
    flow.refresh_from_db()
    assert flow.value_usd == 123


def test_batches_are_never_edited(imported, admin_client):
    page = address(ImportBatch, "change", imported.pk)
    assert "regions.csv" in admin_client.get(page).content.decode()
    assert admin_client.post(page, {"label": "other"}).status_code == 403
    assert admin_client.get(address(ImportBatch, "add")).status_code == 403
    assert admin_client.get(address(ImportBatch, "delete", imported.pk)).status_code == 403


def test_links_from_a_crossing_to_its_rows(imported, admin_client):
    crossing = Crossing.objects.get(code="0901")
    content = admin_client.get(address(Crossing, "change", crossing.pk)).content.decode()
    for model in (Delay, CrossingFlow):
        link = f"{address(model, 'changelist')}?crossing__id__exact={crossing.pk}"
        assert f'<a href="{link}">2</a>' in content
        response = admin_client.get(link)
        assert response.status_code == 200
        assert response.context["cl"].result_count == 2


def test_deleting_what_is_used_names_only_some_users(imported, admin_client):
    region = Region.objects.get(code="CA-ON")
    make.CrossingFactory.create_batch(30, case=region.case, region_b=region)
    response = admin_client.get(address(Region, "delete", region.pk))
    assert response.status_code == 200
    assert len(response.context["protected"]) == 20
    assert admin_client.post(address(Region, "delete", region.pk), {"post": "yes"}).status_code in (200, 403)
    assert Region.objects.filter(pk=region.pk).exists()


def test_text_of_users_does_not_run(imported, admin_client):
    Region.objects.filter(code="CA-ON").update(name="<script>alert(1)</script>")
    content = admin_client.get(address(Region, "changelist")).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert" in content


@pytest.mark.parametrize("model", MODELS)
def test_strangers_see_nothing(model, client):
    assert client.get(address(model, "changelist")).status_code == 302
