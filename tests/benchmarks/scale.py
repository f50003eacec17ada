"""How the index behaves as it grows: time, memory, disk.

    python tests/benchmarks/scale.py [--articles 50000] [--folder DISK]

The articles are real sentences put together anew, so that no two are alike. THE EMBEDDER IS A
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
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.articles import Found, find, read
from index.build import sync
from index.catalog import FILE as CATALOG
from index.catalog import Catalog
from index.languages import detect
from index.search import Searcher
from index.sentences import sentence_spans
from index.store import FOLDER, Store
from index.vectors import FILE as VECTORS

ROOT = Path(__file__).parent.parent.parent
SOURCES = ROOT / "seeds" / "articles", ROOT.parent / "shared" / "bench"
SENTENCES = 20  # in an article, some 3 KB: a news article
QUERIES = 40


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
    for number in numbers:
        chance = random.Random(number)
        texts = chance.choices(known, k=SENTENCES)
        texts[0] = f"Number {number}. {texts[0]}"
        file = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        paragraphs = (" ".join(texts[i : i + 4]) for i in range(0, SENTENCES, 4))
        file.write_text("\n\n".join(paragraphs), encoding="utf-8")


def memory(field: str) -> float:
    """Memory of this process in MB: VmRSS now, VmHWM at most; the most where Linux is not."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    (line,) = [line for line in status.read_text().splitlines() if line.startswith(field)]
    return int(line.split()[1]) / 1024


def megabytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else path.parent.glob(f"{path.name}*")
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def synced(what: str, folder: Path, index: Path) -> float:
    """Sync in a process of its own, as a command is; the seconds it took, imports not counted."""
    run = [sys.executable, __file__, "--sync", str(folder), str(index)]
    told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    seconds, before, most = map(float, told.split())
    say(f"{what:46} {seconds:9.2f} s   memory {before:5.0f} MB at first, {most:5.0f} MB at most")
    return seconds


def sync_here(folder: Path, index: Path) -> None:
    detect("the tables of languages are read before the clock starts")
    Store(Path(tempfile.mkdtemp()), "none", create=True).publish(frozenset, anew=True)
    before, begun = memory("VmHWM"), time.perf_counter()
    sync([folder], index, StandIn())
    say(f"{time.perf_counter() - begun} {before} {memory('VmHWM')}")


def grow(folder: Path, index: Path, articles: int, known: list[str]) -> None:
    """Index in stages, so that what an article more costs can be seen."""
    done = 0
    for size in stages(articles):
        write_articles(folder, range(size), known)
        seconds = synced(f"{size} articles indexed", folder, index)
        say(f"{'':6}{(size - done) / seconds:.0f} articles a second")
        search_times(index)
        done = size
    synced("the same again, nothing changed", folder, index)
    write_articles(folder, range(articles, articles + 1), known)
    synced("one article added", folder, index)
    (folder / "000" / "000000.txt").unlink()
    synced("one article removed", folder, index)
    with Catalog.open(index) as catalog:
        articles, chunks, texts = catalog.counts()
    sizes = {name: megabytes(index / name) for name in (CATALOG, VECTORS, FOLDER)}
    say(f"{articles} articles, {chunks} passages, {texts} different; on the disk:")
    for name, room in sizes.items():
        say(f"{'':6}{name:16} {room:9.1f} MB {1000 * room / max(1, articles):9.1f} KB an article")


def stages(articles: int) -> Iterator[int]:
    """At 20,000 articles: 200, 2,000 and 20,000, which are 1, 10 and 100 thousand passages."""
    yield from (articles // part for part in (100, 10, 2, 1) if articles // part > 1)


def search_times(index: Path) -> None:
    """Times of Chroma and of words alone, and memory of what is opened to search."""
    embedder = StandIn()
    with Catalog.open(index) as catalog:
        texts = [texts[0].text for texts in catalog.chunks(catalog.keys()[:QUERIES]).values()]
        questions = [" ".join(text.split()[:12]) for text in texts]
        size = catalog.counts()[2]
        before = memory("VmRSS")
        with closing(Store(index, embedder.fingerprint)) as store:
            vectors = [embedder.query(question) for question in questions]
            spread(f"{size} passages: Chroma", [partial(store.nearest, v, 50) for v in vectors])
            spread(
                f"{size} passages: every vector looked at",
                [partial(store.file.nearest, v, 50) for v in vectors[:8]],
            )
        words = catalog.words
        spread(f"{size} passages: words", [partial(words.best, q, 50) for q in questions])
    searcher = Searcher(index, embedder)
    spread(f"{size} passages: search", [partial(searcher.search, q) for q in questions])
    after = memory("VmRSS")
    say(f"{'':6}memory {before:.0f} MB before anything is opened, {after:.0f} MB after searching")


def spread(what: str, runs: Sequence[Callable[[], object]]) -> None:
    times = []
    for run in runs:
        begun = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - begun))
    half, most = np.percentile(times, [50, 95])
    say(f"{what:46} p50 {half:7.1f} ms   p95 {most:7.1f} ms   ({len(times)} questions)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="Where to work; default a temporary folder.")
    parser.add_argument("--sync", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sync:
        sync_here(*options.sync)
        return
    known = sentences()
    say(f"{len(known)} sentences. The embedder is a stand-in: its time is not the real one's.")
    with tempfile.TemporaryDirectory(dir=options.folder) as work:
        grow(Path(work, "articles"), Path(work, "index"), options.articles, known)


if __name__ == "__main__":
    main()
