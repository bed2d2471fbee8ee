"""A case folder in a zip file: bounded in every way, read in memory, never unpacked to the disk."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from regions.importing.folder import CaseFolder
from regions.importing.problems import ImportRefused, Problem, Problems

MIB = 1024 * 1024
READ_BYTES = MIB
# What archivers of some systems add by themselves.
IGNORED_NAMES = ("__MACOSX", ".DS_Store", "Thumbs.db")
FOREIGN_SYSTEM_SHIFT = 16
FILE_TYPE_MASK, SYMBOLIC_LINK = 0o170000, 0o120000


@dataclass(frozen=True)
class ArchiveLimits:
    """What a zip file may hold. The ratio stops files made to fill a memory; small ones may have any."""

    packed_bytes: int = 128 * MIB
    unpacked_bytes: int = 512 * MIB
    entries: int = 200
    ratio: int = 200
    ratio_floor_bytes: int = 16 * MIB
    suffixes: tuple[str, ...] = (".csv", ".json", ".geojson", ".md", ".txt")


class CaseArchive(CaseFolder):
    """The files of a zip, by name; they may lie in one folder inside it. Raises ImportRefused on opening."""

    def __init__(self, path: Path | str, limits: ArchiveLimits | None = None) -> None:
        super().__init__(path)
        self.limits = limits or ArchiveLimits()
        size = self.path.stat().st_size
        if size > self.limits.packed_bytes:
            expectation = f"expected a zip file of at most {self.limits.packed_bytes // MIB} MiB"
            raise ImportRefused(Problems([self.problem("", f"{size} bytes", expectation, "too_large")]))
        try:
            with zipfile.ZipFile(self.path) as archive:
                self.read(archive)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            expectation = f"expected a whole zip file without password ({error})"
            raise ImportRefused(Problems([self.problem("", "", expectation, "bad_packing")])) from error

    @property
    def name(self) -> str:
        return self.path.resolve().stem

    def names(self) -> list[str]:
        return sorted(self._contents)

    def has(self, file: str) -> bool:
        return file in self._contents

    def content(self, file: str) -> bytes:
        """The bytes of a file; KeyError where it is not in the zip."""
        return self._contents[file]

    def unreadable(self, files: tuple[str, ...]) -> list[Problem]:
        """None: all were read on opening."""
        return []

    def problem(self, entry: str, value: str, expectation: str, kind: str) -> Problem:
        """A fault of the zip or of one entry in it."""
        file = f"{self.path.name}/{entry}" if entry else self.path.name
        return Problem(file, 0, "", value, expectation, kind)

    def read(self, archive: zipfile.ZipFile) -> None:
        """All files of the case, after every entry was looked at."""
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not ignored(entry)]
        problems = Problems(self.faults(entries))
        if problems.errors:
            raise ImportRefused(problems)
        total = 0
        for entry in entries:
            content = self.unpacked(archive, entry, total)
            total += len(content)
            self._contents[PurePosixPath(entry.filename).name] = content

    def faults(self, entries: list[zipfile.ZipInfo]) -> list[Problem]:
        """What is wrong with the list of entries, before anything is unpacked."""
        limits = self.limits
        problems = []
        if len(entries) > limits.entries:
            expectation = f"expected at most {limits.entries} files in the zip"
            return [self.problem("", f"{len(entries)} files", expectation, "too_many_files")]
        stated = sum(entry.file_size for entry in entries)
        if stated > limits.unpacked_bytes:
            expectation = f"expected at most {limits.unpacked_bytes // MIB} MiB when unpacked"
            problems.append(self.problem("", f"{stated} bytes", expectation, "too_large"))
        folders = {str(PurePosixPath(entry.filename).parent) for entry in entries}
        if len(folders) > 1 or any("/" in folder for folder in folders):
            expectation = "expected the files of one case, at the top of the zip or in one folder in it"
            problems.append(self.problem("", ", ".join(sorted(folders)[:6]), expectation, "bad_path"))
        names = [PurePosixPath(entry.filename).name for entry in entries]
        for entry, name in zip(entries, names, strict=True):
            path = PurePosixPath(entry.filename)
            if climbs(entry.filename):
                expectation = "expected a plain name that stays inside the zip"
                problems.append(self.problem(name, entry.filename, expectation, "bad_path"))
            elif (entry.external_attr >> FOREIGN_SYSTEM_SHIFT) & FILE_TYPE_MASK == SYMBOLIC_LINK:
                problems.append(self.problem(name, entry.filename, "expected a file, not a link", "bad_path"))
            elif path.suffix.lower() not in limits.suffixes:
                expectation = f"expected only files that end in {', '.join(limits.suffixes)}"
                problems.append(self.problem(name, path.suffix, expectation, "bad_file_type"))
            if names.count(name) > 1:
                problems.append(self.problem(name, name, "expected each file once in the zip", "same_file_twice"))
        return problems

    def unpacked(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int) -> bytes:
        """One entry, read in pieces: what the list says of its size is not believed."""
        limits = self.limits
        most = min(limits.unpacked_bytes - before, max(limits.ratio_floor_bytes, limits.ratio * entry.compress_size))
        pieces, size = [], 0
        with archive.open(entry) as stream:
            while piece := stream.read(READ_BYTES):
                size += len(piece)
                if size > most:
                    expectation = f"expected at most {most // MIB} MiB when unpacked"
                    problem = self.problem(
                        PurePosixPath(entry.filename).name, f"more than {most} bytes", expectation, "too_large"
                    )
                    raise ImportRefused(Problems([problem]))
                pieces.append(piece)
        return b"".join(pieces)


def ignored(entry: zipfile.ZipInfo) -> bool:
    """Entries that archivers add."""
    return any(part in IGNORED_NAMES for part in PurePosixPath(entry.filename).parts)


def climbs(name: str) -> bool:
    """Whether a name leads out of the folder it is unpacked in, on any system."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name
