"""Imports over REST: dry run, import, refusal, undo, bounds and who may."""

import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from regions.access import Role, grant
from regions.models import Case, ImportBatch, Region
from tests.factories.plans import write_plans

pytestmark = pytest.mark.django_db

LIST = "/api/v1/imports/"


def zipped(folder: Path) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return SimpleUploadedFile(f"{folder.name}.zip", file.getvalue(), "application/zip")


def regions_file(population: str = "5000001") -> SimpleUploadedFile:
    text = f"code,name,economy,kind,gdp_musd,population,latitude,longitude\nUS-MI,Michigan,US,border,670000,{population},44.5,-85.0\n"
    return SimpleUploadedFile("mine.csv", text.encode())


@pytest.fixture
def planner(client, case):
    user = User.objects.create_user("planner")
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return client


@pytest.fixture
def planner_of_all(client):
    user = User.objects.create_user("everywhere")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_case", "plan_case"]))
    client.force_login(user)
    return client


def test_formats(planner):
    found = {one["id"]: one for one in planner.get(f"{LIST}formats/").json()}
    assert {"case", "transborder", "border_entry", "regions", "tariffs"} <= set(found), sorted(found)
    names = [field["name"] for field in found["regions"]["fields"]]
    assert "population" in names
    assert found["regions"]["needs_case"]


class TestWholeCase:
    def test_dry_run_then_import_then_nothing(self, planner_of_all, tmp_path):
        folder = write_plans(tmp_path / "small-2023")

        def send(**more):
            return planner_of_all.post(LIST, {"kind": "case", "files": zipped(folder), **more})

        dry = send(dry_run="true")
        assert (dry.status_code, dry.json()["outcome"]) == (200, "checked"), dry.content
        assert not Case.objects.exists()
        done = send()
        assert (done.status_code, done.json()["outcome"], done.json()["case"]) == (201, "loaded", "small-2023")
        assert planner_of_all.get(done.headers["Location"]).json()["status"] == "loaded"
        assert ImportBatch.objects.get().user_name == "everywhere"
        again = send()
        assert (again.status_code, again.json()["outcome"]) == (200, "unchanged"), again.content

    def test_a_planner_of_one_case_makes_no_other(self, planner, tmp_path):
        folder = write_plans(tmp_path / "other-2023")
        answer = planner.post(LIST, {"kind": "case", "files": zipped(folder), "options": '{"name": "other"}'})
        assert answer.status_code == 403
        assert list(Case.objects.values_list("name", flat=True)) == ["small-2023"]

    def test_but_updates_the_own_one_under_its_name(self, planner, tmp_path):
        folder = write_plans(tmp_path / "elsewhere")
        parts = {"kind": "case", "case": "small-2023", "options": '{"name": "stolen"}', "files": zipped(folder)}
        answer = planner.post(LIST, parts)
        assert answer.status_code in (200, 201), answer.content
        assert answer.json()["case"] == "small-2023"
        assert Case.objects.count() == 1


class TestTable:
    def test_import_and_undo(self, planner, case):
        before = Region.objects.get(code="US-MI").population
        done = planner.post(LIST, {"kind": "regions", "case": case.name, "files": regions_file()})
        assert done.status_code == 201, done.content
        assert Region.objects.get(code="US-MI").population == 5000001
        undo = planner.post(f"{LIST}{done.json()['batches'][0]}/undo/")
        assert (undo.status_code, undo.json()["status"]) == (200, "undone"), undo.content
        assert Region.objects.get(code="US-MI").population == before
        assert planner.post(f"{LIST}{done.json()['batches'][0]}/undo/").status_code == 409

    def test_every_fault_says_where(self, planner, case):
        answer = planner.post(LIST, {"kind": "regions", "case": case.name, "files": regions_file("many")})
        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        (fault,) = answer.json()["errors"]
        assert (fault["file"], fault["row"], fault["column"], fault["value"]) == ("mine.csv", 2, "population", "many")
        assert fault["expectation"]
        assert not ImportBatch.objects.filter(kind="regions").exists()

    def test_mapping_and_options_are_objects(self, planner, case):
        for name, text in (("mapping", "[1]"), ("options", "{"), ("mapping", '{"a": {"b": 1}}')):
            answer = planner.post(LIST, {"kind": "regions", "case": case.name, "files": regions_file(), name: text})
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["pointer"] == f"#/{name}"

    def test_a_name_leads_nowhere_else(self, planner, case):
        file = SimpleUploadedFile("../../../etc/cron.d/mine.csv", regions_file().read())
        answer = planner.post(LIST, {"kind": "regions", "case": case.name, "files": file})
        assert answer.status_code == 201
        assert ImportBatch.objects.get(kind="regions").label == "mine.csv"


class TestBounds:
    def test_too_large_is_refused_unread(self, planner, case, settings):
        settings.UPLOAD_MOST_MIB = 0
        answer = planner.post(LIST, {"kind": "regions", "case": case.name, "files": regions_file()})
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")

    def test_too_many_files(self, planner, case):
        files = [SimpleUploadedFile(f"{number}.csv", b"a") for number in range(41)]
        assert planner.post(LIST, {"kind": "regions", "case": case.name, "files": files}).status_code == 400

    def test_unpacking_is_bounded(self, planner_of_all):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("regions.csv", b"0" * 40_000_000)
        upload = SimpleUploadedFile("bomb.zip", file.getvalue())
        answer = planner_of_all.post(LIST, {"kind": "case", "files": upload})
        assert answer.status_code == 422
        assert not Case.objects.exists()


class TestWho:
    def test_viewers_import_nothing(self, client, case):
        viewer = User.objects.create_user("viewer")
        grant(viewer, case, Role.VIEWER)
        client.force_login(viewer)
        answer = client.post(LIST, {"kind": "regions", "case": case.name, "files": regions_file()})
        assert answer.status_code == 403
        batch = ImportBatch.objects.get()
        assert client.post(reverse("import-undo", args=[batch.pk])).status_code == 403

    def test_a_foreign_case_is_none(self, planner):
        Case.objects.create(name="foreign", title="F", year=2023, currency="USD", price_year=2023)
        answer = planner.post(LIST, {"kind": "regions", "case": "foreign", "files": regions_file()})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "#/case"
