"""Adaptive embedder: a light embedder at first, and one for many texts when these come.

Knows when the other is worth loading; does not know how either works.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

from index.embedding.embedder import Embedder, Vectors

# Code points in all, above which sentence-transformers is worth the five to ten seconds it takes
# to load: the light one takes five for them, and where the processor has bfloat16 the other is
# twice as fast (tests/benchmarks/START.md). The indexing job gives some 150,000 in one go.
FEW = 50_000
# Code points of one call that does not count: the sentences of one answer's passage are fewer, so
# no answer waits for the loading.
ANSWER = 4_000


class AdaptiveEmbedder:
    """Two embedders of the same vectors. Threads may share it."""

    def __init__(self, few: Embedder, load: Callable[[], Embedder]) -> None:
        """`load` gives the embedder for many texts; it is called once, or never."""
        self._few, self._load, self._embedded = few, load, 0
        self.name, self.fingerprint, self.dimension = few.name, few.fingerprint, few.dimension

    def documents(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        size = sum(map(len, texts))
        if size <= ANSWER:
            return self._few.documents(texts)
        self._embedded += size
        return (self._many if self._embedded > FEW else self._few).documents(texts)

    def query(self, text: str) -> Vectors:
        """See `Embedder`."""
        return self._few.query(text)

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `Embedder`."""
        return self._few.count(texts)

    @cached_property
    def _many(self) -> Embedder:
        return self._load()
