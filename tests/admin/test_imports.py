"""Imports step by step: upload, columns, dry run, import, taking back; bounded, private, by role."""

import io
import os
import re
import zipfile

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from planner.models import ImportJob
from planner.models.import_job import ImportState
from planner.services import import_run, import_sweep
from planner.services.import_jobs import FORGOTTEN_AFTER, STOP_FILE, UPLOADS, folder_of, import_upload
from regions.access import Role, grant
from regions.models import Case, ImportBatch, Tariff
from tests.admin.test_plans import INLINE
from tests.factories.plans import write_plans

pytestmark = pytest.mark.django_db

TARIFFS = "origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.025,Customs\n"


@pytest.fixture
def sent(monkeypatch):
    """Messages of imports; the tests do the worker's work themselves."""
    jobs = []
    monkeypatch.setattr("planner.tasks.enqueue_import", jobs.append)
    return jobs


@pytest.fixture
def planner(client, case):
    user = User.objects.create_user("planner", password="x", is_staff=True)
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return client


def page(name, *arguments) -> str:
    return reverse(f"admin:planner_importjob_{name}", args=arguments)


def case_zip(folder) -> SimpleUploadedFile:
    write_plans(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    return SimpleUploadedFile("new border.zip", packed.getvalue())


def upload(client, case, text=TARIFFS, name="duties.csv") -> ImportJob:
    answer = client.post(
        page("add"), {"files": SimpleUploadedFile(name, text.encode()), "case": case.pk if case else ""}
    )
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.S)
    job = ImportJob.objects.get()
    assert answer.url == page("change", job.pk)
    return job


def choose(client, job, case, **values):
    chosen = {
        "format": "tariffs", "case": case.pk, "column_origin": "from", "column_destination": "to",
        "column_sector": "product", "column_rate": "duty", "constant_source": "Customs", "option_rate_unit": "per cent",
    }  # fmt: skip
    return client.post(page("check", job.pk), chosen | values)


def test_a_table_from_upload_to_taking_it_back(planner, case, sent):
    job = upload(planner, case, "origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.025,Customs\n")
    html = planner.get(page("change", job.pk)).content.decode()
    assert "is read as: <strong>Tariffs" in html
    assert re.search(r'name="column_rate".*?<option value="rate" selected', html, re.S)
    assert not INLINE.findall(html)
    choose(planner, job, case, column_origin="origin", column_destination="destination", column_sector="sector",
           column_rate="rate", constant_source="", column_source="source", option_rate_unit="share of value")  # fmt: skip
    assert sent == [job]
    assert "follows the import by itself" in planner.get(page("change", job.pk)).content.decode()
    assert planner.get(page("progress", job.pk)).json()["finished"] is False
    assert import_run(job.pk)
    html = planner.get(page("change", job.pk)).content.decode()
    assert "This was a dry run: nothing is stored." in html
    assert not Tariff.objects.exists()

    planner.post(page("load", job.pk))
    assert import_run(job.pk)
    assert not import_run(job.pk), "a message that comes twice does nothing"
    assert Tariff.objects.get().rate == pytest.approx(0.025)
    assert not folder_of(job).exists(), "the files go once they are imported"
    batch = ImportBatch.objects.latest("pk")
    record = reverse("admin:regions_importbatch_change", args=[batch.pk])
    assert record in planner.get(page("change", job.pk)).content.decode()
    undo = reverse("admin:regions_importbatch_undo", args=[batch.pk])
    assert undo in planner.get(record).content.decode()
    assert planner.get(undo).status_code == 405
    assert planner.post(undo, follow=True).status_code == 200
    assert not Tariff.objects.exists()
    assert undo not in planner.get(record).content.decode()


def test_columns_of_other_names_and_all_problems_at_once(planner, case, sent):
    bad = "von,nach,<b>ware</b>,satz\nCA-ON,US-MI,food,much\nCA-ON,XX,food,3\n"
    job = upload(planner, case, bad)
    html = planner.get(page("change", job.pk)).content.decode()
    assert "are those of no format" in html
    assert "&lt;b&gt;ware&lt;/b&gt;" in html
    assert "?edit=1&amp;format=tariffs" in html
    html = planner.get(page("change", job.pk), {"edit": 1, "format": "tariffs"}).content.decode()
    assert 'name="column_rate"' in html
    choose(planner, job, case, column_origin="von", column_destination="nach", column_sector="<b>ware</b>",
           column_rate="satz")  # fmt: skip
    import_run(job.pk)
    job.refresh_from_db()
    assert job.state == ImportState.REFUSED
    html = planner.get(page("change", job.pk)).content.decode()
    assert "Refused, and nothing was stored." in html
    assert ">much<" in html
    assert ">XX<" in html
    assert not Tariff.objects.exists()


