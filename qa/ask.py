"""THE ASKING JOB, one page: question -> passages -> evidence -> model -> checked answer.

Terminal, page and evaluation all call `ask`.
"""

import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import prompts
from index.languages import ENGLISH_NAMES, detect
from index.search import Passage
from qa.answer import Answer, Nearest, Timings, add, claims, finished, is_none, visible
from qa.errors import BadQuestion
from qa.evidence import Evidence, choose
from qa.history import Turn, asked_in, understand
from qa.llm import Draft, Message, Model
from qa.numbers import localise
from qa.support import Support, support
from qa.thresholds import thresholds

# Tokens the model reads at most. Reading is what a person waits for: 45 to 90 a second on two
# cores. A Hindi passage costs 300 to 700 of them.
PROMPT_TOKENS = 1536
_QUESTION_TOKENS = 512
_PASSAGE_TOKENS = PROMPT_TOKENS - _QUESTION_TOKENS - 128  # the rest: instructions and template
_TOO_LONG = (
    f"The question is longer than {_QUESTION_TOKENS} tokens of the model. "
    "Ask it in a few sentences; put long texts into the articles' folder instead."
)
_SHOWN = 3  # passages that a refusal shows


class Index(Protocol):
    """What asking needs of an index."""

    @property
    def embedder_name(self) -> str:
        """What people call the embedder; its thresholds go by it."""

    def search(self, question: str, limit: int = 10) -> list[Passage]:
        """The passages nearest to the question, best first."""

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of shape (len(questions), len(passages))."""


def ask(
    question: str,
    index: Index,
    model: Model,
    *,
    history: Sequence[Turn] = (),
    language: str | None = None,
    limit: int = 10,
) -> Iterator[Answer]:
    """Yield the answer as it grows; the last one is complete. There is always at least one.

    Args:
        question: in any language.
        index: where the passages are found.
        model: what writes.
        history: the turns before, oldest first; a question that leans on them is asked in full.
        language: ISO 639 code to answer in; the question's own when None.
        limit: how many passages are searched.

    Raises:
        BadQuestion: it is empty, or longer than the model can be given.
    """
    question = check(question, model)
    clock = _Clock()
    standing = understand(question, history, model)
    asked = standing or question
    passages = index.search(asked, limit)
    clock.retrieved()
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score)
        for p in sorted(passages, key=lambda p: -p.score)[:_SHOWN]
    )
    answer = Answer(
        question, language or asked_in(question, history), nearest=near, standing=standing
    )
    yield replace(answer, timings=clock.timings)
    limits = thresholds(index.embedder_name)
    for evidence in choose(passages, detect(asked), limits, model.count, _PASSAGE_TOKENS):
        grown = answer
        prove = partial(
            support,
            asked,
            evidence=evidence.sentences,
            similarity=index.similarity,
            limits=limits,
        )
        draft = _write(asked, answer.language, evidence, model)
        for grown in _read(answer, draft, prove, clock):
            yield grown
        if grown.answered:
            yield replace(grown, nearest=(), timings=clock.timings, done=True)
            return
    text = refusal(answer.language)
    yield replace(answer, text=text, timings=clock.timings, done=True)


def _read(
    answer: Answer, draft: Draft, prove: Callable[[str], Support], clock: "_Clock"
) -> Iterator[Answer]:
    """What the model answers from one passage, sentence by proven sentence."""
    text, checked = "", 0
    for piece in draft:
        text += piece
        shown = visible(text)
        clock.wrote(shown)
        whole, last = finished(shown)
        for claim in whole[checked:]:
            answer = add(answer, claim, prove(claim))
            checked += 1
        yield replace(answer, draft=last, timings=clock.timings)
    clock.read(draft)
    if not is_none(text):
        for claim in claims(text)[checked:]:
            answer = add(answer, claim, prove(claim))
    yield replace(answer, draft="", timings=clock.timings)


def check_text(question: str) -> str:
    """The question in NFC, without white space around it.

    Raises:
        BadQuestion: it is empty, or far too long for any model.
    """
    # Articles are NFC; the embedder's own normalisation does not compose letters and accents.
    question = unicodedata.normalize("NFC", question).strip()
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise BadQuestion(
            "The question is not UTF-8 text. Type it again, or give it as a file to `-`."
        )
    if not question:
        raise BadQuestion('The question is empty. Ask one: article-qa ask "QUESTION"')
    # A token is seldom more than some ten letters; a book is refused before any model is loaded.
    if len(question) > 20 * _QUESTION_TOKENS:
        raise BadQuestion(_TOO_LONG)
    return question


def check(question: str, model: Model) -> str:
    """As `check_text`, and no longer than `model` can be given.

    Raises:
        BadQuestion: it is empty or too long.
    """
    question = check_text(question)
    if model.count(question) > _QUESTION_TOKENS:
        raise BadQuestion(_TOO_LONG)
    return question


def check_language(code: str | None) -> None:
    """See that an answer can be asked for in this language.

    Raises:
        BadQuestion: the code is not known.
    """
    if code is not None and code not in ENGLISH_NAMES:
        known = ", ".join(sorted(ENGLISH_NAMES))
        raise BadQuestion(f"The language {code!r} is not known. Use one of: {known}")


def refusal(language: str) -> str:
    """That the articles do not tell, in `language`, or in English when it is not known."""
    said = prompts.refusals()
    return said.get(language, said["en"])


def _write(question: str, language: str, evidence: Evidence, model: Model) -> Draft:
    system, user = prompts.load("answer_system"), prompts.load("answer")
    words = localise(evidence.text, detect(evidence.text), language)
    passage = f"{evidence.context}\n{words}" if evidence.context else words
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
