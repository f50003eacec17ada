"""Search: question -> the passages that may answer it, best first; hybrid of vectors and BM25.

Meaning (cosine of vectors, across languages) and words (BM25: names, numbers) each propose
candidates; `index/ranking.py` scores them, and near duplicates are collapsed.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index import collapsing
from index.article_sentences import ArticleSentence, article_sentences, passage_sentences
from index.articles.chunks import Chunk
from index.embedding.embedder import Embedder, Vectors
from index.errors import IndexDamaged, IndexMissing
from index.layout import CATALOG
from index.passage import Page, Passage, Span
from index.ranking import BALANCE_DEPTH, Candidate, Rank, rank
from index.scope import EVERYTHING, BadScope, Scope
from index.storage import near_duplicates
from index.storage.catalog import Catalog, Entry
from index.storage.compatibility import check
from index.storage.vectors import exact_index
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.exact_index import ExactIndex
from index.storage.vectors.vector_file import VectorFile, all_fit

# Passages proposed by vectors in each language, and by BM25 in all, before they are ranked.
_CANDIDATES = BALANCE_DEPTH
# When most of them repeat each other, more are proposed, up to so many.
_MAX_CANDIDATES = 800

# Scopes whose selection is kept for the next question: up to 30 MB each.
_SELECTIONS = 3

# Vectors of sentences cached for the next claim about the same passage: 1.5 KB each.
_CACHED = 1000


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a scope lets in: ids of articles, and the keys of their texts with their numbers.

    `near` finds the nearest of few texts exactly; those of many are found among all.
    """

    articles: frozenset[str]
    texts: dict[str, int]
    near: ExactIndex | None


