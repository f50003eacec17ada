"""Drawing: what of a PDF's page is no text: pictures, ruled lines, covers, and hidden layers.

Decides by PDFium's own picture of the page which of its doubtful words a reader can see.
"""

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.converters.pdf_paths import MOST_POINTS, Box, lines
from index.converters.pdf_style import Style

_MOST_OBJECTS = 20_000  # of a page that are looked at
_MOST_COVERS = 200  # of a page, the largest, that may hide text
_MOST_PIXELS = 4_000_000  # of a page's picture
_CONTRAST = 24  # of 255: less is not seen
_PLAIN: dict[str, Any] = {"grayscale": True, "may_draw_forms": False, "draw_annots": False}


@dataclass(slots=True)
class Drawing:
    """A page's objects by what they are; `covers` are filled shapes, each with its place in order.

    `order` gives each text object's place among the page's objects, by its address; `stretched` how
    far the objects after it go whose letters it was given, in points to the right.
    """

    images: list[Box] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    covers: list[tuple[int, Box]] = field(default_factory=list)
    order: dict[int, int] = field(default_factory=dict)
    unread_fonts: list[str] = field(default_factory=list)
    stretched: dict[int, float] = field(default_factory=dict)


def drawing(page: Any, text_page: Any, styles: dict[int, Style]) -> Drawing:
    """Go once through a page's objects; `styles` are those of the text that was read."""
    from pypdfium2 import raw

    found, read, points = Drawing(), 0, MOST_POINTS
    known = {style.font for style in styles.values()}
    for i in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        each = raw.FPDFPage_GetObject(page, i)
        match raw.FPDFPageObj_GetType(each):
            case raw.FPDF_PAGEOBJ_TEXT:
                address = ctypes.addressof(each.contents)
                found.order[address] = i
                if address in styles:
                    read = address
                elif (font := _unread(each, text_page)) and font not in known:
                    found.unread_fonts.append(font)
                else:
                    for box in _box(each) if read else []:
                        found.stretched[read] = max(found.stretched.get(read, -1e9), box.right)
            case raw.FPDF_PAGEOBJ_IMAGE:
                found.images += _box(each)
                found.covers += [(i, box) for box in _box(each)]
            case raw.FPDF_PAGEOBJ_PATH:
                points -= _path(found, i, each, points=points)
    found.covers.sort(key=lambda cover: cover[1].area, reverse=True)
    del found.covers[_MOST_COVERS:]
    return found


def _box(each: Any) -> list[Box]:
    from pypdfium2 import raw

    sides = [ctypes.c_float() for _ in range(4)]
    seen = raw.FPDFPageObj_GetBounds(each, *sides)
    return [Box(*(side.value for side in sides))] if seen else []


def _path(found: Drawing, i: int, each: Any, *, points: int) -> int:
    """Take in a shape; gives how many points were looked at."""
    from pypdfium2 import raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(each, fill, stroke)
    count = 0
    for box in _box(each):
        if box.is_thin:
            found.rules.append(box)
            continue
        count = raw.FPDFPath_CountSegments(each)
        if 2 < count <= points and (stroke.value or count > 6):
            found.rules += lines(each, stroked=bool(stroke.value))
        if fill.value:
            found.covers.append((i, box))
    return count


def _unread(text_object: Any, text_page: Any) -> str:
    """The font of letters that PDFium draws without knowing them; "" if they are known.

    A font that is not in the file is taken from the machine, and where it has none the letters are
    left out.
    """
    from pypdfium2 import raw

    if raw.FPDFTextObj_GetText(text_object, text_page, None, 0) > 2:
        return ""
    font = raw.FPDFTextObj_GetFont(text_object)
    if not font or raw.FPDFFont_GetIsEmbedded(font) != 0:
        return ""
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") or "without a name"


