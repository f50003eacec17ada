"""HTML, MHTML -> Markdown of the main text, with title, language, day and author.

Also converts the HTML inside other formats. Fetches nothing that a page links to. A page goes
through `html_parsing`, `html_styles`, `html_notes`, `html_hidden`, `html_marks`, `html_blocks`,
`html_tables`, `html_main` and `html_markdown`, in this order.
"""

import copy
import email
import email.policy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from index.converters import (
    html_blocks,
    html_hidden,
    html_marks,
    html_notes,
    html_parsing,
    html_styles,
    metadata,
)
from index.converters.converted import Converted
from index.converters.html_main import main_text
from index.converters.html_markdown import markdownified
from index.converters.html_tables import unfold
from index.converters.page_author import page_author
from index.converters.page_data import PageData, is_only_a_script, page_data, without_loading
from index.errors import NotText

_SENTENCE = re.compile(r"\w[.!?।](?:\s|\Z)|[。！？]")
_SHORT = 100  # code points of a page's text, which may be but its title
_NEEDS_SCRIPT = (
    "is a page that only a script fills; open it in a browser and save it as a single file (.mhtml)"
)


def read(data: bytes) -> Converted:
    """Read a web page: its main text, its title, language, day and author.

    Raises:
        NotText: there is no text in it.
    """
    html, notices = html_parsing.source(data)
    return _page(html, notices)


def read_mhtml(data: bytes) -> Converted:
    """Read a page saved as one file with its pictures.

    Raises:
        NotText: there is no page in it, or no text in the page.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    part = message.get_body(("html", "plain"))
    if part is None or message["Content-Type"] is None:
        raise NotText("is not MHTML, or holds no page")
    content = part.get_payload(decode=True)
    body = content if isinstance(content, bytes) else b""
    text, notices = html_parsing.source(body, part.get_content_charset())
    is_page = part.get_content_type() == "text/html"
    page = _page(text, notices) if is_page else Converted(text, notices=notices)
    return Converted(
        page.text,
        page.title or metadata.title(message["Subject"]),
        page.language,
        page.date or metadata.day(str(message["Date"] or "")),
        page.author,
        notices=page.notices,
    )


def markdown(html: str) -> str:
    """HTML as Markdown without marks on letters; no boilerplate is removed."""
    return markdown_of({"": html})[0][""]


def markdown_of(
    pages: Mapping[str, str], sheets: Iterable[str] = ()
) -> tuple[dict[str, str], list[str]]:
    """(each page as Markdown, notices); notes of one page may stand in another.

    Args:
        pages: HTML by its path, to which the links are relative.
        sheets: style sheets that the pages share.
    """
    trees = {
        path: tree
        for path, html in pages.items()
        if (tree := html_parsing.parsed(html)) is not None
    }
    for tree in trees.values():
        html_styles.restyle(tree, sheets)
        html_hidden.drop_navigation(tree)
    html_notes.place(trees)
    notices = dict.fromkeys(line for tree in trees.values() for line in simplify(tree))
    return {path: markdownified(trees[path]) if path in trees else "" for path in pages}, [*notices]


def simplify(tree: Any) -> list[str]:
    """Make of a parsed page what Markdown can say; gives notices of what was left out."""
    from lxml import etree

    notices = html_marks.simplify(tree)
    html_blocks.simplify(tree)
    etree.strip_tags(tree, "q", *html_marks.INLINE)
    unfold(tree)
    return notices


def _page(html: str, notices: tuple[str, ...]) -> Converted:
    tree = html_parsing.parsed(html)
    if tree is None:
        raise NotText("holds no text")
    known = _metadata(tree)
    scripts = [
        (each.get("type", "").strip().lower(), (each.text or "").strip())
        for each in tree.iter("script")
    ]
    html_styles.restyle(tree)
    whole = copy.deepcopy(tree)
    html_notes.place({"": tree})
    html_hidden.open_noscript(tree)
    left_out = html_hidden.strip(tree)
    left_out += simplify(tree)
    text = without_loading(main_text(tree))
    only_a_script = is_only_a_script(text)
    if only_a_script or len(text) < _SHORT:
        data = page_data(scripts)
        if data is not None and not only_a_script and len(data.text) < 3 * len(text):
            data = None
        if data is not None:
            return _of_data(data, known)
        if only_a_script and (any(scripts) or next(whole.iter("noscript"), None) is not None):
            raise NotText(_NEEDS_SCRIPT)
    if not text.strip():  # all of it is hidden, or looks like a banner
        simplify(whole)
        text, left_out = markdownified(whole), []
    return Converted(text, *known, notices=(*notices, *left_out))


def _metadata(tree: Any) -> tuple[str, str, str, str]:
    """(title, language, day, author) of a page."""
    from trafilatura.metadata import extract_metadata

    # Only dates in the page's metadata: trafilatura would guess one from any number in the text.
    read = copy.deepcopy(tree)
    for each in read.iter("time"):
        if any(
            _SENTENCE.search(html_marks.words(above)) for above in each.iterancestors("p", "li")
        ):
            each.attrib.pop("datetime", None)  # of what the text tells
    told = extract_metadata(read, date_config={"extensive_search": False, "original_date": True})
    title = metadata.title((told.title or "").rstrip("¶🔗 ")) or metadata.title(
        tree.findtext(".//title")
    )
    return title, html_parsing.language(tree), metadata.day(told.date), page_author(tree)


def _of_data(data: PageData, known: tuple[str, str, str, str]) -> Converted:
    title, language, date, author = known
    text = markdown(data.text) if re.search(r"</?\w+[^<>]*>", data.text) else data.text
    notice = "its words were read from the data for the page’s script"
    return Converted(
        text,
        data.title or title,
        language,
        date or data.date,
        author or data.author,
        notices=(notice,),
    )