def test_a_whole_case_by_those_who_plan_in_all(admin_client, sent, tmp_path):
    answer = admin_client.post(page("add"), {"files": case_zip(tmp_path / "new"), "case": ""})
    job = ImportJob.objects.get()
    assert answer.url == page("change", job.pk)
    assert admin_client.get(answer.url).status_code == 200
    admin_client.post(page("check", job.pk), {"format": "case", "option_name": "new-border"})
    import_run(job.pk)
    job.refresh_from_db()
    assert job.state == ImportState.CHECKED, job.report
    assert not Case.objects.exists()
    admin_client.post(page("load", job.pk))
    import_run(job.pk)
    assert Case.objects.get().name == "new-border"
    assert Case.objects.get().interventions.count() == 5


def test_what_is_nothing_is_refused_and_not_kept(planner, case):
    before = sorted(UPLOADS.glob("*"))
    answer = planner.post(
        page("add"), {"files": SimpleUploadedFile("a.csv", b"\xd0\xcf\x11\xe0 old workbook"), "case": case.pk}
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "expected an XLSX workbook" in html
    assert not INLINE.findall(html)
    assert not ImportJob.objects.exists()
    assert sorted(UPLOADS.glob("*")) == before


def test_a_request_beyond_the_bound_is_refused_unread(planner, case, settings):
    settings.UPLOAD_BYTES = 1000
    files = SimpleUploadedFile("a.csv", b"x" * 2000)
    assert planner.post(page("add"), {"files": files, "case": case.pk}).status_code in (400, 413)
    assert not ImportJob.objects.exists()


def test_names_of_files_stay_in_their_folder(case):
    job = import_upload(
        [SimpleUploadedFile("../../etc/passwd", b"origin,destination,sector,rate,source\nA,B,c,0,d\n")], case, None
    )
    kept = list(folder_of(job).iterdir())
    assert [path.name for path in kept] == ["passwd"]
    assert oct(folder_of(job).stat().st_mode)[-3:] == "700"


class TestPeople:
    def test_viewers_see_no_button_and_strangers_nothing(self, client, case, planner, sent):
        job = upload(planner, case, "origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.025,Customs\n")
        viewer = User.objects.create_user("viewer", password="x", is_staff=True)
        grant(viewer, case, Role.VIEWER)
        client.force_login(viewer)
        html = client.get(page("change", job.pk)).content.decode()
        assert page("check", job.pk) not in html
        assert page("discard", job.pk) not in html
        for name in ("check", "load", "discard"):
            assert client.post(page(name, job.pk)).status_code == 403
        assert client.get(page("add")).status_code == 403
        client.force_login(User.objects.create_user("other", password="x", is_staff=True))
        for name in ("change", "progress"):
            assert client.get(page(name, job.pk)).status_code == 403

    def test_a_planner_of_one_case_cannot_aim_at_another_or_at_none(self, planner, case, sent):
        foreign = Case.objects.create(name="foreign", title="Foreign", year=2023, price_year=2023)
        assert "Foreign" not in planner.get(page("add")).content.decode()
        table = b"origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.025,Customs\n"
        for aim in (foreign.pk, ""):
            assert (
                planner.post(page("add"), {"files": SimpleUploadedFile("t.csv", table), "case": aim}).status_code == 200
            )
        assert not ImportJob.objects.exists()
        job = upload(planner, case, table.decode())
        choose(planner, job, foreign)
        assert planner.post(page("check", job.pk), {"format": "transborder"}).status_code == 302
        job.refresh_from_db()
        assert (job.state, job.case) == (ImportState.UPLOADED, case)
        assert not sent


class TestWorkers:
    def job(self, case, **values):
        made = import_upload(
            [SimpleUploadedFile("t.csv", b"origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.025,C\n")],
            case,
            None,
        )
        ImportJob.objects.filter(pk=made.pk).update(**values)
        return made

    def test_what_a_dead_worker_left_is_sent_again(self, case):
        job = self.job(case, state="working", worker="elsewhere:1", updated_at=timezone.now() - FORGOTTEN_AFTER)
        assert import_sweep() == [job.pk]
        assert import_sweep() == []
        job.refresh_from_db()
        assert job.state == ImportState.WAITING

    def test_what_nobody_goes_on_with_is_forgotten(self, case):
        job = self.job(case, updated_at=timezone.now() - FORGOTTEN_AFTER * 2)
        assert import_sweep() == []
        job.refresh_from_db()
        assert (job.state, folder_of(job).exists()) == (ImportState.DISCARDED, False)

    def test_folders_of_no_import_go(self, case):
        lost = UPLOADS / "lost"
        lost.mkdir(parents=True)
        import_sweep()
        assert lost.exists(), "somebody may be uploading into it"
        old = (timezone.now() - FORGOTTEN_AFTER * 3).timestamp()
        os.utime(lost, (old, old))
        import_sweep()
        assert not lost.exists()

    def test_giving_up_stops_the_worker_before_anything_is_stored(self, case):
        job = self.job(case, state="waiting", phase="load", format="tariffs")
        (folder_of(job) / STOP_FILE).touch()
        import_run(job.pk)
        job.refresh_from_db()
        assert job.state == ImportState.DISCARDED
        assert not Tariff.objects.exists()
        assert not folder_of(job).exists()
