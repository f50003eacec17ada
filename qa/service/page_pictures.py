"""Page pictures: pages of articles as pictures, and where words stand on them; kept for a while.

PDFs have pages that can be drawn, and files of pictures are pages. A picture is made when it is
asked for, of the very bytes that were indexed, and what cannot be drawn is found out once.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

from index.articles.formats import known_format
from index.converters.page_places import READERS, Places
from index.converters.page_renderer import PageRenderer, Picture
from index.converters.page_words import Quote
from index.errors import NotText
from index.scanned_page import ScannedPage
from qa.errors import OriginalChanged
from qa.service.originals import Originals, Signature

KEPT_BYTES = 48 * 2**20  # of pictures: some 300 pages of text, or 20 of photographs
_ANSWER_BYTES = 8_000  # that a set of boxes with its quote, or a reason, is counted as
_MOST_SEEN = 1000  # articles whose files need not be read again while they are as they were


def is_drawn(article: str) -> bool:
    """Whether an article's pages can be drawn, by its name."""
    return _reader(article) in READERS


def _reader(article: str) -> str:
    format = known_format(article)
    return format.reader if format else ""


class PagePictures:
    """Pictures of the pages of articles. Threads may share it; one page is drawn at a time."""

    def __init__(
        self, originals: Originals, renderer: PageRenderer, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self._originals, self._renderer = originals, renderer
        self._kept_bytes, self._bytes = kept_bytes, 0
        self._kept: OrderedDict[object, Picture | Places | NotText] = OrderedDict()
        self._seen: OrderedDict[str, tuple[Signature, str]] = OrderedDict()
        self._lock = threading.Lock()

    def picture(self, article: str, page: int) -> Picture:
        """A page of an article, from 1.

        Raises:
            OriginalGone, OriginalChanged: its file is not as it was indexed.
            NotText: there is no such page, or it cannot be drawn.
        """
        reader = _reader(article)
        made = self._made(article, page, lambda data: self._renderer.picture(data, page, reader))
        assert isinstance(made, Picture)
        return made

    def places(
        self, article: str, page: int | None, quote: Quote, scans: Mapping[int, ScannedPage]
    ) -> Places:
        """Where a quote stands on the pages of an article, as `PageRenderer.places` has it.

        Raises:
            OriginalGone, OriginalChanged: its file is not as it was indexed.
            NotText: it cannot be drawn.
        """
        reader = _reader(article)
        asked = page, quote, _known(scans)
        made = self._made(
            article, asked, lambda data: self._renderer.places(data, page, quote, scans, reader)
        )
        assert isinstance(made, Places)
        return made

    def _made(
        self, article: str, asked: object, make: Callable[[bytes], Picture | Places]
    ) -> Picture | Places:
        """What was asked of an article's file: what is kept of it, or made now."""
        with self._lock:
            sha256 = self._originals.entry(article).sha256
            key = sha256, asked
            if key not in self._kept or not self._is_as_seen(article, sha256):
                data = self._read(article, sha256)
                if key not in self._kept:
                    self._keep(key, _outcome(make, data))
            self._kept.move_to_end(key)
            found = self._kept[key]
        if isinstance(found, NotText):
            raise NotText(str(found))
        return found

    def _is_as_seen(self, article: str, sha256: str) -> bool:
        return self._seen.get(article) == (self._originals.state(article), sha256)

    def _read(self, article: str, sha256: str) -> bytes:
        state = self._originals.state(article)
        data = self._originals.data(article)
        if self._originals.entry(article).sha256 != sha256:
            raise OriginalChanged  # indexed anew this moment
        self._seen[article] = state, sha256
        if len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return data

    def _keep(self, key: object, made: Picture | Places | NotText) -> None:
        self._kept[key] = made
        self._bytes += _size(made)
        while self._bytes > self._kept_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)


def _known(scans: Mapping[int, ScannedPage]) -> tuple[tuple[int, str], ...]:
    """What tells the words of pages from others, as when they were read anew."""
    packed = ((number, page.packed()) for number, page in sorted(scans.items()))
    return tuple((number, hashlib.sha256(data).hexdigest()) for number, data in packed)


def _outcome(make: Callable[[bytes], Picture | Places], data: bytes) -> Picture | Places | NotText:
    try:
        return make(data)
    except NotText as reason:
        return reason


def _size(made: Picture | Places | NotText) -> int:
    return len(made.png) if isinstance(made, Picture) else _ANSWER_BYTES
