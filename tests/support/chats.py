"""Chats: conversations about the small articles, answered by a model that can be held."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bs4 import BeautifulSoup

from index.passage import Passage
from qa.answering.asking import Index
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel
from qa.service.chat import AskOptions, Chat, Visitor
from qa.service.conversations import Conversations
from qa.service.exchange import Exchange
from qa.service.jobs.scheduler import Scheduler
from qa.service.library import Library
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage
from tests.support.small_articles import BAKERY, HARBOUR

ANA, BOB = Visitor("a"), Visitor("b")
USUAL = AskOptions()
OVEN = "The new oven was built by Kumar Steel in 2019."
QUESTION, AGAIN = "Who built the new oven?", "Who made the oven?"
WRITTEN = "Kumar Steel did."
TOLD = "Kumar Steel did. [1]"


class HeldModel(ScriptedModel):
    """Does nothing while it is held, but can be stopped."""

    held = False

    def _wait(self, seconds: float) -> None:
        super()._wait(seconds)
        while self.held:
            time.sleep(0.002)
            self._stop.raise_if_set()


def cited(text: str = OVEN, article: str = "bakery.txt") -> Passage:
    """A passage of one of the two small articles."""
    return passage(
        text, article, {"bakery.txt": BAKERY, "harbour.txt": HARBOUR}[article].index(text)
    )


@contextmanager
def talking(
    folder: Path,
    library: Library,
    model: ScriptedModel | None = None,
    index: Index | None = None,
    load: Callable[[str], LanguageModel] | None = None,
    reader: Reader | None = None,
) -> Iterator[Chat]:
    """A chat of which the conversations are kept in a folder."""
    model, index = model or HeldModel(WRITTEN), index or FixedIndex(cited())
    with (
        closing(Conversations(folder / "conversations.sqlite")) as kept,
        closing(Scheduler(index, reader or ScriptedReader(), model, load)) as scheduler,
    ):
        yield Chat(scheduler, kept, library)


def exchanges(chat: Chat, conversation: str, who: Visitor = ANA) -> list[Exchange]:
    return chat.conversations.exchanges(who.id, conversation)


def kept(chat: Chat, conversation: str) -> list[tuple[int, str, str, str]]:
    """What is kept of each exchange: number, question, state and the answer's text."""
    return [
        (e.number, e.question, e.state, e.answer.text if e.answer else "")
        for e in exchanges(chat, conversation)
    ]


def texts(html: str, selector: str) -> list[str]:
    return [tag.text for tag in BeautifulSoup(html, "html.parser").select(selector)]
