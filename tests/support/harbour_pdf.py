"""Harbour PDF: an article of three pages whose words stand where a test says."""

import io
from dataclasses import dataclass

WIDTH, HEIGHT = 595.0, 842.0  # points
SIZE = 14  # points, of the letters
FONT = "Helvetica"
LEFT, FIRST_LINE, LEADING = 60.0, 742.0, 20.0

CRANE = "The new crane of Grey Cape was built by Holm and Sons in 2019."
QUAY = "The east quay was measured in June and it is two hundred and ten metres long."
STONE = "The oldest stone of the breakwater was laid by Mira Holm in the spring of 1790."
PAGES = (
    ("Notes on the harbour of Grey Cape.", CRANE, "It came by ship from the north."),
    (
        "The board met twice this year.",
        "The east quay was measured in June and it is two",
        "hundred and ten metres long.",
        "The oldest stone of the breakwater was laid",
    ),
    ("by Mira Holm in the spring of 1790.", "Nobody was hurt that year."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Where a run of a line's words stands: in shares of the page, from its upper left."""

    left: float
    top: float
    right: float
    base: float


def harbour_pdf(pages: tuple[tuple[str, ...], ...] = PAGES, *, title: str = "The harbour") -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setTitle(title)
    for lines in pages:
        canvas.setFont(FONT, SIZE)
        for number, line in enumerate(lines):
            canvas.drawString(LEFT, FIRST_LINE - LEADING * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def place(line: str, words: str, number: int) -> Line:
    """Where words of a line stand, which is drawn as the `number`th of its page, from 0."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    left = LEFT + stringWidth(line[: line.index(words)], FONT, SIZE)
    right = left + stringWidth(words, FONT, SIZE)
    base = FIRST_LINE - LEADING * number
    top = base + 0.72 * SIZE  # the height of Helvetica's capitals
    return Line(left / WIDTH, 1 - top / HEIGHT, right / WIDTH, 1 - base / HEIGHT)
