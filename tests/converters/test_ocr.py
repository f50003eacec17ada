"""Scans and pictures are read by Tesseract, and say so; without it a line says what to install."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from index.articles.formats import format_of, not_read
from index.converters import ocr_cache, ocr_packs
from index.converters.ocr_lines import Line, Paragraph, joined
from index.converters.ocr_slant import slant
from index.converters.page_reading import PageReading
from index.converters.sandbox import Converter
from index.errors import NotText
from index.passage import Page
from index.scanned_page import ScannedPage, ScanWord
from tests.support import printed_pages as printed
from tests.support.paths import ROOT

PACKS = {"eng", "hin", "ind", "chi_sim"}
FONTS = [printed.font_of(text) for text in (printed.ENGLISH, printed.HINDI, printed.CHINESE)]
needs_ocr = pytest.mark.skipif(
    not ocr_packs.installed() or not set(ocr_packs.languages()) >= PACKS,
    reason="OCR is not installed: make ocr",
)
needs_fonts = pytest.mark.skipif(
    not all(font.exists() for font in FONTS), reason="fonts are not installed: make browser"
)


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Converter]:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    one = Converter()
    yield one
    one.close()


def likeness(text: str, right: str) -> float:
    """The share of letters that are right, white space as one."""
    text, right = " ".join(text.split()), " ".join(right.split())
    return 1 - Levenshtein.distance(text, right) / len(right)


@needs_ocr
@needs_fonts
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "least"),
    [
        pytest.param(printed.ENGLISH, 0.99, id="English"),
        pytest.param(printed.HINDI, 0.97, id="Hindi"),
        pytest.param(printed.CHINESE, 0.9, id="Chinese"),
        pytest.param(printed.INDONESIAN, 0.98, id="Indonesian"),
    ],
)
def test_letters_of_a_scan_are_read(text: str, least: float, converter: Converter) -> None:
    found = converter.convert("picture", printed.png(printed.page(text)))

    assert likeness(found.text, text) >= least
    (page,) = found.pages
    assert page.ocr is not None
    assert replace(page, ocr=None) == Page(0, "page", "1")
    assert 0.7 < page.ocr <= 1


@needs_ocr
@needs_fonts
@pytest.mark.slow
@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(printed.leaning(printed.page(printed.ENGLISH), 3), id="leaning"),
        pytest.param(printed.leaning(printed.page(printed.ENGLISH), -5), id="leaning far"),
        pytest.param(printed.leaning(printed.page(printed.ENGLISH), 90), id="on its side"),
        pytest.param(printed.leaning(printed.page(printed.ENGLISH), 180), id="upside down"),
        pytest.param(printed.noisy(printed.page(printed.ENGLISH)), id="grain"),
        pytest.param(printed.page(printed.ENGLISH, 100), id="small"),
    ]
    if printed.font_of("a").exists()
    else [],
)
def test_a_page_that_lies_badly_is_read(picture: Image.Image, converter: Converter) -> None:
    found = converter.convert("picture", printed.png(picture))

    assert likeness(found.text, printed.ENGLISH) >= 0.98


@needs_ocr
@needs_fonts
@pytest.mark.slow
def test_only_pages_without_text_are_read_by_ocr(converter: Converter) -> None:
    scan = printed.page(printed.ENGLISH)
    told: list[tuple[int, int]] = []
    data = printed.pdf("The office opens at nine.", scan, "")
    found = converter.convert("pdf", data, lambda done, pages: told.append((done, pages)))

    assert [page.name for page in found.pages] == ["1", "2"]
    assert [page.ocr is not None for page in found.pages] == [False, True]
    assert found.text.startswith("The office opens at nine.\n\n")
    assert likeness(found.text[found.pages[1].start :], printed.ENGLISH) >= 0.98
    assert found.notices == (
        "1 of 3 pages holds no text (3): no words could be read from their pictures",
    )
    assert told == [(0, 2), (1, 2)]


class _Stopped(Exception):
    """What a person does with Ctrl-C."""


@needs_ocr
@needs_fonts
@pytest.mark.slow
def test_a_scan_that_was_stopped_goes_on_with_its_next_page(
    converter: Converter, tmp_path: Path
) -> None:
    data = printed.tiff(printed.page(printed.ENGLISH), printed.page(printed.INDONESIAN))

    def stop(done: int, pages: int) -> None:
        if done == 1:
            raise _Stopped

    with pytest.raises(_Stopped):
        converter.convert("picture", data, stop)
    before = kept(tmp_path)
    found = converter.convert("picture", data)

    assert [page.name for page in found.pages] == ["1", "2"]
    assert len(before) == 1  # the first page is not read anew
    assert before.items() <= kept(tmp_path).items()
    assert len(kept(tmp_path)) == 2


def kept(folder: Path) -> dict[Path, int]:
    """The pages in the cache, with when they were written."""
    files = (path for path in (folder / "cache" / "ocr").rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in files}


@needs_ocr
def test_a_picture_without_words_is_none(converter: Converter) -> None:
    with pytest.raises(NotText, match="is a picture in which no words could be read"):
        converter.convert("picture", printed.png(Image.linear_gradient("L")))


@needs_ocr
@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\nx", "is a damaged picture", id="damaged"),
        pytest.param(printed.png(Image.new("1", (20_000, 20_000))), "too many dots", id="bomb"),
    ],
)
def test_a_hostile_picture_costs_one_reason(data: bytes, why: str, converter: Converter) -> None:
    with pytest.raises(NotText, match=why):
        converter.convert("picture", data)


WITHOUT = """
from index.articles.formats import format_of, not_read
from index.converters.worker import convert
from index.errors import NotText
from tests.support import printed_pages
from PIL import Image
print(format_of("a.png"), not_read("a.png"), sep="; ")
blank = Image.new("L", (200, 200), 255)
print(convert("pdf", printed_pages.pdf("A line of text.", blank)).notices)
try:
    convert("pdf", printed_pages.pdf(blank))
