"""Lines of a page of a PDF: pieces -> lines, with what is raised or lowered told apart. Pure."""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from index.converters.pdf_characters import WIDE_GAP
from index.converters.pdf_piece import Piece
from index.text.scripts import UNSPACED

_SMALL = 0.86  # of the size of the letters it stands by: a raised or lowered mark
_NEAR_ROWS = 12  # that are looked through for the word a mark belongs to
_UNSPACED = regex.compile(rf"[{UNSPACED}、-〟！-～]{{2}}")
_RTL = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
BULLET = regex.compile(r"[•●▪◦‣·○■□–—*➢✓]|[\uf0a7\uf0b7\uf0d8]")
NUMBER = regex.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?")
_RAISED = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_NOTE_MARK = regex.compile(r"\[?(\d{1,3}(?:[,;–-]\s*\d{1,3}){0,3}|[a-z]|[*†‡§¶#]{1,3})\]?[.)]?")
_PLAIN_RAISED = regex.compile(r"st|nd|rd|th|er|re|ers|e|o|os|as|os|mo|ma|°|º|ª|’|'|\"|”|′|″|,|\.")
# After these a raised number is a power: a number, one letter, or a unit.
_TAKES_POWER = regex.compile(
    r"(?:^|[^\p{Latin}])(?:\d+|\p{L}{1,2}|[kcmdµμ]?m|[kc]?g|km|cm|mm|dm|ft|in|yd|mi|sec|min|log|sin|cos|tan"
    r"|lim|exp|[)\]])\Z"
)


@dataclass(frozen=True, slots=True)
class Notes:
    """The marks of a page's notes, and those of them that refer to it even from where powers stand.

    A note is referred to once: where `year²` does, `r²` on the same page does not.
    """

    marks: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shifted:
    """A piece with how it stands: 1 raised, -1 lowered, 0 on the line."""

    piece: Piece
    shift: int = 0


@dataclass(frozen=True)
class Line:
    """Pieces that stand on one line without a wide gap, from left to right.

    Its measures are those of its largest run that is not raised or lowered.
    """

    parts: tuple[Shifted, ...]

    @cached_property
    def main(self) -> Piece:
        """The piece with the most letters on the line itself."""
        level = [part.piece for part in self.parts if not part.shift]
        return max(level or [part.piece for part in self.parts], key=lambda each: len(each.text))

    @cached_property
    def left(self) -> float:
        """Where it begins, in points."""
        return min(part.piece.left for part in self.parts)

    @cached_property
    def right(self) -> float:
        """Where it ends, in points."""
        return max(part.piece.right for part in self.parts)

    @property
    def base(self) -> float:
        """What its letters stand on, in points."""
        return self.main.base

    @property
    def size(self) -> float:
        """That of its letters, in points."""
        return self.main.size

    @cached_property
    def bold(self) -> bool:
        """Whether all of its words are."""
        level = [part.piece for part in self.parts if not part.shift]
        return bool(level) and all(
            each.bold for each in level if any(map(str.isalnum, each.text))
        )

    @cached_property
    def order(self) -> int:
        """Its place in PDFium's reading."""
        return min(part.piece.order for part in self.parts)

    @cached_property
    def plain(self) -> str:
        """Its text, with no mark taken for a note."""
        return self.text(Notes())

    @cached_property
    def leading_mark(self) -> str:
        """The raised mark that it begins with, as a note does; "" if there is none."""
        first, *rest = self.parts
        if first.shift > 0 and rest and _NOTE_MARK.fullmatch(first.piece.text):
            return first.piece.text
        return ""

    def text(self, notes: Notes) -> str:
        """Its text, with raised and lowered letters marked; `notes` are those of its page."""
        if len(self.parts) == 1:
            return self.parts[0].piece.text
        made = ""
        before: Shifted | None = None
        for part in self._reading():
            written = _written(part, made, notes)
            if before and not part.shift and _apart(before, part, made):
                made += " "
            made += written
            before = part
        return made

    def _reading(self) -> Sequence[Shifted]:
        if len(self.parts) > 1 and any(_RTL.search(part.piece.text) for part in self.parts):
            return sorted(self.parts, key=lambda part: part.piece.order)
        return self.parts


def _apart(before: Shifted, part: Shifted, made: str) -> bool:
    """Whether a space stands between two pieces of a line."""
    old, new = before.piece, part.piece
    if made.endswith(" ") or not made:
        return False
    gap = new.left - old.right
    if new.order == old.order + 1:
        follows = new.spaced and (gap > 0.05 * new.size or not before.shift)
        if not before.shift and follows and gap < 0.08 * new.size and abs(gap) < new.size:
            # A line's end for PDFium, which stands amid a word where nothing is between.
            return gap > 0.02 * new.size and not _UNSPACED.fullmatch(made[-1] + new.text[0])
        return follows or gap > 0.25 * new.size and not _UNSPACED.fullmatch(made[-1] + new.text[0])
    return abs(gap) > 0.12 * new.size and not _UNSPACED.fullmatch(made[-1] + new.text[0])


