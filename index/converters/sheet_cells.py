"""Sheet cells: the XML of a sheet -> rows of cells as people see them.

Hidden rows and columns are left out, and what was left out is counted. ECMA-376, part 1, 18.3.1.
"""

import datetime
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from index.converters import cell_formats
from index.converters.archive import Archive
from index.converters.cell_shape import Cell
from index.converters.tables import MAX_COLUMNS, MergedCell
from index.converters.workbook import Style, Workbook, flag, rich_text, unescaped, whole
from index.converters.xml_names import local
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, too_long

_MAX_CELLS = 20_000_000  # empty ones before filled ones among them
_MAX_MERGED = 100_000  # cells of a sheet; a data table has some dozen
_LAST_COLUMN = 16_384
_ERRORS_NAMED = 1_000
_PLAIN = Style()
_TAGS = ("row", "col", "mergeCell")


@dataclass(slots=True)
class Cells:
    """The filled rows of a sheet, and what was left out of it.

    `numbers` are those of `rows`, from 1, without the hidden ones before them. `spans` are merged
    cells, counted without hidden rows and columns too.
    """

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    spans: list[MergedCell] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: int = 0  # without a value
    errors: list[str] = field(default_factory=list)  # references of cells
    invisible: int = 0  # by their number format
    left_rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)  # hidden ones, empty or not

    def row(self, number: int) -> int:
        """The number of a row once hidden ones are left out."""
        return number - bisect_left(self.left_rows, number)

    def column(self, number: int) -> int:
        """The number of a column once hidden ones are left out."""
        return number - bisect_left(self.columns, number)


def read(file: Archive, part: str, book: Workbook, remarks: dict[str, str]) -> Cells:
    """Read a sheet.

    Args:
        file: the workbook's.
        part: the sheet's name in it.
        book: what its sheets share.
        remarks: comments by the reference of their cell, `B2`; those that are read are taken out.

    Raises:
        NotText: it is damaged, or too large.
    """
    found = Cells()
    reader = _Reader(book, found, remarks)
    for element in file.elements(part, *_TAGS):
        kind = local(element)
        if kind == "row":
            reader.row(element)
        elif kind == "col":
            reader.hide(element)
        elif kind == "mergeCell" and len(found.spans) < _MAX_MERGED:
            area = area_of(element.get("ref", ""))
            found.spans += [area] if area else []
    return found


def area_of(reference: str) -> MergedCell | None:
    """`A1:B2` as an area; None where it is none."""
    first, _, last = reference.replace("$", "").partition(":")
    left, top = place_of(first)
    right, bottom = place_of(last or first)
    good = 0 < left <= right and 0 < top <= bottom
    return MergedCell(left, top, right, bottom) if good else None


