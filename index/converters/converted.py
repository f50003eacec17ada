"""Converted: a file as Markdown, with its metadata, its pages, and what was left out. Pure."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any, Self, get_args

from index.passage import Page, PageKind
from index.scanned_page import ScannedPage

# Notices of one file that are kept; a damaged one could have as many as it has pages.
MOST_NOTICES = 20
_SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Converted:
    """A file of another format as Markdown, with its own metadata, "" where it has none.

    `pages` are in the order of their starts, in code points of `text`. `notices` say in a line each
    what of the file was not read, or read in a way that a reader should know of: `sheet “Old” is
    hidden and was left out`. `scans` has the words of pages that were read from their pictures, by
    the numbers of the pages.
    """

    text: str
    title: str = ""
    language: str = ""
    date: str = ""
    author: str = ""
    pages: tuple[Page, ...] = ()
    notices: tuple[str, ...] = ()
    scans: Mapping[int, ScannedPage] = field(default_factory=dict)

    def changed(self, change: Callable[[str], str]) -> Self:
        """The same with its texts changed, page by page, so that each page begins where it did."""
        starts = [page.start for page in self.pages]
        pieces = [change(self.text[a:b]) for a, b in pairwise([0, *starts, len(self.text)])]
        pages, begun = [], 0
        for page, before in zip(self.pages, pieces, strict=False):
            begun += len(before)
            pages.append(replace(page, start=begun, name=change(page.name)))
        metadata: dict[str, Any] = {name: change(getattr(self, name)) for name in _METADATA}
        return replace(
            self,
            text="".join(pieces),
            **metadata,
            pages=tuple(pages),
            notices=tuple(map(change, self.notices[:MOST_NOTICES])),
        )

    @property
    def fields(self) -> dict[str, Any]:
        """As JSON has it, but for the scans, which no converter knows; `from_fields` reads it."""
        return {name: value for name, value in asdict(self).items() if name != "scans"}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read `fields`, which come from a process that any file may have harmed.

        Raises:
            ValueError: a value is not what it should be.
        """
        if fields.keys() != {each.name for each in dataclasses.fields(cls)} - {"scans"}:
            raise ValueError("not the values of a file")
        texts: dict[str, Any] = {name: fields[name] for name in ("text", *_METADATA)}
        notices: list[str] = fields["notices"]
        pages: list[Any] = fields["pages"]
        lists = isinstance(notices, list) and isinstance(pages, list)
        if not lists or not all(isinstance(each, str) for each in (*texts.values(), *notices)):
            raise ValueError("a value that is no text")
        read = tuple(map(_page, pages))
        starts = [0, *(page.start for page in read), len(texts["text"])]
        if starts != sorted(starts):
            raise ValueError("pages that are not in order")
        return cls(**texts, pages=read, notices=tuple(notices))


_METADATA = ("title", "language", "date", "author")


def _page(fields: Any) -> Page:
    page = Page(**fields) if isinstance(fields, dict) else Page(-1, "page", "")
    sure = page.ocr is None or (isinstance(page.ocr, float) and math.isfinite(page.ocr))
    if type(page.start) is not int or page.kind not in get_args(PageKind) or not sure:
        raise ValueError("a page that is none")
    if not isinstance(page.name, str):
        raise ValueError("a page without a name")
    return page


def paged(kind: PageKind, texts: Iterable[tuple[str, str]]) -> tuple[str, tuple[Page, ...]]:
    """Join the texts of pages; gives the whole text, and the pages that have any.

    Args:
        kind: what they are.
        texts: (name, text) of each, in their order.
    """
    whole, pages, start = [], [], 0
    for name, text in texts:
        if text := text.strip():
            pages.append(Page(start, kind, name))
            whole.append(text)
            start += len(text) + len(_SEPARATOR)
    return _SEPARATOR.join(whole), tuple(pages)


def listed(numbers: Iterable[int]) -> str:
    """Numbers as people write them: `2-6, 9`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)
