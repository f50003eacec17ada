"""The page of a PDF that proves an answer, in a real browser: marks, pages, phone, keyboard."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from index.build import sync
from index.search import Searcher
from index.text.sentences import sentences
from qa.llm.model import Message
from tests.support.chat_page import arrive, ask, faults, proof_of
from tests.support.chromium import CHROMIUM, MISSING
from tests.support.fakes import HashEmbedder, ScriptedDraft, ScriptedModel, ScriptedReader
from tests.support.harbour_pdf import CRANE, PAGES, QUAY, STONE, harbour_pdf, place
from tests.support.served import Served, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
]

SAYS = {"crane": CRANE, "quay": QUAY, "stone": STONE, "parrot": "The parrot costs 90 rupees."}
HOSTILE = (
    "<html><head><title>Parrots</title></head><body><script>window.hacked = 1;"
    "fetch('/v1/models'); document.title = 'hacked'</script>"
    "<p>The parrot costs 90 rupees. It was sold at the market of the old town in the spring of"
    " that year, and nobody in the town has seen a parrot of that colour since then.</p>"
    "</body></html>"
)


class Harbour(ScriptedModel):
    """Says the sentence that the question has a word of."""

    def __init__(self) -> None:
        super().__init__("")

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        self._texts = (_says(messages[-1].content.partition("Question: ")[2]),)
        return super().write(messages, max_tokens)


def _says(question: str) -> str:
    return next((text for word, text in SAYS.items() if word in question), "")


def knowing() -> ScriptedReader:
    def told(question: str, passage: str) -> float:
        said = _says(question)
        return float(bool(said) and sentences(said)[0] in passage)

    return ScriptedReader(told)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "harbour.pdf").write_bytes(harbour_pdf())
    (folder / "parrots.html").write_text(HOSTILE)
    (folder / "parrots.md").write_text(f"A page of a web site: {HOSTILE}")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    index = tmp_path_factory.mktemp("index")
    sync([folder], index, HashEmbedder())
    with served(index, Searcher(index, HashEmbedder()), knowing(), Harbour()) as running:
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


def marked(page: Page) -> list[tuple[float, float, float, float]]:
    """The boxes as the browser lays them out, in shares of the picture."""
    return [
        tuple(box)
        for box in page.evaluate(
            """() => {
              const on = document.querySelector("#proof .paper img").getBoundingClientRect();
              return [...document.querySelectorAll("#proof .paper .box")].map((box) => {
                const it = box.getBoundingClientRect();
                return [(it.left - on.left) / on.width, (it.top - on.top) / on.height,
                        (it.right - on.left) / on.width, (it.bottom - on.top) / on.height];
              });
            }"""
        )
    ]


def test_the_cited_words_are_marked_on_the_page_and_no_others(page: Page) -> None:
    proof_of(page, "Who built the new crane?")
    ((left, top, right, bottom),) = marked(page)
    words = place(PAGES[0][1], CRANE.rstrip("."), 1)

    assert abs(left - words.left) < 0.003
    assert abs(right - words.right) < 0.003
    assert top < words.top < words.base < bottom
    above, below = place(PAGES[0][0], "Notes", 0), place(PAGES[0][2], "It came", 2)
    assert above.base < top
    assert bottom < below.top


def test_the_marks_can_be_seen_on_the_ink_itself(page: Page) -> None:
    """What is yellow on the screen are the cited words, and the letters stay dark in it."""
    picture = proof_of(page, "Who built the new crane?")
    seen = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
    pixels: Any = seen.load()
    yellow = [
        (x, y)
        for x in range(seen.width)
        for y in range(seen.height)
        if pixels[x, y][0] > 230 and 180 < pixels[x, y][1] < 230 and pixels[x, y][2] < 110
    ]
    words = place(PAGES[0][1], CRANE.rstrip("."), 1)
    xs, ys = [x / seen.width for x, _ in yellow], [y / seen.height for _, y in yellow]

    assert yellow
    assert abs(min(xs) - words.left) < 0.015
    assert abs(max(xs) - words.right) < 0.015
    assert min(ys) < words.top
    assert words.base < max(ys) < place(PAGES[0][2], "It came", 2).top
    inside = [
        sum(pixels[x, y])
        for x in range(round(words.left * seen.width), round(words.right * seen.width))
        for y in range(round(words.top * seen.height), round(words.base * seen.height))
    ]
    assert min(inside) < 200


def test_words_on_two_lines_are_marked_on_both(page: Page) -> None:
    proof_of(page, "How long is the quay?")
    expect(page.locator("#proof .sheet-said")).to_have_text("Page 2 of 3")
    lines = [place(PAGES[1][n], PAGES[1][n].rstrip("."), n) for n in (1, 2)]

    for (left, top, right, bottom), line in zip(marked(page), lines, strict=True):
        assert abs(left - line.left) < 0.003
        assert abs(right - line.right) < 0.003
        assert top < line.top < line.base < bottom


def test_words_that_go_on_on_the_next_page_are_marked_on_both(page: Page) -> None:
    proof_of(page, "Who laid the oldest stone?")
    said = page.locator("#proof .sheet-said")
    expect(said).to_have_text("Page 2 of 3 · The cited words go on on page 3.")
    assert len(marked(page)) == 1
    page.get_by_role("link", name="The cited words go on on page 3.").click()
    expect(said).to_contain_text("Page 3 of 3")
    expect(page.locator("#proof .box")).to_have_count(1)
    line = place(PAGES[2][0], PAGES[2][0].rstrip("."), 0)
    assert abs(marked(page)[0][2] - line.right) < 0.003

    page.get_by_role("link", name="Previous page").click()
    expect(said).to_contain_text("Page 2 of 3")
    page.get_by_role("link", name="Previous page").click()
    expect(said).to_have_text("Page 1 of 3 · The cited words stand on page 2.")
    expect(page.locator("#proof .box")).to_have_count(0)


def test_pages_are_turned_and_left_by_keyboard_alone(page: Page) -> None:
    ask(page, "Who built the new crane?").locator("a.cite").first.focus()
    page.keyboard.press("Enter")
    sheets, said = page.locator("#proof [data-sheet]"), page.locator("#proof .sheet-said")
    expect(said).to_have_text("Page 1 of 3")
    expect(sheets).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Page 2 of 3")
    expect(sheets).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text("Page 1 of 3")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Text", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#proof mark.here")).to_have_text(CRANE)
    expect(sheets).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.locator("#turns a.cite").first).to_be_focused()


def test_text_that_was_preferred_stays_preferred(page: Page) -> None:
    proof_of(page, "Who built the new crane?")
    page.get_by_role("button", name="Text", exact=True).click()
    page.keyboard.press("Escape")
    ask(page, "How long is the quay?").locator("a.cite").first.click()

    expect(page.locator("#proof mark.here")).to_be_focused()
    expect(page.locator("#proof .sheet")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_proof_can_be_read_by_everybody(browser: Browser, server: Served, scheme: Any) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = arrive(context, server)
    picture = proof_of(page, "Who built the new crane?")

    assert picture.get_attribute("alt") == (
        f"Page 1 of “The harbour” as a picture. Marked on it: {CRANE}"
    )
    assert faults(page) == []
    context.close()


def test_proof_on_a_phone_is_as_wide_as_the_phone(browser: Browser, server: Served) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800},
        is_mobile=True,
        has_touch=True,
        reduced_motion="reduce",  # colours amid the sheet's rise are none of its own
    )
    page = arrive(context, server)
    proof_of(page, "How long is the quay?")
    sizes = page.evaluate(
        "[document.documentElement.scrollWidth, innerWidth,"
        " document.querySelector('#proof .paper').getBoundingClientRect().width]"
    )

    assert sizes[0] <= sizes[1]
    assert sizes[2] > 340
    expect(page.locator("#proof .box").first).to_be_in_viewport()
    assert faults(page) == []
    context.close()


def test_a_proof_on_its_own_page_has_the_picture_too(page: Page) -> None:
    proof_of(page, "How long is the quay?")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open on its own page").click()
    alone = opened.value

    expect(alone.locator(".box")).to_have_count(2)
    alone.keyboard.press("Tab")
    assert faults(alone) == []


def test_without_scripts_the_text_is_there(browser: Browser, page: Page) -> None:
    proof_of(page, "How long is the quay?")
    link = page.get_by_role("link", name="Open on its own page")
    address = link.evaluate("link => link.href")
    state = page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    plain = context.new_page()
    plain.goto(address)

    expect(plain.locator("mark.here")).to_have_text(QUAY)
    expect(plain.locator(".views")).to_be_hidden()
    context.close()


def test_a_file_that_changed_is_said_and_its_text_shown(
    context: BrowserContext, tmp_path: Path
) -> None:
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    (folder / "harbour.pdf").write_bytes(harbour_pdf())
    sync([folder], index, HashEmbedder())
    with served(index, Searcher(index, HashEmbedder()), knowing(), Harbour()) as running:
        page = arrive(context, running)
        cite = ask(page, "Who built the new crane?").locator("a.cite").first
        (folder / "harbour.pdf").write_bytes(harbour_pdf(title="Another"))
        cite.click()
        trouble = page.locator("#proof .trouble")
        expect(trouble).to_contain_text("has changed since it was indexed")
        expect(page.locator("#proof mark.here")).to_have_text(CRANE)
        expect(page.locator("#proof mark.here")).to_be_focused()
        page.keyboard.press("Escape")
        (folder / "harbour.pdf").unlink()
        cite.click()
        expect(trouble).to_contain_text("is not there any more")
        expect(page.locator("#proof .paper")).to_have_count(0)


def test_the_file_itself_is_opened_from_the_proof(page: Page, folder: Path) -> None:
    proof_of(page, "Who built the new crane?")
    link = page.get_by_role("link", name="Open the original file")
    answer = page.request.get(link.evaluate("link => link.href"))

    assert answer.body() == (folder / "harbour.pdf").read_bytes()
    assert link.get_attribute("target") == "_blank"


def test_a_hostile_page_is_saved_and_never_run(page: Page) -> None:
    ask(page, "What does the parrot cost?").locator("a.cite").first.click()
    expect(page.locator("#proof mark.here")).to_contain_text("90 rupees")
    expect(page.locator("#proof .views")).to_have_count(0)
    link = page.get_by_role("link", name="Open the original file")
    address = link.evaluate("link => link.href")
    tab = page.context.new_page()
    with tab.expect_download() as saved, contextlib.suppress(Error):  # a download is no page
        tab.goto(address)

    assert saved.value.suggested_filename == "parrots.html"
    assert Path(saved.value.path()).read_text() == HOSTILE
    assert tab.evaluate("[document.title, window.hacked]") == ["", None]


def test_a_hostile_text_is_shown_and_never_run(page: Page, server: Served) -> None:
    """Markdown and text open in the browser: as plain text, without scripts, in another origin."""
    page.goto(f"{server.url}/original/parrots.md")

    assert "<script>window.hacked = 1" in page.inner_text("body")
    assert page.locator("script").count() == 0
    assert page.evaluate("[typeof window.hacked, window.origin]") == ["undefined", "null"]
