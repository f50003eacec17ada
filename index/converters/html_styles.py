"""Styles that change what is read -> the tags that say so: raised, lowered and struck out text.

Books and pages raise the mark of a note by a class of their style sheets, as Calibre and InDesign
write them, and not by `<sup>`: `1856<span class="calibre5">3</span>`. Source: CSS 2.2, 10.8.1
(`vertical-align`), and CSS Text Decoration 3 (`text-decoration-line`).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from index.converters.html_marks import before, words

_CLASS = re.compile(r"\s*(?:span|a|small|font)?\.([\w-]{1,80})\s*")
_REMARK = re.compile(r"/\*(?:(?!/\*).)*?\*/", re.DOTALL)
_STYLED = (
    ("sup", re.compile(r"vertical-align\s*:\s*(?:super|text-top|0?\.\d+e[mx]|[1-9]\d?%)", re.I)),
    ("sub", re.compile(r"vertical-align\s*:\s*(?:sub\b|text-bottom|-0?\.\d+e[mx]|-\d+%)", re.I)),
    ("del", re.compile(r"text-decoration(?:-line)?\s*:[^;]*\bline-through", re.I)),
)
# Names of classes whose sheet is not at hand.
_NAMED = {"sup": "sup", "super": "sup", "superscript": "sup", "subscript": "sub"}
_LONGEST = 20  # code points of what is raised
_LARGEST = 500_000  # code points of style sheets
_APART = ("span", "b", "strong", "i", "em", "small", "time", "data")
_CODE = ("pre", "code", "math", "svg")
_WORD = 3  # letters
_TAGS = ("span", "a", "small", "font", "i", "em", "b", "strong", "u")


def restyle(tree: Any, sheets: Iterable[str] = ()) -> None:
    """Make `<sup>`, `<sub>` and `<del>` of what a page's styles raise, lower and strike out.

    Args:
        tree: a parsed page.
        sheets: style sheets in files beside it.
    """
    own = [style.text or "" for style in tree.iter("style")]
    classes = dict(_classes("\n".join([*sheets, *own])[:_LARGEST]))
    _set_apart(tree)
    for each in list(tree.iter(*_TAGS)):
        tag = _tag(each, classes)
        if tag == "del" or (tag and 0 < len(words(each)) <= _LONGEST):
            _become(each, tag)


def _set_apart(tree: Any) -> None:
    """Put a space between numbers and words that only a style sets apart.

    They stand in elements of their own, in one that holds no text itself, as in rows of a flexbox:
    `<p><span>Length</span><span>14</span></p>`. Digits one by one are a counter's.
    """
    bare: dict[Any, bool] = {}
    for each in tree.iter(*_APART):
        other, parent = each.getprevious(), each.getparent()
        if other is None or other.tag not in _APART or other.tail:
            continue
        if parent not in bare:
            bare[parent] = _holds_text(parent) or parent.tag in _CODE
        if not bare[parent] and _are_two(words(other), words(each)):
            other.tail = " "


def _holds_text(parent: Any) -> bool:
    texts = [parent.text, *(child.tail for child in parent)]
    code = next(parent.iterancestors(*_CODE), None) is not None
    return code or any(text and text.strip() for text in texts)


def _are_two(left: str, right: str) -> bool:
    """Whether a number touches another one, of which one has several digits, or a word."""
    if not left or not right or not (left[-1].isdigit() or right[0].isdigit()):
        return False
    if left[-1].isdigit() and right[0].isdigit():
        return len(left) > 1 or len(right) > 1
    word = left.split()[-1] if right[0].isdigit() else right.split()[0]
    return len(word) >= _WORD and word.isalpha()


def _classes(sheet: str) -> Iterator[tuple[str, str]]:
    """(class, tag) of the rules for one class."""
    for piece in _REMARK.sub("", sheet).split("}"):
        head, _, rules = piece.rpartition("{")
        tag = _of(rules)
        selectors = head.rpartition("{")[2].split(",") if tag else ()  # may stand in `@media`
        for match in filter(None, map(_CLASS.fullmatch, selectors)):
            yield match[1], tag


def _of(rules: str) -> str:
    return next((tag for tag, style in _STYLED if style.search(rules)), "")


def _tag(element: Any, classes: dict[str, str]) -> str:
    told = _of(element.get("style", ""))
    named = element.get("class", "").split()
    found = [told, *(classes.get(name, "") for name in named)]
    found += [_NAMED.get(name.lower(), "") for name in named]
    if element.tag == "small" and words(element).isdecimal() and before(element)[-1:].isdecimal():
        return "sup"  # the cents of a price
    return next(filter(None, found), "")


def _become(element: Any, tag: str) -> None:
    """Change a tag; a link stays one, with its words in the tag."""
    if next(element.iterancestors(tag), None) is not None or (
        next(element.iter(tag), None) is not None
    ):
        return
    if element.tag != "a":
        element.tag = tag
        return
    inner = element.makeelement(tag)
    inner.text, element.text = element.text, None
    inner.extend(list(element))
    element.append(inner)
