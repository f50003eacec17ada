"""Workbook: the parts of an .xlsx file: its sheets, the formats of cells, shared texts.

Reads SpreadsheetML (ECMA-376, part 1, 18) by the names of elements alone, so that files of its
strict form and of any program are read.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from index.converters import cell_formats
from index.converters.archive import Archive
from index.converters.xml_names import child, local
from index.text.normalise import MAX_CODE_POINTS, too_long

MAIN = "xl/workbook.xml"
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_FORMS = {"superscript": ("^", _RAISED), "subscript": ("_", _LOWERED)}
_ESCAPED_LENGTH = 7  # of `_x000D_`, how SpreadsheetML writes what XML may not hold (22.9.2.19)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, the part of the file that holds it or "", and whether people see it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell is shown: its number format, and whether its text is bold or struck out."""

    code: str = "General"
    bold: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the sheets of a file share."""

    sheets: tuple[Sheet, ...]
    styles: tuple[Style, ...]
    texts: tuple[str, ...]
    since_1904: bool

    @classmethod
    def of(cls, file: Archive) -> Self:
        """Read it from a file that has the part MAIN.

        Raises:
            NotText: it is damaged, or its texts are more than MAX_CODE_POINTS.
        """
        tree, parts = file.xml(MAIN), related(file, MAIN)
        properties = child(tree, "workbookPr")
        since_1904 = flag(properties, "date1904")
        by_kind = {kind: part for kind, part in parts.values()}
        styles = _styles(file, by_kind.get("styles", ""))
        texts = tuple(_texts(file, by_kind.get("sharedStrings", "")))
        named = {key: part for key, (_, part) in parts.items()}
        sheets = tuple(_sheets(tree, named))
        return cls(sheets, styles, texts, since_1904)


def related(file: Archive, part: str) -> dict[str, tuple[str, str]]:
    """The parts that one names: by id their kind, `worksheet` or `comments`, and their name."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in file.names:
        return {}
    found = {}
    for each in file.xml(relations):
        if isinstance(each.tag, str) and each.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))
            found[each.get("Id", "")] = each.get("Type", "").rsplit("/", 1)[-1], target[1:]
    return {key: (kind, name) for key, (kind, name) in found.items() if name in file.names}


def flag(element: Any, name: str, *, default: bool = False) -> bool:
    """An attribute that is true or false (22.9.2.1)."""
    value = None if element is None else element.get(name)
    return default if value is None else value.strip().lower() in ("1", "true", "on")


def whole(value: str | None, default: int = 0) -> int:
    """An attribute that is a whole number of a sensible size."""
    return (
        int(value)
        if value and value.isascii() and value.isdecimal() and len(value) < 9
        else default
    )


def rich_text(element: Any) -> str:
    """The text of a cell or of a shared text: raised runs as `³`, without reading aids (18.4.8)."""
    said: list[str] = []
    for each in element:
        kind = local(each)
        if kind == "t":
            said.append(each.text or "")
        elif kind == "r":
            said.append(_run(each))
    text = "".join(said)
    return unescaped(text) if "_x" in text else text


def unescaped(text: str) -> str:
    """`_x000D_` as the character that it stands for."""
    first, *others = text.split("_x")
    said = [first]
    for part in others:
        code = part[:4]
        known = part[4:5] == "_" and all(letter in "0123456789abcdefABCDEF" for letter in code)
        said.append(chr(int(code, 16)) + part[5:] if known and len(code) == 4 else f"_x{part}")
    return "".join(said)


def _run(run: Any) -> str:
    text = "".join(each.text or "" for each in run if local(each) == "t")
    properties = child(run, "rPr")
    if properties is None or not text.strip():
        return text
    align = child(properties, "vertAlign")
    mark, letters = _FORMS.get("" if align is None else align.get("val", ""), ("", {}))
    if mark:
        formed = all(ord(letter) in letters for letter in text)
        return text.translate(letters) if formed else f"{mark}({text})"
    struck = child(properties, "strike")
    return f"{text} [struck out]" if flag_of(struck) else text


def flag_of(element: Any) -> bool:
    """An element that is there, and not switched off."""
    return element is not None and flag(element, "val", default=True)


def _sheets(tree: Any, parts: dict[str, str]) -> Iterator[Sheet]:
    listed = child(tree, "sheets")
    for each in listed if listed is not None else ():
        keys = (value for name, value in each.attrib.items() if name.endswith("}id"))
        part = parts.get(next(keys, ""), "")
        if local(each) == "sheet":
            hidden = each.get("state", "visible") != "visible"
            yield Sheet(" ".join(each.get("name", "").split()), part, hidden)


def _styles(file: Archive, part: str) -> tuple[Style, ...]:
    if not part:
        return ()
    lists: dict[str, list[Any]] = {local(each): list(each) for each in file.xml(part)}
    codes = {
        whole(each.get("numFmtId"), -1): unescaped(each.get("formatCode", "General"))
        for each in lists.get("numFmts", ())
        if isinstance(each.tag, str)
    }
    fonts = [
        (flag_of(child(font, "b")), flag_of(child(font, "strike")))
        for font in lists.get("fonts", ())
        if isinstance(font.tag, str)
    ]
    return tuple(_style(each, codes, fonts) for each in lists.get("cellXfs", ()) if local(each))


def _style(each: Any, codes: dict[int, str], fonts: list[tuple[bool, bool]]) -> Style:
    number, font = whole(each.get("numFmtId")), whole(each.get("fontId"))
    code = codes.get(number) or cell_formats.built_in(number)
    bold, struck = fonts[font] if font < len(fonts) else (False, False)
    return Style(code, bold, struck)


def _texts(file: Archive, part: str) -> Iterator[str]:
    total = 0
    for each in file.elements(part, "si") if part else ():
        text = rich_text(each)
        total += len(text)
        if total > 4 * MAX_CODE_POINTS:  # those of hidden sheets among them
            raise too_long()
        yield " ".join(text.split())
