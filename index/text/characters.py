r"""Characters: control and bidi characters, lone surrogates, and graphemes. Pure.

Text from files, clients and command lines passes here before it reaches a terminal, UTF-8 or a
title.
"""

import re
from collections.abc import Callable

import regex

# C0, DELETE and C1, as Unicode's class Cc: they move a cursor, end a line or have no form.
CONTROL = r"\x00-\x1f\x7f-\x9f"

# The marks of UAX #9 that turn the direction of writing for all that follows: embeddings,
# overrides and isolates. The joiners and the marks of one place, which many scripts need, are none.
BIDI = r"\u202a-\u202e\u2066-\u2069"

_DISTURBING = re.compile(rf"(?![\t\n])[{CONTROL}{BIDI}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_GRAPHEME = regex.compile(r"\X")

REPLACEMENT = "\ufffd"
"""Stands for a character that could not be read (U+FFFD)."""


def without_controls(text: str, instead: str | Callable[[re.Match[str]], str] = "") -> str:
    """A text with something else for each control and bidi character but tabs and line ends."""
    return _DISTURBING.sub(instead, text)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold a text: on the way in, one with half of a surrogate pair is refused.

    Python reads such halves from paths and command lines that are not UTF-8, and from JSON.
    """
    return _SURROGATE.search(text) is None


def as_unicode(text: str, instead: str | None = "?") -> str:
    r"""A text that UTF-8 can hold: on the way out, something else for each lone surrogate.

    Args:
        text: what may hold halves of surrogate pairs.
        instead: stands for each of them; None writes its number, as in `\udc80`.
    """
    if instead is None:
        return text.encode(errors="backslashreplace").decode()
    return _SURROGATE.sub(instead, text)


def cut(text: str, room: int, size: Callable[[str], int] = len) -> str:
    """The longest beginning of a text that has room, of whole graphemes (UAX #29).

    Args:
        text: what may be too long.
        room: the largest size of the beginning.
        size: of a text, which is the sum of those of its parts; code points by default.
    """
    end = taken = 0
    for grapheme in _GRAPHEME.finditer(text):
        taken += size(grapheme[0])
        if taken > room:
            break
        end = grapheme.end()
    return text[:end]


def utf8_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode())
