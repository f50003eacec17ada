"""Article sentences: what stands in some articles, sentence by sentence, with its vectors.

However long they are and however many, about as much is looked at: see `LOOKED_AT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.articles.chunks import Chunk
from index.embedding.embedder import Vectors
from index.passage import Passage
from index.storage.catalog import Catalog
from index.storage.vectors.vector_file import Embedding, VectorFile

LOOKED_AT = 32
"""How many passages are read at most: a summary begins as soon of a book as of a letter."""


@dataclass(frozen=True, slots=True, eq=False)
class ArticleSentence:
    """`[start, end)` are code points of the article's text; `vector` has length one."""

    article: str
    start: int
    end: int
    text: str
    vector: Vectors


def article_sentences(
    catalog: Catalog, vectors: VectorFile, articles: Sequence[str]
) -> list[ArticleSentence]:
    """The sentences of articles, in their order; those of bylines are left out.

    A text that an article says twice is there once. A passage without vectors of sentences counts
    as one.
    """
    order = {id: i for i, id in enumerate(_some(articles, LOOKED_AT))}
    share = LOOKED_AT // max(1, len(order))
    keys = {
        key: None for every in catalog.read_in_order(order).values() for key in _first(every, share)
    }
    embeddings = vectors.read(keys)
    chunks = catalog.chunks(embeddings, order)
    found = [
        sentence
        for key, embedding in embeddings.items()
        for chunk in chunks.get(key, ())
        for sentence in _of(chunk, embedding)
    ]
    return sorted(found, key=lambda each: (order[each.article], each.start))


def passage_sentences(vectors: VectorFile, passages: Sequence[Passage]) -> list[ArticleSentence]:
    """The sentences of passages, in their order; those whose vectors are gone are left out."""
    chunks = [Chunk(p.article, p.start, p.end, p.text, p.context) for p in passages]
    embeddings = vectors.read({chunk.key for chunk in chunks})
    return [
        sentence
        for chunk in chunks
        if chunk.key in embeddings
        for sentence in _of(chunk, embeddings[chunk.key])
    ]


def _some(articles: Sequence[str], count: int) -> list[str]:
    """At most `count` of the articles, evenly spread."""
    places = np.linspace(0, len(articles), min(count, len(articles)), endpoint=False)
    return [articles[int(place)] for place in places]


def _first(keys: Sequence[str], count: int) -> list[str]:
    """At most `count` of an article's passages: of its beginning more than of its end."""
    if len(keys) <= count:
        return list(keys)
    places = len(keys) * np.linspace(0, 1, count, endpoint=False) ** 2
    return [keys[i] for i in dict.fromkeys(int(place) for place in places)]


def _of(chunk: Chunk, embedding: Embedding) -> list[ArticleSentence]:
    spans, vectors = chunk.sentence_spans, embedding.sentences
    if len(vectors) != len(spans):
        spans, vectors = [(chunk.start, chunk.end)], embedding.vector[None]
    return [
        ArticleSentence(
            chunk.article_id,
            start,
            end,
            chunk.text[start - chunk.start : end - chunk.start],
            vector,
        )
        for (start, end), vector in zip(spans, vectors, strict=True)
    ]
