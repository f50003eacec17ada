"""Train the reader, pack it, report on it: `python -m qa.extraction.training --help`."""

import os

from qa.environment import QUIET

# Read by the libraries when they are imported, so set before anything else is.
os.environ.update(QUIET)

import json
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import click

from index.embedding.numpy_embedder import NumpyEmbedder
from qa.extraction import weights
from qa.extraction.reader import Reader
from qa.extraction.training import pack, question_sets, report, stream
from qa.extraction.training.train import Settings, train
from qa.weights.paths import embedder_path

_PATH = click.Path(path_type=Path)
_CALIBRATING = 1500  # examples

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


@main.command("train")
@data_option
@out_option
@click.option("--pairs", default=150_000, show_default=True, help="Pairs to learn from.")
@click.option("--falling", default=20_000, show_default=True, help="Pairs at a falling rate.")
@click.option("--examples", default=150_000, show_default=True, help="Different pairs to make.")
@click.option("--rate", default=1e-4, show_default=True, help="Highest learning rate.")
@click.option("--frozen", default=3, show_default=True, help="Layers from below that stay.")
@click.option("--workers", default=2, show_default=True, help="Processes, of one core each.")
@click.option("--seed", default=1, show_default=True, help="Of all random choices.")
def train_command(
    folders: tuple[Path, ...],
    out: Path,
    pairs: int,
    falling: int,
    examples: int,
    rate: float,
    frozen: int,
    workers: int,
    seed: int,
) -> None:
    """Learn from the pairs; go on from the checkpoint that --out has.

    Two cores see about ten pairs a second, so 150,000 take some four hours.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "examples.jsonl"
    if not path.exists():
        stream.write(stream.mixed(question_sets.load(folders).learned, seed), path, examples)
    settings = Settings(pairs, falling, rate, frozen=frozen, workers=workers, seed=seed)
    train(settings, Path(embedder_path()), stream.Stream(path), out)


@main.command("pack")
@data_option
@out_option
@click.option("--file", default=weights.SHIPPED, type=_PATH, help="The file to write.")
def pack_command(folders: tuple[Path, ...], out: Path, file: Path) -> None:
    """Write what the checkpoint of --out learned as the file that ships, calibrated."""
    embedder = Path(embedder_path())
    learned = pack.differences(out / "checkpoint.pt", embedder)
    weights.write(file, learned)
    examples = stream.mixed(question_sets.load(folders).calibration, seed=2)
    read = weights.read(file)  # calibrate what was packed, not what was learned
    made = pack.calibration(read, embedder, list(islice(examples, _CALIBRATING)))
    weights.write(file, replace(learned, calibration=made))
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {asdict(made)}")


@main.command("report")
@data_option
@click.option("--file", default=weights.SHIPPED, type=_PATH, help="The packed reader.")
@click.option("--limit", type=int, help="Questions of each line at most.")
def report_command(folders: tuple[Path, ...], file: Path, limit: int | None) -> None:
    """Print the figures on questions that were not learned, a line of JSON each."""
    reader = Reader.of(NumpyEmbedder(embedder_path()), file)
    for row in report.report(reader, question_sets.load(folders).reported, limit):
        figures = {name: round(value, 3) for name, value in row.figures.items()}
        click.echo(json.dumps({"name": row.name, "n": row.count, **figures}, ensure_ascii=False))


if __name__ == "__main__":
    main()
