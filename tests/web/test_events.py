"""What each act changes on the page: which parts, and what they are to show."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from index.build import Progress, Report
from index.errors import IndexBusy, IndexMissing, UserError
from index.storage.write_lock import only_writer
from qa.errors import BadQuestion, NoConversation, ReadOnly, TooBusy
from qa.service.chat import AskOptions, Chat, Offer, Visitor
from qa.service.library import WAITING, Library
from qa.service.uploads import MAX_BYTES, MAX_FILES
from qa.verification.calibrations import save
from qa.verification.thresholds import DEFAULT_PAIR, READER_ALONE, Pair
from qa.web.page import views
from qa.web.page.events import PageEvents
from qa.web.page.handlers import Changes, Part
from qa.web.page.presenter import Presenter
from qa.web.page.settings import COOKIE, read_cookie, usable
from qa.web.page.translations import FOLDER, LANGUAGES, strings
from tests.support.chats import (
    AGAIN,
    ANA,
    BOB,
    QUESTION,
    TOLD,
    USUAL,
    WRITTEN,
    HeldModel,
    exchanges,
    kept,
    talking,
    texts,
)
from tests.support.fakes import HashEmbedder, ScriptedModel, until

TALK = {"conversation", "turns", "live", "listing", "send", "halt"}
SCREEN = TALK | {"editing", "banner", "notice", "chips", "chosen"}
ARTICLES = {"articles", "shown"}
WORDS = {"person", "editing_words", "kept", "limits"}
SEEN, HIDDEN = Part(visible=True), Part(visible=False)
PARK = "The park has two lakes and an old mill."


class Stage:
    """A chat with the page's events, and a model that can be held."""

    def __init__(self, chat: Chat, model: HeldModel) -> None:
        self.chat, self.model, self.events = chat, model, PageEvents(chat, Presenter(chat))

    def asks(self, question: str = QUESTION, at: str = "", replacing: int = 0) -> str:
        """Ask, and wait for the answer; the conversation."""
        at = str(self.events.ask(ANA, at, question, USUAL, replacing)["conversation"])
        until(lambda: self.chat.running(ANA, at) is None)
        return at

    def begins(self, question: str = QUESTION, at: str = "", replacing: int = 0) -> str:
        """Ask, and leave the question unanswered; the conversation."""
        self.model.held = True
        changes = self.events.ask(ANA, at, question, USUAL, replacing)
        return str(changes["conversation"])


Opening = Callable[..., Stage]


@pytest.fixture
def opened(tmp_path: Path, library: Library) -> Iterator[Opening]:
    with ExitStack() as stack:

        def open_stage(shelf: Library = library, **more: Any) -> Stage:
            model = HeldModel(WRITTEN)
            return Stage(stack.enter_context(talking(tmp_path, shelf, model, **more)), model)

        yield open_stage


@pytest.fixture
def stage(opened: Opening) -> Stage:
    return opened()


def followed(changes: AsyncIterator[Changes]) -> list[Changes]:
    async def follow() -> list[Changes]:
        return [change async for change in changes]

    return asyncio.run(asyncio.wait_for(follow(), 30))


def shows(changes: Changes, **parts: object) -> None:
    """Assert what some parts are to show."""
    assert {name: changes[name] for name in parts} == parts


def trouble(changes: Changes, part: str = "notice") -> list[str]:
    return texts(changes[part], ".notice.bad p")


# Arriving


def test_page_is_found_with_all_its_parts(stage: Stage) -> None:
    changes = stage.events.arrive(ANA, "")

    assert set(changes) == SCREEN | ARTICLES | WORDS
    shows(changes, conversation="", live="", send=SEEN, halt=HIDDEN, banner=HIDDEN, editing=0)
    assert len(texts(changes["turns"], ".examples button")) == len(LANGUAGES)
    assert texts(changes["articles"], "tbody a")[0] == "Bread of the north"
    assert texts(changes["limits"], "p") == [
        strings("en")["upload_limits"].format(
            files=MAX_FILES,
            size=MAX_BYTES // 2**20,
            formats=".txt .text .md .markdown .html .htm .mhtml .mht .pdf .docx .pptx .xlsx .xlsm "
            ".epub .odt .odp .ods .rtf .eml .mbox .rst .org .srt .vtt .csv .tsv .json .geojson "
            ".jsonl .ndjson",
        )
    ]


