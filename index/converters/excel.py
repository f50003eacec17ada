"""Excel -> Markdown; only home of openpyxl."""

import io
import itertools
import re
import warnings
from typing import Any

from index.converters.archive import Archive
from index.converters.converted import Converted, paged
from index.converters.office_properties import with_properties
from index.converters.tables import MergedCell, table, unmerged

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_MAX_MERGED = 100_000  # cells of a sheet; a data table has some dozen


def read(data: bytes) -> Converted:
    """Read a workbook: each sheet under a heading, each row with its columns' names."""
    import openpyxl

    with Archive(data) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unknown styles
        file.require("xl/workbook.xml", "Excel")
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        texts = []
        sheets: list[Any] = list(book.worksheets)
        for sheet in sheets:
            sheet.reset_dimensions()  # a sheet's own size may be wrong
            rows = sheet.iter_rows(values_only=True)
            # openpyxl lists merged cells only of a sheet held in memory; its private name says
            # which part of the file the sheet is.
            text = table(unmerged(rows, _merged(file, sheet._worksheet_path)))
            texts.append((sheet.title, f"## {sheet.title}\n\n{text}" if text else ""))
        return with_properties(*paged("sheet", texts), file)


def _merged(file: Archive, path: str) -> list[MergedCell]:
    from openpyxl.utils.cell import range_boundaries

    found = _MERGED.finditer(file.bytes(path) if path in file.names else b"")
    references = (match[1].decode() for match in itertools.islice(found, _MAX_MERGED))
    return [MergedCell(*range_boundaries(reference)) for reference in references]
