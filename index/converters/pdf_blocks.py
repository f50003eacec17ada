"""Blocks of a page of a PDF: lines in reading order -> paragraphs, headings, list items. Pure."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import regex

from index.converters import pdf_tables
from index.converters.pdf_furniture import outline_key
from index.converters.pdf_grids import TABLE, Grid
from index.converters.pdf_hyphens import Joiner
from index.converters.pdf_layout import Region
from index.converters.pdf_lines import BOXES, BULLET, NUMBER, Line, Notes
from index.converters.pdf_paths import Box
from index.text.scripts import UNSPACED

Kind = Literal["text", "heading", "item", "table", "note"]
FIELD = -2  # the mark of a piece that is a form field's value
# Of the usual distance between lines, and of the usual size of letters.
_PARAGRAPH_GAP = 1.4
_HEADING_SIZE, _TITLE_SIZE = 1.15, 1.5
_HEADING_LENGTH = 120  # code points, as index/articles/blocks.py has it
_NOTE_SIZE = 0.93
_LARGEST_STEP = 2.2  # of the letters' size: more is a gap between paragraphs, in any file
_ENDS_SENTENCE = regex.compile(r"[.!?…。！？।॥:：;；][)\]\"”’»」』]*(?: ?\[[^\]\s]{1,4}\])?\Z")
_NOTE_LINE = regex.compile(r"\[?(\d{1,3}|[*†‡§¶]{1,3})\]?[.)]?\s+(?=\S)")
_NOTE_ALONE = regex.compile(r"\[?(?:\d{1,3}|[*†‡§¶]{1,3})\]?[.)]?")
_BULLET_LINE = regex.compile(rf"(?:{BULLET.pattern})\s+(?=\S)")
_NUMBER_LINE = regex.compile(rf"(?:{NUMBER.pattern})\s+(?=\S)")
_CONTINUES = regex.compile(rf"[{UNSPACED}]")


@dataclass(slots=True)
class Block:
    """A paragraph, heading, item, table or note; `pieces` are its text by the page it stands on.

    `level` is that of a heading, else 0; `full` whether its last line reached the column's end, so
    that its sentence may go on elsewhere; `flush` whether it begins as a line that goes on does.
    """

    kind: Kind
    pieces: list[tuple[int, str]]
    level: int = 0
    full: bool = False
    flush: bool = True

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.pieces)


@dataclass(frozen=True, slots=True)
class Manner:
    """What is usual in a file: the size of its letters, whether they are bold, its lines' step.

    `outline` has the level of each heading that the file's bookmarks name, in small letters.
    """

    size: float
    bold: bool
    step: float
    outline: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a paragraph with its place in its column."""

    text: str
    line: Line
    left: float
    right: float
    level: int
    note: str = ""
    field: bool = False
    grid: int | None = None


def without_listing(region: Region, manner: Manner) -> Region:
    """A region as text where its first column holds nothing but bullets, or marks of notes."""
    if len(region.columns) != 2:
        return region
    edge = (region.columns[0][1] + region.columns[1][0]) / 2
    firsts = [row[0] for row in region.rows if row[0].right < edge]
    plain = [line.plain.strip() for line in firsts]
    small = all(line.size <= _NOTE_SIZE * manner.size for row in region.rows for line in row)
    bullets = all(BULLET.fullmatch(text) or NUMBER.fullmatch(text) for text in plain)
    marks = small and all(_NOTE_ALONE.fullmatch(text) for text in plain)
    return Region(region.rows) if firsts and (bullets or marks) else region


def notes_of(region: Region, manner: Manner) -> frozenset[str]:
    """The marks of the notes at the end of a region."""
    return frozenset(
        mark for row in region.rows[_first_note(region, manner) :] if (mark := _note(row))
    )


def blocks(
    number: int,
    region: Region,
    notes: Notes,
    rules: Sequence[Box],
    manner: Manner,
    joiner: Joiner,
    grids: Sequence[Grid] = (),
) -> list[Block]:
    """A region's blocks.

    Args:
        number: that of the page, from 1.
        region: lines in reading order, or a table.
        notes: those of the page.
        rules: its ruled lines.
        manner: what is usual in the file.
        joiner: joins the lines of a paragraph.
        grids: the page's ruled tables.
    """
    if region.columns:
        text = pdf_tables.text_of(region, rules, notes, joiner)
        return [Block("table", [(number, text)])] if text else []
    made = []
    for rows in _paragraphs(region, notes, manner):
        grid = rows[0].grid
        if grid is None:
            made.append(_block(number, rows, joiner))
        elif grid < len(grids):
            text = grids[grid].text(lambda line: line.text(notes), joiner.joined)
            made.append(Block("table", [(number, text)]))
    return made


def _first_note(region: Region, manner: Manner) -> int:
    """The row from which on a region holds notes; the number of its rows if it has none."""
    at = len(region.rows)
    if region.columns:
        return at
    for i in range(len(region.rows) - 1, -1, -1):
        line = region.rows[i][0]
        if line.size > _NOTE_SIZE * manner.size:
            break
        if _note(region.rows[i]):
            at = i
    return at


def _note(row: Sequence[Line]) -> str:
    if row[0].leading_mark:
        return row[0].leading_mark.strip("[].)")
    match = _NOTE_LINE.match(" ".join(line.plain for line in row))
    return match[1] if match else ""


def _paragraphs(region: Region, notes: Notes, manner: Manner) -> Iterator[list[_Row]]:
    lines = list(_rows(region, notes, manner))
    now: list[_Row] = []
    for row in lines:
        if now and not _belongs(now, row, manner):
            yield now
            now = []
        now.append(row)
    if now:
        yield now


