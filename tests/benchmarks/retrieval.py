"""How often the right passage is found, on public question sets, beside plain dense search.

    python tests/benchmarks/retrieval.py [--limit 50] [--half tuning] [--words-weight 0.05 ...]

Questions are split in two halves by a hash of their group: settings are tuned on one and reported
on the other. The indexes are made in a temporary folder, or kept in the one given by --indexes.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from index import search as searching
from index.build import settings, sync
from index.catalog import Catalog
from index.chunks import Chunk
from index.embed import Embedder, SentenceTransformerEmbedder, Vectors
from index.search import Passage, Place, Searcher
from index.store import Store
from qa.cases import Case, load, spread
from qa.evaluate import Search, evaluate, summarise
from qa.models import embedder_path
from qa.terminal import Progress

# Each corpus: the folders indexed together. The bigger one comes first: it is built upon.
CORPORA = {
    "xquad_hi": ("xquad_hi",),
    "tydi_id": ("tydi_id",),
    "both": ("xquad_hi", "tydi_id"),
}
METRICS = ("evidence recall@1", "evidence recall@5", "MRR")


class Remembering:
    """An embedder that keeps the questions' vectors: each is searched for several times."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimension = embedder.dimension
        self.documents, self.count = embedder.documents, embedder.count

    def query(self, text: str) -> Vectors:
        if text not in self._known:
            self._known[text] = self._embedder.query(text)
        return self._known[text]


class Dense:
    """The plain way: the passages of the nearest vectors, and nothing else."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._catalog = Catalog.open(folder)
        self._store = Store(folder, settings(embedder)["embedder"])
        self._embedder = embedder

    def search(self, question: str) -> list[Passage]:
        near = dict(self._store.nearest(self._embedder.query(question), 10))
        found = self._catalog.chunks(near)
        return [self._passage(key, near, found) for key in near]

    def _passage(
        self, key: str, near: Mapping[str, float], found: Mapping[str, list[Chunk]]
    ) -> Passage:
        places = [
            Place(chunk.article_id, start, end)
            for chunk in found[key]
            for start, end in ((chunk.start, chunk.end), *chunk.places)
        ]
        first = found[key][0]
        article, start, end = first.article_id, first.start, first.end
        cosine = near[key]
        return Passage(
            article, start, end, first.text, first.context, cosine, cosine, tuple(places[1:])
        )


def build(bench: Path, indexes: Path, embedder: Embedder) -> None:
    """Make each corpus's index, or bring it up to date; the joint one grows from a copy."""
    for name, folders in CORPORA.items():
        folder = indexes / name
        if len(folders) > 1 and not folder.exists():
            shutil.copytree(indexes / folders[0], folder)
        progress = Progress("article", sys.stderr)
        sync([bench / part / "articles" for part in folders], folder, embedder, progress)
        progress.close()


def questions(bench: Path, parts: Sequence[str], half: str) -> Iterator[tuple[str, list[Case]]]:
    """The questions of each language on some corpora."""
    for part in parts:
        for path in sorted((bench / part).glob("questions.*.jsonl")):
            cases = [case for case in load(path) if half in ("all", half_of(case))]
            yield path.suffixes[0].removeprefix("."), cases


def half_of(case: Case) -> str:
    """The half a question is in: the same for a question's every language."""
    digest = hashlib.sha256((case.group or case.id).encode()).digest()
    return "report" if digest[0] % 2 else "tuning"


def row(label: str, cases: Sequence[Case], search: Search, catalog: Catalog) -> str:
    """One line of the table."""
    scores = summarise(list(evaluate(cases, None, search, catalog.text))).all
    cells = (
        f"{scores[name].value:.3f} ({scores[name].low:.3f}–{scores[name].high:.3f})"
        for name in METRICS
    )
    return f"{label:32}{len(cases):5}  " + "  ".join(cells)


def report(bench: Path, indexes: Path, embedder: Embedder, options: argparse.Namespace) -> None:
    """Print the table."""
    head = "".join(f"{name:22}" for name in ("recall@1 (95 %)", "recall@5 (95 %)", "MRR (95 %)"))
    click.echo(f"{'corpus, asked in, search':32}{'n':>5}  {head.rstrip()}")
    for name, folders in CORPORA.items():
        dense, hybrid = Dense(indexes / name, embedder), Searcher(indexes / name, embedder)
        with Catalog.open(indexes / name) as catalog:
            for lang, cases in questions(bench, folders, options.half):
                some = spread(cases, options.limit)
                label = f"{name:9} {lang}"
                click.echo(row(f"{label}  dense", some, dense.search, catalog))
                for weight in options.words_weight:
                    searching.WORDS_WEIGHT = weight
                    click.echo(row(f"{label}  words x {weight:g}", some, hybrid.search, catalog))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--indexes", type=Path, help="keep the indexes in this folder")
    parser.add_argument("--half", choices=["tuning", "report", "all"], default="report")
    parser.add_argument("--limit", type=int, help="questions a language; default all")
    parser.add_argument(
        "--words-weight", type=float, nargs="+", default=[searching.WORDS_WEIGHT], metavar="W"
    )
    options = parser.parse_args()
    if not options.bench.is_dir():
        click.echo(f"retrieval: skipped, there are no question sets at {options.bench}.")
        return
    embedder = Remembering(SentenceTransformerEmbedder(embedder_path(None)))
    with ExitStack() as stack:
        indexes = options.indexes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        build(options.bench, indexes, embedder)
        report(options.bench, indexes, embedder, options)


if __name__ == "__main__":
    main()
