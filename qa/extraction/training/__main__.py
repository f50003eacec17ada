"""Train the reader, pack it, report on it: `python -m qa.extraction.training --help`.

Each command imports what it needs, so that `train` runs on a machine that has torch and
transformers, and the folder that `prepare` wrote.
"""

import os

from qa.environment import QUIET

# Read by the libraries when they are imported, so set before anything else is.
os.environ.update(QUIET)

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from qa.extraction.training.examples import Example
    from qa.extraction.training.prepared import Examples

_PATH = click.Path(path_type=Path)
_CALIBRATING = 1500  # examples
_HELD = 2000  # examples
_BATCH = 64  # questions
_DRAFTS = "drafts*.jsonl"
_PREPARED = "prepared"

T = TypeVar("T")

data_option = click.option(
    "--data",
    "folders",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of question sets; may be given again.",
)
out_option = click.option(
    "--out", required=True, type=_PATH, help="Where examples and checkpoints go."
)


@click.group()
def main() -> None:
    """Train the reader on public question sets, pack what it learned, and report on it."""


@main.command("drafts")
@data_option
@click.option("--file", required=True, type=_PATH, help="The file to go on with.")
@click.option("--count", default=1000, show_default=True, help="Drafts to have.")
@click.option("--threads", default=1, show_default=True, help="Cores to write with.")
@click.option("--seed", default=1, show_default=True, help="Of all random choices.")
@click.option("--report", is_flag=True, help="Questions that are reported on, each once.")
@click.option("--also", type=_PATH, multiple=True, help="A folder of an evaluation to report on.")
def drafts_command(
    folders: tuple[Path, ...],
    file: Path,
    count: int,
    threads: int,
    seed: int,
    report: bool,
    also: tuple[Path, ...],
) -> None:
    """Have the default language model answer questions, and judge what it writes.

    As drafts*.jsonl in a folder of question sets, they are learned. Each takes seconds.
    """
    from qa.extraction.training import drafts, loading
    from qa.llm.llama import LlamaModel
    from qa.weights.manifest import default
    from qa.weights.paths import path_of

    spec = default("llm")
    model = LlamaModel(path_of(spec), spec.sha256, threads=threads)
    parts = loading.load(folders)
    if report:
        others = [loading.evaluation_set(folder) for folder in also]
        made = drafts.reported(model, parts.reported["xquad"], others)
    else:
        made = drafts.drafted(model, parts.learned, seed)
    for _ in _shown(drafts.write(made, file, count), count, "draft"):
        pass


