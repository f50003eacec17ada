"""Lines of a page of a PDF: pieces -> lines, with what is raised or lowered told apart. Pure."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import regex

from index.converters.pdf_characters import WIDE_GAP
from index.converters.pdf_marks import hosts, levels
from index.converters.pdf_piece import Piece
from index.text.scripts import UNSPACED

_UNSPACED = regex.compile(rf"[{UNSPACED}、-〟！-～]{{2}}")
_RTL = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
_LETTER = regex.compile(r"\p{L}")
_STOP = regex.compile(r"\p{P}+")
# In a line that runs to the left, what stands left of a number follows it.
_STOP_BEFORE_NUMBER = regex.compile(r"(?<!\S)([.,:;!?]+)(\d(?:[\d.,:/-]*\d)?%?)(?!\S)")
BULLET = regex.compile(r"[-•●▪◦‣·○■□–—*➢✓]|[\uf0a7\uf0b7\uf0d8]")
BOXES = "□✓"  # bullets that may say something, and are kept
NUMBER = regex.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?")
_RAISED = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_NOTE_MARK = regex.compile(r"\[?(\d{1,3}(?:[,;–-]\s*\d{1,3}){0,3}|[a-z]|[*†‡§¶#]{1,3})\]?[.)]?")
_PLAIN_RAISED = regex.compile(r"st|nd|rd|th|er|re|ers|e|o|os|as|os|mo|ma|°|º|ª|’|'|\"|”|′|″|,|\.")
# After these a raised number is a power: a letter or two, or a unit.
_TAKES_POWER = regex.compile(
    r"(?:^|[^\p{Latin}\p{Greek}])(?:[\p{Latin}\p{Greek}]{1,2}|[kcmdµμ]?m|[kc]?g|km|cm|mm|dm|ft|in|yd|mi|sec|min|log|sin|cos|tan"
    r"|lim|exp|[)\]])\Z"
)


@dataclass(frozen=True, slots=True)
class Notes:
    """The marks of a page's notes, each with how doubtful a place its reference stands at.

    0 is behind a word, 1 behind a number, 2 behind a unit or a letter, where powers stand. A note
    is referred to once: where `year²` does, neither `12²` nor `r²` on the same page does.
    """

    doubt: Mapping[str, int] = field(default_factory=dict)


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
        return bool(level) and all(each.bold for each in level if any(map(str.isalnum, each.text)))

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
        single = len(self.parts) == 1
        text = self.parts[0].piece.text if single else self._joined(notes)
        return str(_STOP_BEFORE_NUMBER.sub(r"\2\1", text)) if self._runs_left else text

    def _joined(self, notes: Notes) -> str:
        made = ""
        before: Shifted | None = None
        for part in self._reading():
            written = _written(part, made, notes)
            behind_note = made.endswith("]") and before and before.shift and written[:1].isascii()
            if (
                before
                and not part.shift
                and (_apart(before, part, made) or (behind_note and written[:1].isalnum()))
            ):
                made += " "
            made += written
            before = part
        return made

    def _reading(self) -> Sequence[Shifted]:
        if self._runs_left:
            return _from_the_right(self.parts)
        if any(_RTL.search(part.piece.text) for part in self.parts):
            return sorted(self.parts, key=lambda part: part.piece.order)
        return self.parts

    @cached_property
    def _runs_left(self) -> bool:
        """Whether most of its letters are of a script that runs to the left."""
        text = "".join(part.piece.text for part in self.parts)
        if text.isascii():
            return False
        return 2 * len(_RTL.findall(text)) > len(_LETTER.findall(text))


def _from_the_right(parts: Sequence[Shifted]) -> list[Shifted]:
    """The parts of a line that runs to the left; numbers and foreign words in it run on."""
    ordered = sorted(parts, key=lambda part: -part.piece.right)
    made: list[Shifted] = []
    for runs_left, group in itertools.groupby(
        ordered, lambda part: bool(_RTL.search(part.piece.text) or _STOP.fullmatch(part.piece.text))
    ):
        together = list(group)
        made += together if runs_left else reversed(together)
    return made


def _apart(before: Shifted, part: Shifted, made: str) -> bool:
    """Whether a space stands between two pieces of a line."""
    old, new = before.piece, part.piece
    if made.endswith(" ") or not made:
        return False
    gap = max(new.left - old.right, old.left - new.right)
    unspaced = bool(_UNSPACED.fullmatch(made[-1] + new.text[0]))
    if new.order != old.order + 1:
        return gap > 0.12 * new.size and not unspaced
    # A line's end for PDFium may stand amid a word, where nothing is between.
    if new.spaced and gap > (0.05 if before.shift else 0.02) * new.size:
        return not unspaced or gap > 0.08 * new.size
    return gap > 0.25 * new.size and not unspaced


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
    if before[-1] in "⁺⁻":
        return False  # the sign of a power
    doubt = _doubt(before)
    if doubt:
        return notes.doubt.get(mark) == doubt
    return not text.isalpha() or mark in notes.doubt


def _doubt(before: str) -> int:
    """How doubtful it is that a mark behind a text refers to a note, as `Notes` counts it."""
    before = before.rstrip()[-20:]
    if before[-1:].isdigit():
        return 1
    return 2 if _TAKES_POWER.search(before) else 0


def _mark(text: str) -> str:
    """The first of a reference's marks: 3 of `[3,4]`."""
    return str(regex.split(r"[,;–-]", text.strip("[].)"))[0])


def references(line: Line) -> Iterator[tuple[str, int]]:
    """The raised marks of a line that may refer to notes, each with its doubt."""
    made = ""
    for part in line.parts:
        if part.shift > 0 and made and _NOTE_MARK.fullmatch(part.piece.text):
            yield _mark(part.piece.text), _doubt(made)
        else:
            made = part.piece.text


def _bracketed(text: str) -> str:
    return text if len(text) == 1 else f"({text})"


def rows(pieces: Iterable[Piece]) -> list[list[Line]]:
    """Lines from top to bottom; those of one height in a row from left to right."""
    level = levels(pieces)
    shifted = hosts(level)
    guests: dict[int, list[Shifted]] = {}
    for guest, (host, shift) in shifted.items():
        guests.setdefault(host, []).append(Shifted(level.pieces[guest], shift))
    made = []
    for row in level.rows:
        members = [i for i in row if i not in shifted]
        parts = [Shifted(level.pieces[i]) for i in members]
        parts += [guest for i in members for guest in guests.get(i, ())]
        if parts:
            parts.sort(key=lambda part: part.piece.left)
            made.append(list(_split(parts)))
    return made


def _begins_item(mark: str, text: str, *, is_first: bool) -> bool:
    """Whether a mark is that of the list's item behind it, and no cell of a table."""
    if BULLET.fullmatch(mark):
        return True
    if not NUMBER.fullmatch(mark) or text[:1].isdigit():
        return False
    return is_first or " " in text or not mark[-1:].isdigit()


def _split(parts: list[Shifted]) -> Iterator[Line]:
    """The lines of a row: parted where a wide gap is, but not behind a bullet or number."""
    start = 0
    for i in range(1, len(parts)):
        old, new = parts[i - 1].piece, parts[i].piece
        gap = (new.left - max(part.piece.right for part in parts[max(start, i - 4) : i])) / max(
            min(old.size, new.size), 1
        )
        listed = i - start == 1 and _begins_item(old.text, new.text, is_first=not start)
        if gap > (4 if listed else WIDE_GAP):
            yield Line(tuple(parts[start:i]))
            start = i
    yield Line(tuple(parts[start:]))
