"""One page of a PDF -> its pieces, upright, without what no reader sees. Knows PDFium's pages."""

import contextlib
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.converters import pdf_drawing, pdf_forms, pdf_fractions, scans
from index.converters.pdf_characters import Characters
from index.converters.pdf_drawing import outside
from index.converters.pdf_grids import Grid, claimed
from index.converters.pdf_paths import Box
from index.converters.pdf_piece import Piece
from index.converters.pdf_style import Style

_DROP_CAP = 1.7  # of the size of the letters beside it
_FILLED = 0.6  # of a page: a picture that is all of it
_EDGE = 0.1  # of a page's height, at the top and at the bottom
_STAMP = 300  # code points
_MOST_DROP_CAPS = 20  # of a page


@dataclass(slots=True)
class Sheet:
    """A page as it was read; `number` is from 1.

    `groups` are pieces of one direction each, that of most letters first. `read` is a text that was
    made of the page's picture, with how sure it is.
    """

    number: int
    groups: list[list[Piece]] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    read: tuple[str, float] | None = None
    damaged: bool = False
    pictured: bool = False  # whether a picture fills it, and all its text is at its edges
    unseen: int = 0  # letters
    outside: int = 0  # letters
    strayed: bool = (
        False  # whether most of its text lies beyond its edges, and was read all the same
    )
    layers: set[str] = field(default_factory=set)
    unread_fonts: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no text at all."""
        return not (self.groups or self.items or self.texts or self.comments or self.read)


def sheet(document: Any, index: int, form: Any) -> Sheet:
    """Read a page; `index` is from 0, `form` PDFium's form environment or None."""
    import pypdfium2

    found = Sheet(index + 1)
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        found.damaged = True
        return found
    with contextlib.closing(page):
        try:
            text_page = page.get_textpage()
        except pypdfium2.PdfiumError:
            found.damaged = True
            return found
        with contextlib.closing(text_page):
            _read(found, page, text_page, form)
        if found.is_empty or found.pictured:
            found.read = scans.words(found.number)
    return found


def _read(found: Sheet, page: Any, text_page: Any, form: Any) -> None:
    characters = Characters(page, text_page)
    styled = characters.pieces()
    drawn = pdf_drawing.drawing(page, text_page, characters.styles)
    found.unread_fonts.update(drawn.unread_fonts)
    if drawn.stretched and any("\u0900" <= letter <= "\u1fff" for letter in characters.text):
        characters.stretched = drawn.stretched
        styled = characters.pieces()
    shown = list(_shown(found, page, styled, drawn, characters))
    found.pictured = _is_pictured(shown, drawn, _edges(page))
    turn = _usual_turn(shown)
    found.rules = [_turned(rule, turn) for rule in drawn.rules]
    upright = [piece for style, piece in shown if style.turn == turn]
    notes = pdf_forms.annotations(page, form, upright if turn == 0 else ())
    found.items, found.texts = notes.items, notes.texts
    found.comments, found.files = notes.comments, notes.files
    main = _with_drop_caps([*upright, *notes.pieces])
    main, found.grids = claimed(pdf_fractions.in_line(main, found.rules), found.rules)
    others: dict[int, list[Piece]] = {}
    for style, piece in shown:
        if style.turn != turn:
            others.setdefault(style.turn, []).append(piece)
    found.groups = [group for group in (main, *others.values()) if group]


def _is_pictured(
    shown: Sequence[tuple[Style, Piece]],
    drawn: pdf_drawing.Drawing,
    edges: tuple[float, float, float, float],
) -> bool:
    """Whether a page is a picture, as a scan is, with no more than a head or a stamp in print."""
    left, bottom, right, top = edges
    whole = (right - left) * (top - bottom)
    if not any(image.area > _FILLED * whole for image in drawn.images):
        return False
    low, high = bottom + _EDGE * (top - bottom), top - _EDGE * (top - bottom)
    boxes = (_on_page(piece, style.turn) for style, piece in shown)
    few = sum(len(piece.text) for _, piece in shown) < _STAMP
    return few and all(box.top < low or box.bottom > high for box in boxes)


def _usual_turn(shown: Sequence[tuple[Style, Piece]]) -> int:
    letters: Counter[int] = Counter()
    for style, piece in shown:
        letters[style.turn] += len(piece.text)
    return letters.most_common(1)[0][0] if letters else 0


