"""GGUF: checks that a file is one and complete, by its header alone."""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path

from index.embedding.binary_cursor import BinaryCursor
from index.errors import BadModel

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ALIGNMENT_KEY = b"general.alignment"
STRING, ARRAY = 8, 9
# Bytes of each other kind of value in the header.
SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
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
                end = _end_of_tensors(_Header(data, len(MAGIC)))
            except (struct.error, ValueError, ArithmeticError, IndexError) as error:
                raise _incomplete(path) from error
            if end > len(data):
                raise _incomplete(path)


def _incomplete(path: Path) -> BadModel:
    return BadModel(f"{path} is incomplete or damaged. Get it again: article-qa models fetch")


def _skip_value(header: _Header, kind: int) -> None:
    if kind == STRING:
        header.skip(*header.values("<Q"))
    elif kind == ARRAY:
        kind, count = header.values("<IQ")
        if kind in SCALARS:
            header.skip(SCALARS[kind] * count)
        elif kind == STRING:
            for _ in header.count(count):
                _skip_value(header, kind)
        else:
            raise ValueError(f"a list of kind {kind}")
    elif kind in SCALARS:
        header.skip(SCALARS[kind])
    else:
        raise ValueError(f"a value of kind {kind}")


def _end_of_tensors(header: _Header) -> int:
    version, tensors, entries = header.values("<IQQ")
    if version not in VERSIONS:
        raise ValueError(f"version {version}")
    alignment = 32
    for _ in header.count(entries):
        key = header.bytes(*header.values("<Q"))
        (kind,) = header.values("<I")
        if key == ALIGNMENT_KEY:
            (alignment,) = header.values("<I")
        else:
            _skip_value(header, kind)
    end = max((_tensor_end(header) for _ in header.count(tensors)), default=0)
    return math.ceil(header.position / alignment) * alignment + end


def _tensor_end(header: _Header) -> int:
    header.skip(*header.values("<Q"))  # its name
    (dimensions,) = header.values("<I")
    if dimensions > MOST_DIMENSIONS:
        raise ValueError(f"{dimensions} dimensions")
    sizes = header.values(f"<{dimensions}Q")
    kind, offset = header.values("<IQ")
    weights, size = TENSORS.get(kind, (1, 0))
    return int(offset + math.prod(sizes) // weights * size)
