"""Raised: super- and subscripts and literal lines in the text of a file, never glued. Pure.

`10` and a raised `3` become `10³`, not `103`; what has no such letter in Unicode gets a mark.
"""

import re

_UP = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_DOWN = dict(zip("0123456789+-−=()aeox", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓ", strict=True))
# Of ordinal numbers, which people also write on the line: 21st, 1er, 2ª.
_ORDINAL = re.compile(r"st|nd|rd|th|er|re|e|ème|eme|o|a|º|ª")
# Marks of Markdown that would make a heading of a line of plain text.
_HEADING = re.compile(r"^([ \t]*)(?=#{1,6}[ \t])", re.MULTILINE)
_WORD_JOINER = "\u2060"  # shows nothing


def superscript(text: str, before: str = "") -> str:
    """Raised letters as they are written on the line after `before`: `³`, `^(abc)`."""
    if before[-1:].isdigit() and _ORDINAL.fullmatch(text.strip()):
        return text
    return _marked(text, _UP, "^")


def subscript(text: str) -> str:
    """Lowered letters as they are written on the line: `₂`, `_(max)`."""
    return _marked(text, _DOWN, "_")


def literal(text: str) -> str:
    """Lines of plain text as they are in Markdown: a `#` begins no heading."""
    return _HEADING.sub(rf"\1{_WORD_JOINER}", text)


def _marked(text: str, letters: dict[str, str], mark: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    begin = text.index(inner)
    shown = (
        "".join(letters[letter] for letter in inner)
        if all(letter in letters for letter in inner)
        else f"{mark}({inner})"
    )
    return text[:begin] + shown + text[begin + len(inner) :]
