"""Comparison: what is told of each of two things, or by each of two articles, beside each other.

The sentences are quoted, so nothing is said of a side that the articles do not say; numbers of the
same unit are compared by code. Where one article tells of both in another language than the asker's
the passages are asked first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex

from index.article_sentences import ArticleSentence
from index.embedding.embedder import Vectors
from index.storage.catalog import Entry
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.from_passages import from_passages
from qa.answering.sides import Told, best_pair, worth_of_articles, worth_of_topics
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.question import Question
from qa.text.marks import clean
from qa.text.numbers import Number, numbers
from qa.verification.evidence import Evidence, Sentence, gives_orders
from qa.verification.support import Verdict
from qa.verification.table_cells import cell_by_cell, column_of
from qa.verification.thresholds import TOLD

LEAST = 1.12
"""What both sentences must be worth together to be said: see `sides.best_pair`."""

_LEAST_OF_ARTICLES = 0.75  # the same of two articles, whose names are not looked for
_SHORT_GAP = 2  # words between two topics that go with the second: "or", "and the"
_WORDS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_WORD = regex.compile(r"\P{L}*(\p{L}{0,4})")  # the first letters of what a number counts


@dataclass(frozen=True, slots=True)
class _Side:
    """A side of a comparison: what it is called, how it is asked about, and what was found."""

    name: str
    question: Question
    found: Evidence


def compared(asking: Asking, answer: Answer) -> Growing:
    """Yield both sides as they are told; not answered where no two sentences tell enough."""
    sides = _sides(asking)
    if sides and _told_together(sides) and sides[0].found.language != answer.language:
        said = yield from from_passages(asking, answer)
        if said.answered:
            return said
    for side in sides:
        asking.stop.raise_if_set()
        answer = _said(asking, answer, side)
        yield asking.timed(answer)
    line = _beside(answer, *sides) if sides else ""
    return replace(answer, text=f"{answer.text}\n{line}") if line else answer


def _sides(asking: Asking) -> list[_Side]:
    """Both sides, or none: two things that are named, else two articles that were picked."""
    topics = asking.reader.topics(asking.question.text, "compare")
    sides = _of_topics(asking, topics) if len(topics) == 2 else []
    if sides or asking.scope.is_all:
        return sides
    entries = asking.index.articles(asking.scope)
    return _of_articles(asking, entries) if len(entries) == 2 else []


def _told_together(sides: Sequence[_Side]) -> bool:
    """Whether one article tells of both: then the model may say both in the asker's language."""
    return len({side.found.article for side in sides}) == 1


def _of_topics(asking: Asking, topics: Sequence[tuple[int, int]]) -> list[_Side]:
    text = asking.question.text
    names, asked = [text[a:b] for a, b in topics], side_questions(text, topics)
    if (told := _told(asking, [text, *asked, *names])) is None:
        return []
    vectors = asking.reader.questions([*asked, *names])
    pair = best_pair(told, worth_of_topics(told, vectors[:2], vectors[2:]), LEAST)
    return _found(asking, names, asked, pair)


def _of_articles(asking: Asking, entries: Sequence[Entry]) -> list[_Side]:
    text, names = asking.question.text, [entry.title or entry.id for entry in entries]
    if (told := _told(asking, [text, *names])) is None:
        return []
    worth = worth_of_articles(told, asking.reader.questions([text])[0], [e.id for e in entries])
    return _found(asking, names, [text, text], best_pair(told, worth, _LEAST_OF_ARTICLES))


def _found(
    asking: Asking, names: Sequence[str], asked: Sequence[str], pair: Sequence[ArticleSentence]
) -> list[_Side]:
    """The sides with their sentences; none without any."""
    language = asking.question.language
    return [
        _Side(name, Question(each, language), _evidence(asking, each, sentence))
        for name, each, sentence in zip(names, asked, pair, strict=bool(pair))
    ]


