"""Pages of PDFs as pictures, and where words stand on them: true to the page, and within limits."""

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from index.converters import page_renderer
from index.converters.page_places import Places
from index.converters.page_renderer import PageRenderer
from index.converters.page_words import Quote
from index.converters.pixels import MOST_HEIGHT, MOST_WIDTH
from index.errors import NotText
from index.scanned_page import ScannedPage, ScanWord
from tests.support.harbour_pdf import CRANE, PAGES, STONE, harbour_pdf, place

WHOLE = Quote(CRANE)


@pytest.fixture(scope="module")
def renderer() -> Iterator[PageRenderer]:
    one = PageRenderer()
    yield one
    one.close()


def drawn(draw: Any, width: float = 595, height: float = 842, **more: Any) -> bytes:
    """A PDF of one page that a function draws."""
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=1, **more)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def ink(picture: page_renderer.Picture) -> tuple[float, float, float, float]:
    """The box about all that is not white, in shares of the picture."""
    image = Image.open(io.BytesIO(picture.png)).convert("L").point(lambda value: 255 - value)
    box = image.getbbox()
    assert box is not None
    return (
        box[0] / image.width,
        box[1] / image.height,
        box[2] / image.width,
        box[3] / image.height,
    )


def test_a_page_is_drawn_whole(renderer: PageRenderer) -> None:
    picture = renderer.picture(harbour_pdf(), 1)
    image = Image.open(io.BytesIO(picture.png))

    assert (image.format, image.mode, image.width) == ("PNG", "RGB", 1240)
    assert image.height / image.width == pytest.approx(842 / 595, abs=0.001)
    assert (picture.width, picture.height) == image.size
    assert ink(picture)[0] == pytest.approx(60 / 595, abs=0.005)


@pytest.mark.parametrize("page", [1, None])
def test_boxes_are_about_the_words_and_nothing_else(
    renderer: PageRenderer, page: int | None
) -> None:
    found = renderer.places(harbour_pdf(), page, WHOLE)
    words = place(PAGES[0][1], CRANE.rstrip("."), 1)

    assert found.pages == 3
    ((left, top, right, bottom),) = found.boxes[1]
    assert left == pytest.approx(words.left, abs=0.002)
    assert right == pytest.approx(words.right, abs=0.002)
    assert words.top - 0.01 < top < words.top < words.base < bottom < words.base + 0.01


def test_words_are_sought_on_their_page_and_the_next(renderer: PageRenderer) -> None:
    assert set(renderer.places(harbour_pdf(), 2, Quote(STONE)).boxes) == {2, 3}
    assert set(renderer.places(harbour_pdf(), None, Quote(STONE)).boxes) == {2, 3}
    assert renderer.places(harbour_pdf(), 1, Quote(STONE)).boxes == {}
    assert renderer.places(harbour_pdf(), 99, WHOLE) == Places({}, 3)
    assert renderer.places(harbour_pdf(), None, Quote("The crane is red.")) == Places({}, 3)


def test_a_long_document_is_looked_through_as_a_whole(renderer: PageRenderer) -> None:
    pages = tuple((f"Page of chapter {n}.", f"The count was {n * 7} boats.") for n in range(60))
    found = renderer.places(harbour_pdf(pages), None, Quote("The count was 287 boats."))

    assert (set(found.boxes), found.pages) == ({42}, 60)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_stand_where_the_ink_is_however_a_page_is_turned(
    renderer: PageRenderer, turn: int
) -> None:
    def draw(canvas: Any) -> None:
        canvas.setPageRotation(turn)
        canvas.setFont("Helvetica", 30)
        canvas.drawString(100, 500, "LIGHTHOUSE")

    data = drawn(draw)
    found = renderer.places(data, 1, Quote("LIGHTHOUSE")).boxes[1]
    seen = ink(renderer.picture(data, 1))
    lefts, tops, rights, bottoms = zip(*found, strict=True)
    box = min(lefts), min(tops), max(rights), max(bottoms)

    assert len(found) == 1
    assert all(abs(a - b) < 0.025 for a, b in zip(seen, box, strict=True))
    assert box[0] <= seen[0] + 0.003
    assert box[3] >= seen[3] - 0.003


