"""Properties of Office files: title, language, date and author of Word, PowerPoint and Excel."""

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.ooxml import relations
from index.errors import NotText
from index.passage import Page

_DC = "{http://purl.org/dc/elements/1.1/}"
_CREATED = "{http://purl.org/dc/terms/}created"
_PROPERTIES, _KIND = "docProps/core.xml", "core-properties"


def with_properties(
    text: str, pages: tuple[Page, ...], file: Archive, notices: tuple[str, ...] = ()
) -> Converted:
    """A file's text and pages with its own properties.

    Raises:
        NotText: there is no text.
    """
    if not text.strip():
        raise NotText("holds no text")
    part = next((each.part for each in relations(file, "").values() if each.kind == _KIND), "")
    part = part if part in file.names else _PROPERTIES
    tree = file.xml(part) if part in file.names else None
    if tree is None:
        return Converted(text, pages=pages, notices=notices)
    return Converted(
        text,
        metadata.title(tree.findtext(f"{_DC}title")),
        tree.findtext(f"{_DC}language") or "",
        metadata.day(tree.findtext(_CREATED)),
        metadata.author(tree.findtext(f"{_DC}creator")),
        pages,
        notices,
    )
