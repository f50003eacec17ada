"""Sheet drawings: the charts, text boxes and pictures that lie on a sheet.

ECMA-376, part 1, 20.5 (`xdr:`). Pictures are not read, but what describes them is.
"""

import re
from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive
from index.converters.charts import charts
from index.converters.workbook import flag, related
from index.converters.xml_names import local

_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)", re.IGNORECASE)
_CHARTS = ("chart", "chartEx", "chartsheet")


def drawings(file: Archive, part: str) -> tuple[list[str], int]:
    """The texts on a sheet, and how many pictures have no description."""
    texts: list[str] = []
    pictures = 0
    for kind, name in related(file, part).values():
        if kind == "drawing":
            tree = file.xml(name)
            found = list(_boxes(tree))
            texts += filter(None, found)
            pictures += found.count("")
            for inner, chart in related(file, name).values():
                if inner in _CHARTS:
                    texts += charts(file.bytes(chart))
    return texts, pictures


def _boxes(tree: Any) -> Iterator[str]:
    """The text of each shape; of a picture what describes it, or ""."""
    for each in tree.iter("{*}sp", "{*}pic"):
        properties = next(each.iter("{*}cNvPr"), None)
        if flag(properties, "hidden"):
            continue
        if local(each) == "sp":
            if text := "\n\n".join(filter(None, map(_paragraph, each.iter("{*}p")))):
                yield text
        else:
            yield _described(properties)


def _paragraph(paragraph: Any) -> str:
    texts = (
        " " if local(each) == "br" else each.text or "" for each in paragraph.iter("{*}t", "{*}br")
    )
    return " ".join("".join(texts).split())


def _described(properties: Any) -> str:
    text = "" if properties is None else properties.get("descr", "")
    line = " ".join(text.split())
    return f"[Picture: {line}]" if line and not _FILE_NAME.fullmatch(line) else ""