def test_boxes_are_within_what_a_crop_box_leaves(renderer: PageRenderer) -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 20)
        canvas.drawString(120, 520, "LIGHTHOUSE")
        canvas.drawString(10, 20, "OUTSIDE")

    data = drawn(draw, cropBox=(100, 400, 500, 700))
    seen = ink(renderer.picture(data, 1))
    ((left, top, right, bottom),) = renderer.places(data, 1, Quote("LIGHTHOUSE")).boxes[1]

    assert left == pytest.approx(seen[0], abs=0.01)
    assert right == pytest.approx(seen[2], abs=0.01)
    assert top < seen[1] < seen[3] < bottom
    assert renderer.places(data, 1, Quote("OUTSIDE")).boxes == {}


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(14400, 14400, id="huge"),
        pytest.param(3, 14400, id="narrow"),
        pytest.param(14400, 3, id="flat"),
        pytest.param(5, 5, id="tiny"),
        pytest.param(595, 842, id="A4"),
    ],
)
def test_no_page_makes_a_large_picture(renderer: PageRenderer, width: float, height: float) -> None:
    picture = renderer.picture(drawn(lambda canvas: canvas.rect(1, 1, 2, 2), width, height), 1)

    assert picture.width <= MOST_WIDTH
    assert picture.height <= MOST_HEIGHT
    assert Image.open(io.BytesIO(picture.png)).size == (picture.width, picture.height)


def test_a_page_of_a_hundred_thousand_letters_is_drawn_and_looked_through(
    renderer: PageRenderer,
) -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 2)
        for number in range(500):
            canvas.drawString(5, 14000 - 4 * number, f"line {number} " + "the quay " * 22)

    data = drawn(draw, 14400, 14400)
    begun = time.monotonic()

    assert renderer.picture(data, 1).width == MOST_WIDTH
    assert len(renderer.places(data, 1, Quote("line 77 the quay")).boxes[1]) == 1
    assert renderer.places(data, 1, Quote("the quay")).boxes == {}  # which one, nobody knows
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7\n%%EOF", id="no pages"),
        pytest.param(harbour_pdf()[:900], id="cut off"),
        pytest.param(b"<html><script>1</script></html>", id="another format"),
    ],
)
def test_what_is_no_pdf_costs_one_reason(renderer: PageRenderer, data: bytes) -> None:
    with pytest.raises(NotText):
        renderer.picture(data, 1)
    with pytest.raises(NotText):
        renderer.places(data, 1, WHOLE)
    assert renderer.picture(harbour_pdf(), 1).width == 1240


@pytest.mark.parametrize("page", [0, -1, 4, 10**9])
def test_there_is_no_such_page(renderer: PageRenderer, page: int) -> None:
    with pytest.raises(NotText, match="no such page"):
        renderer.picture(harbour_pdf(), page)


def of_picture(picture: Image.Image, format: str, **more: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **more)
    return file.getvalue()


def half(mode: str, dark: Any, light: Any) -> Image.Image:
    """A picture that is dark on its left and light on its right."""
    made = Image.new(mode, (3000, 1500), light)
    made.paste(dark, (0, 0, 1500, 1500))
    return made


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(of_picture(half("RGB", (9, 9, 9), "white"), "PNG"), id="colours"),
        pytest.param(of_picture(half("L", 9, 255), "BMP"), id="grey"),
        pytest.param(of_picture(half("1", 0, 1), "TIFF", compression="group4"), id="fax"),
        pytest.param(of_picture(half("I;16", 2313, 65535), "PNG"), id="two bytes a dot"),
        pytest.param(of_picture(half("CMYK", (0, 0, 0, 246), 0), "JPEG"), id="inks"),
        pytest.param(of_picture(half("RGBA", (9, 9, 9, 255), 0), "WEBP"), id="transparent"),
        pytest.param(of_picture(half("P", 0, 1), "GIF", transparency=1), id="a clear colour"),
    ],
)
def test_a_picture_is_a_page(renderer: PageRenderer, data: bytes) -> None:
    picture = renderer.picture(data, 1, "picture")
    image = Image.open(io.BytesIO(picture.png))
    left, right = (image.getpixel((x * image.width // 4, 300)) for x in (1, 3))

    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (1240, 620))
    assert (max(left), min(right)) <= (30, 255)  # type: ignore[arg-type]
    assert min(right) >= 240  # type: ignore[arg-type]
    assert renderer.places(data, 1, WHOLE, {}, "picture") == Places({}, 1)


def test_pages_of_a_tiff_file_are_turned(renderer: PageRenderer) -> None:
    pages = [Image.new("L", (90, 60), grey) for grey in (10, 120, 240)]
    data = of_picture(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    shown = [Image.open(io.BytesIO(renderer.picture(data, n, "picture").png)) for n in (1, 2, 3)]

    assert [image.getpixel((5, 5)) for image in shown] == [(10,) * 3, (120,) * 3, (240,) * 3]
    for page in (0, 4):
        with pytest.raises(NotText, match="no such page"):
            renderer.picture(data, page, "picture")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "damaged picture", id="nothing"),
        pytest.param(
            of_picture(Image.new("L", (99, 99)), "PNG")[:60],
            "cannot be drawn|damaged",
            id="cut off",
        ),
        pytest.param(of_picture(Image.new("1", (20_000, 20_000)), "PNG"), "too many", id="bomb"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "damaged picture", id="SVG"),
        pytest.param(harbour_pdf(), "damaged picture", id="a PDF"),
    ],
)
def test_a_hostile_picture_costs_one_reason(renderer: PageRenderer, data: bytes, why: str) -> None:
    with pytest.raises(NotText, match=why):
        renderer.picture(data, 1, "picture")
    assert renderer.picture(harbour_pdf(), 1).width == 1240


