"""Data files as streams of bytes: what they are is found from their content, never from their name."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from regions.importing.problems import ImportRefused, Problem, Problems

READ_BYTES = 1 << 20
MIB = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
COMPRESSIONS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
REFUSED_CONTENT = (
    (b"PK\x03\x04", "a zip or spreadsheet file"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True)
class Limits:
    """How large a file may be, packed and unpacked. The ratio stops files made to fill a disk."""

    packed_bytes: int = 4096 * MIB
    unpacked_bytes: int = 16384 * MIB
    # Official files pack about 15 to 1; a packed file below the floor may have any ratio.
    ratio: int = 200
    ratio_floor_bytes: int = 64 * MIB


@dataclass(frozen=True)
class DataFile:
    """A text file that was read once from end to end: its digest, packing, encoding and number of lines."""

    path: Path
    sha256: str
    compression: str | None
    encoding: str
    lines: int
    unpacked_bytes: int

    @property
    def name(self) -> str:
        return self.path.name

    @contextmanager
    def bytes(self) -> Iterator[Any]:
        """The unpacked bytes, as a pyarrow stream."""
        with pa.input_stream(str(self.path), compression=self.compression) as stream:
            yield stream

    @contextmanager
    def text(self) -> Iterator[io.TextIOBase]:
        """The unpacked text without its byte order mark."""
        encoding = "utf-8-sig" if self.encoding == "utf8" else self.encoding
        with self.bytes() as stream:
            yield io.TextIOWrapper(stream, encoding=encoding, newline="")

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each record, empty lines left out; slow, for headers and for finding faulty lines."""
        with self.text() as text:
            reader = csv.reader(text)
            line = 1
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1

    def header(self) -> list[str]:
        """The cells of the first line."""
        return next((cells for _, cells in self.records()), [])


def inspect(path: Path | str, limits: Limits | None = None) -> DataFile:
    """Reads a file once in pieces; raises ImportRefused where it is not text of a bearable size."""
    path = Path(path)
    limits = limits or Limits()
    try:
        packed = path.stat().st_size
        if not path.is_file():
            raise refused(path, "", "expected a file", "unreadable_file")
        if packed > limits.packed_bytes:
            expectation = f"expected a file of at most {limits.packed_bytes // MIB} MiB"
            raise refused(path, f"{packed} bytes", expectation, "too_large")
        digest, compression = digest_and_compression(path)
    except OSError as error:
        raise refused(path, "", f"expected a readable file ({error.strerror})", "unreadable_file") from error
    try:
        encoding, lines, unpacked = read_through(path, compression, packed, limits)
    except OSError as error:
        raise refused(path, "", f"expected a whole {compression or 'text'} file ({error})", "bad_packing") from error
    return DataFile(path, digest, compression, encoding, lines, unpacked)


def digest_and_compression(path: Path) -> tuple[str, str | None]:
    """SHA-256 of the file as it is, and its packing by its first bytes."""
    with path.open("rb") as file:
        start = file.read(4)
        for magic, words in REFUSED_CONTENT:
            if start.startswith(magic):
                expectation = f"expected CSV text, plain or packed with gzip or zstd; this is {words}"
                raise refused(path, "", expectation, "bad_file_type")
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    compression = next((name for magic, name in COMPRESSIONS if start.startswith(magic)), None)
    return digest, compression


def digest_of(path: Path) -> str:
    """SHA-256 of a file as it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_through(path: Path, compression: str | None, packed: int, limits: Limits) -> tuple[str, int, int]:
    """Encoding, number of lines and unpacked size; stops where the file unpacks to more than it may."""
    most = limits.unpacked_bytes
    if compression:
        most = min(most, max(limits.ratio_floor_bytes, limits.ratio * packed))
    utf8 = codecs.getincrementaldecoder("utf-8")()
    encoding, lines, size, last = "utf8", 0, 0, b"\n"
    with pa.input_stream(str(path), compression=compression) as stream:
        while piece := stream.read(READ_BYTES):
            size += len(piece)
            if size > most:
                expectation = f"expected at most {most // MIB} MiB when unpacked"
                raise refused(path, f"more than {most // MIB} MiB", expectation, "too_large")
            if b"\0" in piece:
                raise refused(path, "", "expected text; the file holds NUL bytes", "bad_file_type")
            lines += piece.count(b"\n")
            last = piece[-1:]
            encoding = still_utf8(utf8, piece) if encoding == "utf8" else encoding
    if encoding == "utf8" and utf8.getstate()[0]:
        encoding = "cp1252"
    if size == 0:
        raise refused(path, "", "expected a header and at least one row; the file is empty", "empty_file")
    return encoding, lines + (last != b"\n"), size


def still_utf8(decoder: codecs.IncrementalDecoder, piece: bytes) -> str:
    """`utf8` as long as every byte so far was; else the Windows code page that such files come in."""
    try:
        decoder.decode(piece)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf8"


def refused(path: Path, value: str, expectation: str, kind: str) -> ImportRefused:
    """A refusal of the whole file."""
    return ImportRefused(Problems([Problem(path.name, 0, "", value, expectation, kind)]))
