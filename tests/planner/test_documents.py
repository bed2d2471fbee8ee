"""Documents of finished runs: stored by workers, the same as made anew, never of another version of the code."""

import pytest
from django.core.cache import cache

from planner import selectors, tasks
from planner.models import RunDocument
from planner.reports.context import build_context
from planner.services import document_keep, documents_missing
from tests.factories.plans import import_plans
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db, tmp_path):
    cache.clear()
    return finished_run(import_plans(tmp_path / "small-2023"), slugs=["exporters"], analyses=["diagnosis"])


def refuse(run):
    raise AssertionError("made anew")


def test_the_stored_one_is_the_one_that_is_made(run, monkeypatch):
    made, draws = build_context(run), selectors.run_draws(run)
    assert documents_missing() == [run.pk]
    assert document_keep(run.pk)
    assert not document_keep(run.pk), "once is enough"
    assert documents_missing() == []
    cache.clear()
    monkeypatch.setattr(selectors, "build_context", refuse)
    monkeypatch.setattr(selectors, "read_effects", refuse)
    assert selectors.run_context(run) == made
    assert selectors.run_draws(run) == draws


def test_another_version_of_the_code_makes_its_own(run, monkeypatch):
    document_keep(run.pk)
    cache.clear()
    monkeypatch.setattr(selectors, "documents_code", lambda: "later")
    assert selectors.stored_document(run) is None
    assert documents_missing() == [run.pk]
    assert selectors.run_context(run)["case"]["name"] == "small-2023"
    assert document_keep(run.pk)
    assert RunDocument.objects.count() == 1


def test_the_worker_that_ends_a_run_keeps_its_document(run, monkeypatch):
    RunDocument.objects.all().delete()
    monkeypatch.setattr(tasks, "run_finish", lambda pk: True)
    tasks.finish_run(run.pk)
    assert RunDocument.objects.get().run == run
