"""Word -> Markdown: the document's text, then what its headers and footers say."""

from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.office_properties import with_properties
from index.converters.ooxml import R, W, on
from index.converters.word_body import Line, WordBody, bare, joined
from index.converters.word_document import WordDocument
from index.converters.word_fields import PAGE_NUMBERS
from index.errors import NotText

_FEW_LETTERS = 16  # in `page` and `of` of most languages
_NUMBERS = [[name] for name in PAGE_NUMBERS]


def read(data: bytes) -> Converted:
    """Read a Word document: headings, paragraphs, lists, tables, notes; its own properties."""
    with Archive(data) as file:
        document = WordDocument.opened(file)
        root = file.xml(document.main)
        body = root.find(f"{W}body")
        if body is None:
            raise NotText("holds no text")
        lines = list(WordBody(document).lines(body))
        text = (
            joined([*lines, *_around(root, document)]) if any(each.text for each in lines) else ""
        )
        return with_properties(text, (), file, document.left_out.notices)


def _around(root: Any, document: WordDocument) -> Iterator[Line]:
    """What stands in headers and footers, each text once; numbers of pages alone say nothing."""
    seen: set[str] = set()
    for kind, part in _margins(root, document):
        document.part, document.fields = part, []
        tree = document.file.xml(part)
        words = [bare(line) for line in WordBody(document).lines(_numberless(tree))]
        text = " / ".join(filter(None, words))
        if sum(letter.isalpha() for letter in text) > 2 and text not in seen:
            seen.add(text)
            yield Line(f"[{kind}: {' '.join(text.split())}]")


def _margins(root: Any, document: WordDocument) -> Iterator[tuple[str, str]]:
    """(what it is, its part) of each header and footer that is shown on some page."""
    settings = document.settings
    even = settings is not None and on(settings.find(f"{W}evenAndOddHeaders"))
    read: set[str] = set()
    for section in root.iter(f"{W}sectPr"):
        shown = {"default", *(["even"] if even else [])}
        shown |= {"first"} if on(section.find(f"{W}titlePg")) else set()
        for each in section.iterchildren(f"{W}headerReference", f"{W}footerReference"):
            relation = document.relations.get(each.get(f"{R}id", ""))
            part = relation.part if relation else ""
            is_shown = each.get(f"{W}type", "default") in shown
            if is_shown and part in document.file.names and part not in read:
                read.add(part)
                yield ("Header" if each.tag.endswith("headerReference") else "Footer"), part


def _numberless(tree: Any) -> Any:
    """A header without the lines that number the pages: `Page 3 of 7`."""
    for paragraph in list(tree.iter(f"{W}p")):
        codes = [each.get(f"{W}instr", "") for each in paragraph.iter(f"{W}fldSimple")]
        codes += [each.text or "" for each in paragraph.iter(f"{W}instrText")]
        words = "".join(each.text or "" for each in paragraph.iter(f"{W}t"))
        short = sum(letter.isalpha() for letter in words) < _FEW_LETTERS
        if short and any(code.split()[:1] in _NUMBERS for code in codes):
            paragraph.getparent().remove(paragraph)
    return tree
