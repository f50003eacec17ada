"""Asks LlamaIndex and article-qa the same questions of the same articles, in turn.

    make bench-peers, or: python -m tests.benchmarks.peers [--questions 20] [--quick]

Both use the same weights and the same number of cores. LlamaIndex runs in `.venv-peers`
(`peer.py`), and waits while article-qa answers, as article-qa does while it is LlamaIndex's turn.
Writes tests/benchmarks/PEERS.md; every answer is kept in runs/bench/peers.jsonl as it comes.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.search import Searcher
from qa.ask import ask
from qa.cli import opening
from qa.evaluation.case_file import load
from qa.evaluation.cases import Case, spread
from qa.evaluation.metrics import facts_stated
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel
from qa.llm.trial import ended_by
from qa.weights.paths import embedder_path, llm_path
from tests.benchmarks import results
from tests.benchmarks.first_word import loaded
from tests.benchmarks.machine import facts, occasion
from tests.benchmarks.options import Options
from tests.benchmarks.refusing import refuses
from tests.benchmarks.run import KEPT
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import number, ratios, told
from tests.benchmarks.timing import spread as middle
from tests.support.paths import ROOT, SEED_ARTICLES, SEED_QUESTIONS

HERE = Path(__file__).parent
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PAGE = HERE / "PEERS.md"
COLD, WARM = "article-qa, nothing kept", "article-qa, passages read before"
PEERS = {"default": "LlamaIndex, default engine", "citation": "LlamaIndex, `CitationQueryEngine`"}
NOT_ITS = ("PYTHONPATH", "GOMP_SPINCOUNT")  # threads that wait longer write a little faster
SHOWN = 240  # code points of an answer
INTRO = """Written by `make bench-peers` (`tests/benchmarks/peers.py`). LlamaIndex has its own
environment (`peers.txt`: {versions}), the same model, the same embedder with the words that it
wants before questions and passages, the same articles, as many cores, and Chroma. It has its own
defaults (1,024 tokens a chunk, the best two, its prompts) but for the model's chat template, a
context of 4,096 tokens and a temperature of 0. The questions are spread evenly over those of
`seeds/questions.jsonl` that need no turns before them and plant nothing.

Times are in seconds: the median over the questions, the least and the most in brackets; ratios are
medians of each question's. The first word is the first that is shown; of a refusal, its first."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of one program; `outcome` is `right`, `wrong`, `refused` or `invented`."""

    case: str
    question: str
    answerable: bool
    by: str
    first_s: float
    total_s: float
    text: str
    outcome: str


