"""GGUF: checks that a file is one and complete, by its header alone."""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path

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
                end = _end_of_tensors(_Header(data))
            except (
                struct.error,
                ValueError,
                ArithmeticError,
                IndexError,
                RecursionError,
            ) as error:
                raise _incomplete(path) from error
            if end > len(data):
                raise _incomplete(path)


def _incomplete(path: Path) -> BadModel:
    return BadModel(f"{path} is incomplete or damaged. Get it again: article-qa models fetch")


class _Header:
    """A place in the header, moving on as it is read."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.place = data, len(MAGIC)

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.place)
        self.place += struct.calcsize(layout)
        return values

    def text(self) -> bytes:
        (length,) = self.take("<Q")
        start, self.place = self.place, self.place + length
        return self.data[start : self.place]

    def skip(self, kind: int) -> None:
        if kind == STRING:
            (length,) = self.take("<Q")
            self.place += length
        elif kind == ARRAY:
            kind, count = self.take("<IQ")
            if kind in SCALARS:
                self.place += SCALARS[kind] * count
            else:
                for _ in range(count):
                    self.skip(kind)
        elif kind in SCALARS:
            self.place += SCALARS[kind]
        else:
            raise ValueError(f"a value of kind {kind}")


def _end_of_tensors(header: _Header) -> int:
    version, tensors, entries = header.take("<IQQ")
    if version not in VERSIONS:
        raise ValueError(f"version {version}")
    alignment = 32
    for _ in range(entries):
        key = header.text()
        (kind,) = header.take("<I")
        if key == ALIGNMENT_KEY:
            (alignment,) = header.take("<I")
        else:
            header.skip(kind)
    ends = [_tensor_end(header) for _ in range(tensors)]
    return math.ceil(header.place / alignment) * alignment + max(ends, default=0)


def _tensor_end(header: _Header) -> int:
    header.text()
    (dimensions,) = header.take("<I")
    sizes = header.take(f"<{dimensions}Q")
    kind, offset = header.take("<IQ")
    weights, size = TENSORS.get(kind, (1, 0))
    return offset + math.prod(sizes) // weights * size
