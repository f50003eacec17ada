"""Chat: the use cases of a conversation: ask, ask again, and look up an answer.

Joins the scheduler, the stored conversations and the library of articles. Knows no server, no HTML.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from index.scope import EVERYTHING, Scope, kept_to
from qa.answer import Answer
from qa.answering.validation import check_text
from qa.errors import NoConversation, NoPlace, TooManyPlaces
from qa.service.conversations import Conversations
from qa.service.exchange import ExchangeState
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler
from qa.service.library import Library

MOST_PLACES = 20  # articles and folders that a conversation is kept to; a page shows them all
LONGEST_PLACE = 900  # code points of a path that can be chosen; a scope's pattern has 1000
LIVE = 0  # the number of the exchange that is being answered


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person on the page: `page` is the code of the language that they read it in.

    `name` is empty where nobody signs in. `kept` are the settings stored by their browser, as sent.
    """

    id: str
    page: str = "en"
    name: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How to answer a question: ISO 639 code, name of the model (None: the defaults), passages.

    `scope` says which articles are asked.
    """

    language: str | None = None
    llm: str | None = None
    limit: int = 10
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Offer:
    """What people may choose and do: the models by name, and whether articles may be changed.

    `examples` are questions to begin with; where there are none they are made of titles. `watching`
    is true where the index follows its folders, so that articles come and go by themselves.
    """

    models: tuple[str, ...]
    read_only: bool = False
    examples: tuple[str, ...] = ()
    watching: bool = False


class Chat:
    """The conversations of every visitor, each seen by nobody else."""

    def __init__(
        self, scheduler: Scheduler, conversations: Conversations, library: Library
    ) -> None:
        self.scheduler, self.conversations, self.library = scheduler, conversations, library

    def ask(
        self,
        who: Visitor,
        conversation: str,
        question: str,
        options: AskOptions,
        replacing: int = 0,
    ) -> str:
        """Ask in a conversation, or in a new one when it is ""; gives the conversation's id.

        An exchange whose number is `replacing` stays until the new answer is there. A new
        conversation keeps the scope.

        Raises:
            BadQuestion, BadScope, TooBusy, NoConversation, ConversationsFull: nothing was asked.
        """
        question, stored = check_text(question), self.conversations
        if conversation and not replacing:
            stored.refuse_full(who.id, conversation)  # at once: the answer could not be stored
        self.scheduler.check_scope(options.scope)
        history = stored.history(who.id, conversation, before=replacing) if conversation else ()
        id = conversation or stored.begin(who.id, question, options.scope).id
        try:
            self.scheduler.ask(
                question,
                visitor=who.id,
                conversation=id,
                history=history,
                language=options.language,
                limit=options.limit,
                scope=options.scope,
                llm=options.llm,
                done=partial(self._store, who.id, id, replacing),
            )
        except BaseException:
            if not conversation:
                stored.delete(who.id, id)
            raise
        return id

    def scope(self, who: Visitor, conversation: str) -> Scope:
        """The articles that a conversation is kept to.

        Raises:
            NoConversation: there is no such conversation.
        """
        return self.conversations.get(who.id, conversation).scope

    def with_place(self, scope: Scope, path: str) -> Scope:
        """A scope of one more article or folder, by its id or its path with a slash at its end.

        Raises:
            NoPlace: it is not indexed.
            TooManyPlaces: there are MOST_PLACES already.
        """
        if path in scope.places:
            return scope
        if len(path) > LONGEST_PLACE or self.library.place(path) is None:
            raise NoPlace
        if len(scope.only) >= MOST_PLACES:
            raise TooManyPlaces(MOST_PLACES)
        return kept_to((*scope.places, path))

    def running(self, who: Visitor, conversation: str) -> Job | None:
        """The job of a conversation: its question is being answered, or waits."""
        return self.scheduler.running(who.id, conversation) if conversation else None

    def question(self, who: Visitor, conversation: str, number: int) -> str:
        """The question of an exchange.

        Raises:
            NoConversation: there is no such exchange.
        """
        return self.conversations.exchange(who.id, conversation, number).question

    def answer(self, who: Visitor, conversation: str, number: int) -> Answer:
        """The answer of an exchange, as far as it has come; of the running one at `LIVE`.

        Raises:
            NoConversation: there is no such conversation or exchange, or it has no answer.
        """
        # Looked for first: once it is over it is among the stored exchanges, as the last one.
        job = self.running(who, conversation) if number == LIVE else None
        if job and job.answer:
            return job.answer
        found = self.conversations.exchange(who.id, conversation, number or None)
        if found.answer is None:
            raise NoConversation
        return found.answer

    def title(self, article: str) -> str:
        """An article's title, or its id."""
        return self.entry(article)[0] or article

    def entry(self, article: str) -> tuple[str, str]:
        """An article's title, or its id, and its language; both empty when it is not indexed."""
        entry = self.library.entry(article)
        return (entry.title or entry.id, entry.language) if entry else ("", "")

    def _store(self, owner: str, conversation: str, replacing: int, job: Job) -> None:
        """Store the exchange that a job has ended with, unless its conversation was deleted."""
        if replacing and not _has_answer(job):
            return  # the earlier exchange stays
        if replacing:
            with suppress(NoConversation):  # deleted meanwhile
                self.conversations.cut(owner, conversation, replacing)
        state: ExchangeState = (
            "stopped" if job.state == "stopped" else "failed" if job.error else "done"
        )
        with suppress(NoConversation):  # the conversation was deleted meanwhile
            self.conversations.add(owner, conversation, job.question, job.answer, state, job.error)


def _has_answer(job: Job) -> bool:
    """Whether there is an answer to replace an earlier one: a whole one, or proven sentences."""
    answer = job.answer
    return answer is not None and answer.done and (job.state == "done" or answer.answered)
