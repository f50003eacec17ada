"""Chat: what a person does in conversations: ask, ask again, change, delete.

Joins the desk that answers, the conversations that are kept and the articles. Knows no server.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from qa.answer import Answer
from qa.answering.question import check_text
from qa.errors import ConversationsFull, NoConversation
from qa.service.conversations import MOST_EXCHANGES, Conversations, ExchangeState
from qa.service.job import Job
from qa.service.library import Library
from qa.service.scheduler import Scheduler

LIVE = 0  # the number of the exchange that is being answered


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is on the page, the code of the language they read it in, and their name, if known.

    `kept` are the settings that their browser keeps, as it sent them.
    """

    id: str
    page: str = "en"
    name: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a question is to be answered: language code and model by name, None for the usual."""

    language: str | None = None
    llm: str | None = None
    limit: int = 10


class Chat:
    """The conversations of every visitor, each seen by nobody else."""

    def __init__(self, desk: Scheduler, conversations: Conversations, library: Library) -> None:
        self.desk, self.conversations, self.library = desk, conversations, library

    def ask(
        self, who: Visitor, conversation: str, question: str, wishes: AskOptions, replacing: int = 0
    ) -> str:
        """Ask in a conversation, or in a new one when it is ""; the conversation's id.

        The exchange that is replaced stays until the new answer is there.

        Raises:
            BadQuestion, TooBusy, NoConversation, ConversationsFull: nothing was asked.
        """
        question, kept = check_text(question), self.conversations
        if conversation and not replacing:
            self._refuse_full(who, conversation)
        history = kept.history(who.id, conversation, before=replacing) if conversation else ()
        begun = conversation or kept.begin(who.id, question).id

        def done(job: Job) -> None:
            if replacing and not _came(job):
                return  # what was there stays
            if replacing:
                with suppress(NoConversation):  # deleted meanwhile
                    kept.cut(who.id, begun, replacing)
            state: ExchangeState = (
                "stopped" if job.state == "stopped" else "failed" if job.error else "done"
            )
            with suppress(NoConversation):  # the conversation was deleted meanwhile
                kept.add(who.id, begun, job.question, job.answer, state, job.error)

        try:
            self.desk.ask(
                question,
                visitor=who.id,
                conversation=begun,
                history=history,
                language=wishes.language,
                limit=wishes.limit,
                llm=wishes.llm,
                done=done,
            )
        except BaseException:
            if not conversation:
                kept.delete(who.id, begun)
            raise
        return begun

    def running(self, who: Visitor, conversation: str) -> Job | None:
        """The question of a conversation that is being answered, or waits."""
        return self.desk.running(who.id, conversation) if conversation else None

    def question(self, who: Visitor, conversation: str, number: int) -> str:
        """What was asked in an exchange.

        Raises:
            NoConversation: there is no such exchange.
        """
        for exchange in self.conversations.exchanges(who.id, conversation):
            if exchange.number == number:
                return exchange.question
        raise NoConversation

    def _refuse_full(self, who: Visitor, conversation: str) -> None:
        """Say it before the question is answered: the answer could not be kept."""
        if len(self.conversations.exchanges(who.id, conversation)) >= MOST_EXCHANGES:
            raise ConversationsFull(
                f"This conversation has {MOST_EXCHANGES} questions, as many as one may have. "
                "Begin a new one; this one stays as it is."
            )

    def answer(self, who: Visitor, conversation: str, number: int) -> Answer:
        """The answer of an exchange, as far as it is; of the one being answered at `LIVE`.

        Raises:
            NoConversation: there is no such conversation or exchange, or it has no answer.
        """
        # Looked for first: once it is over it is among those that are kept.
        job = self.running(who, conversation) if number == LIVE else None
        kept = self.conversations.exchanges(who.id, conversation)
        if number == LIVE:
            if job and job.answer:
                return job.answer
            kept = kept[-1:]  # it has become this one meanwhile
        found = [e.answer for e in kept if e.answer and number in (e.number, LIVE)]
        if not found:
            raise NoConversation
        return found[0]

    def title(self, article: str) -> str:
        """An article's title, or its id."""
        return self.entry(article)[0] or article

    def entry(self, article: str) -> tuple[str, str]:
        """An article's title, or its id, and its language; both empty when it is not indexed."""
        entry = self.library.entry(article)
        return (entry.title or entry.id, entry.language) if entry else ("", "")


def _came(job: Job) -> bool:
    """Whether there is an answer in place of an earlier one: a whole one, or proven sentences."""
    answer = job.answer
    return answer is not None and answer.done and (job.state == "done" or answer.answered)


@dataclass(frozen=True, slots=True)
class Offer:
    """What people may choose and do: models by name, and whether articles can be changed.

    `examples` are questions to begin with; none makes them of the articles' titles.
    """

    models: tuple[str, ...]
    read_only: bool = False
    examples: tuple[str, ...] = ()
