"""Asking: one question on its way to an answer, and what is needed for that."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.article_sentences import ArticleSentence
from index.passage import Page, Passage
from index.scope import EVERYTHING, Scope
from index.storage.catalog import Entry
from qa.answer import Answer
from qa.answering.standing import Standing
from qa.answering.timing import Stopwatch
from qa.cancellation import StopFlag
from qa.extraction.reader import Kind, Reader
from qa.llm.model import LanguageModel
from qa.question import Question
from qa.text.numbers import numbers
from qa.verification.answer_type import in_words
from qa.verification.calibrations import thresholds
from qa.verification.evidence import PASSAGE_TOKENS, Evidence, choose
from qa.verification.thresholds import Pair, Thresholds

Growing = Generator[Answer, None, Answer]
"""Yields an answer as it grows, and returns it whole, answered or not."""


class Index(Protocol):
    """What asking needs of an index."""

    @property
    def embedder_fingerprint(self) -> str:
        """Of the embedder that searches; thresholds are measured with one."""

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        """The passages of a scope that are nearest to the question, best first."""

    def articles(self, scope: Scope = EVERYTHING) -> list[Entry]:
        """The articles of a scope, in the order of their ids."""

    def lengths(self, articles: Iterable[str]) -> dict[str, int]:
        """Code points of the texts of some articles, by their ids."""

    def sentences(self, articles: Sequence[str]) -> list[ArticleSentence]:
        """The sentences of some articles with their vectors, in the order of the articles."""

    def sentences_of(self, passages: Sequence[Passage]) -> list[ArticleSentence]:
        """The sentences of some passages with their vectors, in the order of the passages."""

    def page(self, article: str, offset: int) -> Page | None:
        """The page, slide or sheet that holds a code point of an article, where it has any."""

    def address(self, article: str) -> str:
        """The web address of an article that was fetched; "" of any other."""

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of shape (len(questions), len(passages))."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that can be understood alone, and what answers it.

    `language` is the ISO 639 code to answer in; `limit` is how many passages are searched;
    `standing` says what a question that leans on earlier turns takes from them.
    """

    question: Question
    language: str
    index: Index
    reader: Reader
    model: LanguageModel
    scope: Scope
    limit: int
    clock: Stopwatch
    stop: StopFlag
    standing: Standing | None = None

    def timed(self, answer: Answer) -> Answer:
        """An answer with the timings until now."""
        return replace(answer, timings=self.clock.timings)

    def search(self, text: str, limit: int | None = None) -> list[Passage]:
        """The passages of the scope that are nearest to a text; `limit` of them when not None."""
        found = self.index.search(text, self.limit if limit is None else limit, self.scope)
        self.clock.retrieved()
        return found

    def choose(self, asked: Question, passages: Sequence[Passage]) -> Iterator[Evidence]:
        """The passages worth writing from: see `evidence.choose`."""
        return choose(asked, passages, self.reader, self.model.count, PASSAGE_TOKENS)

    @property
    def limits(self) -> Thresholds:
        """The thresholds in force for this model and embedder."""
        return thresholds(Pair(self.model.sha256, self.index.embedder_fingerprint))

    @property
    def kind(self) -> Kind:
        """What the question asks for."""
        told = self.standing.kind if self.standing else None
        return told or self.reader.kind(self.question.text)

    def topics(self) -> list[str]:
        """What the question is about, in its own words."""
        if self.standing and self.standing.topics is not None:
            return list(self.standing.topics)
        text = self.question.text
        return [text[start:end] for start, end in self.reader.topics(text, self.kind)]

    def counted(self, most: int, default: int) -> int:
        """How many are asked for, from 1 to `most`: "in three sentences", "the newest two"."""
        if self.sentences:
            return min(self.sentences, most)
        text, language = self.question.text, self.question.language
        said = {value for number in numbers(text) for value in number.values}
        small = [int(n) for n in said | in_words(text, language) if n in range(1, most + 1)]
        return small[0] if len(small) == 1 else default

    @property
    def sentences(self) -> int:
        """How many sentences an answer is to have, where an earlier one was too long; else 0."""
        return self.standing.sentences if self.standing else 0
