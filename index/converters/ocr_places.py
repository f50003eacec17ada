"""OCR places: the words that were read of a picture -> where each stands on it, upright. Pure.

Tesseract tells roughly where it read some words: those are kept within their line, and before the
next word.
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from index.converters.ocr_lines import Line, Paragraph, PartBox
from index.scanned_page import MOST_WORDS, ScannedPage, ScanWord

_HIGH = 1.5  # of the usual height of a line's words: the box of a higher one is no guide
_ACROSS = 0, 2  # the left and right of a box
_DOWN = 1, 3


def placed(
    paragraphs: Sequence[Paragraph], read: tuple[int, int], size: tuple[int, int]
) -> ScannedPage:
    """The words of a picture; `turn` is what Tesseract itself turned it by, in quarters.

    Args:
        paragraphs: what was read.
        read: width and height of the picture that was read, which may have been enlarged.
        size: those of the picture itself.
    """
    lines = [line for paragraph in paragraphs for line in paragraph.lines]
    letters: Counter[int] = Counter()
    for line in lines:
        letters[line.quarters] += sum(len(text) for text, _ in line.parts)
    quarters = letters.most_common(1)[0][0] if letters else 0
    words = (
        ScanWord(text, number, _turned(_from_middle(box, read, size), quarters))
        for number, line in enumerate(lines)
        for text, box in _mended(line)
    )
    some = tuple(islice((word for word in words if _is_seen(word)), MOST_WORDS))
    return ScannedPage(*size, 90.0 * quarters, some)


def _is_seen(word: ScanWord) -> bool:
    left, top, right, bottom = word.box
    return bool(word.text) and left < right and top < bottom


def _mended(line: Line) -> Iterator[tuple[str, PartBox]]:
    """The words of a line, none higher than the line and none beyond the begin of the next."""
    along, across = (_ACROSS, _DOWN) if line.quarters % 2 == 0 else (_DOWN, _ACROSS)
    boxes = [list(box) for _, box in line.parts]
    usual = statistics.median(box[across[1]] - box[across[0]] for box in boxes) if boxes else 0
    guides = [box for box in boxes if box[across[1]] - box[across[0]] <= _HIGH * usual] or boxes
    for box in boxes:
        box[across[0]] = max(box[across[0]], min(guide[across[0]] for guide in guides))
        box[across[1]] = min(box[across[1]], max(guide[across[1]] for guide in guides))
    for box, after in pairwise(boxes):
        if box[along[0]] < after[along[0]] < box[along[1]]:
            box[along[1]] = after[along[0]]
    for (text, _), box in zip(line.parts, boxes, strict=True):
        left, top, right, bottom = box
        yield text, (left, top, right, bottom)


def _from_middle(box: PartBox, read: tuple[int, int], size: tuple[int, int]) -> PartBox:
    """A box in dots of the picture itself, from its middle."""
    left, top, right, bottom = (
        round(edge * size[i % 2] / read[i % 2] - size[i % 2] / 2) for i, edge in enumerate(box)
    )
    return left, top, right, bottom


def _turned(box: PartBox, quarters: int) -> PartBox:
    """A box of a picture that is turned against the clock about its middle."""
    left, top, right, bottom = box
    for _ in range(quarters):
        left, top, right, bottom = top, -right, bottom, -left
    return left, top, right, bottom
