"""The marks on a scan lie over the ink of the cited words and over no other, however it lay."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from index.converters import ocr_packs
from index.converters.page_renderer import PageRenderer
from index.converters.page_words import Quote
from index.converters.sandbox import Converter
from tests.support import printed_pages as printed
from tests.support.scan_marks import marked, mask

FERRY = "The ferry costs nine coins for each boat, and it does not run on Sundays."
NAAV = "नाव का किराया नौ सिक्के है और रविवार को नाव नहीं चलती।"
CRANE = "港口委员会在2019年买了一台能吊起40吨的起重机。"
needs_ocr = pytest.mark.skipif(
    not ocr_packs.installed()
    or not set(ocr_packs.languages()) >= {"eng", "hin", "chi_sim"}
    or not all(printed.font_of(text).exists() for text in (FERRY, NAAV, CRANE)),
    reason="OCR or fonts are not installed: make ocr browser",
)


@pytest.fixture(scope="module")
def converter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Converter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARTICLE_QA_CACHE", str(tmp_path_factory.mktemp("cache")))
        one = Converter()
        yield one
        one.close()


@pytest.fixture(scope="module")
def renderer() -> Iterator[PageRenderer]:
    one = PageRenderer()
    yield one
    one.close()


def english(degrees: float = 0, dpi: int = 200) -> Image.Image:
    return printed.leaning(printed.two_inks(printed.ENGLISH, FERRY, dpi), degrees)


def turned_jpeg(picture: Image.Image) -> bytes:
    """A photograph that says of itself that it lies on its side."""
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter with the clock
    picture.rotate(90, expand=True).save(data, "JPEG", exif=exif, quality=95, subsampling=0)
    return data.getvalue()


@needs_ocr
@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "data", "page", "quote"),
    [
        pytest.param("picture", printed.png(english()), 1, FERRY, id="straight"),
        pytest.param("pdf", printed.pdf("A line.", english(-4)), 2, FERRY, id="leaning in a PDF"),
        pytest.param("picture", printed.png(english(182.5)), 1, FERRY, id="upside down, leaning"),
        pytest.param("picture", turned_jpeg(english(-2)), 1, FERRY, id="turned by its camera"),
        pytest.param(
            "picture", printed.tiff(english(), english(90, 100)), 2, FERRY, id="small, on its side"
        ),
        pytest.param(
            "picture", printed.png(printed.two_inks(printed.HINDI, NAAV)), 1, NAAV, id="Hindi"
        ),
        pytest.param(
            "picture", printed.png(printed.two_inks(printed.CHINESE, CRANE)), 1, CRANE, id="Chinese"
        ),
    ]
    if printed.font_of(CRANE).exists() and printed.font_of(NAAV).exists()
    else [],
)
def test_marks_lie_over_the_cited_words_and_no_others(
    converter: Converter, renderer: PageRenderer, reader: str, data: bytes, page: int, quote: str
) -> None:
    scans = converter.convert(reader, data).scans
    places = renderer.places(data, page, Quote(quote), scans, reader)
    shown = Image.open(io.BytesIO(renderer.picture(data, page, reader).png))
    cited, other = marked(shown, mask(shown.size, places, page))

    assert cited > 0.98
    assert other < 0.01
