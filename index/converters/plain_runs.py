"""PlainRuns: pieces of text, some raised or lowered -> one text with nothing glued. Pure."""

import re
from typing import Literal

from index.converters.raised import subscript, superscript

Place = Literal["", "superscript", "subscript"]
_SPACES = re.compile("[ \t\n\u2002]{2,}")  # an empty field of a form is five wide spaces


class PlainRuns:
    """Collects the runs of a paragraph; pieces of one place are joined before they are written."""

    def __init__(self) -> None:
        self._pieces: list[tuple[Place, list[str]]] = []

    def add(self, text: str, place: Place = "") -> None:
        """Add a piece."""
        if self._pieces and self._pieces[-1][0] == place:
            self._pieces[-1][1].append(text)
        elif text:
            self._pieces.append((place, [text]))

    def mark(self, mark: str) -> None:
        """Add the mark of a note, apart from the word before it."""
        before = self._pieces[-1][1][-1] if self._pieces else " "
        self.add(mark if before[-1:].isspace() else f" {mark}")

    def equation(self, text: str) -> None:
        """Add an equation, apart from a word or number before it: `3 1/2` is not 31/2."""
        before = self._pieces[-1][1][-1] if self._pieces else ""
        self.add(f" {text}" if before[-1:].isalnum() and text[:1].isalnum() else text)

    def text(self) -> str:
        """All of it, with single spaces; lines that somebody broke stay lines."""
        whole, last = [], ""
        for place, pieces in self._pieces:
            text = "".join(pieces)
            if place == "superscript":
                text = superscript(text, last)
            elif place == "subscript":
                text = subscript(text)
            whole.append(text)
            last = (last + text)[-20:]
        return _SPACES.sub(_one, "".join(whole)).strip()


def _one(spaces: re.Match[str]) -> str:
    """One space for many: the one that parts most."""
    return next((space for space in "\n\t" if space in spaces[0]), " ")
