"""The page under a sub-path of a proxy, in a real browser: no request leaves the sub-path."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from index.build import sync
from index.search import Searcher
from tests.support.chat_page import ask
from tests.support.chromium import CHROMIUM, MISSING
from tests.support.fakes import HashEmbedder, ScriptedModel, ScriptedReader
from tests.support.harbour_pdf import CRANE, harbour_pdf
from tests.support.reverse_proxy import small
from tests.support.served import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
]

QUESTION = "Who built the new crane?"


@pytest.fixture(scope="module", params=[True, False], ids=["strips", "passes whole"])
def shown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the page behind a proxy that strips the root path, or does not."""
    folder, index = tmp_path_factory.mktemp("articles"), tmp_path_factory.mktemp("index")
    (folder / "harbour.pdf").write_bytes(harbour_pdf())
    sync([folder], index, HashEmbedder())
    reader = ScriptedReader(lambda question, passage: float(CRANE in passage))
    searcher = Searcher(index, HashEmbedder())
    with (
        served(index, searcher, reader, ScriptedModel(CRANE), root_path="/qa") as server,
        small(server.url, "/qa", folder, strips=request.param) as proxy,
    ):
        yield f"{proxy}/qa"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#turns .turns")
    return page


def test_no_request_leaves_the_root_path(context: BrowserContext, shown: str) -> None:
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
    page = opened(context, f"{shown}/")

    ask(page, QUESTION).locator("a.cite").first.click()
    expect(page.locator("#proof .paper img")).to_be_visible()
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#proof .sheet-said")).to_contain_text("Page 2 of 3")
    with context.expect_page() as alone:
        page.get_by_role("link", name="Open on its own page").click()
    expect(alone.value.locator(".paper img")).to_be_visible()
    page.fill("#box textarea", "")
    page.locator("#box textarea").press_sequentially("Ask @harb")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    for name in ("Articles", "Settings"):
        page.get_by_role("tab", name=name).click()
    page.wait_for_timeout(500)

    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((f"{shown}/", "data:", "blob:"))] == []
    assert failed == []
    assert {cookie["path"] for cookie in context.cookies()} <= {"/qa", "/qa/"}


def test_conversation_and_its_file_are_found_again(context: BrowserContext, shown: str) -> None:
    page = opened(context, f"{shown}/")
    expect(ask(page, QUESTION).locator("a.cite").first).to_be_visible()
    expect(page).to_have_url(re.compile(rf"{re.escape(shown)}/\?c=\w+"))
    page.reload()
    expect(page.locator("#turns .exchange .answer")).to_contain_text(CRANE)
    saved = page.locator("#listing a[download]").first
    got = context.request.get(saved.evaluate("link => link.href"))

    assert (got.status, CRANE in got.text()) == (200, True)


def test_address_without_its_slash_leads_to_the_page(context: BrowserContext, shown: str) -> None:
    page = opened(context, f"{shown}?c=")

    assert page.url.partition("?")[0] == f"{shown}/"
    expect(page.locator("#box textarea")).to_be_visible()


def test_settings_are_kept_for_the_root_path_alone(context: BrowserContext, shown: str) -> None:
    page = opened(context, f"{shown}/")
    page.evaluate("articleQa.keep('look', 'dark')")
    (kept,) = (each for each in context.cookies() if each["name"] == "article-qa-settings")

    assert kept["path"] == "/qa/"
