"""The example of each page in docs/formats is imported as it stands."""

import re
from pathlib import Path

import pytest

from regions.importing.transborder import COLUMNS
from regions.importing.transborder_loader import import_transborder
from regions.models import TransBorderFlow

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


def test_every_transborder_column_is_on_the_page():
    text = (FORMATS / "transborder.md").read_text(encoding="utf-8")
    assert [column.name for column in COLUMNS if f"| {column.name} " not in text] == []
