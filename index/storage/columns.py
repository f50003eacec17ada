"""Columns: what each column of an index's tables may hold, checked in every row that is read.

SQLite keeps a value of any type in any column, so a file that was made by hand may hold numbers
that are none, bytes for words, and ids that lead out of a folder. Every column that the program
reads is named here, whichever statement reads it; all that is made of rows elsewhere relies on it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from index.passage import PageKind


class BadValue(ValueError):
    """A value that no column of its name holds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The values of a column: their types, and what must hold for each beyond that."""

    words: str
    types: frozenset[type]
    fits: Callable[[Any], bool] | None = None


def _is_id(value: str) -> bool:
    """Whether it is a path below a folder, as `index/articles/files.py` gives them."""
    parts = value.split("/")
    return bool(value) and not value.startswith("/") and ".." not in parts and "\0" not in value


_NONE = type(None)
_TEXT = Kind("a text", frozenset({str}))
_ID = Kind("a path below a folder", _TEXT.types, _is_id)
_BELOW = Kind("a path below a folder, or nothing", _TEXT.types, lambda v: not v or _is_id(v))
_PATH = Kind("an absolute path", _TEXT.types, lambda v: v.startswith("/") and "\0" not in v)
_COUNT = Kind("a count", frozenset({int}), lambda v: v >= 0)
_INTEGER = Kind("an integer", frozenset({int}))
_SHARE = Kind("a share", frozenset({int, float}), lambda v: math.isfinite(v) and 0 <= v <= 1)
_BYTES = Kind("bytes", frozenset({bytes}))

_KINDS = {
    **dict.fromkeys(("id", "original_id", "below"), _ID),
    "file": _BELOW,
    **dict.fromkeys(("root", "path"), _PATH),
    **dict.fromkeys(("sha256", "title", "language", "date", "author", "address", "text"), _TEXT),
    **dict.fromkeys(("context", "places", "key", "words", "value"), _TEXT),
    **dict.fromkeys(("number", "article", "articles", "chunks", "passages"), _COUNT),
    **dict.fromkeys(("count", "size", "length", "parts", "doc", "byline"), _COUNT),
    **dict.fromkeys(("start", "end"), _INTEGER),
    **dict.fromkeys(("name", "reason"), _TEXT),
    "kind": Kind("a page, slide or sheet", _TEXT.types, lambda v: v in get_args(PageKind)),
    "ocr": Kind("a share, or nothing", _SHARE.types | {_NONE}, lambda v: v is None or 0 <= v <= 1),
    "similarity": _SHARE,
    **dict.fromkeys(("signature", "vector", "packed"), _BYTES),
    "sentences": Kind("bytes, or nothing", frozenset({bytes, _NONE})),
}


def check(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """See that rows hold what their columns may.

    Args:
        names: those of the columns.
        rows: a value for each of them.

    Raises:
        BadValue: it names the first column that does not.
    """
    for name, values in zip(names, zip(*rows, strict=True), strict=False):
        kind = _KINDS[name]
        if not kind.types.issuperset(map(type, values)):
            raise BadValue(f"its column {name} does not hold {kind.words}")
        if kind.fits and not all(map(kind.fits, values)):
            raise BadValue(f"its column {name} does not hold {kind.words}")
