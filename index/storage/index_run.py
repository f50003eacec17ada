"""Index run: the articles known before a run of the indexing job, and the files it has seen.

Both stand in temporary tables of the catalog's connection, so that memory does not grow with the
number of articles.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from index.storage.database import Database


class IndexRun:
    """The articles that one run found, and those it missed."""

    def __init__(self, catalog: Database) -> None:
        """Note the articles that the catalog holds now; no file is seen yet."""
        self._catalog = catalog
        for sql in (
            "DROP TABLE IF EXISTS temp.old",
            "DROP TABLE IF EXISTS temp.seen",
            "CREATE TEMP TABLE old AS SELECT id, root, sha256 FROM article",
            "CREATE TEMP TABLE seen (id TEXT PRIMARY KEY, root TEXT NOT NULL) WITHOUT ROWID",
        ):
            catalog.query(sql)

    def see(self, id: str, root: Path) -> Path:
        """Note that a file is there; gives the root that had this id first in this run."""
        self._catalog.query("INSERT OR IGNORE INTO seen VALUES (?, ?)", id, str(root))
        return Path(self._catalog.query("SELECT root FROM seen WHERE id = ?", id)[0][0])

    def unseen(self, roots: Iterable[Path]) -> list[str]:
        """The articles that came from these roots before the run and were not seen in it."""
        rows = self._catalog.query(
            "SELECT id FROM old WHERE root IN (SELECT value FROM json_each(?))"
            " AND id NOT IN (SELECT id FROM seen) ORDER BY id",
            json.dumps([str(root) for root in roots]),
        )
        return [row[0] for row in rows]

    def knew(self, id: str) -> bool:
        """Whether there was an article of this id before the run."""
        return bool(self._catalog.query("SELECT 1 AS count FROM old WHERE id = ?", id))

    def known(self, root: Path) -> int:
        """How many articles came from a root before the run."""
        sql = "SELECT count(*) AS count FROM old WHERE root = ?"
        return int(self._catalog.one(sql, str(root))[0])

    def lost(self, root: Path) -> list[str]:
        """The articles that came from a root, were not seen, and whose bytes no article has now."""
        rows = self._catalog.query(
            "SELECT id FROM old WHERE root = ? AND id NOT IN (SELECT id FROM seen)"
            " AND id NOT IN (SELECT id FROM article)"
            " AND sha256 NOT IN (SELECT sha256 FROM article) ORDER BY id",
            str(root),
        )
        return [row[0] for row in rows]
