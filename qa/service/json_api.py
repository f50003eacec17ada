"""JSON API: asking and searching for other programs, with the objects of `--json`.

Knows no HTTP: the web's endpoints, MCP tools and OpenAI's API call it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from index.scope import EVERYTHING, Scope, scope_of
from index.search import Searcher
from qa.answering.turns import Turn
from qa.answering.turns import parse as parse_turn
from qa.answering.validation import MOST_PASSAGES, check_text, is_count
from qa.errors import BadQuestion
from qa.service.answer_format import answer_fields, passages_fields
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler

# Seconds between two checks whether the caller is still there: Gradio tells it by no event.
_GONE_CHECK_S = 0.5


class JsonApi:
    """Answers and passages for programs; every argument is checked, whatever its type."""

    def __init__(self, scheduler: Scheduler, index: Searcher) -> None:
        self._scheduler, self._index = scheduler, index

    @property
    def llm(self) -> str:
        """The name of the model that is loaded."""
        return self._scheduler.llm

    @property
    def models(self) -> dict[str, str]:
        """The models as `ask --json` names them."""
        return {**self._scheduler.model, "embedder": self._index.embedder_name}

    async def ask(
        self,
        visitor: str,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        limit: int = 10,
        scope: Scope = EVERYTHING,
        *,
        gone: Callable[[], Awaitable[bool]],
    ) -> dict[str, Any] | None:
        """The object of `ask --json`; None, and the job is stopped, once `await gone()` is true.

        Raises:
            BadQuestion, BadScope, TooBusy: it was not asked.
            Unanswered: it could not be answered.
        """
        asking = asyncio.create_task(
            self._whole(visitor, question, history, language, limit, scope)
        )
        try:
            while not asking.done():
                await asyncio.wait({asking}, timeout=_GONE_CHECK_S)
                if not asking.done() and await gone():
                    return None
        finally:
            asking.cancel()  # does nothing once it is done
        return asking.result()

    async def _whole(self, *arguments: Any) -> dict[str, Any]:
        answering = self.answering(*arguments)
        async with contextlib.aclosing(answering):
            async for grown in answering:
                job = grown
        return self.result(job)

    async def answering(
        self,
        visitor: str,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        limit: int = 10,
        scope: Scope = EVERYTHING,
    ) -> AsyncGenerator[Job]:
        """Yield the job at once and as its answer grows; closing the generator stops the job.

        Raises:
            BadQuestion, BadScope, TooBusy: it was not asked.
        """
        _check(question, limit)
        if not isinstance(language, str | None):
            raise BadQuestion("The language is an ISO 639 code, such as hi.")
        if not scope.is_all:
            await asyncio.to_thread(self._index.articles, scope)  # before it waits for its turn
        job = self._scheduler.ask(
            question,
            visitor=visitor,
            history=history,
            language=language,
            limit=limit,
            scope=scope,
        )
        try:
            async for grown in job.changes():
                yield grown
        finally:
            job.stop()

    def result(self, job: Job) -> dict[str, Any]:
        """The object of `ask --json`.

        Raises:
            Unanswered: there is no whole answer.
        """
        if job.state != "done" or job.answer is None:
            raise Unanswered(job.error or "The question was stopped before it was answered.")
        return answer_fields(job.answer, self.models)

    async def search(
        self, question: str, limit: int = 10, scope: Scope = EVERYTHING
    ) -> dict[str, Any]:
        """The object of `search --json`.

        Raises:
            BadQuestion: it is empty or too long.
            BadScope: no article is in the scope.
        """
        _check(question, limit)
        question, begun = check_text(question), time.perf_counter()
        passages = await asyncio.to_thread(self._index.search, question, limit, scope)
        return passages_fields(question, passages, time.perf_counter() - begun, scope)


class Unanswered(BadQuestion):
    """A question that got no whole answer; the message says why."""


def turns(values: object) -> tuple[Turn, ...]:
    """Earlier turns as programs give them: a list of {"role", "content"}, oldest first.

    Raises:
        BadQuestion: it is no such list.
    """
    if not isinstance(values, list):
        raise BadQuestion('The history is a list of {"role", "content"}, oldest first.')
    try:
        return tuple(parse_turn(value) for value in values)
    except UnicodeError as error:
        raise BadQuestion(f"An earlier turn {error}.") from None
    except ValueError:
        message = 'Each earlier turn has a role "user" or "assistant", and a content.'
        raise BadQuestion(message) from None


def scope_in(values: Mapping[str, object]) -> Scope:
    """The scope that is named among the keys of an object that a program sent.

    Raises:
        BadScope: it is none.
    """
    names = "only", "language_of_articles", "since", "until"
    return scope_of(*(values.get(name) for name in names))


def _check(question: object, limit: object) -> None:
    if not isinstance(question, str):
        raise BadQuestion("The question is a text.")
    if not is_count(limit) or not 1 <= limit <= MOST_PASSAGES:
        raise BadQuestion(f"The limit is a number of passages from 1 to {MOST_PASSAGES}.")
