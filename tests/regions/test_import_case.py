"""A case folder in the database: stored whole, again, changed, and by command."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError

from regions.importing import case_tables, facts
from regions.importing.loader import CaseExists, import_case
from regions.importing.problems import ImportRefused, Problem
from regions.management import base
from regions.management.commands.import_case import Command
from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    CrossingMode,
    Delay,
    Economy,
    ImportBatch,
    InputOutputShare,
    Region,
    Sector,
    SectorFlow,
    Tariff,
    ValueAddedShare,
)
from regions.selectors import case_digest
from tests.factories.regions import DelayFactory
from tests.regions.case_files import FILES, REQUIRED, edited, write_case
from tests.regions.test_import_faults import row_counts

pytestmark = pytest.mark.django_db

IMPORTED = (
    Economy, Region, Sector, Crossing, CrossingAttribute, CrossingMode, SectorFlow, CrossingFlow, Delay,
    InputOutputShare, ValueAddedShare, Tariff,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return write_case(tmp_path / "small-2023")


def run_command(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_case", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_everything_is_stored(folder):
    result = import_case(folder)
    case = Case.objects.get(name="small-2023")
    assert (case.title, case.year, case.currency, case.price_year) == ("A small border", 2023, "USD", 2023)
    counts = {model: model.objects.count() for model in IMPORTED}
    assert counts == {
        Economy: 2, Region: 3, Sector: 3, Crossing: 2, CrossingAttribute: 3, CrossingMode: 2, SectorFlow: 4,
        CrossingFlow: 4, Delay: 2, InputOutputShare: 2, ValueAddedShare: 1, Tariff: 1,
    }  # fmt: skip
    bridge = Crossing.objects.get(case=case, code="0901")
    assert (bridge.region_a.code, bridge.region_b.code) == ("US-MI", "CA-ON")
    assert (bridge.truck_booths, bridge.opens_hour, bridge.closes_hour) == (5, 6.5, None)
    assert (bridge.point.x, bridge.point.y) == (-83.05, 42.3)
    assert Crossing.objects.get(case=case, code="3802").trucks_inbound is None
    assert CrossingFlow.objects.get(crossing=None).mode == "pipeline"
    assert Region.objects.get(code="US-REST").outline.geom_type == "MultiPolygon"
    assert result.outcome == "loaded"


def test_every_row_points_to_the_batch(folder):
    batch = import_case(folder).batch
    for model in IMPORTED:
        assert set(model.objects.values_list("batch", flat=True)) == {batch.pk}, model
    batch.refresh_from_db()
    assert batch.status == "loaded"
    assert batch.finished_at >= batch.started_at
    assert set(FILES) <= set(batch.files)
    assert all(len(digest) == 64 for digest in batch.files.values())
    assert batch.rows["crossing_flows.csv"] == 4
    assert batch.changes["region"] == {"created": 3, "updated": 0, "unchanged": 0, "deleted": 0}
    assert batch.problems["errors"]["count"] == 0
    assert str(folder.parent) not in str(vars(batch)), "no path of this machine is kept"


def test_objects_that_people_edit_begin_their_history_with_the_import(folder):
    batch = import_case(folder).batch
    region = Region.objects.get(code="US-MI")
    (record,) = region.history.all()
    assert record.history_type == "+"
    assert record.history_change_reason == str(batch)


def test_four_tables_are_enough(tmp_path):
    result = import_case(write_case(tmp_path / "bare-2021", only=REQUIRED))
    case = Case.objects.get()
    assert (case.name, case.year, case.currency, case.title) == ("bare-2021", 2021, "USD", "Bare 2021")
    assert sorted(Economy.objects.values_list("code", flat=True)) == ["CA", "US"]
    assert sorted(Sector.objects.values_list("code", "name", "kind")) == [
        ("cars", "Cars", "goods"),
        ("food", "Food", "goods"),
    ]
    assert {"case.json", "outlines.geojson", "delays.csv", "io.csv"} <= set(result.missing_optional)


def test_same_files_again_change_nothing(folder):
    import_case(folder)
    before = row_counts()
    result = import_case(folder)
    assert result.outcome == "unchanged"
    assert row_counts() == before


def test_changed_files_need_replace(folder):
    import_case(folder)
    before, digest = row_counts(), case_digest(Case.objects.get())
    write_case(folder, tariffs=None, **edited("regions", "658992.3", "658000"))
    with pytest.raises(CaseExists, match=r"changed: regions.csv; gone: tariffs.csv.*--replace"):
        import_case(folder)
    assert row_counts() == before
    assert case_digest(Case.objects.get()) == digest


def test_replace_updates_by_code_and_keeps_primary_keys(folder):
    first = import_case(folder).batch
    keys = dict(Region.objects.values_list("code", "pk")) | dict(Crossing.objects.values_list("code", "pk"))
    write_case(folder, tariffs=None, **edited("regions", "658992.3", "658000"))
    result = import_case(folder, replace=True)
    assert dict(Region.objects.values_list("code", "pk")) | dict(Crossing.objects.values_list("code", "pk")) == keys
    michigan = Region.objects.get(code="US-MI")
    assert (michigan.gdp_musd, michigan.version, michigan.history.count()) == (658000, 2, 2)
    assert Region.objects.get(code="CA-ON").version == 1
    assert not Tariff.objects.exists()
    assert result.changes["region"] == {"created": 0, "updated": 1, "unchanged": 2, "deleted": 0}
    assert result.changes["tariff"] == {"created": 0, "updated": 0, "unchanged": 0, "deleted": 1}
    first.refresh_from_db()
    assert first.status == "superseded"
    for model in IMPORTED:
        assert set(model.objects.values_list("batch", flat=True)) <= {result.batch.pk}, model


def test_replace_with_the_same_files_restores_what_was_edited(folder):
    import_case(folder)
    digest = case_digest(Case.objects.get())
    Region.objects.filter(code="US-MI").update(gdp_musd=1.0)
    assert case_digest(Case.objects.get()) != digest
    import_case(folder, replace=True)
    assert case_digest(Case.objects.get()) == digest


def test_replace_deletes_what_the_files_no_longer_have(folder):
    import_case(folder)
    write_case(
        folder,
        **edited("crossings", "3802,New Bridge,43.0,-82.4,US-MI,CA-ON,,,,,12\n", ""),
        **edited("crossing_flows", "CA-ON,3802,rail", "CA-ON,OTHER,rail"),
    )
    import_case(folder, replace=True)
    assert list(Crossing.objects.values_list("code", flat=True)) == ["0901"]


def test_replace_keeps_waits_entered_by_hand(folder):
    import_case(folder)
    crossing = Crossing.objects.get(code="0901")
    by_hand = DelayFactory(crossing=crossing, direction=crossing.region_a.economy, minutes=3)
    write_case(folder, delays=None)
    import_case(folder, replace=True)
    assert list(Delay.objects.all()) == [by_hand]


def test_replace_is_refused_where_something_still_needs_what_vanished(folder):
    import_case(folder)
    crossing = Crossing.objects.get(code="3802")
    DelayFactory(crossing=crossing, direction=crossing.region_a.economy)
    write_case(
        folder,
        **edited("crossings", "3802,New Bridge,43.0,-82.4,US-MI,CA-ON,,,,,12\n", ""),
        **edited("crossing_flows", "CA-ON,3802,rail", "CA-ON,OTHER,rail"),
    )
    before, digest = row_counts(), case_digest(Case.objects.get())
    with pytest.raises(ImportRefused) as refusal:
        import_case(folder, replace=True)
    (problem,) = refusal.value.problems.errors
    assert (problem.file, problem.column, problem.value) == ("crossings.csv", "code", "3802")
    assert "waits use it" in problem.expectation
    assert row_counts() == before
    assert case_digest(Case.objects.get()) == digest


def test_second_case_from_the_same_files(folder):
    import_case(folder)
    import_case(folder, name="trial")
    one, other = Case.objects.get(name="small-2023"), Case.objects.get(name="trial")
    assert case_digest(one) == case_digest(other)


def test_dry_run_stores_nothing(folder):
    before = row_counts()
    assert import_case(folder, dry_run=True).outcome == "checked"
    assert row_counts() == before


def test_failure_in_the_middle_leaves_nothing(folder, monkeypatch):
    def fail(self):
        raise IntegrityError("the disk is full")

    before = row_counts()
    monkeypatch.setattr(facts.FactsLoader, "store_delays", fail)
    with pytest.raises(IntegrityError):
        import_case(folder)
    assert row_counts() == before


class Notes:
    """Tables of another app, for the test: one file whose rows become the case's description."""

    tables = ()
    files = ("notes.csv",)
    models = ()

    def __init__(self):
        self.context = None

    def read(self, folder, context):
        self.context = context
        if not folder.has("notes.csv"):
            return "", []
        text = folder.content("notes.csv").decode()
        expectation = "expected something kind"
        return text, [Problem("notes.csv", 2, "note", "bad", expectation, "unkind")] if "bad" in text else []

    def load(self, case, rows, batch):
        assert Crossing.objects.filter(case=case, batch=batch).exists(), "facts are there before"
        Case.objects.filter(pk=case.pk).update(description=rows)
        return {"notes.csv": 1}


