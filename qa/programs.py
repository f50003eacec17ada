"""Programs: the same asking and searching for other programs, with the JSON of the terminal."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from index.search import Searcher
from qa.ask import check_text
from qa.desk import Desk, Job
from qa.errors import BadQuestion
from qa.followups import ROLES, Turn
from qa.terminal import answer_json, passages_json

MOST_PASSAGES = 100


class Programs:
    """What a server offers to programs."""

    def __init__(self, desk: Desk, index: Searcher) -> None:
        self._desk, self._index = desk, index

    async def ask(
        self,
        visitor: str,
        question: str,
        *,
        history: Sequence[Turn] = (),
        language: str | None = None,
        limit: int = 10,
    ) -> dict[str, Any]:
        """The object of `ask --json`; what is being answered stops when the caller goes away.

        Raises:
            BadQuestion, TooBusy: it was not asked.
            Unanswered: it could not be answered.
        """
        jobs = [job async for job in self.answering(visitor, question, history, language, limit)]
        return self.told(jobs[-1])

    async def answering(
        self,
        visitor: str,
        question: str,
        history: Sequence[Turn],
        language: str | None = None,
        limit: int = 10,
    ) -> AsyncGenerator[Job]:
        """The answer as it grows."""
        _check_limit(limit)
        job = self._desk.ask(
            question, visitor=visitor, history=history, language=language, limit=limit
        )
        try:
            async for grown in job.changes():
                yield grown
        finally:
            job.stop()

    def told(self, job: Job) -> dict[str, Any]:
        """The object of `ask --json`.

        Raises:
            Unanswered: there is no whole answer.
        """
        if job.error or job.answer is None:
            raise Unanswered(job.error or "The question was stopped before it was answered.")
        models = {**self._desk.model, "embedder": self._index.embedder_name}
        found: dict[str, Any] = json.loads(answer_json(job.answer, models))
        return found

    def check(self, question: str, limit: int) -> None:
        """Refuse at once what cannot be asked.

        Raises:
            BadQuestion: the question is empty or too long, or the limit is none.
        """
        check_text(question)
        _check_limit(limit)

    async def search(self, question: str, limit: int = 10) -> dict[str, Any]:
        """The object of `search --json`.

        Raises:
            BadQuestion: it is empty or too long.
        """
        _check_limit(limit)
        question, begun = check_text(question), time.perf_counter()
        passages = await asyncio.to_thread(self._index.search, question, limit)
        text = passages_json(question, passages, time.perf_counter() - begun)
        found: dict[str, Any] = json.loads(text)
        return found


class Unanswered(BadQuestion):
    """A question that was asked and got no whole answer; the message says why."""


def turns(values: object) -> tuple[Turn, ...]:
    """Earlier turns as programs give them: a list of {"role", "content"}, oldest first.

    Raises:
        BadQuestion: it is no such list.
    """
    if not isinstance(values, list):
        raise BadQuestion('The history is a list of {"role", "content"}, oldest first.')
    found = []
    for value in values:
        role, content = (
            (value.get("role"), value.get("content")) if isinstance(value, dict) else (None, None)
        )
        if role not in ROLES or not isinstance(content, str) or not content.strip():
            raise BadQuestion('Each earlier turn has a role "user" or "assistant", and a content.')
        found.append(Turn(role, content))
    return tuple(found)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_PASSAGES:
        raise BadQuestion(f"The limit is a number of passages from 1 to {MOST_PASSAGES}.")
