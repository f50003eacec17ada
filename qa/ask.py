"""THE ASKING JOB, one page: question -> passages -> evidence -> model -> checked answer.

Terminal, page and evaluation all call `ask`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import prompts
from index.passage import Passage
from qa.answer import Answer, Nearest
from qa.answering.attempt import PassageAttempt
from qa.answering.question import check
from qa.answering.reader import PassageReader
from qa.answering.rewriting import understand
from qa.answering.timing import Stopwatch
from qa.answering.turns import Turn
from qa.cancellation import StopFlag
from qa.llm.model import LanguageModel
from qa.verification.evidence import PASSAGE_TOKENS, choose
from qa.verification.thresholds import Thresholds, thresholds

# All that the model reads at most: also instructions, its own answer and its template.
PROMPT_TOKENS = 1792
# So much above what it takes to tell, no passage that comes later is better: see CALIBRATION.md.
_CERTAIN = 1.0
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
    model: LanguageModel,
    *,
    history: Sequence[Turn] = (),
    language: str | None = None,
    limit: int = 10,
    stop: StopFlag | None = None,
) -> Iterator[Answer]:
    """Yield the answer as it grows; the last one is complete. There is always at least one.

    The first one comes when the passages are found, with the nearest of them.

    Args:
        question: in any language.
        index: where the passages are found.
        model: what writes.
        history: the turns before, oldest first; a question that leans on them is asked in full.
        language: ISO 639 code to answer in; the question's own when None.
        limit: how many passages are searched.
        stop: a flag; once it is set the answer is given up within a second, in whatever step.

    Raises:
        BadQuestion: it is empty, or longer than the model can be given.
        Cancelled: it was given up. What was yielded before remains proven.
    """
    question = check(question, model)
    clock = Stopwatch()
    stop = stop or StopFlag()
    model.cancel_when(stop)
    model.reset()
    standalone = understand(question, history, model)
    stop.raise_if_set()
    passages = index.search(standalone.question.text, limit)
    clock.retrieved()
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score)
        for p in sorted(passages, key=lambda p: -p.score)[:_SHOWN]
    )
    answer = Answer(
        question,
        language or standalone.asked_in,
        nearest=near,
        standing=standalone.rewritten,
        stage="reading",
    )
    yield replace(answer, timings=clock.timings)
    limits = thresholds(index.embedder_name, model.sha256)
    asked = standalone.question
    chosen = choose(passages, asked.language, limits, model.count, PASSAGE_TOKENS)
    readings = (PassageReader(asked, answer.language, evidence, model) for evidence in chosen)
    provings = [PassageAttempt(reading, index.similarity, limits, clock) for reading in readings]
    grown = answer
    written: list[PassageAttempt] = []
    for proving in _telling(provings, limits, model):
        stop.raise_if_set()
        if proving is None:
            yield replace(answer, timings=clock.timings)
            continue
        written.append(proving)
        for grown in proving.answers(answer):
            yield grown
            stop.raise_if_set()
        if grown.answered:
            break
    if grown.answered:
        grown = replace(grown, nearest=())
    else:
        grown = replace(answer, text=refusal(answer.language))
    others = (proving for proving in provings if proving.was_asked and proving not in written)
    attempts = tuple(proving.attempt for proving in (*written, *others))
    yield replace(grown, timings=clock.timings, attempts=attempts, done=True, stage="done")


def _telling(
    provings: Sequence[PassageAttempt], limits: Thresholds, model: LanguageModel
) -> Iterator[PassageAttempt | None]:
    """Those whose passage tells, the surest first; one that is sure enough is not waited with.

    None comes before each passage that is about to be read. The first one mostly is what answers:
    it is read together with what it takes to answer from it, and the others together.
    """
    telling = []
    for i, proving in enumerate(provings):
        yield None
        if i == 0:
            model.prefill(proving.prompts(answer=True))
        elif i == 1:
            model.prefill([some for later in provings[1:] for some in later.prompts(answer=False)])
        tells = proving.tells()
        if tells >= limits.tells + _CERTAIN:
            yield proving
        elif tells >= limits.tells:
            telling.append((tells, proving))
    for _, proving in sorted(telling, key=lambda pair: -pair[0]):
        model.prefill(proving.prompts(answer=True))
        yield proving


def refusal(language: str) -> str:
    """That the articles do not tell, in `language`, or in English when it is not known."""
    said = prompts.refusals()
    return said.get(language, said["en"])
