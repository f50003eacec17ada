"""Pictures: files of pictures, and pages of PDFs drawn as such.

The words of a picture are read by index/converters/ocr.py, one page at a time.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

from index.converters import ocr_packs, scans
from index.converters.converted import Converted, listed
from index.converters.pixels import MOST_HEIGHT, MOST_WIDTH, Pixels
from index.errors import NotText
from index.passage import Page

_DOTS = 300  # per inch, of a page that is drawn
_MOST_DOTS = 40_000_000
_MOST_PAGES = 2_000
_MOVING = ("GIF", "WEBP", "PNG")  # whose other pictures are of a film
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")


def read(data: bytes) -> Converted:
    """Read a picture, or the pages of a TIFF file, from what was read of them.

    Raises:
        NotText: it is damaged, or holds no words.
    """
    if not ocr_packs.installed():
        raise NotText(f"is a picture; {ocr_packs.ADVICE}")
    found = [(number, scans.words(number)) for number in range(1, count(data) + 1)]
    pages, parts, start = [], [], 0
    for number, words in found:
        if words:
            pages.append(Page(start, "page", str(number), words[1]))
            parts.append(words[0])
            start += len(words[0]) + 2
    if not parts:
        raise NotText("is a picture in which no words could be read")
    empty = [number for number, words in found if not words]
    some = "page" if len(empty) == 1 else "pages"
    notices = (f"no words could be read on {some} {listed(empty)}",) if empty else ()
    return Converted("\n\n".join(parts), pages=tuple(pages), notices=notices)


def count(data: bytes) -> int:
    """How many pages a picture has: those of a TIFF file, or one.

    Raises:
        NotText: it is damaged, or has too many.
    """
    with _opened(data) as picture:
        found = 1 if picture.format in _MOVING else int(getattr(picture, "n_frames", 1))
    if found > _MOST_PAGES:
        raise NotText(f"has more than {_MOST_PAGES} pages; split it")
    return found


def pixels(data: bytes, number: int) -> Pixels:
    """A page of a picture in its colours, as large as it may be shown; `number` is from 1.

    Raises:
        NotText: there is no such page, or it is damaged.
    """
    if not 1 <= number <= count(data):
        raise NotText("has no such page")
    picture = _in_colour(page("picture", data, number))
    picture.thumbnail((MOST_WIDTH, MOST_HEIGHT))
    return Pixels(picture.width, picture.height, picture.tobytes())


def on_white(picture: Any) -> Any:
    """A PIL image as it is seen on paper, where parts of it are transparent."""
    from PIL import Image

    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)


def _in_colour(picture: Any) -> Any:
    """A PIL image with three bytes for each dot."""
    if picture.mode.startswith("I"):  # Pillow would cut what has more than a byte off at 255
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    return on_white(picture).convert("RGB")


def page(reader: str, data: bytes, number: int) -> Any:
    """A page as a PIL image; `number` is from 1.

    Raises:
        NotText: there is no such page, or it is damaged.
    """
    if reader == "pdf":
        return _drawn(data, number)
    with _opened(data) as picture:
        with contextlib.suppress(EOFError):
            picture.seek(number - 1)
        from PIL import ImageOps

        try:
            return ImageOps.exif_transpose(picture.copy())
        except (OSError, SyntaxError, ValueError) as error:
            raise NotText("is a damaged picture") from error


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                yield picture
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise NotText("is a picture of too many dots; make it smaller") from error
        except UnidentifiedImageError as error:
            raise NotText("is a damaged picture") from error


def _drawn(data: bytes, number: int) -> Any:
    """A page of a PDF, drawn with its marks and form fields."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        sheet = document[number - 1]
        width, height = sheet.get_size()
        scale = min(_DOTS / 72, (_MOST_DOTS / max(width * height, 1)) ** 0.5)
        return sheet.render(scale=scale, grayscale=True).to_pil()
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise NotText("is a damaged PDF") from error
