"""HTML's blocks -> those that Markdown has: definition lists, forms, details, numbers of lists.

Changes a parsed tree. Sources: HTML Living Standard, 4.4, 4.10 and 4.11.
"""

import itertools
import re
from typing import Any

from index.converters.html_marks import replace, replace_block, words

_NO_VALUE = {"submit", "button", "reset", "image", "hidden", "password", "file", "search"}
_TICKED = {"checkbox", "radio"}
_SWITCH = re.compile(r"toggle|switch|menu|nav", re.IGNORECASE)
_BLOCKS = ("p", "div", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?\b((?:lower|upper)-(?:alpha|latin|roman))", re.I
)
_STYLES = {"lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
           "lower-roman": "i", "upper-roman": "I"}  # fmt: skip
# Of a paragraph's text: what would be read as a mark of Markdown. A no-break space ends that.
_LIKE_A_HEADING = re.compile(r"\A(\s*#{1,6})[ \t\r\n]")


def simplify(tree: Any) -> None:
    """Make blocks that Markdown has of those that it has not."""
    _fields(tree)
    _definitions(tree)
    for each in tree.iter("ol"):
        _number(each)
    for each in list(tree.iter()):
        if each.get("role") == "heading" and isinstance(each.tag, str):
            level = each.get("aria-level", "2")
            each.tag = f"h{level}" if level in "123456" and len(level) == 1 else "h2"
        elif each.tag in ("summary", "figcaption", "legend"):
            if each.tag == "figcaption":
                each.set("data-caption", "")
            each.tag = "p"
        elif each.tag in ("details", "figure", "fieldset", "hgroup", "address"):
            each.tag = "div"
        if each.tag in ("ul", "ol") and (each.tail or "").strip() and each.getparent().tag == "li":
            _break_after(each)
        if each.tag in ("p", "div", "li", "dd") and each.text:
            each.text = _LIKE_A_HEADING.sub("\\1\u00a0", each.text)


def _break_after(inner: Any) -> None:
    """Keep what follows a list in an item apart from that list's last item."""
    gap = inner.makeelement("br")
    gap.tail, inner.tail = inner.tail, None
    inner.addnext(gap)


def _fields(tree: Any) -> None:
    for each in tree.iter("input"):
        if each.get("type", "text").lower() in _TICKED:
            replace(each, _box(each))
        else:
            replace_block(each, _value(each))
    for each in tree.iter("textarea"):
        replace_block(each, words(each))
    for each in tree.iter("select"):
        options = [option for option in each.iter("option") if words(option)]
        chosen = [words(option) for option in options if option.get("selected") is not None]
        replace_block(each, ", ".join(chosen or map(words, options)))
    for each in tree.iter("meter", "progress"):
        value, most = each.get("value", ""), each.get("max", "")
        text = words(each) or (f"{value} of {most}" if most else value)
        replace(each, text)


def _box(field: Any) -> str:
    """A ticked or an empty box; nothing for one that opens menus."""
    if _SWITCH.search(f"{field.get('class', '')} {field.get('id', '')}"):
        return ""
    mark = "☐" if field.get("checked") is None else "☑"
    return mark if (field.tail or "")[:1].isspace() else f"{mark} "


def _value(field: Any) -> str:
    """What a field shows; nothing of a button."""
    kind = field.get("type", "text").lower()
    return "" if kind in _NO_VALUE else " ".join(field.get("value", "").split())


def _definitions(tree: Any) -> None:
    """`- Built: 1902`, or a paragraph each where a definition is of several blocks."""
    for each in list(tree.iter("dl")):
        entries = [item for item in each.iter("dt", "dd")]
        simple = all(next(item.iterchildren(*_BLOCKS), None) is None for item in entries)
        if simple and any(item.tag == "dt" for item in entries) and not _nested(each):
            _as_list(each, entries)
        else:
            for item in entries:
                item.tag = "p" if next(item.iterchildren(*_BLOCKS), None) is None else "div"
            each.tag = "div"


def _nested(found: Any) -> bool:
    return next(found.iterdescendants("dl"), None) is not None


def _as_list(found: Any, entries: list[Any]) -> None:
    lines = list[str]()
    terms: list[str] = []
    for tag, group in itertools.groupby(entries, lambda item: str(item.tag)):
        texts = list(filter(None, map(_entry, group)))
        if tag == "dt":
            lines += terms  # of a term without a definition
            terms = texts
        else:
            name = ", ".join(terms).rstrip(":： ")
            lines += [f"{name}: {text}" if name else text for text in texts]
            terms = []
    lines += terms
    for child in list(found):
        found.remove(child)
    found.tag, found.text = "ul", None
    for line in filter(None, lines):
        item = found.makeelement("li")
        item.text = line
        found.append(item)


def _entry(item: Any) -> str:
    """The words of a term or definition: one that is not closed has the next one inside."""
    parts = [item.text or ""]
    for child in item:
        if child.tag not in ("dt", "dd"):
            parts += [*child.itertext(), child.tail or ""]
    return " ".join("".join(parts).split())


def _number(found: Any) -> None:
    """The number of each item, as `data-mark`."""
    items = list(found.iterchildren("li"))
    backward = found.get("reversed") is not None
    style = _STYLE.search(found.get("style", ""))
    kind = found.get("type") or (_STYLES[style[1].lower()] if style else "1")
    number = _whole(found.get("start"), len(items) if backward else 1)
    for item in items:
        number = _whole(item.get("value"), number)
        item.set("data-mark", f"{numbered(number, item.get('type') or kind)}.")
        number += -1 if backward else 1


def _whole(value: str | None, default: int) -> int:
    value = (value or "").strip()
    return int(value) if re.fullmatch(r"-?[0-9]{1,8}", value) else default


def numbered(number: int, kind: str) -> str:
    """A list's number in the style that `type` names: 1, a, A, i, I."""
    if number < 1 or kind not in ("a", "A", "i", "I") or number > 3999:
        return str(number)
    text = _letters(number) if kind in "aA" else _roman(number)
    return text.upper() if kind in "AI" else text


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        text += letters * times
    return text
