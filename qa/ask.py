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
from qa.answering.reader import PassageReader
from qa.answering.rewriting import understand
from qa.answering.timing import Stopwatch
from qa.answering.turns import Turn
from qa.answering.validation import check
from qa.cancellation import StopFlag
from qa.llm.model import LanguageModel
from qa.verification.evidence import PASSAGE_TOKENS, choose
from qa.verification.thresholds import Thresholds, thresholds

# Tokens of a prompt at most: evidence, instructions, template and the answer.
PROMPT_TOKENS = 1792
# Log-odds above the threshold from which no later passage is better: see CALIBRATION.md.
_CERTAIN = 1.0
_NEAREST_SHOWN = 3  # passages that a refusal shows


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
    # 1. Check the question, and understand it without the turns before it.
    question = check(question, model)
    clock = Stopwatch()
    stop = stop or StopFlag()
    model.cancel_when(stop)
    model.reset()
    standalone = understand(question, history, model)
    stop.raise_if_set()

    # 2. Find passages, and show the nearest at once.
    passages = index.search(standalone.question.text, limit)
    clock.retrieved()
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score)
        for p in sorted(passages, key=lambda p: -p.score)[:_NEAREST_SHOWN]
    )
    answer = Answer(
        question,
        language or standalone.asked_in,
        nearest=near,
        standing=standalone.rewritten,
        stage="reading",
    )
    yield replace(answer, timings=clock.timings)

    # 3. Choose the evidence that the model reads, passage by passage.
    limits = thresholds(index.embedder_name, model.sha256)
    asked = standalone.question
    chosen = choose(passages, asked.language, limits, model.count, PASSAGE_TOKENS)
    readers = (PassageReader(asked, answer.language, evidence, model) for evidence in chosen)
    attempts = [PassageAttempt(reader, index.similarity, limits, clock) for reader in readers]

    # 4. Write and check an answer from the passages that hold one, until a sentence is proven.
    grown = answer
    written: list[PassageAttempt] = []
    for attempt in by_answerability(attempts, limits, model):
        stop.raise_if_set()
        if attempt is None:
            yield replace(answer, timings=clock.timings)
            continue
        written.append(attempt)
        for grown in attempt.answers(answer):
            yield grown
            stop.raise_if_set()
        if grown.answered:
            break

    # 5. Finish: without the nearest passages where there is an answer, else with a refusal.
    if grown.answered:
        grown = replace(grown, nearest=())
    else:
        grown = replace(answer, text=refusal(answer.language))
    others = (attempt for attempt in attempts if attempt.was_asked and attempt not in written)
    records = tuple(attempt.attempt for attempt in (*written, *others))
    yield replace(grown, timings=clock.timings, attempts=records, done=True, stage="done")


def by_answerability(
    attempts: Sequence[PassageAttempt], limits: Thresholds, model: LanguageModel
) -> Iterator[PassageAttempt | None]:
    """Yield the attempts worth writing: any clearly answerable at once, then the rest, best first.

    Yields None before each passage is read, so that the caller can show progress. Mostly the first
    one answers: it is prefilled together with the prompt to answer it, and the others together.
    """
    answerable = []
    for i, attempt in enumerate(attempts):
        yield None
        if i == 0:
            model.prefill(attempt.prompts(answer=True))
        elif i == 1:
            model.prefill([p for later in attempts[1:] for p in later.prompts(answer=False)])
        odds = attempt.answerability()
        if odds >= limits.tells + _CERTAIN:
            yield attempt
        elif odds >= limits.tells:
            answerable.append((odds, attempt))
    for _, attempt in sorted(answerable, key=lambda pair: -pair[0]):
        model.prefill(attempt.prompts(answer=True))
        yield attempt


def refusal(language: str) -> str:
    """Say that the articles do not tell, in `language`, or else in English."""
    refusals = prompts.refusals()
    return refusals.get(language, refusals["en"])
