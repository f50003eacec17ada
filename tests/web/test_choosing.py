"""Choosing the articles that are asked, in a real browser: chips, and what an @ offers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Response,
    expect,
)

from index.build import sync
from index.search import Searcher
from tests.support.chat_page import LOAVES, OVEN, Knowing, arrive, ask, faults, knowing
from tests.support.chromium import CHROMIUM, MISSING
from tests.support.fakes import HashEmbedder
from tests.support.served import Served, served
from tests.support.small_articles import write_articles

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
]

# It tells the same as the bakery's own article.
RIVAL = "What others baked\n\nThe bakery sold 400 loaves in May. It is said in the town.\n"
LONG = f"The long story of {'a very long street ' * 12}\n\nThe lantern has 7 colours.\n"
HOSTILE = "<img src=x onerror=window.hacked=1>"
BREAD, OTHERS = "Bread of the north", "What others baked"


def fill(folder: Path) -> None:
    """A folder of some hundred articles, in folders too."""
    write_articles(folder)
    (folder / "news" / "2024").mkdir(parents=True)
    (folder / "news" / "rival.txt").write_text(RIVAL, encoding="utf-8")
    (folder / "news" / "2024" / "long.txt").write_text(LONG, encoding="utf-8")
    (folder / f"{HOSTILE}.txt").write_text(f"{HOSTILE} parrot\n\nIt talks.\n", encoding="utf-8")
    for i in range(150):
        note = f"Note {i} of the town\n\nIt says {i}.\n"
        (folder / "news" / f"note{i:03}.txt").write_text(note, encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, index = tmp_path_factory.mktemp("articles"), tmp_path_factory.mktemp("index")
    fill(folder)
    sync([folder], index, HashEmbedder())
    searcher = Searcher(index, HashEmbedder())
    with served(index, searcher, knowing(), Knowing(), examples=[LOAVES]) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Page:
    return arrive(context, server)


def chips(page: Page) -> Locator:
    return page.locator("#chips li:not(.all):not(.pending) .name")


def options(page: Page) -> Locator:
    return page.locator("#matches [role=option]")


def box(page: Page) -> Locator:
    return page.locator("#box textarea")


def types(page: Page, text: str) -> None:
    """Type on at the end of the box."""
    box(page).focus()
    page.keyboard.type(text)


def chooses(page: Page, part: str, name: str) -> None:
    """Choose what is offered first, and see its chip."""
    types(page, f"@{part}")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(chips(page).filter(has_text=name)).to_have_count(1)


def proofs(exchange: Locator) -> Locator:
    return exchange.locator(".places .title")


def test_one_of_two_articles_is_picked_and_alone_proves_the_answer(page: Page) -> None:
    for title in (OTHERS, BREAD):
        page.get_by_role("tab", name="Articles").click()
        page.locator("#find textarea, #find input").fill(title)
        page.get_by_role("button", name=f"Ask only this one: {title}").click()
        expect(chips(page)).to_have_text([title])
        expect(box(page)).to_be_focused()
        exchange = ask(page, LOAVES)
        expect(exchange.locator(".kept")).to_have_text(f"Asked only: {title}")
        assert set(proofs(exchange).all_inner_texts()) == {title}


def test_a_folder_is_picked_among_the_articles(page: Page) -> None:
    page.get_by_role("tab", name="Articles").click()
    page.locator(".folders button", has_text="news/2024/").click()

    expect(chips(page)).to_have_text(["news/2024/"])
    exchange = ask(page, LOAVES)
    expect(exchange.locator(".refusal")).to_be_visible()
    assert all("long story" in title for title in proofs(exchange).all_inner_texts())


def test_at_sign_offers_articles_and_is_used_by_keyboard_alone(page: Page) -> None:
    types(page, "How many loaves @")
    expect(options(page)).to_have_count(8)
    page.keyboard.type("ＯＦ the")
    expect(options(page).first).to_contain_text(BREAD)
    assert box(page).get_attribute("role") == "combobox"
    assert box(page).get_attribute("aria-expanded") == "true"
    assert page.locator(f"#{box(page).get_attribute('aria-controls')}[role=listbox]").count() == 1
    pointed = page.locator("#matches [aria-selected=true]")
    for key, place in (("ArrowDown", 2), ("ArrowDown", 3), ("ArrowUp", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(pointed).to_have_attribute("id", f"place-{place}")
        assert box(page).get_attribute("aria-activedescendant") == f"place-{place}"
    page.keyboard.press("ArrowUp")
    expect(pointed).to_have_attribute("id", "place-8")
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Tab")
    expect(chips(page)).to_have_text([BREAD])
    expect(box(page)).to_have_value("How many loaves ")
    expect(box(page)).to_be_focused()
    assert box(page).get_attribute("role") is None
    assert box(page).get_attribute("aria-activedescendant") is None
    page.keyboard.type("did the bakery sell in May?")
    page.keyboard.press("Enter")
    exchange = page.locator("#turns .exchange")
    expect(exchange.locator(".question")).to_contain_text(LOAVES)
    assert set(proofs(exchange).all_inner_texts()) == {BREAD}


def test_escape_leaves_what_is_typed(page: Page) -> None:
    types(page, "Ask @bread")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#matches")).to_be_hidden()
    page.keyboard.type(" of")
    page.wait_for_timeout(400)
    expect(page.locator("#matches")).to_be_hidden()
    expect(box(page)).to_have_value("Ask @bread of")

    page.keyboard.type(" and @baker")
    expect(options(page).first).to_contain_text(BREAD)


@pytest.mark.parametrize(
    "typed", ["ana@bread.org", "at @ 5", "first @bread\nsecond", "@zeppelin flies"]
)
def test_other_at_signs_offer_nothing(typed: str, page: Page) -> None:
    box(page).focus()
    for line in typed.split("\n"):
        page.keyboard.type(line)
        if line != typed.split("\n")[-1]:
            page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(400)

    expect(page.locator("#matches")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#turns .question, #live .question").first).to_contain_text(
        typed.split("\n")[-1]
    )


def test_nothing_found_is_told(page: Page) -> None:
    types(page, "@zeppelin")

    expect(page.locator("#matches .none")).to_have_text("Nothing found.")
    page.keyboard.type("s")
    expect(page.locator("#matches .none")).to_be_visible()
    assert box(page).get_attribute("role") is None
    page.keyboard.type(" fly")
    expect(page.locator("#matches")).to_be_hidden()


def test_enter_before_anything_is_offered_takes_what_is_found(page: Page) -> None:
    types(page, "@baker")
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text([BREAD])
    expect(box(page)).to_have_value("")

    page.keyboard.insert_text(f"{LOAVES} @zeppelin")
    page.keyboard.press("Enter")
    expect(page.locator("#turns .question")).to_contain_text("@zeppelin")


def test_question_waits_for_the_chip_that_was_just_chosen(page: Page) -> None:
    types(page, "@others")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.insert_text(LOAVES)
    page.keyboard.press("Enter")

    exchange = page.locator("#turns .exchange")
    expect(exchange.locator(".kept")).to_have_text(f"Asked only: {OTHERS}")
    assert set(proofs(exchange).all_inner_texts()) == {OTHERS}


def test_chinese_at_sign_and_scripts_work(page: Page) -> None:
    types(page, "请问＠जहाज")
    expect(options(page)).to_have_count(1)
    options(page).click()

    expect(chips(page)).to_contain_text(["बंदरगाह"])
    expect(box(page)).to_have_value("请问")
    expect(box(page)).to_be_focused()


def test_few_are_offered_and_no_more_is_sent(page: Page) -> None:
    sent: list[str] = []

    def note(answer: Response) -> None:
        if "/places" in answer.url:
            sent.append(answer.text())

    page.on("response", note)
    types(page, "@note")
    expect(options(page)).to_have_count(8)
    page.keyboard.type(" 149")
    expect(options(page)).to_have_count(1)

    assert max(map(len, sent)) < 4000
    assert "Note 100" not in page.content()


def test_chips_are_removed_and_the_focus_goes_on(page: Page) -> None:
    for part, name in (("baker", BREAD), ("others", OTHERS), ("news/2024/", "news/2024/")):
        chooses(page, part, name)
    page.get_by_role("button", name=f"Remove “{OTHERS}” from").focus()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text([BREAD, "news/2024/"])
    expect(page.get_by_role("button", name="Remove “news/2024/” from")).to_be_focused()
    page.keyboard.press("Space")
    expect(chips(page)).to_have_text([BREAD])
    expect(page.get_by_role("button", name=f"Remove “{BREAD}” from")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(0)
    expect(box(page)).to_be_focused()

    for part, name in (("baker", BREAD), ("others", OTHERS)):
        chooses(page, part, name)
    page.get_by_role("button", name="Ask all articles").click()
    expect(chips(page)).to_have_count(0)
    expect(ask(page, LOAVES).locator(".kept")).to_have_count(0)


def test_chips_come_back_after_a_reload(page: Page) -> None:
    chooses(page, "others", OTHERS)
    types(page, "half a question")
    page.reload()
    expect(chips(page)).to_have_text([OTHERS])
    expect(box(page)).to_have_value("half a question")

    expect(ask(page, LOAVES).locator(".kept")).to_have_text(f"Asked only: {OTHERS}")
    expect(chips(page)).to_have_text([OTHERS])
    page.reload()
    expect(page.locator("#turns .kept")).to_have_count(1)
    expect(chips(page)).to_have_text([OTHERS])
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#turns .exchange[data-exchange='2'] .kept")).to_have_count(1)


def test_each_conversation_has_its_own(page: Page) -> None:
    chooses(page, "others", OTHERS)
    ask(page, LOAVES)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(chips(page)).to_have_count(0)
    chooses(page, "baker", BREAD)
    ask(page, OVEN)
    expect(chips(page)).to_have_text([BREAD])

    page.locator("#listing .name", has_text=LOAVES).click()
    expect(chips(page)).to_have_text([OTHERS])
    page.locator("#listing .name", has_text=OVEN).click()
    expect(chips(page)).to_have_text([BREAD])


def test_export_tells_what_alone_was_asked(page: Page) -> None:
    chooses(page, "others", OTHERS)
    ask(page, LOAVES)
    saved = {}
    for name in ("JSON", "Markdown"):
        page.locator("#listing summary").click()
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Save as {name}").click()
        saved[name] = download.value.path().read_text(encoding="utf-8")

    kept = json.loads(saved["JSON"])
    scope = {"only": ["./news/rival.txt"]}
    assert (kept["scope"], kept["exchanges"][0]["scope"]) == (scope, scope)
    assert f"*Kept to:* {OTHERS}, news/rival.txt" in saved["Markdown"]
    assert f"*Asked only:* {OTHERS}, news/rival.txt" in saved["Markdown"]


def test_article_that_is_gone_is_told_and_what_was_typed_stays(
    context: BrowserContext, tmp_path: Path
) -> None:
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    fill(folder)
    sync([folder], index, HashEmbedder())
    searcher = Searcher(index, HashEmbedder())
    with served(index, searcher, knowing(), Knowing()) as running:
        page = arrive(context, running)
        chooses(page, "others", OTHERS)
        ask(page, LOAVES)
        (folder / "news" / "rival.txt").unlink()
        sync([folder], index, HashEmbedder())
        box(page).fill(OVEN)
        page.keyboard.press("Enter")
        expect(page.locator("#notice [role=alert]")).to_contain_text("There is no article to ask")
        expect(box(page)).to_have_value(OVEN)
        expect(page.locator("#turns .exchange")).to_have_count(1)

        page.reload()
        expect(page.locator("#chips .gone .state")).to_have_text("no longer indexed")
        page.get_by_role("button", name="Remove “news/rival.txt” from").click()
        expect(chips(page)).to_have_count(0)
        expect(ask(page, OVEN).locator(".answer")).to_contain_text("Kumar Steel")


def test_hostile_title_stays_inert(page: Page) -> None:
    types(page, "@<img")
    expect(options(page)).to_contain_text([HOSTILE])
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text([re.compile(re.escape(HOSTILE))])
    expect(ask(page, LOAVES).locator(".kept")).to_contain_text(HOSTILE)
    page.wait_for_timeout(200)

    assert page.evaluate("window.hacked") is None
    expect(page.locator(":is(#chips, #matches, #turns) :is(img, script)")).to_have_count(0)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_phone_wraps_chips_is_used_by_touch_and_is_accessible(
    browser: Browser, server: Served, look: str
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = arrive(context, server)
    for part in ("long story", "baker", "others", "news/2024/", "note 12"):
        before = chips(page).count()
        box(page).tap()
        page.keyboard.type(f"@{part}")
        option = options(page).first
        expect(option).to_be_in_viewport(ratio=1)
        assert faults(page) == []
        option.tap()
        expect(chips(page)).to_have_count(before + 1)
        expect(box(page)).to_have_value("")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    for part in ("#chips", "#box textarea", "#send"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    expect(ask(page, LOAVES).locator(".answer")).to_contain_text("400 loaves")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert faults(page) == []
    page.get_by_role("button", name=f"Remove “{BREAD}” from").tap()
    expect(chips(page)).to_have_count(4)
    page.get_by_role("tab", name="Articles").tap()
    page.wait_for_timeout(200)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()
