"""RTF page: what was read so far as paragraphs, tables, notes, comments and boxes. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from index.converters.literal import literal
from index.converters.raised import subscript, superscript
from index.converters.tables import table

_BOX = re.compile(r"FORMCHECKBOX", re.IGNORECASE)
_FORMULA = re.compile(r"\s*EQ\s+(.*)", re.DOTALL | re.IGNORECASE)
# Ruby, as Word and LibreOffice write it: `EQ \\* jc2 … \\o\\ad(\\s\\up 11(reading),base)`.
_RUBY = re.compile(r"\\s\\up ?\d{0,4} ?\(([^()]{1,200})\) ?[,;]([^()]{1,200})\)")
_HEADING_STYLE = re.compile(r"heading (\d)", re.IGNORECASE)
_SHOWN = 60  # code points of heads and feet, in the notice
_NO_RES = 25  # of a box that nobody ticked or unticked


class Place(NamedTuple):
    """What a paragraph is: its style's number, its outline level from 0, whether in a table."""

    style: int = 0
    outline: int = -1
    table: bool = False


@dataclass(slots=True)
class Sheet:
    """Takes letters and ends of paragraphs in their order."""

    blocks: list[str] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)
    created: str = ""
    hidden: bool = False
    struck: bool = False
    deleted: bool = False
    torn: bool = False
    _pieces: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _after: list[str] = field(default_factory=list)  # notes and comments of this paragraph
    _row: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)
    _merges: list[bool] = field(default_factory=list)
    _continued: bool = False
    _named: bool = False
    _levels: dict[int, int] = field(default_factory=dict)
    _style: int = 0
    _notes: int = 0
    _pictures: int = 0
    _form: dict[str, int] = field(default_factory=dict)

    def put(self, into: str, text: str, shift: str = "") -> None:
        """Add letters; `shift` is "super", "sub" or ""."""
        if into in ("text", "footnote", "annotation", "box"):
            self._pieces.setdefault(into, []).append((shift, text))
        else:
            self.kept.setdefault(into, []).append(text)

    def begun(self, into: str, outer: str) -> None:
        """A group began whose letters go elsewhere."""
        if into == "footnote":
            self._notes += 1
            self.put(outer, f" [{self._notes}]")
        elif into == "pict" and outer in ("text", "footnote", "box"):
            self._pictures += 1
        elif into in ("atnauthor", "fldinst"):
            self.kept[into] = []
            self._form = {} if into == "fldinst" else self._form

    def ended(self, into: str, outer: str) -> None:
        """It ended; the letters go on in `outer`."""
        if into == "footnote":
            self._after.append(f"[{self._notes}] {self._taken(into)}")
        elif into == "annotation":
            who = "".join(self.kept.get("atnauthor", [])).strip()
            self._after.append(f"[Comment{f' by {who}' if who else ''}: {self._taken(into)}]")
        elif into == "box":
            self._after.append(self._taken(into))
        elif into == "fldinst":
            self._field(outer)

    def defined(self, into: str, word: str, number: int | None) -> None:
        """A control word within the table of styles or a form field."""
        if into == "formfield" and number is not None:
            self._form[word] = number
        elif into == "stylesheet" and word == "s":
            self._style = number or 0
            self.kept["stylesheet"] = []
        elif into == "stylesheet" and word == "outlinelevel" and number is not None:
            self._levels[self._style] = number

    def style_ended(self) -> None:
        """A style of the table of styles ended; its name tells a heading too."""
        name = "".join(self.kept.pop("stylesheet", []))
        if found := _HEADING_STYLE.match(name.strip()):
            self._levels.setdefault(self._style, int(found[1]) - 1)
        self._style = 0

    def end(self, word: str, place: Place, into: str = "text") -> None:
        """A paragraph, cell, row or section ended."""
        if into != "text":
            self.put(into, "\n")
        elif word in ("nestcell", "nestrow"):
            self.put("text", "; " if word == "nestcell" else " / ")
        elif word == "cell":
            self._row.append(self._taken("text"))
        elif word == "row":
            self._end_row()
        elif place.table:
            self.put("text", "\n")
        else:
            self._end_paragraph(place)

    def cell_definition(self, word: str) -> None:
        """`trowd` begins the definition of a row, `cellx` ends that of a cell."""
        if word == "trowd":
            self._merges, self._continued = [], False
        elif word == "clvmrg":
            self._continued = True
        elif word == "trhdr":
            self._named |= not self._rows
        elif word == "cellx":
            self._merges.append(self._continued)
            self._continued = False

    def whole(self) -> str:
        """The text of the file."""
        if self._row:
            self._end_row()
        self._end_paragraph(Place())
        return "\n\n".join(filter(None, self.blocks))

    def notices(self) -> Iterator[str]:
        """What was left out."""
        if self.torn:
            yield "it was not saved whole: what follows the last words is missing"
        heads = " ".join("".join(self.kept.get("header", [])).split())
        if any(letter.isalpha() for letter in heads):
            shown = heads if len(heads) <= _SHOWN else f"{heads[:_SHOWN]}…"
            yield f"the heads and feet of its pages were left out: “{shown}”"
        if self.hidden:
            yield "hidden text was left out"
        if self.struck:
            yield "struck-out text was left out"
        if self.deleted:
            yield "text that was deleted with changes tracked was left out"
        if self._pictures:
            count = "1 picture was" if self._pictures == 1 else f"{self._pictures} pictures were"
            yield f"{count} not read"

    def _taken(self, into: str) -> str:
        return " ".join(_joined(self._pieces.pop(into, [])).split())

    def _end_paragraph(self, place: Place) -> None:
        if self._rows:
            self.blocks.append(table(self._rows, named=self._named or None))
            self._rows, self._named = [], False
        text = self._taken("text")
        level = place.outline if place.outline >= 0 else self._levels.get(place.style, -1)
        if text:
            heading = 0 <= level < 9
            self.blocks.append(f"{'#' * min(level + 1, 6)} {text}" if heading else literal(text))
        self.blocks += filter(None, self._after)
        self._after.clear()

    def _end_row(self) -> None:
        above = self._rows[-1] if self._rows else []
        for column, merged in enumerate(self._merges[: len(self._row)]):
            if merged and not self._row[column] and column < len(above):
                self._row[column] = above[column]
        self._rows.append(self._row)
        self._row = []

    def _field(self, outer: str) -> None:
        instruction = "".join(self.kept.pop("fldinst", []))
        if _BOX.search(instruction):
            ticked = self._form.get("ffres", _NO_RES)
            ticked = self._form.get("ffdefres", 0) if ticked == _NO_RES else ticked
            self.put(outer, "☑" if ticked else "☐")
        elif ruby := _RUBY.search(instruction):
            self.put(outer, f"{ruby[2].strip()} ({ruby[1].strip()})")
        elif formula := _FORMULA.match(instruction):
            self.put(outer, f"[Formula: {' '.join(formula[1].split())}]")


def _joined(pieces: list[tuple[str, str]]) -> str:
    """The pieces as one text, runs of raised and lowered letters marked."""
    runs: list[list[str]] = []
    for shift, text in pieces:
        if runs and runs[-1][0] == shift:
            runs[-1].append(text)
        else:
            runs.append([shift, text])
    shown, before = [], ""
    for shift, *texts in runs:
        text = "".join(texts)
        if shift:
            text = superscript(text, before) if shift == "super" else subscript(text)
        shown.append(text)
        before = text or before
    return "".join(shown)
