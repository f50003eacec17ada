"""Page events: what each thing that a person does changes on the page, by the names of its parts.

Every method gives `Changes`. Knows nothing of Gradio.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from index.articles.formats import FORMATS
from index.errors import UserError
from qa.errors import NoConversation
from qa.service.chat import AskOptions, Chat, Visitor
from qa.service.jobs.job import Job
from qa.service.uploads import MAX_BYTES, MAX_FILES
from qa.web.page import views
from qa.web.page.article_events import ArticleEvents
from qa.web.page.handlers import Changes, Part
from qa.web.page.presenter import Presenter
from qa.web.page.scope_events import ScopeEvents
from qa.web.page.translations import strings

_MODEL = 16  # letters of a model's SHA-256 that a browser keeps


class PageEvents:
    """What a visitor does in conversations.

    `articles` is what they do with articles, `scope` how they choose which of them are asked.
    """

    def __init__(self, chat: Chat, presenter: Presenter) -> None:
        self._chat, self._presenter = chat, presenter
        self.articles = ArticleEvents(chat.library)
        self.scope = ScopeEvents(chat, presenter)

    def arrive(self, who: Visitor, conversation: str) -> Changes:
        """The whole page, when it is opened or loaded again."""
        try:
            screen = self._screen(who, conversation)
        except UserError as error:  # deleted, or another's
            screen = self._new_with(who, error)
        notice = screen["notice"] or self._uncalibrated(who)
        return {**screen, **self.articles.list(who), **self._texts(who), "notice": notice}

    def ask(
        self, who: Visitor, conversation: str, question: str, options: AskOptions, replacing: int
    ) -> Changes:
        """Ask; what was typed stays when it cannot be asked.

        A conversation is asked within its own scope, a new one within that of `options`.
        """
        if self._chat.running(who, conversation):
            return {}  # the button was pressed twice
        if not question.strip():
            empty = strings(who.page)["empty_question"]
            return {"notice": views.notice(empty, who.page, "bad")}
        scope = self.scope.scope(who, conversation, options.scope)
        options = replace(options, scope=scope)
        conversation = self._chat.ask(who, conversation, question, options, replacing)
        return {"box": "", **self._screen(who, conversation)}

    async def follow(
        self, who: Visitor, conversation: str, search: str = ""
    ) -> AsyncGenerator[Changes]:
        """The answer that is being made as it grows, then the conversation with it."""
        status = ""
        if job := self._chat.running(who, conversation):
            async with aclosing(job.changes()) as jobs:
                async for grown in jobs:
                    if not grown.over:
                        yield self._live(who, grown)
            status = strings(who.page)["ready"] if job.state == "done" else ""
        try:  # it may have been over before it was looked for
            last = {**self._conversation(who, conversation, search), "said": views.said(status)}
            last |= self._lost(who, job) if job else {}
        except NoConversation as error:  # deleted in another window
            last = self._new_with(who, error)
        yield last

    def stop(self, who: Visitor, conversation: str) -> Changes:
        """Stop the answer that is being made."""
        if job := self._chat.running(who, conversation):
            job.stop()
        return {}

    def begin(self, who: Visitor) -> Changes:
        """A new conversation; a question that is being typed is left alone."""
        return self._screen(who, "")

    def open(self, who: Visitor, conversation: str, search: str = "") -> Changes:
        """Another conversation."""
        return self._screen(who, conversation, search)

    def search(self, who: Visitor, conversation: str, search: str) -> Changes:
        """The conversations that hold these words."""
        return {"listing": self._presenter.listing(who, conversation, search)}

    def rename(self, who: Visitor, conversation: str, id: str, title: str, search: str) -> Changes:
        """Give a conversation another title."""
        self._chat.conversations.rename(who.id, id, title)
        return self.search(who, conversation, search)

    def delete(self, who: Visitor, conversation: str, id: str, search: str) -> Changes:
        """Delete a conversation, and stop the answer that is being made in it."""
        if job := self._chat.running(who, id):
            job.stop()
        self._chat.conversations.delete(who.id, id)
        if id == conversation:
            return self._screen(who, "", search)
        return self.search(who, conversation, search)

    def remove(self, who: Visitor, conversation: str, number: int) -> Changes:
        """Delete one exchange."""
        self._chat.conversations.remove(who.id, conversation, number)
        return self._screen(who, conversation)

    def edit(self, who: Visitor, conversation: str, number: int) -> Changes:
        """Put a question back into the box, to be changed."""
        question = self._chat.question(who, conversation, number)
        return {"box": question, "editing": number, "banner": Part(visible=True)}

    def retry(self, who: Visitor, conversation: str, number: int, options: AskOptions) -> Changes:
        """Ask a question again."""
        question = self._chat.question(who, conversation, number)
        changes = self.ask(who, conversation, question, options, number)
        return {part: change for part, change in changes.items() if part != "box"}

    def cancel_edit(self) -> Changes:
        """Leave the question as it was."""
        return {"box": "", "editing": 0, "banner": Part(visible=False)}

    def _live(self, who: Visitor, job: Job) -> Changes:
        exchange = self._presenter.growing(who, job)
        return {"live": views.live(exchange), "said": views.said(exchange.status)}

    def _lost(self, who: Visitor, job: Job) -> Changes:
        """Why a question failed that was to replace another: no exchange says it."""
        if not job.error:
            return {}
        exchanges = self._chat.conversations.exchanges(who.id, job.conversation or "")
        if exchanges and exchanges[-1].error:
            return {}
        words = strings(who.page)["failed"].format(reason=job.error)
        return {"notice": views.notice(words, who.page, "bad")}

    def _uncalibrated(self, who: Visitor) -> str:
        """That calibrating the model would help, until this visitor has closed it; "" else."""
        scheduler = self._chat.scheduler
        model = scheduler.model["llm_sha256"][:_MODEL]
        if not scheduler.is_to_be_calibrated or who.kept.get("uncalibrated") == model:
            return ""
        words = strings(who.page)["uncalibrated"].format(name=scheduler.llm)
        return views.notice(words, who.page, keep=model)

    def _texts(self, who: Visitor) -> Changes:
        """Texts that stay whatever is done on the page."""
        say = strings(who.page)
        limits = say["upload_limits"].format(
            files=MAX_FILES, size=MAX_BYTES // 2**20, formats=" ".join(FORMATS)
        )
        read_only = self._chat.library.read_only
        return {
            "person": views.person(who.name, who.page),
            "editing_words": views.paragraph(say["editing"]),
            "kept": views.paragraph(say["settings_kept"]),
            "limits": views.paragraph(say["read_only"] if read_only else limits),
        }

    def _new_with(self, who: Visitor, error: UserError) -> Changes:
        """A new conversation, and why the one that was wanted is not shown."""
        return {**self._screen(who, ""), "notice": views.problem(error, who.page)}

    def _screen(self, who: Visitor, conversation: str, search: str = "") -> Changes:
        """A conversation that is gone to: no question is being changed, nothing went wrong."""
        fresh = {"editing": 0, "banner": Part(visible=False), "notice": ""}
        fresh |= self.scope.show(who, conversation)
        return {**self._conversation(who, conversation, search), **fresh}

    def _conversation(self, who: Visitor, conversation: str, search: str) -> Changes:
        """A conversation: its exchanges, the answer being made, the list, and its buttons."""
        turns = self._presenter.turns(who, conversation)
        job = self._chat.running(who, conversation)
        return {
            "conversation": conversation,
            "turns": turns,
            **(self._live(who, job) if job else {"live": ""}),
            **self.search(who, conversation, search),
            "send": Part(visible=job is None),
            "halt": Part(visible=job is not None),
        }
