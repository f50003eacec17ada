"""Chat: what a person does in conversations: ask, ask again, change, delete; and what is shown.

Joins the desk that answers, the conversations that are kept and the articles. Knows no server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.languages import detect
from qa import markup
from qa.answer import Answer, Citation, Nearest
from qa.ask import check_text
from qa.conversations import Conversations, State
from qa.desk import Desk, Job
from qa.errors import NoConversation
from qa.library import Library
from qa.markup import Proven, Shown
from qa.proof import Words, proof
from qa.strings import LANGUAGES, language_name, strings

LIVE = 0  # the number of the exchange that is being answered
_NEAR = "near-"
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
            BadQuestion, TooBusy, NoConversation: nothing was asked.
        """
        question, kept = check_text(question), self.conversations
        history = kept.history(who.id, conversation, before=replacing) if conversation else ()
        begun = conversation or kept.begin(who.id, question).id

        def done(job: Job) -> None:
            if replacing and not (job.answer and job.answer.done):
                return  # nothing came of it: what was there stays
            if replacing:
                kept.cut(who.id, begun, replacing)
            state: State = (
                "stopped" if job.state == "stopped" else "failed" if job.error else "done"
            )
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
        shown = [
            markup.recorded(exchange, conversation, self._entry, who.page, exchange is kept[-1])
            for exchange in kept
        ]
        asking = self.running(who, conversation) is not None
        examples = [] if shown else self.examples()
        return markup.turns(conversation, shown, who.page, examples, asking)

    def live(self, who: Visitor, job: Job) -> str:
        """The exchange that is being answered as HTML."""
        return markup.live(self._growing(who, job))

    def listing(self, who: Visitor, current: str, search: str = "") -> str:
        """The list of a visitor's conversations as HTML."""
        found = self.conversations.list(who.id, search)
        return markup.conversations(found, current, who.page, search)

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
        marker = int(which) if which.isdecimal() else 0
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
            proof(self.library.text(this.article), cited[marker - 1], others) if title else None,
            f"{link}{marker}",
            f"{link}{marker - 1}" if marker > 1 else "",
            f"{link}{marker + 1}" if marker < len(shown) else "",
        )

    def _answer(self, who: Visitor, conversation: str, number: int) -> Answer:
        kept = self.conversations.exchanges(who.id, conversation)
        if number == LIVE:
            if (job := self.running(who, conversation)) and job.answer:
                return job.answer
            kept = kept[-1:]  # it has become this one meanwhile
        found = [e.answer for e in kept if e.answer and number in (e.number, LIVE)]
        if not found:
            raise NoConversation
        return found[0]

    def _growing(self, who: Visitor, job: Job) -> Shown:
        return markup.growing(job, job.conversation or "", LIVE, self._entry, who.page)

    def title(self, article: str) -> str:
        """An article's title, or its id."""
        return self._entry(article)[0] or article

    def _entry(self, article: str) -> tuple[str, str]:
        entry = self.library.entry(article)
        return (entry.title or entry.id, entry.language) if entry else ("", "")
