"""Passage: question -> the passages that may answer it, best first.

Meaning (cosine of vectors, across languages) and words (BM25: names, numbers) each propose;
both judge what either proposed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index import copies
from index.build import check, words_folder
from index.catalog import Catalog
from index.chunks import Chunk
from index.embed import Embedder, Vectors
from index.errors import IndexDamaged, IndexMissing
from index.lexical import LexicalIndex
from index.store import Store

# How many passages meaning and words propose, each; five times what a search usually shows.
_CANDIDATES = 50
# When most of them repeat each other, more are asked for: up to so many.
_MOST_CANDIDATES = 3200

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
    ordered by. `elsewhere` is every other place the same text stands at, `copies` every place
    where a near-copy of the article says nearly the same.
    """

    article: str
    start: int
    end: int
    text: str
    context: str
    score: float
    rank_score: float
    elsewhere: tuple[Place, ...] = ()
    copies: tuple[Place, ...] = ()


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
        words = self._words.scores(question)
        proposed, kept = _CANDIDATES, limit * 3
        while True:
            shown = self._different(vector, words, proposed, kept)
            every = min(len(self._keys), _MOST_CANDIDATES)
            if len(shown) >= limit or (proposed >= every and kept >= every):
                return shown[:limit]
            proposed, kept = min(proposed * 4, every), kept * 4

    def _different(
        self, vector: Vectors, words: Vectors, proposed: int, kept: int
    ) -> list[Passage]:
        """Passages that do not repeat each other, of the best `kept` of those proposed."""
        cosines = self._cosines(vector, words, proposed)
        worth = {
            key: cosine + WORDS_WEIGHT * float(words[self._position[key]])
            for key, cosine in cosines.items()
        }
        best = sorted(worth, key=lambda key: (-worth[key], key))[:kept]
        found = self._catalog.chunks(best)
        passages = [_passage(found[key], cosines[key], worth[key]) for key in best if key in found]
        passages.sort(key=lambda passage: -passage.rank_score)
        passages = _once(passages)
        signatures = self._catalog.signatures(passage.article for passage in passages)
        return [_with_copies(*group) for group in copies.fold(passages, signatures)]

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
                keys = self._catalog.keys()
            try:
                self._read(int(generation), keys)
                return
            except IndexDamaged:
                if self._catalog.setting("generation") == generation:
                    raise

    def _read(self, generation: int, keys: list[str]) -> None:
        self._store = Store(self._folder, self._embedder.fingerprint)
        if self._store.count() < len(keys):
            raise IndexDamaged(
                self._folder, f"{len(keys)} vectors are named and {self._store.count()} are there"
            )
        try:
            self._words = LexicalIndex.load(words_folder(self._folder, generation))
        except (OSError, ValueError) as error:
            raise IndexDamaged(self._folder, f"its words cannot be read: {error}") from error
        if len(self._words) != len(keys):
            raise IndexDamaged(self._folder, "its words are of another state than its catalog")
        self._keys = keys
        self._position = {key: position for position, key in enumerate(keys)}
        self._generation = generation

    def _cosines(self, vector: Vectors, words: Vectors, proposed: int) -> dict[str, float]:
        near = self._nearest(vector, proposed)
        top = np.argsort(-words, kind="stable")[:proposed]
        matching = [self._keys[i] for i in top if words[i] > 0 and self._keys[i] not in near]
        for key, other in self._store.vectors(matching).items():
            near[key] = float(vector @ other)
        return near

    def _nearest(self, vector: Vectors, proposed: int) -> dict[str, float]:
        """Vectors that no chunk names, as a run of `sync` adds them, must not crowd others out."""
        wanted, limit = min(proposed, len(self._keys)), proposed
        while True:
            found = self._store.nearest(vector, limit)
            near = {key: cosine for key, cosine in found if key in self._position}
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
    return replace(best, elsewhere=(*best.elsewhere, *_places(group[1:])))


def _with_copies(shown: Passage, *folded: Passage) -> Passage:
    return replace(shown, copies=tuple(_places(folded)))


def _places(passages: Iterable[Passage]) -> Iterator[Place]:
    for passage in passages:
        yield Place(passage.article, passage.start, passage.end)
        yield from passage.elsewhere
