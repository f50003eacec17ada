"""HTML, MHTML -> Markdown of the main text; only home of trafilatura and markdownify.

Also turns the HTML that other formats hold into Markdown. Fetches nothing a page points to.
"""

import email
import email.policy
from typing import Any

from index import told
from index.errors import NotText
from index.rows import table
from index.text import clean, decode
from index.told import Converted

# They mark letters, and would stand as stars in a quote.
_INLINE = ("b", "strong", "i", "em", "u", "mark", "sup", "sub", "code", "small", "font", "span")
_CELL = 100  # code points: layout holds paragraphs, a table of data does not
_SILENT = ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "img")


def read(data: bytes) -> Converted:
    """Read a web page: its main text, its title, language and day.

    Raises:
        NotText: there is no text in it.
    """
    return _page(_unicode(data))


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
    charset = part.get_content_charset()
    text = _unicode(content if isinstance(content, bytes) else b"", charset)
    page = _page(text) if part.get_content_type() == "text/html" else Converted(text)
    return Converted(
        page.text,
        page.title or told.title(message["Subject"]),
        page.language,
        page.date or told.day(str(message["Date"] or "")),
    )


def markdown(html: str) -> str:
    """HTML as Markdown without marks on letters; nothing of the page is taken for chrome."""
    from lxml import etree
    from lxml import html as lxml_html

    tree = _tree(html)
    if tree is None:
        return ""
    etree.strip_elements(tree, "head", *_SILENT, with_tail=False)
    _simplify(tree)
    return _markdownify(lxml_html.tostring(tree, encoding="unicode"))


def _markdownify(html: str) -> str:
    from markdownify import ATX, markdownify

    return str(
        markdownify(
            html,
            heading_style=ATX,
            bullets="-",
            strip=["a", "img"],
            escape_asterisks=False,
            escape_underscores=False,
        )
    )


def _unicode(data: bytes, charset: str | None = None) -> str:
    try:
        return decode(data)
    except NotText:
        from bs4.dammit import UnicodeDammit

        known = [charset] if charset else []
        text = UnicodeDammit(data, known_definite_encodings=known, is_html=True).unicode_markup
        if text is None or "\0" in text:
            raise
        return text


def _page(html: str) -> Converted:
    import trafilatura

    tree = _tree(html)
    if tree is None:
        raise NotText("holds no text")
    language = str(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    _simplify(tree)
    # Only dates that the page tells: trafilatura would guess one from any number in the text.
    document = trafilatura.extract_with_metadata(
        tree,
        output_format="html",  # its Markdown has a backslash before every bracket
        include_comments=False,
        include_formatting=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None:  # a page too short to have a main text
        return Converted(markdown(html), told.title(tree.findtext(".//title")), language)
    text = markdown(document.text or "") or markdown(html)
    return Converted(text, told.title(document.title), language, told.day(document.date))


def _tree(html: str) -> Any:
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        tree = lxml_html.document_fromstring(clean(html).encode(), parser=parser)
    except etree.ParserError:  # an empty document
        tree = None
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":  # what comes after it is lost
            deep = "depth" in entry.message
            raise NotText("is nested too deeply" if deep else "has too long a line; split it")
    return tree


def _simplify(tree: Any) -> None:
    from lxml import etree

    etree.strip_tags(tree, *_INLINE)
    for found in reversed(list(tree.iter("table"))):
        _unfold(found)
    for found in tree.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
        found.tag = "div"  # layout


def _unfold(found: Any) -> None:
    """Replace a table of data by a list whose items name what they hold; leave layout alone."""
    from lxml import etree

    if found.find(".//table") is not None:
        return
    rows = [list(row.iterchildren("td", "th")) for row in found.iter("tr")]
    cells = [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in rows]
    headed = any(cell.tag == "th" for row in rows for cell in row)
    short = all(len(text) <= _CELL for row in cells for text in row)
    if max(map(len, cells), default=0) < 2 or not (headed or short):
        return
    block = etree.Element("ul")
    block.tail = found.tail
    for line in _said(rows, cells).split("\n"):
        if line:
            etree.SubElement(block, "li").text = line.removeprefix("- ")
    found.getparent().replace(found, block)


def _said(rows: list[list[Any]], cells: list[list[str]]) -> str:
    tags = [[cell.tag for cell in row] for row in rows if row]
    if all(row == ["th", "td"] for row in tags):  # a box of facts
        return "\n".join(f"- {row[0]}: {row[1]}" for row in cells if row)
    return table(cells, named=True if set(tags[0]) == {"th"} else None)