@main.command("prepare")
@data_option
@out_option
@click.option("--examples", default=150_000, show_default=True, help="Different pairs to make.")
@click.option("--workers", default=2, show_default=True, help="Processes, of one core each.")
@click.option("--seed", default=1, show_default=True, help="Of all random choices.")
def prepare_command(
    folders: tuple[Path, ...], out: Path, examples: int, workers: int, seed: int
) -> None:
    """Write OUT/prepared: pairs to learn from as tokens, and the embedder cut to them.

    Training needs nothing else, so the folder can be carried to another machine.
    """
    from qa.extraction.training.prepared import Examples, prepare
    from qa.weights.paths import embedder_path

    (out / _PREPARED).mkdir(parents=True, exist_ok=True)
    make = partial(_learned, folders, examples // workers, seed)
    with ProcessPoolExecutor(workers) as processes:
        learned = Examples.joined(list(processes.map(make, range(workers))))
    prepare(out / _PREPARED, Path(embedder_path()), learned, _held(folders, seed))


def _learned(folders: tuple[Path, ...], count: int, seed: int, rank: int) -> "Examples":
    """What one of the processes makes."""
    from qa.extraction.training import loading, stream

    paths = sorted(path for folder in folders for path in folder.glob(_DRAFTS))
    drafts = list(chain.from_iterable(map(stream.judged, paths)))
    made = islice(stream.mixed(loading.load(folders).learned, seed + rank, drafts), count)
    shown = made if rank else _shown(made, count, "example")
    return _columns(shown, seed + rank)


def _held(folders: tuple[Path, ...], seed: int) -> "Examples":
    from qa.extraction.training import loading, stream

    return _columns(islice(stream.mixed(loading.load(folders).calibration, seed), _HELD), seed)


def _columns(made: Iterable["Example"], seed: int) -> "Examples":
    from qa.extraction.training.encoding import encoded
    from qa.extraction.training.prepared import Examples
    from qa.weights.paths import embedder_path

    return Examples.of(encoded(made, Path(embedder_path()), seed))


@main.command("train")
@out_option
@click.option("--pairs", default=150_000, show_default=True, help="Pairs to learn from.")
@click.option("--falling", default=20_000, show_default=True, help="Pairs at a falling rate.")
@click.option("--warmup", default=3000, show_default=True, help="Pairs at a rising rate.")
@click.option("--rate", default=1e-4, show_default=True, help="Highest learning rate.")
@click.option("--tokens", default=2200, show_default=True, help="Tokens of a batch.")
@click.option("--frozen", default=0, show_default=True, help="Layers from below that stay.")
@click.option("--dropout", default=0.0, show_default=True, help="Share left out at random.")
@click.option("--workers", default=2, show_default=True, help="Processes, of one core each.")
@click.option("--packed", is_flag=True, help="See the weights as they ship, once the rate falls.")
@click.option("--device", default="cpu", show_default=True, help="cpu, or cuda for a GPU.")
@click.option("--seed", default=1, show_default=True, help="Of all random choices.")
def train_command(out: Path, **settings: int | float | str | bool) -> None:
    """Learn from the pairs of OUT/prepared; go on from the checkpoint that OUT has.

    Two cores see about ten pairs a second, so 150,000 take some four hours.
    """
    from qa.extraction.training.train import Settings, train

    train(Settings(**settings), out / _PREPARED, out)  # type: ignore[arg-type]  # click's own


@main.command("pack")
@data_option
@out_option
@click.option("--file", type=_PATH, help="The file to write, unless the one that ships.")
def pack_command(folders: tuple[Path, ...], out: Path, file: Path | None) -> None:
    """Write what the checkpoint of --out learned as the file that ships, calibrated."""
    from qa.extraction import weights
    from qa.extraction.training import loading, pack, stream
    from qa.extraction.training.train import CHECKPOINT
    from qa.weights.paths import embedder_path

    embedder, file = Path(embedder_path()), file or weights.SHIPPED
    learned = pack.differences(out / CHECKPOINT, embedder)
    weights.write(file, learned)
    examples = stream.mixed(loading.load(folders).calibration, seed=2)
    read = weights.read(file)  # calibrate what was packed, not what was learned
    made = pack.calibration(read, embedder, list(islice(examples, _CALIBRATING)))
    weights.write(file, replace(learned, calibration=made))
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {asdict(made)}")


@main.command("languages")
@data_option
@click.option("--file", type=_PATH, help="The file to write, unless the one that ships.")
def languages_command(folders: tuple[Path, ...], file: Path | None) -> None:
    """Write the directions in which the embedder tells languages apart: some minutes.

    One of the folders has NTREX-128 in `ntrex`.
    """
    from index.embedding.numpy_embedder import NumpyEmbedder
    from qa.extraction import language_directions
    from qa.extraction.training import languages
    from qa.weights.paths import embedder_path

    embedder, file = NumpyEmbedder(embedder_path()), file or language_directions.SHIPPED
    paths = languages.files(folders)
    if len(paths) < 2:
        raise click.UsageError("None of the folders has files of NTREX-128 in ntrex.")
    made = list(_shown(languages.means(paths, embedder), len(paths), "language"))
    language_directions.write(file, language_directions.found(embedder.fingerprint, made))
    click.echo(f"{file}: {file.stat().st_size / 1e3:.0f} kB, {len(paths)} languages")


@main.command("kinds")
@data_option
@click.option("--file", type=_PATH, help="The file to write, unless the one that ships.")
def kinds_command(folders: tuple[Path, ...], file: Path | None) -> None:
    """Write what tells the kinds of questions apart: some minutes."""
    import numpy as np

    from index.embedding.numpy_embedder import NumpyEmbedder
    from qa.extraction import question_kinds
    from qa.extraction.training import kinds, loading
    from qa.weights.paths import embedder_path

    embedder, file = NumpyEmbedder(embedder_path()), file or question_kinds.SHIPPED
    asked = kinds.examples(loading.load(folders).learned)
    vectors = np.concatenate(list(_in_batches(embedder.queries, [each.text for each in asked])))
    found = kinds.learned(embedder.fingerprint, vectors, [each.name for each in asked])
    question_kinds.write(file, found)
    click.echo(f"{file}: {file.stat().st_size / 1e3:.0f} kB, {len(asked)} questions")


@main.command("topics")
@data_option
@click.option("--file", type=_PATH, help="The file to write, unless the one that ships.")
def topics_command(folders: tuple[Path, ...], file: Path | None) -> None:
    """Write what tells the topics of questions: some minutes."""
    from index.embedding.numpy_embedder import NumpyEmbedder
    from qa.extraction import question_topics
    from qa.extraction.training import loading, topics
    from qa.weights.paths import embedder_path

    embedder, file = NumpyEmbedder(embedder_path()), file or question_topics.SHIPPED
    asked = topics.examples(loading.load(folders).learned)
    rows = chain.from_iterable(_in_batches(embedder.query_rows, [each.text for each in asked]))
    found = topics.learned(embedder.fingerprint, asked, rows)
    question_topics.write(file, found)
    click.echo(f"{file}: {file.stat().st_size / 1e3:.0f} kB, {len(asked)} questions")


@main.command("follow-ups")
@data_option
@click.option("--file", type=_PATH, help="The file to write, unless the one that ships.")
def follow_ups_command(folders: tuple[Path, ...], file: Path | None) -> None:
    """Write what tells how questions lean on earlier turns: some minutes."""
    import numpy as np

    from index.embedding.numpy_embedder import NumpyEmbedder
    from qa.extraction import follow_ups
    from qa.extraction.training import follow_ups as training
    from qa.extraction.training import loading
    from qa.weights.paths import embedder_path

    embedder, file = NumpyEmbedder(embedder_path()), file or follow_ups.SHIPPED
    asked = training.examples(loading.load(folders).learned)
    texts = [each.text for each in asked]
    vectors = np.concatenate(list(_in_batches(embedder.queries, texts)))
    rows = chain.from_iterable(_in_batches(embedder.query_rows, texts))
    follow_ups.write(file, training.learned(embedder.fingerprint, vectors, asked, rows))
    click.echo(f"{file}: {file.stat().st_size / 1e3:.0f} kB, {len(asked)} questions")


@main.command("report")
@data_option
@click.option("--file", type=_PATH, help="The packed reader, unless the one that ships.")
@click.option("--limit", type=int, help="Questions of each line at most.")
@click.option("--drafts", type=_PATH, help="What `drafts --report` wrote.")
def report_command(
    folders: tuple[Path, ...], file: Path | None, limit: int | None, drafts: Path | None
) -> None:
    """Print the figures on questions that were not learned, a line of JSON each."""
    from index.embedding.numpy_embedder import NumpyEmbedder
    from qa.extraction import weights
    from qa.extraction.encoder_reader import EncoderReader
    from qa.extraction.training import loading, report, stream
    from qa.weights.paths import embedder_path

    reader = EncoderReader.of(NumpyEmbedder(embedder_path()), file or weights.SHIPPED)
    rows = report.report(reader, loading.load(folders).reported, limit)
    if drafts:
        rows = chain(rows, report.drafts(reader, stream.judged(drafts)))
    for row in rows:
        figures = {name: round(value, 3) for name, value in row.figures.items()}
        click.echo(json.dumps({"name": row.name, "n": row.count, **figures}, ensure_ascii=False))


def _in_batches(embed: Callable[[Sequence[str]], T], texts: Sequence[str]) -> Iterator[T]:
    """What is made of each batch of questions, with progress."""
    parts = [texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH)]
    return _shown(map(embed, parts), len(parts), "batch")


def _shown(made: Iterable[T], count: int, what: str) -> Iterator[T]:
    """The same, with progress."""
    from qa.progress import count as progress_of

    progress = progress_of(what, sys.stderr)
    for done, each in enumerate(made, 1):
        progress(done, count, "")
        yield each
    progress.close()


if __name__ == "__main__":
    main()
