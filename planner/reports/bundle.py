"""The zip of a report: every format, the inputs that it was computed from, and a manifest with hashes."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from django.utils.translation import override

from planner.engine.serialise import facts_to_json
from planner.models import Run
from planner.reports.cover import DRAFT, Cover
from planner.reports.csv_writer import ranking_csv
from planner.reports.data_package import package_files
from planner.reports.figures.map_types import Rings
from planner.reports.html_writer import report_html
from planner.reports.json_writer import Rounded, report_json
from planner.reports.outlines import case_outlines
from planner.reports.parquet_writer import report_parquet
from planner.reports.pdf_writer import report_pdf
from planner.reports.schema import report_schema
from planner.reports.xlsx_writer import report_xlsx
from planner.snapshot import load_baseline

FORMAT = "border-trade-planner/report-zip/1"
MANIFEST, DOCUMENT = "manifest.json", "report.json"
RUN, FACTS, PARAMETERS = "inputs/run.json", "inputs/facts.json", "inputs/parameters.json"
INTERVENTIONS, OUTLINES = "inputs/interventions.json", "inputs/outlines.json"
COVER = "inputs/cover.json"
RUN_FIELDS = (
    "case_document",
    "closure",
    "criterion",
    "standing",
    "variant",
    "draws",
    "seed",
    "stress",
    "engine_version",
    "input_digest",
)
# Files whose bytes also depend on the library that writes them.
LIBRARIES = {"report.pdf": "typst", "report.xlsx": "XlsxWriter", "results.parquet": "pyarrow"}
COMPRESSED = (".pdf", ".xlsx", ".parquet")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
READ_ME = """This zip holds one report with everything it was computed from.

report.html, report.pdf, report.xlsx   the report to read
report.json, report.schema.json        the report document and its schema
ranking.csv, results.parquet           the ranking; every number but the values per draw as one row
data/                                  every table as CSV, described by datapackage.json
inputs/                                facts, parameters, interventions and settings of the run
manifest.json                          SHA-256 and size of every file

  manage.py verify REPORT.zip

checks the hashes, computes the run again from inputs/ and compares every number.
"""


def report_zip(run: Run, context: Mapping[str, Any], cover: Cover = DRAFT, language: str = "en") -> bytes:
    """The zip of a finished run's report in a language; equal reports with equal covers give equal bytes."""
    document = Rounded(json.loads(report_json(context)))
    outlines = case_outlines(document["case"]["name"])
    shown = {measure["id"] for measure in document["interventions"]}
    with override(language):
        reports = report_files(document, outlines, cover)
    inputs = input_files(run, [one for one in run.interventions if one["id"] in shown], outlines)
    about = _json({"language": language, "cover": cover.to_json()})
    files = {**inputs, COVER: about, **reports, "README.txt": READ_ME.encode()}
    return packed(files, document["run"]["engine_version"])


def input_files(
    run: Run, interventions: Sequence[Mapping[str, Any]], outlines: Mapping[str, Rings]
) -> dict[str, bytes]:
    """What `verify` computes from."""
    return {
        RUN: _json({name: getattr(run, name) for name in RUN_FIELDS}),
        FACTS: _json(facts_to_json(load_baseline(run.snapshot).facts)),
        PARAMETERS: _json(run.parameters),
        INTERVENTIONS: _json(interventions),
        OUTLINES: _json(outlines),
    }


def report_files(document: Mapping[str, Any], outlines: Mapping[str, Rings], cover: Cover = DRAFT) -> dict[str, bytes]:
    """Every format in the language that is active, each from the numbers that the JSON file holds."""
    return {
        DOCUMENT: report_json(document),
        "report.schema.json": _json(report_schema()),
        "report.html": report_html(document, outlines, cover),
        "report.pdf": report_pdf(document, outlines, cover),
        "report.xlsx": report_xlsx(document, cover),
        "ranking.csv": ranking_csv(document),
        "results.parquet": report_parquet(document),
        **{f"data/{name}": content for name, content in package_files(document).items()},
    }


def packed(files: Mapping[str, bytes], engine_version: str) -> bytes:
    """The files and their manifest as a zip without times."""
    manifest = {
        "format": FORMAT,
        "engine_version": engine_version,
        "libraries": {name: version(name) for name in LIBRARIES.values()},
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**files, MANIFEST: _json(manifest)}.items()):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            # What is compressed already only costs time to compress again.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(COMPRESSED) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")
