"""Names that are too long are refused with a clear word everywhere; hostile ones leave every export as text."""

import csv
import io
import json

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.models import Intervention, Scenario
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.models import Crossing, Region
from tests.admin.hostile import HOSTILE, hostile_run
from tests.admin.test_interventions import shown_form
from tests.factories.plans import INTERVENTIONS, write_plans

pytestmark = pytest.mark.django_db

ENDLESS = "x" * 10_000
MARKUP = "<b data-owned>"


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("someone", "s@example.org", "a password for tests"))
    return client


@pytest.mark.parametrize(
    ("model", "form"),
    [(Intervention, "intervention_form"), (Crossing, "crossing_form"), (Region, "region_form"), (Scenario, "scenario_form")],
)  # fmt: skip
def test_a_name_of_ten_thousand_characters_is_refused_at_its_field(root, case, model, form):
    if model is Scenario:
        Scenario.objects.create(case=case, name="usual", parameter_set=case.parameter_sets.get())
    row = model.objects.first()
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
    answer = root.post(address, shown_form(root, address, form) | {"name": ENDLESS})
    assert answer.status_code == 200
    most = model._meta.get_field("name").max_length
    assert f"at most {most} characters (it has 10000)" in answer.content.decode()
    assert model.objects.get(pk=row.pk).name == row.name


def test_files_with_such_a_name_are_refused_with_row_and_column(db, tmp_path):
    folder = write_plans(tmp_path / "long")
    table = INTERVENTIONS.replace("More booths at the Old Bridge", ENDLESS)
    (tmp_path / "long" / "interventions.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        import_case(folder or tmp_path / "long")
    problem = refused.value.problems.errors[0]
    assert (problem.file, problem.row, problem.column) == ("interventions.csv", 2, "name")
    assert "200" in problem.expectation
    assert len(str(problem)) < 1000, "the message itself stays readable"


def test_hostile_names_leave_every_export_as_text(root, db, tmp_path, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    run = hostile_run(tmp_path, slugs=["visitors"], analyses=[])

    def file(kind: str) -> bytes:
        answer = root.get(reverse("admin:planner_run_report", args=[run.pk, kind]))
        assert answer.status_code == 200, kind
        return answer.content

    assert MARKUP not in file("html").decode()
    assert "&lt;b data-owned&gt;" in file("html").decode()
    for row in csv.reader(io.StringIO(file("csv").decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+cmd", "@")) for cell in row), row
    book = openpyxl.load_workbook(io.BytesIO(file("xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [
        (cell.coordinate, cell.value) for cell in cells if cell.data_type == "f" and MARKUP in str(cell.value)
    ] == []
    assert any(MARKUP in str(cell.value) for cell in cells)
    assert any(MARKUP in one["name"] for one in json.loads(file("json"))["interventions"])
    # Layers of maps and draws are JSON that no browser takes for a page.
    for layer in ("regions", "crossings"):
        answer = root.get(reverse("admin:desk_layer", args=[run.case_id, layer]))
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert HOSTILE in json.loads(answer.content)["features"][0]["properties"]["name"]
