"""OCR lines: words that were read -> paragraphs of text. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import regex

from index.converters.pdf_hyphens import Joiner
from index.text.scripts import UNSPACED

# Tesseract puts spaces between Chinese and Japanese words, and around their numbers.
_GAP = regex.compile(
    rf"(?<=[{UNSPACED}、-〟！-～])[ ]+(?=\S)|(?<=\S)[ ]+(?=[{UNSPACED}、-〟！-～])"
)
_SURE_NUMBER = 0.6

PartBox = tuple[int, int, int, int]
"""Left, top, right and bottom, in dots of the picture that was read."""

Part = tuple[str, PartBox]
"""A word, or a letter where a script has no spaces, with where it stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line, each with how sure the engine was, 0 to 1.

    `parts` tell where they stand, and `quarters` how often the line must be turned by 90 degrees
    against the clock to be level.
    """

    words: tuple[tuple[str, float], ...]
    parts: tuple[Part, ...] = ()
    quarters: int = 0

    @property
    def text(self) -> str:
        """The line."""
        return str(_GAP.sub("", " ".join(_shown(*word) for word in self.words)))


def _shown(word: str, sure: float) -> str:
    """A word; behind a number that was read badly stands a mark, as it may be another one."""
    doubtful = sure < _SURE_NUMBER and any(letter.isdigit() for letter in word)
    return f"{word} [?]" if doubtful else word


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The lines of a paragraph."""

    lines: tuple[Line, ...]

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(len(line.words) for line in self.lines)

    @property
    def sure(self) -> float:
        """The mean of its words, 0 to 1."""
        return sum(sure for line in self.lines for _, sure in line.words) / max(1, self.words)


def joined(paragraphs: Sequence[Paragraph]) -> str:
    """The paragraphs, parted by empty lines; a word that a line's end broke is one again."""
    joiner = Joiner([line.text for paragraph in paragraphs for line in paragraph.lines])
    texts = (
        reduce(joiner.joined, [line.text for line in paragraph.lines]) for paragraph in paragraphs
    )
    return "\n\n".join(str(_GAP.sub("", text)).strip() for text in texts)
