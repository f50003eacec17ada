"""ANN index: stores vectors by key, and finds the nearest of each language by Chroma.

The vector file holds the vectors; Chroma, which finds the nearest of many without comparing all, is
made from it and may be lost. `seal.py` says when Chroma may be opened.
"""

import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding.embedder import Vectors
from index.errors import IndexDamaged, IndexUnwritable, UserError
from index.layout import CHROMA
from index.storage.catalog import Catalog
from index.storage.vectors import chroma
from index.storage.vectors.exact_index import nearest_by_pages
from index.storage.vectors.seal import IntegritySeal
from index.storage.vectors.vector_file import BATCH, Embedding, VectorFile

if TYPE_CHECKING:
    from index.storage.vectors.chroma import Collection

_UNKNOWN = "und"  # ISO 639-2's code for a language that was not determined

Named = Callable[[Iterable[str]], frozenset[str]]
"""Which of the keys belong to a chunk."""
Progress = Callable[[int], None]
"""Called with how many vectors are done."""


class AnnIndex:
    """The vectors of one embedder: a file of them all, and Chroma collections, by cosine.

    Each embedder has its own, so that an index can be made anew with another one while readers
    still use the old. Each language has one too: the nearest of every language are wanted, and
    texts in the question's own would leave no room for the others.
    """

    def __init__(self, folder: Path, fingerprint: str, *, create: bool = False) -> None:
        """Open the vectors of one embedder in an index's folder, or make an empty file.

        Raises:
            IndexDamaged: they cannot be read, or nothing is there.
        """
        self._folder, self._name = folder, f"chunks-{fingerprint[:32]}"
        self._seal = IntegritySeal(folder / CHROMA)
        self._seen: str | None = None  # the seal as it was when Chroma was opened for reading
        self._collections: dict[str, Collection] | None = None
        self.file = VectorFile(folder, fingerprint, create=create)
        with self._found():
            pass

    def close(self) -> None:
        """Close the files."""
        self._collections = self._seen = None
        self.file.close()

    def count(self) -> int:
        """How many vectors can be found.

        Raises:
            IndexDamaged: Chroma's files are not as they were written, or cannot be read.
        """
        with self._found() as collections, self._reading():
            if collections is None:
                return self.file.count()
            return sum(collection.count() for collection in collections.values())

    @property
    def is_sealed(self) -> bool:
        """Whether Chroma was left whole, here or elsewhere."""
        return self._seal.stands

    def differing(self, embeddings: Sequence[Embedding]) -> int:
        """How many of these vectors Chroma lacks or holds otherwise; 0 while it is not whole."""
        with self._found() as collections, self._reading():
            if collections is None:
                return 0
            by_language: defaultdict[str, dict[str, Vectors]] = defaultdict(dict)
            for embedding in embeddings:
                by_language[embedding.language or _UNKNOWN][embedding.key] = embedding.vector
            same = sum(
                chroma.count_equal(collections[language], vectors)
                for language, vectors in by_language.items()
                if language in collections
            )
            return len(embeddings) - same

    def add(self, embeddings: Sequence[Embedding]) -> None:
        """Store embeddings; they are found once they are published."""
        self.file.add(embeddings)

    def publish(
        self, named: Named, *, anew: bool = False, progress: Progress = lambda done: None
    ) -> None:
        """Let every new vector that is named be found; rebuild Chroma if it is not whole."""
        anew = anew or not self._seal.is_clean
        done = 0
        for keys in self.file.pages() if anew else self.file.loose():
            wanted = named(keys)
            if wanted or anew:
                self._write(wanted, empty=anew and not done)
            done += len(keys)
            progress(done)
        if anew and not done:
            self._write((), empty=True)

    def sweep(self, named: Named, dropped: Iterable[list[str]], *, every: bool = False) -> None:
        """After the commit: remove the vectors that no chunk has, and seal Chroma."""
        for keys in self.file.loose():
            wanted = named(keys)
            self.file.settle(wanted)
            self.remove([key for key in keys if key not in wanted])
        for keys in itertools.chain(dropped, self.file.pages() if every else ()):
            wanted = named(keys)
            self.remove([key for key in keys if key not in wanted])
        if every:
            self.file.remove_others()
        self._mark_clean()

    def remove(self, keys: Sequence[str]) -> None:
        """Remove vectors."""
        if not keys:
            return
        if self._seal.is_clean or self._collections is not None:  # else Chroma is made anew anyhow
            with self._changed() as collections:
                for language, some in self.file.languages(keys).items():
                    for i in range(0, len(some), BATCH):
                        self._collection(collections, language).delete(ids=some[i : i + BATCH])
        self.file.remove(keys)

    def keys(self) -> list[str]:
        """Every key; for tests and small indexes."""
        return list(itertools.chain.from_iterable(self.file.pages()))

    def nearest(self, vector: Vectors, limit: int) -> dict[str, list[tuple[str, float]]]:
        """For each language, keys and cosines of the nearest vectors, best first."""
        if limit < 1:
            return {}
        with self._found() as collections, self._reading():
            if collections is None:
                return nearest_by_pages(self.file, vector, limit)
            return {
                language: chroma.nearest(collection, vector, limit)
                for language, collection in collections.items()
                if collection.count()
            }

    def salvage(self) -> None:
        """Copy to the file the vectors that it lacks from Chroma, which has none of sentences.

        Raises:
            IndexDamaged: Chroma cannot be read either.
        """
        with self._found() as collections, self._reading():
            for language, collection in (collections or {}).items():
                for offset in range(0, collection.count(), BATCH):
                    got: Any = collection.get(limit=BATCH, offset=offset, include=["embeddings"])
                    rows = np.asarray(got["embeddings"], dtype=np.float32)
                    self.file.add_bare(got["ids"], language, rows)

    def _write(self, keys: Iterable[str], *, empty: bool) -> None:
        by_language: defaultdict[str, list[Embedding]] = defaultdict(list)
        for embedding in self.file.read(keys).values():
            by_language[embedding.language].append(embedding)
        with self._changed(empty=empty) as collections:
            for language, some in by_language.items():
                self._collection(collections, language).upsert(
                    ids=[e.key for e in some], embeddings=np.stack([e.vector for e in some])
                )

    @contextmanager
    def _changed(self, *, empty: bool = False) -> Iterator[dict[str, "Collection"]]:
        """The collections for writing; from now on there is no seal."""
        with self._writing():
            self._seal.mark_dirty()
            if empty:
                self._collections = None
                shutil.rmtree(self._folder / CHROMA, ignore_errors=True)
            if self._collections is None:
                self._collections = self._open()
            yield self._collections

    def _mark_clean(self) -> None:
        """If Chroma was written, have it flush its files, and seal them."""
        if self._collections is None or self._seal.is_clean:
            return
        with self._writing():
            for collection in self._collections.values():
                collection.count()
            self._collections = self._seen = None
            self._seal.mark_clean()

    @contextmanager
    def _found(self) -> Iterator[dict[str, "Collection"] | None]:
        """The collections as they are now for reading; None while Chroma may not be opened."""
        with self._seal.reading() as recorded:
            if recorded is not None and recorded != self._seen:
                if mismatch := self._seal.first_mismatch(recorded):
                    raise IndexDamaged(self._folder, f"its vectors: {mismatch}")
                self._collections = self._opened_to_read()
                self._seen = recorded
            yield None if recorded is None else self._collections

    def _opened_to_read(self) -> dict[str, "Collection"] | None:
        """The collections; None where Chroma, which writes even to read, may not."""
        try:
            with self._reading():
                found = self._open()
                count = sum(collection.count() for collection in found.values())
        except IndexUnwritable:
            return None
        if count < (named := self.file.settled()):
            raise IndexDamaged(self._folder, f"Chroma holds {count} of {named} vectors")
        return found

    def _open(self) -> dict[str, "Collection"]:
        """The collections of this embedder by language."""
        self._client = chroma.open_client(self._folder / CHROMA)
        return {
            collection.name.removeprefix(f"{self._name}-"): collection
            for collection in self._client.list_collections()
            if collection.name.startswith(f"{self._name}-")
        }

    def _collection(self, collections: dict[str, "Collection"], language: str) -> "Collection":
        """A language's collection, made when it is missing."""
        language = language or _UNKNOWN
        if language not in collections:
            collections[language] = self._client.get_or_create_collection(
                f"{self._name}-{language}",
                embedding_function=None,
                configuration={"hnsw": chroma.GRAPH},
            )
        return collections[language]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._translated(IndexUnwritable, "its vectors"):  # of a full disk it seldom says so
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._translated(IndexDamaged, "its vectors cannot be read"):
            yield

    @contextmanager
    def _translated(self, kind: type[IndexDamaged | IndexUnwritable], what: str) -> Iterator[None]:
        try:
            yield
        except (UserError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
            raise
        except BaseException as error:  # Chroma raises many kinds; panics of Rust are no Exception
            if chroma.is_no_room(error):
                raise IndexUnwritable(self._folder, error) from error
            raise kind(self._folder, f"{what}: {error}") from error


def lost_vectors(catalog: Catalog, store: AnnIndex) -> int:
    """How many texts have no vector that can be found; quick if the counts agree."""
    _, _, texts = catalog.counts()
    lost = max(0, texts - store.count())
    if store.file.settled() == texts:
        return lost
    batches = catalog.keys_in_batches()
    return max(lost, sum(len(keys) - len(store.file.has(keys)) for keys in batches))
