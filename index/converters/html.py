"""HTML, MHTML -> Markdown of the main text; only home of trafilatura and markdownify.

Also converts the HTML inside other formats. Fetches nothing that a page links to.
"""

import email
import email.policy
import re
from html import escape
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.page_author import page_author
from index.converters.tables import MAX_COLUMNS, joined, table
from index.errors import NotText
from index.text.normal_forms import stream_safe
from index.text.normalise import clean, decode

# Inline elements, which would become asterisks in a quote.
_INLINE = (
    "b", "strong", "i", "em", "u", "mark", "sup", "sub", "code", "small", "font", "span",
    "samp", "kbd", "tt", "ins", "big", "var", "cite", "abbr", "dfn",
)  # fmt: skip
_MARKS = re.compile(rf"</?(?:{'|'.join(_INLINE)}|center)(?:\s[^<>]*)?>", re.IGNORECASE)
_CELL_LENGTH = 100  # code points: a layout table has longer cells, a data table has not
_AROUND = ("nav", "header", "footer", "aside", "form")
_BLOCK = re.compile(r"<(?:p|h[1-6]|li|div|pre|blockquote|table|dd|dt)\b", re.IGNORECASE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)
# Of the page's main text: an extraction of less has failed, and one of more has left out no
# boilerplate, so that it should have the page's headings.
_MIN_SHARE, _WHOLE_SHARE = 0.5, 0.8
_MAX_CELLS = 1_000_000  # of a table whose cells span rows and columns
# Of XHTML, which HTML does not know; one that is never closed must not cost time squared.
_CDATA = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[).)*?)\]\]>", re.DOTALL)
_WIDEST = 200  # of white space, which HTML joins
_WIDE = re.compile(rf"\s{{{_WIDEST},}}")
_STRUCK = ("del", "s", "strike")  # deleted by the author
_STRAY_NULS = 9  # at most, of a program's bug; UTF-16 has one in every other byte
_SILENT = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "img",
    "hr",
)


def read(data: bytes) -> Converted:
    """Read a web page: its main text, its title, language, day and author.

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
        page.title or metadata.title(message["Subject"]),
        page.language,
        page.date or metadata.day(str(message["Date"] or "")),
        page.author,
    )


def markdown(html: str) -> str:
    """HTML as Markdown without marks on letters; no boilerplate is removed."""
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
    """A page's source, of which trafilatura and markdownify may read any part.

    The first normalises what it finds, and the second looks for the end of a line at each space.
    """
    return _WIDE.sub(lambda space: space[0][:_WIDEST], stream_safe(_decoded(data, charset)))


def _decoded(data: bytes, charset: str | None) -> str:
    if data.count(0) <= _STRAY_NULS:
        data = data.replace(b"\0", b"")
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
    author = page_author(tree)
    _simplify(tree)
    whole = markdown(_main(tree))
    # Only dates in the page's metadata: trafilatura would guess one from any number in the text.
    document = trafilatura.extract_with_metadata(
        tree,
        output_format="html",  # its Markdown has a backslash before every bracket
        include_comments=False,
        include_formatting=True,
        favor_recall=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None:  # a page too short to have a main text
        title = metadata.title(tree.findtext(".//title"))
        return Converted(whole or markdown(html), title, language, author=author)
    found = document.text or ""
    text = markdown(found) if _BLOCK.search(found) else ""
    if _loses(text, whole):
        text = whole
    text = text or markdown(html)
    title, date = metadata.title(document.title), metadata.day(document.date)
    return Converted(text, title, language, date, author)


def _loses(text: str, whole: str) -> bool:
    """Whether the extraction lost most of the text, or headings though it lost little text."""
    if len(text) < _MIN_SHARE * len(whole):
        return True
    headings, all_headings = (len(_HEADING.findall(each)) for each in (text, whole))
    return headings < all_headings / 2 and len(text) > _WHOLE_SHARE * len(whole)


def _main(tree: Any) -> str:
    """The HTML of a page's own main element, without the navigation and the like in it."""
    import copy

    from lxml import etree
    from lxml import html as lxml_html

    found = tree.findall(".//main")
    found = found if len(found) == 1 else tree.findall(".//article")
    main = found[0] if len(found) == 1 else tree.find("body")
    if main is None:
        return ""
    main = copy.deepcopy(main)
    etree.strip_elements(main, *_AROUND, *_SILENT, with_tail=False)
    return str(lxml_html.tostring(main, encoding="unicode", with_tail=False))


