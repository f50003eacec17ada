"""Line boxes: the letters that were found of a quote -> one box for each line of them. Pure."""

from collections.abc import Iterator, Sequence

from index.converters.page_words import Box, PageWord, Piece, union


def boxes(words: Sequence[PageWord], pieces: Sequence[Piece]) -> Iterator[tuple[int, Box]]:
    """The page and the box of each line that is to be marked, in the units of the words."""
    lines: list[list[Piece]] = []
    for piece in pieces:
        is_next = lines and piece.word == lines[-1][-1].word + 1
        if is_next and words[piece.word].run == words[piece.word - 1].run:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    last: tuple[int, Box] | None = None
    for line in lines:
        its = [box for p in line for box in words[p.word].boxes[p.start : p.end]]
        here = words[line[0].word].page, union(its)
        is_one = len(its) == 1
        if last and is_one and last[0] == here[0] and _is_upright(last[1], here[1]):
            last = here[0], union([last[1], here[1]])
            continue
        if last:
            yield last
        last = here
    if last:
        yield last


def _is_upright(above: Box, box: Box) -> bool:
    """Whether a character goes on below, or above, in a line that is written upright."""
    size = box[2] - box[0], box[3] - box[1]
    overlap = min(above[2], box[2]) - max(above[0], box[0])
    gap = max(box[1] - above[3], above[1] - box[3])
    return size[0] <= 6 * size[1] and overlap > 0.6 * size[0] and -size[1] / 2 < gap < size[1]
