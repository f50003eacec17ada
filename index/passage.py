"""Passage, Span, Page: what a search finds, and where it stands."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from index.text.languages import detect


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points in an article's text."""

    article: str
    start: int
    end: int


PageKind = Literal["page", "slide", "sheet"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a file, a slide of a deck or a sheet of a workbook.

    Its text begins at `start`, a code point of the article's text, and ends where the next one
    begins. `name` is its number from 1, or a sheet's name. `ocr` is how sure the engine was that
    read the words from a picture, 0 to 1; None where the words stand in the file as text.
    """

    start: int
    kind: PageKind
    name: str
    ocr: float | None = None


def page_at(pages: Sequence[Page], offset: int) -> Page | None:
    """The page that holds a code point of the text; `pages` are in the order of their starts."""
    number = bisect_right(pages, offset, key=lambda page: page.start)
    return pages[number - 1] if number else None


@dataclass(frozen=True)
class Passage:
    """A chunk that may answer a question.

    `score` is the cosine of question and passage, -1 to 1; `rank_score` is what passages are
    ordered by. `elsewhere` is every other place the same text stands at, `copies` every place
    where a near-copy of the article says nearly the same. `focus` is the sentence nearest to the
    question, as a half-open range of code points in the article. `page` is where it begins, in a
    file that has pages, slides or sheets. `address` is that of a web page that was fetched, or "".
    """

    article: str
    start: int
    end: int
    text: str
    context: str
    score: float
    rank_score: float
    elsewhere: tuple[Span, ...] = ()
    copies: tuple[Span, ...] = ()
    focus: tuple[int, int] | None = None
    page: Page | None = None
    address: str = ""

    @cached_property
    def language(self) -> str:
        """The ISO 639 code of the text's language, which may not be its article's: a quotation."""
        return detect(self.text)
