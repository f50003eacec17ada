"""The page in a real browser, served for real; the model is scripted, so that it is quick."""

import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from index.build import sync
from index.embedding.embedder import Embedder
from index.file_states import FileStates
from index.search import Searcher
from qa.ask import refusal
from qa.cli import opening
from qa.llm.llama import LlamaModel
from qa.llm.model import Message
from qa.web.security.users import Users
from tests.support.chat_page import (
    BUILT,
    LOAVES,
    OVEN,
    SHIPS,
    Knowing,
    arrive,
    ask,
    faults,
    knowing,
)
from tests.support.chromium import CHROMIUM, MISSING
from tests.support.fakes import HashEmbedder, ScriptedDraft
from tests.support.served import Served, served
from tests.support.small_articles import BAKERY, write_articles

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
]

UNKNOWN = "Which king reigns over Denmark?"
HOSTILE = """<script>window.hacked = 1</script> Title <img src=x onerror="window.hacked = 1">

The <b>parrot</b> costs 90 rupees [x](javascript:window.hacked=1) <svg onload="window.hacked=1">.
"""


@dataclass
class HaltingDraft(ScriptedDraft):
    """Writes on behind `halts` only once it is stopped, which is never then."""

    halts: str = ""

    def __iter__(self) -> Iterator[str]:
        written = ""
        for character in super().__iter__():
            yield character
            written += character
            while written.endswith(self.halts):
                time.sleep(0.01)
                self.raise_if_cancelled()


