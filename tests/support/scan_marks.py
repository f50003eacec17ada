"""Scan marks: how much of the ink of cited words a mark lies over, and how much of other ink."""

import math

import numpy as np
from PIL import Image, ImageDraw

from index.converters.page_places import Places
from index.converters.page_words import Box


def marked(picture: Image.Image, mask: Image.Image) -> tuple[float, float]:
    """The shares of cited and of other ink (see `printed_pages.two_inks`) below a mask."""
    red, _, blue = (np.asarray(band, dtype=int) for band in picture.convert("RGB").split())
    below = np.asarray(mask.convert("L")) > 128
    inks = (blue - red > 60) & (red < 160), (red - blue > 40) & (blue < 160)
    cited, other = (float(below[ink].mean()) for ink in inks)
    return cited, other


def mask(size: tuple[int, int], places: Places, page: int) -> Image.Image:
    """The marks of a page, white on black, laid as a browser lays them."""
    made = Image.new("L", size)
    lean = math.radians(places.leans.get(page, 0.0))
    for box in places.boxes[page]:
        ImageDraw.Draw(made).polygon(_corners(box, size, lean), fill=255)
    return made


def _corners(box: Box, size: tuple[int, int], lean: float) -> list[tuple[float, float]]:
    """The corners of a box that is turned about its middle, with the clock."""
    (left, right), (top, bottom) = ((box[i] * size[i], box[i + 2] * size[i]) for i in (0, 1))
    across, down = (left + right) / 2, (top + bottom) / 2
    return [
        (
            across + (x - across) * math.cos(lean) - (y - down) * math.sin(lean),
            down + (x - across) * math.sin(lean) + (y - down) * math.cos(lean),
        )
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
