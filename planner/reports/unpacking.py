"""Reads a report's zip into memory within bounds: nothing is written, and no size that the file claims is believed."""

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from planner.reports.bundle import FORMAT, MANIFEST

MOST_FILES = 200
MOST_PACKED_BYTES = 200 * 2**20
MOST_FILE_BYTES = 200 * 2**20
MOST_BYTES = 600 * 2**20
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class ZipRefused(Exception):
    """The file is no report zip, or is larger than a report can be."""


def read_zip(path: Path) -> dict[str, bytes]:
    """{name: content} of every file in the zip. Raises ZipRefused."""
    if path.stat().st_size > MOST_PACKED_BYTES:
        raise ZipRefused(f"{path.name}: larger than {MOST_PACKED_BYTES // 2**20} MB")
    try:
        with zipfile.ZipFile(path) as archive:
            return _contents(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ZipRefused(f"{path.name} cannot be read as a zip: {error}") from error


def _contents(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise ZipRefused(f"{len(entries)} files; expected at most {MOST_FILES}")
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for entry in entries:
        if not NAME.fullmatch(entry.filename) or entry.filename in files:
            raise ZipRefused(f"the name {entry.filename!r} is not one of a report's files, or comes twice")
        # One byte more than allowed is asked for: a file that has it is too large, whatever its header says.
        with archive.open(entry) as stream:
            content = stream.read(min(MOST_FILE_BYTES, left) + 1)
        if len(content) > min(MOST_FILE_BYTES, left):
            raise ZipRefused(f"{entry.filename} is larger than a report's files may be")
        left -= len(content)
        files[entry.filename] = content
    return files


def read_manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest. Raises ZipRefused."""
    manifest = read_json(files, MANIFEST)
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        raise ZipRefused(f"{MANIFEST} is not that of a report zip; expected format {FORMAT!r}")
    return manifest


def read_json(files: dict[str, bytes], name: str) -> Any:
    """One JSON file of the zip. Raises ZipRefused."""
    if name not in files:
        raise ZipRefused(f"there is no {name} in the zip")
    try:
        return json.loads(files[name])
    except (ValueError, RecursionError) as error:
        raise ZipRefused(f"{name} is not JSON: {error}") from error


def file_difference(files: dict[str, bytes], manifest: dict[str, Any]) -> str:
    """The first file that is missing, not listed, or has another hash than the manifest; empty where all agree."""
    for name in sorted({*files, *manifest["files"]} - {MANIFEST}):
        listed = manifest["files"].get(name)
        if listed is None:
            return f"{name}: not listed in {MANIFEST}"
        if name not in files:
            return f"{name}: listed in {MANIFEST}, not in the zip"
        found = hashlib.sha256(files[name]).hexdigest()
        if not isinstance(listed, dict) or listed.get("sha256") != found:
            return f"{name}: its SHA-256 is {found}, the manifest has another"
    return ""
