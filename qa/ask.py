"""THE ASKING JOB, one page: question -> passages -> reader -> model -> checked answer.

Terminal, page and evaluation all call `ask`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import prompts
from index.passage import Passage
from index.scope import EVERYTHING, Scope
from index.storage.catalog import Entry
from qa.answer import Answer, Nearest
from qa.answering.about_articles import catalog_answer
from qa.answering.attempt import PassageAttempt
from qa.answering.rewriting import understand
from qa.answering.timing import Stopwatch
from qa.answering.turns import Turn
from qa.answering.validation import check
from qa.answering.writer import PassageWriter
from qa.cancellation import StopFlag
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel
from qa.verification.evidence import PASSAGE_TOKENS, choose, tells_otherwise
from qa.verification.thresholds import thresholds

# Tokens of a prompt at most: evidence, instructions, template and the answer.
PROMPT_TOKENS = 1792
_NEAREST_SHOWN = 3  # passages that a refusal shows


class Index(Protocol):
    """What asking needs of an index."""

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        """The passages of a scope that are nearest to the question, best first."""

    def articles(self, scope: Scope = EVERYTHING) -> list[Entry]:
        """The articles of a scope, in the order of their ids."""

    def similarity(self, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of shape (len(questions), len(passages))."""


def ask(
    question: str,
    index: Index,
    reader: Reader,
    model: LanguageModel,
    *,
    history: Sequence[Turn] = (),
    language: str | None = None,
    limit: int = 10,
    scope: Scope = EVERYTHING,
    stop: StopFlag | None = None,
) -> Iterator[Answer]:
    """Yield the answer as it grows; the last one is complete. There is always at least one.

    The first one comes when the passages are found, with the nearest of them.

    Args:
        question: in any language.
        index: where the passages are found.
        reader: says which passage answers, and whether what is written is right.
        model: what writes.
        history: the turns before, oldest first; a question that leans on them is asked in full.
        language: ISO 639 code to answer in; the question's own when None.
        limit: how many passages are searched.
        scope: which articles are searched.
        stop: a flag; once it is set the answer is given up within a second, in whatever step.

    Raises:
        BadQuestion: it is empty, or longer than the model can be given.
        BadScope: no article is in the scope.
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

    # 2. Say what is known of the articles themselves, where that is asked.
    written_in = language or standalone.asked_in
    if reader.kind(standalone.question.text) == "catalog":
        known = catalog_answer(index.articles(scope), written_in)
        yield replace(
            known,
            question=question,
            standing=standalone.rewritten,
            scope=scope,
            timings=clock.timings,
            done=True,
            stage="done",
        )
        return

    # 3. Find passages, and show the nearest at once.
    passages = index.search(standalone.question.text, limit, scope)
    clock.retrieved()
    near = tuple(
        Nearest(p.article, p.start, p.end, p.text, p.score)
        for p in sorted(passages, key=lambda p: -p.score)[:_NEAREST_SHOWN]
    )
    answer = Answer(
        question,
        written_in,
        nearest=near,
        standing=standalone.rewritten,
        scope=scope,
        stage="reading",
    )
    yield replace(answer, timings=clock.timings)

    # 4. Read them, as far as needed: which of them tells, and where.
    asked = standalone.question
    chosen = choose(asked, passages, reader, model.count, PASSAGE_TOKENS)

    # 5. Write and check an answer from each passage that tells, until a sentence is proven; and
    # from one of another article that tells something else.
    limits = thresholds(model.sha256)
    said, attempts, first = answer, list[PassageAttempt](), None
    for evidence in chosen:
        stop.raise_if_set()
        first = first or evidence
        if said.answered and not tells_otherwise(asked, evidence, first, reader):
            break
        writer = PassageWriter(asked, answer.language, evidence, model)
        attempts.append(PassageAttempt(writer, reader, index.similarity, limits, clock))
        grown = replace(said, timings=clock.timings)
        yield grown
        for grown in attempts[-1].answers(said):
            yield grown
            stop.raise_if_set()
        said = grown if grown.answered else answer
    stop.raise_if_set()

    # 6. Finish: without the nearest passages where there is an answer, else with a refusal.
    if said.answered:
        said = replace(said, nearest=(), draft="")
    else:
        said = replace(answer, text=refusal(answer.language))
    records = tuple(attempt.attempt for attempt in attempts)
    yield replace(said, timings=clock.timings, attempts=records, done=True, stage="done")


def refusal(language: str) -> str:
    """Say that the articles do not tell, in `language`, or else in English."""
    refusals = prompts.refusals()
    return refusals.get(language, refusals["en"])
