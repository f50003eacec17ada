"""OCR packs: where Tesseract's language files lie, and which are there. Loads no library."""

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ADVICE = "install OCR to read its words: make ocr"
_SUFFIX = ".traineddata"
# Where Debian, Fedora, Homebrew and Tesseract itself put them.
_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_NO_LANGUAGE = ("osd", "equ")


@cache
def folder() -> Path | None:
    """The folder of language files, None where there is none; `TESSDATA_PREFIX` may name it."""
    named = os.environ.get("TESSDATA_PREFIX")
    wanted = [Path(named), Path(named) / "tessdata"] if named else map(Path, _FOLDERS)
    return next((each for each in wanted if _names(each)), None)


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be read, by Tesseract's codes: `eng`, `hin`, `chi_sim`."""
    found = folder()
    names = _names(found) if found else ()
    return tuple(name for name in names if name not in _NO_LANGUAGE)


def has_scripts() -> bool:
    """Whether scripts and turned pages can be told apart."""
    found = folder()
    return found is not None and "osd" in _names(found)


@cache
def installed() -> bool:
    """Whether words of pictures can be read: the library and one language at the least."""
    return find_spec("tesserocr") is not None and bool(languages())


def _names(path: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(each.name[: -len(_SUFFIX)] for each in path.glob(f"*{_SUFFIX}")))
    except OSError:
        return ()
