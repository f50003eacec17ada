"""Which page of a PDF proves an answer, and what is marked on it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.build import sync
from index.converters.page_renderer import PageRenderer
from index.passage import Page
from index.scanned_page import ScannedPage, ScanWord
from index.search import Searcher
from index.storage.catalog import Catalog
from qa.answer import Answer, Citation, Nearest
from qa.errors import NoConversation, OriginalChanged
from qa.service.chat import Chat, Visitor
from qa.service.conversations import Conversations
from qa.service.jobs.scheduler import Scheduler
from qa.service.library import Library
from qa.service.originals import Originals
from qa.service.page_pictures import PagePictures
from qa.web.page.presenter import Presenter
from qa.web.page.sheets import Sheets
from tests.support.fakes import HashEmbedder, ScriptedModel, silent
from tests.support.harbour_pdf import CRANE, QUAY, STONE, harbour_pdf

ANA = Visitor("user:ana")


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "harbour.pdf").write_bytes(harbour_pdf())
    (tmp_path / "articles" / "note.txt").write_text("The mill of the town stands still.")
    index = tmp_path / "index"
    sync([tmp_path / "articles"], index, HashEmbedder())
    searcher = Searcher(index, HashEmbedder())
    with (
        closing(Conversations(tmp_path / "kept.sqlite")) as kept,
        closing(Scheduler(searcher, silent(), ScriptedModel(""))) as scheduler,
    ):
        yield Chat(scheduler, kept, Library(index, HashEmbedder()))


@pytest.fixture
def sheets(chat: Chat) -> Iterator[Sheets]:
    with closing(PageRenderer()) as renderer:
        pictures = PagePictures(Originals(chat.library), renderer)
        yield Sheets(chat, Presenter(chat), pictures)


def told(chat: Chat, quote: str, article: str = "harbour.pdf") -> str:
    """A conversation whose only answer quotes these words, and has them for nearest too."""
    start = chat.library.text(article).index(quote)
    place = article, start, start + len(quote), quote
    answer = Answer(
        "What?",
        "en",
        "So. [1]",
        answered=True,
        citations=(Citation(1, *place, "supported", 0.9),),
        nearest=(Nearest(*place, 0.9),),
        done=True,
    )
    id = chat.conversations.begin(ANA.id, "What?").id
    chat.conversations.add(ANA.id, id, "What?", answer, "done", "")
    return id


def paged(chat: Chat, tmp_path: Path, ocr: float | None = None) -> None:
    """Tell the index where its pages begin."""
    text = chat.library.text("harbour.pdf")
    starts = 0, text.index("The board met"), text.index("by Mira Holm")
    with Catalog.open(tmp_path / "index") as catalog, catalog.transaction():
        (number,) = catalog.one("SELECT number FROM article WHERE id = ?", "harbour.pdf")
        catalog.query("DELETE FROM page WHERE article = ?", number)
        for name, start in enumerate(starts, 1):
            row = number, start, "page", str(name), ocr
            catalog.query("INSERT INTO page VALUES (?, ?, ?, ?, ?)", *row)


@pytest.mark.parametrize("is_paged", [True, False], ids=["pages known", "pages not known"])
@pytest.mark.parametrize("which", ["1", "near-1"])
@pytest.mark.parametrize(("quote", "page", "goes_on"), [(CRANE, 1, 0), (QUAY, 2, 0), (STONE, 2, 3)])
def test_the_page_of_the_words_is_shown_and_they_are_marked(
    chat: Chat, sheets: Sheets, tmp_path: Path, quote: str, page: int, goes_on: int, which: str,
    is_paged: bool,
) -> None:  # fmt: skip
    if is_paged:
        paged(chat, tmp_path)
    sheet = sheets.sheet(ANA, told(chat, quote), 1, which)

    assert (sheet.number, sheet.count, sheet.state) == (page, 3, "marked")
    assert (sheet.first, sheet.goes_on, sheet.quote) == (page, goes_on, quote)
    assert sheet.boxes


def test_pages_can_be_turned_to_the_last_and_no_further(chat: Chat, sheets: Sheets) -> None:
    conversation = told(chat, CRANE)
    turned = [sheets.sheet(ANA, conversation, 1, "1", at) for at in (2, 3, 99)]

    assert [(sheet.number, sheet.state) for sheet in turned] == [
        (2, "elsewhere"),
        (3, "elsewhere"),
        (3, "elsewhere"),
    ]
    assert {(sheet.boxes, sheet.first) for sheet in turned} == {((), 1)}


def test_where_the_places_of_read_words_are_not_kept_nothing_is_marked(
    chat: Chat, sheets: Sheets, tmp_path: Path
) -> None:
    """As in an index that was made before they were."""
    paged(chat, tmp_path, ocr=0.93)
    sheet = sheets.sheet(ANA, told(chat, QUAY), 1, "1")

    assert (sheet.number, sheet.state, sheet.ocr, sheet.boxes) == (2, "scanned", 0.93, ())


def test_the_words_of_a_scan_are_marked_where_they_were_read(
    chat: Chat, sheets: Sheets, tmp_path: Path
) -> None:
    """A quote that goes on on the next page, which is printed."""
    paged(chat, tmp_path, ocr=0.93)
    words = tuple(
        ScanWord(word, 0, (50 * i - 300, -10, 50 * i - 260, 10))
        for i, word in enumerate(
            ["The", "oldest", "stone", "of", "the", "breakwater", "was", "laid"]
        )
    )
    with Catalog.open(tmp_path / "index") as catalog, catalog.transaction():
        (number,) = catalog.one("SELECT number FROM article WHERE id = ?", "harbour.pdf")
        packed = ScannedPage(1000, 1400, 358.0, words).packed()
        catalog.query("INSERT INTO scan VALUES (?, ?, ?)", number, 2, packed)
    here, next = (sheets.sheet(ANA, told(chat, STONE), 1, "1", at) for at in (None, 3))
    unread = sheets.sheet(ANA, told(chat, QUAY), 1, "1")

    assert (here.number, here.state, here.ocr, here.lean) == (2, "marked", 0.93, -2.0)
    assert (next.number, next.state, next.ocr, next.lean) == (3, "marked", 0.0, 0.0)
    assert [len(here.boxes), len(next.boxes), here.goes_on] == [1, 1, 3]
    assert (unread.state, unread.boxes) == ("unfound", ())


def test_words_that_the_page_does_not_hold_are_not_marked(
    chat: Chat, sheets: Sheets, tmp_path: Path
) -> None:
    """As when conversion changed them: the page is shown, and nothing on it is marked."""
    conversation = told(chat, CRANE)
    with Catalog.open(tmp_path / "index") as catalog, catalog.transaction():
        text = catalog.text("harbour.pdf").replace("2019", "2091")
        catalog.query("UPDATE article SET text = ? WHERE id = 'harbour.pdf'", text)
    paged(chat, tmp_path)
    changed = told(chat, CRANE.replace("2019", "2091"))
    sheet = sheets.sheet(ANA, changed, 1, "1")

    assert (sheet.number, sheet.state, sheet.boxes) == (1, "unfound", ())
    with pytest.raises(OriginalChanged):
        sheets.sheet(ANA, conversation, 1, "1")  # its words are in the article no more


def test_there_is_no_page_of_what_has_none(chat: Chat, sheets: Sheets) -> None:
    with pytest.raises(OriginalChanged):
        sheets.sheet(ANA, told(chat, "The mill", "note.txt"), 1, "1")
    conversation = told(chat, CRANE)
    for who, number, which in ((Visitor("user:bob"), 1, "1"), (ANA, 2, "1"), (ANA, 1, "2")):
        with pytest.raises(NoConversation):
            sheets.sheet(who, conversation, number, which)


def test_the_page_of_a_proof_is_the_one_of_today(
    chat: Chat, sheets: Sheets, tmp_path: Path
) -> None:
    """Conversations from before there were pages have none."""
    paged(chat, tmp_path)
    found = Presenter(chat).proven(ANA, told(chat, QUAY), 1, "1")

    start = chat.library.text("harbour.pdf").index("The board met")
    assert (found.is_drawn, found.page) == (True, Page(start, "page", "2"))
