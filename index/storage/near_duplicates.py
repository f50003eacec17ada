"""Near duplicates: articles of almost the same text, by MinHash and LSH; only home of datasketch.

An article's signature sums up its shingles in 512 bytes; bands of it, stored as rows, find the
articles whose signature may be near, without comparing all (Leskovec et al., "Mining of
Massive Datasets", chapter 3). Each near duplicate names one older article, the nearest, so that
no chain joins articles unlike each other. Knows tables of the catalog's file,
not the catalog.
"""

import functools
import hashlib
import itertools
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.articles.boilerplate import is_boilerplate, is_byline
from index.storage.bm25 import tokens
from index.storage.database import Database

if TYPE_CHECKING:
    from datasketch import MinHash

# The constants down to SCHEMA decide what is stored: after a change of any,
# index.storage.catalog.LAYOUT goes up. The figures behind each are in tests/benchmarks/COPIES.md.
SHINGLE = 3
PERMUTATIONS = 128
# A pair of similarity s shares a band with probability 1 - (1 - s**ROWS) ** BANDS.
BANDS, ROWS = 42, 3
# With fewer different shingles only an article of the same ones is a near duplicate.
SHORT = 10
# The least similarity of near duplicates: Jaccard of the shingles, as the signatures estimate it.
SIMILAR = 0.45

# Text that all articles of an outlet share fills some bands with all of them. So only the first so
# many articles of a band are compared, and of all those that share the most bands.
_MAX_OF_A_BAND = 100
_MAX_CANDIDATES = 1000

_SLICE = 1 << 16  # code points of one line cut into words at once
_BATCH = 1 << 12  # shingles hashed at once: 2 MB

SCHEMA = """
CREATE TABLE signature (
    article INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE, value BLOB NOT NULL
);
CREATE TABLE band (
    hash INTEGER, article INTEGER REFERENCES article ON DELETE CASCADE, PRIMARY KEY (hash, article)
) WITHOUT ROWID;
CREATE INDEX band_article ON band (article);
-- Without an original: not looked at yet, or the original is gone.
CREATE TABLE copy (
    article INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
    original INTEGER REFERENCES article ON DELETE SET NULL, similarity REAL NOT NULL
);
CREATE INDEX copy_original ON copy (original);
"""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """An article that nearly repeats an older one.

    `similarity` is the estimated Jaccard similarity of their shingles, 0 to 1.
    """

    article: str
    original: str
    similarity: float


def shingles(words: Iterable[str], size: int = SHINGLE) -> Iterator[str]:
    """Every `size` words in a row; one of all the words when there are fewer."""
    window: deque[str] = deque(maxlen=size)
    for word in words:
        window.append(word)
        if len(window) == size:
            yield " ".join(window)
    if 0 < len(window) < size:
        yield " ".join(window)


def signature(text: str) -> bytes:
    """The MinHash signature of a text: the same on every machine, made in memory of a fixed size.

    Four bytes a permutation, little-endian; the SHA-256 of the shingles if there are few; empty
    for a text without a word.
    """
    sketch, few = _empty().copy(), set[str]()
    stream = shingles(_words(text))
    while batch := list(itertools.islice(stream, _BATCH)):
        if len(few) < SHORT:
            few.update(batch)
        sketch.update_batch(shingle.encode() for shingle in batch)
    if len(few) >= SHORT:
        return bytes(sketch.hashvalues.astype("<u4").tobytes())
    return hashlib.sha256("\n".join(sorted(few)).encode()).digest() if few else b""


def similarity(one: bytes, other: bytes) -> float:
    """The estimated Jaccard similarity of the texts of two signatures, 0 to 1.

    Its standard error is at most 0.044 (Broder 1997: agreeing permutations are a binomial sample).
    """
    if len(one) != len(other) or not one:
        return 0.0
    if len(one) != 4 * PERMUTATIONS:
        return float(one == other)
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def bands(value: bytes) -> list[int]:
    """The LSH bands of a signature as 64-bit hashes, signed as SQLite stores them.

    The band's position is hashed with it, so a hash names its band.
    """
    if len(value) != 4 * PERMUTATIONS:
        return [_hash(value)] if value else []
    width = 4 * ROWS
    return [_hash(bytes([i]) + value[i * width : (i + 1) * width]) for i in range(BANDS)]


def add(catalog: Database, number: int | None, text: str) -> None:
    """Store a new article's signature; `settle` finds whose near duplicate it is."""
    if value := signature(text):
        with catalog.errors():
            write = catalog.connection
            write.execute("INSERT INTO signature VALUES (?, ?)", (number, value))
            rows = [(hash, number) for hash in set(bands(value))]
            write.executemany("INSERT INTO band VALUES (?, ?)", rows)
            write.execute("INSERT INTO copy VALUES (?, NULL, 0)", (number,))


def settle(catalog: Database) -> list[NearDuplicate]:
    """Find the original of every article that is new or lost its own; gives those that have one."""
    waiting = "SELECT article FROM copy WHERE original IS NULL ORDER BY article"
    found = []
    for (number,) in catalog.query(waiting):
        near = _nearest(catalog, number)
        if near is None:
            catalog.query("DELETE FROM copy WHERE article = ?", number)
            continue
        catalog.query(
            "UPDATE copy SET original = ?, similarity = ? WHERE article = ?", *near, number
        )
        id, original = (
            catalog.one("SELECT id FROM article WHERE number = ?", one)[0]
            for one in (number, near[0])
        )
        found.append(NearDuplicate(id, original, near[1]))
    return found


def signatures(catalog: Database, ids: Iterable[str]) -> dict[str, bytes]:
    """The signature of each article; none for one without a word."""
    return dict(
        catalog.query(
            "SELECT id, value AS signature FROM signature JOIN article ON number = article"
            " WHERE id IN (SELECT value FROM json_each(?))",
            json.dumps(sorted(set(ids))),
        )
    )


def _nearest(catalog: Database, number: int) -> tuple[int, float] | None:
    """The most similar older article, the first of several; None if none is a near duplicate."""
    value = _signature(catalog, number)
    shared: Counter[int] = Counter()
    for hash in bands(value):
        rows = catalog.query(
            "SELECT article FROM band WHERE hash = ? AND article < ? ORDER BY article LIMIT ?",
            *(hash, number, _MAX_OF_A_BAND),
        )
        shared.update(row[0] for row in rows)
    best, original = 0.0, 0
    for candidate in sorted(shared, key=lambda one: (-shared[one], one))[:_MAX_CANDIDATES]:
        near = similarity(value, _signature(catalog, candidate))
        if (near, -candidate) > (best, -original):
            best, original = near, candidate
    return (original, best) if best >= SIMILAR else None


def _signature(catalog: Database, number: int) -> bytes:
    sql = "SELECT value AS signature FROM signature WHERE article = ?"
    return bytes(catalog.one(sql, number)[0])


def _words(text: str) -> Iterator[str]:
    """The words of an article's lines, without boilerplate and bylines."""
    for line in text.split("\n"):
        if not is_boilerplate(line) and not is_byline(line):
            for piece in _slices(line):
                yield from tokens(piece)


def _slices(line: str) -> Iterator[str]:
    """A line in slices small enough to tokenise, cut at spaces where there are any."""
    start = 0
    while start < len(line):
        end = start + _SLICE
        if end < len(line):
            end = line.rfind(" ", start, end) + 1 or end
        yield line[start:end]
        start = end


def _hash(value: bytes) -> int:
    return int.from_bytes(hashlib.sha256(value).digest()[:8], "little", signed=True)


@functools.cache
def _empty() -> "MinHash":
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32")
