"""How long a person waits for the first sentence of a summary, by how long the article is.

    python -m tests.benchmarks.summing_up [--runs 5]

The articles are real sentences put together anew, under a title of their own. The vectors of the
index are a stand-in's, as in `scale.py`; the reader that tells what is asked for is the real one.
No language model is needed: a summary says what stands there.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from index.build import sync
from index.scope import Scope
from index.search import Searcher
from qa.ask import ask
from qa.cli import opening
from qa.extraction.reader import Reader
from tests.benchmarks.options import Options
from tests.benchmarks.scale import StandIn, sentences
from tests.benchmarks.table import Table, markdown, table
from tests.benchmarks.timing import number, ratios, spread, turns
from tests.support.fakes import ScriptedModel

WORDS = (1_000, 10_000, 100_000)
QUESTIONS = {
    "of the one article": "What are the main points?",
    "of the one that is named": "What is the article “Report {}” about?",
}


def write_article(file: Path, words: int, known: list[str]) -> None:
    """An article of so many words, four sentences to a paragraph."""
    chance, texts, count = random.Random(words), list[str](), 0
    while count < words:
        texts.append(chance.choice(known))
        count += len(texts[-1].split())
    paragraphs = (" ".join(texts[i : i + 4]) for i in range(0, len(texts), 4))
    text = "\n\n".join((f"# Report {file.stem}", *paragraphs))
    file.write_text(text, encoding="utf-8")


def until_first(searcher: Searcher, reader: Reader, question: str, words: int) -> float:
    """Seconds until the first sentence about the article of so many words can be read."""
    scope, model = Scope((f"{words}.md",)), ScriptedModel("NONE")
    reader.kind("Another question?")  # whose vector is kept then, as before a person's first one
    begun = time.perf_counter()
    for answer in ask(question, searcher, reader, model, scope=scope):
        if answer.text:
            return time.perf_counter() - begun
    raise ValueError(f"nothing was said to “{question}”")


def tables(options: Options) -> Iterator[Table]:
    """Of articles of several lengths."""
    known = [text for text in sentences() if text.isascii()]  # where spaces tell words
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "articles"
        folder.mkdir()
        for words in WORDS:
            write_article(folder / f"{words}.md", words, known)
        sync([folder], Path(work) / "index", StandIn())
        yield waits(Path(work) / "index", options.runs)


def waits(index: Path, runs: int) -> Table:
    """The time to the first sentence, by the length of the article and by how it is asked for."""
    searcher, reader = Searcher(index, StandIn()), opening.reader()
    columns, rows = ["words"], [[f"{words:,}"] for words in WORDS]
    for how, question in QUESTIONS.items():
        ways = {
            str(words): partial(until_first, searcher, reader, question.format(words), words)
            for words in WORDS
        }
        found = {int(words): times[1:] for words, times in turns(ways, runs + 1).items()}
        for row, words in zip(rows, WORDS, strict=True):
            row += shown(found[words], found[WORDS[0]])
        columns += [how, "÷ the shortest"]
    note = "The ratios are medians of those within each run. What opens the index is left out."
    return table("Until the first sentence of a summary", columns, rows, note)


def shown(these: list[float], those: list[float]) -> list[str]:
    """Seconds, and by how many times those of the shortest article."""
    return [spread(these), number(statistics.median(ratios(these, those)))]


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    for each in tables(Options(runs=given.runs)):
        sys.stdout.write(markdown(each))


if __name__ == "__main__":
    main()