class Halting(Knowing):
    """Never gets beyond the words `halts`."""

    def __init__(self, halts: str) -> None:
        super().__init__()
        self._halts = halts

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        draft = super().write(messages, max_tokens)
        return HaltingDraft(
            draft.text,
            draft.prompt_tokens,
            raise_if_cancelled=draft.raise_if_cancelled,
            halts=self._halts,
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of articles, one of them hostile in words and in name."""
    folder = tmp_path_factory.mktemp("articles")
    write_articles(folder)
    (folder / "<img src=x onerror=hacked=1>.txt").write_text(HOSTILE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    index, embedder = tmp_path_factory.mktemp("index"), HashEmbedder()
    sync([folder], index, embedder)
    searcher = Searcher(index, embedder)
    with served(
        index, searcher, knowing(), Knowing(pause=0.02), examples=[LOAVES, SHIPS]
    ) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Page:
    return arrive(context, server)


def test_answer_is_written_and_its_mark_shows_the_exact_words(page: Page) -> None:
    page.fill("#box textarea", OVEN)
    page.keyboard.press("Enter")
    expect(page.locator("#live .place").first).to_contain_text("Kumar Steel")
    expect(page.locator("#live .draft")).to_have_text(re.compile("The new"))
    expect(page.locator("#live .stages .now")).to_have_text(re.compile("Writing|Checking"))
    answer = page.locator("#turns .exchange .answer")
    expect(answer).to_have_text(f"{BUILT} [1] It burns wood. [2]")

    page.locator("#turns a.cite").first.click()
    mark = page.locator("#proof mark.here")
    expect(mark).to_be_focused()
    start = BAKERY.index(BUILT)
    assert mark.evaluate("mark => mark.textContent") == BAKERY[start : start + len(BUILT)]
    assert page.locator("#proof .text").evaluate("text => text.textContent") == BAKERY
    assert mark.get_attribute("lang") == "en"
    expect(mark).to_be_in_viewport()
    expect(page.locator("#proof h3")).to_have_text("Bread of the north")
    expect(page.locator("#proof mark.other")).to_have_text("It burns wood.")

    page.get_by_role("link", name="Next").click()
    expect(mark).to_have_text("It burns wood.")
    page.keyboard.press("Escape")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.locator("#turns a.cite").first).to_be_focused()


def test_mark_opens_by_keyboard_alone(page: Page) -> None:
    page.locator("#box textarea").focus()
    page.keyboard.type(OVEN)
    page.keyboard.press("Enter")
    cite = page.locator("#turns a.cite").first
    expect(cite).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if cite.evaluate("link => link === document.activeElement"):
            break
    assert cite.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#proof mark.here")).to_have_text(BUILT)


def test_quote_keeps_its_language(page: Page) -> None:
    ask(page, SHIPS).locator("a.cite").click()
    mark = page.locator("#proof mark.here")

    expect(mark).to_have_text("बंदरगाह में 12 जहाज आए।")
    assert mark.get_attribute("lang") == "hi"


def test_refusal_shows_the_nearest_passages_in_the_same_panel(page: Page) -> None:
    exchange = ask(page, UNKNOWN)
    expect(exchange.locator(".refusal")).to_have_text("The articles do not tell.")
    exchange.locator(".place").first.click()
    words = exchange.locator(".place .words").first.inner_text()
    shown = page.locator("#proof mark.here").inner_text()

    assert " ".join(shown.split()) == " ".join(words.split())


def test_stop_leaves_what_is_proven_and_the_page_usable(
    context: BrowserContext, folder: Path, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    sync([folder], tmp_path / "index", embedder)
    searcher = Searcher(tmp_path / "index", embedder)
    with served(tmp_path / "index", searcher, knowing(), Halting("It burns")) as slow:
        page = arrive(context, slow)
        page.fill("#box textarea", OVEN)
        page.keyboard.press("Enter")
        expect(page.locator("#live .draft")).to_have_text("It burns")
        page.get_by_role("button", name="Stop").click()
        exchange = page.locator("#turns .exchange")
        expect(exchange).to_have_attribute("data-state", "stopped", timeout=2000)
        expect(exchange.locator(".answer")).to_have_text(f"{BUILT} [1]")
        expect(ask(page, SHIPS).locator(".answer")).to_contain_text("12")


def test_conversation_is_there_after_a_reload(page: Page) -> None:
    ask(page, LOAVES)
    page.reload()

    expect(page.locator("#turns .answer")).to_contain_text("400 loaves")
    expect(page.locator("#listing .open .name")).to_have_text(LOAVES)


def test_reload_in_the_middle_of_an_answer_loses_nothing(page: Page) -> None:
    page.fill("#box textarea", LOAVES)
    page.keyboard.press("Enter")
    expect(page.locator("#live .draft")).to_be_visible()
    page.reload()

    expect(page.locator("#turns .answer")).to_contain_text("400 loaves")
    expect(page.locator("#live .exchange")).to_have_count(0)


def test_question_is_asked_again_changed_and_deleted(page: Page) -> None:
    ask(page, LOAVES)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#live .exchange")).to_have_count(1)
    expect(page.locator("#live .exchange")).to_have_count(0)
    expect(page.locator("#turns .exchange")).to_have_count(1)

    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#banner")).to_be_visible()
    expect(page.locator("#box textarea")).to_have_value(LOAVES)
    page.fill("#box textarea", OVEN)
    page.keyboard.press("Enter")
    expect(page.locator("#turns .question")).to_contain_text(OVEN)
    expect(page.locator("#turns .exchange")).to_have_count(1)
    expect(page.locator("#banner")).to_be_hidden()

    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#turns").get_by_role("button", name="Delete").click()
    expect(page.locator("#turns .exchange")).to_have_count(0)


def test_conversations_are_listed_renamed_found_saved_and_deleted(page: Page) -> None:
    ask(page, LOAVES)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, OVEN)
    names = page.locator("#listing .name")
    expect(names).to_have_text([OVEN, LOAVES])

    page.locator("#listing summary").last.click()
    page.get_by_role("button", name="Rename").click()
    page.locator("#listing input.rename").fill("Bread <b>of</b> May")
    page.keyboard.press("Enter")
    expect(names).to_have_text([OVEN, "Bread <b>of</b> May"])

    page.locator("#search textarea, #search input").fill("KUMAR")
    expect(names).to_have_text([OVEN])
    page.locator("#search textarea, #search input").fill("")
    expect(names).to_have_text([OVEN, "Bread <b>of</b> May"])

    page.locator("#listing summary").last.click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as JSON").click()
    kept = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert [exchange["question"] for exchange in kept["exchanges"]] == [LOAVES]
    page.locator("#listing summary").last.click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as Markdown").click()
    assert "400 loaves" in saved.value.path().read_text(encoding="utf-8")

    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#listing summary").last.click()
    page.locator("#listing").get_by_role("button", name="Delete").click()
    expect(names).to_have_text([OVEN])
    names.first.click()
    expect(page.locator("#turns .question")).to_contain_text(OVEN)


def test_answer_is_copied_with_its_sources(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange = ask(page, OVEN)
    exchange.get_by_role("button", name="Copy").click()
    expect(exchange.get_by_role("button", name="Copied")).to_be_visible()

    copied = page.evaluate("navigator.clipboard.readText()")
    sources = f"[1] bakery.txt: {BUILT}\n[2] bakery.txt: It burns wood."
    assert copied == f"{BUILT} [1] It burns wood. [2]\n\n{sources}"


def test_two_tabs_are_two_conversations_and_both_are_answered(
    context: BrowserContext, server: Served
) -> None:
    first, second = arrive(context, server), arrive(context, server)
    first.fill("#box textarea", LOAVES)
    first.keyboard.press("Enter")
    expect(first.locator("#live .exchange")).to_be_visible()
    second.fill("#box textarea", OVEN)
    second.keyboard.press("Enter")
    expect(second.locator("#live .exchange")).to_be_visible()

    expect(first.locator("#turns .answer")).to_contain_text("400 loaves")
    expect(second.locator("#turns .answer")).to_contain_text("Kumar Steel")
    expect(first.locator("#turns .exchange")).to_have_count(1)
    assert first.url != second.url


def test_stop_of_one_person_leaves_the_answer_of_another(
    browser: Browser, context: BrowserContext, server: Served
) -> None:
    other = browser.new_context()
    mine, theirs = arrive(context, server), arrive(other, server)
    theirs.fill("#box textarea", LOAVES)
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#live .exchange")).to_be_visible()
    mine.fill("#box textarea", OVEN)
    mine.keyboard.press("Enter")
    mine.get_by_role("button", name="Stop").click()

    expect(mine.locator("#turns .exchange")).to_have_attribute("data-state", "stopped")
    expect(theirs.locator("#turns .answer")).to_contain_text("400 loaves")
    expect(theirs.locator("#listing .name")).to_have_text([LOAVES])
    other.close()


def test_article_is_uploaded_asked_about_and_removed(page: Page, tmp_path: Path) -> None:
    article, picture = tmp_path / "lantern.md", tmp_path / "photo.csv"
    article.write_text("# Lanterns\n\nThe lantern has 7 colours.\n", encoding="utf-8")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    page.get_by_role("tab", name="Articles").click()
    page.set_input_files("#files input[type=file]", [article, picture])
    expect(page.locator("#outcome")).to_contain_text("Added 1", timeout=60_000)
    expect(page.locator("#outcome")).to_contain_text("photo.csv")
    expect(page.locator("#files")).not_to_contain_text("lantern.md")  # there is room for more
    row = page.locator("table.articles tr", has_text="lantern.md")
    expect(row).to_contain_text("uploaded")
    page.get_by_role("tab", name="Chat").click()
    question = "How many colours has the lantern?"
    expect(ask(page, question).locator(".answer")).to_have_text("The lantern has 7 colours. [1]")

    page.get_by_role("tab", name="Articles").click()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove").click()
    expect(page.locator("#outcome")).to_contain_text("removed 1", timeout=60_000)
    expect(row).to_have_count(0)
    page.get_by_role("tab", name="Chat").click()
    page.locator("#turns a.cite").click()
    expect(page.locator("#proof")).to_contain_text("no longer indexed")
    expect(page.locator("#proof blockquote")).to_have_text("The lantern has 7 colours.")


def test_hostile_article_question_and_names_stay_inert(page: Page) -> None:
    question = 'What does the parrot cost? <img src=x onerror="window.hacked=1">'
    ask(page, question)
    expect(page.locator("#turns .question")).to_contain_text(
        '<img src=x onerror="window.hacked=1">'
    )
    if page.locator("#turns a.cite").count():
        page.locator("#turns a.cite").first.click()
    else:
        page.locator("#turns .place").first.click()
    expect(page.locator("#proof .text")).to_contain_text("<script>window.hacked = 1</script>")
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("table.articles")).to_contain_text("<img src=x onerror=hacked=1>.txt")
    page.wait_for_timeout(300)

    assert page.evaluate("window.hacked") is None
    ours = page.locator(":is(#turns, #proof, #articles, #listing) :is(script, img, svg, iframe)")
    expect(ours).to_have_count(0)
    expect(page.locator("a[href^='javascript:']")).to_have_count(0)


def test_only_a_proof_is_shown_as_one(page: Page) -> None:
    page.evaluate("""() => {
        const link = Object.assign(document.createElement("a"), { href: "#" });
        link.dataset.proof = "proof/x/%3Cimg src=x onerror=window.hacked=1%3E/1";
        document.querySelector("#turns").append(link);
        link.click();
    }""")
    expect(page.locator("#proof .trouble")).to_contain_text("The connection was lost.")
    page.wait_for_timeout(300)

    assert page.evaluate("window.hacked") is None


def test_page_asks_nothing_of_any_other_machine(context: BrowserContext, server: Served) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = arrive(context, server)
    ask(page, LOAVES).locator("a.cite").first.click()
    expect(page.locator("#proof mark.here")).to_be_visible()
    for name in ("Articles", "Settings"):
        page.get_by_role("tab", name=name).click()
    page.wait_for_timeout(500)

    assert len(asked) > 20
    outside = [url for url in asked if not url.startswith((f"{server.url}/", "data:", "blob:"))]
    assert outside == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_accessible(browser: Browser, server: Served, look: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = arrive(context, server)
    found = {"empty": faults(page)}
    ask(page, LOAVES)
    ask(page, UNKNOWN)
    found["answered"] = faults(page)
    page.locator("#turns a.cite").first.click()
    expect(page.locator("#proof mark.here")).to_be_visible()
    found["proof"] = faults(page)
    page.keyboard.press("Escape")
    for name in ("Articles", "Settings"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_timeout(200)
        found[name] = faults(page)
    context.close()

    assert {state: names for state, names in found.items() if names} == {}


def test_phone_shows_the_proof_as_a_sheet_and_never_scrolls_sideways(
    browser: Browser, server: Served
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = arrive(context, server)
    expect(ask(page, f"{UNKNOWN} {'क' * 300}").locator(".refusal")).to_be_visible()
    ask(page, SHIPS).locator("a.cite").first.tap()
    sheet = page.locator("#proof")
    expect(sheet.locator("mark.here")).to_be_in_viewport()
    page.wait_for_timeout(300)
    box = sheet.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 360, 740)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    sheet.get_by_role("button", name="Close").tap()
    page.get_by_role("button", name="Conversations").tap()
    expect(page.locator("#listing .name").first).to_be_in_viewport()
    context.close()


def test_appearance_and_language_are_kept(page: Page) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Dark").check()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    page.get_by_label("हिन्दी").click()  # the page is loaded anew
    expect(page.get_by_role("tab").first).to_have_text("चैट")
    assert page.evaluate("document.documentElement.lang") == "hi"
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    expect(page.get_by_role("button", name="पूछें")).to_be_visible()


def test_answers_come_in_the_language_that_is_set(page: Page) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Language of answers").click()
    page.get_by_role("option", name="हिन्दी").click()
    page.get_by_role("tab", name="Chat").click()

    expect(ask(page, UNKNOWN).locator(".refusal")).to_have_text(refusal("hi"))


def test_nothing_moves_for_who_wants_no_motion(browser: Browser, server: Served) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = arrive(context, server)
    page.fill("#box textarea", LOAVES)
    page.keyboard.press("Enter")

    expect(page.locator("#live .pulse")).to_have_css("animation-name", "none")
    context.close()


def test_empty_question_says_what_to_do_and_loses_nothing(page: Page) -> None:
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(page.locator("#notice [role=alert]")).to_contain_text("empty")
    expect(page.locator(".welcome")).to_be_visible()


def test_example_is_asked_with_one_click(page: Page) -> None:
    page.get_by_role("button", name=LOAVES).click()

    expect(page.locator("#turns .answer")).to_contain_text("400 loaves")


def test_question_stays_where_it_is_while_it_is_answered(page: Page) -> None:
    for _ in range(2):
        ask(page, UNKNOWN)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.evaluate(
        """() => {
            window.tops = new Set();
            const look = () => {
                const live = document.querySelector("#live .question");
                if (live) tops.add(Math.round(live.getBoundingClientRect().top));
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    top = edges(ask(page, OVEN).locator(".question"))["top"]

    assert all(abs(each - top) <= 2 for each in page.evaluate("[...tops]"))
    assert 44 <= top < 100
    page.evaluate("scrollTo(0, 0)")
    for part in ("#send", "#room-articles-button"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)


def test_focus_is_never_lost(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    box = page.locator("#box textarea")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(box).to_be_focused()
    expect(page.locator("#notice .notice")).to_be_visible()
    box.fill(OVEN)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#turns .exchange")).to_have_count(1)
    expect(box).to_be_focused()

    page.get_by_role("button", name="Edit").click()
    expect(box).to_be_focused()
    expect(box).to_have_value(OVEN)
    assert box.evaluate("box => box.selectionStart") == len(OVEN)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#banner")).to_have_count(0)
    expect(box).to_be_focused()
    page.locator("#turns").get_by_role("button", name="Delete").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(box).to_be_focused()
    page.locator("#listing summary").click()
    page.locator("#listing").get_by_role("button", name="Delete").click()
    expect(page.locator("#listing .name")).to_have_count(0)
    expect(page.locator("#begin")).to_be_focused()


def test_conversation_is_shown_from_every_room_and_by_going_back(page: Page) -> None:
    question = page.locator("#turns .question")
    ask(page, LOAVES)
    page.get_by_role("button", name="New conversation").click()
    expect(question).to_have_count(0)
    ask(page, OVEN)
    expect(page).to_have_title(f"{OVEN} · article-qa")
    page.get_by_role("tab", name="Articles").click()
    page.locator("#listing .name").last.click()
    expect(question).to_contain_text(LOAVES)
    expect(question).to_be_visible()
    expect(page).to_have_title(f"{LOAVES} · article-qa")

    page.go_back()
    expect(question).to_contain_text(OVEN)
    page.go_forward()
    expect(question).to_contain_text(LOAVES)


def test_that_calibrating_would_help_is_not_said_again_once_it_is_closed(
    context: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "articles").mkdir()
    write_articles(tmp_path / "articles")
    sync([tmp_path / "articles"], tmp_path / "index", HashEmbedder())
    searcher = Searcher(tmp_path / "index", HashEmbedder())

    with served(tmp_path / "index", searcher, knowing(), Knowing(), calibrated=False) as server:
        page = arrive(context, server)
        expect(page.locator("#notice")).to_contain_text("article-qa models calibrate")
        page.locator("#notice").get_by_role("button", name="Close").click()
        page.reload()
        page.wait_for_selector("#turns .turns")
        expect(page.locator("#person")).to_have_count(1)
        expect(page.locator("#notice .notice")).to_have_count(0)


def test_conversation_that_is_gone_is_told(context: BrowserContext, server: Served) -> None:
    page = arrive(context, server, "/?c=gone")

    expect(page.locator("#notice [role=alert]")).to_contain_text("not there any more")
    expect(page.locator(".welcome")).to_be_visible()


def test_menu_at_the_end_of_the_list_is_not_cut_off(page: Page) -> None:
    ask(page, LOAVES)
    for question in (OVEN, SHIPS):
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#turns .exchange")).to_have_count(0)  # what was asked before is gone
        ask(page, question)
    page.set_viewport_size({"width": 1280, "height": 330})
    page.locator("#listing summary").last.click()
    for item in page.locator("#listing details[open] > div > *").all():
        expect(item).to_be_in_viewport(ratio=1)
    assert edges(page.locator("#search"))["height"] > 30


def test_enter_that_ends_a_composed_word_asks_nothing(page: Page) -> None:
    page.locator("#box textarea").focus()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    page.keyboard.press("Enter")
    keyboard.send("Input.insertText", {"text": "你"})
    page.wait_for_timeout(200)

    expect(page.locator("#box textarea")).to_have_value(re.compile("你"))
    expect(page.locator(".exchange")).to_have_count(0)


def test_what_is_being_typed_is_there_after_a_reload(page: Page) -> None:
    page.fill("#box textarea", LOAVES)
    page.reload()
    expect(page.locator("#box textarea")).to_have_value(LOAVES)
    page.wait_for_selector(".welcome")
    page.locator("#box textarea").press("Enter")
    expect(page.locator("#turns .answer")).to_contain_text("400 loaves")


def test_question_has_the_direction_of_its_script(page: Page) -> None:
    exchange = ask(page, "كم سفينة وصلت إلى الميناء؟")

    assert exchange.locator(".question").evaluate("it => getComputedStyle(it).direction") == "rtl"


def test_answer_and_proof_stand_side_by_side(page: Page) -> None:
    page.set_viewport_size({"width": 1024, "height": 700})
    ask(page, OVEN)
    exchange = ask(page, OVEN)
    cite = exchange.locator("a.cite").first
    before = edges(cite)
    cite.click()
    expect(page.locator("#proof mark.here")).to_be_visible()
    page.wait_for_timeout(300)

    assert abs(edges(cite)["top"] - before["top"]) <= 2
    assert edges(exchange.locator(".answer"))["right"] <= edges(page.locator("#proof"))["left"]


def edges(part: Locator) -> dict[str, float]:
    """Where a part is in the window."""
    found: dict[str, float] = part.evaluate("part => part.getBoundingClientRect().toJSON()")
    return found


def test_read_only_page_offers_no_change(
    context: BrowserContext, folder: Path, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    sync([folder], tmp_path / "index", embedder)
    searcher = Searcher(tmp_path / "index", embedder)
    with served(tmp_path / "index", searcher, knowing(), Knowing(), read_only=True) as running:
        page = arrive(context, running)
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator("table.articles")).to_be_visible()
        expect(page.locator("#files, #reread, [data-act=remove]")).to_have_count(0)
        expect(page.locator("#limits")).to_contain_text("cannot be added on this page")


def test_users_sign_in_and_see_their_own_conversations_alone(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    sync([folder], tmp_path / "index", embedder)
    users = Users(tmp_path / "users")
    users.set("ana", "first secret")
    users.set("ben", "second secret")
    searcher = Searcher(tmp_path / "index", embedder)
    with served(tmp_path / "index", searcher, knowing(), Knowing(), users=users) as running:
        ana = sign_in(browser, running, "ana", "first secret")
        ask(ana, LOAVES)
        ben = sign_in(browser, running, "ben", "second secret")
        expect(ben.locator("#listing .none")).to_be_visible()
        expect(ben.locator("#person")).to_contain_text("Signed in as ben")
        ben.goto(ana.url)
        expect(ben.locator(".welcome")).to_be_visible()
        expect(ben.locator("#turns .exchange")).to_have_count(0)
        ana.get_by_role("link", name="Sign out").click()
        ana.get_by_role("button", name="Sign out").click()
        expect(ana.get_by_label("Password")).to_be_visible()


@pytest.mark.weights
def test_real_model_answers_across_languages_and_its_proof_is_in_the_article(
    context: BrowserContext,
    real_index: Path,
    real_embedder: Embedder,
    real_model: LlamaModel,
    seed_articles: Path,
) -> None:
    context.set_default_timeout(240_000)
    with served(
        real_index, Searcher(real_index, real_embedder), opening.reader(), real_model
    ) as running:
        page = arrive(context, running)
        page.fill("#box textarea", "By how much did visits to ChatGPT grow in May?")
        page.keyboard.press("Enter")
        expect(page.locator("#live .place").first).to_be_visible(timeout=60_000)
        answer = page.locator("#turns .answer")
        expect(answer).to_contain_text("2.8", timeout=240_000)
        page.locator("#turns a.cite").first.click()
        mark = page.locator("#proof mark.here")
        expect(mark).to_be_in_viewport()
        quote = mark.evaluate("mark => mark.textContent")
        articles = (path.read_text(encoding="utf-8") for path in seed_articles.iterdir())
        assert "2,8%" in quote
        assert any(quote in article for article in articles)
        assert mark.get_attribute("lang") == "id"

        page.fill("#box textarea", "What did Wang Huiwen shout about OpenAI?")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop").click()
        last = page.locator("#turns .exchange").last
        expect(last).to_have_attribute("data-state", "stopped", timeout=5_000)


def sign_in(browser: Browser, server: Served, name: str, password: str) -> Page:
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(server.url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector("#turns .turns")
    return page


def test_articles_that_a_watcher_takes_in_are_listed_on_an_open_page(
    context: BrowserContext, folder: Path, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    shutil.copytree(folder, tmp_path / "articles")
    sync([tmp_path / "articles"], tmp_path / "index", embedder)
    searcher = Searcher(tmp_path / "index", embedder)
    with served(tmp_path / "index", searcher, knowing(), Knowing(), watching=True) as running:
        page = arrive(context, running)
        page.get_by_role("tab", name="Articles").click()
        expect(page.locator("table.articles")).to_contain_text("bakery.txt")
        page.fill("#find textarea, #find input", "lantern")
        expect(page.locator("table.articles")).to_have_count(0)
        (tmp_path / "articles/lantern.txt").write_text("The lantern has 7 colours.")
        running.chat.library.follow([tmp_path / "articles"], FileStates())
        # A file that was written this moment is left for the next run.
        expect(page.locator("table.articles")).to_have_count(0)
        time.sleep(1.5)
        running.chat.library.follow([tmp_path / "articles"], FileStates())
        expect(page.locator("table.articles")).to_contain_text("lantern.txt")
        page.wait_for_timeout(7000)
        expect(page.locator("#notice")).to_have_text("")
