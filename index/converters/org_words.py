"""Org words: a line without the marks of Org; links, dates, notes and raised letters. Pure."""

import re

from index.converters.raised import subscript, superscript

_LINK = re.compile(r"\[\[([^\[\]]{1,2000})\](?:\[([^\[\]]{1,2000})\])?\]")
_INLINE_NOTE = re.compile(r"\[fn:([\w-]{0,60}):([^\[\]]{1,2000})\]")
_NOTE = re.compile(r"(?<=\S)\[fn:([\w-]{1,60})\]")
_NOTE_TEXT = re.compile(r"\[fn:([\w-]{1,60})\]")
_DATE = re.compile(
    r"[<\[](\d{4}-\d\d-\d\d)(?: [^\s\d>\]]{1,12})?"  # a day of the week
    r"((?: \d{1,2}:\d\d(?:-\d{1,2}:\d\d)?)?)"
    r"(?: [.+-]{1,2}\d+[hdwmy])*[>\]]"  # a repeater
)
_RAISED = re.compile(r"(?<=[^\s^])\^(?:\{([^{}]{1,100})\}|(-?\w{1,20}))")
_LOWERED = re.compile(r"(?<=[^\s_])_\{([^{}]{1,100})\}")
# What stands before and behind a mark, by Org's own rule of emphasis.
_EMPHASIS = re.compile(
    r"(?<![^\s\-({'\"])([*/_+])(?=\S)([^\n*/_+]{0,500}[^\s*/_+])\1(?![^\s\-.,;:!?'\")}\[])"
)
_VERBATIM = re.compile(
    r"(?<![^\s\-({'\"])([=~])(?=\S)([^\n=~]{1,500}?)(?<=\S)\1(?![^\s\-.,;:!?'\")}])"
)
_TARGET = re.compile(r"<<<?[^<>]{1,200}>>>?")
_ENTITY = {r"\alpha": "α", r"\beta": "β", r"\deg": "°", r"\times": "×", r"\to": "→",
           r"\nbsp": " ", r"\ndash": "–", r"\mdash": "—", r"\euro": "€"}  # fmt: skip
_ENTITY_MARK = re.compile(r"\\[a-z]{2,10}(?:\{\})?(?![a-zA-Z])")


def words(text: str) -> str:
    """A paragraph as people read it."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[2])
        return f"\ue000{len(kept) - 1}\ue001"

    text = _VERBATIM.sub(keep, text)
    text = _LINK.sub(lambda found: found[2] or found[1], _TARGET.sub("", text))
    text = _INLINE_NOTE.sub(lambda found: f" [{found[1] or 'note'}: {found[2]}]", text)
    text = _NOTE_TEXT.sub(r"[\1]", _NOTE.sub(r" [\1]", text))
    text = _DATE.sub(r"\1\2", text)
    text = _RAISED.sub(_superscript, text)
    text = _LOWERED.sub(lambda found: subscript(found[1]), text)
    text = _EMPHASIS.sub(r"\2", text)
    text = _ENTITY_MARK.sub(lambda found: _ENTITY.get(found[0].removesuffix("{}"), found[0]), text)
    return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], text).strip()


def _superscript(found: re.Match[str]) -> str:
    return superscript(found[1] or found[2], found.string[: found.start()][-1:])
