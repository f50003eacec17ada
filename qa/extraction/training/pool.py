"""Pool: a question set from which examples are drawn, with parts of passages and wrong passages."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar

import regex

from index.text.scripts import UNSPACED
from index.text.sentences import sentence_spans
from qa.extraction.training.nearest import Nearest
from qa.extraction.training.question_sets import Answer, Question, QuestionSet, norm

# How often a language is drawn, as question or as passage of a parallel set; others once.
LANGUAGES: Mapping[str, float] = {
    **{"en": 3, "hi": 4, "zh": 2, "es": 2},
    **{"th": 0.5, "el": 0.5, "ro": 0.5},
}
_WHOLE = 0.5  # share of the passages that are shown whole
_JOINED_BELOW = 900  # code points of each of two passages shown as one
_SHORT = 40  # code points, below which what is left of a passage is not worth asking
_UNSPACED = regex.compile(rf"[{UNSPACED}]")

Span = tuple[int, int]
E = TypeVar("E")


class Pool:
    """The same random numbers give the same examples."""

    def __init__(self, among: QuestionSet, rng: random.Random) -> None:
        """Index the set's passages by article and language, and its questions by passage."""
        self.name, self.rng = among.name, rng
        self.passages, self.questions = among.passages, among.questions
        self._of_article: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._of_language: dict[str, list[int]] = defaultdict(list)
        for position, passage in enumerate(self.passages):
            self._of_language[passage.language].append(position)
            if passage.title:
                self._of_article[passage.title, passage.language].append(position)
        self._beside: dict[int, list[Question]] = defaultdict(list)
        for question in self.questions:
            for answer in question.answers.values():
                self._beside[answer.passage].append(question)
        self._nearest: dict[str, Nearest] = {}
        self.has_unanswerable = any(
            not answer.tells for q in self.questions for answer in q.answers.values()
        )

    def examples(self, make: Callable[["Pool", Question], E | None]) -> Iterator[E]:
        """Examples without end, one for each question at most before one comes again.

        There is an end where a whole round made none.
        """
        made = True
        while made:
            made = False
            for question in self.rng.sample(self.questions, len(self.questions)):
                if example := make(self, question):
                    yield example
                    made = True

    def drawn(self, languages: Iterable[str]) -> str:
        """One of the languages."""
        among = list(languages)
        if len(among) == 1:
            return among[0]
        return self.rng.choices(among, [LANGUAGES.get(each, 1) for each in among])[0]

    def told(self, answer: Answer) -> list[str]:
        """The texts of an answer's spans, each once."""
        text = self.passages[answer.passage].text
        return list(dict.fromkeys(text[start:end] for start, end in answer.spans))

    def beside(self, question: Question, language: str) -> list[Question]:
        """The other questions of its passage in this language."""
        there = self._beside[question.answers[language].passage]
        return [each for each in there if each is not question]

    def any_passages(self, language: str, count: int) -> list[str]:
        """Texts of passages of a language, drawn blindly; none if there is no such passage."""
        there = self._of_language.get(language)
        return [self.passages[i].text for i in self.rng.choices(there, k=count)] if there else []

    def other_passage(self, question: Question, answer: Answer) -> str:
        """A passage of the same language without the answer: of its article, near, or any."""
        passage, draw = self.passages[answer.passage], self.rng.random()
        others: Sequence[int] = ()
        if draw < 0.5:
            others = self._of_article.get((passage.title, passage.language), ())
        asked = question.texts.get(passage.language)
        if not others and asked and draw < 0.92:
            others = self._near(passage.language, asked)
        if not others:
            others = self.rng.choices(self._of_language[passage.language], k=3)
        told = self.told(answer)
        texts = [self.passages[other].text for other in others]
        sound = [text for text in texts if text != passage.text and not contains(text, told)]
        return self.some_sentences(self.rng.choice(sound))[0] if sound else ""

    def _near(self, language: str, question: str) -> list[int]:
        if language not in self._nearest:
            self._nearest[language] = Nearest(self.passages, self._of_language[language])
        return self._nearest[language](question)

    def without(self, answer: Answer) -> str:
        """The passage less the sentences that tell; empty if it tells all the same."""
        text = self.passages[answer.passage].text
        rest = "".join(
            text[start:end]
            for start, end in spans_of_sentences(text)
            if not any(start < there[1] and there[0] < end for there in answer.spans)
        ).strip()
        return "" if len(rest) < _SHORT or contains(rest, self.told(answer)) else rest

    def some_sentences(self, text: str, span: Span | None = None) -> tuple[str, Span | None]:
        """The passage whole, or a run of its sentences, about the span if there is one."""
        bounds = spans_of_sentences(text)
        if len(bounds) < 2 or self.rng.random() < _WHOLE:
            return text, span
        room = self.rng.choice((150, 250, 400, 600)) * (0.5 if _UNSPACED.search(text) else 1)
        first = last = self.rng.randrange(len(bounds))
        if span:
            touched = [i for i, (s, e) in enumerate(bounds) if s < span[1] and span[0] < e]
            first, last = touched[0], touched[-1]
        while bounds[last][1] - bounds[first][0] < room:
            wider = [(first - 1, last), (first, last + 1)]
            wider = [(low, high) for low, high in wider if low >= 0 and high < len(bounds)]
            if not wider:
                break
            first, last = self.rng.choice(wider)
        start, end = bounds[first][0], bounds[last][1]
        return text[start:end], (span[0] - start, span[1] - start) if span else None

    def joined(self, position: int, span: Span) -> tuple[str, Span]:
        """The passage with another of its article before or behind it, if both are short."""
        passage = self.passages[position]
        of_article = self._of_article.get((passage.title, passage.language), ())
        others = [self.passages[i].text for i in of_article if i != position]
        others = [each for each in others if len(each) < _JOINED_BELOW and each != passage.text]
        if not others or len(passage.text) >= _JOINED_BELOW:
            return passage.text, span
        other = self.rng.choice(others)
        if self.rng.random() < 0.5:
            return f"{passage.text}\n{other}", span
        moved = len(other) + 1
        return f"{other}\n{passage.text}", (span[0] + moved, span[1] + moved)


def contains(text: str, told: Iterable[str]) -> bool:
    """Whether a text has one of the answers in it."""
    whole = norm(text)
    return any(norm(each) in whole for each in told)


@cache
def spans_of_sentences(text: str) -> list[Span]:
    """`index.text.sentences.sentence_spans`, kept, since passages come again and again."""
    return sentence_spans(text)
