"""OpenDocument text -> Markdown: headings and lists with their numbers, tables, notes, boxes.

odfdo gives no numbers of headings and lists, and repeats cells as often as a file says, so the
trees are read here; its own `get_formatted_text` puts marks among the words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.literal import literal
from index.converters.odf_numbers import Counter
from index.converters.odf_package import Package, below, number, opened, with_metadata
from index.converters.odf_words import Words
from index.converters.xml_names import attribute, child, local

_INDENT = "  "


@dataclass(slots=True)
class _Text:
    package: Package
    words: Words
    headings: Counter
    lists: dict[str, Counter] = field(default_factory=dict)  # by a list's id or style
    last: dict[str, Counter] = field(default_factory=dict)  # by style
    deleted: bool = False


def read(data: bytes) -> Converted:
    """Read a text.

    Raises:
        NotText: it is damaged or encrypted, or holds no text.
    """
    with Archive(data) as file:
        package = opened(file, "text", "an OpenDocument text")
        text = _Text(package, Words(package), Counter(package.styles.outline))
        blocks = list(filter(None, _blocks(text, package.body)))
        notices = [*text.words.notices()]
        if text.deleted:
            notices.append("text that was deleted with changes tracked was left out")
        return with_metadata("\n\n".join(blocks), (), file, notices)


def _blocks(text: _Text, element: Any) -> Iterator[str]:
    for each in element:
        yield from _block(text, each)
        yield from text.words.taken()


def _block(text: _Text, element: Any) -> Iterator[str]:
    name = local(element)
    if name in ("h", "p"):
        yield _heading(text, element) if name == "h" else _paragraph(text, element)
    elif name == "table":
        yield text.words.table(element)
    elif name in ("list", "section"):
        yield from _list(text, element) if name == "list" else _section(text, element)
    elif name == "tracked-changes":
        deletions = below(element, "deletion")
        text.deleted |= any("".join(each.itertext("{*}p", "{*}h")).strip() for each in deletions)
    elif name == "bibliography":
        yield from (text.words.paragraph(each) for each in below(element, "p"))
    elif name in ("frame", "custom-shape", "rect", "g"):
        yield from text.words.shape(element)
    # Not of other indexes: a table of contents repeats the headings, others say where words stand.


def _section(text: _Text, element: Any) -> Iterator[str]:
    if attribute(element, "display") == "none":
        text.words.hidden |= bool("".join(element.itertext()).strip())
    else:
        yield from _blocks(text, element)


def _heading(text: _Text, element: Any) -> str:
    words = text.words.paragraph(element)
    level = max(1, number(element, "outline-level"))
    counted = words and attribute(element, "is-list-header") != "true"
    mark = text.headings.next(level, _start(element)) if counted else ""
    own = child(element, "number")
    mark = "" if own is not None or mark == "- " else mark
    return f"{'#' * min(level, 6)} {mark}{words}" if words else ""


def _paragraph(text: _Text, element: Any) -> str:
    words = text.words.paragraph(element)
    style = attribute(element, "style-name")
    if words and _title_style(text.package, style):
        return f"# {words}"
    return literal(words)


def _title_style(package: Package, style: str) -> bool:
    return style == "Title" or package.styles.of("paragraph", style, "parent-style-name") == "Title"


def _start(element: Any) -> int | None:
    return number(element, "start-value") if attribute(element, "start-value") else None


def _list(text: _Text, element: Any) -> Iterator[str]:
    """A list's items as lines of one block; headings in it stay headings."""
    lines: list[str] = []
    for line, is_heading in _items(text, element, "", 1, None):
        if is_heading:
            yield "\n".join(lines)
            lines = []
            yield line
        elif line:
            lines.append(line)
    yield "\n".join(lines)


def _items(
    text: _Text, element: Any, style: str, level: int, counter: Counter | None
) -> Iterator[tuple[str, bool]]:
    style = attribute(element, "style-name") or style
    counter = counter or _counter(text, element, style)
    for item in element:
        if local(item) in ("list-item", "list-header"):
            yield from _item(text, item, style, level, counter)


def _item(
    text: _Text, item: Any, style: str, level: int, counter: Counter
) -> Iterator[tuple[str, bool]]:
    counted = local(item) == "list-item"
    for each in item:
        if local(each) == "list":
            yield from _items(text, each, style, level + 1, counter)
            continue
        if local(each) not in ("p", "h"):
            continue
        words = text.words.paragraph(each)
        mark = counter.next(level, _start(item)) if counted and words else ""
        counted = counted and not words
        if local(each) == "h":
            depth = min(max(1, number(each, "outline-level")), 6)
            yield f"{'#' * depth} {'' if mark == '- ' else mark}{words}" if words else "", True
        elif words:
            yield f"{_INDENT * (level - 1)}{mark}{words}", False
        for waiting in text.words.taken():
            yield f"{_INDENT * level}{waiting}", False


def _counter(text: _Text, element: Any, style: str) -> Counter:
    """A new list's counter, or that of the list which it continues."""
    continued = attribute(element, "continue-list")
    counter = text.lists.get(continued) if continued else None
    if counter is None and attribute(element, "continue-numbering") == "true":
        counter = text.last.get(style)
    counter = counter or Counter(text.package.styles.lists.get(style))
    text.last[style] = counter
    if name := attribute(element, "id"):
        text.lists[name] = counter
    return counter
