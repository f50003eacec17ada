"""Index run: the articles known before a run of the indexing job, and the files it has seen.

Both stand in temporary tables of the catalog's connection, so that memory does not grow with the
number of articles.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.articles.roots import file_at
from index.storage.database import Database

_TABLES = (
    # The ids that were given: of articles, and without a checksum those that are kept for files.
    "CREATE TEMP TABLE old AS SELECT id, root, sha256, path_of(root, id, file) AS path,"
    " coalesce(nullif(file, ''), id) AS below FROM article UNION ALL"
    " SELECT id, root, '', path_of(root, id, file), coalesce(nullif(file, ''), id) FROM given",
    "CREATE UNIQUE INDEX temp.old_id ON old (id)",
    "CREATE INDEX temp.old_path ON old (path)",
    "CREATE INDEX temp.old_root ON old (root)",
    "CREATE INDEX temp.old_below ON old (below)",
    # `below` is the path below the root's folder.
    "CREATE TEMP TABLE seen (path TEXT PRIMARY KEY, root TEXT NOT NULL, below TEXT NOT NULL,"
    " id TEXT UNIQUE, taken INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID",
    "CREATE INDEX temp.seen_below ON seen (below)",
)
_KNOWN = "id, root, sha256, path, below"  # the columns of a `Known`


@dataclass(frozen=True, slots=True)
class Known:
    """What held an id before the run; without a checksum it was no article."""

    id: str
    root: Path
    sha256: str
    path: Path
    below: str

    @property
    def file(self) -> str:
        """Its path below the root's folder; empty where that is its id."""
        return "" if self.below == self.id else self.below


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A file that was seen and has no id yet, and the root that gives it."""

    path: str
    root: Path


class IndexRun:
    """The articles that one run found, and those it missed."""

    def __init__(self, catalog: Database) -> None:
        """Note the articles that the catalog holds now; no file is seen yet."""
        self._catalog = catalog
        catalog.connection.create_function(
            "path_of", 3, lambda root, id, file: str(file_at(Path(root), file or id))
        )
        for table in ("old", "seen"):
            catalog.query(f"DROP TABLE IF EXISTS temp.{table}")
        for sql in _TABLES:
            catalog.query(sql)

    def see(self, path: Path, root: Path, below: str) -> None:
        """Note that a file is there; of the roots that give it, the outermost counts."""
        self._catalog.query(
            "INSERT INTO seen (path, root, below) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE"
            " SET root = excluded.root, below = excluded.below"
            " WHERE length(excluded.below) > length(below)",
            *(str(path), str(root), below),
        )

    def keep_ids(self) -> None:
        """Let each file that is known have its id, and the root it is known from, if that stays."""
        self._catalog.query(
            "UPDATE seen SET id = (SELECT min(+id) FROM old WHERE old.path = seen.path)"
        )
        self._catalog.query(
            "UPDATE seen SET root = old.root FROM old"
            " WHERE old.id = seen.id AND old.root IN (SELECT path FROM root)"
        )

    def name_plainly(self) -> None:
        """Give each other file its path below its folder as its id, where no other may have it."""
        self._catalog.query(
            "UPDATE seen SET id = below WHERE id IS NULL AND below IN"
            " (SELECT below FROM seen WHERE +id IS NULL GROUP BY below HAVING count(*) = 1)"
            " AND below NOT IN (SELECT id FROM old) AND below NOT IN (SELECT below FROM old)"
        )

    def unnamed(self) -> dict[str, list[Unnamed]]:
        """The files that have no id yet, by their paths below their folders."""
        rows = self._catalog.query(
            "SELECT below, path, root FROM seen WHERE id IS NULL ORDER BY path"
        )
        found: dict[str, list[Unnamed]] = {}
        for below, path, root in rows:
            found.setdefault(below, []).append(Unnamed(path, Path(root)))
        return found

    def name(self, path: str, id: str) -> None:
        """Give a file its id."""
        self._catalog.query("UPDATE seen SET id = ? WHERE path = ?", id, path)

    def leave_out(self, path: str) -> None:
        """Forget that a file was seen."""
        self._catalog.query("DELETE FROM seen WHERE path = ?", path)

    def take(self, path: Path) -> tuple[str, Path] | None:
        """The id of a file that was seen and the root that it is indexed from, once."""
        sql = "UPDATE seen SET taken = 1 WHERE path = ? AND NOT taken RETURNING id, root"
        rows = self._catalog.query(sql, str(path))
        return (rows[0][0], Path(rows[0][1])) if rows else None

    def leave_out_untaken(self) -> None:
        """Forget the files that were seen and were not there any more when they were to be read."""
        self._catalog.query("DELETE FROM seen WHERE NOT taken")

    def holder(self, id: str) -> Known | None:
        """What had an id before the run."""
        return next(iter(self._known("id", id)), None)

    def bearers(self, below: str) -> list[Known]:
        """What lay at a path below its root's folder before the run."""
        return self._known("below", below)

    def _known(self, column: str, value: str) -> list[Known]:
        rows = self._catalog.query(
            f"SELECT {_KNOWN} FROM old WHERE {column} = ? ORDER BY id", value
        )
        return [_known(row) for row in rows]

    def is_named(self, id: str) -> bool:
        """Whether a file that was seen has an id."""
        return bool(self._catalog.query("SELECT 1 AS count FROM seen WHERE id = ?", id))

    def is_given(self, id: str) -> bool:
        """Whether a file that was seen, or one known before, has an id."""
        return self.is_named(id) or self.holder(id) is not None

    def paths(self, names: frozenset[str]) -> Iterator[str]:
        """The paths of all files that are called so, of those seen and those known before."""
        for table in ("seen", "old"):
            sql = f"SELECT path FROM {table} WHERE path > ? ORDER BY path LIMIT 2000"
            for rows in self._catalog.batches(sql, last=""):
                yield from (path for (path,) in rows if path.rpartition("/")[2] in names)

    def unseen(self, roots: Iterable[Path]) -> list[Known]:
        """The articles that came from these roots before the run and were not seen in it."""
        rows = self._catalog.query(
            f"SELECT {_KNOWN} FROM old WHERE root IN (SELECT value FROM json_each(?))"
            " AND sha256 != '' AND id NOT IN (SELECT id FROM seen WHERE id IS NOT NULL)"
            " ORDER BY id",
            json.dumps([str(root) for root in roots]),
        )
        return [_known(row) for row in rows]

    def knew(self, id: str) -> bool:
        """Whether there was an article of this id before the run."""
        sql = "SELECT 1 AS count FROM old WHERE id = ? AND sha256 != ''"
        return bool(self._catalog.query(sql, id))

    def known(self, root: Path) -> int:
        """How many articles came from a root before the run."""
        sql = "SELECT count(*) AS count FROM old WHERE root = ? AND sha256 != ''"
        return int(self._catalog.one(sql, str(root))[0])

    def lost(self, roots: Iterable[Path]) -> list[Known]:
        """The articles that came from these roots, were not seen, and whose bytes none has now."""
        rows = self._catalog.query(
            f"SELECT {_KNOWN} FROM old WHERE root IN (SELECT value FROM json_each(?))"
            " AND sha256 != '' AND path NOT IN (SELECT path FROM seen)"
            " AND sha256 NOT IN (SELECT sha256 FROM article) ORDER BY id",
            json.dumps([str(root) for root in roots]),
        )
        return [_known(row) for row in rows]


def _known(row: tuple[str, str, str, str, str]) -> Known:
    id, root, sha256, path, below = row
    return Known(id, Path(root), sha256, Path(path), below)
