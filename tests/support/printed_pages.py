"""Printed pages: texts drawn as pictures, as a scanner would give them."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

NOTO = Path("/usr/share/fonts/truetype/noto")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
ENGLISH = (
    "The East Quay of Grey Cape is 210 metres long and was built in 1890. The ferry costs nine "
    "coins for each boat, and it does not run on Sundays. Large boats pay 14 coins a night."
)
HINDI = (
    "पूर्वी घाट 210 मीटर लंबा है और 1890 में बनाया गया था। "
    "नाव का किराया नौ सिक्के है और रविवार को नाव नहीं चलती। बड़ी नावें एक रात के लिए 14 सिक्के देती हैं।"
)
CHINESE = (
    "东码头长210米，建于1890年。渡船星期日不开。港口委员会在2019年买了一台能吊起40吨的起重机。"
)
INDONESIAN = (
    "Dermaga timur Tanjung Kelabu panjangnya 210 meter dan dibangun pada tahun 1890. Ongkos kapal "
    "feri sembilan koin untuk setiap perahu, dan tidak beroperasi pada hari Minggu."
)
_WIDTH, _MARGIN, _SIZE = 6.3, 0.8, 11  # inches, inches, points


def font_of(text: str) -> Path:
    """A font that has the letters of a text."""
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return CJK
    devanagari = any("\u0900" <= letter <= "\u097f" for letter in text)
    return NOTO / f"NotoSerif{'Devanagari' if devanagari else ''}-Regular.ttf"


def page(text: str, dpi: int = 200) -> Image.Image:
    """A text in lines of a page's width, grey on white."""
    return _drawn(text, "", dpi, "L", 255, (20, 20))


def two_inks(text: str, cited: str, dpi: int = 200) -> Image.Image:
    """The same in two inks, as dark as each other: blue where words are cited, red elsewhere."""
    return _drawn(text, cited, dpi, "RGB", "white", ((110, 0, 0), (0, 0, 255)))


def _drawn(text: str, cited: str, dpi: int, mode: str, paper: Any, inks: Any) -> Image.Image:
    font = ImageFont.truetype(str(font_of(text)), round(_SIZE * dpi / 72))
    picture = Image.new(mode, (round((_WIDTH + 2 * _MARGIN) * dpi), round(3 * dpi)), paper)
    pen, top, left = ImageDraw.Draw(picture), round(_MARGIN * dpi), _MARGIN * dpi
    first = text.index(cited)
    for start, line in _lines(text, pen, font, _WIDTH * dpi):
        edges = [min(max(edge - start, 0), len(line)) for edge in (first, first + len(cited))]
        pen.text((left, top), line, font=font, fill=inks[0])
        if cited and edges[0] < edges[1]:
            begin, end = (left + pen.textlength(line[:edge], font=font) for edge in edges)
            box = round(begin), top, round(end), top + round(1.5 * _SIZE * dpi / 72)
            its = Image.new(mode, picture.size, paper)
            ImageDraw.Draw(its).text((left, top), line, font=font, fill=inks[1])
            picture.paste(its.crop(box), box)
        top += round(_SIZE * dpi / 72 * 1.5)
    return picture.crop((0, 0, picture.width, top + round(_MARGIN * dpi)))


def _lines(
    text: str, pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, width: float
) -> Iterator[tuple[int, str]]:
    """Each line, with where it begins in the text."""
    gap, start, line = " " if " " in text else "", 0, ""
    for word in text.split(" ") if gap else list(text):
        longer = f"{line}{gap if line else ''}{word}"
        if pen.textlength(longer, font=font) <= width:
            line = longer
            continue
        yield start, line
        start, line = start + len(line) + len(gap), word
    yield start, line


def leaning(picture: Image.Image, degrees: float) -> Image.Image:
    """A page that lay askew, or on its side."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def noisy(picture: Image.Image, spread: float = 40) -> Image.Image:
    """A page with the grain of a bad copy."""
    grain = np.random.default_rng(1).normal(0, spread, (picture.height, picture.width))
    dots = (np.asarray(picture).astype(float) + grain).clip(0, 255).astype("uint8")
    return Image.fromarray(dots).filter(ImageFilter.GaussianBlur(0.6))


def png(picture: Image.Image) -> bytes:
    """The bytes of a PNG file."""
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def tiff(*pictures: Image.Image) -> bytes:
    """The bytes of a TIFF file of several pages."""
    data = io.BytesIO()
    pictures[0].save(data, "TIFF", save_all=True, append_images=list(pictures[1:]))
    return data.getvalue()


def pdf(*pages: str | Image.Image) -> bytes:
    """A PDF whose pages are a line of text, a scan, or nothing ("")."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(595, 842), invariant=True)
    for each in pages:
        if isinstance(each, str):
            canvas.drawString(72, 760, each)
        else:
            height = 555 * each.height / each.width
            canvas.drawImage(ImageReader(each), 20, 800 - height, width=555, height=height)
        canvas.showPage()
    canvas.save()
    return data.getvalue()
