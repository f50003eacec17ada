"""HTML's source -> a tree, within the limits of its parser; nothing outside the page is read."""

import re
from html import escape
from typing import Any

from index.converters.html_marks import INLINE
from index.errors import NotText
from index.text.normal_forms import stream_safe
from index.text.normalise import clean, decoded

_TAGS = re.compile(rf"</?(?:{'|'.join((*INLINE, 'sup', 'sub', 'center'))})(?:\s[^<>]*)?>", re.I)
# Of XHTML, which HTML does not know; one that is never closed must not cost time squared.
_CDATA = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[).)*?)\]\]>", re.DOTALL)
_WIDEST = 200  # of white space, which HTML joins
_WIDE = re.compile(rf"\s{{{_WIDEST},}}")
_STRAY_NULS = 9  # at most, of a program's bug; UTF-16 has one in every other byte
_XML = "{http://www.w3.org/XML/1998/namespace}"


def source(data: bytes, charset: str | None = None) -> tuple[str, tuple[str, ...]]:
    """(a page's source, notices of how it was decoded), of which the converters may read any part.

    trafilatura normalises what it finds, and markdownify looks for the end of a line at each space.

    Raises:
        NotText: it is in no encoding that is known.
    """
    text, notices = _decoded(data, charset)
    return _WIDE.sub(lambda space: space[0][:_WIDEST], stream_safe(text)), notices


def _decoded(data: bytes, charset: str | None) -> tuple[str, tuple[str, ...]]:
    if data.count(0) <= _STRAY_NULS:
        data = data.replace(b"\0", b"")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    from bs4.dammit import EncodingDetector, UnicodeDammit

    told = charset or EncodingDetector.find_declared_encoding(data, is_html=True)
    if told and told.lower().replace("_", "-") not in ("utf-8", "utf8"):
        text = UnicodeDammit(data, known_definite_encodings=[told], is_html=True).unicode_markup
        if text is not None and "\0" not in text and "\ufffd" not in text:
            return text, ()
    return decoded(data)


def parsed(html: str) -> Any:
    """The tree of a page; None for an empty one.

    Raises:
        NotText: it goes beyond the limits of the parser.
    """
    tree, error = _parsed(html)
    if "depth" in error:  # old pages never close inline elements
        tree, error = _parsed(_TAGS.sub("", html))
    if error:  # the rest of the page is lost
        deep = "is nested too deeply; save its words as .txt"
        raise NotText(deep if "depth" in error else "has too long a line; split it")
    return tree


def language(tree: Any) -> str:
    """The language that a page declares, or ""."""
    return str(tree.get("lang") or tree.get(f"{_XML}lang") or tree.get("xml:lang") or "")


def _parsed(html: str) -> tuple[Any, str]:
    """(tree or None, the limit that was met or "")."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        text = _CDATA.sub(lambda found: escape(found[1], quote=False), clean(html))
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:  # an empty document
        tree = None
    limits = [e.message for e in parser.error_log if e.type_name == "ERR_RESOURCE_LIMIT"]
    return tree, limits[0] if limits else ""
