"""Whether prompt lookup would write quicker, and whether it would write the same.

    python -m tests.benchmarks.lookup [--index .article-qa] [--questions 6]

Prompt lookup (Saxena 2023, after Leviathan et al. 2023, arXiv:2211.17192) guesses that words which
stood in the prompt go on as they did there, and has the model read the guess in one go, which costs
less than word by word. Of questions of each language, writes the answer of the nearest passage as
ever, then counts in how many steps lookup would have written it. What came of it is in START.md.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.languages import detect
from index.search import Searcher
from qa import opening
from qa.ask import PASSAGE_TOKENS
from qa.context import Context, Logits
from qa.evidence import choose
from qa.llm import LlamaModel
from qa.reading import Reading
from qa.thresholds import thresholds
from tests.benchmarks.first_word import LANGUAGES, answered, loaded
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import spread, told

MOST = 80  # tokens written
MATCHED = 3, 2  # so many tokens must have stood before, the longer tried first
GUESSES = 1, 2, 3, 5, 7, 15  # tokens guessed at most
TIMES = 5


def drafts(index: Path, model: LlamaModel, questions: int) -> Iterator[tuple[str, list[int], int]]:
    """The language, all tokens, and how many of them are the prompt's, of each answer."""
    searcher = opening.searcher(index, None)
    for language in LANGUAGES:
        for case in answered(index, language)[:questions]:
            told(f"writing {case.id}")
            prompt = prompt_of(case.question, searcher, model)
            yield language, written(model, prompt), len(prompt)


def prompt_of(question: str, searcher: Searcher, model: LlamaModel) -> list[int]:
    """What is read to answer from the nearest passage."""
    language = detect(question)
    limits = thresholds(searcher.embedder_name, model.sha256)
    first, *_ = choose(searcher.search(question, 10), language, limits, model.count, PASSAGE_TOKENS)
    return model._asked(Reading(question, language, first, model).to_answer()).tokens


def written(model: LlamaModel, prompt: Sequence[int]) -> list[int]:
    """The prompt and its likeliest end."""
    tokens = list(prompt)
    model.forget()
    while len(tokens) < len(prompt) + MOST and not (
        len(tokens) > len(prompt) and model.ends(tokens[-1])
    ):
        tokens.append(int(read(model._context, [tokens])[0].argmax()))
    return tokens


def read(context: Context, texts: Sequence[list[int]]) -> list[Logits]:
    """What may come behind each text, all read in one go."""
    return [one.logits for one in context.read(texts)]


def guess(tokens: Sequence[int], most: int) -> list[int]:
    """How a text goes on if it goes on as it did where its last tokens stood last."""
    for length in MATCHED:
        tail = tokens[-length:]
        for i in range(len(tokens) - length - 1, -1, -1):
            if tokens[i : i + length] == tail:
                return list(tokens[i + length : i + length + most])
    return []


def steps(tokens: Sequence[int], begin: int, most: int) -> list[tuple[int, int]]:
    """Of each step that lookup takes: how many tokens are read in one go, and how many written."""
    taken, at = list[tuple[int, int]](), begin + 1  # the prompt tells the first one
    while at < len(tokens):
        guessed = guess(tokens[:at], most)
        right = 0
        while (
            right < min(len(guessed), len(tokens) - at - 1) and guessed[right] == tokens[at + right]
        ):
            right += 1
        taken.append((1 + len(guessed), 1 + right))
        at += 1 + right
    return taken


def costs(context: Context, tokens: Sequence[int]) -> dict[int, float]:
    """Seconds to read so many tokens in one go, with what comes behind each; medians."""
    sizes = range(1, max(GUESSES) + 2)
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(TIMES):
        for size in sizes:
            texts = behind(context, tokens, size)
            begun = time.perf_counter()
            read(context, texts)
            found[size].append(time.perf_counter() - begun)
    return {size: statistics.median(some) for size, some in found.items()}


def behind(context: Context, tokens: Sequence[int], count: int) -> list[list[int]]:
    """Have all but the last `count` tokens read; the texts that end with each of these."""
    begin = len(tokens) - count
    context.clear()
    read(context, [list(tokens[:begin])])
    return [list(tokens[: begin + i + 1]) for i in range(count)]


def strays(context: Context, tokens: Sequence[int], count: int) -> tuple[float, bool]:
    """The furthest that a logit differs from one by one, and whether the likeliest are the same."""
    together = read(context, behind(context, tokens, count))
    alone = [read(context, [text])[0] for text in behind(context, tokens, count)]
    far = max(float(np.abs(a - b).max()) for a, b in zip(alone, together, strict=True))
    same = all(a.argmax() == b.argmax() for a, b in zip(alone, together, strict=True))
    return far, same


def tables(options: Options, questions: int) -> Iterator[Table]:
    """What it would gain, and whether it is exact."""
    model = loaded()
    texts = list(drafts(options.index, model, questions))
    _, longest, _ = max(texts, key=lambda text: len(text[1]) - text[2])
    told("timing")
    yield gains(texts, costs(model._context, longest))
    rows = []
    for most in GUESSES:
        told(f"comparing {most + 1} tokens in one go with one by one")
        found = [strays(model._context, tokens, most + 1) for _, tokens, _ in texts]
        same = sum(alike for _, alike in found)
        rows.append([str(most + 1), spread([far for far, _ in found]), f"{same} of {len(found)}"])
    columns = "tokens in one go", "furthest a logit differs", "likeliest tokens the same"
    yield table("The same, to the bit?", columns, rows)


def gains(texts: Sequence[tuple[str, list[int], int]], cost: Mapping[int, float]) -> Table:
    """By language and length of the guesses: how much quicker each answer would be written."""
    rows = []
    for language in LANGUAGES:
        some = [(tokens, begin) for name, tokens, begin in texts if name == language]
        for most in GUESSES:
            quicker, a_step = list[float](), list[float]()
            for tokens, begin in some:
                taken = steps(tokens, begin, most)
                wrote = sum(count for _, count in taken)
                if wrote:
                    a_step.append(wrote / len(taken))
                    quicker.append(wrote * cost[1] / sum(cost[size] for size, _ in taken))
            rows.append([language, str(len(quicker)), str(most), spread(a_step), spread(quicker)])
    priced = ", ".join(f"{count}: {1000 * cost[count]:.0f}" for count in cost)
    note = f"Milliseconds to read so many tokens in one go: {priced}."
    columns = "asked in", "n", "guessed at most", "tokens a step", "times as quick"
    return table("What lookup would gain", columns, rows, note)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--index", type=Path, default=Options().index)
    parser.add_argument("--questions", type=int, default=6, help="of each language")
    given = parser.parse_args()
    for shown in tables(Options(given.index), given.questions):
        sys.stdout.write(markdown(shown))


if __name__ == "__main__":
    main()
