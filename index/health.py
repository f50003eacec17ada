"""Health checks: the damage of an index, found without loading a model.

`problems` takes a moment; `examine` reads the whole index. The indexed files are not read: an index
that is behind them is not damaged.
"""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing

from index.articles.chunks import Chunk
from index.errors import IndexDamaged
from index.storage.bm25 import inconsistencies, tokens
from index.storage.catalog import Catalog
from index.storage.compatibility import chunker
from index.storage.vectors.ann_index import AnnIndex, lost_vectors
from index.storage.vectors.vector_file import VectorFile, fits

Progress = Callable[[int, int, str], None]
"""Called with (parts done, parts in all, what is being read)."""


def problems(catalog: Catalog) -> list[str]:
    """Every problem that prevents a search, then the command that mends them; none if healthy."""
    if catalog.generation is None:
        return ["nothing was indexed to the end yet: run article-qa index"]
    found = []
    if catalog.setting("chunker") != chunker():
        found.append("its articles were cut by another version")
    return _with_mend(catalog, found + _lost_vectors(catalog))


def examine(catalog: Catalog, progress: Progress = lambda done, total, what: None) -> Iterator[str]:
    """Read the whole index and yield every problem, then the command that mends them.

    Call it inside `catalog.transaction()`: FTS5 checks itself by a write. Inside a snapshot of what
    may only be read, it checks a copy.
    """
    found = []
    for part in (_databases, _versions, _articles, _words, _vectors):
        try:
            for problem in part(catalog, progress):
                found.append(problem)
                yield problem
        except IndexDamaged as error:
            found.append(error.why)
            yield error.why
        if found and part is _databases:  # no more can be learnt from a broken file
            break
    yield from _with_mend(catalog, found)[len(found) :]


def _with_mend(catalog: Catalog, found: list[str]) -> list[str]:
    mend = f"mend it with: article-qa index --rebuild --index {catalog.folder}"
    return [*found, mend] if found else []


def _lost_vectors(catalog: Catalog) -> list[str]:
    try:
        with _store(catalog) as store:
            lost = lost_vectors(catalog, store)
    except IndexDamaged:
        return ["its vectors cannot be read"]
    return [f"{lost} vectors are missing"] if lost else []


def _store(catalog: Catalog) -> "closing[AnnIndex]":
    return closing(AnnIndex(catalog.folder, catalog.setting("embedder") or ""))


def _databases(catalog: Catalog, progress: Progress) -> Iterator[str]:
    progress(0, 1, "databases")
    catalog.verify()
    with closing(VectorFile(catalog.folder, catalog.setting("embedder") or "")) as file:
        file.verify()
    yield from ()


def _versions(catalog: Catalog, progress: Progress) -> Iterator[str]:
    if catalog.generation is None:
        yield "nothing was indexed to the end yet"
    elif catalog.setting("chunker") != chunker():
        yield "its articles were cut by another version"


def _articles(catalog: Catalog, progress: Progress) -> Iterator[str]:
    """Every chunk must be a range of its article's text, and have its key and tokens."""
    total, _, _ = catalog.counts()
    for done, (entry, text, chunks) in enumerate(catalog.contents()):
        progress(done, total, entry.id)
        if not unicodedata.is_normalized("NFC", text) or "\r" in text or not text.strip():
            yield f"{entry.id}: its text is not as articles are kept"
        if len(entry.sha256) != 64 or set(entry.sha256) - set("0123456789abcdef"):
            yield f"{entry.id}: the checksum of its file is none"
        words = catalog.bm25.tokens_of(key for _, key in chunks)
        for chunk, key in chunks:
            if problem := _problem(chunk, key, text, words):
                yield f"{entry.id}, {chunk.start} to {chunk.end}: {problem}"


def _problem(chunk: Chunk, key: str, text: str, words: dict[str, str]) -> str | None:
    for start, end in ((chunk.start, chunk.end), *chunk.places):
        if not (0 <= start < end <= len(text) and text[start:end] == chunk.text):
            return f"the passage does not stand at {start} to {end}"
    if chunk.key != key:
        return "the passage is not what its key names"
    if words.get(key) != " ".join(tokens(chunk.embedded_text)):
        return "the words of the passage are missing or wrong"
    return None


def _words(catalog: Catalog, progress: Progress) -> Iterator[str]:
    progress(0, 1, "words")
    yield from inconsistencies(catalog.connection)


def _vectors(catalog: Catalog, progress: Progress) -> Iterator[str]:
    """Every text must have a vector of length 1, the same in the file and in Chroma."""
    _, _, texts = catalog.counts()
    with _store(catalog) as store:
        if not store.is_sealed and catalog.generation:
            yield "a run was stopped as it wrote vectors, so searches look at every one"
        elif store.count() != texts:
            yield f"Chroma holds {store.count()} vectors and {texts} are named"
        done, dimension = 0, 0
        for keys in catalog.keys_in_batches():
            progress(done, texts, "vectors")
            known = store.file.read(keys)
            dimension = dimension or next((len(found.vector) for found in known.values()), 0)
            parts = {key: len(same[0].sentences) for key, same in catalog.chunks(keys).items()}
            unfit = [
                found
                for found in known.values()
                if not fits(found, dimension) or len(found.sentences) != parts.get(found.key)
            ]
            for count, what in (
                (len(keys) - len(known), "are missing"),
                (len(unfit), "are not as an embedder gives them"),
                (store.differing(list(known.values())), "are missing or others in Chroma"),
            ):
                if count:
                    yield f"{count} vectors {what}"
            done += len(keys)
