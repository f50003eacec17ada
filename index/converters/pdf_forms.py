"""Forms and notes of a page of a PDF: values of its fields, comments, and texts written on it.

A field's value is a piece at the field's place, so that it stands behind its label as on the page.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import regex

from index.converters import metadata
from index.converters.pdf_blocks import FIELD
from index.converters.pdf_piece import Piece

_MOST_ANNOTATIONS = 5_000  # of a page
_HIDDEN = 2 | 32  # flags: hidden, and not to be viewed (ISO 32000-1, table 165)
_PASSWORD = 1 << 13  # flag of a text field (table 228)
_LABEL_REACH = 300.0  # points between a field and its label
TICKED, UNTICKED = "☑", "☐"


@dataclass(slots=True)
class Annotations:
    """What stands on a page beside its own text.

    `pieces` are values of fields behind their labels, `items` those without a label, `texts` what
    is written on the page, `comments` notes on it (`[Comment by Ana: …]`), `files` names of files.
    """

    pieces: list[Piece] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Field:
    """A form field: what it is called, and what is in it; its box is in points of the page."""

    name: str
    is_told: bool  # by a tooltip, which is meant for people, and not by a name for programs
    value: str
    is_box: bool
    left: float
    bottom: float
    right: float
    top: float


def annotations(page: Any, form: Any, pieces: Sequence[Piece]) -> Annotations:
    """A page's annotations.

    Args:
        page: pypdfium2's.
        form: PDFium's form environment; None if the file has no form.
        pieces: the page's own, upright as they stand on a page that is not turned.
    """
    from pypdfium2 import raw

    found = Annotations()
    for i in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        each = raw.FPDFPage_GetAnnot(page, i)
        if not each:
            continue
        try:
            if not raw.FPDFAnnot_GetFlags(each) & _HIDDEN:
                _take(found, each, form, pieces)
        finally:
            raw.FPDFPage_CloseAnnot(each)
    return found


def _take(found: Annotations, each: Any, form: Any, pieces: Sequence[Piece]) -> None:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetSubtype(each)
    if kind == raw.FPDF_ANNOT_WIDGET:
        if form and (one := _field(each, form)):
            _place(found, one, pieces)
    elif kind == raw.FPDF_ANNOT_FREETEXT:
        if text := _one_line(_string(each, b"Contents")):
            found.texts.append(text)
    elif kind == raw.FPDF_ANNOT_FILEATTACHMENT:
        found.files.append(_one_line(_string(each, b"Contents")) or "without a name")
    elif kind not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP) and (
        text := _one_line(_string(each, b"Contents"))
    ):
        by = metadata.author(_string(each, b"T"))
        found.comments.append(f"[Comment by {by}: {text}]" if by else f"[Comment: {text}]")


def _field(each: Any, form: Any) -> _Field | None:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, each)
    is_box = kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
    ticked = is_box and bool(raw.FPDFAnnot_IsChecked(form, each))
    if is_box:
        value = TICKED if ticked else UNTICKED
    elif kind == raw.FPDF_FORMFIELD_TEXTFIELD and (
        raw.FPDFAnnot_GetFormFieldFlags(form, each) & _PASSWORD
    ):
        return None
    elif kind in (
        raw.FPDF_FORMFIELD_TEXTFIELD,
        raw.FPDF_FORMFIELD_COMBOBOX,
        raw.FPDF_FORMFIELD_LISTBOX,
    ):
        value = _one_line(_wide(raw.FPDFAnnot_GetFormFieldValue, form, each))
        value = _chosen(each, form) or value
    else:
        return None
    box = raw.FS_RECTF()
    if not value or not raw.FPDFAnnot_GetRect(each, box):
        return None
    tooltip = _one_line(_wide(raw.FPDFAnnot_GetFormFieldAlternateName, form, each))
    name = tooltip or _one_line(_wide(raw.FPDFAnnot_GetFormFieldName, form, each))
    if kind == raw.FPDF_FORMFIELD_RADIOBUTTON:
        option = _one_line(_wide(raw.FPDFAnnot_GetFormFieldExportValue, form, each))
        name = f"{name}: {option}" if option else name
    sides = min(box.left, box.right), min(box.bottom, box.top)
    return _Field(
        name,
        bool(tooltip),
        value,
        is_box,
        *sides,
        max(box.left, box.right),
        max(box.bottom, box.top),
    )


def _chosen(each: Any, form: Any) -> str:
    """What is chosen of a list, as it is shown; "" if nothing is."""
    from pypdfium2 import raw

    count = max(0, min(raw.FPDFAnnot_GetOptionCount(form, each), 1_000))
    labels = (
        _one_line(_wide(raw.FPDFAnnot_GetOptionLabel, form, each, i))
        for i in range(count)
        if raw.FPDFAnnot_IsOptionSelected(form, each, i)
    )
    return ", ".join(filter(None, labels))


def _place(found: Annotations, one: _Field, pieces: Sequence[Piece]) -> None:
    """Put a field's value behind or before its label; without one it is told by its name."""
    label = _label(one, pieces)
    if label is None:
        above = None if one.is_told else _above(one, pieces)
        one = replace(one, name=above.text.rstrip(": ")) if above else one
        text = f"{one.value} {one.name}" if one.is_box else f"{one.name}: {one.value}"
        found.items.append(text.removeprefix(": "))
        return
    left, right = one.left, max(one.right, one.left + 1)
    if label.right <= one.left + label.size:
        left = label.right + 0.3 * label.size  # so that nothing parts them
        right = left + 1
    else:
        right = label.left - 0.3 * label.size
        left = right - 1
    place = left, right, label.base, label.size
    found.pieces.append(Piece(one.value, *place, False, label.order, True, FIELD))


