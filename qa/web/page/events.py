"""Visits: what each thing that a person does changes on the page. Knows the page's parts by name.

Every method gives a mapping from a part of the page to what it is to show: text, or `Shown`.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index.articles.formats import FORMATS
from index.build import Progress, Report
from index.errors import UserError
from index.languages import ENGLISH_NAMES
from qa.errors import Cancelled, ChangesWaiting, NoConversation
from qa.service.chat import AskOptions, Chat, Offer, Visitor
from qa.service.job import Job
from qa.service.library import WAITING
from qa.service.uploads import MAX_BYTES, MAX_FILES
from qa.web.page import views
from qa.web.page.layout import LOOKS, MOST_SEARCHED
from qa.web.page.presenter import Presenter
from qa.web.page.translations import strings

COOKIE = "article-qa-settings"
_ARTICLES = 50  # rows that are shown at once
# Each has a thread, of which all else that is done on the page needs some too.
_CHANGES = 3
_PAUSE = 0.2  # seconds between two looks at how far a change is


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part of the page is to be seen; its value stays."""

    visible: bool


Changes = dict[str, Any]


def chosen(cookies: Mapping[str, str]) -> dict[str, str]:
    """What a browser keeps of its settings, as far as it can be read."""
    try:
        found = json.loads(unquote(cookies.get(COOKIE, "")[:2000]))
    except (ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def wanted(who: Visitor, offer: Offer) -> Changes:
    """The settings that a browser kept, those that can be used; the usual for the others."""
    kept = who.kept
    limit = kept.get("limit", "")
    return {
        "language": kept.get("language") if kept.get("language") in ENGLISH_NAMES else "",
        "llm": kept.get("llm") if kept.get("llm") in offer.models else offer.models[0],
        "limit": min(int(limit), MOST_SEARCHED) if limit.isdecimal() and int(limit) else 10,
        "look": kept.get("look") if kept.get("look") in LOOKS else LOOKS[0],
        "page": who.page,
    }


class PageEvents:
    """What happens on the page, for every visitor."""

    def __init__(self, chat: Chat, presenter: Presenter) -> None:
        self._chat, self._presenter, self._library = chat, presenter, chat.library
        self._changing = 0

    def arrive(self, who: Visitor, conversation: str) -> Changes:
        """The page as it is found when it is opened or loaded again."""
        try:
            found = self._screen(who, conversation)
        except UserError as error:  # deleted, or another's
            found = {**self._screen(who, ""), **self.trouble(who, error)}
        return {**found, **self.articles(who), **self._words(who)}

    def ask(
        self, who: Visitor, conversation: str, question: str, wishes: AskOptions, replacing: int
    ) -> Changes:
        """Ask; what was typed stays when it cannot be asked."""
        if self._chat.running(who, conversation):
            return {}  # the button was pressed twice
        if not question.strip():
            empty = strings(who.page)["empty_question"]
            return {"notice": views.notice(empty, who.page, "bad")}
        conversation = self._chat.ask(who, conversation, question, wishes, replacing)
        return {"box": "", **self._screen(who, conversation)}

    async def follow(
        self, who: Visitor, conversation: str, search: str = ""
    ) -> AsyncIterator[Changes]:
        """The answer that is being made as it grows, then the conversation with it."""
        said = ""
        if job := self._chat.running(who, conversation):
            async for grown in job.changes():
                if not grown.over:
                    yield self._live(who, grown)
            said = strings(who.page)["ready"] if job.state == "done" else ""
        try:  # it may have been over before it was looked for
            last = {**self._talk(who, conversation), **self.search(who, conversation, search)}
            last |= {"said": views.said(said), **(self._lost(who, job) if job else {})}
        except NoConversation as error:  # deleted in another window
            last = {**self._screen(who, ""), **self.trouble(who, error)}
        yield last

    def stop(self, who: Visitor, conversation: str) -> Changes:
        """Stop the answer that is being made."""
        if job := self._chat.running(who, conversation):
            job.stop()
        return {}

    def begin(self, who: Visitor) -> Changes:
        """A new conversation; a question that is being typed, perhaps meanwhile, is left alone."""
        return self._screen(who, "")

    def open(self, who: Visitor, conversation: str, search: str = "") -> Changes:
        """Another conversation."""
        return {**self._screen(who, conversation), **self.search(who, conversation, search)}

    def search(self, who: Visitor, conversation: str, search: str) -> Changes:
        """The conversations that hold these words."""
        return {"listing": self._presenter.listing(who, conversation, search)}

    def rename(self, who: Visitor, conversation: str, id: str, title: str, search: str) -> Changes:
        """Give a conversation another title."""
        self._chat.conversations.rename(who.id, id, title)
        return self.search(who, conversation, search)

    def delete(self, who: Visitor, conversation: str, id: str, search: str) -> Changes:
        """Delete a conversation, and stop what is being answered in it."""
        if job := self._chat.running(who, id):
            job.stop()
        self._chat.conversations.delete(who.id, id)
        if id == conversation:
            return {**self._screen(who, ""), **self.search(who, "", search)}
        return self.search(who, conversation, search)

    def remove(self, who: Visitor, conversation: str, number: int) -> Changes:
        """Delete one exchange."""
        self._chat.conversations.remove(who.id, conversation, number)
        return self._screen(who, conversation)

    def edit(self, who: Visitor, conversation: str, number: int) -> Changes:
        """Put a question back to be changed."""
        question = self._chat.question(who, conversation, number)
        return {"box": question, "editing": number, "banner": Part(visible=True)}

    def retry(self, who: Visitor, conversation: str, number: int, wishes: AskOptions) -> Changes:
        """Ask a question again."""
        question = self._chat.question(who, conversation, number)
        changes = self.ask(who, conversation, question, wishes, number)
        return {part: change for part, change in changes.items() if part != "box"}

    def let_be(self) -> Changes:
        """Change a question no more."""
        return {"box": "", "editing": 0, "banner": Part(visible=False)}

    def articles(self, who: Visitor, search: str = "", shown: int = _ARTICLES) -> Changes:
        """The articles that are indexed."""
        library = self._library
        text = views.articles(
            library.articles(search, 0, shown),
            library.count(search),
            who.page,
            search=search,
            problems=library.problems(),
            skipped=library.skipped(),
            read_only=library.read_only,
        )
        return {"articles": text, "shown": shown}

    def more(self, who: Visitor, search: str, shown: int) -> Changes:
        """More of the articles."""
        return self.articles(who, search, shown + _ARTICLES)

    async def add(
        self, who: Visitor, files: Sequence[tuple[str, Path]], search: str
    ) -> AsyncIterator[Changes]:
        """Index files that were uploaded; where they lie now they are deleted."""

        def change(progress: Progress) -> Report:
            try:
                return self._library.add(files, progress)
            finally:
                for _, path in files:
                    with suppress(OSError):
                        path.unlink()

        async for changes in self._change(who, search, change):
            yield changes

    async def take_out(self, who: Visitor, id: str, search: str) -> AsyncIterator[Changes]:
        """Remove an article that was uploaded."""
        async for changes in self._change(who, search, lambda p: self._library.remove(id, p)):
            yield changes

    async def reread(self, who: Visitor, search: str) -> AsyncIterator[Changes]:
        """Read every folder again."""
        async for changes in self._change(who, search, self._library.reread):
            yield changes

    def trouble(self, who: Visitor, error: UserError) -> Changes:
        """What went wrong, in the page's language where it has words for it."""
        say = strings(who.page)
        words = say.get(f"error_{type(error).__name__}") or str(error)
        return {"notice": views.notice(words, who.page, "bad")}

    def _live(self, who: Visitor, job: Job) -> Changes:
        shown = self._presenter.growing(who, job)
        return {"live": views.live(shown), "said": views.said(shown.status)}

    def _lost(self, who: Visitor, job: Job) -> Changes:
        """Why a question failed that was to replace another: nothing of it is kept."""
        kept = self._chat.conversations.exchanges(who.id, job.conversation or "")
        if not job.error or (kept and kept[-1].error):
            return {}
        words = strings(who.page)["failed"].format(reason=job.error)
        return {"notice": views.notice(words, who.page, "bad")}

    async def _change(
        self, who: Visitor, search: str, change: Callable[[Progress], Report]
    ) -> AsyncIterator[Changes]:
        if self._changing >= _CHANGES:
            yield {"outcome": self.trouble(who, ChangesWaiting())["notice"]}
            return
        say, told = strings(who.page), [(0, 0, "")]
        task = asyncio.create_task(
            asyncio.to_thread(change, lambda done, total, what: told.append((done, total, what)))
        )
        self._changing += 1
        task.add_done_callback(self._changed)  # though nobody watches any more
        while not task.done():
            done, total, what = told[-1]
            words = say["indexing"].format(done=done, total=total, what=what)
            words = words if done < total else say["storing"]
            words = say["changes_waiting"] if what == WAITING else words
            yield {"outcome": "", "changing": views.progress(done, total, words, who.page)}
            await asyncio.wait({task}, timeout=_PAUSE)
        try:
            report = task.result()
        except UserError as error:
            outcome = self.trouble(who, error)["notice"]
        except Cancelled:  # the server ends
            outcome = ""
        except Exception as error:  # the page goes on, and the log has what went wrong
            logging.getLogger(__name__).exception("The articles could not be changed.")
            outcome = views.notice(say["failed"].format(reason=error), who.page, "bad")
        else:
            outcome = _told(report, who.page)
        yield {"changing": "", "outcome": outcome, **self.articles(who, search)}

    def _changed(self, task: object) -> None:
        self._changing -= 1

    def _words(self, who: Visitor) -> Changes:
        """What stands on the page whatever is done on it."""
        say = strings(who.page)
        return {
            "person": views.person(who.name, who.page),
            "editing_words": views.paragraph(say["editing"]),
            "kept": views.paragraph(say["settings_kept"]),
            "limits": views.paragraph(
                say["read_only"]
                if self._library.read_only
                else say["upload_limits"].format(
                    files=MAX_FILES, size=MAX_BYTES // 2**20, formats=" ".join(FORMATS)
                )
            ),
        }

    def _screen(self, who: Visitor, conversation: str) -> Changes:
        """A conversation that is gone to: no question is being changed, nothing went wrong."""
        fresh = {"editing": 0, "banner": Part(visible=False), "notice": ""}
        return {**self._talk(who, conversation), **fresh}

    def _talk(self, who: Visitor, conversation: str) -> Changes:
        """A conversation: what was said, what is being answered, and which button does what."""
        turns = self._presenter.turns(who, conversation)
        job = self._chat.running(who, conversation)
        return {
            "conversation": conversation,
            "turns": turns,
            **(self._live(who, job) if job else {"live": ""}),
            "listing": self._presenter.listing(who, conversation),
            "send": Part(visible=job is None),
            "halt": Part(visible=job is not None),
        }


def _told(report: Report, page: str) -> str:
    words = strings(page)["changes"].format(
        added=len(report.added),
        changed=len(report.changed),
        removed=len(report.removed),
        unchanged=report.unchanged,
        skipped=len(report.skipped),
    )
    names = [(skipped.path.name, skipped.reason) for skipped in report.skipped]
    return views.notice(words, page, "bad" if names else "good", names)
