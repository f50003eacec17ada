"""LeftOut: what of an Office file was not read, as one plain line for each kind. Pure."""

from collections import Counter
from collections.abc import Iterable

from index.converters.converted import listed

# kind -> what is said of one place, and of several.
_SAID = {
    "hidden": ("hidden text was left out",) * 2,
    "hidden rows": ("hidden table rows were left out",) * 2,
    "struck": ("struck-out text was left out",) * 2,
    "revised": ("tracked changes are read as accepted: deleted text was left out",) * 2,
    "contents": ("its table of contents was left out",) * 2,
    "pictures": ("holds 1 picture, whose words were not read",
                 "holds {} pictures, whose words were not read"),
    "ink": ("holds handwriting, which was not read",) * 2,
    "objects": ("holds 1 embedded file or object, which was not read",
                "holds {} embedded files or objects, which were not read"),
    "media": ("holds 1 recording, which was not read",
              "holds {} recordings, which were not read"),
    "charts": ("holds 1 chart that could not be read", "holds {} charts that could not be read"),
    "parts": ("holds 1 inserted document, which was not read",
              "holds {} inserted documents, which were not read"),
    "counted": ("numbers that LISTNUM and AUTONUM fields count were left out",) * 2,
    "symbols": ("1 symbol of a font is unknown and shown as \N{REPLACEMENT CHARACTER}",
                "{} symbols of a font are unknown and shown as \N{REPLACEMENT CHARACTER}"),
}  # fmt: skip
_ON_SLIDES = {
    "slides": ("is hidden and was left out", "are hidden and were left out"),
    "hidden shapes": ("has hidden shapes, which were left out",
                      "have hidden shapes, which were left out"),
    "outside": ("has shapes outside of it, which were left out",
                "have shapes outside of them, which were left out"),
}  # fmt: skip


class LeftOut:
    """Counts what is not read while a file is; `notices` says it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._slides: dict[str, set[int]] = {}

    def add(self, kind: str, times: int = 1) -> None:
        """Note one of the kinds of `_SAID`."""
        self._counts[kind] += times

    def on_slide(self, kind: str, number: int) -> None:
        """Note one of the kinds of `_ON_SLIDES`."""
        self._slides.setdefault(kind, set()).add(number)

    @property
    def notices(self) -> tuple[str, ...]:
        """A line for each kind, in the order of the tables."""
        slides = (
            f"{_slides(self._slides[kind])} {said[len(self._slides[kind]) > 1]}"
            for kind, said in _ON_SLIDES.items()
            if kind in self._slides
        )
        texts = (
            said[self._counts[kind] > 1].format(self._counts[kind])
            for kind, said in _SAID.items()
            if self._counts[kind]
        )
        return *slides, *texts


def _slides(numbers: Iterable[int]) -> str:
    text = listed(numbers)
    return f"slides {text}" if "-" in text or "," in text else f"slide {text}"