def _label(one: _Field, pieces: Sequence[Piece]) -> Piece | None:
    """The text beside a field: before it, or, for a box to tick, behind it."""
    before, behind = [], []
    for piece in pieces:
        if not one.bottom - 0.3 * piece.size <= piece.base + 0.3 * piece.size <= one.top:
            continue
        if piece.right <= one.left + piece.size and one.left - piece.right < _LABEL_REACH:
            before.append(piece)
        elif piece.left >= one.right - piece.size and piece.left - one.right < 2 * piece.size:
            behind.append(piece)
    if one.is_box and behind:
        return min(behind, key=lambda piece: piece.left)
    return max(before, key=lambda piece: piece.right, default=None)


def _above(one: _Field, pieces: Sequence[Piece]) -> Piece | None:
    """The text right above a field, where it begins as the field does."""
    near = (
        piece
        for piece in pieces
        if abs(piece.left - one.left) < 2 * piece.size
        and -0.3 * piece.size <= piece.base - one.top < 1.5 * piece.size
    )
    return min(near, key=lambda piece: piece.base, default=None)


def _one_line(text: str) -> str:
    return " ".join(regex.sub(r"[\x00-\x1f]", " ", text).split())


def _string(each: Any, key: bytes) -> str:
    from pypdfium2 import raw

    return _wide(raw.FPDFAnnot_GetStringValue, each, key)


def _wide(function: Callable[..., int], *arguments: Any) -> str:
    """A text that PDFium writes as UTF-16 into a buffer of ours."""
    size = function(*arguments, None, 0)
    if not 2 < size < 2**24:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*arguments, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").split("\0", 1)[0]


def attachments(document: Any) -> Iterator[str]:
    """The names of the files within a file."""
    from pypdfium2 import raw

    for i in range(min(raw.FPDFDoc_GetAttachmentCount(document), 100)):
        each = raw.FPDFDoc_GetAttachment(document, i)
        yield (_one_line(_wide(raw.FPDFAttachment_GetName, each)) if each else "") or "unnamed"
