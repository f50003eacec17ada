"""Numbers of Word's lists, headings and clauses, counted as people see them: `2.2`, `(a)`. Pure.

ECMA-376, part 1, 17.9. Word keeps no number in a paragraph, only its list and its level.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from index.converters.number_formats import formatted, padded
from index.converters.ooxml import MC, W, on
from index.converters.symbols import shown
from index.converters.word_styles import Styles, whole

LEVELS = 9
_PLACE = re.compile("%([1-9])")
_LONGEST = 60  # code points of a number with the words around it
_MOST = 99_999
_BOXES = "☐☑☒□■◻◼✓✔✗✘❏❑❒"  # of a list to be ticked


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph: a bullet, or a number with the signs around it."""

    text: str
    bullet: bool
    level: int


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    example: str = ""  # of a format of somebody's own
    text: str = ""
    restart: int | None = None  # the level, from 1, after which it starts anew; 0 for never
    legal: bool = False  # whether all its numbers are digits
    style: str = ""
    font: str = ""


class Numbering:
    """The lists of a document and how far each has counted; `root` is that of `numbering.xml`."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, dict[int, _Level]] = {}
        self._linked: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, Any]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._used: set[tuple[str, int]] = set()
        self._levels: dict[str, dict[int, _Level]] = {}
        for each in root.iterchildren() if root is not None else ():
            self._read(each)

    def _read(self, each: Any) -> None:
        if each.tag == f"{W}abstractNum":
            name = each.get(f"{W}abstractNumId", "")
            self._lists[name] = _levels(each)
            link = each.find(f"{W}numStyleLink")
            if link is not None:
                self._linked[name] = link.get(f"{W}val", "")
        elif each.tag == f"{W}num":
            found = each.find(f"{W}abstractNumId")
            of = found.get(f"{W}val", "") if found is not None else ""
            self._numbers[each.get(f"{W}numId", "")] = of, each

    def label(self, number: str, level: int | None, style: str) -> Label | None:
        """Count a paragraph of a list; None where nothing is to be seen before it.

        Args:
            number: the list, `w:numId`.
            level: from 0; None to take the one that names the paragraph's style.
            style: that of the paragraph.
        """
        levels = self._of(number)
        if level is None:
            places = {each.style: i for i, each in levels.items() if each.style}
            level = next(
                (places[name] for name in self._styles.ancestry(style) if name in places), 0
            )
        if level not in levels:
            return None
        count = self._count(number, level, levels)
        own = levels[level]
        if own.format == "bullet":
            bullet = shown(own.text, own.font)
            return Label(bullet if bullet in _BOXES else "", True, level)
        text = " ".join(_text(levels, count, level).split())[:_LONGEST]
        return Label(text, False, level) if text else None

    def _count(self, number: str, level: int, levels: dict[int, _Level]) -> list[int | None]:
        count = self._counts.setdefault(self._list(number), [None] * LEVELS)
        if (number, level) not in self._used:
            self._used.add((number, level))
            if level in _restarted(self._numbers[number][1]):
                count[level] = None
        before = count[level]
        count[level] = levels[level].start if before is None else min(before + 1, _MOST)
        for deeper in range(level + 1, LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or level < restart:
                count[deeper] = None
        return count

    def _list(self, number: str) -> str:
        """The list that counts for a number, through the style that a list may be kept in."""
        name = self._numbers[number][0] if number in self._numbers else ""
        linked = self._styles.numbered(self._linked[name]).number if name in self._linked else None
        return self._numbers[linked][0] if linked and linked in self._numbers else name

    def _of(self, number: str) -> dict[int, _Level]:
        """The levels of a list, with those that this use of it changes."""
        if number not in self._levels:
            levels = dict(self._lists.get(self._list(number), {}))
            changed = self._numbers[number][1] if number in self._numbers else ()
            for each in changed:
                place = whole(each.get(f"{W}ilvl"), LEVELS)
                own, start = (each.find(f"{W}{name}") for name in ("lvl", "startOverride"))
                if own is not None:
                    levels[place] = _level(own)
                if start is not None and place in levels:
                    levels[place] = replace(levels[place], start=whole(start.get(f"{W}val")))
            self._levels[number] = levels
        return self._levels[number]


def _restarted(number: Any) -> list[int]:
    """The levels that a use of a list starts anew where it first comes to them."""
    changed = (each for each in number if each.find(f"{W}startOverride") is not None)
    return [i for i in (whole(each.get(f"{W}ilvl"), LEVELS) for each in changed) if i < LEVELS]


def _text(levels: dict[int, _Level], count: list[int | None], level: int) -> str:
    def number(place: int) -> str:
        if place not in levels or place > level:
            return ""
        of = levels[place]
        value = of.start if (counted := count[place]) is None else counted
        if levels[level].legal:
            return str(value)
        return padded(value, of.example) if of.example else formatted(value, of.format)

    if levels[level].format == "none" and "%" not in levels[level].text:
        return levels[level].text
    return _PLACE.sub(lambda found: number(int(found[1]) - 1), levels[level].text)


def _levels(element: Any) -> dict[int, _Level]:
    found = (
        (whole(each.get(f"{W}ilvl"), LEVELS), each) for each in element.iterchildren(f"{W}lvl")
    )
    return {place: _level(each) for place, each in found if place < LEVELS}


def _level(element: Any) -> _Level:
    def value(name: str, of: Any = element) -> str:
        found = of.find(f"{W}{name}")
        return "" if found is None else str(found.get(f"{W}val", ""))

    custom = element.find(f"{MC}AlternateContent/{MC}Choice/{W}numFmt")
    fonts = element.find(f"{W}rPr/{W}rFonts")
    return _Level(
        min(whole(value("start")), _MOST),
        value("numFmt") or "decimal",
        custom.get(f"{W}format", "")[:_LONGEST] if custom is not None else "",
        value("lvlText")[:_LONGEST],
        whole(value("lvlRestart")) if element.find(f"{W}lvlRestart") is not None else None,
        on(element.find(f"{W}isLgl")),
        value("pStyle"),
        (fonts.get(f"{W}ascii") or "") if fonts is not None else "",
    )
