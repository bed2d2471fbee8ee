"""A case folder: each file is read once, so that its digest is that of the bytes that were imported."""

from __future__ import annotations

import hashlib
from pathlib import Path

from regions.importing.problems import Problem

LARGEST_FILE_BYTES = 256 * 1024 * 1024


class CaseFolder:
    """The files of one directory, by name. Nothing outside the directory is ever opened."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._contents: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        return self.path.resolve().name

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def has(self, file: str) -> bool:
        return file in self._contents or (self.path / file).is_file()

    def content(self, file: str) -> bytes:
        """The bytes of a file, read once and kept; raises OSError where it cannot be read."""
        if Path(file).name != file:
            raise ValueError(f"{file} is not a plain file name")
        if file not in self._contents:
            self._contents[file] = (self.path / file).read_bytes()
        return self._contents[file]

    def digest(self, file: str) -> str:
        return hashlib.sha256(self.content(file)).hexdigest()

    def digests(self, files: tuple[str, ...]) -> dict[str, str]:
        """Digest of each of the files that is there."""
        return {file: self.digest(file) for file in sorted(files) if self.has(file)}

    def unreadable(self, files: tuple[str, ...]) -> list[Problem]:
        """Files that are there but too large or not readable."""
        problems = []
        for file in sorted(files):
            if not self.has(file):
                continue
            try:
                size = (self.path / file).stat().st_size
                if size > LARGEST_FILE_BYTES:
                    limit = LARGEST_FILE_BYTES // (1024 * 1024)
                    expectation = f"expected a file of at most {limit} MiB"
                    problems.append(Problem(file, 0, "", f"{size} bytes", expectation, "too_large"))
                else:
                    self.content(file)
            except OSError as error:
                expectation = f"expected a readable file ({error.strerror})"
                problems.append(Problem(file, 0, "", "", expectation, "unreadable_file"))
        return problems
