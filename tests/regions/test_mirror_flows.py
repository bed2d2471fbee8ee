"""Mirror records: both are kept, the recorded rule picks the value of the case, and a value that breaks it is refused."""

import pytest

from regions.importing.loader import import_case, read_folder
from regions.importing.problems import ImportRefused
from regions.models import Case, MirrorFlow
from tests.regions.case_files import write_case


@pytest.mark.django_db
def test_both_records_are_kept_with_valuation_and_rule(tmp_path):
    import_case(write_case(tmp_path / "small-2023"))
    records = {row.reporter.code: row for row in MirrorFlow.objects.select_related("reporter")}
    assert (records["US"].valuation, records["US"].value_usd, records["US"].cif_factor) == ("cif", 318_000, 1.06)
    assert (records["CA"].valuation, records["CA"].value_usd) == ("fob", 290_000)
    assert records["US"].comparable_usd == pytest.approx(300_000)
    assert Case.objects.get().mirror_rule == "importer"


@pytest.mark.parametrize(
    ("rule", "expected"), [("exporter", "290,000"), ("larger", None), ("mean", "295,000"), ("importer", None)]
)
def test_the_value_of_the_case_must_follow_the_rule(tmp_path, rule, expected):
    folder = write_case(tmp_path / "small-2023")
    path = folder / "case.json"
    path.write_text(path.read_text().replace("importer", rule))
    assert problems(folder) == (
        [] if expected is None else [("sector_flows.csv", f"{rule}: {expected} USD, found 300,000")]
    )


def test_records_need_a_rule_and_a_side(tmp_path):
    folder = write_case(tmp_path / "small-2023")
    path = folder / "case.json"
    path.write_text(path.read_text().replace(', "mirror_rule": "importer"', ""))
    mirrors = folder / "mirror_flows.csv"
    mirrors.write_text(mirrors.read_text() + "US-MI,CA-ON,cars,MX,fob,1,1.2,somebody,D\n")
    assert problems(folder) == [
        ("mirror_flows.csv", "they are CA and US"),
        ("mirror_flows.csv", "Only a cif record may have a cif_factor."),
        ("mirror_flows.csv", "case.json names no mirror_rule"),
    ]


def problems(folder):
    try:
        read_folder(folder)
    except ImportRefused as refusal:
        return [(found.file, found.expectation.rsplit("(", 1)[-1].rstrip(")")) for found in refusal.problems.errors]
    return []
