"""Draws PDFs of a few lines at told places, with reportlab, for tests of what stands where."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from index.converters.converted import Converted
from index.converters.worker import convert

Line = tuple[float, float, str]  # points from the left and from the bottom, and what stands there


def pdf(
    *pages: Sequence[Line], size: float = 11, more: Callable[[Any], None] | None = None
) -> bytes:
    """Pages of A5 with lines in Helvetica; `more` draws on the last one."""
    from reportlab.lib.pagesizes import A5
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A5, invariant=1)
    for number, lines in enumerate(pages, 1):
        canvas.setFont("Helvetica", size)
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        if more and number == len(pages):
            more(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def read(
    *pages: Sequence[Line], size: float = 11, more: Callable[[Any], None] | None = None
) -> Converted:
    """What such a PDF becomes."""
    return convert("pdf", pdf(*pages, size=size, more=more))


def column(x: float, y: float, *texts: str, step: float = 14) -> list[Line]:
    """Lines below each other, the first at (x, y)."""
    return [(x, y - i * step, text) for i, text in enumerate(texts)]


def written(canvas: Any, x: float, y: float, *parts: tuple[str, float, float]) -> None:
    """Parts of a line in a row: (text, size of the letters, how far they are raised)."""
    for text, size, rise in parts:
        canvas.setFont("Helvetica", size)
        canvas.drawString(x, y + rise, text)
        x += canvas.stringWidth(text, "Helvetica", size)
