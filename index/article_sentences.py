"""Article sentences: every sentence of some articles, with the vector that the index holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.articles.chunks import Chunk
from index.embedding.embedder import Vectors
from index.storage.catalog import Catalog
from index.storage.vectors.vector_file import Embedding, VectorFile


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
    keys = catalog.passages(articles)
    embeddings = vectors.read(keys.keys() - catalog.bylines(keys))
    chunks = catalog.chunks(embeddings, set(articles))
    found = [
        sentence
        for key, embedding in embeddings.items()
        for chunk in chunks.get(key, ())
        for sentence in _of(chunk, embedding)
    ]
    order = {id: i for i, id in enumerate(articles)}
    return sorted(found, key=lambda each: (order[each.article], each.start))


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
