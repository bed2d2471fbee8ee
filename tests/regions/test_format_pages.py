"""The example of each page in docs/formats is imported as it stands."""

import re
from pathlib import Path

import pytest

from regions.importing import border_entry, transborder
from regions.importing.border_entry_loader import import_border_entry
from regions.importing.transborder_loader import import_transborder
from regions.models import BorderEntryCount, TransBorderFlow

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats"


def example(page: str) -> str:
    (block,) = re.findall(r"```csv\n(.*?)```", (FORMATS / page).read_text(encoding="utf-8"), re.DOTALL)
    return block


@pytest.mark.django_db
def test_transborder(tmp_path):
    path = tmp_path / "dot1.csv"
    path.write_text(example("transborder.md"), encoding="utf-8")
    (result,) = import_transborder([path])
    assert (result.rows, result.quality["value_usd"]) == (3, 272_000)
    assert sorted(TransBorderFlow.objects.values_list("port", "mexican_state")) == [
        ("2304", "NA"), ("3801", ""), ("38XX", ""),
    ]  # fmt: skip


@pytest.mark.django_db
def test_border_entry(tmp_path):
    path = tmp_path / "entry.csv"
    path.write_text(example("border-entry.md"), encoding="utf-8")
    (result,) = import_border_entry([path])
    assert result.quality["names_of_several_ports"] == {"Eastport": ["0103", "3302"]}
    assert sorted(BorderEntryCount.objects.values_list("port", "month", "value")) == [
        ("0103", 1, 170), ("2304", 2, 181250), ("3302", 1, 4205),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "columns"), [("transborder.md", transborder.COLUMNS), ("border-entry.md", border_entry.COLUMNS)]
)
def test_every_column_is_on_its_page(page, columns):
    text = (FORMATS / page).read_text(encoding="utf-8")
    assert [column.name for column in columns if column.name not in text] == []