except NotText as reason:
    print(reason)
"""


def test_without_language_files_a_line_says_what_to_install(tmp_path: Path) -> None:
    """In a process of its own, as what is installed is looked up once."""
    code = (
        "from index.converters import ocr_packs; ocr_packs._FOLDERS = ()\n"
        f"import os; os.environ.pop('TESSDATA_PREFIX', None)\n{WITHOUT}"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert done.splitlines() == [
        "None; .png is not a format that is read; save its words as .txt, or install OCR to read "
        "its words: make ocr",
        "('1 of 2 pages holds no text (2): scans, perhaps; to read them: make ocr, then index "
        "--rebuild',)",
        "is a scan or holds no text; install OCR to read its words: make ocr",
    ]


@needs_ocr
def test_with_them_pictures_are_a_format() -> None:
    found = format_of("Scan.TIFF")

    assert found is not None
    assert found.reader == "picture"
    assert "is not a format that is read" in not_read("a.heic")


def test_a_number_that_was_read_badly_is_marked() -> None:
    line = Line((("Pay", 0.2), ("280", 0.3), ("coins", 0.9), ("in", 0.9), ("2019.", 0.9)))

    assert joined([Paragraph((line,))]) == "Pay 280 [?] coins in 2019."


def test_spaces_between_chinese_letters_go_and_broken_words_are_whole() -> None:
    chinese = Paragraph((Line((("东", 1.0), ("码头", 1.0), ("，", 1.0))), Line((("长", 1.0),))))
    english = Paragraph((Line((("the", 1.0), ("light-", 1.0))), Line((("house", 1.0),))))

    assert joined([chinese, english]).split("\n\n")[0] == "东码头，长"
    assert joined([english]) == "the lighthouse"


@pytest.mark.parametrize("degrees", [-6.0, -2.0, 0.0, 1.5, 5.0])
@needs_fonts
def test_the_slant_of_a_page_is_seen(degrees: float) -> None:
    picture = printed.leaning(printed.page(printed.ENGLISH), degrees)

    assert slant(picture) == pytest.approx(-degrees, abs=0.3)


def test_what_another_wrote_into_the_cache_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path))
    page = ScannedPage(90, 50, 2.5, (ScanWord("Words.", 0, (-20, -5, 20, 5)),))
    ocr_cache.save("ab", 1, "engine", PageReading("Words.", 0.9, page))
    (kept,) = (path for path in (tmp_path / "ocr").rglob("*") if path.is_file())

    assert ocr_cache.load("ab", 1, "engine") == PageReading("Words.", 0.9, page)
    assert ocr_cache.load("ab", 2, "engine") is None
    assert ocr_cache.load("ab", 1, "another engine") is None
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    assert ocr_cache.load("ab", 1, "engine") is None


HANGS_ON_THE_FIRST_PAGE = """
import json, os, time
from multiprocessing.connection import Connection
from index.converters.converted import Converted
connection = Connection(os.dup(0))
connection.send_bytes(b"ready")
while True:
    request, data = connection.recv_bytes().decode(), connection.recv_bytes()
    wishes = json.loads(request.partition("\\n")[2] or "{}")
    answer = {"refused": "is a scan", "wanted": {"pages": [1, 2], "engine": "an engine"}}
    if wishes.get("page") == 1:
        time.sleep(60)
    if "page" in wishes:
        answer = {"read": ["Words.", 0.5, None]}
    if "read" in wishes:
        answer = Converted(json.dumps(wishes["read"])).fields
    connection.send_bytes(json.dumps(answer).encode())
"""


class Hangs(Converter):
    """A converter whose process takes for ever over the first of two scanned pages."""

    def __init__(self) -> None:
        super().__init__(seconds=0.5)
        self.process.command = [sys.executable, "-c", HANGS_ON_THE_FIRST_PAGE]


def test_a_page_that_takes_too_long_costs_that_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path / "cache"))
    one = Hangs()
    try:
        found = one.convert("pdf", b"%PDF-")
    finally:
        one.close()

    assert found.text == '{"1": ["", 0.0], "2": ["Words.", 0.5]}'
    assert len(kept(tmp_path)) == 1  # the other one is tried again