@lru_cache(maxsize=1_000)
def _letters(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def place_of(reference: str) -> tuple[int, int]:
    """`B3` as (column, row) from 1; zeros where it is none."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    known = letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) < 4
    return (_letters(letters), int(digits)) if known and 0 < len(digits) < 8 else (0, 0)


@dataclass(slots=True)
class _Reader:
    book: Workbook
    found: Cells
    remarks: dict[str, str]
    hidden: set[int] = field(default_factory=set)
    shifts: list[int] = field(default_factory=list)
    number: int = 0
    left_out: int = 0
    total: int = 0
    cells: int = 0

    def hide(self, column: Any) -> None:
        """Note hidden columns, which stand before the rows."""
        if flag(column, "hidden") or column.get("width") == "0":
            last = min(whole(column.get("max")), _LAST_COLUMN)
            self.hidden |= set(range(whole(column.get("min")), last + 1))
            self.found.columns = sorted(self.hidden)

    def row(self, element: Any) -> None:
        """Read a row, whose number follows the last one where it has none."""
        self.number = whole(element.get("r")) or self.number + 1
        hidden = flag(element, "hidden") or element.get("ht") == "0"
        cells: list[str] = []
        column = 0
        any_hidden = False
        for each in element:
            reference = each.get("r")
            column = (reference and place_of(reference)[0]) or column + 1
            text = self._cell(each, reference or "")
            if not text:
                continue
            if hidden:
                any_hidden = True
            elif column in self.hidden:
                self.found.hidden_columns.add(column)
            else:
                self._put(cells, column - self._shift(column) - 1, text)
        if hidden:
            self.left_out += 1
            self.found.left_rows.append(self.number)
            self.found.hidden_rows += [self.number] if any_hidden else []
        elif cells:
            self.found.rows.append(cells)
            self.found.numbers.append(self.number - self.left_out)

    def _shift(self, column: int) -> int:
        if not self.hidden:
            return 0
        if not self.shifts:
            for number in range(_LAST_COLUMN + 2):
                last = self.shifts[-1] if self.shifts else 0
                self.shifts.append(last + (number - 1 in self.hidden))
        return self.shifts[min(column, _LAST_COLUMN)]

    def _put(self, cells: list[str], place: int, text: str) -> None:
        if place >= MAX_COLUMNS:
            raise NotText(f"has a table of more than {MAX_COLUMNS} columns")
        if place < len(cells):  # the same cell twice
            return
        self.total += len(text)
        self.cells += place + 1 - len(cells)
        if self.total > MAX_CODE_POINTS or self.cells > _MAX_CELLS:
            raise too_long()
        cells += [""] * (place - len(cells))
        cells.append(text)

    def _cell(self, cell: Any, reference: str) -> str:
        """A cell as it is shown, with its remark."""
        value = inline = None
        formula = False
        for each in cell:
            tag = each.tag
            if tag[-2:] == "}v":
                value = each.text
            elif tag[-2:] == "}f":
                formula = True
            elif tag[-3:] == "}is":
                inline = each
        styles, number = self.book.styles, whole(cell.get("s"))
        style = styles[number] if number < len(styles) else _PLAIN
        kind = cell.get("t", "n")
        text = self._text(kind, value, inline, style)
        if kind == "e" and text and len(self.found.errors) < _ERRORS_NAMED:
            self.found.errors.append(reference)
        if value is None and inline is None and formula:
            self.found.formulas += 1
        remark = self.remarks.pop(reference, "") if self.remarks else ""
        if style.struck and text:
            text += " [struck out]"
        if not text:
            return remark
        return Cell(text, bold=style.bold, remark=remark) if remark or style.bold else text

    def _text(self, kind: str, value: str | None, inline: Any, style: Style) -> str:
        if inline is not None:
            return " ".join(cell_formats.shown_text(rich_text(inline), style.code).split())
        if value is None:
            return ""
        if kind == "n":
            return self._number(value, style.code)
        if kind == "s":
            place = whole(value.strip(), -1)
            known = 0 <= place < len(self.book.texts)
            text = self.book.texts[place] if known else ""
            if style.code == "General" or not text:
                return text
            return " ".join(cell_formats.shown_text(text, style.code).split())
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind == "d":
            return self._day(value.strip(), style.code)
        text = " ".join((unescaped(value) if "_x" in value else value).split())
        return text if kind == "e" else cell_formats.shown_text(text, style.code)

    def _number(self, value: str, code: str) -> str:
        text = _shown(value, code, self.book.since_1904)
        if not text and value.strip():
            self.found.invisible += 1
        return text

    def _day(self, value: str, code: str) -> str:
        """A day in ISO 8601, as the strict form has it (18.18.11)."""
        try:
            moment = datetime.datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return value
        days = (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(1)
        return cell_formats.shown(days, code) if cell_formats.is_date(code) else value


@lru_cache(maxsize=20_000)
def _shown(value: str, code: str, since_1904: bool) -> str:
    try:
        return cell_formats.shown(float(value), code, since_1904=since_1904)
    except (ValueError, OverflowError):  # nan, inf, or no number
        return value.strip()
