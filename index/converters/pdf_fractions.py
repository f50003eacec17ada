"""Fractions of a PDF: what stands over and under a short line -> `(a + b)/2` on its line. Pure."""

from collections.abc import Iterable, Sequence

import regex

from index.converters.pdf_lines import rows
from index.converters.pdf_paths import Box
from index.converters.pdf_piece import Piece

_WIDEST, _NARROWEST = 200.0, 3.0  # points
_MOST_RULES, _MOST_PIECES = 200, 3_000  # of a page; more are a drawing or a table
_SIMPLE = regex.compile(r"[\p{L}\p{N}.,]+")


def in_line(pieces: list[Piece], rules: Iterable[Box]) -> list[Piece]:
    """The pieces with each fraction that stands in a formula as one piece."""
    bars = [
        rule
        for rule in rules
        if rule.top - rule.bottom < 2 and _NARROWEST < rule.right - rule.left < _WIDEST
    ]
    if len(bars) > _MOST_RULES or len(pieces) > _MOST_PIECES:
        return pieces
    for bar in sorted(bars, key=lambda bar: bar.right - bar.left):
        pieces = _with_fraction(pieces, bar)
    return pieces


def _with_fraction(pieces: list[Piece], bar: Box) -> list[Piece]:
    inside = [
        piece
        for piece in pieces
        if bar.left - 2 <= piece.left and piece.right <= bar.right + 2 and piece.mark >= -1
    ]
    y = (bar.bottom + bar.top) / 2
    over = [piece for piece in inside if 0 < piece.base - y < piece.size]
    under = [piece for piece in inside if 0.4 * piece.size < y - piece.base < 1.4 * piece.size]
    over += _marks(over, inside)
    under += _marks(under, inside)
    if not over or not under or not _is_bar(bar, over, under):
        return pieces
    taken = set(map(id, [*over, *under]))
    rest = [piece for piece in pieces if id(piece) not in taken]
    beside = next((piece for piece in rest if _is_beside(piece, bar, y)), None)
    if beside is None:
        return pieces
    text = f"{_side(over)}/{_side(under)}"
    first = min(over, key=lambda piece: piece.order)
    place = bar.left, bar.right, beside.base, beside.size
    return [*rest, Piece(text, *place, False, first.order, True, first.mark)]


def _marks(side: Sequence[Piece], inside: Sequence[Piece]) -> list[Piece]:
    """The small letters that stand raised or lowered by those of a side: the 2 of `mv²`."""
    if not side:
        return []
    large = max(side, key=lambda piece: piece.size)
    known = set(map(id, side))
    return [
        piece
        for piece in inside
        if id(piece) not in known
        and piece.size <= 0.86 * large.size
        and abs(piece.base - large.base) < 0.7 * large.size
    ]


def _is_bar(bar: Box, over: Sequence[Piece], under: Sequence[Piece]) -> bool:
    """Whether a line is as wide as the wider of what it parts, as a fraction's is."""
    widest = max(
        max(piece.right for piece in side) - min(piece.left for piece in side)
        for side in (over, under)
    )
    return bar.right - bar.left <= widest + 6


def _is_beside(piece: Piece, bar: Box, y: float) -> bool:
    """Whether a piece stands on the line that the fraction is part of."""
    near = -2 <= bar.left - piece.right < piece.size or -2 <= piece.left - bar.right < piece.size
    return near and 0.1 * piece.size < y - piece.base < 0.4 * piece.size


def _side(pieces: Sequence[Piece]) -> str:
    text = " ".join(line.plain for row in rows(pieces) for line in row)
    return text if _SIMPLE.fullmatch(text) else f"({text})"
