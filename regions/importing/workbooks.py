"""What a zip file, and an XLSX workbook in particular, may hold: looked at before anything in it is read."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from regions.importing.archive import climbs
from regions.importing.problems import ImportRefused, Problem, Problems

MIB = 1 << 20
MOST_PARTS = 2_000
MOST_RATIO = 200
RATIO_FLOOR_BYTES = 16 * MIB
# Parts of a workbook that reach out of it or run code.
REFUSED_PARTS = (
    ("xl/externallinks/", "without links to other files", "external_link"),
    ("xl/connections.xml", "without data connections", "external_link"),
    ("xl/querytables/", "without queries to other sources", "external_link"),
    ("xl/vbaproject.bin", "without macros", "macro"),
    ("xl/macrosheets/", "without macros", "macro"),
)
DECLARATION_BYTES = 4096


def check_zip(path: Path, packed_bytes: int, unpacked_bytes: int, what: str) -> tuple[zipfile.ZipInfo, ...]:
    """The entries of a zip of bearable size, none of whose names climbs out of it; raises ImportRefused.

    zipfile reads no more of an entry than its header says, so the sizes that it states are bounds.
    """

    def refuse(value: str, expectation: str, kind: str) -> ImportRefused:
        return ImportRefused(Problems([Problem(path.name, 0, "", value, expectation, kind)]))

    size = path.stat().st_size
    if size > packed_bytes:
        raise refuse(f"{size} bytes", f"expected {what} of at most {packed_bytes // MIB} MiB", "too_large")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = tuple(archive.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise refuse("", f"expected {what} that is whole ({error})", "bad_packing") from error
    if len(entries) > MOST_PARTS:
        raise refuse(f"{len(entries)} parts", f"expected at most {MOST_PARTS} parts in {what}", "too_many_files")
    for entry in entries:
        if climbs(entry.filename):
            raise refuse(entry.filename, f"expected names that stay inside {what}", "bad_path")
        if entry.flag_bits & 1:
            raise refuse(entry.filename, f"expected {what} without a password", "bad_packing")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > unpacked_bytes or unpacked > max(RATIO_FLOOR_BYTES, MOST_RATIO * size):
        most = min(unpacked_bytes, max(RATIO_FLOOR_BYTES, MOST_RATIO * size))
        raise refuse(f"{unpacked} bytes", f"expected at most {most // MIB} MiB when unpacked", "too_large")
    return entries


def check_workbook(path: Path, packed_bytes: int, unpacked_bytes: int) -> None:
    """A workbook that is only a workbook: no links, no connections, no macros, no declarations of entities."""
    entries = check_zip(path, packed_bytes, unpacked_bytes, "an XLSX workbook")
    problems = Problems()
    for start, words, kind in REFUSED_PARTS:
        found = [entry.filename for entry in entries if entry.filename.lower().startswith(start)]
        if found:
            expectation = f"expected a workbook {words} (copy the values into a new one)"
            problems.add(Problem(path.name, 0, "", found[0], expectation, kind))
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            try:
                with archive.open(entry) as part:
                    declared = b"<!DOCTYPE" in part.read(DECLARATION_BYTES)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                problems.add(
                    Problem(path.name, 0, "", entry.filename, f"expected a whole file ({error})", "bad_packing")
                )
                continue
            if declared:
                expectation = "expected XML without a document type"
                problems.add(Problem(path.name, 0, "", entry.filename, expectation, "bad_workbook"))
    if problems.errors:
        raise ImportRefused(problems)
