"""Rows that repeat others, found in bounded memory: hashes of the keys go to a temporary file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

# So many keys are looked at at a time: 8 bytes each, and as much again to sort them.
KEYS_AT_A_TIME = 2_000_000
MOST_REPEATED = 1_000_000
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
MIXER = np.uint64(0xBF58476D1CE4E5B9)


def key_hashes(cells: list[np.ndarray]) -> np.ndarray:
    """A hash of each row over its columns, the same in every chunk of a file."""
    hashes = np.zeros(len(cells[0]), dtype=np.uint64)
    for column in cells:
        hashes ^= column.astype(np.uint64)
        hashes *= MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    hashes *= MIXER
    return hashes ^ (hashes >> np.uint64(32))


class HashCollector:
    """Writes hashes to a file and finds afterwards those that came more than once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.total = 0

    def add(self, hashes: np.ndarray) -> None:
        self.file.write(hashes.tobytes())
        self.total += len(hashes)

    def repeated(self) -> np.ndarray:
        """The repeated hashes, sorted; hashes are looked at in parts by their remainder."""
        parts = np.uint64(self.total // KEYS_AT_A_TIME + 1)
        found = []
        for part in range(int(parts)):
            self.file.seek(0)
            chosen = []
            while piece := self.file.read(8 * KEYS_AT_A_TIME):
                hashes = np.frombuffer(piece, dtype=np.uint64)
                chosen.append(hashes[hashes % parts == part])
            hashes = np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.uint64)
            found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
            if sum(map(len, found)) > MOST_REPEATED:
                break
        return np.sort(np.concatenate(found))


class RepeatedKeys:
    """Which keys of a file come more than once; on a second pass, which rows are exact copies."""

    def __init__(self) -> None:
        self.hashes = np.empty(0, dtype=np.uint64)
        self.start()

    def start(self) -> None:
        """Before a pass over the rows."""
        self.seen: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
        self.copies = 0
        self.same_key = 0

    @property
    def too_many(self) -> bool:
        return len(self.hashes) > MOST_REPEATED

    @contextmanager
    def collecting(self) -> Iterator[HashCollector]:
        """For the first pass."""
        with tempfile.TemporaryFile() as file:
            collector = HashCollector(file)
            yield collector
            self.hashes = collector.repeated()

    def first_of_copies(self, key: list[np.ndarray], amounts: list[np.ndarray]) -> np.ndarray | None:
        """Mask of the rows that are no copies of an earlier row, or None where all are wanted; counts both kinds."""
        if not len(self.hashes):
            return None
        hashes = key_hashes(key)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        suspects = np.flatnonzero(self.hashes[places] == hashes)
        wanted = np.ones(len(hashes), dtype=bool)
        for row in suspects.tolist():
            row_key = tuple(int(column[row]) for column in key)
            row_amounts = tuple(int(column[row]) for column in amounts)
            known = self.seen.setdefault(row_key, set())
            if row_amounts in known:
                wanted[row] = False
                self.copies += 1
            elif known:
                self.same_key += 1
            known.add(row_amounts)
        return wanted