class Searcher:
    """An index opened for reading, which follows the changes of other processes.

    Threads may share it; they search one after the other.
    """

    def __init__(self, folder: Path, embedder: Embedder, within: Scope = EVERYTHING) -> None:
        """Open an index, or the articles of it that are in the scope `within`.

        Raises:
            IndexMissing: there is no index in `folder`.
            IndexMismatch: it was made by another embedder or chunker.
            IndexDamaged: a part of it cannot be read.
        """
        self._folder, self._embedder, self._within = folder, embedder, within
        self._lock = threading.RLock()
        self._store: AnnIndex | ExactIndex
        self._cached_vectors: dict[str, Vectors] = {}
        self._selections: dict[Scope, _Selection] = {}
        self._open()

    @property
    def embedder(self) -> Embedder:
        """Makes the vectors."""
        return self._embedder

    @property
    def embedder_fingerprint(self) -> str:
        """Of its embedder: by it what was measured with one is known."""
        return self._embedder.fingerprint

    @property
    def embedder_name(self) -> str:
        """The embedder's name to show."""
        return self._embedder.name

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        """The best passages for the question, best first; fewer if the scope holds fewer.

        A passage that stands in several articles names those of the scope alone.

        Raises:
            BadScope: no article is in it.
        """
        vector = self._embedder.query(question)
        with self._lock:
            while True:
                self._follow()
                with self._catalog.snapshot():
                    selected = self._selected(scope)
                    shown = self._shown(question, vector, limit, selected)
                    shown = [self._with_page(passage) for passage in shown]
                if self._is_current():  # else vectors may have been removed meanwhile
                    return shown

    def _with_page(self, passage: Passage) -> Passage:
        page = self._catalog.page(passage.article, passage.start)
        return replace(passage, page=page, address=self._catalog.address(passage.article))

    def page(self, article: str, offset: int) -> Page | None:
        """The page, slide or sheet that holds a code point of an article, in a file that has any.

        None, too, where there is no such article any more.
        """
        with self._lock:
            self._follow()
            return self._catalog.page(article, offset)

    def address(self, article: str) -> str:
        """The web address of an article that was fetched; "" of any other."""
        with self._lock:
            self._follow()
            return self._catalog.address(article)

    def _selected(self, scope: Scope) -> _Selection | None:
        """What a scope lets in; None when that is everything."""
        if scope.is_all and self._within.is_all:
            return None
        if scope not in self._selections:
            articles = frozenset(entry.id for entry in self._entries(scope))
            texts = self._catalog.passages(articles)
            near = (
                ExactIndex(self._store.file, list(texts)) if len(texts) <= exact_index.FEW else None
            )
            while len(self._selections) >= _SELECTIONS:
                del self._selections[next(iter(self._selections))]
            self._selections[scope] = _Selection(articles, texts, near)
        return self._selections[scope]

    def _shown(
        self, question: str, vector: Vectors, limit: int, selected: _Selection | None
    ) -> list[Passage]:
        proposed = max(_CANDIDATES, 2 * limit)
        while True:
            every = min(len(selected.texts) if selected else self._texts, _MAX_CANDIDATES)
            ranks = self._rank(question, vector, proposed, selected)
            shown = self._different(ranks, limit, selected)
            if len(shown) >= limit or proposed >= every:
                return shown
            proposed = min(proposed * 4, every)

    def _rank(
        self, question: str, vector: Vectors, proposed: int, selected: _Selection | None
    ) -> list[Rank]:
        keys = dict.fromkeys(self._nearest(vector, proposed, selected))
        numbers = selected.texts.values() if selected else None
        keys.update(dict.fromkeys(self._catalog.bm25.best(question, proposed, numbers)))
        words = self._catalog.bm25.scores(question, keys)
        bylines = self._catalog.bylines(keys)
        embeddings = self._store.file.read(keys)
        if not all_fit(list(embeddings.values()), len(vector)):
            raise IndexDamaged(self._folder, "a vector is not as an embedder gives it")
        candidates = [
            Candidate(
                key, e.language, e.vector, e.sentences, words.get(key, 0.0), byline=key in bylines
            )
            for key, e in embeddings.items()
        ]
        return rank(vector, candidates, self._background)

    def _different(
        self, ranks: Sequence[Rank], limit: int, selected: _Selection | None
    ) -> list[Passage]:
        """Passages that do not repeat each other, best first, each with its near duplicates."""
        depth = limit * 3
        while True:
            best = ranks[:depth]
            within = selected.articles if selected else None
            found = self._catalog.chunks((rank.key for rank in best), within)
            passages = _merge_equal(
                self._passage(found[rank.key], rank) for rank in best if rank.key in found
            )
            ids = (passage.article for passage in passages)
            signatures = near_duplicates.signatures(self._catalog, ids)
            groups = collapsing.collapse_near_duplicates(passages, signatures, limit)
            shown = [_with_copies(*group) for group in groups]
            if len(shown) >= limit or depth >= len(ranks):
                return shown
            depth *= 4

    def _passage(self, same: list[Chunk], rank: Rank) -> Passage:
        if rank.sentence is not None and rank.sentence >= len(same[0].sentence_spans):
            raise IndexDamaged(self._folder, "a passage has vectors of more sentences than its own")
        return _passage(same, rank)

    def articles(self, scope: Scope = EVERYTHING) -> list[Entry]:
        """The articles of a scope, in the order of their ids.

        Raises:
            BadScope: no article is in it, though it is not that of all.
        """
        with self._lock:
            self._follow()
            return self._entries(scope)

    def lengths(self, articles: Iterable[str]) -> dict[str, int]:
        """How many code points each of some articles has, of those that are indexed."""
        with self._lock:
            self._follow()
            return self._catalog.lengths(articles)

    def _entries(self, scope: Scope) -> list[Entry]:
        found = scope.select(self._within.select(self._catalog.entries()))
        if not found and not (scope.is_all and self._within.is_all):
            both = "; ".join(str(some) for some in (self._within, scope) if not some.is_all)
            raise BadScope(f"No indexed article is in this scope: {both}.")
        return found

    def sentences(self, articles: Sequence[str]) -> list[ArticleSentence]:
        """The sentences of some articles with their vectors, in the order of the articles.

        Of long articles, and of many, some are left out: see `article_sentences.LOOKED_AT`.
        """
        with self._lock:
            while True:
                self._follow()
                with self._catalog.snapshot():
                    found = article_sentences(self._catalog, self._store.file, articles)
                if self._is_current():
                    return found

    def sentences_of(self, passages: Sequence[Passage]) -> list[ArticleSentence]:
        """The sentences of some passages with their vectors, in the order of the passages."""
        with self._lock:
            self._follow()
            return passage_sentences(self._store.file, passages)

    def text(self, article: str) -> str:
        """An article's whole text, as indexed."""
        return self._catalog.text(article)

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> Vectors:
        """Cosines of shape (len(questions), len(passages)), by the index's embedder."""
        left = np.stack([self._embedder.query(question) for question in questions])
        if len(self._cached_vectors) > _CACHED:
            self._cached_vectors.clear()
        fresh = [text for text in dict.fromkeys(passages) if text not in self._cached_vectors]
        if fresh:
            known = zip(fresh, self._embedder.documents(fresh), strict=True)
            self._cached_vectors.update(known)
        cosines: Vectors = left @ np.stack([self._cached_vectors[text] for text in passages]).T
        return cosines

    def _open(self) -> None:
        self._catalog = Catalog.open(self._folder)
        self._opened = _identity(self._folder)
        self._generation = -1
        self._load()

    def _follow(self) -> None:
        """Load the index's newest state; a catalog that was made anew is another file."""
        if _identity(self._folder) != self._opened:
            self._catalog.close()
            self._open()
        elif not self._is_current():
            self._load()

    def _is_current(self) -> bool:
        return self._catalog.generation == self._generation

    def _load(self) -> None:
        """Load one state of the index, or the newer one that replaced it meanwhile."""
        while True:
            with self._catalog.snapshot():
                generation = self._catalog.generation
                if generation is None:
                    raise IndexMissing(self._folder)
                check(self._catalog, self._folder, self._embedder)
                _, _, texts = self._catalog.counts()
                background = self._catalog.setting("background") or ""
            try:
                self._read(generation, texts)
                self._background = self._read_background(background)
                return
            except IndexDamaged:
                if self._catalog.generation == generation:
                    raise

    def _read_background(self, written: str) -> Vectors:
        try:
            found: Vectors = np.frombuffer(bytes.fromhex(written), dtype="<f4")
        except ValueError:
            found = np.zeros(0, dtype=np.float32)
        if len(found) != self._embedder.dimension:
            raise IndexDamaged(self._folder, "its background vector is missing or damaged")
        return found

    def _read(self, generation: int, texts: int) -> None:
        if self._generation >= 0:
            self._store.close()
        self._generation = -1
        self._selections.clear()
        self._store = _store(self._folder, self._embedder.fingerprint)
        if self._store.count() < texts:
            raise IndexDamaged(
                self._folder, f"{texts} vectors are named and {self._store.count()} are there"
            )
        self._texts, self._generation = texts, generation

    def _nearest(self, vector: Vectors, proposed: int, selected: _Selection | None) -> list[str]:
        """Keys of the nearest vectors of each language.

        Vectors that no chunk names, as a running `sync` adds them, or none in the scope, must not
        crowd others out.
        """
        limit = proposed
        store = (selected and selected.near) or self._store
        while True:
            found = store.nearest(vector, limit)
            keys = (key for near in found.values() for key, _ in near)
            named = selected.texts.keys() & set(keys) if selected else self._catalog.named(keys)
            if all(
                len(near) < limit or sum(key in named for key, _ in near) >= proposed
                for near in found.values()
            ):
                return [key for near in found.values() for key, _ in near if key in named]
            limit *= 4


