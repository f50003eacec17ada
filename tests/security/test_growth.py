"""Growth: twice the text takes no step of the file's or the question's path much more than twice.

Texts are one or two units again and again, or many of one and then as many of another, as attacks
on regular expressions and splitters are.
Only what takes long enough to be measured, and more than twice the time again, is a failure.
"""

import contextlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from index.articles import article, blocks, boilerplate, chunks
from index.articles.article import Article, Source
from index.articles.formats import format_of
from index.converters import delimited, html, metadata, records
from index.errors import UserError
from index.scope import Scope
from index.storage import bm25, near_duplicates
from index.storage.catalog import Entry
from index.text import languages, normal_forms, normalise, sentences
from qa.answering import drafts, followups, question_words
from qa.answering.turns import Turn
from qa.service import file_names
from qa.text import marks, months, names, numbers, repetition
from qa.verification import facts, prompt_injection
from tests.security.fuzz.letters import UNITS

pytestmark = pytest.mark.attack

_DEEP = [Entry("/".join("abcde" * 8) + "/f.txt", "/nowhere", "", "A title")] * 20
_PAIRS = 120  # of units that follow each other, drawn; and of such of which all come one by one
_SMALL = 16_000  # letters, and then twice as many
_QUESTION = 10_000  # letters, of which a question may have some more
_WORTH_S = 0.05  # seconds of processor time for the larger text, below which nothing is said
_MOST = 2.5


def read(name: str) -> Callable[[str], object]:
    """Read a file of this name that holds the text."""
    format = format_of(name)
    assert format
    return lambda text: article.parse(Source(name, format, text.encode(), ""))


def as_article(text: str) -> Article:
    return Article("a.md", text, "", language="en")


def lengths(texts: Sequence[str]) -> list[int]:
    """As many tokens as letters."""
    return [len(text) for text in texts]


def cut(text: str) -> object:
    found = as_article(text)
    return chunks.chunks(found, blocks.blocks(found), lengths)


FILES: dict[str, Callable[[str], object]] = {
    "nfc": normal_forms.nfc,
    "nfkc": normal_forms.nfkc,
    "clean": normalise.clean,
    "sentences": sentences.sentence_spans,
    "language": languages.detect,
    "boilerplate": boilerplate.is_boilerplate,
    "byline": boilerplate.is_byline,
    "words": bm25.tokens,
    "signature": near_duplicates.signature,
    "title": metadata.title,
    "day": metadata.day,
    "blocks": lambda text: blocks.blocks(as_article(text)),
    "chunks": cut,
    "plain file": read("a.txt"),
    "Markdown file": read("a.md"),
    "html": lambda text: html.read(f"<p>{text}</p>".encode()),
    "csv": lambda text: delimited.read(text.encode()),
    "json": lambda text: records.read_json(json.dumps([{"text": text}]).encode()),
    "jsonl": lambda text: records.read_jsonl(json.dumps({"text": text}).encode()),
    "orders": prompt_injection.is_instruction,
    "file name": lambda text: file_names.of_download(text, ".md"),
    "upload's name": file_names.of_upload,
    "front matter": lambda text: read("a.md")(f"---\n{text}\n---\nBread is baked."),
}
QUESTIONS: dict[str, Callable[[str], object]] = {
    "parsed": question_words.parse,
    "facts": lambda text: facts.facts(text, "en"),
    "names": names.names,
    "full names": names.full_names,
    "numbers": numbers.numbers,
    "months": lambda text: months.months(text, "en"),
    "marks": marks.citation_marks,
    "visible": drafts.visible,
    "without links": marks.plain,
    "without marks": marks.clean,
    "cited": marks.cited_sentences,
    "glob": lambda text: Scope(tuple(text[:1000].split(",")[:50])).select(_DEEP),
    "claims": drafts.claims,
    "loops": repetition.loops,
    "unlooped": repetition.unlooped,
    "standalone": lambda text: followups.standalone(
        f"and {text}?", [Turn("user", f"Who is {text}?"), Turn("assistant", text)]
    ),
}


def texts() -> Iterator[tuple[str, str]]:
    """What is repeated, and what then as often."""
    yield from ((unit, "") for unit in UNITS)
    rng = random.Random(1)
    for _ in range(_PAIRS):
        yield rng.choice(UNITS) + rng.choice(UNITS), ""
        yield rng.choice(UNITS), rng.choice(UNITS)


def repeated(unit: str, then: str, size: int) -> str:
    """A text of so many letters."""
    times = size // len(unit + then)
    return unit * times + then * times


def seconds(step: Callable[[str], object], text: str) -> float:
    """Processor time of one call; a refusal is a result too."""
    begun = time.process_time()
    with contextlib.suppress(UserError, ValueError):
        step(text)
    return time.process_time() - begun


def grows(step: Callable[[str], object], once: str, twice: str) -> float:
    """How many times as long twice the text takes; 0 where that is too short to be measured."""
    if (late := seconds(step, twice)) < _WORTH_S:
        return 0.0
    early = min(seconds(step, once) for _ in range(3))
    return min(late, *(seconds(step, twice) for _ in range(2))) / early


def superlinear(step: Callable[[str], object], small: int) -> list[tuple[str, str, float]]:
    """Units by which a step's time grows faster than its text."""
    seconds(step, "hello")
    found = [
        (unit, then, grows(step, repeated(unit, then, small), repeated(unit, then, 2 * small)))
        for unit, then in texts()
    ]
    return [(unit, then, round(ratio, 1)) for unit, then, ratio in found if ratio > _MOST]


@pytest.mark.parametrize("step", FILES)
def test_step_of_a_file_takes_twice_as_long_for_twice_the_text(step: str) -> None:
    assert superlinear(FILES[step], _SMALL) == []


@pytest.mark.parametrize("step", QUESTIONS)
def test_step_of_a_question_takes_twice_as_long_for_twice_the_text(step: str) -> None:
    assert superlinear(QUESTIONS[step], _QUESTION // 2) == []


@pytest.mark.parametrize("step", ["nfc", "nfkc", "clean"])
def test_gate_takes_a_twentieth_of_a_second_for_a_hundred_kilobytes(step: str) -> None:
    size = 100_000
    for unit, then in texts():
        text = repeated(unit, then, size * len(unit + then) // len((unit + then).encode()))
        assert min(seconds(FILES[step], text) for _ in range(3)) < 0.05, (unit, then)
