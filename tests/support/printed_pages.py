"""Printed pages: texts drawn as pictures, as a scanner would give them."""

import io
from pathlib import Path

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
    font = ImageFont.truetype(str(font_of(text)), round(_SIZE * dpi / 72))
    words = text.split(" ") if " " in text else list(text)
    gap = " " if " " in text else ""
    picture = Image.new("L", (round((_WIDTH + 2 * _MARGIN) * dpi), round(3 * dpi)), 255)
    pen, line, top = ImageDraw.Draw(picture), "", round(_MARGIN * dpi)
    for word in [*words, ""]:
        longer = f"{line}{gap if line else ''}{word}"
        if word and pen.textlength(longer, font=font) <= _WIDTH * dpi:
            line = longer
            continue
        pen.text((_MARGIN * dpi, top), line, font=font, fill=20)
        top, line = top + round(_SIZE * dpi / 72 * 1.5), word
    return picture.crop((0, 0, picture.width, top + round(_MARGIN * dpi)))


def leaning(picture: Image.Image, degrees: float) -> Image.Image:
    """A page that lay askew, or on its side."""
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)


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
