"""How long a person waits for the first word, by what is kept of the passages.

    python tests/benchmarks/first_word.py [--index .article-qa] [--runs 5] [--questions 2]

Of each language, asks the first questions of seeds/questions.jsonl that have an answer and get a
word; as far as to that word. A run asks one with nothing kept, with all on disk (files cold, as
another process finds them) and with all in memory, one after the other: the ratios within a run
say more than its times, which depend on the machine and on what else it does.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.catalog import Catalog
from index.search import Searcher
from qa import opening
from qa.ask import ask
from qa.cases import Case, load
from qa.llm import LlamaModel
from qa.models import llm_path, sha256_of
from qa.state_files import StateFiles
from qa.states import States

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = ("en", "hi", "id", "zh")
MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds until the first word of one question; and tokens of it spared by the disk, of all."""

    empty: float
    disk: float
    memory: float
    spared: int
    tokens: int


def first_word(case: Case, searcher: Searcher, model: LlamaModel) -> tuple[float, int, int]:
    """Seconds until a word can be seen, 0 where none comes; tokens spared, and all of them."""
    for answer in ask(case.question, searcher, model):
        timings = answer.timings
        if timings.first_token_s:
            break
    return timings.first_token_s, timings.cached_tokens, timings.prompt_tokens


def run(case: Case, searcher: Searcher, model: LlamaModel) -> Run | None:
    with tempfile.TemporaryDirectory() as folder:
        files = StateFiles(Path(folder) / "states", 10**10)
        model._states = States(MEMORY, files, b"benchmark")
        empty, _, _ = first_word(case, searcher, model)
        if not empty:
            return None
        cool(Path(folder))
        model._states = States(MEMORY, files, b"benchmark")
        disk, spared, tokens = first_word(case, searcher, model)
        memory, _, _ = first_word(case, searcher, model)
        return Run(empty, disk, memory, spared, tokens)


def cool(folder: Path) -> None:
    """Have the system forget the files, so that they are read from the disk."""
    for path in folder.rglob("*.state"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def runs(
    language: str, cases: list[Case], args: argparse.Namespace, opened: tuple[Searcher, LlamaModel]
) -> Iterator[Run]:
    wanted = args.questions
    for case in cases:
        if not wanted:
            return
        if (first := run(case, *opened)) is None:
            continue
        wanted -= 1
        rest = (run(case, *opened) for _ in range(args.runs - 1))
        for done in (first, *(one for one in rest if one)):
            sys.stderr.write(f"{case.id}: {done}\n")
            yield done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--index", type=Path, default=Path(".article-qa"))
    parser.add_argument("--runs", type=int, default=5, help="of each question")
    parser.add_argument("--questions", type=int, default=2, help="of each language")
    args = parser.parse_args()
    with Catalog.open(args.index) as catalog:
        cases = load(ROOT / "seeds" / "questions.jsonl", catalog.text)
    path = llm_path()
    opened = opening.searcher(args.index, None), LlamaModel(path, sha256_of(path))
    table = ["| language | nothing kept, s | on disk | in memory | ÷ disk | ÷ memory | spared |"]
    table.append("|---|---|---|---|---|---|---|")
    for language in LANGUAGES:
        asked = [c for c in cases if c.lang == language and c.answerable and not c.history]
        done = list(runs(language, asked, args, opened))
        table.append(row(language, done))
    sys.stdout.write("\n".join([*table, ""]))


def row(language: str, done: list[Run]) -> str:
    """Medians over all runs of a language."""
    triples = [(one.empty, one.disk, one.memory) for one in done]
    seconds = [statistics.median(times) for times in zip(*triples, strict=True)]
    ratios = [
        statistics.median(one.empty / one.disk for one in done),
        statistics.median(one.empty / one.memory for one in done),
    ]
    spared = sum(one.spared for one in done) / sum(one.tokens for one in done)
    times = " | ".join(f"{value:.2f}" for value in seconds)
    return f"| {language} | {times} | {ratios[0]:.1f} | {ratios[1]:.1f} | {spared:.0%} |"


if __name__ == "__main__":
    main()