def test_words_of_a_scan_are_marked_as_it_leans(renderer: PageRenderer) -> None:
    """Words that begin at the middle of the page, when it stands upright."""
    words = (ScanWord("Grey", 0, (0, -20, 100, 20)), ScanWord("Cape", 0, (110, -20, 200, 20)))
    data = of_picture(Image.new("L", (800, 600), 255), "PNG")
    found = {
        turn: renderer.places(
            data, 1, Quote("Grey Cape"), {1: ScannedPage(800, 600, turn, words)}, "picture"
        )
        for turn in (0.0, 90.0, 180.0, 270.0, 3.0)
    }

    def middle(turn: float) -> tuple[float, float]:
        ((left, top, right, bottom),) = found[turn].boxes[1]
        return round((left + right) / 2 * 800), round((top + bottom) / 2 * 600)

    assert [middle(turn) for turn in found] == [
        (500, 300),
        (400, 400),
        (300, 300),
        (400, 200),
        (500, 305),
    ]
    assert {turn: each.leans for turn, each in found.items() if each.leans} == {3.0: {1: 3.0}}


def test_what_takes_too_long_is_ended() -> None:
    renderer = PageRenderer(seconds=0.0001)

    with pytest.raises(NotText, match="takes more than"):
        renderer.picture(harbour_pdf(), 1)
    assert renderer.process.pid is None


GOOD = {"boxes": {"1": [[0.1, 0.1, 0.2, 0.2]]}, "pages": 1, "leans": {}}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]\n", id="a list"),
        pytest.param(b"{}\n", id="no values"),
        pytest.param(b'{"width": 2, "height": 2}\n12345678901', id="too few pixels"),
        pytest.param(b'{"width": 2, "height": 2}\n1234567890123', id="too many pixels"),
        pytest.param(b'{"width": 0, "height": 2}\n', id="no width"),
        pytest.param(b'{"width": true, "height": 1}\n123', id="no number"),
        pytest.param(b'{"width": 1, "height": 99999}\n' + b"1" * 299997, id="too high"),
        pytest.param(json.dumps({**GOOD, "pages": 0}).encode() + b"\n", id="no pages"),
        pytest.param(json.dumps({**GOOD, "boxes": []}).encode() + b"\n", id="no boxes"),
        pytest.param(
            json.dumps({**GOOD, "boxes": {"1": [[0.1, 0.1, 0.2, 1.2]]}}).encode() + b"\n",
            id="a box beyond the page",
        ),
        pytest.param(
            json.dumps({**GOOD, "boxes": {"1": [[0.1, 0.1, float("nan"), 0.2]]}}).encode() + b"\n",
            id="a box of no number",
        ),
        pytest.param(
            json.dumps({**GOOD, "leans": {"1": 1e9}}).encode() + b"\n", id="a page that rolls"
        ),
        pytest.param(
            json.dumps({**GOOD, "leans": {"2": 1}}).encode() + b"\n",
            id="another page leans",
        ),
        pytest.param(
            json.dumps({**GOOD, "boxes": {"2": [[0.1, 0.1, 0.2, 0.2]]}}).encode() + b"\n",
            id="a page that is none",
        ),
        pytest.param(
            json.dumps({**GOOD, "boxes": {"1": [[0.1, 0.1, 0.2, 0.2]] * 501}}).encode() + b"\n",
            id="too many boxes",
        ),
    ],
)
def test_a_process_that_a_file_took_over_is_not_believed(answer: bytes) -> None:
    """What comes back is checked, whatever it is; here another program answers in its place."""
    renderer = PageRenderer()
    code = (
        "from index.child_process import READY, connected\n"
        "it = connected(); it.send_bytes(READY)\n"
        f"it.recv_bytes(); it.recv_bytes(); it.send_bytes({answer!r})"
    )
    renderer.process.command = [renderer.process.command[0], "-c", code]

    with pytest.raises(NotText, match="cannot be drawn"):
        renderer.places(b"", 1, WHOLE)
    with pytest.raises(NotText, match="cannot be drawn"):
        renderer.picture(b"", 1)
    assert renderer.process.pid is None