def _written(part: Shifted, before: str, notes: Notes) -> str:
    """A piece's text; raised or lowered, so that no number before it changes."""
    text = part.piece.text
    if not part.shift:
        return text
    if part.shift < 0:
        lowered = "".join(_LOWERED.get(letter, "") for letter in text)
        return lowered if len(lowered) == len(text) else f"_{_bracketed(text)}"
    if _is_note(text, before, notes):
        return f"{' ' if before else ''}[{text.strip('[].)')}]" + ("" if before else " ")
    if _PLAIN_RAISED.fullmatch(text):
        return text
    raised = "".join(_RAISED.get(letter, "") for letter in text)
    return raised if len(raised) == len(text) else f"^{_bracketed(text)}"


def _is_note(text: str, before: str, notes: Notes) -> bool:
    """Whether a raised mark refers to a note, and is no power: by the note, or by the word."""
    if not _NOTE_MARK.fullmatch(text):
        return False
    mark = _mark(text)
    if not before:
        return True
    if _TAKES_POWER.search(before.rstrip()):
        return mark in notes.weak
    return not text.isalpha() or mark in notes.marks


def _mark(text: str) -> str:
    """The first of a reference's marks: 3 of `[3,4]`."""
    return str(regex.split(r"[,;–-]", text.strip("[].)"))[0])


def strong_marks(line: Line) -> Iterator[str]:
    """The raised marks of a line that stand behind words, where no power is."""
    made = ""
    for part in line.parts:
        if part.shift > 0 and made and _NOTE_MARK.fullmatch(part.piece.text):
            if not _TAKES_POWER.search(made.rstrip()):
                yield _mark(part.piece.text)
        else:
            made = part.piece.text


def _bracketed(text: str) -> str:
    return text if len(text) == 1 else f"({text})"


def rows(pieces: Iterable[Piece]) -> list[list[Line]]:
    """Lines from top to bottom; those of one height in a row from left to right."""
    level = _levels(pieces)
    hosts = _hosts(level)
    guests: dict[int, list[Shifted]] = {}
    for guest, (host, shift) in hosts.items():
        guests.setdefault(host, []).append(Shifted(level.pieces[guest], shift))
    made = []
    for row in level.rows:
        members = [i for i in row if i not in hosts]
        parts = [Shifted(level.pieces[i]) for i in members]
        parts += [guest for i in members for guest in guests.get(i, ())]
        if parts:
            parts.sort(key=lambda part: part.piece.left)
            made.append(list(_split(parts)))
    return made


def _split(parts: list[Shifted]) -> Iterator[Line]:
    """The lines of a row: parted where a wide gap is, but not behind a bullet or number."""
    start = 0
    for i in range(1, len(parts)):
        old, new = parts[i - 1].piece, parts[i].piece
        gap = (new.left - max(part.piece.right for part in parts[max(start, i - 4) : i])) / max(
            min(old.size, new.size), 1
        )
        listed = i - start == 1 and (BULLET.fullmatch(old.text) or NUMBER.fullmatch(old.text))
        if gap > (4 if listed else WIDE_GAP):
            yield Line(tuple(parts[start:i]))
            start = i
    yield Line(tuple(parts[start:]))


@dataclass(frozen=True, slots=True)
class _Levels:
    """Pieces from the top down, with their numbers by rows, each from left to right."""

    pieces: list[Piece]
    rows: list[list[int]]
    bases: list[float]


def _levels(pieces: Iterable[Piece]) -> _Levels:
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
    return _Levels(ordered, grouped, bases)


def _hosts(level: _Levels) -> dict[int, tuple[int, int]]:
    """The small pieces that stand by a word of another height: (that word, raised or lowered)."""
    sizes = [piece.size for piece in level.pieces]
    if not sizes or min(sizes) > _SMALL * max(sizes):
        return {}
    found: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(level.rows):
        near = [
            (other, [level.pieces[i].left for i in level.rows[other]])
            for other in range(
                max(0, number - _NEAR_ROWS // 2), min(len(level.rows), number + _NEAR_ROWS // 2 + 1)
            )
            if other != number
        ]
        for i in row:
            if len(level.pieces[i].text) <= 12 and (host := _host(level, i, near)):
                found[i] = host
    # A mark on a mark stands by the word below both.
    return {
        guest: (found[host][0] if host in found else host, shift)
        for guest, (host, shift) in found.items()
        if host not in found or found[host][0] not in found
    }


def _host(
    level: _Levels, i: int, near: Sequence[tuple[int, list[float]]]
) -> tuple[int, int] | None:
    mark = level.pieces[i]
    best: tuple[float, int, int] | None = None
    for number, lefts in near:
        row = level.rows[number]
        at = bisect.bisect_right(lefts, mark.left + 0.1 * mark.size)
        # The word before it, or the one that it begins.
        for place, most in ((at - 1, 0.35), (at, 0.6)):
            if not 0 <= place < len(row):
                continue
            word = level.pieces[row[place]]
            rise = (mark.base - word.base) / word.size
            gap = mark.left - word.right if place < at else word.left - mark.right
            if (
                mark.size <= _SMALL * word.size
                and 0.08 < abs(rise) < 0.8
                and -0.45 * word.size < gap <= most * word.size
                and (place < at or rise > 0)
            ):
                distance = abs(gap) + (0 if place < at else word.size)
                if best is None or distance < best[0]:
                    best = distance, row[place], 1 if rise > 0 else -1
    return best and (best[1], best[2])
