"""OCR: words of a picture, and where they stand, by Tesseract in this process.

The picture is turned upright, its script chooses the language, and each paragraph comes with how
sure the engine was of its words. Tesseract is Apache-2.0, its language files too.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from index.converters import ocr_packs
from index.converters.ocr_lines import joined
from index.converters.ocr_places import placed
from index.converters.ocr_result import paragraphs
from index.converters.ocr_slant import slant
from index.converters.page_reading import PageReading
from index.converters.pictures import on_white
from index.errors import NotText
from index.text.languages import detect

VERSION = 2
"""Of what is read: another one reads pages anew that were read before."""

_MOST_PIXELS = 60_000_000  # a page of A3 at 400 dots per inch
# Tesseract reads capitals of 20 to 40 pixels best (its documentation, "Improving the quality").
_LINE_HEIGHT, _SMALL_LINE, _MOST_SCALE = 40, 26, 3
_INK = 40  # of 255: an empty page of paper has less between its lightest and darkest dots
_SURE_SCRIPT = 1.0  # of Tesseract's own measure; a page of text has 2 and more
_SURE = 0.5  # mean of a page's words; pictures without words have 0.3
_SURE_PARAGRAPH = 0.4
_SURE_ALREADY = 0.75
_SEARCH_S = 15.0  # seconds, after which no other way to turn a page is tried
# On 24 pages in two fonts at three sizes, files for simplified letters were at most 0.06 less sure
# of their own than those for traditional ones, and at least 0.09 of the others'.
_TRADITIONAL = 0.08
# Tesseract's names of scripts -> languages, the likely one first.
_LANGUAGES = {
    "Latin": ("eng",),
    "Devanagari": ("hin", "mar", "nep", "san"),
    "Han": ("chi_sim", "chi_tra"),
    "Japanese": ("jpn",),
    "Korean": ("kor",),
    "Hangul": ("kor",),
    "Cyrillic": ("rus", "ukr", "bul", "srp"),
    "Arabic": ("ara", "fas", "urd"),
    "Greek": ("ell",),
    "Hebrew": ("heb",),
    "Thai": ("tha",),
    "Bengali": ("ben",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Kannada": ("kan",),
    "Malayalam": ("mal",),
    "Gujarati": ("guj",),
    "Gurmukhi": ("pan",),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Khmer": ("khm",),
    "Lao": ("lao",),
    "Myanmar": ("mya",),
    "Sinhala": ("sin",),
    "Tibetan": ("bod",),
    "Ethiopic": ("amh",),
}
# ISO 639-3 codes of ours whose language files have another name.
_OF_ISO = {"zho": "chi_sim", "cmn": "chi_sim", "zsm": "msa"}
_READ_FIRST = ("eng", "eng+hin", "chi_sim", "chi_tra")  # where no script is sure


def engine() -> str:
    """What reads: the engine's version, ours, and the language files that are there."""
    import tesserocr

    version = tesserocr.tesseract_version().split("\n", 1)[0]
    return f"{version} {VERSION} {' '.join(ocr_packs.languages())}"


def read(picture: Any) -> PageReading:
    """Read a PIL image. A picture without words gives "".

    Raises:
        NotText: no language file is there for its script, or it is too large.
    """
    if picture.width * picture.height > _MOST_PIXELS:
        raise NotText("is a picture of more than 60 million dots; make it smaller")
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # the other cores have work of their own
    picture, begun = _plain(picture), time.monotonic()
    nothing = PageReading("", 0.0)
    darkest, lightest = picture.getextrema()
    if lightest - darkest < _INK:
        return nothing
    turn, languages = _script(picture)
    best = _upright(picture, turn, languages)
    for more in (0, 180, 90, 270):  # script and turn of a page of few words are guessed badly
        if best.sure >= _SURE_ALREADY or time.monotonic() - begun > _SEARCH_S:
            break
        other = _upright(picture, turn + more, _known(_READ_FIRST))
        best = max(best, other, key=lambda each: each.sure)
    if best.page is None or best.sure < _SURE:
        return nothing
    return replace(best, page=replace(best.page, width=picture.width, height=picture.height))


def _upright(picture: Any, turn: int, languages: list[str]) -> PageReading:
    """Read a picture that stands upright when it is turned by so many degrees."""
    turned = picture.rotate(turn, expand=True)
    if lean := slant(turned):
        turned = turned.rotate(lean, resample=3, expand=True, fillcolor=255)  # bicubic
    best = _best([(language, _read(turned, language)) for language in languages])
    if other := _other_language(best.text, languages):
        best = max(best, _read(turned, other), key=lambda each: each.sure)
    page = best.page and replace(best.page, turn=(turn + lean + best.page.turn) % 360)
    return replace(best, page=page)


