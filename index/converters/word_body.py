"""WordBody: paragraphs and tables of a Word document -> the lines of Markdown.

ECMA-376, part 1, 17.2 and 17.3.1. Knows which element is a heading, an item or a paragraph; what
stands beside a paragraph follows it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from index.converters import word_tables
from index.converters.equations import linear
from index.converters.office_tables import Cell, Row, as_list, is_layout
from index.converters.ooxml import MC, M, W, chosen, on
from index.converters.word_document import Aside, WordDocument
from index.converters.word_numbering import Label
from index.converters.word_runs import Runs, is_contents, stands_in
from index.converters.word_styles import numbered, outline_level

_HEADING_LENGTH = 200  # code points: clauses of contracts have styles of headings, too
_SENTENCE = re.compile(r".{80,}[.;:。]", re.DOTALL)
# Numbers that Markdown knows as a list's; others stand after a dash, or begin a paragraph.
_ITEM = re.compile(r"\d{1,3}[.)]")
_SHORT = re.compile(r"[(\[]?\w{1,5}[.)\]]+")
_LONG_ITEM = 300  # code points: longer ones are paragraphs of their own
_THROUGH = frozenset(f"{W}{name}" for name in ("customXml", "ins", "moveTo", "smartTag"))
_GONE = frozenset(f"{W}{name}" for name in ("del", "moveFrom"))
_ENDS = (".", "!", "?", ":", ";", ",", "。", "！", "？", "।")
_CONTENTS_TITLE = "toc heading"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, a heading or an item, which follows the item before it directly.

    `level` is an item's, from 0.
    """

    text: str
    item: bool = False
    level: int = 0
    heading: bool = False


def bare(line: Line) -> str:
    """A line's words without the marks of Markdown before them."""
    if line.heading:
        return line.text.lstrip("#").lstrip()
    return line.text.removeprefix("- ") if line.item else line.text


def joined(lines: Iterable[Line]) -> str:
    """The lines as Markdown."""
    texts, before, first = list[str](), Line(""), 0
    for line in lines:
        if line.text:
            goes_on = line.item and before.item
            # The first item is not indented, whatever the level of the clause above it.
            first = min(first, line.level) if goes_on else line.level
            texts += ["\n" if goes_on else "\n\n", "  " * (line.level - first), line.text]
            before = line
    return "".join(texts).strip("\n")