@contextmanager
def peer() -> Iterator[Callable[[str, str], dict[str, Any]]]:
    """LlamaIndex, once it has indexed the articles: asks an engine a question."""
    command: list[str | Path] = [
        PYTHON,
        HERE / "peer.py",
        SEED_ARTICLES,
        llm_path(),
        embedder_path(None),
    ]
    cores = str(len(os.sched_getaffinity(0)))
    environment = {name: value for name, value in os.environ.items() if name not in NOT_ITS}
    with subprocess.Popen(
        [*command, cores],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin
        assert process.stdout

        def answer(engine: str, question: str) -> dict[str, Any]:
            assert process.stdin
            asked = {"engine": engine, "question": question}
            process.stdin.write(json.dumps(asked, ensure_ascii=False) + "\n")
            return line()

        def line() -> dict[str, Any]:
            assert process.stdout
            if not (said := process.stdout.readline()):
                raise RuntimeError(
                    f"LlamaIndex has ended ({ended_by(process.wait())}); what it said is above. "
                    "SIGILL: the library repacks weights for instructions that are not there."
                )
            found: dict[str, Any] = json.loads(said)
            return found

        told(f"LlamaIndex has its index, after {line()['ready_s']:.0f} s")
        yield answer
        process.stdin.close()


def ours(case: Case, by: str, searcher: Searcher, reader: Reader, model: LanguageModel) -> Said:
    """Ask article-qa."""
    begun, first = time.perf_counter(), 0.0
    for answer in ask(case.question, searcher, reader, model):
        if not first and (answer.text or answer.draft):
            first = time.perf_counter() - begun
    total = time.perf_counter() - begun
    outcome = judged(case, answer.text, refused=not answer.answered)
    return Said(case.id, case.question, case.answerable, by, first, total, answer.text, outcome)


def theirs(case: Case, engine: str, answer: Callable[[str, str], dict[str, Any]]) -> Said:
    """Ask LlamaIndex."""
    found = answer(engine, case.question)
    outcome = judged(case, found["text"], refused=refuses(found["text"]))
    by = PEERS[engine]
    return Said(case.id, case.question, case.answerable, by, outcome=outcome, **found)


def judged(case: Case, text: str, *, refused: bool) -> str:
    """What an answer is worth, by the facts it must state, as `article-qa eval` counts them."""
    if not case.answerable:
        return "refused" if refused else "invented"
    if facts_stated(case.answers, text) == 1:
        return "right"
    return "refused" if refused else "wrong"


def compare(cases: Sequence[Case], index: Path) -> Iterator[list[Said]]:
    """Ask every question of each, in turn; the answers to one after the other."""
    searcher, reader = opening.searcher(index, None), opening.reader()
    searcher.similarity(["Ready?"], ["Ready."])
    with peer() as answer:
        for i, case in enumerate(cases, 1):
            told(f"question {i} of {len(cases)}: {case.id}")
            some = [theirs(case, engine, answer) for engine in PEERS]
            model = loaded()
            yield [*some, *(ours(case, by, searcher, reader, model) for by in (COLD, WARM))]


def tables(said: Sequence[Said]) -> Iterator[Table]:
    """Times, what answers were worth, and what was said where nothing can be."""
    names = [name for name in (COLD, WARM, *PEERS.values()) if any(s.by == name for s in said)]
    by = {name: [one for one in said if one.by == name] for name in names}
    yield table(
        "Times",
        ("", "first word", "÷ nothing kept", "÷ read before", "to the end", "÷ nothing kept"),
        [[name, *_times(some, by[COLD], by[WARM])] for name, some in by.items()],
    )
    yield table(
        "Answers",
        ("", "right", "wrong", "refused", "not told: invented", "not told: refused"),
        [[name, *_worth(some)] for name, some in by.items()],
        "Right: every fact is stated that the answer must hold. An answer of LlamaIndex counts as "
        "a refusal wherever it says in any words that something is not told.",
    )
    yield table(
        "What was said where the articles do not tell",
        ("question", "by", "counted as", "answer"),
        [
            [one.question, one.by, one.outcome, _short(one.text)]
            for name, some in by.items()
            if name != COLD
            for one in some
            if not one.answerable
        ],
    )


def _times(some: Sequence[Said], cold: Sequence[Said], warm: Sequence[Said]) -> list[str]:
    first, total = [one.first_s for one in some], [one.total_s for one in some]
    return [
        middle(first),
        middle(ratios(first, [one.first_s for one in cold])),
        middle(ratios(first, [one.first_s for one in warm])),
        middle(total),
        middle(ratios(total, [one.total_s for one in cold])),
    ]


def _worth(some: Sequence[Said]) -> list[str]:
    outcomes = [one.outcome for one in some if one.answerable]
    others = [one.outcome for one in some if not one.answerable]
    shares = [f"{outcomes.count(w)} of {len(outcomes)}" for w in ("right", "wrong", "refused")]
    return [*shares, *(f"{others.count(w)} of {len(others)}" for w in ("invented", "refused"))]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"


def pinned() -> str:
    """What the other environment holds."""
    lines = (HERE / "peers.txt").read_text(encoding="utf-8").splitlines()
    return ", ".join(line.replace("==", " ") for line in lines if line and line[0] != "#")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="two questions; PEERS.md stays")
    parser.add_argument("--index", type=Path, default=Options().index)
    given = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("There is no .venv-peers. Make it and compare with: make bench-peers")
    count = 2 if given.quick else given.questions
    cases = spread([c for c in load(SEED_QUESTIONS) if not (c.history or c.plants)], count)
    folder = KEPT / "quick" if given.quick else KEPT
    when, said = occasion(""), list[Said]()
    for some in kept(compare(cases, given.index), folder / "peers.jsonl"):
        said += some
        if not given.quick:
            write(said, when)
    sys.stdout.write("\n".join(map(markdown, tables(said))))


def kept(answers: Iterator[list[Said]], path: Path) -> Iterator[list[Said]]:
    """The answers to each question, told and written down as they come."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for some in answers:
            for one in some:
                file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
                told(f"  {one.by}: {number(one.first_s)}, {number(one.total_s)} s, {one.outcome}")
            file.flush()
            yield some


def write(said: Sequence[Said], when: dict[str, str]) -> None:
    """Write the page, of what was answered so far."""
    extent = f"{len({one.case for one in said})} questions"
    part = results.Part(facts(), {**when, "extent": extent}, tuple(tables(said)))
    intro = INTRO.format(versions=pinned())
    text = results.page("LlamaIndex and article-qa", intro, [("The same questions", part)])
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
