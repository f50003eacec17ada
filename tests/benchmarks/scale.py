"""How the index behaves as it grows: time, memory, disk; and what the real embedder makes of it.

    python -m tests.benchmarks.scale [--articles 20000] [--folder DISK]

The articles are real sentences put together anew, so that no two are alike. THEIR EMBEDDER IS A
STAND-IN, cheap on purpose: what is measured is everything else. Its vectors are of 384 numbers, as
the default embedder's are, but the real one takes some hundred times as long.
"""

import argparse
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.articles.article import read
from index.articles.files import Found, find
from index.build import sync
from index.embedding.embedder import Embedder
from index.layout import CATALOG, CHROMA, VECTORS
from index.scope import EVERYTHING, Scope
from index.search import Searcher
from index.storage.catalog import Catalog
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.exact_index import nearest_by_pages
from index.text.languages import detect
from index.text.sentences import sentence_spans
from qa.cli import opening
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import number, seconds, spread, told, turns
from tests.support.paths import ROOT, SEED_ARTICLES

SOURCES = SEED_ARTICLES, ROOT.parent / "shared" / "bench"
SENTENCES = 20  # in an article, some 3 KB: a news article
# All; one article; of 20,000 articles a twentieth, which are looked at, and half, which are not.
SCOPES = EVERYTHING, Scope(("000/000000.txt",)), Scope(("000",)), Scope(("00[0-9]/*",))
QUERIES = 40
ROUNDS = 5


class StandIn:
    """Each word of a text adds one of a thousand fixed directions: cheap, and texts differ."""

    name = "stand-in"
    fingerprint = "stand-in-1"
    dimension = 384

    def __init__(self) -> None:
        directions = np.random.default_rng(0).normal(size=(1000, self.dimension))
        self._directions = directions.astype(np.float32)

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> NDArray[np.float32]:
        numbers = [hash_of(word) % 1000 for word in text.split()] or [0]
        whole = self._directions[numbers].sum(axis=0)
        return np.asarray(whole / np.linalg.norm(whole), dtype=np.float32)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 4 for text in texts]


def hash_of(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())


def sentences() -> list[str]:
    """Every sentence of the sources, at most 200,000."""
    found: list[str] = []
    for source in SOURCES:
        for file in find(source) if source.exists() else ():
            if isinstance(file, Found) and len(found) < 200_000:
                text = read(file).text
                found += [text[a:b].strip() for a, b in sentence_spans(text)]
    return sorted({text for text in found if 30 < len(text) < 1000})


def write_articles(folder: Path, numbers: range, known: list[str]) -> None:
    for article in numbers:
        chance = random.Random(article)
        texts = chance.choices(known, k=SENTENCES)
        texts[0] = f"Number {article}. {texts[0]}"
        file = folder / f"{article // 1000:03}" / f"{article:06}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        paragraphs = (" ".join(texts[i : i + 4]) for i in range(0, SENTENCES, 4))
        file.write_text("\n\n".join(paragraphs), encoding="utf-8")


def most_memory() -> float:
    """The most memory that this process ever held, in MB; what began it does not count."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def megabytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else path.parent.glob(f"{path.name}*")
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


@dataclass(frozen=True, slots=True)
class Synced:
    """Seconds that an index took to be made or changed, imports not counted; MB at most."""

    seconds: float
    memory: float


def synced(folder: Path, index: Path) -> Synced:
    """Sync in a process of its own, as a command is."""
    run = [sys.executable, "-m", "tests.benchmarks.scale", "--sync", str(folder), str(index)]
    done = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return Synced(*map(float, done.stdout.split()))


def sync_here(folder: Path, index: Path) -> None:
    detect("the tables of languages are read before the clock starts")
    with tempfile.TemporaryDirectory() as other:
        AnnIndex(Path(other), "none", create=True).publish(frozenset, anew=True)
    begun = time.perf_counter()
    sync([folder], index, StandIn())
    sys.stdout.write(f"{time.perf_counter() - begun} {most_memory()}\n")


def stages(articles: int) -> Iterator[int]:
    """At 20,000 articles: 200, 2,000 and 20,000, which are 1, 10 and 100 thousand passages."""
    yield from (articles // part for part in (100, 10, 1) if articles // part > 1)


def tables(options: Options) -> Iterator[Table]:
    """The shipped articles with the real embedder, then the stand-in's index as it grows."""
    yield throughput(options.runs)
    with tempfile.TemporaryDirectory() as work:
        yield from grown(Path(work), 1000 if options.quick else 20_000)


