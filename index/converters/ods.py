"""OpenDocument sheets -> Markdown: each sheet under a heading, each row with its columns' names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted, paged
from index.converters.odf_package import Package, opened, with_metadata
from index.converters.odf_rows import Rows, rows
from index.converters.odf_words import Words
from index.converters.sheet_layout import areas, markdown
from index.converters.tables import limited, table
from index.converters.xml_names import attribute, local


@dataclass(slots=True)
class _Left:
    """What was left out, by sheet."""

    sheets: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read(data: bytes) -> Converted:
    """Read a workbook.

    Raises:
        NotText: it is damaged or encrypted, or holds no text.
    """
    with Archive(data) as file:
        package = opened(file, "spreadsheet", "an OpenDocument spreadsheet")
        words, left = Words(package), _Left()
        text, pages = paged("sheet", _sheets(package, words, left))
        hidden = ", ".join(f"“{name}”" for name in left.sheets)
        notices = [*words.notices(), *left.notices]
        if left.sheets:
            some = "sheet" if len(left.sheets) == 1 else "sheets"
            are = "is hidden and was" if len(left.sheets) == 1 else "are hidden and were"
            notices.insert(0, f"{some} {hidden} {are} left out")
        return with_metadata(text, pages, file, notices)


def _sheets(package: Package, words: Words, left: _Left) -> Iterator[tuple[str, str]]:
    for sheet in package.body:
        if local(sheet) != "table":
            continue
        name = attribute(sheet, "name")
        style = attribute(sheet, "style-name")
        if package.styles.value("table", style, "display") == "false":
            left.sheets.append(name)
            continue
        text = "\n\n".join(filter(None, _parts(sheet, words, left, name)))
        yield name, f"## {name}\n\n{text}" if text else ""


def _parts(sheet: Any, words: Words, left: _Left, name: str) -> Iterator[str]:
    found = rows(sheet, words)
    if found.rows:
        yield _tables(found)
    yield from found.comments
    yield from words.taken()
    for each in sheet:
        if local(each) == "shapes":
            yield from words.shape(each)
    left.notices += _notices(found, name)


def _tables(found: Rows) -> str:
    """The tables of a sheet; one whose header is repeated on each page is a single table."""
    if found.headed:
        return table(found.unmerged(), named=True)
    lines = list(limited(found.unmerged()))
    return markdown(areas(lines, range(len(lines))), 3)


def _notices(found: Rows, name: str) -> Iterator[str]:
    if found.hidden:
        many = "1 row is" if found.hidden == 1 else f"{found.hidden} rows are"
        were = "was" if found.hidden == 1 else "were"
        yield f"{many} hidden on sheet “{name}” and {were} left out"
    if found.columns_left:
        count = len(found.columns_left)
        columns = "1 column is" if count == 1 else f"{count} columns are"
        were = "was" if count == 1 else "were"
        yield f"{columns} hidden on sheet “{name}” and {were} left out"
    if found.unvalued:
        many = "1 formula has" if found.unvalued == 1 else f"{found.unvalued} formulas have"
        yield f"{many} no value on sheet “{name}”; open it and save it again"
    if found.repeated:
        yield f"rows that repeat more than 1000 times on sheet “{name}” were read once"