def _rows(region: Region, notes: Notes, manner: Manner) -> Iterator[_Row]:
    if not region.rows:
        return
    left = min(line.left for row in region.rows for line in row)
    right = max(line.right for row in region.rows for line in row)
    first_note, above = _first_note(region, manner), None
    for i, row in enumerate(region.rows):
        text = " ".join(line.text(notes) for line in row).strip()
        if not text:
            continue
        if row[0].main.mark == TABLE:
            above = _Row("", row[0], left, right, 0, grid=int(row[0].main.text))
            yield above
            continue
        main = max(row, key=lambda line: len(line.plain))
        whole = Line(tuple(part for line in row for part in line.parts)) if len(row) > 1 else main
        is_field = any(part.piece.mark == FIELD for part in whole.parts)
        note = _note(row) if i >= first_note else ""
        listed = len(row) > 1 and row[-1].plain.isdigit()  # a line of a table of contents
        level = 0 if i >= first_note or is_field or listed else _level(text, whole, above, manner)
        above = _Row(text, whole, left, right, level, note, is_field)
        yield above


def _level(text: str, line: Line, above: _Row | None, manner: Manner) -> int:
    """1 to 3 for a heading, by its size, its weight, and the file's bookmarks; 0 for text."""
    if len(text) > _HEADING_LENGTH or not any(map(str.isalpha, text)):
        return 0
    if line.size >= manner.size * _HEADING_SIZE:
        return 1 if line.size >= manner.size * _TITLE_SIZE else 2
    named = manner.outline.get(outline_key(text))
    if named:
        return named
    if not line.bold or manner.bold or line.size < 0.95 * manner.size:
        return 0
    begun = above is None or above.level or ends_sentence(above.text)
    apart = above is not None and above.line.base - line.base > 1.25 * max(manner.step, line.size)
    short = above is not None and above.line.right < above.left + 0.7 * (above.right - above.left)
    starts = not text[0].islower() and not text.endswith((",", ";"))
    return 3 if starts and (begun or apart or short) else 0


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return bool(_ENDS_SENTENCE.search(text[-16:]))


def _belongs(now: list[_Row], row: _Row, manner: Manner) -> bool:
    """Whether a line continues the paragraph of those before it."""
    above = now[-1]
    if row.grid is not None or above.grid is not None:
        return False
    if row.field or above.field or row.level != above.level or row.note:
        return False
    size, step = row.line.size, above.line.base - row.line.base
    if not 0.88 * above.line.size < size < 1.14 * above.line.size and row.text[:1].isupper():
        return False
    usual = max(manner.step * size / manner.size if manner.size else 0.0, size)
    if not -size / 2 < step <= usual * _PARAGRAPH_GAP:
        return False
    if row.level:
        return step <= usual * 1.35
    return not _begins(now, row)


def _begins(now: list[_Row], row: _Row) -> bool:
    """Whether a line begins a paragraph by its bullet, its indent, or the short line above it."""
    above, size = now[-1], row.line.size
    width = above.right - above.left
    ended = ends_sentence(above.text)
    short = above.line.right < above.left + 0.75 * width
    if _BULLET_LINE.match(row.text):
        return True
    if _NUMBER_LINE.match(row.text) and (ended or short):
        return True
    if _BULLET_LINE.match(now[0].text) or _NUMBER_LINE.match(now[0].text):
        # Lines of an item stand under its words.
        return row.line.left < now[0].line.left + 0.3 * size and (ended or short)
    indented = row.line.left - above.line.left > 0.8 * size and row.line.left < row.left + 8 * size
    if indented and ended:
        return True
    return ended and short and width > 14 * size and not above.note


def _block(number: int, rows: list[_Row], joiner: Joiner) -> Block:
    text = rows[0].text
    for row in rows[1:]:
        text = joiner.joined(text, row.text)
    first, last = rows[0], rows[-1]
    full = last.line.right > last.right - 0.12 * (last.right - last.left)
    flush = first.line.left < first.left + 0.8 * first.line.size
    if first.note:
        return Block("note", [(number, _noted(text, first))])
    if first.field:
        return Block("item", [(number, f"- {text}")])
    if first.level and len(text) <= _HEADING_LENGTH:
        return Block("heading", [(number, text)], first.level)
    if match := _BULLET_LINE.match(text):
        begin = 0 if text[0] in BOXES else match.end()
        return Block("item", [(number, f"- {text[begin:]}")], full=full)
    return Block("text", [(number, text)], 0, full, flush)


def _noted(text: str, row: _Row) -> str:
    if row.line.leading_mark:
        return text  # its mark is in brackets already
    match = _NOTE_LINE.match(text)
    return f"[{row.note}] {text[match.end() :]}" if match else text


def goes_on(block: Block, after: Block) -> bool:
    """Whether a text that a column or page ended goes on with another one."""
    if block.kind not in ("text", "item") or after.kind != "text":
        return False
    old, new = block.text.rstrip(), after.text
    if not old or not new or ends_sentence(old):
        return False
    if new[0].islower() or (old.endswith("-") and len(old) > 1 and old[-2].isalnum()):
        return True
    if _CONTINUES.match(new) and _CONTINUES.match(old[-1]):
        return True
    return block.full and after.flush and not _NUMBER_LINE.match(new)


def usual_step(regions: Sequence[Region]) -> float:
    """The distance between lines that follow each other within a paragraph, in points."""
    steps = [
        above[0].base - below[0].base
        for region in regions
        if not region.columns
        for above, below in zip(region.rows, region.rows[1:], strict=False)
        if 0 < above[0].base - below[0].base < _LARGEST_STEP * below[0].size
    ]
    return statistics.median_low(steps) if steps else 0.0
