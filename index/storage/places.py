"""Places: the articles and folders of a catalog, found by a part of their title or path."""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from index.storage.database import Database
from index.text.normal_forms import nfkc

_LONGEST_SEARCH = 200  # code points that are looked for
_FAR = 4  # how far a place is that is not meant


@dataclass(frozen=True, slots=True)
class Place:
    """An article, or a folder that articles lie in.

    `path` is an article's id, or a folder's path with a slash at its end. A folder has neither
    `title` nor `language`; `articles` counts those in it and below.
    """

    path: str
    title: str = ""
    language: str = ""
    articles: int = 1

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.endswith("/")


class Places:
    """The places of one catalog."""

    def __init__(self, catalog: Database) -> None:
        """Nothing is read yet."""
        self._catalog = catalog

    def matching(self, part: str, limit: int) -> list[Place]:
        """The places whose title or path holds `part`, the nearest first.

        Case and forms of one meaning (NFKC) make no difference, nor how words are spaced. Those
        whose name begins with it come first, then those of which a word does; an empty one is held
        by all.
        """
        needle = _folded(part[:_LONGEST_SEARCH])
        found = ((_distance(place, needle), place) for place in self._all())
        near = ((far, not place.is_folder, place.path, place) for far, place in found if far < _FAR)
        return [place for *_, place in heapq.nsmallest(limit, near)]

    def folders(self, part: str, limit: int) -> list[Place]:
        """The folders whose path holds `part`, in the order of their paths."""
        needle = _folded(part[:_LONGEST_SEARCH])
        found = (folder for folder in self._folders() if needle in _folded(folder.path))
        return heapq.nsmallest(limit, found, key=lambda folder: folder.path)

    def get(self, path: str) -> Place | None:
        """The place of a path; None where there is none."""
        if path.endswith("/"):
            sql = "SELECT count(number) AS count FROM article WHERE id > ? AND id < ?"
            (count,) = self._catalog.one(sql, path, f"{path[:-1]}0")  # "0" comes after "/"
            return Place(path, articles=int(count)) if count else None
        sql = "SELECT id, title, language FROM article WHERE id = ?"
        return next((Place(*row) for row in self._catalog.query(sql, path)), None)

    def _all(self) -> Iterator[Place]:
        sql = "SELECT id, title, language FROM article WHERE id > ? ORDER BY id LIMIT 2000"
        for rows in self._catalog.batches(sql, last=""):
            yield from (Place(*row) for row in rows)
        yield from self._folders()

    def _folders(self) -> Iterator[Place]:
        counted = Counter[str]()
        sql = "SELECT id FROM article WHERE id > ? ORDER BY id LIMIT 2000"
        for rows in self._catalog.batches(sql, last=""):
            counted.update(folder for (id,) in rows for folder in _above(id))
        yield from (Place(path, articles=count) for path, count in counted.items())


def _above(id: str) -> Iterator[str]:
    """Every folder that an article lies in, at any depth."""
    end = id.find("/")
    while end >= 0:
        yield id[: end + 1]
        end = id.find("/", end + 1)


def _distance(place: Place, needle: str) -> int:
    """How far a place is from what is looked for: 0 for the nearest, `_FAR` where it is none."""
    path, title = _folded(place.path), _folded(place.title)
    name = path.rstrip("/").rpartition("/")[2]
    if title.startswith(needle) or name.startswith(needle):
        return 0
    if _begins_a_word(title, needle) or _begins_a_word(name, needle):
        return 1
    if needle in title or needle in name:
        return 2
    return 3 if needle in path else _FAR


def _begins_a_word(text: str, needle: str) -> bool:
    at = text.find(needle)
    while at > 0:
        if not text[at - 1].isalnum():
            return True
        at = text.find(needle, at + 1)
    return False


def _folded(text: str) -> str:
    flat = " ".join(text.split())
    # Most are ASCII, which NFKC leaves as it is.
    return flat.casefold() if flat.isascii() else nfkc(nfkc(flat).casefold())