def _tree(html: str) -> Any:
    tree, error = _parsed(html)
    if "depth" in error:  # old pages never close inline elements
        tree, error = _parsed(_MARKS.sub("", html))
    if error:  # the rest of the page is lost
        deep = "is nested too deeply; save its words as .txt"
        raise NotText(deep if "depth" in error else "has too long a line; split it")
    return tree


def _parsed(html: str) -> tuple[Any, str]:
    """(tree or None, the limit that was met or "")."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        text = _CDATA.sub(lambda found: escape(found[1], quote=False), clean(html))
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:  # an empty document
        tree = None
    limits = [e.message for e in parser.error_log if e.type_name == "ERR_RESOURCE_LIMIT"]
    return tree, limits[0] if limits else ""


def _simplify(tree: Any) -> None:
    from lxml import etree

    etree.strip_elements(tree, *_STRUCK, with_tail=False)
    for quoted in tree.iter("q"):
        _enclose(quoted, "“", "”")
    etree.strip_tags(tree, "q", *_INLINE)
    for found in reversed(list(tree.iter("table"))):
        _unfold(found)
    for found in tree.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
        found.tag = "div"  # layout


def _enclose(element: Any, before: str, after: str) -> None:
    element.text = before + (element.text or "")
    last = element[-1] if len(element) else None
    if last is None:
        element.text += after
    else:
        last.tail = (last.tail or "") + after


def _unfold(found: Any) -> None:
    """Replace a data table by a list whose items name their columns; leave layout tables."""
    from lxml import etree

    if found.find(".//table") is not None:
        return
    rows = [list(row.iterchildren("td", "th")) for row in found.iter("tr")]
    cells, tags = _grid([row for row in rows if row])
    headed = any(tag == "th" for row in tags for tag in row)
    short = all(len(text) <= _CELL_LENGTH for row in cells for text in row)
    if max(map(len, cells), default=0) < 2 or not (headed or short):
        return
    block = etree.Element("ul")
    block.tail = found.tail
    for line in _list(tags, cells).split("\n"):
        if line:
            etree.SubElement(block, "li").text = line.removeprefix("- ")
    found.getparent().replace(found, block)


def _grid(rows: list[list[Any]]) -> tuple[list[list[str]], list[list[str]]]:
    """(texts, tags) of every cell; one that spans rows is repeated in each.

    One that spans columns is repeated in a header, where it names them all, and nowhere else.
    """
    grid: list[dict[int, tuple[str, str]]] = [{} for _ in rows]
    left = _MAX_CELLS
    for number, row in enumerate(rows):
        heading = len(row) > 1 and (not number or all(cell.tag == "th" for cell in row))
        column = 0
        for cell in row:
            while column in grid[number]:
                column += 1
            text = " ".join(" ".join(cell.itertext()).split())
            wide, high = _span(cell, "colspan", MAX_COLUMNS), _span(cell, "rowspan", len(rows))
            if wide * high > max(1, left):
                wide = high = 1
            left -= wide * high
            for line in grid[number : number + high]:
                for step in range(wide):
                    shown = text if heading or not step else ""
                    line.setdefault(column + step, (shown, cell.tag))
            column += wide
    lines = [[line.get(i, ("", "td")) for i in range(max(line, default=-1) + 1)] for line in grid]
    return [[text for text, _ in line] for line in lines], [
        [tag for _, tag in line] for line in lines
    ]


def _span(cell: Any, name: str, most: int) -> int:
    value = cell.get(name, "1").strip()
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 1
    # A rowspan of 0 reaches to the end of the table.
    return min(number, most) or (most if name == "rowspan" else 1)


def _list(tags: list[list[str]], cells: list[list[str]]) -> str:
    if all(row == ["th", "td"] for row in tags):  # an infobox
        return "\n".join(f"- {row[0]}: {row[1]}" for row in cells if row)
    heads = next((i for i, row in enumerate(tags) if set(row) != {"th"}), 1)
    if heads and len(set(cells[0])) > 1:
        return table([joined(cells[:heads]), *cells[heads:]], named=True)
    return table(cells)
