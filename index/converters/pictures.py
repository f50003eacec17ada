"""Pictures: files of pictures, and pages of PDFs drawn as such; only home of Pillow.

The words of a picture are read by index/converters/ocr.py, one page at a time.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

from index.converters import ocr_packs, scans
from index.converters.converted import Converted, listed
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
    with _opened(data) as picture:
        count = 1 if picture.format in _MOVING else getattr(picture, "n_frames", 1)
    if count > _MOST_PAGES:
        raise NotText(f"has more than {_MOST_PAGES} pages; split it")
    found = [(number, scans.words(number)) for number in range(1, count + 1)]
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
