"""The commands that import any format: told from the content, mapped, checked, undone, with the agreed exit codes."""

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from regions.importing.loader import import_case
from regions.models import Delay, ImportBatch, Tariff
from tests.regions.case_files import write_case
from tests.regions.test_import_tables import EXAMPLES, TARIFFS
from tests.regions.test_import_waits import season, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(tmp_path):
    return import_case(write_case(tmp_path / "small-2023")).batch.case


def said(capsys, *arguments, **options):
    call_command(*arguments, **options)
    return capsys.readouterr()


def test_waits_by_both_formats(tmp_path, case, capsys):
    words = said(capsys, "import_delays", str(write(tmp_path, *season(days=20))), "--option", "source=Sensors")
    assert "delay: 4 created" in words.out
    assert "waitcell: 168 created" in words.out
    assert Delay.objects.filter(source="Sensors").count() == 4
    path = tmp_path / "measured.csv"
    path.write_text(EXAMPLES["wait_measurements"])
    words = said(capsys, "import_delays", str(path), "--case", "small-2023")
    assert "minutes 12.1 -> 13.0" in words.out
    assert "leading zero" in words.err
    words = said(capsys, "import_delays", str(path))
    assert "nothing changed" in words.out


def test_any_format_mapped_dry_and_undone(tmp_path, case, capsys):
    path = tmp_path / "table.csv"
    path.write_text(TARIFFS.replace("rate", "Zoll").replace("0.06", "6").replace("0.025", "2.5"))
    arguments = (
        "import_file",
        str(path),
        "--format",
        "tariffs",
        "--map",
        "rate=Zoll",
        "--option",
        "rate_unit=per cent",
    )
    words = said(capsys, *arguments, "--dry-run")
    assert "Dry run" in words.out
    assert "rate 0.05 -> 0.06" in words.out
    assert Tariff.objects.get().rate == 0.05
    words = said(capsys, *arguments)
    batch = ImportBatch.objects.latest("pk")
    assert f"batch {batch.pk}" in words.out
    call_command("undo_import", str(batch.pk))
    assert Tariff.objects.get().rate == 0.05


def test_bad_input_has_exit_code_2_and_says_what_is_wrong(tmp_path, case):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    for arguments, words in (
        ([str(path)], "no format has such columns"),
        ([str(path), "--format", "tariffs"], "missing_column|expected a column origin"),
        ([str(path), "--format", "tariffs", "--case", "nothing"], "name of a case: small-2023"),
        ([str(path), "--format", "tariffs", "--map", "rate"], "expected NAME=VALUE"),
        ([str(path), "--format", "tariffs", "--option", "colour=red"], "options that the format knows"),
    ):
        with pytest.raises(CommandError, match=words) as refusal:
            call_command("import_file", *arguments)
        assert refusal.value.returncode == 2


@pytest.mark.parametrize("command", ["import_file", "import_delays"])
def test_help_has_an_example(command):
    asked = subprocess.run(
        [sys.executable, "manage.py", command, "--help"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "example:" in asked.stdout
