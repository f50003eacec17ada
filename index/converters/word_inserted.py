"""Documents inserted in a Word file by programs (`w:altChunk`): web pages and text are read.

ECMA-376, part 1, 17.17.2.1. Word files and RTF inside a file are named, and not opened.
"""

from typing import Any

from index.converters.html import markdown
from index.converters.ooxml import R
from index.converters.word_document import WordDocument
from index.errors import NotText
from index.text.normalise import decode

_PAGES, _TEXTS = (".html", ".htm", ".xhtml"), (".txt",)


def inserted(element: Any, document: WordDocument) -> str:
    """The text of an inserted document; "" for one that is not read, which is counted."""
    relation = document.relations.pop(element.get(f"{R}id", ""), None)
    name = relation.part if relation else ""
    kind = name[name.rfind(".") :].lower()
    if name in document.file.names and kind in (*_PAGES, *_TEXTS):
        try:
            text = decode(document.file.bytes(name))
            return markdown(text) if kind in _PAGES else text
        except NotText:
            pass
    document.left_out.add("parts")
    return ""
