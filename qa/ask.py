"""THE ASKING JOB, one page: question -> passages -> reader -> model -> checked answer.

Terminal, page and evaluation all call `ask`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import prompts
from index.scope import EVERYTHING, Scope
from qa.answer import Answer
from qa.answering.asking import Asking, Index
from qa.answering.from_passages import from_passages
from qa.answering.pages import with_pages
from qa.answering.plans import planned
from qa.answering.proof import proven
from qa.answering.rewriting import understand
from qa.answering.timing import Stopwatch
from qa.answering.turns import Turn
from qa.answering.validation import check
from qa.cancellation import StopFlag
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel

# Tokens of a prompt at most: evidence, instructions, template and the answer.
PROMPT_TOKENS = 1792


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
    articles = cache(partial(index.articles, scope))
    standalone = understand(question, history, model, reader, articles)
    scope = standalone.within(scope)
    stop.raise_if_set()

    # 2. Answer it, and say on which page each proof stands.
    written_in = language or standalone.asked_in
    answer = Answer(question, written_in, standing=standalone.rewritten, scope=scope)
    asking = Asking(
        standalone.question,
        written_in,
        index,
        reader,
        model,
        scope,
        limit,
        clock,
        stop,
        standalone.standing,
    )
    page, address = cache(index.page), cache(index.address)
    for said in _answered(asking, answer):
        yield with_pages(said, page, address)


def _answered(asking: Asking, answer: Answer) -> Iterator[Answer]:
    # 3. Answer what is asked of the articles rather than of a passage: qa/answering/plans.py.
    said = yield from planned(asking, answer)
    asking.stop.raise_if_set()

    # 4. Else answer from the passages: search, read, write, check. A plan may refuse by itself.
    if not (said.answered or said.text):
        said = yield from from_passages(asking, answer)
    if not said.answered and asking.standing and asking.standing.proof_last:
        said = yield from proven(asking, said, asking.standing.proof)

    # 5. Finish: without the nearest passages where there is an answer, else with a refusal.
    if said.answered:
        said = replace(said, nearest=(), draft="")
    else:
        said = replace(said, text=said.text or refusal(asking.language), draft="")
    yield replace(said, timings=asking.clock.timings, done=True, stage="done")


def refusal(language: str) -> str:
    """Say that the articles do not tell, in `language`, or else in English."""
    refusals = prompts.refusals()
    return refusals.get(language, refusals["en"])