def _store(folder: Path, fingerprint: str) -> AnnIndex | ExactIndex:
    """The index of vectors: exact for few, without loading Chroma, else approximate."""
    file = VectorFile(folder, fingerprint)
    if file.count() <= exact_index.FEW:
        return ExactIndex(file)
    file.close()
    return AnnIndex(folder, fingerprint)


def _passage(same: list[Chunk], rank: Rank) -> Passage:
    """The passage of all chunks that hold the same text under the same headings."""
    first = same[0]
    spans = [
        Span(chunk.article_id, start, end)
        for chunk in same
        for start, end in ((chunk.start, chunk.end), *chunk.places)
    ]
    return Passage(
        first.article_id,
        first.start,
        first.end,
        first.text,
        first.context,
        round(rank.cosine, 4),
        rank.worth,
        tuple(spans[1:]),
        focus=None if rank.sentence is None else first.sentence_spans[rank.sentence],
    )


def every_passage(folder: Path) -> Iterator[Passage]:
    """Every passage that a search can give, once for each focus it can have, without scores.

    Passages that are removed meanwhile are left out.
    """
    with Catalog.open(folder) as catalog:
        keys = catalog.keys()
    for key in keys:
        with Catalog.open(folder) as catalog:
            same = catalog.chunks([key]).get(key, [])
        if same:
            for sentence in range(len(same[0].sentences)) or (None,):
                yield _passage(same, Rank(key, 0.0, 0.0, sentence))


def _identity(folder: Path) -> tuple[int, int]:
    """The catalog file's device and inode, or zeros if there is none."""
    try:
        status = (folder / CATALOG).stat()
    except FileNotFoundError:
        return (0, 0)
    return status.st_dev, status.st_ino


def _merge_equal(passages: Iterable[Passage]) -> list[Passage]:
    """Merge passages of the same text under other headings, with all their spans."""
    groups: dict[str, list[Passage]] = {}
    for passage in passages:
        groups.setdefault(passage.text, []).append(passage)
    return [_merged(group) for group in groups.values()]


def _merged(group: list[Passage]) -> Passage:
    best = group[0]
    return replace(best, elsewhere=(*best.elsewhere, *_spans(group[1:])))


def _with_copies(shown: Passage, *folded: Passage) -> Passage:
    return replace(shown, copies=tuple(_spans(folded)))


def _spans(passages: Iterable[Passage]) -> Iterator[Span]:
    for passage in passages:
        yield Span(passage.article, passage.start, passage.end)
        yield from passage.elsewhere
