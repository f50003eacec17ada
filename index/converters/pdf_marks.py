"""Marks of a page of a PDF: which pieces are raised or lowered, and by which word. Pure."""

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.converters.pdf_piece import Piece

_SMALL = 0.86  # of the size of the letters it stands by: a raised or lowered mark
_NEAR_ROWS = 12  # that are looked through for the word a mark belongs to


@dataclass(frozen=True, slots=True)
class Levels:
    """Pieces from the top down, with their numbers by rows, each from left to right."""

    pieces: list[Piece]
    rows: list[list[int]]
    bases: list[float]


def levels(pieces: Iterable[Piece]) -> Levels:
    """Pieces by the heights they stand at."""
    ordered = sorted(pieces, key=lambda piece: -piece.base)
    grouped: list[list[int]] = []
    bases: list[float] = []
    for i, piece in enumerate(ordered):
        if not grouped or bases[-1] - piece.base > 0.12 * piece.size:
            grouped.append([])
            bases.append(piece.base)
        grouped[-1].append(i)
    for row in grouped:
        row.sort(key=lambda i: ordered[i].left)
    return Levels(ordered, grouped, bases)


def hosts(level: Levels) -> dict[int, tuple[int, int]]:
    """The pieces that stand by a word of another height: (that word, raised or lowered)."""
    found: dict[int, tuple[int, int]] = {}
    reach = 0.8 * max((piece.size for piece in level.pieces), default=0.0)
    for number, row in enumerate(level.rows):
        near = [
            (other, [level.pieces[i].left for i in level.rows[other]])
            for other in range(
                max(0, number - _NEAR_ROWS // 2), min(len(level.rows), number + _NEAR_ROWS // 2 + 1)
            )
            if other != number and abs(level.bases[other] - level.bases[number]) < reach
        ]
        for i in row if near else ():
            if len(level.pieces[i].text) <= 12 and (host := _host(level, i, near)):
                found[i] = host
    # A mark on a mark stands by the word below both.
    found = {
        guest: (found[host][0] if host in found else host, shift)
        for guest, (host, shift) in found.items()
        if host not in found or found[host][0] not in found
    }
    return found | _beside_marks(level, found)


def _beside_marks(level: Levels, found: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The pieces that follow a mark closely at another height of its word: the 2 of `SO₄²⁻`."""
    ends: dict[int, list[int]] = {}
    for i in found:
        ends.setdefault(round(level.pieces[i].right), []).append(i)
    hosts = {host for host, _ in found.values()}
    made: dict[int, tuple[int, int]] = {}
    for i, piece in enumerate(level.pieces):
        if i in found or i in hosts or len(piece.text) > 4:
            continue
        near = (each for x in (-1, 0, 1) for each in ends.get(round(piece.left) + x, ())[:9])
        for each in near:
            host = level.pieces[found[each][0]]
            rise = (piece.base - host.base) / host.size
            alike = 0.8 < piece.size / level.pieces[each].size < 1.25
            if alike and piece.size <= _SMALL * host.size and 0.08 < abs(rise) < 0.8:
                made[i] = found[each][0], 1 if rise > 0 else -1
                break
    return made


def _host(level: Levels, i: int, near: Sequence[tuple[int, list[float]]]) -> tuple[int, int] | None:
    mark = level.pieces[i]
    best: tuple[float, int, int] | None = None
    for number, lefts in near:
        row = level.rows[number]
        at = bisect.bisect_right(lefts, mark.left + 0.1 * mark.size)
        # The word before it, or the one that it begins.
        for place in (at - 1, at):
            if not 0 <= place < len(row):
                continue
            word, before = level.pieces[row[place]], place < at
            shift = _shift(mark, word, before=before)
            if shift is None:
                continue
            gap = mark.left - word.right if before else word.left - mark.right
            distance = abs(gap) + (0 if before else word.size)
            if best is None or distance < best[0]:
                best = distance, row[place], shift
    return best and (best[1], best[2])


def _is_far(mark: Piece, word: Piece, rise: float, gap: float, *, before: bool) -> bool:
    """Whether a piece is a mark by its height alone, little smaller than the word it touches."""
    smaller = mark.size <= 0.97 * word.size and len(mark.text) <= 5
    smaller = smaller or (mark.size <= word.size and len(mark.text) <= 2 and mark.text.isdigit())
    return smaller and 0.25 <= abs(rise) <= 0.6 and -0.1 < gap < (0.1 if before else 0.4)


def _shift(mark: Piece, word: Piece, *, before: bool) -> int | None:
    """How a piece stands by a word before or behind it: 1 raised, -1 lowered; None if apart.

    0 is a letter of the word itself that its maker moved, as the E of TeX and loose accents are.
    """
    rise = (mark.base - word.base) / word.size
    gap = (mark.left - word.right if before else word.left - mark.right) / word.size
    if mark.text == "√" and not before and 0 <= rise < 1.2 and abs(gap) < 0.3:
        return 0  # a root, which hangs from its top
    if mark.size <= _SMALL * word.size or _is_far(mark, word, rise, gap, before=before):
        near = 0.08 < abs(rise) < 0.8 and -0.45 < gap <= (0.35 if before else 0.6)
        return (1 if rise > 0 else -1) if near and (before or rise > 0) else None
    moved = abs(rise) < 0.36 and -0.45 < gap < 0.1 and len(mark.text) <= len(word.text)
    if not moved or len(mark.text) > 3 or (len(mark.text) == len(word.text) and not before):
        return None
    if mark.text.isdigit() and before:
        return 1 if rise > 0 else -1
    return 0
