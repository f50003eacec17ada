"""Pixels: a page as a picture, before it is one of any format. Pure."""

from dataclasses import dataclass

# 150 to the inch on A4, which can be read when it is enlarged twice.
MOST_WIDTH, MOST_HEIGHT = 1240, 2480


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture: `data` has three bytes for each pixel (red, green, blue), row by row."""

    width: int
    height: int
    data: bytes