@dataclass(slots=True)
class Picture:
    """A page as PDFium draws it, in grey, to see whether words can be seen; drawn when asked."""

    page: Any
    _drawn: Any = None

    def shows(self, box: Box) -> bool:
        """Whether anything but one even colour is seen within a box of the page."""
        rows, width, height = self._pixels()
        left, top = self._device(box.left, box.top, width, height)
        right, bottom = self._device(box.right, box.bottom, width, height)
        xs, ys = sorted((left, right)), sorted((top, bottom))
        x, x_end = max(0, xs[0]), min(width, xs[1] + 1)
        y, y_end = max(0, ys[0]), min(height, ys[1] + 1)
        if x >= x_end or y >= y_end:
            return False
        part = rows[y:y_end, x:x_end]
        return int(part.max()) - int(part.min()) >= _CONTRAST

    def _pixels(self) -> tuple[Any, int, int]:
        if self._drawn is None:
            wide, high = self.page.get_size()
            scale = min(2.0, (_MOST_PIXELS / max(wide * high, 1)) ** 0.5)
            bitmap = self.page.render(scale=scale, **_PLAIN)
            self._drawn = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
        return self._drawn, self._drawn.shape[1], self._drawn.shape[0]

    def _device(self, x: float, y: float, width: int, height: int) -> tuple[int, int]:
        from pypdfium2 import raw

        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(self.page, 0, 0, width, height, 0, x, y, across, down)
        return across.value, down.value


def covers(drawn: Drawing, address: int, box: Box) -> list[Box]:
    """The filled shapes that are drawn over any part of a text."""
    place = drawn.order.get(address)
    if place is None:
        return []
    return [
        cover
        for i, cover in drawn.covers
        if i > place
        and cover.left < box.right
        and cover.right > box.left
        and cover.bottom < box.top
        and cover.top > box.bottom
    ]


def hidden_layers(page: Any, drawn: Drawing, addresses: Iterable[int]) -> dict[int, str]:
    """The texts whose layer is not shown, by their addresses, each with the layer's name.

    PDFium is asked to draw one text of each layer alone: nothing is seen of a hidden one.
    """
    from pypdfium2 import raw

    layers: dict[str, list[int]] = {}
    objects: dict[str, Any] = {}
    for address in addresses:
        if address in drawn.order:
            each = raw.FPDFPage_GetObject(page, drawn.order[address])
            layer = _layer(each)
            if layer is not None:
                layers.setdefault(layer, []).append(address)
                objects.setdefault(layer, each)
    return {
        address: layer
        for layer, members in layers.items()
        if not _is_shown(page, objects[layer])
        for address in members
    }


def _layer(each: Any) -> str | None:
    """The name of the layer that an object is on, "" if it has no name; None without a layer."""
    from pypdfium2 import raw

    for i in range(raw.FPDFPageObj_CountMarks(each)):
        mark = raw.FPDFPageObj_GetMark(each, i)
        if _read(raw.FPDFPageObjMark_GetName, mark) == "OC":
            return _read(raw.FPDFPageObjMark_GetParamStringValue, mark, b"Name")
    return None


def _read(function: Any, *arguments: Any) -> str:
    size = ctypes.c_ulong()
    function(*arguments, None, 0, size)
    buffer = (ctypes.c_ushort * (size.value // 2 + 1))()
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size.value, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")


def _is_shown(page: Any, shown: Any) -> bool:
    from pypdfium2 import raw

    others = [raw.FPDFPage_GetObject(page, i) for i in range(raw.FPDFPage_CountObjects(page))]
    alone = ctypes.addressof(shown.contents)
    others = [each for each in others if ctypes.addressof(each.contents) != alone]
    active = [each for each in others if _is_active(each)]
    for each in active:
        raw.FPDFPageObj_SetIsActive(each, False)
    wide, high = page.get_size()
    scale = min(1.0, (_MOST_PIXELS / max(wide * high, 1)) ** 0.5)
    pixels = page.render(scale=scale, **_PLAIN).to_numpy()
    for each in active:
        raw.FPDFPageObj_SetIsActive(each, True)
    return int(pixels.max()) - int(pixels.min()) >= _CONTRAST


def _is_active(each: Any) -> bool:
    from pypdfium2 import raw

    active = ctypes.c_int()
    return bool(raw.FPDFPageObj_GetIsActive(each, active) and active.value)


def seen(picture: Picture, drawn: Drawing, style: Style, box: Box) -> bool:
    """Whether a reader sees a text; the text layer of a scan, over its picture, counts as seen."""
    if not style.drawn:
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        return any(image.holds(x, y) for image in drawn.images)
    if style.doubtful or covers(drawn, style.address, box):
        return style.size >= 1 and picture.shows(box)
    return True


def outside(box: Box, edges: Sequence[float]) -> bool:
    """Whether the middle of a text lies beyond the page's edges (left, bottom, right, top)."""
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return not Box(*edges).holds(x, y)
