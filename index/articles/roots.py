"""Roots: the files, folders and globs (`news/**/*.pdf`) that were named to be indexed.

Knows paths and patterns; does not know what the files hold.
"""

import glob
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path

from index.errors import BadPath
from index.text.characters import is_unicode
from index.text.normal_forms import composed

_MAGIC = frozenset("*?[")
_ESCAPED = re.compile(r"\[([*?[])\]")  # as glob.escape makes them
_ALL_BELOW = "**"


def named(root: Path) -> Path:
    """A root as the index stores it: a path that exists now never becomes a pattern, once gone."""
    return escaped(root) if os.path.lexists(root) else root


def escaped(root: Path) -> Path:
    """A path as a pattern that means this path alone: `[` in a name becomes `[[]`."""
    return Path(glob.escape(str(root)))


def plain(root: Path) -> Path:
    """The path of an escaped root; a pattern stays as it is."""
    if is_glob(root) or os.path.lexists(root):
        return root
    return Path(_ESCAPED.sub(r"\1", str(root)))


def is_glob(root: Path) -> bool:
    """Whether a root is a pattern; a file whose name holds `[` is none."""
    return is_magic(str(root)) and not os.path.lexists(root)


def is_magic(name: str) -> bool:
    """Whether a name holds what makes it a pattern."""
    return not _MAGIC.isdisjoint(_ESCAPED.sub("", name))


def split(root: Path) -> tuple[Path, tuple[str, ...]]:
    """A glob's fixed folder, and the parts of the pattern below it."""
    parts = root.parts
    first = next(i for i, part in enumerate(parts) if is_magic(part))
    return _as_on_disk(plain(Path(*parts[:first]))), parts[first:]


def base(root: Path) -> Path:
    """The folder that the ids of a root's articles are relative to."""
    if is_glob(root):
        return split(root)[0]
    path = plain(root)
    return path if path.is_dir() else path.parent


def file_at(root: Path, below: str) -> Path:
    """The file of a path below a root's folder, though the root may be gone by now."""
    path = plain(root)
    was_file = path.name == below and not path.is_dir()
    return path if was_file else (split(root)[0] if is_glob(root) else path) / below


def path_of(root: Path, below: str) -> Path | None:
    """The same of a root that is there; None where it would lie elsewhere, by name or by a link."""
    named = plain(root)
    if not is_glob(root) and named.is_file():
        return named if named.name == below else None
    above = base(root)
    path = above / below
    try:
        return path if path.resolve().is_relative_to(above.resolve()) else None
    except (OSError, RuntimeError, ValueError):  # links that go round, a name that no file has
        return None


def exists(root: Path) -> bool:
    """Whether a root can be read; a glob can while its folder exists, whatever matches."""
    return base(root).is_dir() if is_glob(root) else plain(root).exists()


def gives(root: Path, path: Path) -> bool:
    """Whether a file would be found at or below a root, if it is there."""
    folder = base(root)
    if plain(root) == path:
        return True
    if not path.is_relative_to(folder) or _is_hidden(path.relative_to(folder)):
        return False
    if is_glob(root):
        return fits(path.relative_to(folder).parts, split(root)[1])
    return plain(root) in (path, *path.parents)


def _is_hidden(below: Path) -> bool:
    return any(part.startswith(".") for part in below.parts)


def check(root: Path) -> None:
    """Refuse a root that does not exist.

    Raises:
        BadPath: there is no such file or folder, no folder for the pattern to begin in, or its
            path is not UTF-8.
    """
    if not is_unicode(str(root)):
        raise BadPath(f"The path {str(root)!a} is not UTF-8. Rename it.")
    if is_glob(root):
        folder, pattern = split(root)
        if not folder.is_dir():
            raise BadPath(f"There is no folder at {folder} for {root}. Check the path.")
        if any(_ALL_BELOW in part and part != _ALL_BELOW for part in pattern):
            raise BadPath(f"In {root} the ** must stand alone between slashes, as in a/**/*.pdf.")
        return
    try:
        plain(root).stat()
    except (OSError, ValueError) as error:
        raise BadPath(f"There is no file or folder at {root}. Check the path.") from error


def fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path below the fixed folder matches; `**` stands for any number of folders.

    At most len(parts) * len(pattern) names are compared, however many `**` there are.
    """
    if pattern[-1:] == (_ALL_BELOW,):
        pattern = (*pattern, "*")
    reached = {0}  # numbers of parts that the pattern may have taken so far
    for piece in pattern:
        if not reached:
            return False
        if piece == _ALL_BELOW:
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(parts) and _is_like(parts[i], piece)}
    return len(parts) in reached


def leads(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether something below a folder may match, so that it must be walked."""
    for part, piece in zip(parts, pattern, strict=False):
        if piece == _ALL_BELOW:
            return True
        if not _is_like(part, piece):
            return False
    return len(parts) < len(pattern)


def _is_like(name: str, pattern: str) -> bool:
    """Whether a name matches, whichever of its normal forms was typed; macOS keeps NFD."""
    return fnmatchcase(composed(name), composed(pattern))


def _as_on_disk(folder: Path) -> Path:
    """A folder as its name is spelt on the disk, where it was typed in another normal form."""
    if folder.is_dir() or str(folder).isascii():
        return folder
    found = Path(folder.anchor)
    for part in folder.parts[1:]:
        names = (each.name for each in found.iterdir()) if found.is_dir() else iter(())
        same = (name for name in names if composed(name) == composed(part))
        found /= part if (found / part).exists() else next(same, part)
    return found
