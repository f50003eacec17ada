"""How long a person waits for the first word, by what is kept of the passages.

    python -m tests.benchmarks.first_word [--index .article-qa] [--runs 5] [--questions 8]

Of each language, asks the first questions of seeds/questions.jsonl that have an answer and get a
word. A run asks one with nothing kept, with all on disk (files cold, as another process finds them)
and with all in memory, one after the other: the ratios within a run say more than its times, which
depend on the machine and on what else it does. Beside them, what most programs do: the same
passages, all of them in one prompt.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.search import Searcher
from index.storage.catalog import Catalog
from qa.answering.writer import PassageWriter
from qa.ask import ask
from qa.cli import opening
from qa.evaluation.case_file import load
from qa.evaluation.cases import Case
from qa.extraction.reader import Reader
from qa.llm.cache.files import DiskCache
from qa.llm.llama import LlamaModel
from qa.llm.model import LanguageModel, Message
from qa.question import Question
from qa.verification.evidence import PASSAGE_TOKENS, cut
from qa.weights.checksums import sha256_of
from qa.weights.paths import llm_path
from tests.benchmarks.commands import forget
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import number, ratios, spread, told
from tests.support.paths import SEED_QUESTIONS

LANGUAGES = ("en", "hi", "id", "zh")
COLUMNS = (
    "",
    "n",
    "all in one",
    "nothing kept",
    "on disk",
    "in memory",
    "disk ÷ nothing",
    "memory ÷ nothing",
    "memory ÷ all in one",
    "spared",
)
DISK = 10**10
AT_ONCE = 3  # passages that other programs read in one prompt
NOTE = (
    "n: questions times runs. All in one: three passages in one prompt with the question. On disk: "
    "files cold. Spared: tokens that need not be read when all is on disk."
)


@dataclass(frozen=True, slots=True)
class First:
    """Seconds until a word can be seen; passages read by then; tokens spared, and all of them."""

    seconds: float
    passages: int
    spared: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Run:
    """One question, by where its passages were kept."""

    language: str
    whole: float
    """Seconds with all passages in one prompt."""
    empty: First
    disk: First
    memory: First


def first_word(
    question: str, searcher: Searcher, reader: Reader, model: LanguageModel
) -> First | None:
    """Ask as far as to the first word; None where none comes."""
    passages = -1  # the search says that it is done before any passage is begun
    for answer in ask(question, searcher, reader, model):
        passages += answer.stage == "reading"
        timings = answer.timings
        if timings.first_token_s:
            return First(
                timings.first_token_s, passages, timings.cached_tokens, timings.prompt_tokens
            )
    return None


def all_in_one(question: str, searcher: Searcher, model: LanguageModel) -> float:
    """Seconds until the first word where all passages are read in one prompt."""
    model.reset()
    begun = time.perf_counter()
    asked = Question.of(question)
    found = (cut(each, model.count, PASSAGE_TOKENS) for each in searcher.search(question))
    some = itertools.islice((each for each in found if each.sentences), AT_ONCE)
    writers = [PassageWriter(asked, asked.language, one, model) for one in some]
    system, user = writers[0].answer_prompt()
    passages = "\n\n".join(writer.passage for writer in writers)
    task = user.content.replace(writers[0].passage, passages, 1)
    next(iter(model.write([system, Message("user", task)], 8)), "")
    return time.perf_counter() - begun


def loaded(folder: Path | None = None) -> LlamaModel:
    """The default model, its weights and templates touched once; may keep passages in a folder."""
    path = llm_path()
    model = LlamaModel(
        path, sha256_of(path), disk_cache=DiskCache(folder, DISK) if folder else None
    )
    model.yes_no([Message("system", "Answer."), Message("user", "Is this a question?")])
    return model


def asked(case: Case, searcher: Searcher, reader: Reader) -> Run | None:
    """Ask one question three times; None where no word comes."""
    with tempfile.TemporaryDirectory() as folder:
        states = Path(folder) / "states"
        empty = first_word(case.question, searcher, reader, loaded(states))
        if empty is None:
            return None
        forget(states.glob("*.state"))
        model = loaded(states)
        disk = first_word(case.question, searcher, reader, model)
        memory = first_word(case.question, searcher, reader, model)
        whole = all_in_one(case.question, searcher, model)
        return Run(case.lang, whole, empty, disk, memory) if disk and memory else None


def runs(
    cases: Sequence[Case], searcher: Searcher, reader: Reader, count: int, wanted: int
) -> Iterator[Run]:
    """Ask the first `wanted` of some questions that get a word, `count` times each."""
    for case in cases:
        if not wanted:
            return
        if (first := asked(case, searcher, reader)) is None:
            continue
        wanted -= 1
        again = (asked(case, searcher, reader) for _ in range(count - 1))
        for done in (first, *(one for one in again if one)):
            firsts = (done.empty, done.disk, done.memory)
            times = (done.whole, *(first.seconds for first in firsts))
            told(f"{case.id}: {', '.join(map(number, times))} s")
            yield done


def tables(options: Options) -> Iterator[Table]:
    """By language, and by the passages that were read until the word."""
    yield from grouped(options, 1 if options.quick else 8)


def answered(index: Path, language: str) -> list[Case]:
    """The shipped questions in a language that have an answer and nothing said before them."""
    with Catalog.open(index) as catalog:
        cases = load(SEED_QUESTIONS, catalog.text)
    some = [case for case in cases if case.lang == language and case.answerable]
    return [case for case in some if not case.history and not case.plants]


def grouped(options: Options, questions: int) -> Iterator[Table]:
    """The same runs in two tables."""
    searcher, reader, done = opening.searcher(options.index, None), opening.reader(), list[Run]()
    for language in LANGUAGES:
        done += runs(answered(options.index, language), searcher, reader, options.runs, questions)
    yield by("Asked in", done, lambda run: run.language)
    yield by("Passages read until then", done, lambda run: str(run.empty.passages))


def by(title: str, done: Sequence[Run], group: Callable[[Run], str]) -> Table:
    """A row for each group of runs."""
    groups: dict[str, list[Run]] = {}
    for run in done:
        groups.setdefault(group(run), []).append(run)
    rows = [row(name, groups[name]) for name in sorted(groups)]
    return table(title, (title.lower(), *COLUMNS[1:]), rows, NOTE)


def row(name: str, done: Sequence[Run]) -> list[str]:
    """Medians and spread over all runs of a group."""
    empty, disk, memory = (
        [first.seconds for first in firsts]
        for firsts in zip(*((run.empty, run.disk, run.memory) for run in done), strict=True)
    )
    spared = sum(run.disk.spared for run in done) / sum(run.disk.tokens for run in done)
    whole = [run.whole for run in done]
    shares = ratios(disk, empty), ratios(memory, empty), ratios(memory, whole)
    cells = (whole, empty, disk, memory, *shares)
    return [name, str(len(done)), *map(spread, cells), f"{spared:.0%}"]


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--index", type=Path, default=Options().index)
    parser.add_argument("--runs", type=int, default=5, help="of each question")
    parser.add_argument("--questions", type=int, default=8, help="of each language")
    given = parser.parse_args()
    for shown in grouped(Options(given.index, given.runs), given.questions):
        sys.stdout.write(markdown(shown))


if __name__ == "__main__":
    main()
