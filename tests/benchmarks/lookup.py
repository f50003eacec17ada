"""How much quicker answers are written with guesses looked up (qa/lookup.py), and whether the same.

    python -m tests.benchmarks.lookup [--index .article-qa] [--questions 12]

Of questions of each language, has the answer of the nearest passage written with and without, and
the few words that are copied from it. What came of it is in START.md.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.languages import detect
from index.search import Searcher
from qa import opening
from qa.ask import PASSAGE_TOKENS
from qa.context import Context, Logits
from qa.evidence import choose
from qa.llm import Draft, LlamaModel, Model
from qa.models import llm_path, sha256_of
from qa.reading import Reading
from qa.thresholds import thresholds
from qa.tuning import Tuning
from tests.benchmarks.first_word import LANGUAGES, answered
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import ratios, spread, told

SIZES = 1, 2, 3, 4, 6, 8, 12, 16  # tokens read in one go
TIMES = 5
TASKS = "answer", "words"


@dataclass(frozen=True, slots=True)
class Wrote:
    """A text, and seconds a token behind the first one."""

    text: str
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The same task with guesses and without."""

    language: str
    task: str
    looked: Wrote
    plain: Wrote


def reading(question: str, searcher: Searcher, model: Model) -> Reading:
    """The nearest passage before a model."""
    language = detect(question)
    limits = thresholds(searcher.embedder_name, model.sha256)
    first, *_ = choose(searcher.search(question, 10), language, limits, model.count, PASSAGE_TOKENS)
    return Reading(question, language, first, model)


def wrote(draft: Draft) -> Wrote | None:
    """Write it to its end; None where that is no more than a token."""
    pieces = iter(draft)
    text = next(pieces, "")
    begun = time.perf_counter()
    text += "".join(pieces)
    taken = time.perf_counter() - begun
    if draft.answer_tokens < 2:
        return None
    return Wrote(text, draft.answer_tokens, taken / (draft.answer_tokens - 1))


def pairs(index: Path, looking: Model, plain: Model, questions: int) -> Iterator[Pair]:
    """Both tasks of each question, by both models in turn."""
    searcher = opening.searcher(index, None)
    for language in LANGUAGES:
        for case in answered(index, language)[:questions]:
            told(f"writing {case.id}")
            for task in TASKS:
                found = []
                for model in (looking, plain):
                    model.forget()
                    asked = reading(case.question, searcher, model)
                    found.append(wrote(asked.answer() if task == "answer" else asked.words()))
                if found[0] and found[1]:
                    yield Pair(language, task, found[0], found[1])


def behind(context: Context, tokens: Sequence[int], count: int) -> None:
    """Have all but the last `count` tokens read."""
    context.clear()
    context.read([list(tokens[:-count])])


def together(context: Context, tokens: Sequence[int], count: int) -> tuple[float, list[Logits]]:
    """Seconds to read the last `count` tokens in one go, and what comes behind each."""
    behind(context, tokens, count)
    begin = len(tokens) - count + 1
    begun = time.perf_counter()
    found = context.follow(tokens[:begin], tokens[begin:])
    return time.perf_counter() - begun, found


def one_by_one(context: Context, tokens: Sequence[int], count: int) -> list[Logits]:
    """What comes behind each of the last `count` tokens."""
    behind(context, tokens, count)
    ends = range(len(tokens) - count + 1, len(tokens) + 1)
    return [context.read([list(tokens[:end])])[0].logits for end in ends]


def prompts(index: Path, model: LlamaModel, questions: int) -> list[list[int]]:
    """Tokens of what is asked with each question, and so of passages of all languages."""
    searcher, found = opening.searcher(index, None), list[list[int]]()
    for language in LANGUAGES:
        for case in answered(index, language)[:questions]:
            asked = reading(case.question, searcher, model).to_answer()
            found.append(model._asked(asked).tokens)
    return found


def tables(options: Options, questions: int) -> Iterator[Table]:
    """What it gains, and what tokens cost that are read in one go, and how exact that is."""
    path = llm_path()
    sha256 = sha256_of(path)
    looking = LlamaModel(path, sha256)
    plain = LlamaModel(path, sha256, tuning=Tuning(lookup=False))
    yield gains(list(pairs(options.index, looking, plain, questions)))
    yield sizes(looking._context, prompts(options.index, looking, max(1, questions // 2)))


def gains(found: Sequence[Pair]) -> Table:
    """By language and task."""
    rows = []
    for task in TASKS:
        for language in LANGUAGES:
            some = [pair for pair in found if (pair.task, pair.language) == (task, language)]
            quicker = ratios([p.plain.seconds for p in some], [p.looked.seconds for p in some])
            whole = sum(p.plain.seconds * p.plain.tokens for p in some) / sum(
                p.looked.seconds * p.looked.tokens for p in some
            )
            same = sum(pair.looked.text == pair.plain.text for pair in some)
            tokens = spread([pair.plain.tokens for pair in some])
            cells = (tokens, spread(quicker), f"{whole:.2f}", f"{same} of {len(some)}")
            rows.append([task, language, *cells])
    columns = ("task", "asked in", "tokens", "times as quick", "all of them", "the same text")
    return table("Writing with guesses looked up, against without", columns, rows)


def sizes(context: Context, texts: Sequence[Sequence[int]]) -> Table:
    """What it costs to read several tokens in one go, and how exact it is."""
    longest, rows = max(texts, key=len), []
    together(context, longest, max(SIZES))
    for count in SIZES:
        told(f"reading {count} tokens in one go")
        taken = statistics.median(together(context, longest, count)[0] for _ in range(TIMES))
        far, same = list[float](), 0
        for tokens in texts:
            _, these = together(context, tokens, count)
            those = one_by_one(context, tokens, count)
            far.append(max(float(np.abs(a - b).max()) for a, b in zip(these, those, strict=True)))
            same += sum(a.argmax() == b.argmax() for a, b in zip(these, those, strict=True))
        cells = (f"{1000 * taken:.0f}", spread(far), f"{same} of {count * len(texts)}")
        rows.append([str(count), *cells])
    columns = ("tokens in one go", "ms", "furthest a logit differs", "likeliest tokens the same")
    return table(f"Tokens in one go, the last of {len(texts)} prompts", columns, rows)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--index", type=Path, default=Options().index)
    parser.add_argument("--questions", type=int, default=12, help="of each language")
    given = parser.parse_args()
    for shown in tables(Options(given.index), given.questions):
        sys.stdout.write(markdown(shown))


if __name__ == "__main__":
    main()
