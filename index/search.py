"""Passage: question -> the passages that may answer it, best first.

Meaning (cosine of vectors, across languages) and words (BM25: names, numbers) each propose;
both judge what either proposed.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.build import check
from index.catalog import Catalog
from index.chunks import Chunk
from index.embed import Embedder, Vectors
from index.errors import IndexDamaged, IndexMissing
from index.store import Store

# How many passages meaning and words propose, each; five times what a search usually shows.
_CANDIDATES = 50

# What a full match of the question's words is worth, in cosine: tests/benchmarks/RETRIEVAL.md.
WORDS_WEIGHT = 0.15

# Vectors of sentences kept for the next claim about the same passage: 1.5 KB each.
_REMEMBERED = 1000

# A byline names the author, not the subject: it must be clearly nearer than a passage to stand
# above it, and its words ("avatar", "Twitter") count for nothing.
_BYLINE_LOSS = 0.04


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of code points in an article's text."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that may answer a question.

    `score` is the cosine between question and passage, -1 to 1; `rank_score` is what passages are
    ordered by. `elsewhere` is every other place the same text stands at.
    """

    article: str
    start: int
    end: int
    text: str
    context: str
    score: float
    rank_score: float
    elsewhere: tuple[Place, ...] = ()


class Searcher:
    """An index opened for reading. Follows the index when another process changes it."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Open an index.

        Raises:
            IndexMissing: there is no index in `folder`.
            IndexMismatch: it was made by another embedder or chunker.
            IndexDamaged: a part of it cannot be read.
        """
        self._folder, self._embedder = folder, embedder
        self._catalog = Catalog.open(folder)
        self._generation = -1
        self._recent: dict[str, Vectors] = {}
        self._load()

    @property
    def embedder_name(self) -> str:
        """What people call the embedder."""
        return self._embedder.name

    def search(self, question: str, limit: int = 10) -> list[Passage]:
        """The passages nearest to the question, best first; fewer when the index holds fewer."""
        vector = self._embedder.query(question)
        if self._catalog.setting("generation") != str(self._generation):
            self._load()
        cosines = self._cosines(vector, question)
        words = self._catalog.words.scores(question, cosines)
        worth = {
            key: cosine + WORDS_WEIGHT * words.get(key, 0.0) for key, cosine in cosines.items()
        }
        best = sorted(worth, key=lambda key: (-worth[key], key))[: limit * 3]
        found = self._catalog.chunks(best)
        passages = [_passage(found[key], cosines[key], worth[key]) for key in best if key in found]
        passages.sort(key=lambda passage: -passage.rank_score)
        return _once(passages)[:limit]

    def text(self, article: str) -> str:
        """An article's whole text, as indexed."""
        return self._catalog.text(article)

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> Vectors:
        """Cosines of shape (len(questions), len(passages)), by the index's embedder."""
        left = np.stack([self._embedder.query(question) for question in questions])
        if len(self._recent) > _REMEMBERED:
            self._recent.clear()
        fresh = [text for text in dict.fromkeys(passages) if text not in self._recent]
        if fresh:
            known = zip(fresh, self._embedder.documents(fresh), strict=True)
            self._recent.update(known)
        cosines: Vectors = left @ np.stack([self._recent[text] for text in passages]).T
        return cosines

    def _load(self) -> None:
        """Read one state of the index; when a newer one replaced it meanwhile, that one."""
        while True:
            with self._catalog.snapshot():
                generation = self._catalog.setting("generation")
                if generation is None:
                    raise IndexMissing(self._folder)
                check(self._catalog, self._folder, self._embedder)
                _, _, texts = self._catalog.counts()
            try:
                self._read(int(generation), texts)
                return
            except IndexDamaged:
                if self._catalog.setting("generation") == generation:
                    raise

    def _read(self, generation: int, texts: int) -> None:
        self._store = Store(self._folder, self._embedder.fingerprint)
        if self._store.count() < texts:
            raise IndexDamaged(
                self._folder, f"{texts} vectors are named and {self._store.count()} are there"
            )
        self._texts, self._generation = texts, generation

    def _cosines(self, vector: Vectors, question: str) -> dict[str, float]:
        near = self._nearest(vector)
        matching = [k for k in self._catalog.words.best(question, _CANDIDATES) if k not in near]
        for key, other in self._store.vectors(matching).items():
            near[key] = float(vector @ other)
        return near

    def _nearest(self, vector: Vectors) -> dict[str, float]:
        """Vectors that no chunk names, as a run of `sync` adds them, must not crowd others out."""
        wanted, limit = min(_CANDIDATES, self._texts), _CANDIDATES
        while True:
            found = self._store.nearest(vector, limit)
            named = self._catalog.named(key for key, _ in found)
            near = {key: cosine for key, cosine in found if key in named}
            if len(near) >= wanted or len(found) < limit:
                return near
            limit *= 4


def _passage(same: list[Chunk], cosine: float, worth: float) -> Passage:
    """One passage of all the chunks that hold the same text under the same headings."""
    first = same[0]
    places = [
        Place(chunk.article_id, start, end)
        for chunk in same
        for start, end in ((chunk.start, chunk.end), *chunk.places)
    ]
    rank_score = cosine - _BYLINE_LOSS if first.byline else worth
    return Passage(
        first.article_id,
        first.start,
        first.end,
        first.text,
        first.context,
        round(cosine, 4),
        rank_score,
        tuple(places[1:]),
    )


def _once(passages: list[Passage]) -> list[Passage]:
    """The same text under other headings is shown once, with all its places."""
    groups: dict[str, list[Passage]] = {}
    for passage in passages:
        groups.setdefault(passage.text, []).append(passage)
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Passage]) -> Passage:
    best = group[0]
    others = itertools.chain.from_iterable(
        (Place(p.article, p.start, p.end), *p.elsewhere) for p in group[1:]
    )
    return replace(best, elsewhere=(*best.elsewhere, *others))