def grown(work: Path, articles: int) -> Iterator[Table]:
    """Index in stages, so that what an article more costs can be seen."""
    folder, index, known = work / "articles", work / "index", sentences()
    searches, indexings, done = list[list[str]](), list[list[str]](), 0
    for size in stages(articles):
        told(f"{size} articles")
        write_articles(folder, range(size), known)
        taken = synced(folder, index)
        with Catalog.open(index) as catalog:
            passages = catalog.counts()[2]
        indexings.append(indexed(f"the first {passages:,}", passages - done, taken))
        searches.append([f"{passages:,}", *search_times(index)])
        done = passages
    columns = (
        *("passages", "search", "in one article", "in the first folder", "in the first ten"),
        *("by vectors", "every vector looked at", "by words"),
    )
    note = (
        f"p50 and p95 of {QUERIES * ROUNDS} searches. Without the question's own embedding, which "
        "takes as long however many there are. By vectors: Chroma. Up to 20,000 passages a search "
        "looks at every vector and leaves Chroma be. A folder has 1,000 articles. What a scope "
        "lets in is found out once, at the first search."
    )
    yield table("Search as the index grows, milliseconds", columns, searches, note)
    indexings += changed(folder, index, articles, known)
    sizes = (f"{name} {megabytes(index / name):,.0f} MB" for name in (CATALOG, VECTORS, CHROMA))
    note = f"Once each; vectors cost next to nothing here. In the end {', '.join(sizes)}."
    yield table(
        "Indexing, with a stand-in for the embedder",
        ("passages", "seconds", "passages a second", "MB at most"),
        indexings,
        note,
    )


def changed(folder: Path, index: Path, articles: int, known: list[str]) -> Iterator[list[str]]:
    """The small changes that are made to a big index."""
    yield indexed("the same again", 0, synced(folder, index))
    write_articles(folder, range(articles, articles + 1), known)
    yield indexed("one article more", 0, synced(folder, index))
    (folder / "000" / "000000.txt").unlink()
    yield indexed("one article less", 0, synced(folder, index))


def indexed(what: str, passages: int, taken: Synced) -> list[str]:
    speed = number(passages / taken.seconds) if passages else "–"
    return [what, number(taken.seconds), speed, number(taken.memory)]


def search_times(index: Path) -> list[str]:
    """Times of a search and of its parts."""
    embedder = StandIn()
    with Catalog.open(index) as catalog:
        texts = [texts[0].text for texts in catalog.chunks(catalog.keys()[:QUERIES]).values()]
        questions = [" ".join(text.split()[:12]) for text in texts]
        vectors = [embedder.query(question) for question in questions]
        words = catalog.bm25
        by_words = quantiles([partial(words.best, q, 50) for q in questions])
        with closing(AnnIndex(index, embedder.fingerprint)) as store:
            by_vectors = quantiles([partial(store.nearest, v, 50) for v in vectors])
            looked_at = quantiles(
                [partial(nearest_by_pages, store.file, v, 50) for v in vectors[:8]]
            )
    searcher = Searcher(index, embedder)
    whole, *scoped = (
        quantiles([partial(searcher.search, q, 10, scope) for q in questions]) for scope in SCOPES
    )
    return [whole, *scoped, by_vectors, looked_at, by_words]


def quantiles(runs: Sequence[Callable[[], object]]) -> str:
    """Milliseconds of half of them at most, and of 95 of 100, by several rounds of all."""
    runs[0]()
    times = [1000 * seconds(run) for _ in range(ROUNDS) for run in runs]
    half, most = np.percentile(times, [50, 95])
    return f"{number(float(half))}, {number(float(most))}"


class Remembering:
    """An embedder that was given every text before."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._known = embedder, dict[str, NDArray[np.float32]]()
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimension = embedder.dimension

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if fresh := [text for text in texts if text not in self._known]:
            self._known.update(zip(fresh, self._embedder.documents(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])

    def query(self, text: str) -> NDArray[np.float32]:
        return self._embedder.query(text)

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count(texts)


def throughput(runs: int) -> Table:
    """The shipped articles made into an index, with the real embedder and with its vectors."""
    real = opening.embedder(None)
    remembering = Remembering(real)
    passages = indexed_anew(remembering)[0]
    ways = {
        "the default embedder": partial(indexed_anew, real),
        "its vectors, made before": partial(indexed_anew, remembering),
    }
    found = {name: [taken for _, taken in some] for name, some in turns(ways, runs).items()}
    rows = [
        [name, spread(some), spread([passages / taken for taken in some])]
        for name, some in found.items()
    ]
    note = f"{passages} passages and each of their sentences; libraries and weights are loaded."
    columns = ("embedded by", "seconds", "passages a second")
    return table("Indexing the shipped articles", columns, rows, note)


def indexed_anew(embedder: Embedder) -> tuple[int, float]:
    """How many passages were embedded, and the seconds of it all."""
    with tempfile.TemporaryDirectory() as work:
        begun = time.perf_counter()
        report = sync([SEED_ARTICLES], Path(work) / "index", embedder)
        return report.embedded, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="Where to work; default a temporary folder.")
    parser.add_argument("--sync", type=Path, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sync:
        sync_here(*given.sync)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as work:
        for shown in grown(Path(work), given.articles):
            sys.stdout.write(markdown(shown))


if __name__ == "__main__":
    main()
