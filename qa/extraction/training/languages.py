"""Languages: the mean vector of the same sentences in each language of NTREX-128.

From these come the directions in which languages differ (qa/extraction/language_directions.py).
"""

from collections.abc import Iterator
from pathlib import Path

from index.embedding.embedder import Vectors
from index.embedding.numpy_embedder import NumpyEmbedder

FILES = "newstest2019-*.txt"
_EVERY = 20  # sentences from one that is taken to the next: 100 of a language


def means(folder: Path, embedder: NumpyEmbedder) -> Iterator[tuple[str, Vectors]]:
    """For each file of NTREX-128 in a folder its name and its mean vector, of shape (dimension,)."""
    for path in sorted(folder.glob(FILES)):
        lines = path.read_text(encoding="utf-8").splitlines()
        yield path.name, embedder.documents(lines[::_EVERY]).mean(axis=0)
