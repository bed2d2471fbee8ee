"""A process that is killed while it stores, and a disk that is full, leave nothing behind; what comes after works."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from regions.importing import registry
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.importing.transborder_loader import import_transborder
from regions.models import Delay, ImportBatch, ImportChange, TransBorderFlow, WaitCell
from tests.regions.case_files import write_case
from tests.regions.transborder_files import ROWS, write

ROOT = Path(__file__).resolve().parents[2]

# Stores the first piece, says so, and waits to be killed.
STORING = """
import sys, time
import django
django.setup()
from django.db import connections
name, path = sys.argv[1:]
connections["default"].settings_dict["NAME"] = name
from regions.importing import official_loader
from regions.importing.transborder_loader import import_transborder

def halted(original):
    def stored(*arguments):
        result = original(*arguments)
        print("stored", flush=True)
        time.sleep(120)
        return result
    return stored

writer = official_loader.bulk_writer
official_loader.bulk_writer = lambda model: halted(writer(model))
import_transborder([path])
"""


def killed_while_storing(path):
    """Runs the import in a process of its own and kills it after the first rows are stored."""
    command = [sys.executable, "-c", STORING, str(connection.settings_dict["NAME"]), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            line = process.stdout.readline()
        finally:
            process.kill()
    assert line == "stored\n"


def counts():
    return [model.objects.count() for model in (TransBorderFlow, ImportBatch, ImportChange, Delay, WaitCell)]


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_nothing(tmp_path):
    connection.close()
    before = counts()
    path = write(tmp_path, *ROWS)
    killed_while_storing(path)
    assert counts() == before
    assert import_transborder([path])[0].outcome == "loaded"


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_nothing(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("only the embedded database can be told how large it may grow")
    rows = [row.replace("1000", str(number)) for number in range(5_000) for row in ROWS[:1]]
    path = write(tmp_path, *rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that earlier tests left free would take the rows
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        before = counts()
        cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(OperationalError, match="full"):
            import_transborder([path])
        cursor.execute("PRAGMA max_page_count = 1073741823")
        assert counts() == before
        assert cursor.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert import_transborder([path])[0].outcome == "loaded"


@pytest.mark.django_db
def test_a_bad_last_row_leaves_nothing(tmp_path):
    case = import_case(write_case(tmp_path / "small-2023")).batch.case
    before = counts()
    path = tmp_path / "tariffs.csv"
    rows = "".join(f"CA-ON,US-MI,{sector},0.01\n" for sector in ("cars", "food"))
    path.write_text(f"origin,destination,sector,rate\n{rows}CA-ON,US-MI,food,much\n")
    with pytest.raises(ImportRefused):
        registry.load("tariffs", path, case)
    assert counts() == before
