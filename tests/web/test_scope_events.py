"""Which articles a conversation is kept to: how they are chosen, kept, and asked alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.build import sync
from index.scope import EVERYTHING, BadScope, Scope, kept_to
from index.search import Searcher
from qa.errors import NoConversation, NoPlace
from qa.service.chat import LONGEST_PLACE, MOST_PLACES, AskOptions, Chat
from qa.service.library import Library
from qa.web.page.events import PageEvents
from qa.web.page.handlers import Changes
from qa.web.page.presenter import Presenter
from qa.web.page.settings import ask_options
from qa.web.page.translations import LANGUAGES, strings
from tests.support.chats import (
    ANA,
    BOB,
    QUESTION,
    USUAL,
    WRITTEN,
    HeldModel,
    exchanges,
    talking,
    texts,
)
from tests.support.fakes import HashEmbedder, until

BREAD, HARBOUR = kept_to(["bakery.txt"]), kept_to(["harbour.txt"])
OVENS = "The new oven was built by Anna Steel in 2021. It burns gas.\n"


class Stage:
    """A chat about two articles and a folder of one more, and its events."""

    def __init__(self, chat: Chat, articles: Path, index: Path) -> None:
        self.chat, self.events = chat, PageEvents(chat, Presenter(chat))
        self.articles, self._index = articles, index

    def asks(self, chosen: Scope = EVERYTHING, at: str = "", replacing: int = 0) -> str:
        """Ask, and wait for the answer; the conversation."""
        options = AskOptions(scope=chosen)
        changes = self.events.ask(ANA, at, QUESTION, options, replacing)
        at = str(changes["conversation"])
        until(lambda: self.chat.running(ANA, at) is None)
        return at

    def loses(self, name: str) -> None:
        """An article is not indexed any more."""
        (self.articles / name).unlink()
        sync([self.articles], self._index, HashEmbedder())

    def proof(self, conversation: str) -> list[tuple[Scope, set[str]]]:
        """Of each exchange, what alone was asked, and the articles that prove the answer."""
        answers = [e.answer for e in exchanges(self.chat, conversation) if e.answer]
        return [(a.scope, {citation.article for citation in a.citations}) for a in answers]


@pytest.fixture
def stage(tmp_path: Path, articles: Path) -> Iterator[Stage]:
    (articles / "news").mkdir()
    (articles / "news" / "oven.txt").write_text(OVENS, encoding="utf-8")
    index, embedder = tmp_path / "index", HashEmbedder()
    sync([articles], index, embedder)
    library, searcher = Library(index, embedder), Searcher(index, embedder)
    with talking(tmp_path, library, HeldModel(WRITTEN), searcher) as chat:
        yield Stage(chat, articles, index)


def names(changes: Changes) -> list[str]:
    return texts(changes["chips"], "li .name")


def told(changes: Changes) -> list[str]:
    return texts(changes["notice"], ".notice.bad p")


# Choosing


def test_what_is_chosen_before_the_first_question_is_the_page_s(stage: Stage) -> None:
    scope = stage.events.scope
    one = scope.choose(ANA, "", EVERYTHING, ["bakery.txt"])
    two = scope.choose(ANA, "", one["chosen"], ["news/"])
    left = scope.drop(ANA, "", two["chosen"], "bakery.txt")
    none = scope.clear(ANA, "")

    assert [c["chosen"] for c in (one, two, left)] == [BREAD, kept_to(["bakery.txt", "news/"]),
                                                      kept_to(["news/"])]  # fmt: skip
    assert [names(c) for c in (one, two, left, none)] == [
        *(["Bread of the north"], ["Bread of the north", "news/"], ["news/"], []),
    ]
    assert none["chosen"] == EVERYTHING
    assert texts(two["said"], "[role=status]") == ["Asking only: Bread of the north, news/"]
    assert texts(none["said"], "[role=status]") == ["All articles are asked."]
    assert stage.chat.conversations.list("a") == []


def test_conversation_that_a_question_begins_keeps_what_was_chosen(stage: Stage) -> None:
    conversation = stage.asks(BREAD)
    again = stage.events.arrive(ANA, conversation)

    assert stage.chat.scope(ANA, conversation) == BREAD
    assert (names(again), again["chosen"]) == (["Bread of the north"], EVERYTHING)
    assert names(stage.events.begin(ANA)) == []
    other = stage.asks(EVERYTHING)
    assert names(stage.events.open(ANA, other)) == []
    assert names(stage.events.open(ANA, conversation)) == ["Bread of the north"]


def test_only_what_is_chosen_proves_an_answer(stage: Stage) -> None:
    conversation = stage.asks(kept_to(["news/"]))
    stage.events.scope.only(ANA, conversation, "bakery.txt")
    stage.asks(HARBOUR, conversation)  # what a page still has is not what the conversation is of
    stage.events.scope.clear(ANA, conversation)
    stage.asks(HARBOUR, conversation)

    news, bread, everything = stage.proof(conversation)
    assert news == (kept_to(["news/"]), {"news/oven.txt"})
    assert bread == (BREAD, {"bakery.txt"})
    assert everything[0] == EVERYTHING
    shown = stage.events.open(ANA, conversation)["turns"]
    assert texts(shown, ".kept") == ["Asked only: news/", "Asked only: Bread of the north"]


def test_asking_again_and_changing_a_question_go_by_the_present_scope(stage: Stage) -> None:
    conversation = stage.asks(HARBOUR)
    stage.events.scope.only(ANA, conversation, "bakery.txt")
    stage.events.retry(ANA, conversation, 1, USUAL)
    until(lambda: stage.chat.running(ANA, conversation) is None)
    assert stage.proof(conversation) == [(BREAD, {"bakery.txt"})]

    stage.events.scope.only(ANA, conversation, "news/")
    stage.asks(EVERYTHING, conversation, replacing=2)
    assert stage.proof(conversation) == [(kept_to(["news/"]), {"news/oven.txt"})]


def test_what_is_being_answered_says_what_alone_is_asked(stage: Stage) -> None:
    stage.chat.scheduler._model.held = True  # type: ignore[attr-defined]
    changes = stage.events.ask(ANA, "", QUESTION, AskOptions(scope=BREAD), 0)

    assert texts(changes["live"], ".kept") == ["Asked only: Bread of the north"]
    assert names(changes) == ["Bread of the north"]


# What cannot be chosen


@pytest.mark.parametrize(
    "place",
    [
        *("", "/", ".", "../bakery.txt", "bakery", "news", "bakery.txt/", "*", "*.txt", "Bread"),
        *("/etc/passwd", "/etc/", "\0", "\ud800", "<b>", "x" * (LONGEST_PLACE + 1), "./bakery.txt"),
    ],
)
def test_what_is_no_article_or_folder_is_not_chosen(place: str, stage: Stage) -> None:
    conversation = stage.asks(HARBOUR)

    for at in ("", conversation):
        changes = stage.events.scope.choose(ANA, at, HARBOUR, ["bakery.txt", place])
        assert told(changes) == [strings("en")["error_NoPlace"]]
        assert len(names(changes)) == 1  # all or nothing
        with pytest.raises(NoPlace):
            stage.events.scope.only(ANA, at, place)
    assert stage.chat.scope(ANA, conversation) == HARBOUR


def test_so_many_are_chosen_and_no_more(stage: Stage) -> None:
    for i in range(MOST_PLACES + 1):
        (stage.articles / f"{i}.txt").write_text(f"It says {i}.", encoding="utf-8")
    sync([stage.articles], stage.articles.parent / "index", HashEmbedder())
    places = [f"{i}.txt" for i in range(MOST_PLACES)]
    full = stage.events.scope.choose(ANA, "", EVERYTHING, places)
    again = stage.events.scope.choose(ANA, "", full["chosen"], ["0.txt"])
    more = stage.events.scope.choose(ANA, "", full["chosen"], [f"{MOST_PLACES}.txt"])
    flood = stage.events.scope.choose(ANA, "", EVERYTHING, ["0.txt"] * 100_000 + ["gone"])

    assert full["chosen"] == again["chosen"] == more["chosen"] == kept_to(places)
    assert told(more) == [strings("en")["error_TooManyPlaces"]]
    assert flood["chosen"] == kept_to(["0.txt"])


def test_nobody_chooses_in_the_conversation_of_another(stage: Stage) -> None:
    conversation = stage.asks(BREAD)
    scope = stage.events.scope

    acts: list[Callable[[], Changes]] = [
        lambda: scope.choose(BOB, conversation, EVERYTHING, ["harbour.txt"]),
        lambda: scope.only(BOB, conversation, "harbour.txt"),
        lambda: scope.drop(BOB, conversation, EVERYTHING, "bakery.txt"),
        lambda: scope.clear(BOB, conversation),
        lambda: scope.show(BOB, conversation),
    ]
    for act in acts:
        with pytest.raises(NoConversation):
            act()
    assert stage.chat.scope(ANA, conversation) == BREAD


def test_scope_with_nothing_in_it_says_so_and_asks_nothing(stage: Stage) -> None:
    conversation = stage.asks(HARBOUR)
    stage.loses("harbour.txt")

    for at in ("", conversation):
        with pytest.raises(
            BadScope, match=r"No indexed article is in this scope: './harbour\.txt'"
        ):
            stage.events.ask(ANA, at, QUESTION, AskOptions(scope=HARBOUR), 0)
    changes = stage.events.open(ANA, conversation)
    assert texts(changes["chips"], "li.gone .name") == ["harbour.txt"]
    assert len(stage.chat.conversations.list("a")) == 1
    assert len(exchanges(stage.chat, conversation)) == 1
    dropped = stage.events.scope.drop(ANA, conversation, EVERYTHING, "harbour.txt")
    assert (names(dropped), stage.chat.scope(ANA, conversation)) == ([], EVERYTHING)


def test_scope_that_is_emptied_while_a_question_waits_is_told_in_its_place(stage: Stage) -> None:
    stage.chat.scheduler._model.held = True  # type: ignore[attr-defined]
    before = [stage.chat.ask(BOB, "", QUESTION, USUAL) for _ in range(2)]
    at = str(stage.events.ask(ANA, "", QUESTION, AskOptions(scope=HARBOUR), 0)["conversation"])
    stage.loses("harbour.txt")
    for conversation in before:  # as many as are answered at a time
        job = stage.chat.running(BOB, conversation)
        assert job is not None
        job.stop()
    until(lambda: stage.chat.running(ANA, at) is None)

    (failed,) = exchanges(stage.chat, at)
    assert failed.error == "No indexed article is in this scope: './harbour.txt'."
    assert texts(stage.events.open(ANA, at)["turns"], ".trouble") == [
        f"This did not work: {failed.error}"
    ]


# What is offered


def test_few_places_are_offered_for_what_is_typed(stage: Stage) -> None:
    for i in range(300):
        (stage.articles / "news" / f"{i}.txt").write_text(f"Number {i}\n\nIt says {i}.")
    sync([stage.articles], stage.articles.parent / "index", HashEmbedder())
    presenter = Presenter(stage.chat)

    assert len(presenter.places("")) == len(presenter.places("number")) == 8
    assert [place.path for place in presenter.places("NUMBER 29")] == [
        *("news/29.txt", *(f"news/29{i}.txt" for i in range(7))),
    ]
    assert [place.path for place in presenter.places("जहाज")] == ["harbour.txt"]
    assert presenter.places("zeppelin") == []


@pytest.mark.parametrize("page", LANGUAGES)
def test_folders_are_listed_among_the_articles(page: str, stage: Stage) -> None:
    shown = stage.events.articles.list(ANA)
    found = stage.events.articles.list(ANA, "bakery")

    assert texts(shown["articles"], ".folders bdi") == ["news/"]
    assert texts(found["articles"], ".folders bdi") == []


def test_options_hold_what_was_chosen() -> None:
    assert ask_options("", "", 10, BREAD) == AskOptions(scope=BREAD)