@pytest.fixture
def notes(monkeypatch):
    monkeypatch.setattr(case_tables, "_registered", [])
    loader = Notes()
    case_tables.register_case_tables(loader)
    case_tables.register_case_tables(loader)
    assert case_tables.registered_case_tables() == (loader,)
    return loader


def test_registered_tables_are_loaded_in_the_same_import(folder, notes):
    (folder / "notes.csv").write_text("note\ngood\n")
    batch = import_case(folder).batch
    assert Case.objects.get().description == "note\ngood\n"
    assert batch.rows["notes.csv"] == 1
    assert "notes.csv" in batch.files
    assert notes.context.places == {"US-MI": "US", "US-REST": "US", "CA-ON": "CA"}
    assert notes.context.crossings == {"0901": ("US-MI", "CA-ON"), "3802": ("US-MI", "CA-ON")}
    assert notes.context.economies == {"US", "CA"}
    assert notes.context.sectors == {"cars", "food", "travel"}


def test_problems_of_registered_tables_refuse_the_whole_import(folder, notes):
    (folder / "notes.csv").write_text("note\nbad\n")
    before = row_counts()
    with pytest.raises(ImportRefused) as refusal:
        import_case(folder)
    assert [problem.kind for problem in refusal.value.problems] == ["unkind"]
    assert row_counts() == before


