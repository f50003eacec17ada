"""Shelf: the articles of a catalog as a page lists them, searched and page by page."""

import json
from collections.abc import Iterable

from index.storage.catalog import Entry
from index.storage.database import Database
from index.storage.near_duplicates import NearDuplicate
from index.text.normal_forms import nfc

# With no words nothing is read but the index of ids.
_LONGEST_SEARCH = 200  # code points that are looked for
_MATCHES = "(? = '' OR mentions(id, title, ?))"


class Shelf:
    """The listing of one catalog's articles."""

    def __init__(self, catalog: Database) -> None:
        """Nothing is read yet."""
        self._catalog = catalog
        catalog.connection.create_function("mentions", 3, _mentions, deterministic=True)

    def articles(
        self, search: str = "", first: int = 0, limit: int = 100
    ) -> list[tuple[Entry, int]]:
        """One page of articles in the order of ids, each with its size in code points.

        Only those whose id or title holds every word of `search`, in any case; `first` of them are
        skipped and the next `limit` given. No text is read but theirs.
        """
        folded = _folded(search[:_LONGEST_SEARCH])
        rows = self._catalog.query(
            "SELECT id, root, sha256, title, language, date, author, file, address,"
            " length(text) AS size"
            f" FROM article WHERE number IN (SELECT number FROM article WHERE {_MATCHES}"
            " ORDER BY id LIMIT ? OFFSET ?) ORDER BY id",
            *(folded, folded),
            limit,
            first,
        )
        return [(Entry(*row), size) for *row, size in rows]

    def count(self, search: str = "") -> int:
        """How many articles there are on all pages."""
        folded = _folded(search[:_LONGEST_SEARCH])
        sql = f"SELECT count(number) AS count FROM article WHERE {_MATCHES}"
        return int(self._catalog.one(sql, folded, folded)[0])

    def duplicates_of(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """The near duplicates of each article, older and newer ones."""
        found: dict[str, list[str]] = {}
        listed = json.dumps(list(ids))
        for mine, its in (("article", "original"), ("original", "article")):
            for id, other in self._catalog.query(
                "SELECT one.id, other.id AS original_id FROM article AS one"
                f" JOIN copy ON {mine} = one.number JOIN article AS other ON other.number = {its}"
                " WHERE one.id IN (SELECT value FROM json_each(?)) ORDER BY other.id",
                listed,
            ):
                found.setdefault(id, []).append(other)
        return found

    def notices_of(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """What was left out of each of some articles, of those of which anything was."""
        found: dict[str, list[str]] = {}
        rows = self._catalog.query(
            "SELECT id, notice.text AS text FROM notice"
            " JOIN article ON article.number = notice.article"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY notice.rowid",
            json.dumps(list(ids)),
        )
        for id, text in rows:
            found.setdefault(id, []).append(text)
        return found

    def near_duplicates(self, limit: int) -> tuple[int, list[NearDuplicate]]:
        """How many articles nearly repeat another, and the first `limit` of them by id."""
        rows = self._catalog.query(
            "SELECT article.id, original.id AS original_id, similarity FROM copy"
            " JOIN article ON article.number = copy.article"
            " JOIN article AS original ON original.number = copy.original"
            " ORDER BY article.id LIMIT ?",
            limit,
        )
        (count,) = self._catalog.one("SELECT count(original) AS count FROM copy")
        return int(count), [NearDuplicate(a, b, float(near)) for a, b, near in rows]


def _mentions(id: str, title: str, words: str) -> bool:
    text = _folded(f"{id} {title}")
    return all(word in text for word in words.split())


def _folded(text: str) -> str:
    """SQLite itself knows case in ASCII only."""
    return nfc(text.casefold())