def side_questions(text: str, topics: Sequence[tuple[int, int]]) -> list[str]:
    """The question about each of two topics alone, as "Which is dearer, the ferry?".

    Args:
        text: the question.
        topics: half-open ranges of its code points, in order.
    """
    (start, end), (second, last) = topics
    if len(_WORDS.findall(text[end:second])) < _SHORT_GAP:
        return [f"{text[:start]}{text[a:b]}{text[last:]}" for a, b in topics]
    return [f"{text[:second]}{text[last:]}", f"{text[:start]}{text[end:]}"]


def _told(asking: Asking, texts: Sequence[str]) -> Told | None:
    """The sentences of the passages that are near to any of some texts; None without any."""
    asking.stop.raise_if_set()
    passages = {
        (passage.article, passage.start): passage
        for text in dict.fromkeys(texts)
        for passage in asking.search(text)
    }
    sentences = [
        sentence
        for sentence in asking.index.sentences_of(list(passages.values()))
        if not gives_orders(sentence.text)
    ]
    if not sentences:
        return None
    return Told(sentences, _vectors(asking, sentences))


def _vectors(asking: Asking, sentences: Sequence[ArticleSentence]) -> Vectors:
    """The sentences' vectors by the reader's embedder: the index has those of its own."""
    if asking.index.embedder_fingerprint != asking.reader.embedder_fingerprint:
        return asking.reader.sentences([sentence.text for sentence in sentences])
    return asking.reader.neutral(np.stack([sentence.vector for sentence in sentences]))


def _evidence(asking: Asking, asked: str, sentence: ArticleSentence) -> Evidence:
    """The sentence, and where it tells of the side."""
    (reading,) = asking.reader.read(asked, [sentence.text])
    reading = cell_by_cell(asked, sentence.text, reading, asking.reader)
    start, end = sentence.start + reading.start, sentence.start + reading.end
    one = Sentence(sentence.article, sentence.start, sentence.end, sentence.text)
    return Evidence("", (one,), start, end, reading.probability)


def _said(asking: Asking, answer: Answer, side: _Side) -> Answer:
    """The answer with what was found of a side."""
    writer = PassageWriter(side.question, answer.language, side.found, asking.model)
    proof = Verdict("supported", side.found.sentences, side.found.told)
    return Wording(writer).quote(answer, proof)


def _beside(answer: Answer, one: _Side, other: _Side) -> str:
    """Both numbers in one line, where both count the same: "9 florins < 14 florins"."""
    left, right = (_only_number(side.found) for side in (one, other))
    if left is None or right is None or one.found.sentences == other.found.sentences:
        return ""
    if _counted(one.found, left) != _counted(other.found, right):
        return ""
    less, more = max(left.values) < min(right.values), min(left.values) > max(right.values)
    sign = "=" if left.same(right) else "<" if less else ">" if more else ""
    told = f"{_named(answer, one)} {sign} {_named(answer, other)}"
    return told if sign else ""


def _only_number(found: Evidence) -> Number | None:
    """The number that the reader found, where it is one and tells."""
    stated = numbers(found.found)
    return stated[0] if len(stated) == 1 and found.told >= TOLD else None


def _named(answer: Answer, side: _Side) -> str:
    """What a side is called, what was found of it, and its mark."""
    place = side.found.sentences[0]
    marks = [
        c.marker for c in answer.citations if (c.article, c.start) == (place.article, place.start)
    ]
    said = clean(f"{side.name}: {side.found.found}")  # a title's and an article's own words
    return said + "".join(f" [{mark}]" for mark in marks)


def _counted(found: Evidence, number: Number) -> str:
    """What a number counts: the word behind it, or the name of its column in a table."""
    (sentence,) = found.sentences
    column = column_of(sentence.text, found.start - sentence.start)
    match = _WORD.match(found.found, number.end)
    return f"{column} {match[1].casefold() if match else ''}".strip()