def test_missing_tables_of_others_are_listed(folder, notes):
    assert import_case(folder).missing_optional == ("notes.csv",)


def test_command_reports_what_it_did(folder):
    write_case(folder, tariffs=None)
    out, _ = run_command(folder)
    assert "       3 rows  regions.csv" in out
    assert "region: 3 created" in out
    assert "tariffs.csv" in out.splitlines()[0]
    assert out.endswith('Case "small-2023" imported.\n')
    out, _ = run_command(folder)
    assert 'Case "small-2023" was already imported from these files; nothing changed.' in out


def test_command_dry_run_says_so(folder):
    out, _ = run_command(folder, "--dry-run")
    assert 'Dry run of case "small-2023": no error found, nothing stored.' in out
    assert not Case.objects.exists()


def test_command_prints_warnings(folder):
    write_case(folder, **edited("outlines", '"US-REST"', '"US-OLD"'))
    _, err = run_command(folder)
    assert 'warning: outlines.geojson, row 2, column id, value "US-OLD": Each outline should belong' in err


def test_command_refuses_a_bad_name(folder):
    with pytest.raises(base.BadInput, match='--name, column name, value "Not A Slug"'):
        run_command(folder, "--name", "Not A Slug")
    assert not Case.objects.exists()


def test_command_refuses_bad_input_with_exit_code_2(folder):
    write_case(folder, **edited("regions", "658992.3", "much"))
    with pytest.raises(base.BadInput) as refusal:
        run_command(folder)
    assert refusal.value.returncode == 2
    assert str(refusal.value).splitlines() == [
        "1 error in the input. Nothing was changed.",
        (
            'regions.csv, row 2, column gdp_musd, value "much": '
            "expected a number (decimal point, no thousands separators), above 0 (million USD)"
        ),
    ]


def test_command_refuses_to_replace_silently(folder):
    run_command(folder)
    write_case(folder, tariffs=None)
    with pytest.raises(base.BadInput, match="--replace"):
        run_command(folder)
    run_command(folder, "--replace")
    assert not Tariff.objects.exists()


def test_interruption_leaves_nothing(folder, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    before = row_counts()
    monkeypatch.setattr(facts.FactsLoader, "store_tariffs", interrupt)
    with pytest.raises(CommandError) as interruption:
        run_command(folder)
    assert interruption.value.returncode == 130
    assert row_counts() == before


@pytest.fixture
def exit_code(monkeypatch):
    """Runs the command as manage.py does and gives its exit code; the test's transaction stays open."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)

    def run(*arguments):
        try:
            Command().run_from_argv(["manage.py", "import_case", *map(str, arguments)])
        except SystemExit as ended:
            return ended.code
        return 0

    return run


def test_exit_codes_and_help(folder, exit_code, capsys, monkeypatch):
    assert exit_code("--help") == 0
    assert "example:\n  manage.py import_case regions/cases/us-canada-2023\n" in capsys.readouterr().out
    assert exit_code() == 2
    assert exit_code(folder, "--colour", "red") == 2
    assert exit_code(folder / "nowhere") == 2
    assert "expected a directory, or a zip file, with the files of a case" in capsys.readouterr().err
    assert exit_code(folder) == 0

    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(facts.FactsLoader, "store_tariffs", interrupt)
    assert exit_code(folder, "--replace") == 130


def test_database_that_is_not_ready_is_said_in_a_sentence(folder, exit_code, capsys, monkeypatch):
    def refuse(self):
        raise OperationalError("no such table: regions_sector")

    monkeypatch.setattr(facts.FactsLoader, "store_sectors", refuse)
    assert exit_code(folder) == 1
    message = "The database refused: no such table: regions_sector. Has manage.py migrate been run?"
    assert message in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_bar_only_on_a_terminal():
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        bar = base.ProgressBar(stream)
        bar(1, 2, "half")
        bar(2, 2, "done")
        bar.clear()
    assert "2/2 done" in terminal.getvalue()
    assert pipe.getvalue() == ""


def test_import_batch_survives_as_a_record(folder):
    import_case(folder)
    write_case(folder, tariffs=None)
    import_case(folder, replace=True)
    assert list(ImportBatch.objects.order_by("pk").values_list("status", flat=True)) == ["superseded", "loaded"]