def _best(found: list[tuple[str, PageReading]]) -> PageReading:
    """The reading that is surest; of two for Chinese letters that of simplified ones, if nearly so.

    The file for traditional letters also reads simplified ones, and gives their traditional forms.
    """
    weighed = ((each.sure - _TRADITIONAL * ("chi_tra" in name), each) for name, each in found)
    return max(weighed, key=lambda pair: pair[0])[1]


def _plain(picture: Any) -> Any:
    """Grey on white, in an order of dots that Tesseract knows."""
    return on_white(picture).convert("L")


@contextmanager
def _tesseract(language: str, mode: int) -> Iterator[Any]:
    import tesserocr

    path = f"{ocr_packs.folder()}/"
    with tesserocr.PyTessBaseAPI(path=path, lang=language, psm=mode) as api:
        yield api


def _script(picture: Any) -> tuple[int, list[str]]:
    """(degrees to turn it against the clock, languages to try), each as Tesseract names it."""
    from tesserocr import PSM

    found = None
    if ocr_packs.has_scripts():
        with _tesseract("osd", PSM.OSD_ONLY) as api:
            api.SetImage(picture)
            found = api.DetectOrientationScript()
    if not found:
        return 0, _known(_READ_FIRST)
    turn = int(found["orient_deg"]) if found["orient_conf"] >= _SURE_SCRIPT else 0
    if found["script_conf"] < _SURE_SCRIPT:
        return turn, _known(_READ_FIRST)
    return turn, _of_script(str(found["script_name"]))


def _of_script(script: str) -> list[str]:
    wanted = _LANGUAGES.get(script, ())
    there = ocr_packs.languages()
    found = [language for language in wanted if language in there]
    if script == "Latin":
        found = found or [name for name in there if name not in _NOT_LATIN][:1]
    if not found and wanted:
        raise NotText(
            f"is a picture of {script} letters, for which no language file is installed; "
            f"install tesseract-ocr-{wanted[0].replace('_', '-')}"
        )
    # Numbers stand in every text, and are read best by the files for Latin letters: those for
    # Devanagari took 210 for 280. Those for Chinese read them well.
    with_english = "eng" in there and script not in ("Latin", "Han")
    mixed = [f"eng+{language}" for language in found] if with_english else []
    return [*mixed, *found] or _known(_READ_FIRST)


_NOT_LATIN = frozenset(
    language for script, each in _LANGUAGES.items() if script != "Latin" for language in each
)


def _known(wanted: tuple[str, ...]) -> list[str]:
    there = ocr_packs.languages()
    known = [language for language in wanted if set(language.split("+")) <= set(there)]
    return known or list(there[:1])


def _other_language(text: str, languages: list[str]) -> str:
    """A language in Latin letters that the text is in and that was not tried, "" if none."""
    if any(_NOT_LATIN.intersection(language.split("+")) for language in languages):
        return ""
    found = detect(text) if len(text) > 40 else ""
    code = _OF_ISO.get(_iso3(found), _iso3(found))
    packs = ocr_packs.languages()
    if code not in packs or code in _NOT_LATIN or code in languages:
        return ""
    # With English beside it: the file for Indonesian alone took 2,8% for 2,890.
    return f"{code}+eng" if "eng" in packs else code


_ISO3 = {
    "en": "eng", "es": "spa", "id": "ind", "ms": "msa", "fr": "fra", "de": "deu", "pt": "por",
    "it": "ita", "nl": "nld", "pl": "pol", "tr": "tur", "vi": "vie", "sv": "swe", "da": "dan",
    "nb": "nor", "no": "nor", "fi": "fin", "cs": "ces", "ro": "ron", "hu": "hun", "ca": "cat",
}  # fmt: skip


def _iso3(code: str) -> str:
    return _ISO3.get(code, code)


def _read(picture: Any, language: str) -> PageReading:
    from tesserocr import PSM

    width, height = picture.size
    with _tesseract(language, PSM.AUTO) as api:
        api.SetImage(picture)
        api.SetSourceResolution(300)
        if scale := _scale(api):
            size = round(width * scale), round(height * scale)
            if size[0] * size[1] <= _MOST_PIXELS:
                picture = picture.resize(size, 3)  # bicubic
                api.SetImage(picture)
                api.SetSourceResolution(300)
        api.Recognize()
        found = [each for each in paragraphs(api) if each.sure >= _SURE_PARAGRAPH]
    words = sum(each.words for each in found)
    sure = sum(each.sure * each.words for each in found) / words if words else 0.0
    return PageReading(joined(found), round(sure, 4), placed(found, picture.size, (width, height)))


def _scale(api: Any) -> float:
    """How much larger a picture of small letters should be; 0 for as it is."""
    heights = sorted(box["h"] for _, box, *_ in api.GetTextlines() or ())
    usual = heights[len(heights) // 2] if heights else _LINE_HEIGHT
    return min(_LINE_HEIGHT / max(usual, 1), _MOST_SCALE) if usual < _SMALL_LINE else 0
