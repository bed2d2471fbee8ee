"""The example of each page in docs/formats is imported as it stands."""

import re
from pathlib import Path

import pytest

from regions.importing import registry
from regions.importing.border_entry_loader import import_border_entry
from regions.importing.loader import import_case
from regions.importing.transborder_loader import import_transborder
from regions.models import (
    BorderEntryCount,
    Crossing,
    Delay,
    Region,
    SectorFlow,
    Tariff,
    TransBorderFlow,
    ValueAddedShare,
    WaitCell,
)
from tests.regions.case_files import write_case

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


PAGES = {one.id: one.page.removeprefix("formats/") for one in registry.formats() if one.page.startswith("formats/")}
# What the example of each page brings, as it says.
BROUGHT = {
    "regions": lambda case: Region.objects.get(code="US-OH").population == 11785935,
    "crossings": lambda case: (
        list(Crossing.objects.values_list("code", "trucks_inbound").order_by("code"))
        == [("0901", 1520000), ("3802", None), ("3803", 31000)]
    ),
    "flows": lambda case: SectorFlow.objects.get(origin__code="US-MI").value_usd == 8e8,
    "accounts": lambda case: Region.objects.get(code="CA-ON").jobs == 8200000,
    "tariffs": lambda case: sorted(Tariff.objects.values_list("rate", flat=True)) == [0.025, 0.06],
    "input_output": lambda case: ValueAddedShare.objects.get(place__code="CA-ON").share == 0.5,
    "wait_measurements": lambda case: Delay.objects.get(minutes_low=11.8).minutes == 13.2,
    "wait_records": lambda case: (
        Delay.objects.get(statistic="mean", method="records").minutes == 10
        and list(WaitCell.objects.values_list("weekday", "hour")) == [(0, 10), (0, 11), (0, 12)]
    ),
}


def example_options(page: str) -> dict[str, str]:
    """Options that the page gives beside its example."""
    text = (FORMATS / page).read_text(encoding="utf-8")
    return dict(word.split("=") for word in re.findall(r"With `--option (\S+)`", text))


@pytest.mark.django_db
@pytest.mark.parametrize("format_id", BROUGHT)
def test_example_of_a_table(tmp_path, format_id):
    case = import_case(write_case(tmp_path / "small-2023")).batch.case
    path = tmp_path / "example.csv"
    path.write_text(example(PAGES[format_id]), encoding="utf-8")
    assert registry.detect(path)[0].format.id == format_id
    options = example_options(PAGES[format_id])
    report = registry.load(format_id, path, case, options=options)
    assert report.outcome == "loaded"
    assert BROUGHT[format_id](case)


def test_every_format_has_a_tested_page():
    assert set(PAGES) == {*BROUGHT, "transborder", "border_entry"}


@pytest.mark.parametrize("format_id", PAGES)
def test_every_column_and_option_is_on_its_page(format_id):
    text = (FORMATS / PAGES[format_id]).read_text(encoding="utf-8")
    found = registry.get_format(format_id)
    assert [one.name for one in found.fields if one.name not in text] == []
    assert [one.name for one in found.options if one.name not in text] == []
    assert f"({PAGES[format_id]})" in (FORMATS / "README.md").read_text(encoding="utf-8")
