"""Places: what a person names to be indexed: a file, a folder, or a glob such as `news/**/*.pdf`.

Knows paths and patterns, nothing of what the files hold.
"""

import glob
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path

from index.characters import is_unicode
from index.errors import BadPath

_MAGIC = frozenset("*?[")
_ESCAPED = re.compile(r"\[([*?[])\]")  # as glob.escape makes them
_ALL_BELOW = "**"


def named(place: Path) -> Path:
    """A place as it is remembered: what stands there now never becomes a pattern, once gone."""
    return escaped(place) if os.path.lexists(place) else place


def escaped(place: Path) -> Path:
    """A path as a pattern that means this path alone: `[` in a name becomes `[[]`."""
    return Path(glob.escape(str(place)))


def plain(place: Path) -> Path:
    """The path that an escaped place means; a pattern stays as it is."""
    if is_glob(place) or os.path.lexists(place):
        return place
    return Path(_ESCAPED.sub(r"\1", str(place)))


def is_glob(place: Path) -> bool:
    """Whether a place is a pattern; a file whose name holds `[` is none."""
    return _is_magic(str(place)) and not os.path.lexists(place)


def _is_magic(name: str) -> bool:
    return not _MAGIC.isdisjoint(_ESCAPED.sub("", name))


def split(place: Path) -> tuple[Path, tuple[str, ...]]:
    """The fixed folder that a glob begins with, and the parts of the pattern below it."""
    parts = place.parts
    first = next(i for i, part in enumerate(parts) if _is_magic(part))
    return plain(Path(*parts[:first])), parts[first:]


def base(place: Path) -> Path:
    """The folder that the ids of a place's articles are relative to."""
    if is_glob(place):
        return split(place)[0]
    path = plain(place)
    return path if path.is_dir() else path.parent


def stands(place: Path) -> bool:
    """Whether a place can be read; a glob can while its folder is there, whatever matches."""
    return base(place).is_dir() if is_glob(place) else plain(place).exists()


def check(place: Path) -> None:
    """Refuse a place that is not there, before anything is made.

    Raises:
        BadPath: there is no such file or folder, no folder for the pattern to begin in, or its
            path is not UTF-8.
    """
    if not is_unicode(str(place)):
        raise BadPath(f"The path {str(place)!a} is not UTF-8. Rename it.")
    if is_glob(place):
        folder, pattern = split(place)
        if not folder.is_dir():
            raise BadPath(f"There is no folder at {folder} for {place}. Check the path.")
        if any(_ALL_BELOW in part and part != _ALL_BELOW for part in pattern):
            raise BadPath(f"In {place} the ** must stand alone between slashes, as in a/**/*.pdf.")
        return
    try:
        plain(place).stat()
    except (OSError, ValueError) as error:
        raise BadPath(f"There is no file or folder at {place}. Check the path.") from error


def fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path below the fixed folder matches; `**` stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == _ALL_BELOW:
        below = range(len(parts) + 1)
        return any(fits(parts[i:], pattern[1:] or ("*",)) for i in below)
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and fits(parts[1:], pattern[1:])


def leads(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether something below a folder may match, so that it must be looked into."""
    for part, piece in zip(parts, pattern, strict=False):
        if piece == _ALL_BELOW:
            return True
        if not fnmatchcase(part, piece):
            return False
    return len(parts) < len(pattern)
