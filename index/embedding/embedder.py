"""Embedder: text -> vectors, as the index needs it, and the fingerprint of a model's files."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """An embedding model; tests give a stand-in."""

    @property
    def name(self) -> str:
        """The name to show."""

    @property
    def fingerprint(self) -> str:
        """A hash of weights, tokenizer and prompts: vectors of two fingerprints never mix."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32, shape (len(texts), dimension), each of length 1."""

    def query(self, text: str) -> Vectors:
        """Vector of a question, float32, shape (dimension,), of length 1."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, without those that open and close a sequence."""


def fingerprint(folder: str, prompts: dict[str, str]) -> str:
    """Hash a model's small files, the ends of its large ones, and its prompts.

    Large files are sampled at both ends, so that a question need not read 470 MB first.
    """
    digest = hashlib.sha256(repr(sorted(prompts.items())).encode())
    path = Path(folder)
    if not path.is_dir():
        digest.update(folder.encode())
        return digest.hexdigest()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path).as_posix()} {size}\n".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 20))
            if size > 1 << 20:
                stream.seek(-(1 << 20), os.SEEK_END)
                digest.update(stream.read())
    return digest.hexdigest()
