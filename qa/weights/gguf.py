"""GGUF: what a file's header tells: whether the file is one and complete, and what model it is."""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path
from typing import Any

from index.embedding.binary_cursor import BinaryCursor
from index.errors import BadModel

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ALIGNMENT_KEY = "general.alignment"
STRING, ARRAY = 8, 9
# Bytes of each other kind of value in the header.
SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_FORMATS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_MOST_LISTED = 1024  # numbers of a list that is told: one for each layer, not for each token
# ggml's tensor types: weights and bytes of a block. Of a tensor of another type only the start is
# checked.
TENSORS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2),
}  # fmt: skip

MOST_VALUES = 2**21
"""Entries, tensors and strings that a header may have, each looked at; large ones have 2**20."""
MOST_DIMENSIONS = 4


class _Header(BinaryCursor):
    """The header; it says itself how much it holds, which may be more than anybody can read."""

    _left = MOST_VALUES

    def count(self, number: int) -> range:
        """The numbers of so many values.

        Raises:
            ValueError: these are too many, with those before.
        """
        self._left -= number
        if self._left < 0:
            raise ValueError(f"more than {MOST_VALUES} values")
        return range(number)


def check(path: Path) -> None:
    """Check that a file is a GGUF that holds all its tensors.

    Raises:
        BadModel: it is not.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadModel(f"{path} is not a GGUF file, so it cannot be the language model.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                end = _end_of_tensors(_Header(data, len(MAGIC)))[1]
            except (struct.error, ValueError, ArithmeticError, IndexError) as error:
                raise _incomplete(path) from error
            if end > len(data):
                raise _incomplete(path)


def values(path: Path) -> dict[str, Any]:
    """What a whole file's header says: numbers and texts, and of lists short ones of numbers.

    Of another list there is its length, as an integer.

    Raises:
        BadModel: it is no GGUF.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _end_of_tensors(_Header(data, len(MAGIC)))[0]
        except (struct.error, ValueError, ArithmeticError, IndexError) as error:
            raise _incomplete(path) from error


def _incomplete(path: Path) -> BadModel:
    return BadModel(f"{path} is incomplete or damaged. Get it again: article-qa models fetch")


def _value(header: _Header, kind: int) -> Any:
    if kind == STRING:
        return header.bytes(*header.values("<Q")).decode(errors="replace")
    if kind == ARRAY:
        return _list(header, *header.values("<IQ"))
    if kind not in SCALARS:
        raise ValueError(f"a value of kind {kind}")
    (number,) = header.values(f"<{_FORMATS[kind]}")
    return number


def _list(header: _Header, kind: int, count: int) -> Any:
    """The numbers of a short list; else how many there are, of which all are skipped."""
    if kind == STRING:
        for _ in header.count(count):
            header.skip(*header.values("<Q"))
        return count
    if kind not in SCALARS:
        raise ValueError(f"a list of kind {kind}")
    if count <= _MOST_LISTED:
        return list(header.values(f"<{count}{_FORMATS[kind]}"))
    header.skip(SCALARS[kind] * count)
    return count


def _end_of_tensors(header: _Header) -> tuple[dict[str, Any], int]:
    """The header's values, and where the last tensor ends."""
    version, tensors, entries = header.values("<IQQ")
    if version not in VERSIONS:
        raise ValueError(f"version {version}")
    told: dict[str, Any] = {}
    for _ in header.count(entries):
        key = header.bytes(*header.values("<Q")).decode(errors="replace")
        told[key] = _value(header, *header.values("<I"))
    alignment = int(told.get(ALIGNMENT_KEY, 32))
    end = max((_tensor_end(header) for _ in header.count(tensors)), default=0)
    return told, math.ceil(header.position / alignment) * alignment + end


def _tensor_end(header: _Header) -> int:
    header.skip(*header.values("<Q"))  # its name
    (dimensions,) = header.values("<I")
    if dimensions > MOST_DIMENSIONS:
        raise ValueError(f"{dimensions} dimensions")
    sizes = header.values(f"<{dimensions}Q")
    kind, offset = header.values("<IQ")
    weights, size = TENSORS.get(kind, (1, 0))
    return int(offset + math.prod(sizes) // weights * size)