def _shown(
    found: Sheet,
    page: Any,
    styled: Sequence[tuple[Style, Piece]],
    drawn: pdf_drawing.Drawing,
    characters: Characters,
) -> Iterator[tuple[Style, Piece]]:
    """The pieces that a reader sees; counts the others."""
    picture, edges = pdf_drawing.Picture(page), _edges(page)
    hidden = pdf_drawing.hidden_layers(page, drawn, characters.styles)
    boxes = [_on_page(piece, style.turn) for style, piece in styled]
    letters = [len(piece.text) for _, piece in styled]
    beyond = sum(itertools.compress(letters, (outside(box, edges) for box in boxes)))
    found.strayed = beyond * 2 > sum(letters)
    if found.strayed:
        edges = -math.inf, -math.inf, math.inf, math.inf
    for style, piece, box in _by_words(characters, styled, boxes, drawn):
        if style.turn % 90 and style.drawn:
            yield style, piece  # across the page: it has no box
        elif style.address in hidden:
            found.layers.add(hidden[style.address] or "without a name")
        elif outside(box, edges):
            found.outside += len(piece.text)
        elif not pdf_drawing.seen(picture, drawn, style, box):
            found.unseen += len(piece.text)
        else:
            yield style, piece


def _by_words(
    characters: Characters,
    styled: Sequence[tuple[Style, Piece]],
    boxes: Sequence[Box],
    drawn: pdf_drawing.Drawing,
) -> Iterator[tuple[Style, Piece, Box]]:
    """Pieces with their boxes; those that something is drawn over come in their words."""
    for (style, piece), box in zip(styled, boxes, strict=True):
        if style.turn == 0 and pdf_drawing.covers(drawn, style.address, box):
            for word in characters.words(piece):
                yield style, word, _on_page(word, 0)
        else:
            yield style, piece, box


def _edges(page: Any) -> tuple[float, float, float, float]:
    """What is shown of a page: (left, bottom, right, top), with a point of grace."""
    from pypdfium2 import raw

    # Its boxes may be those of all pages: only this call looks there too, and meets them.
    box = raw.FS_RECTF()
    if raw.FPDF_GetPageBoundingBox(page, box):
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
    else:
        left, bottom, right, top = page.get_mediabox()
    return left - 1, bottom - 1, right + 1, top + 1


def _on_page(piece: Piece, turn: int) -> Box:
    """Where an upright piece stands on the page itself."""
    left, right, bottom, top = piece.left, piece.right, piece.bottom, piece.top
    match turn:
        case 90:
            return Box(-top, left, -bottom, right)
        case 180:
            return Box(-right, -top, -left, -bottom)
        case 270:
            return Box(bottom, -right, top, -left)
    return Box(left, bottom, right, top)


def _turned(box: Box, turn: int) -> Box:
    """A box of the page, upright as its pieces are."""
    match turn:
        case 90:
            return Box(box.bottom, -box.right, box.top, -box.left)
        case 180:
            return Box(-box.right, -box.top, -box.left, -box.bottom)
        case 270:
            return Box(-box.top, box.left, -box.bottom, box.right)
    return box


def _with_drop_caps(pieces: list[Piece]) -> list[Piece]:
    """The pieces with each large first letter joined to the line that it begins."""
    letters: Counter[float] = Counter()
    for piece in pieces:
        letters[piece.size] += len(piece.text)
    usual = letters.most_common(1)[0][0] if letters else 0.0
    made = list(pieces)
    large = (piece for piece in pieces if usual and piece.size > _DROP_CAP * usual)
    lone = (piece for piece in large if len(piece.text) == 1 and piece.text.isupper())
    for cap in itertools.islice(lone, _MOST_DROP_CAPS):
        if (at := _begun_by(cap, made)) >= 0:
            made[at] = replace(made[at], text=_capped(cap, made[at]), left=made[at].left)
            made.remove(cap)
    return made


def _begun_by(cap: Piece, pieces: Sequence[Piece]) -> int:
    """The place of the piece that stands beside a large letter, at its top; -1 if none does."""
    beside = [
        (-piece.base, i)
        for i, piece in enumerate(pieces)
        if piece is not cap
        and piece.size * _DROP_CAP < cap.size
        and cap.base - 0.3 * piece.size <= piece.base <= cap.base + cap.size
        and -0.3 * piece.size <= piece.left - cap.right < 1.5 * piece.size
    ]
    # A large letter that has one line beside it only is a heading's, or an initial that rises.
    return min(beside)[1] if beside else -1


def _capped(cap: Piece, piece: Piece) -> str:
    """The line with its first letter; `A` and `I` may be words of their own."""
    own_word = (
        cap.text in ("A", "I", "O") and piece.spaced and piece.left - cap.right > piece.size / 4
    )
    return f"{cap.text} {piece.text}" if own_word else cap.text + piece.text
