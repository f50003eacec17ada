"""Notices of a PDF: what of it was not read, and on which pages. Pure."""

from collections.abc import Iterator, Sequence

from index.converters import ocr_packs, scans
from index.converters.converted import listed
from index.converters.pdf_pages import Sheet

_MOST_NAMES = 5  # of a notice


def nothing(sheets: Sequence[Sheet]) -> str:
    """Why a file without any text is refused."""
    if fonts := {font for each in sheets for font in each.unread_fonts}:
        return f"holds no font of its own for its letters ({_names(fonts)}); save it with its fonts"
    if ocr_packs.installed():
        return "is a scan in which no words could be read, or holds no text"
    return f"is a scan or holds no text; {ocr_packs.ADVICE}"


def notices(sheets: Sequence[Sheet], files: Sequence[str]) -> Iterator[str]:
    """What of a file was not read, in a line each; `files` are the names of those within it."""
    damaged = [each.number for each in sheets if each.damaged]
    if damaged:
        yield f"{_pages(damaged)} could not be read (damaged)"
    fonts = {font for each in sheets for font in each.unread_fonts}
    if fonts:
        where = listed(each.number for each in sheets if each.unread_fonts)
        yield (
            f"letters of fonts that are neither in the file nor on this machine were left out "
            f"({_names(fonts)}; pages {where})"
        )
    empty = [
        each.number for each in sheets if each.is_empty and not each.damaged and not _told(each)
    ]
    if empty:
        hold = "holds" if len(empty) == 1 else "hold"
        yield (
            f"{len(empty)} of {len(sheets)} pages {hold} no text ({listed(empty)}): "
            f"{scans.advice()}"
        )
    pictured = [each.number for each in sheets if each.pictured and not each.read]
    pictured = [number for number in pictured if number not in empty]
    if pictured:
        yield f"{_pages(pictured)}: a picture fills the page: {scans.advice()}"
    for what, numbers in (
        ("text that cannot be seen", [each.number for each in sheets if each.unseen]),
        ("text beyond the page's edges", [each.number for each in sheets if each.outside]),
    ):
        if numbers:
            yield f"{what} was left out ({_pages(numbers)})"
    if strayed := [each.number for each in sheets if each.strayed]:
        where = _pages(strayed)
        yield f"most text lies beyond the page's edges and was read all the same ({where})"
    if layers := {layer for each in sheets for layer in each.layers}:
        yield f"hidden layers were left out: {_names(layers)}"
    if attached := [*files, *(name for each in sheets for name in each.files)]:
        yield f"attached files were left out: {_names(attached)}"


def _told(each: Sheet) -> bool:
    """Whether another notice says why a page holds no text."""
    return bool(each.unread_fonts or each.unseen or each.outside or each.layers)


def _pages(numbers: Sequence[int]) -> str:
    return f"page {numbers[0]}" if len(numbers) == 1 else f"pages {listed(numbers)}"


def _names(names: Sequence[str] | set[str]) -> str:
    ordered = list(dict.fromkeys(names if isinstance(names, list) else sorted(names)))
    more = f" and {len(ordered) - _MOST_NAMES} more" if len(ordered) > _MOST_NAMES else ""
    return ", ".join(f"“{name[:60]}”" for name in ordered[:_MOST_NAMES]) + more
