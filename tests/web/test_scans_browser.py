"""The page of a scan that proves an answer, in a real browser: the marks stand over the words."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from index.build import sync
from index.converters import ocr_packs
from index.search import Searcher
from index.storage.catalog import Catalog
from qa.llm.model import Message
from tests.support import printed_pages as printed
from tests.support.chat_page import arrive, faults, proof_of
from tests.support.chromium import CHROMIUM, MISSING
from tests.support.fakes import HashEmbedder, ScriptedDraft, ScriptedModel, ScriptedReader
from tests.support.scan_marks import marked
from tests.support.served import Served, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
    pytest.mark.skipif(
        not ocr_packs.installed() or not printed.font_of("a").exists(),
        reason="OCR or fonts are not installed: make ocr browser",
    ),
]
# (what the question has, what is said, the whole page)
STRAIGHT = (
    "ferry",
    "The ferry costs nine coins for each boat, and it does not run on Sundays.",
    "The East Quay of Grey Cape is 210 metres long and was built in 1890. The ferry costs nine "
    "coins for each boat, and it does not run on Sundays. Large boats pay 14 coins a night.",
)
LEANING = (
    "lighthouse",
    "The lighthouse on the northern rock was painted red by Mira Holm in the spring of 1921.",
    "Nobody lives on the island today, and no boat goes there in winter. The lighthouse on the "
    "northern rock was painted red by Mira Holm in the spring of 1921. It can be seen from afar.",
)
UPSIDE_DOWN = (
    "bakery",
    "The bakery of the old town burns wood of birches that grow behind the church.",
    "Bread is sold from six in the morning. The bakery of the old town burns wood of birches that "
    "grow behind the church. On Mondays it is closed, and the baker goes fishing.",
)
PAGES = STRAIGHT, LEANING, UPSIDE_DOWN


class Harbour(ScriptedModel):
    """Says the sentence that the question has a word of."""

    def __init__(self) -> None:
        super().__init__("")

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        self._texts = (said(messages[-1].content.partition("Question: ")[2]),)
        return super().write(messages, max_tokens)


def said(question: str) -> str:
    return next((sentence for word, sentence, _ in PAGES if word in question), "")


def knowing() -> ScriptedReader:
    def told(question: str, passage: str) -> float:
        return float(bool(said(question)) and said(question) in " ".join(passage.split()))

    return ScriptedReader(told)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a straight page; a PDF with a leaning scan; and one that is upside down."""
    folder = tmp_path_factory.mktemp("articles")
    drawn = [printed.two_inks(text, sentence) for _, sentence, text in PAGES]
    (folder / "ferry.png").write_bytes(printed.png(drawn[0]))
    leaning = printed.leaning(drawn[1], -4)
    (folder / "rock.pdf").write_bytes(printed.pdf("A line that is printed.", leaning))
    (folder / "bread.tiff").write_bytes(printed.tiff(printed.leaning(drawn[2], 182)))
    return folder


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARTICLE_QA_CACHE", str(tmp_path_factory.mktemp("cache")))
        sync([folder], index, HashEmbedder())
    return index


@pytest.fixture(scope="module")
def server(index: Path) -> Iterator[Served]:
    with served(index, Searcher(index, HashEmbedder()), knowing(), Harbour()) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="en-GB",
        reduced_motion="reduce",  # colours amid the sheet's rise are none of its own
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Page:
    return arrive(context, server)


def seen(page: Page, style: str) -> Image.Image:
    """The page as it is drawn, with the marks in another style."""
    added = page.add_style_tag(content=f"#proof .boxes {{ {style} }}")
    shot = page.locator("#proof .paper").screenshot(animations="disabled")
    added.evaluate("style => style.remove()")
    return Image.open(io.BytesIO(shot)).convert("RGB")


def shares(page: Page) -> tuple[float, float]:
    """The shares of cited and of other ink that the marks on the screen lie over."""
    paper = seen(page, "visibility: hidden")
    marks = seen(page, "mix-blend-mode: normal; background: #000000; filter: grayscale(1)")
    return marked(paper, marks.convert("L").point(lambda value: 255 if value > 100 else 0))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        pytest.param("What does the ferry cost?", "Page 1 of 1", id="a picture"),
        pytest.param("Who painted the lighthouse?", "Page 2 of 2", id="leaning in a PDF"),
        pytest.param("What does the bakery burn?", "Page 1 of 1", id="upside down"),
    ],
)
def test_marks_stand_over_the_cited_words_of_a_scan(page: Page, question: str, said: str) -> None:
    proof_of(page, question)
    cited, other = shares(page)

    assert cited > 0.97
    assert other < 0.02
    expect(page.locator("#proof .sheet-said")).to_contain_text(f"{said} · read by OCR, ")
    expect(page.locator("#proof .sheet-said")).to_contain_text("% sure")


def test_a_scan_can_be_read_by_everybody(page: Page) -> None:
    proof_of(page, "Who painted the lighthouse?")
    picture = page.locator("#proof .paper img")

    assert picture.get_attribute("alt") == (
        f"Page 2 of “A line that is printed.” as a picture. Marked on it: {LEANING[1]}"
    )
    assert faults(page) == []
    page.get_by_role("link", name="Previous page").click()
    expect(page.locator("#proof .sheet-said")).to_have_text(
        "Page 1 of 2 · The cited words stand on page 2."
    )
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#proof mark.here")).to_have_text(LEANING[1])


def test_an_index_without_places_says_why_nothing_is_marked(page: Page, index: Path) -> None:
    """The last test here: it takes them from the index that all have."""
    with Catalog.open(index) as catalog, catalog.transaction():
        catalog.query("DELETE FROM scan")
    proof_of(page, "What does the bakery burn?")

    expect(page.locator("#proof .sheet-said")).to_contain_text(
        "the index does not have where its words stand, so nothing is marked."
    )
    expect(page.locator("#proof .box")).to_have_count(0)
