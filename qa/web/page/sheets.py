"""Sheets: a page as a proof shows it, drawn, with boxes about the cited words. No HTML."""

from collections.abc import Mapping

from index.converters.page_places import Places
from index.converters.page_words import Quote
from index.passage import Page
from index.scanned_page import ScannedPage
from qa.errors import OriginalChanged
from qa.service.chat import Chat, Visitor
from qa.service.page_pictures import PagePictures, is_drawn
from qa.web.page.presenter import Presenter
from qa.web.page.view_models import SheetState, SheetView

_AROUND = 200  # code points beside a quote that tell it from the same words elsewhere


class Sheets:
    """The pages that prove the answers of every visitor."""

    def __init__(self, chat: Chat, presenter: Presenter, pictures: PagePictures) -> None:
        self._chat, self._presenter, self._pictures = chat, presenter, pictures

    def sheet(
        self, who: Visitor, conversation: str, number: int, which: str, at: int | None = None
    ) -> SheetView:
        """The page that a citation (`3`) or nearest passage (`near-2`) stands on, or page `at`.

        Raises:
            NoConversation: there is no such conversation, exchange, mark or passage.
            OriginalGone, OriginalChanged: the file is not as it was indexed.
            NotText: it cannot be drawn.
        """
        found = self._presenter.proven(who, conversation, number, which)
        words = found.proof.words if found.proof else None
        if words is None or not is_drawn(found.article):
            raise OriginalChanged
        text = self._chat.library.text(found.article)
        before = text[max(0, words.start - _AROUND) : words.start]
        quote = Quote(words.quote, before, text[words.end : words.end + _AROUND])
        page, begun = found.page, number_of(found.page)
        numbers = (begun, begun + 1) if begun else ()
        scans = self._chat.library.scans(found.article, numbers)
        if _is_unplaced(page, scans):
            quote = Quote("")  # what is printed over a picture is not what was cited
        places = self._pictures.places(found.article, begun, quote, scans)
        boxes, first = places.boxes, min(places.boxes, default=begun or 1)
        shown = min(at or first, places.pages)
        return SheetView(
            found.article,
            found.title,
            found.quote,
            f"{found.link}/page",
            shown,
            places.pages,
            _state(page, scans, places, shown),
            tuple(boxes.get(shown, ())),
            places.leans.get(shown, 0.0),
            first,
            next((other for other in sorted(boxes) if other > shown), 0),
            page.ocr or 0.0 if page and shown == begun else 0.0,
        )


def number_of(page: Page | None) -> int | None:
    """A page's number in its file, from 1; None where it has none."""
    if page is None or page.kind != "page" or not page.name.isdecimal():
        return None
    return int(page.name[:6]) or None


def _is_unplaced(page: Page | None, scans: Mapping[int, ScannedPage]) -> bool:
    """Whether a page was read from its picture, and the index does not have where each word is."""
    return page is not None and page.ocr is not None and number_of(page) not in scans


def _state(
    page: Page | None, scans: Mapping[int, ScannedPage], places: Places, shown: int
) -> SheetState:
    if _is_unplaced(page, scans):
        return "scanned"
    if not places.boxes:
        return "unfound"
    return "marked" if shown in places.boxes else "elsewhere"
