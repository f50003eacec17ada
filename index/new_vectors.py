"""New vectors: chunks -> vectors, made by the embedder unless the store has them already."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from index.articles.chunks import Chunk
from index.embedding.embedder import Embedder, Vectors
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.vector_file import Embedding

# Chunks: at most so many are embedded in vain when a run is killed.
AT_ONCE = 64


def embed(cut: Sequence[tuple[Chunk, str]], store: AnnIndex, embedder: Embedder) -> int:
    """Store the vectors of chunks, each with its article's language; gives how many were made."""
    known = store.file.parts(chunk.key for chunk, _ in cut)
    once = {pair[0].key: pair for pair in cut}.values()
    fresh = [pair for pair in once if known.get(pair[0].key) != len(pair[0].sentences)]
    made = 0
    for i in range(0, len(fresh), AT_ONCE):
        batch = fresh[i : i + AT_ONCE]
        saved = store.file.bare(chunk.key for chunk, _ in batch)
        store.add(list(_embeddings(batch, embedder, saved)))
        made += len(batch) - len(saved)
    return made


def _embeddings(
    chunks: Sequence[tuple[Chunk, str]], embedder: Embedder, saved: Mapping[str, Vectors]
) -> Iterator[Embedding]:
    """The vectors of chunks, unless saved, and of their sentences, made in one call."""
    texts = [chunk.embedded_text for chunk, _ in chunks if chunk.key not in saved]
    parts = [chunk.sentences for chunk, _ in chunks]
    texts += itertools.chain.from_iterable(parts)
    vectors = embedder.documents(texts) if texts else np.zeros((0, embedder.dimension), "f4")
    whole = len(vectors) - sum(map(len, parts))
    wholes, sentences = iter(vectors[:whole]), vectors[whole:]
    begin = 0
    for (chunk, language), texts in zip(chunks, parts, strict=True):
        vector = saved[chunk.key] if chunk.key in saved else next(wholes)
        yield Embedding(chunk.key, language, vector, sentences[begin : begin + len(texts)])
        begin += len(texts)
