"""THE ASKING JOB, one page: question -> passages -> evidence -> model -> checked answer.

Terminal, page and evaluation all call `ask`.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import prompts
from index.search import Passage
from qa.answer import Answer, Nearest, Timings, cite, is_none, visible
from qa.errors import BadQuestion
from qa.evidence import Evidence, choose
from qa.languages import ENGLISH_NAMES, detect
from qa.llm import Draft, Message, Model
from qa.support import support

# Tokens the model reads at most. Reading is what a person waits for: 70 to 90 a second on two
# cores. A Hindi passage of 192 embedder tokens costs some 500.
PROMPT_TOKENS = 1536
_QUESTION_TOKENS = 512
_SHOWN = 3  # passages that a refusal shows


class Index(Protocol):
    """What asking needs of an index."""

    def search(self, question: str, limit: int = 10) -> list[Passage]:
        """The passages nearest to the question, best first."""

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of shape (len(questions), len(passages))."""


def ask(
    question: str, index: Index, model: Model, *, language: str | None = None, limit: int = 10
) -> Iterator[Answer]:
    """Yield the answer as it grows; the last one is complete. There is always at least one.

    Args:
        question: in any language.
        index: where the passages are found.
        model: what writes.
        language: ISO 639 code to answer in; the question's own when None.
        limit: how many passages are searched.

    Raises:
        BadQuestion: it is empty, or longer than the model can be given.
    """
    question = check(question, model)
    clock = _Clock()
    answer = Answer(question, language or detect(question))
    passages = index.search(question, limit)
    clock.retrieved()
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score)
        for p in sorted(passages, key=lambda p: -p.score)[:_SHOWN]
    )
    yield replace(answer, nearest=near, timings=clock.timings)
    for evidence in choose(passages, model.count, PROMPT_TOKENS - 2 * _QUESTION_TOKENS):
        draft = _write(question, answer.language, evidence, model)
        text = ""
        for piece in draft:
            text += piece
            clock.wrote(visible(text))
            yield replace(answer, text=visible(text), nearest=near, timings=clock.timings)
        clock.read(draft)
        if is_none(text):
            continue
        prove = partial(support, question, evidence=evidence.sentences, similarity=index.similarity)
        checked = cite(answer, text, prove)
        if checked.answered:
            yield replace(checked, timings=clock.timings)
            return
    yield replace(
        answer,
        text=refusal(answer.language),
        nearest=near,
        timings=clock.timings,
        done=True,
    )


def check(question: str, model: Model) -> str:
    """The question without white space around it.

    Raises:
        BadQuestion: it is empty, or longer than the model can be given.
    """
    question = question.strip()
    if not question:
        raise BadQuestion('The question is empty. Ask one: article-qa ask "QUESTION"')
    # A token is at most some ten code points, so that a book is refused without being read.
    if len(question) > 20 * _QUESTION_TOKENS or model.count(question) > _QUESTION_TOKENS:
        raise BadQuestion(
            f"The question is longer than {_QUESTION_TOKENS} tokens of the model. "
            "Ask it in a few sentences; put long texts into the articles' folder instead."
        )
    return question


def refusal(language: str) -> str:
    """That the articles do not tell, in `language`, or in English when it is not known."""
    said = prompts.refusals()
    return said.get(language, said["en"])


def _write(question: str, language: str, evidence: Evidence, model: Model) -> Draft:
    system, user = prompts.load("answer_system"), prompts.load("answer")
    passage = f"{evidence.context}\n{evidence.text}" if evidence.context else evidence.text
    text = user.fill(
        passages=f"[1] {passage}",
        question=question,
        language=ENGLISH_NAMES.get(language, language),
    )
    return model.write(
        [Message("system", system.fill()), Message("user", text)],
        int(user.settings["max_tokens"]),
        float(user.settings["temperature"]),
    )


class _Clock:
    """Seconds and tokens of one question."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._timings = Timings()

    @property
    def timings(self) -> Timings:
        return replace(self._timings, total_s=self._now())

    def retrieved(self) -> None:
        self._timings = replace(self._timings, retrieve_s=self._now())

    def wrote(self, text: str) -> None:
        if text and not self._timings.first_token_s:
            self._timings = replace(self._timings, first_token_s=self._now())

    def read(self, draft: Draft) -> None:
        t = self._timings
        self._timings = replace(
            t,
            prompt_tokens=t.prompt_tokens + draft.prompt_tokens,
            cached_tokens=t.cached_tokens + draft.cached_tokens,
            answer_tokens=t.answer_tokens + draft.answer_tokens,
        )

    def _now(self) -> float:
        return round(time.perf_counter() - self._start, 4)
