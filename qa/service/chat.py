"""Chat: what a person does in conversations: ask, ask again, change, delete; and what is shown.

Joins the desk that answers, the conversations that are kept and the articles. Knows no server.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from index.languages import detect
from qa.answer import Answer, Citation, Nearest
from qa.answering.question import check_text
from qa.errors import ConversationsFull, NoConversation
from qa.service.conversations import MOST_EXCHANGES, Conversations, State
from qa.service.library import Library
from qa.service.scheduler import Desk, Job
from qa.web.page import views
from qa.web.page.excerpt import Proof, Words, proof
from qa.web.page.translations import LANGUAGES, language_name, strings
from qa.web.page.views import Proven, Shown

LIVE = 0  # the number of the exchange that is being answered
_NEAR = "near-"
_DIGITS = 4  # of a mark's number; Python refuses to read thousands of them
_TITLE = 70  # code points of a title in a question to begin with


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
class Wishes:
    """How a question is to be answered: language code and model by name, None for the usual."""

    language: str | None = None
    llm: str | None = None
    limit: int = 10


class Chat:
    """The conversations of every visitor, each seen by nobody else."""

    def __init__(
        self,
        desk: Desk,
        conversations: Conversations,
        library: Library,
        examples: Sequence[str] = (),
    ) -> None:
        """`examples` are questions to begin with; none makes them of the articles' titles."""
        self.desk, self.conversations, self.library = desk, conversations, library
        self._examples = tuple(examples)

    def ask(
        self, who: Visitor, conversation: str, question: str, wishes: Wishes, replacing: int = 0
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
            state: State = (
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

    def turns(self, who: Visitor, conversation: str) -> str:
        """A conversation as HTML, without the exchange that is being answered."""
        kept = self.conversations.exchanges(who.id, conversation) if conversation else []
        entry = cache(self._entry)  # the same few articles stand behind many marks
        shown = [
            views.recorded(exchange, conversation, entry, who.page, exchange is kept[-1])
            for exchange in kept
        ]
        asking = self.running(who, conversation) is not None
        examples = [] if shown else self.examples()
        return views.turns(conversation, shown, who.page, examples, asking)

    def growing(self, who: Visitor, job: Job) -> Shown:
        """The exchange that is being answered."""
        return views.growing(job, job.conversation or "", LIVE, cache(self._entry), who.page)

    def listing(self, who: Visitor, current: str, search: str = "") -> str:
        """The list of a visitor's conversations as HTML."""
        found = self.conversations.list(who.id, search)
        return views.conversations(found, current, who.page, search)

    def examples(self) -> list[tuple[str, str]]:
        """Questions to begin with, each with its language; none without articles."""
        if self._examples:
            return [(text, detect(text)) for text in self._examples if self.library.count()]
        titles = [shelved.title for shelved in self.library.articles(limit=len(LANGUAGES))]
        short = [t if len(t) <= _TITLE else f"{t[: _TITLE - 1].rstrip()}…" for t in titles if t]
        return [
            (strings(code)["example_of"].format(title=short[i % len(short)]), code)
            for i, code in enumerate(LANGUAGES if short else ())
        ]

    def proven(self, who: Visitor, conversation: str, number: int, which: str) -> Proven:
        """The proof of a mark (`3`), or a passage that was found (`near-2`).

        Raises:
            NoConversation: there is no such conversation, exchange, mark or passage.
        """
        answer = self._answer(who, conversation, number)
        near = which.startswith(_NEAR)
        shown: Sequence[Citation | Nearest] = answer.nearest if near else answer.citations
        which = which.removeprefix(_NEAR)
        cited = [Words(i, c.start, c.end, c.quote) for i, c in enumerate(shown, 1)]
        marker = int(which) if which.isdecimal() and len(which) <= _DIGITS else 0
        if not 1 <= marker <= len(shown):
            raise NoConversation
        this = shown[marker - 1]
        title, language = self._entry(this.article)
        others = [w for w, c in zip(cited, shown, strict=True) if c.article == this.article]
        link = f"proof/{conversation}/{number}/{_NEAR if near else ''}"
        return Proven(
            this.article,
            title or this.article,
            language or detect(this.quote),
            language_name(language or detect(this.quote), who.page),
            this.quote,
            0 if near else marker,
            marker,
            this.support if isinstance(this, Citation) else "",
            this.score,
            self._proof(this.article, cited[marker - 1], others),
            f"{link}{marker}",
            f"{link}{marker - 1}" if marker > 1 else "",
            f"{link}{marker + 1}" if marker < len(shown) else "",
        )

    def _proof(self, article: str, cited: Words, others: Sequence[Words]) -> Proof | None:
        try:
            return proof(self.library.text(article), cited, others)
        except KeyError:
            return None  # not indexed any more

    def _refuse_full(self, who: Visitor, conversation: str) -> None:
        """Say it before the question is answered: the answer could not be kept."""
        if len(self.conversations.exchanges(who.id, conversation)) >= MOST_EXCHANGES:
            raise ConversationsFull(
                f"This conversation has {MOST_EXCHANGES} questions, as many as one may have. "
                "Begin a new one; this one stays as it is."
            )

    def _answer(self, who: Visitor, conversation: str, number: int) -> Answer:
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
        return self._entry(article)[0] or article

    def _entry(self, article: str) -> tuple[str, str]:
        entry = self.library.entry(article)
        return (entry.title or entry.id, entry.language) if entry else ("", "")


def _came(job: Job) -> bool:
    """Whether there is an answer in place of an earlier one: a whole one, or proven sentences."""
    answer = job.answer
    return answer is not None and answer.done and (job.state == "done" or answer.answered)
