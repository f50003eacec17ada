"""Styles of Word: what a style says of headings, numbers, hidden and raised text. Pure.

ECMA-376, part 1, 17.7. A style that is based on another one has its properties too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from index.converters.ooxml import W, on

_DEEPEST = 30  # styles based on one another; Word refuses longer chains
_CONTENTS = ("toc ", "table of figures", "table of authorities")


@dataclass(frozen=True, slots=True)
class Numbered:
    """The list and the level, from 0, of a paragraph; None where nothing is said of it."""

    number: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    default: bool
    kind: str
    paragraph: Any
    run: Any


class Styles:
    """The styles of a document; `root` is that of `styles.xml`, or None."""

    def __init__(self, root: Any) -> None:
        found = root.iterchildren(f"{W}style") if root is not None else ()
        self._styles = {each.get(f"{W}styleId", ""): _style(each) for each in found}
        self._default = next(
            (i for i, each in self._styles.items() if each.default and each.kind == "paragraph"), ""
        )
        defaults = f"{W}docDefaults/{W}rPrDefault/{W}rPr"
        self._run_default = root.find(defaults) if root is not None else None
        self.toggled = cache(self._toggled)
        self.level = cache(self._level)
        self.numbered = cache(self._numbered)
        self.value = cache(self._value)

    def name(self, style: str) -> str:
        """The name Word shows, in lower case; those of its own styles are English everywhere."""
        found = self._styles.get(style or self._default)
        return found.name if found else style.lower()

    def is_contents(self, style: str) -> bool:
        """Whether it is that of a line of a table of contents."""
        return self.name(style).startswith(_CONTENTS)

    def ancestry(self, style: str) -> Iterator[str]:
        """A style's id and those of the styles it is based on, the nearest first."""
        for _ in range(_DEEPEST):
            if style not in self._styles:
                return
            yield style
            style = self._styles[style].based_on

    def _toggled(self, name: str, paragraph: str, run: str) -> bool:
        """A switch that the styles of a paragraph and of a run turn on and off (17.7.3)."""
        value = on(self._run_default.find(f"{W}{name}")) if self._run_default is not None else False
        said = [self._first(paragraph or self._default, name), self._first(run, name)]
        return value or sum(on(each) for each in said) % 2 == 1

    def _value(self, name: str, paragraph: str, run: str) -> str:
        """`w:val` of a property of runs, "" if no style has it."""
        for style in filter(None, (run, paragraph or self._default)):
            found = self._first(style, name)
            if found is not None:
                return str(found.get(f"{W}val", ""))
        return ""

    def _level(self, style: str) -> int | None:
        """The level of a heading, 1 to 9; None for other text. The title's is 1."""
        for each in self._chain(style or self._default):
            if each.name == "title":
                return 1
            outline = _find(each.paragraph, "outlineLvl")
            if outline is not None:
                return outline_level(outline)
            word, _, digit = each.name.partition(" ")
            if word == "heading" and digit in tuple("123456789"):
                return int(digit)
        return None

    def _numbered(self, style: str) -> Numbered:
        """The list that a style puts its paragraphs in."""
        number = level = None
        for each in self._chain(style or self._default):
            of_style = numbered(each.paragraph)
            number = of_style.number if number is None else number
            level = of_style.level if level is None else level
        return Numbered(number, level)

    def _first(self, style: str, name: str) -> Any:
        found = (_find(each.run, name) for each in self._chain(style))
        return next((each for each in found if each is not None), None)

    def _chain(self, style: str) -> Iterator[_Style]:
        return (self._styles[each] for each in self.ancestry(style))


def numbered(properties: Any) -> Numbered:
    """The list that the properties of a paragraph put it in."""
    found = _find(properties, "numPr")
    if found is None:
        return Numbered()
    number, level = _find(found, "numId"), _find(found, "ilvl")
    return Numbered(
        None if number is None else str(number.get(f"{W}val", "")),
        None if level is None else min(8, whole(level.get(f"{W}val"))),
    )


def outline_level(outline: Any) -> int | None:
    """The level of a heading, 1 to 9, by `w:outlineLvl`; None for text."""
    level = whole(outline.get(f"{W}val"), 9)
    return level + 1 if level < 9 else None


def whole(text: str | None, unset: int = 0) -> int:
    """A number of an attribute; `unset` if it is none, or is larger than any file has."""
    text = text or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else unset


def _style(element: Any) -> _Style:
    name, based_on = element.find(f"{W}name"), element.find(f"{W}basedOn")
    return _Style(
        (name.get(f"{W}val", "") if name is not None else "").lower(),
        based_on.get(f"{W}val", "") if based_on is not None else "",
        element.get(f"{W}default") in ("1", "true"),
        element.get(f"{W}type", ""),
        element.find(f"{W}pPr"),
        element.find(f"{W}rPr"),
    )


def _find(element: Any, name: str) -> Any:
    return None if element is None else element.find(f"{W}{name}")