class WordBody:
    """Reads the paragraphs and tables of a part."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._begun = ""  # what belongs before the next paragraph's words
        self._beside: list[list[Aside]] = []  # of each table's cell that is being read

    def lines(self, element: Any) -> Iterator[Line]:
        """The lines of what an element holds."""
        for child in element:
            tag = child.tag
            if tag == f"{W}p":
                yield from self._paragraph(child)
            elif tag == f"{W}tbl":
                yield from self._table(child)
            elif tag == f"{W}sdt":
                yield from self._control(child)
            elif tag == f"{W}altChunk":
                yield from self._inserted(child)
            elif tag in _THROUGH:
                yield from self.lines(child)
            elif tag == f"{MC}AlternateContent":
                yield from self.lines(list(chosen(child)))
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                yield Line(linear(child))
            elif tag in _GONE:
                self._document.left_out.add("revised")

    def _paragraph(self, element: Any) -> Iterator[Line]:
        properties = element.find(f"{W}pPr")
        style = _value(properties, "pStyle")
        runs = Runs(self._document, style)
        runs.read(element)
        text = runs.text()
        if self._document.styles.is_contents(style) or self._names_contents(style):
            self._document.left_out.add("contents", bool(text))
            return
        if _drops_capital(properties) or _ends_deleted(properties):
            self._begun += text if _drops_capital(properties) or not text else f"{text} "
        else:
            text, self._begun = f"{self._begun}{text}", ""
            # A paragraph that is hidden with its end is not counted.
            label = self._label(properties, style) if text or not _ends_hidden(properties) else None
            if text:
                yield self._line(text, properties, style, label)
        yield from self._aside(runs.asides)

    def _names_contents(self, style: str) -> bool:
        return bool(style) and self._document.styles.name(style) == _CONTENTS_TITLE

    def _line(self, text: str, properties: Any, style: str, label: Label | None) -> Line:
        level = self._level(properties, style)
        if level and len(text) <= _HEADING_LENGTH and not _SENTENCE.fullmatch(text):
            words = " ".join(
                [*([label.text] if label and label.text else []), text.replace("\n", " ")]
            )
            return Line(f"{'#' * min(level, 6)} {words}", heading=True)
        return _item(text, label) if label else Line(text)

    def _level(self, properties: Any, style: str) -> int | None:
        outline = None if properties is None else properties.find(f"{W}outlineLvl")
        return self._document.styles.level(style) if outline is None else outline_level(outline)

    def _label(self, properties: Any, style: str) -> Label | None:
        own, of_style = numbered(properties), self._document.styles.numbered(style)
        number = of_style.number if own.number is None else own.number
        if number is None or number == "0":
            return None
        level = own.level
        if level is None:
            level = of_style.level if own.number is None else None
        return self._document.numbering.label(number, level, style)

    def _aside(self, asides: list[Aside]) -> Iterator[Line]:
        """What stands beside a paragraph; what stands beside a cell follows the table."""
        if self._beside:
            self._beside[-1] += asides
            return
        for aside in asides:
            yield from self._told(aside)

    def _told(self, aside: Aside) -> Iterator[Line]:
        if aside.content is None:
            yield from (Line(text) for text in aside.opening.split("\n\n") if text.strip())
            return
        document = self._document
        part, fields, begun = document.part, document.fields, self._begun
        document.part, document.fields, self._begun = aside.part or part, [], ""
        lines = [line for line in self.lines(aside.content) if line.text]
        document.part, document.fields, self._begun = part, fields, begun
        if lines and aside.opening:
            lines[0] = Line(aside.opening + bare(lines[0]))
        if lines and aside.closing:  # a comment is one paragraph
            lines = [Line(_in_cell(lines) + aside.closing)]
        yield from lines

    def _control(self, element: Any) -> Iterator[Line]:
        properties, content = element.find(f"{W}sdtPr"), element.find(f"{W}sdtContent")
        if content is None or stands_in(properties):
            return
        if is_contents(properties):
            self._document.left_out.add("contents")
            return
        yield from self.lines(content)

    def _inserted(self, element: Any) -> Iterator[Line]:
        from index.converters.word_inserted import inserted

        text = inserted(element, self._document)
        yield from (Line(each) for each in text.split("\n\n"))

    def _table(self, element: Any) -> Iterator[Line]:
        self._beside.append([])
        read = [self._row(row) for row in word_tables.inner(element, "tr") if self._is_shown(row)]
        asides = self._beside.pop()
        rows = [row for row, _ in read]
        if not rows:
            return
        if is_layout(rows):
            yield from (line for _, lines in read for line in lines)
        else:
            text = as_list(rows)
            yield from (Line(each) for each in text.split("\n\n"))
        yield from self._aside([*_described(element), *asides])

    def _is_shown(self, row: Any) -> bool:
        if word_tables.row_setting(row, "del") is not None:
            self._document.left_out.add("revised")
            return False
        if on(word_tables.row_setting(row, "hidden")):
            self._document.left_out.add("hidden rows")
            return False
        return True

    def _row(self, element: Any) -> tuple[Row, list[Line]]:
        row = Row(word_tables.is_heading(element))
        column, lines = word_tables.before(element), list[Line]()
        for cell in word_tables.inner(element, "tc"):
            inside = [line for line in self.lines(cell) if line.text]
            lines += inside
            blocks = any(line.heading for line in inside) or cell.find(f".//{W}tbl") is not None
            wide, goes_on = word_tables.width(cell), word_tables.continues(cell)
            bold = word_tables.is_bold(cell, self._document.styles)
            row.cells.append(Cell(column, wide, _in_cell(inside), goes_on, blocks, bold))
            column += wide
        return row, lines


def _item(text: str, label: Label) -> Line:
    if label.bullet:
        mark = f"{label.text} " if label.text else ""
        return Line(f"- {mark}{text}", item=True, level=label.level)
    if _ITEM.fullmatch(label.text):
        shown = f"{label.text} {text}"
    elif _SHORT.fullmatch(label.text):
        shown = f"- {label.text} {text}"
    else:
        return Line(f"{label.text} {text}")
    return Line(shown, item=len(text) <= _LONG_ITEM, level=label.level)


def _in_cell(lines: list[Line]) -> str:
    """The paragraphs of a cell in one line; a stroke stands where nothing else ends one."""
    text = ""
    for line in lines:
        words = " ".join(bare(line).split())
        text += f"{'' if not text else ' ' if text.endswith(_ENDS) else ' / '}{words}"
    return text


def _described(table: Any) -> list[Aside]:
    """The words that stand for a table where it cannot be seen."""
    properties = table.find(f"{W}tblPr")
    found = (_value(properties, name) for name in ("tblCaption", "tblDescription"))
    text = ": ".join(filter(None, (" ".join(each.split()) for each in found)))
    return [Aside(f"[Table: {text}]")] if text else []


def _drops_capital(properties: Any) -> bool:
    frame = None if properties is None else properties.find(f"{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap", "none") != "none"


def _ends_deleted(properties: Any) -> bool:
    """Whether the end of a paragraph is deleted, so that the next one goes on in its line."""
    mark = None if properties is None else properties.find(f"{W}rPr")
    return mark is not None and any(child.tag in _GONE for child in mark)


def _ends_hidden(properties: Any) -> bool:
    mark = None if properties is None else properties.find(f"{W}rPr")
    return mark is not None and on(mark.find(f"{W}vanish"))


def _value(properties: Any, name: str) -> str:
    found = None if properties is None else properties.find(f"{W}{name}")
    return "" if found is None else str(found.get(f"{W}val", ""))
