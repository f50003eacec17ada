"""Ids: files of one name are told apart by the shortest end of their paths that is theirs. Pure."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath


def told_apart(
    files: Mapping[str, str], others: Iterable[str], taken: Callable[[str], bool]
) -> dict[str, str]:
    """An id for each of some files, as none can have its path below its folder alone.

    It is the shortest longer end of the file's path, such as `b/notes.txt` of `/home/b/notes.txt`,
    that no other path ends with and no other file has as its id, or the whole path where another
    one ends with that. The order of the files makes no difference.

    Args:
        files: the path of each file -> the path below its folder.
        others: the paths of all other files of the same names.
        taken: whether another file has an id.
    """
    sharing = Counter(end for path in (*files, *others) for end in _ends(path))
    given: dict[str, str] = {}  # id -> path
    for path, below in sorted(files.items()):
        longer = (end for end in _ends(path) if len(end) > len(below) and sharing[end] == 1)
        ids = itertools.chain(longer, [path.lstrip("/")], _numbered(below))
        given[next(id for id in ids if id not in given and not taken(id))] = path
    return {path: id for id, path in given.items()}


def _numbered(below: str) -> Iterator[str]:
    """`notes (2).txt` and so on, where another file has the whole path as its id."""
    path = PurePosixPath(below)
    return (str(path.with_stem(f"{path.stem} ({n})")) for n in itertools.count(2))


def _ends(path: str) -> Iterator[str]:
    """`c.txt`, `b/c.txt` and `a/b/c.txt` of `/a/b/c.txt`."""
    parts = PurePosixPath(path).parts[1:]
    return ("/".join(parts[i:]) for i in range(len(parts) - 1, -1, -1))
