"""Vertical writing in a PDF: ideographs one below another -> pieces down the page. Pure."""

from dataclasses import replace

import regex

from index.converters.pdf_piece import Piece
from index.converters.pdf_style import Style
from index.text.scripts import CHINESE_JAPANESE

_IDEOGRAPH = regex.compile(rf"[{CHINESE_JAPANESE}、-〟！-～ー…—]")


def upright(found: list[tuple[Style, Piece]]) -> list[tuple[Style, Piece]]:
    """Pieces, with those that stand one below another joined and turned."""
    return _with_loose_ideographs(_upright_columns(found))


def _upright_columns(found: list[tuple[Style, Piece]]) -> list[tuple[Style, Piece]]:
    """Ideographs that stand one below another become one piece that runs down the page."""
    made: list[tuple[Style, Piece]] = []
    column: list[tuple[Style, Piece]] = []
    for each in [*found, None]:
        if each and column and _below(column[-1], each):
            column.append(each)
            continue
        made += [_downwards(column)] if len(column) > 2 else column
        column = [each] if each else []
    return made


def _below(above: tuple[Style, Piece], each: tuple[Style, Piece]) -> bool:
    (style, piece), (other, below) = above, each
    if style.turn or other.turn or len(piece.text) != 1 or len(below.text) != 1:
        return False
    step = piece.base - below.base
    lone = _IDEOGRAPH.fullmatch(piece.text) and _IDEOGRAPH.fullmatch(below.text)
    near = abs(piece.left - below.left) < 0.3 * piece.size
    return bool(lone) and near and 0.7 * piece.size < step < 1.6 * piece.size


def _downwards(column: list[tuple[Style, Piece]]) -> tuple[Style, Piece]:
    (style, first), (_, last) = column[0], column[-1]
    text = "".join(piece.text for _, piece in column)
    piece = replace(first, text=text, left=-first.top, right=-last.bottom, base=first.left)
    return replace(style, turn=270), piece


def _with_loose_ideographs(found: list[tuple[Style, Piece]]) -> list[tuple[Style, Piece]]:
    """Signs between lines that run down the page, such as 。, become pieces that do so too."""
    made: list[tuple[Style, Piece]] = []
    for style, piece in found:
        before = made[-1] if made else None
        sign = style.turn == 0 and len(piece.text) == 1 and _IDEOGRAPH.fullmatch(piece.text)
        if sign and before and before[0].turn == 270 and not piece.spaced:
            above = before[1]
            end = above.right + above.size
            piece = replace(piece, left=above.right, right=end, base=above.base)
            style = replace(style, turn=270)
        made.append((style, piece))
    return made
