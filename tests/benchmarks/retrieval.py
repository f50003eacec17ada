"""How often the right passage is found, on public question sets, beside plain dense search.

    python -m tests.benchmarks.retrieval [--limit 50] [--half tuning] [--variants dense all ...]
        [--weight SENTENCE_WEIGHT --values 0.3 0.7] [--budget 192 --indexes FOLDER]

Questions are split in two halves by a hash of their group: settings are tuned on one and reported
on the other. The indexes are made in a temporary folder, or kept in the one given by --indexes.
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
import numpy as np

from index import ranking
from index.articles import chunks as chunking
from index.build import sync
from index.embedding.embedder import Embedder, Vectors
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from index.search import Searcher
from index.storage.catalog import Catalog
from qa.evaluation.case_file import load
from qa.evaluation.cases import Case, spread
from qa.evaluation.evaluate import evaluate
from qa.evaluation.reports.summary import summarise
from qa.progress import count
from qa.weights.paths import embedder_path

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


# What search does, and what it does without some of its parts: values of index.ranking.
PLAIN = {"PASSAGE_WEIGHT": 1.0, "SENTENCE_WEIGHT": 0.0, "BACKGROUND_WEIGHT": 0.0}
PLAIN |= {"WORDS_WEIGHT": 0.0, "BALANCE_WEIGHT": 0.0}
FULL = {name: getattr(ranking, name) for name in PLAIN}
VARIANTS = {
    "dense": PLAIN,
    "dense, words": PLAIN | {"WORDS_WEIGHT": FULL["WORDS_WEIGHT"]},
    "dense, balanced": PLAIN | {"BALANCE_WEIGHT": 1.0},
    "all but sentences": FULL | {"PASSAGE_WEIGHT": 1.0, "SENTENCE_WEIGHT": 0.0},
    "all but background": FULL | {"BACKGROUND_WEIGHT": 0.0},
    "all but words": FULL | {"WORDS_WEIGHT": 0.0},
    "all but balance": FULL | {"BALANCE_WEIGHT": 0.0},
    "all": FULL,
}


def build(bench: Path, indexes: Path, embedder: Embedder) -> None:
    """Make each corpus's index, or bring it up to date; the joint one grows from a copy."""
    for name, folders in CORPORA.items():
        folder = indexes / name
        if len(folders) > 1 and not folder.exists():
            shutil.copytree(indexes / folders[0], folder)
        progress = count("article", sys.stderr)
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


def row(label: str, cases: Sequence[Case], searcher: Searcher, catalog: Catalog) -> str:
    """One line of the table."""
    found = evaluate(
        cases, None, lambda asked, scope: searcher.search(asked, scope=scope), catalog.text
    )
    scores = summarise(list(found)).all
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
        searcher = Searcher(indexes / name, embedder)
        with Catalog.open(indexes / name) as catalog:
            for lang, cases in questions(bench, folders, options.half):
                some = spread(cases, options.limit)
                for variant, values in chosen(options).items():
                    vars(ranking).update(values)
                    label = f"{name:9}{lang}  {variant}"
                    click.echo(row(label, some, searcher, catalog))
    vars(ranking).update(FULL)


def chosen(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """The variants to try: those named, and the values of one weight."""
    found = {name: VARIANTS[name] for name in options.variants}
    for value in options.values:
        found[f"{options.weight} {value:g}"] = FULL | {options.weight: value}
    return found


def relevance(bench: Path, indexes: Path, embedder: Embedder, half: str) -> None:
    """Print the cosine of the first passage, where the articles answer and where they do not."""
    singles = [name for name, folders in CORPORA.items() if len(folders) == 1]
    searchers = {name: Searcher(indexes / name, embedder) for name in singles}
    click.echo("cosine of the first passage: 1 %, 5 %, 50 %, 95 %, 99 %")
    for part in singles:
        for lang, cases in questions(bench, [part], half):
            for name, searcher in searchers.items():
                scores = [searcher.search(case.question, 1)[0].score for case in cases]
                cells = ", ".join(f"{x:.3f}" for x in np.percentile(scores, [1, 5, 50, 95, 99]))
                click.echo(f"{lang}  over {name:9}{'' if name == part else ' (other)':8}  {cells}")


def latency(bench: Path, folder: Path, embedder: Embedder) -> None:
    """Print how long a search takes, the question's embedding included."""
    searcher = Searcher(folder, embedder)
    times = []
    for path in sorted(bench.glob("*/questions.*.jsonl")):
        for case in spread(load(path), 40):
            begun = time.perf_counter()
            searcher.search(case.question)
            times.append(1000 * (time.perf_counter() - begun))
    p50, p95 = np.percentile(times[5:], [50, 95])  # the first ones warm up
    click.echo(
        f"search, embedding included, n={len(times) - 5}: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    )


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--bench", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--indexes", type=Path, help="keep the indexes in this folder")
    parser.add_argument("--half", choices=["tuning", "report", "all"], default="report")
    parser.add_argument("--limit", type=int, help="questions a language; default all")
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=["dense", "all"])
    parser.add_argument("--weight", choices=sorted(FULL), default="WORDS_WEIGHT")
    parser.add_argument("--values", type=float, nargs="*", default=[], help="of that weight")
    parser.add_argument("--relevance", action="store_true", help="print cosines, not the table")
    parser.add_argument("--budget", type=int, default=chunking.BUDGET, help="tokens of a chunk")
    return parser.parse_args()


def main() -> None:
    """Read the arguments and run."""
    options = arguments()
    if not options.bench.is_dir():
        click.echo(f"retrieval: skipped, there are no question sets at {options.bench}.")
        return
    chunking.BUDGET = options.budget
    embedder = SentenceTransformerEmbedder(embedder_path(None))
    with ExitStack() as stack:
        indexes = options.indexes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        build(options.bench, indexes, embedder)
        if options.relevance:
            relevance(options.bench, indexes, Remembering(embedder), options.half)
            return
        report(options.bench, indexes, Remembering(embedder), options)
        latency(options.bench, indexes / "both", embedder)


if __name__ == "__main__":
    main()
