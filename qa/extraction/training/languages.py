"""Languages: the mean vector of the same sentences in each language of NTREX-128.

From these come the directions in which languages differ (qa/extraction/language_directions.py).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from index.embedding.embedder import Vectors
from index.embedding.numpy_embedder import NumpyEmbedder

_EVERY = 20  # sentences from one that is taken to the next: 100 of a language


def files(folders: Sequence[Path]) -> list[Path]:
    """The files of NTREX-128 in folders of question sets, one a language."""
    return sorted(path for folder in folders for path in folder.glob("ntrex/newstest2019-*.txt"))


def means(paths: Sequence[Path], embedder: NumpyEmbedder) -> Iterator[Vectors]:
    """For each file the mean vector of its sentences, of shape (dimension,)."""
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        yield embedder.documents(lines[::_EVERY]).mean(axis=0)