def test_it_is_said_until_it_is_closed_that_calibrating_would_help(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    model = HeldModel.sha256[:16]
    closed = Visitor(ANA.id, kept={"uncalibrated": model})
    of_another = Visitor(ANA.id, "id", kept={"uncalibrated": "2" * 16})
    said, none, again = (
        stage.events.arrive(who, "")["notice"] for who in (ANA, closed, of_another)
    )
    with monkeypatch.context() as without:
        without.setattr(HeldModel, "gives_probabilities", False)
        assert stage.events.arrive(ANA, "")["notice"] == ""
    save(Pair(HeldModel.sha256, DEFAULT_PAIR.embedder), READER_ALONE, "2026-11-29", {})

    (words,) = texts(said, ".notice.good p")
    assert words.startswith("The model scripted is not calibrated.")
    assert words.endswith("article-qa models calibrate")
    assert f'data-keep="{model}"' in said
    assert none == stage.events.arrive(ANA, "")["notice"] == ""
    assert texts(again, "p")[0].startswith("Model scripted belum dikalibrasi.")


def test_conversation_is_found_again(stage: Stage) -> None:
    conversation = stage.asks()
    changes = stage.events.arrive(ANA, conversation)

    shows(changes, conversation=conversation, live="", send=SEEN, halt=HIDDEN)
    assert texts(changes["turns"], "p.text") == [TOLD]
    assert texts(changes["listing"], ".name[aria-current]") == [QUESTION]


def test_answer_that_is_made_is_found_again(stage: Stage) -> None:
    conversation = stage.begins()
    changes = stage.events.arrive(ANA, conversation)

    shows(changes, conversation=conversation, send=HIDDEN, halt=SEEN)
    assert len(texts(changes["live"], ".exchange")) == 1
    assert texts(changes["turns"], ".exchange, .welcome") == []


@pytest.mark.parametrize("who", [BOB, Visitor("")])
def test_conversation_of_another_is_a_new_one(who: Visitor, stage: Stage) -> None:
    conversation = stage.asks()

    for id in (conversation, "absent", "\0", "\ud800"):
        changes = stage.events.arrive(who, id)
        shows(changes, conversation="")
        assert trouble(changes) == [strings("en")["error_NoConversation"]]
        assert texts(changes["turns"], ".exchange") == []
        assert texts(changes["listing"], ".name") == []


@pytest.mark.parametrize("page", LANGUAGES)
def test_page_is_in_the_language_of_who_looks(page: str, opened: Opening) -> None:
    shelf = Library(Path("/absent"), HashEmbedder(), read_only=True)
    changes = opened(shelf).events.arrive(Visitor("a", page, "<ana>"), "")
    say = strings(page)

    assert {name: texts(changes[name], "p")[0] for name in WORDS} == {
        "person": f"{say['signed_in'].format(name='<ana>')} · {say['sign_out']}",
        "editing_words": say["editing"],
        "kept": say["settings_kept"],
        "limits": say["read_only"],
    }
    assert texts(changes["turns"], ".welcome p") == [say["empty_index"]]
    assert texts(changes["articles"], "p") == [say["no_articles"]]


# Asking


def test_asking_shows_that_it_is_being_answered(stage: Stage) -> None:
    stage.model.held = True
    changes = stage.events.ask(ANA, "", QUESTION, USUAL, 0)

    assert set(changes) == SCREEN | {"box", "said"}
    shows(changes, box="", send=HIDDEN, halt=SEEN, banner=HIDDEN, editing=0, notice="")
    assert [t.split(": ")[1] for t in texts(changes["live"], "h2")] == [QUESTION]
    assert texts(changes["listing"], ".name") == [QUESTION]
    assert texts(changes["turns"], ".welcome, .exchange") == []


def test_pressing_twice_asks_once(stage: Stage) -> None:
    conversation = stage.begins()

    assert stage.events.ask(ANA, conversation, QUESTION, USUAL, 0) == {}
    stage.model.held = False
    until(lambda: stage.chat.running(ANA, conversation) is None)
    assert len(exchanges(stage.chat, conversation)) == 1


def test_what_cannot_be_asked_changes_nothing(stage: Stage) -> None:
    with pytest.raises(BadQuestion):
        stage.events.ask(ANA, "", "long " * 9999, USUAL, 0)
    assert trouble(stage.events.ask(ANA, "", " ", USUAL, 0)) == [strings("en")["empty_question"]]
    with pytest.raises(NoConversation):
        stage.events.ask(ANA, "absent", QUESTION, USUAL, 0)
    assert stage.chat.conversations.list("a") == []


def test_answer_is_followed_until_the_conversation_has_it(stage: Stage) -> None:
    conversation = stage.begins()

    async def follow() -> list[Changes]:
        changes = stage.events.follow(ANA, conversation)
        first = await anext(changes)
        stage.model.held = False
        return [first, *[change async for change in changes]]

    *grown, last = asyncio.run(asyncio.wait_for(follow(), 30))

    assert {name for change in grown for name in change} == {"live", "said"}
    assert texts(last["said"], "[role=status]") == ["The answer is there."]
    assert len(texts(grown[0]["live"], ".exchange.live .stages .now")) == 1
    assert set(last) == TALK | {"said"}
    shows(last, conversation=conversation, live="", send=SEEN, halt=HIDDEN)
    assert texts(last["turns"], "p.text") == [TOLD]


def test_answer_that_was_there_before_it_is_followed_is_shown(stage: Stage) -> None:
    conversation = stage.asks()
    (last,) = followed(stage.events.follow(ANA, conversation))

    assert set(last) == TALK | {"said"}
    shows(last, live="", send=SEEN, halt=HIDDEN)
    assert texts(last["turns"], "p.text") == [TOLD]


def test_stopping_ends_what_is_followed(stage: Stage) -> None:
    conversation = stage.begins()

    async def follow() -> list[Changes]:
        changes = stage.events.follow(ANA, conversation)
        first = await anext(changes)
        assert stage.events.stop(ANA, conversation) == {}
        return [first, *[change async for change in changes]]

    *_, last = asyncio.run(asyncio.wait_for(follow(), 30))

    shows(last, live="", send=SEEN, halt=HIDDEN)
    assert texts(last["turns"], ".halted") == ["Stopped."]
    assert stage.events.stop(ANA, conversation) == {}


def test_nobody_stops_or_follows_what_another_asked(stage: Stage) -> None:
    conversation = stage.begins()

    assert stage.events.stop(BOB, conversation) == {}
    (seen,) = followed(stage.events.follow(BOB, conversation))
    shows(seen, conversation="", live="")
    assert trouble(seen) == [strings("en")["error_NoConversation"]]
    assert stage.chat.running(ANA, conversation) is not None


def test_conversation_that_is_deleted_in_another_window_is_left(stage: Stage) -> None:
    conversation = stage.begins()

    async def follow() -> list[Changes]:
        changes = stage.events.follow(ANA, conversation)
        await anext(changes)
        stage.events.delete(ANA, "", conversation, "")
        return [change async for change in changes]

    *_, last = asyncio.run(asyncio.wait_for(follow(), 30))

    assert set(last) == SCREEN
    shows(last, conversation="", live="", send=SEEN, halt=HIDDEN)
    assert trouble(last) == [strings("en")["error_NoConversation"]]
    assert texts(last["listing"], ".name") == []


@pytest.mark.parametrize("replacing", [0, 1])
def test_why_a_question_failed_is_told_once(replacing: int, opened: Opening) -> None:
    failing = threading.Event()

    def load(name: str) -> ScriptedModel:
        assert failing.wait(30)
        raise BadQuestion("No <model>.")

    stage = opened(load=load)
    conversation = stage.asks()
    stage.events.ask(ANA, conversation, AGAIN, AskOptions(llm="other"), replacing)

    async def follow() -> list[Changes]:
        changes = stage.events.follow(ANA, conversation)
        first = await anext(changes)
        failing.set()
        return [first, *[change async for change in changes]]

    *_, last = asyncio.run(asyncio.wait_for(follow(), 30))

    told = ["This did not work: No <model>."]
    assert texts(last["turns"], ".trouble") == ([] if replacing else told)
    assert (trouble(last) if replacing else told) == told
    assert ("notice" in last) == bool(replacing)
    assert texts(last["turns"], "p.text") == [TOLD]


# Other acts of the chat


def test_question_is_put_back_to_be_changed(stage: Stage) -> None:
    conversation = stage.asks()

    assert stage.events.edit(ANA, conversation, 1) == {
        "box": QUESTION,
        "editing": 1,
        "banner": SEEN,
    }
    assert stage.events.cancel_edit() == {"box": "", "editing": 0, "banner": HIDDEN}
    with pytest.raises(NoConversation):
        stage.events.edit(ANA, conversation, 2)
    with pytest.raises(NoConversation):
        stage.events.edit(BOB, conversation, 1)


def test_asking_again_leaves_what_is_typed(stage: Stage) -> None:
    conversation = stage.asks()
    stage.model.held = True
    changes = stage.events.retry(ANA, conversation, 1, USUAL)

    assert set(changes) == SCREEN | {"said"}
    shows(changes, send=HIDDEN, halt=SEEN, editing=0)
    assert texts(changes["turns"], "p.text") == [TOLD]
    assert len(texts(changes["live"], ".exchange")) == 1
    assert stage.events.retry(ANA, conversation, 1, USUAL) == {}
    stage.model.held = False
    until(lambda: stage.chat.running(ANA, conversation) is None)
    assert kept(stage.chat, conversation) == [(2, QUESTION, "done", TOLD)]


def test_going_elsewhere_begins_afresh(stage: Stage) -> None:
    first = stage.asks()
    second = stage.begins(AGAIN)
    new, there = stage.events.begin(ANA), stage.events.open(ANA, first)

    assert (set(new), set(there)) == (SCREEN, SCREEN)
    shows(new, conversation="", live="", send=SEEN, halt=HIDDEN, editing=0, banner=HIDDEN)
    shows(there, conversation=first, live="", send=SEEN, halt=HIDDEN, notice="")
    assert texts(there["listing"], ".name") == [AGAIN, QUESTION]
    shows(stage.events.open(ANA, second), conversation=second, send=HIDDEN, halt=SEEN)
    with pytest.raises(NoConversation):
        stage.events.open(BOB, first)


def test_conversations_are_searched_and_renamed(stage: Stage) -> None:
    first, second = stage.asks(), stage.asks(AGAIN)

    def names(changes: Changes) -> list[str]:
        assert set(changes) == {"listing"}
        return texts(changes["listing"], ".name")

    assert names(stage.events.search(ANA, first, "made")) == [AGAIN]
    assert names(stage.events.search(ANA, first, "")) == [AGAIN, QUESTION]
    assert names(stage.events.rename(ANA, first, second, "<b>Ovens</b>", "")) == [
        *("<b>Ovens</b>", QUESTION),
    ]
    assert names(stage.events.rename(ANA, first, second, "Bread", "new")) == [QUESTION]
    with pytest.raises(UserError, match="needs a title"):
        stage.events.rename(ANA, first, second, " ", "")
    with pytest.raises(NoConversation):
        stage.events.rename(BOB, "", second, "Mine", "")


def test_deleting_the_open_conversation_leads_to_a_new_one(stage: Stage) -> None:
    first, second = stage.asks(), stage.asks(AGAIN)
    other = stage.events.delete(ANA, first, second, "")
    this = stage.events.delete(ANA, first, first, "x")

    assert (set(other), set(this)) == ({"listing"}, SCREEN)
    assert texts(other["listing"], ".name") == [QUESTION]
    shows(this, conversation="", send=SEEN, halt=HIDDEN)
    assert texts(this["listing"], "p") == ["Nothing found."]
    with pytest.raises(NoConversation):
        stage.events.delete(ANA, "", first, "")


def test_deleting_stops_what_is_answered(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    conversation = stage.begins()
    job = stage.chat.running(ANA, conversation)
    assert job is not None

    with pytest.raises(NoConversation):
        stage.events.delete(BOB, "", conversation, "")
    assert not job.over
    stage.events.delete(ANA, conversation, conversation, "")
    assert job.wait(30)
    assert (job.state, caplog.records) == ("stopped", [])


def test_one_exchange_is_deleted(stage: Stage) -> None:
    conversation = stage.asks()
    stage.asks(AGAIN, conversation)
    changes = stage.events.remove(ANA, conversation, 1)

    assert set(changes) == SCREEN
    assert [t.split(": ")[1] for t in texts(changes["turns"], "h2")] == [AGAIN]
    for who, number in ((ANA, 1), (ANA, 10**30), (BOB, 2)):
        with pytest.raises(NoConversation):
            stage.events.remove(who, conversation, number)


# Trouble


@pytest.mark.parametrize(
    "error",
    [TooBusy("x"), NoConversation(), ReadOnly(Path("x")), IndexBusy(Path("x"))],
    ids=lambda error: type(error).__name__,
)
def test_trouble_is_told_in_the_language_of_the_page(error: UserError) -> None:
    notices = {page: views.problem(error, page) for page in LANGUAGES}

    assert {page: trouble({"notice": notice}) for page, notice in notices.items()} == {
        page: [strings(page)[f"error_{type(error).__name__}"]] for page in LANGUAGES
    }


@pytest.mark.parametrize(
    "error", [UserError("<b onclick='x'>&amp;"), IndexMissing(Path("/<script>x</script>"))]
)
def test_other_trouble_is_told_in_its_own_words(error: UserError) -> None:
    notice = views.problem(error, "hi")

    assert trouble({"notice": notice}) == [str(error)]
    made = BeautifulSoup(notice, "html.parser").find_all(True)
    assert [(tag.name, sorted(tag.attrs)) for tag in made] == [
        *(("div", ["class", "role"]), ("p", [])),
        ("button", ["aria-label", "data-dismiss", "type"]),
    ]


# Articles


@pytest.fixture
def park(tmp_path: Path) -> tuple[str, Path]:
    """A file as a browser sends it."""
    path = tmp_path / "sent"
    path.write_text(PARK, encoding="utf-8")
    return "park.txt", path


def titles(changes: Changes) -> list[str]:
    return texts(changes["articles"], "tbody a")


def test_articles_are_searched_and_more_are_shown(
    opened: Opening, library: Library, articles: Path
) -> None:
    for i in range(60):
        (articles / f"{i}.txt").write_text(f"Number {i}\n\nIt says {i}.", encoding="utf-8")
    library.reread()
    shelf = opened().events.articles
    all_of_them, found = shelf.list(ANA), shelf.list(ANA, "NORTH bread")
    more, one = shelf.more(ANA, "", all_of_them["shown"]), shelf.more(ANA, "harbour", 50)

    assert [(set(c), c["shown"], len(titles(c))) for c in (all_of_them, found, more, one)] == [
        *((ARTICLES, 50, 50), (ARTICLES, 50, 1), (ARTICLES, 100, 62), (ARTICLES, 100, 1)),
    ]
    assert [len(texts(c["articles"], "[data-act=more]")) for c in (all_of_them, more)] == [1, 0]


def test_added_article_is_listed_with_what_was_done(stage: Stage, park: tuple[str, Path]) -> None:
    refused = ("<img src=x onerror=alert(1)>.png", park[1])
    *progress, last = followed(stage.events.articles.add(ANA, [park, refused], ""))

    assert {name for change in progress for name in change} == {"outcome", "changing"}
    assert {change["outcome"] for change in progress} == {""}
    assert set(last) == ARTICLES | {"outcome", "changing"}
    assert last["changing"] == ""
    assert titles(last) == ["Bread of the north", "बंदरगाह में 12 जहाज आए। सभी जहाज चीन से थे।", PARK]
    assert texts(last["outcome"], "p") == [
        "Added 1, changed 0, removed 0, unchanged 0, not read 1."
    ]
    (told,) = texts(last["outcome"], ".bad li")
    assert told.startswith("<img src=x onerror=alert(1)>.png: ")
    assert texts(last["outcome"] + last["articles"], "img") == []


def test_what_was_sent_is_deleted_once_it_is_added(stage: Stage, park: tuple[str, Path]) -> None:
    followed(stage.events.articles.add(ANA, [park, ("gone.txt", park[1].parent / "gone")], ""))

    assert not park[1].exists()
    assert stage.chat.library.text("park.txt") == PARK


def test_removed_article_is_gone(stage: Stage, park: tuple[str, Path]) -> None:
    followed(stage.events.articles.add(ANA, [park], ""))
    *_, last = followed(stage.events.articles.remove(ANA, "park.txt", "bread"))

    assert titles(last) == ["Bread of the north"]
    assert texts(last["outcome"], ".notice.good p") == [
        "Added 0, changed 0, removed 1, unchanged 0, not read 0."
    ]


def test_folders_are_read_again(stage: Stage, articles: Path) -> None:
    (articles / "park.txt").write_text(PARK, encoding="utf-8")
    (articles / "bakery.txt").unlink()
    Path(f"{articles}/caf\udce9.txt").write_bytes(b"coffee")
    *_, last = followed(stage.events.articles.reread(Visitor("a", "id"), ""))

    assert texts(last["outcome"], "p, li") == [
        "Ditambahkan 1, diubah 0, dikeluarkan 1, tidak berubah 1, tidak dibaca 1.",
        "caf?.txt: its path is not UTF-8; rename it",
    ]
    assert [name.rpartition("/")[2] for name in texts(last["articles"], ".health li b")] == [
        "caf\\udce9.txt"
    ]


class Told(Library):
    """Tells of its work step by step, each once the last one was seen."""

    steps = ((0, 0, WAITING), (0, 7, "<b>.txt"), (3, 7, "{x}.txt"), (7, 7, "9 vectors"))
    seen = threading.Semaphore(0)

    def reread(self, progress: Progress = lambda done, total, what: None) -> Report:
        assert self.seen.acquire(timeout=30)
        for step in self.steps:
            progress(*step)
            assert self.seen.acquire(timeout=30)
        return Report(unchanged=2)


def test_progress_is_told_step_by_step(
    opened: Opening, two_articles: Path, embedder: HashEmbedder
) -> None:
    library, seen = Told(two_articles, embedder), [""]

    async def follow() -> None:
        async for change in opened(library).events.articles.reread(ANA, ""):
            words = "".join(texts(change["changing"], "p"))
            seen.extend([words] if words != seen[-1] else [])
            library.seen.release()

    asyncio.run(asyncio.wait_for(follow(), 30))

    assert seen[-5:] == [
        *("Waiting for another change to end", "Reading 0 of 7: <b>.txt"),
        *("Reading 3 of 7: {x}.txt", "Writing the index", ""),
    ]


class Held(Library):
    """Changes nothing before it may."""

    may = threading.Event()

    def reread(self, progress: Progress = lambda done, total, what: None) -> Report:
        assert self.may.wait(30)
        return Report()


def test_so_many_changes_wait_and_no_more(
    opened: Opening, two_articles: Path, embedder: HashEmbedder
) -> None:
    library = Held(two_articles, embedder)
    events = opened(library).events

    async def change() -> list[Changes]:
        return [shown async for shown in events.articles.reread(ANA, "")]

    async def changes() -> tuple[list[Changes], list[Changes]]:
        waiting = [asyncio.create_task(change()) for _ in range(3)]
        await asyncio.sleep(0)
        refused = await change()
        waiting[0].cancel()  # its window is closed; the change goes on
        refused += await change()
        library.may.set()
        await asyncio.gather(*waiting[1:])
        await asyncio.sleep(0.1)
        return refused, await change()

    refused, later = asyncio.run(asyncio.wait_for(changes(), 30))

    words = strings("en")["error_ChangesWaiting"]
    assert [trouble(shown, "outcome") for shown in refused] == [[words], [words]]
    assert trouble(later[-1], "outcome") == []


@pytest.mark.parametrize("page", LANGUAGES)
def test_articles_that_are_only_read_stay_as_they_are(
    page: str,
    opened: Opening,
    two_articles: Path,
    embedder: HashEmbedder,
    park: tuple[str, Path],
) -> None:
    library, who = Library(two_articles, embedder, read_only=True), Visitor("a", page)
    shelf = opened(library).events.articles
    acts = (shelf.add(who, [park], ""), shelf.remove(who, "a", ""), shelf.reread(who, ""))

    for act in acts:
        *_, last = followed(act)
        assert trouble(last, "outcome") == [strings(page)["error_ReadOnly"]]
        assert (last["changing"], len(titles(last))) == ("", 2)


def test_articles_that_another_program_changes_are_told_of(
    stage: Stage, two_articles: Path
) -> None:
    with only_writer(two_articles):
        *_, last = followed(stage.events.articles.reread(ANA, ""))

    assert trouble(last, "outcome") == [strings("en")["error_IndexBusy"]]


def test_article_of_a_folder_is_not_removed(stage: Stage) -> None:
    *_, last = followed(stage.events.articles.remove(ANA, "bakery.txt", ""))
    *_, absent = followed(stage.events.articles.remove(ANA, "<b>.txt", ""))

    assert trouble(last, "outcome")[0].startswith("bakery.txt was not added here")
    assert trouble(absent, "outcome") == ["There is no article <b>.txt any more."]
    assert len(titles(absent)) == 2


# Settings

OFFER = Offer(("small", "large"))
NONE_KEPT = {"language": "", "llm": "small", "limit": 10, "look": "system", "page": "en"}


@pytest.mark.parametrize(
    ("cookie", "settings"),
    [
        pytest.param(json.dumps({"look": "dark", "limit": "7"}), {"look": "dark", "limit": "7"}),
        pytest.param(json.dumps({"llm": "мал", "page": "hi"}), {"llm": "мал", "page": "hi"}),
        pytest.param("{}", {}, id="nothing"),
        pytest.param("", {}, id="empty"),
        pytest.param("{", {}, id="half"),
        pytest.param("<script>alert(1)</script>", {}, id="script"),
        pytest.param("[1, 2]", {}, id="list"),
        pytest.param('"look"', {}, id="text"),
        pytest.param("null", {}, id="null"),
        pytest.param("[" * 2000, {}, id="deep"),
        pytest.param('{"a":' * 400, {}, id="deeper"),
        pytest.param("9" * 5000, {}, id="number"),
        pytest.param(json.dumps({"x": "y" * 9000}), {}, id="huge"),
        pytest.param("\0\ud800\x7f", {}, id="controls"),
        pytest.param(
            '{"limit": 7, "look": null, "page": ["hi"], "llm": {"a": true}, "language": 1e999}',
            {
                **{"limit": "7", "look": "None", "page": "['hi']", "llm": "{'a': True}"},
                "language": "inf",
            },
            id="other types",
        ),
    ],
)
def test_settings_of_a_browser_are_read_as_far_as_they_can_be(
    cookie: str, settings: dict[str, str]
) -> None:
    assert read_cookie({COOKIE: cookie, "other": "{}"}) == settings
    assert read_cookie({COOKIE: quote(cookie, errors="replace")}) == settings


def test_without_a_cookie_nothing_is_chosen() -> None:
    assert read_cookie({}) == {}
    assert read_cookie({COOKIE: "%ff%fe%"}) == {}
    assert usable(Visitor("a"), OFFER) == NONE_KEPT


@pytest.mark.parametrize(
    ("given", "used"),
    [
        pytest.param(
            {"language": "hi", "llm": "large", "limit": "30", "look": "dark", "page": "hi"},
            {"language": "hi", "llm": "large", "limit": 30, "look": "dark"},
            id="all",
        ),
        pytest.param({"language": "xx", "llm": "gone", "look": "<b>"}, {}, id="unknown"),
        pytest.param({"language": "None", "llm": "", "look": "inf"}, {}, id="other types"),
        pytest.param({"LANGUAGE": "hi", "__class__": "x"}, {}, id="other names"),
        *(
            pytest.param({"limit": given}, {"limit": used}, id=f"limit {given[:9]}")
            for given, used in [
                *(("1", 1), ("30", 30), ("31", 30), ("9" * 2000, 30), ("007", 7), ("٣", 3)),
                *(("0", 10), ("-1", 10), ("7.5", 10), ("", 10), ("²", 10), ("NaN", 10)),
            ]
        ),
    ],
)
def test_settings_that_can_be_used_are_used(given: dict[str, str], used: Changes) -> None:
    # The page's language was told from the cookie before.
    assert usable(Visitor("a", kept=given), OFFER) == {**NONE_KEPT, **used}


def test_page_is_in_the_language_it_is_read_in() -> None:
    who = Visitor("a", "zh", kept={"page": "de"})

    assert usable(who, OFFER) == {**NONE_KEPT, "page": "zh"}


def test_every_part_that_is_changed_is_laid_out() -> None:
    text = (FOLDER.parent / "layout.py").read_text(encoding="utf-8")
    parts = SCREEN | ARTICLES | WORDS | {"box", "said", "outcome", "changing"} | set(NONE_KEPT)

    assert {part for part in parts if f'"{part}"' not in text} == set()


def test_articles_are_listed_anew_when_a_watcher_changed_them(stage: Stage, articles: Path) -> None:
    shelf = stage.events.articles
    first = shelf.follow(ANA, "", 0, 0)
    assert shelf.follow(ANA, "", 0, first["version"]) == {}

    (articles / "park.txt").write_text(PARK, encoding="utf-8")
    stage.chat.library.reread()
    changes = shelf.follow(ANA, "", 0, first["version"])
    assert changes["version"] > first["version"]
    assert "park.txt" in changes["articles"]
