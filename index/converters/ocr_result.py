"""OCR result: what Tesseract recognised -> paragraphs whose words have their places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from index.converters.ocr_lines import Line, Paragraph, Part, PartBox

# Letters of a script without spaces, each of which stands for itself.
_LETTERS = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*"
)


@dataclass(slots=True)
class _Word:
    """A word as it was recognised, with its letters."""

    text: str
    sure: float
    box: PartBox
    begins_line: bool
    begins_paragraph: bool
    quarters: int
    letters: list[Part] = field(default_factory=list)


def paragraphs(api: Any) -> Iterator[Paragraph]:
    """The paragraphs that an engine recognised, in their order."""
    lines: list[Line] = []
    line: list[_Word] = []
    for word in _words(api):
        if word.begins_line and line:
            lines.append(_line(line))
            line = []
        if word.begins_paragraph and lines:
            yield Paragraph(tuple(lines))
            lines = []
        line.append(word)
    if line:
        lines.append(_line(line))
    if lines:
        yield Paragraph(tuple(lines))


def _words(api: Any) -> Iterator[_Word]:
    from tesserocr import RIL, iterate_level

    word: _Word | None = None
    for at in iterate_level(api.GetIterator(), RIL.SYMBOL):
        if at.Empty(RIL.SYMBOL):
            continue
        if word is None or at.IsAtBeginningOf(RIL.WORD):
            if word:
                yield word
            word = _Word(
                str(at.GetUTF8Text(RIL.WORD)).strip(),
                at.Confidence(RIL.WORD) / 100,
                at.BoundingBox(RIL.WORD),
                bool(at.IsAtBeginningOf(RIL.TEXTLINE)),
                bool(at.IsAtBeginningOf(RIL.PARA)),
                _quarters(at),
            )
        word.letters.append((str(at.GetUTF8Text(RIL.SYMBOL)), at.BoundingBox(RIL.SYMBOL)))
    if word:
        yield word


def _quarters(at: Any) -> int:
    """How often a line must be turned by 90 degrees against the clock to be level."""
    from tesserocr import WritingDirection

    orientation, direction, *_ = at.Orientation()  # 0 to 3: up, right, down, left
    # What lies on its side, its head to the right, is often taken for lines that run downwards.
    return int(orientation + (direction == WritingDirection.TOP_TO_BOTTOM)) % 4


def _line(words: Sequence[_Word]) -> Line:
    parts = [part for word in words for part in _parts(word)]
    said = tuple((word.text, word.sure) for word in words)
    return Line(said, tuple(parts), words[0].quarters)


def _parts(word: _Word) -> list[Part]:
    """The word, or in a script without spaces its letters; numbers stay whole."""
    whole = "".join(text for text, _ in word.letters) == word.text
    if not whole or not _LETTERS.search(word.text):
        return [(word.text, word.box)]
    parts: list[Part] = []
    for text, box in word.letters:
        if parts and not _LETTERS.match(text) and not _LETTERS.match(parts[-1][0]):
            parts[-1] = parts[-1][0] + text, _about(parts[-1][1], box)
        else:
            parts.append((text, box))
    return parts


def _about(one: PartBox, other: PartBox) -> PartBox:
    return (
        *(min(one[0], other[0]), min(one[1], other[1])),
        *(max(one[2], other[2]), max(one[3], other[3])),
    )
