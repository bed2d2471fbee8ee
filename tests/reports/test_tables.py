"""Workbook, Parquet and data package: the numbers of the JSON file, live formulas that agree with the engine, text that stays text."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from pyarrow import parquet

from planner.engine.criteria import STANDARD, build_table, weighted_sum
from planner.models import Run
from planner.reports.context import build_context
from planner.reports.data_package import package_files
from planner.reports.json_writer import report_json, rounded
from planner.reports.parquet_writer import report_parquet
from planner.reports.score_sheet import FIRST_ROW, WEIGHT_CELLS, scaled_values, scored_measures, weighted_score
from planner.reports.tables import report_tables
from planner.reports.xlsx_writer import DATA_ROW, DICTIONARY, report_xlsx
from tests.reports.synthetic import synthetic_context

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
HOSTILE = '=HYPERLINK("http://example.org","x")\x00\x1f<b>&amp; \ud800 café 北'


def numbers_of(node: Any) -> set[float]:
    """All numbers of a document; flags are not numbers."""
    if isinstance(node, dict):
        return set().union(*map(numbers_of, node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*map(numbers_of, node)) if node else set()
    return {float(node)} if isinstance(node, (int, float)) and not isinstance(node, bool) else set()


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def results_of(context: Any) -> set[float]:
    """Numbers of the document but those that stand as text in the table `about` (year, draws, seed), and values per draw."""
    document = json.loads(report_json(context))
    return numbers_of({key: value for key, value in document.items() if key not in ("run", "case", "draws")})


@pytest.fixture(params=["made-up", "real"])
def context(request: pytest.FixtureRequest, finished_run: Callable[..., Run]) -> Any:
    return synthetic_context() if request.param == "made-up" else build_context(finished_run())


def test_tables_hold_every_number_and_their_keys_are_unique(context: Any) -> None:
    tables = report_tables(context)
    assert numbers_of([table.rows for table in tables]) >= results_of(context)
    for table in tables:
        keys = [tuple(row[name] for name in table.key) for row in table.rows]
        assert not table.key or len(set(keys)) == len(keys), table.name
        assert {column.name for column in table.columns} >= set(table.key)
        assert all(column.unit for column in table.columns if column.kind != "text"), table.name


def test_csv_package_holds_the_tables_and_its_description_is_true(context: Any) -> None:
    files = package_files(context)
    description = json.loads(files["datapackage.json"])
    read: set[float] = set()
    assert {resource["path"] for resource in description["resources"]} == set(files) - {"datapackage.json"}
    for resource in description["resources"]:
        content = files[resource["path"]]
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        for row in rows:
            assert list(row) == list(fields)
            for name, text in row.items():
                if text and fields[name]["type"] in ("number", "integer"):
                    read.add(float(text))
                if text and fields[name]["type"] == "boolean":
                    assert text in ("yes", "no")
    assert read >= results_of(context)


def test_parquet_holds_the_same_numbers_with_units(context: Any) -> None:
    table = parquet.read_table(io.BytesIO(report_parquet(context)))
    assert set(table["value"].to_pylist()) >= results_of(context)
    frame = table.to_pandas()
    assert not frame.duplicated(["table", "key", "column"]).any()
    assert (frame["unit"] != "").all()
    chosen = frame[(frame["table"] == "effects") & (frame["stage"] == "full") & (frame["place"].isna())]
    measure = next(entry for entry in rounded(context)["interventions"] if entry["status"] == "done")
    row = chosen[
        (chosen["intervention"] == measure["id"]) & (chosen["measure"] == "ev_musd") & (chosen["column"] == "mean")
    ]
    assert row["value"].tolist() == [measure["full"]["ev_musd"]["mean"]]
    assert json.loads(table.schema.metadata[b"report"])["run"]["seed"] == context["run"]["seed"]


def test_workbook_holds_the_same_numbers_below_names_and_units(context: Any) -> None:
    workbook = opened(report_xlsx(context))
    tables = report_tables(context)
    assert workbook.sheetnames == ["read me", "weighted score", *(table.name for table in tables), DICTIONARY]
    read: set[float] = set()
    for table in tables:
        sheet = workbook[table.name]
        names, units, *rows = sheet.iter_rows(values_only=True)
        assert list(names) == [column.name for column in table.columns]
        assert list(units) == [column.unit or "text" for column in table.columns]
        assert len(rows) == len(table.rows)
        for found, row in zip(rows, table.rows, strict=True):
            for column, value in zip(table.columns, found, strict=True):
                if column.kind in ("number", "whole"):
                    assert value == row[column.name], (table.name, column.name)
                    read |= {float(value)} if value is not None else set()
    assert read >= results_of(context)
    listed = {(row[0], row[1]): row[3:] for row in workbook[DICTIONARY].iter_rows(min_row=2, values_only=True)}
    for table in tables:
        for column in table.columns:
            assert listed[table.name, column.name] == (column.unit, column.description)
    assert DATA_ROW == 2


def test_equal_contexts_give_equal_bytes() -> None:
    for writer in (report_xlsx, report_parquet):
        assert writer(synthetic_context(5)) == writer(synthetic_context(5))
    assert package_files(synthetic_context(5)) == package_files(synthetic_context(5))


def test_the_sheet_of_scores_uses_the_scale_of_the_engines_weighted_sum() -> None:
    context = synthetic_context()
    rows = scored_measures(context)
    means = {
        row.identifier: {"imbalance": np.array([row.index_change]), "welfare": np.array([row.ev_musd])} for row in rows
    }
    table = build_table([STANDARD["imbalance"], STANDARD["welfare"]], means)
    for weights in ({"imbalance": 1.0, "welfare": 0.0}, {"imbalance": 0.3, "welfare": 0.7}):
        expected = dict(zip(table.options, weighted_sum(table, weights).mean(axis=-1), strict=True))
        for row, scaled in zip(rows, scaled_values(rows), strict=True):
            assert weighted_score(scaled, weights) == pytest.approx(expected[row.identifier], abs=1e-12)


def test_formulas_stand_on_the_sheet_of_scores_alone_and_text_from_users_is_text() -> None:
    data = report_xlsx(synthetic_context(6, name=HOSTILE))
    workbook = opened(data)
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                if sheet.title != "weighted score":
                    assert cell.data_type != "f", (sheet.title, cell.coordinate)
                elif cell.data_type == "f":
                    assert "HYPERLINK" not in str(cell.value)
                if cell.data_type == "s" and str(cell.value).startswith("="):
                    assert cell.quotePrefix, (sheet.title, cell.coordinate)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name or "hyperlink" in name.lower()]
    rows = csv.DictReader(
        io.StringIO(package_files(synthetic_context(6, name=HOSTILE))["interventions.csv"].decode(), newline="")
    )
    assert all(row["name"].startswith("'=") for row in rows)


@pytest.mark.parametrize("count", [0, 1])
def test_small_reports_have_all_sheets(count: int) -> None:
    context = synthetic_context(count)
    assert len(opened(report_xlsx(context)).sheetnames) == len(report_tables(context)) + 3
    assert report_parquet(context)
    assert package_files(context)


def live_ranks(path: Path) -> dict[str, int | None]:
    """Ranks that LibreOffice computes from the formulas of the sheet of scores."""
    command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{path.parent}/profile", "--convert-to"]
    recalculated = path.parent / "recalculated"
    subprocess.run(
        [*command, "xlsx", "--outdir", str(recalculated), str(path)], check=True, capture_output=True, timeout=180
    )
    sheet = openpyxl.load_workbook(recalculated / path.name, data_only=True)["weighted score"]
    rows = sheet.iter_rows(min_row=FIRST_ROW, max_col=2, values_only=True)
    return {str(identifier): rank or None for rank, identifier in rows if identifier}


@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice on this machine: formulas are not recalculated")
def test_libreoffice_recalculates_the_ranking_of_the_report_and_follows_the_weights(tmp_path: Path) -> None:
    context = synthetic_context()
    rows = scored_measures(context)
    # openpyxl keeps formulas and drops the values that they came with, so whatever is read later was computed.
    for number, weights in enumerate(({"imbalance": 1.0, "welfare": 0.0}, {"imbalance": 0.4, "welfare": 0.6})):
        workbook = opened(report_xlsx(context))
        for name, cell in WEIGHT_CELLS.items():
            workbook["weighted score"][cell] = weights[name]
        path = tmp_path / f"weights-{number}.xlsx"
        workbook.save(path)
        scores = [weighted_score(scaled, weights) for scaled in scaled_values(rows)]
        order = sorted(range(len(rows)), key=lambda place, scores=scores: (-scores[place], place))
        expected = {rows[place].identifier: rank for rank, place in enumerate(order, start=1)}
        if number == 0:
            assert expected == {row.identifier: row.rank for row in rows}
        assert live_ranks(path) == expected
    workbook = opened(report_xlsx(context))
    workbook["weighted score"]["C7"] = 0
    workbook.save(tmp_path / "without.xlsx")
    ranks = live_ranks(tmp_path / "without.xlsx")
    plain = [row.identifier for row in rows if row.kind != "restrictive"]
    assert [identifier for identifier, rank in sorted(ranks.items(), key=lambda pair: pair[1] or 99) if rank] == plain
