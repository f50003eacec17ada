"""How long the reader takes: to load on top of the embedder, and to read ten passages.

python -m tests.benchmarks.reader [--index FOLDER] [--runs 5]
"""

import os

from qa.environment import QUIET

# Read by the libraries when they are imported, so set before anything else is.
os.environ.update(QUIET)

from functools import partial
from pathlib import Path

import click

from index.embedding.numpy_embedder import NumpyEmbedder
from qa.cli.opening import searcher
from qa.extraction.encoder_reader import EncoderReader
from qa.weights.paths import embedder_path
from tests.benchmarks.options import Options
from tests.benchmarks.timing import seconds, spread

QUESTIONS = (
    "Who bought Light Years Beyond, and for how much?",
    "लाइट इयर्स बियॉन्ड को किसने खरीदा?",
    "Siapa pengarang artikel ini?",
)


@click.command()
@click.option("--index", default=Options().index, type=click.Path(path_type=Path))
@click.option("--runs", default=Options().runs)
def main(index: Path, runs: int) -> None:
    """Print medians with their spread, in seconds."""
    embedder = NumpyEmbedder(embedder_path())
    loading = [seconds(partial(EncoderReader.of, embedder)) for _ in range(runs)]
    reader, search = EncoderReader.of(embedder), searcher(index, None)
    found = {q: [passage.text for passage in search.search(q, 10)] for q in QUESTIONS}
    for question, passages in found.items():
        reader.read(question, passages)  # the tokenizer is built, the weights are in memory
    times = [seconds(partial(reader.read, q, found[q])) for _ in range(runs) for q in QUESTIONS]
    click.echo(f"loading, n {len(loading)}: {spread(loading)}")
    click.echo(f"ten passages, n {len(times)}: {spread(times)}")


if __name__ == "__main__":
    main()
