"""Presenter: conversations and answers -> HTML, for the visitor who looks.

Knows the chat and the templates; changes nothing.
"""

from collections.abc import Sequence
from functools import cache

from index.scope import Scope
from index.storage.places import Place
from index.text.languages import detect
from qa.answer import Citation, Nearest
from qa.errors import NoConversation
from qa.service.chat import LIVE, Chat, Visitor
from qa.service.jobs.job import Job
from qa.service.page_pictures import is_drawn
from qa.text.language_names import language_name
from qa.web.page import view_models, views
from qa.web.page.excerpt import CitedText, Excerpt, excerpt
from qa.web.page.translations import LANGUAGES, strings
from qa.web.page.view_models import Chip, ExcerptView, ExchangeView

_NEAR = "near-"
_DIGITS = 4  # of a mark's number; Python refuses to read thousands of them
_OFFERED = 8  # articles and folders that are offered for what is typed
_TITLE = 70  # code points of a title in a question to begin with


class Presenter:
    """Renders the conversations of every visitor."""

    def __init__(self, chat: Chat, examples: Sequence[str] = ()) -> None:
        """Without `examples`, questions to begin with are made of the articles' titles."""
        self._chat, self._examples = chat, tuple(examples)

    def turns(self, who: Visitor, conversation: str) -> str:
        """A conversation as HTML, without the exchange that is being answered."""
        kept = self._chat.conversations.exchanges(who.id, conversation) if conversation else []
        entry = cache(self._chat.entry)  # the same few articles stand behind many marks
        shown = [
            view_models.recorded(exchange, conversation, entry, who.page, exchange is kept[-1])
            for exchange in kept
        ]
        asking = self._chat.running(who, conversation) is not None
        examples = [] if shown else self.examples()
        return views.turns(conversation, shown, who.page, examples, asking)

    def growing(self, who: Visitor, job: Job) -> ExchangeView:
        """The exchange that is being answered."""
        return view_models.growing(
            job, job.conversation or "", LIVE, cache(self._chat.entry), who.page
        )

    def listing(self, who: Visitor, current: str, search: str = "") -> str:
        """The list of a visitor's conversations as HTML."""
        found = self._chat.conversations.list(who.id, search)
        return views.conversations(found, current, who.page, search)

    def chips(self, scope: Scope) -> list[Chip]:
        """The articles and folders that a scope is of, by their titles."""
        return [_chip(path, self._chat.library.place(path)) for path in scope.places]

    def places(self, part: str) -> list[Place]:
        """The articles and folders nearest to what is typed: as many as can be looked over."""
        return self._chat.library.matching(part, _OFFERED)

    def examples(self) -> list[tuple[str, str]]:
        """Questions to begin with, each with its language; empty when there are no articles."""
        if self._examples:
            return [(text, detect(text)) for text in self._examples if self._chat.library.count()]
        titles = [shelved.title for shelved in self._chat.library.articles(limit=len(LANGUAGES))]
        short = [t if len(t) <= _TITLE else f"{t[: _TITLE - 1].rstrip()}…" for t in titles if t]
        return [
            (strings(code)["example_of"].format(title=short[i % len(short)]), code)
            for i, code in enumerate(LANGUAGES if short else ())
        ]

    def proven(self, who: Visitor, conversation: str, number: int, which: str) -> ExcerptView:
        """The excerpt of a citation (`3`), or of a nearest passage (`near-2`).

        Raises:
            NoConversation: there is no such conversation, exchange, mark or passage.
        """
        answer = self._chat.answer(who, conversation, number)
        near = which.startswith(_NEAR)
        shown: Sequence[Citation | Nearest] = answer.nearest if near else answer.citations
        which = which.removeprefix(_NEAR)
        cited = [CitedText(i, c.start, c.end, c.quote) for i, c in enumerate(shown, 1)]
        marker = int(which) if which.isdecimal() and len(which) <= _DIGITS else 0
        if not 1 <= marker <= len(shown):
            raise NoConversation
        this = shown[marker - 1]
        title, language = self._chat.entry(this.article)
        others = [w for w, c in zip(cited, shown, strict=True) if c.article == this.article]
        link = f"proof/{conversation}/{number}/{_NEAR if near else ''}"
        proof = self._proof(this.article, cited[marker - 1], others)
        words = proof.words if proof else None
        page = self._chat.library.page(this.article, words.start) if words else this.page
        return ExcerptView(
            this.article,
            title or this.article,
            language or detect(this.quote),
            language_name(language or detect(this.quote), who.page),
            this.quote,
            0 if near else marker,
            marker,
            this.support if isinstance(this, Citation) else "",
            this.score,
            proof,
            f"{link}{marker}",
            f"{link}{marker - 1}" if marker > 1 else "",
            f"{link}{marker + 1}" if marker < len(shown) else "",
            page,
            is_drawn(this.article),
        )

    def _proof(self, article: str, cited: CitedText, others: Sequence[CitedText]) -> Excerpt | None:
        try:
            return excerpt(self._chat.library.text(article), cited, others)
        except KeyError:
            return None  # not indexed any more


def _chip(path: str, place: Place | None) -> Chip:
    if place is None:
        return Chip(path, path, is_there=False)
    return Chip(path, place.title or path, place.language)
