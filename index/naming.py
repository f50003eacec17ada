"""Naming: the id of each file that a run finds, which it keeps as long as it is there.

A file's id is its path below the folder that was named. Where another file has that id already, the
newcomer gets a longer end of its path; where several come at once, each of them does. An id is free
again when its file is gone; a file that was moved takes its own along.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from index.articles.article import load
from index.articles.files import Found, Unread, find, is_there
from index.articles.ids import told_apart
from index.articles.roots import base, is_glob, plain
from index.errors import NotText
from index.storage.index_run import IndexRun, Known
from index.storage.index_run import Unnamed as _File


def _never(path: Path) -> bool:
    return False


def name_files(
    roots: Sequence[Path], run: IndexRun, is_being_written: Callable[[Path], bool] = _never
) -> tuple[int, list[Path]]:
    """Note every file that the roots give, and the id of each.

    Gives their number, and those files which are being written: they are left for another run.
    """
    closed, waiting, total = [], list[Path](), 0
    for root in roots:
        for found in find(root):
            if isinstance(found, Found) and is_being_written(found.path):
                waiting.append(found.path)
            elif isinstance(found, Found):
                run.see(found.path, root, found.id)
                total += 1
            elif isinstance(found, Unread):
                closed.append(found.path)
    run.keep_ids()
    run.name_plainly()
    if unnamed := run.unnamed():
        _Clashes(run, frozenset(roots), [*closed, *waiting]).settle(unnamed)
    return total, waiting


def named(found: Found, run: IndexRun) -> Found | None:
    """A file with its id, and the root that it is indexed from.

    None where another root gave it, or it was not there yet when files were named.
    """
    known = run.take(found.path)
    if known is None:
        return None
    id, root = known
    below = found.path.relative_to(base(root)).as_posix()
    return replace(found, root=root, id=id, file="" if below == id else below)


@dataclass(slots=True)
class _Clashes:
    """Files that want an id which another file has, had or wants too."""

    run: IndexRun
    roots: frozenset[Path]
    closed: list[Path]  # folders that cannot be listed, and files that cannot be looked at
    _moved_roots: set[tuple[Path, Path]] = field(default_factory=set)
    _checksums: dict[str, str] = field(default_factory=dict)

    def settle(self, unnamed: Mapping[str, list[_File]]) -> None:
        """Give each of these files an id; they are given by their paths below their folders."""
        self._moved_roots = self._moved(unnamed)
        rest: dict[str, str] = {}
        for below, files in unnamed.items():
            left = self._inherit(below, self._different(below, files))
            if len(left) == 1 and self._is_free(below):
                self.run.name(left[0].path, below)
            else:
                rest |= {file.path: below for file in left}
        if rest:
            names = frozenset(PurePosixPath(path).name for path in rest)
            others = {path for path in self.run.paths(names) if path not in rest}
            for path, id in told_apart(rest, others, self.run.is_given).items():
                self.run.name(path, id)

    def _different(self, below: str, files: list[_File]) -> list[_File]:
        """The files without those that are links to another of them, or to what has the id."""
        holder = self.run.holder(below)
        known = {os.path.realpath(holder.path)} if holder and not self._is_gone(holder) else set()
        left = []
        for file in files:
            real = os.path.realpath(file.path)
            if real in known:
                self.run.leave_out(file.path)
            else:
                left.append(file)
            known.add(real)
        return left

    def _inherit(self, below: str, files: list[_File]) -> list[_File]:
        """Give files that were moved the ids that they had; gives the others."""
        left = list(files)
        for known in self._gone(below):
            heir = next((file for file in left if self._is_moved(file, known)), None)
            if heir:
                self.run.name(heir.path, known.id)
                left.remove(heir)
        return left

    def _is_free(self, id: str) -> bool:
        holder = self.run.holder(id)
        if holder is None or self.run.is_named(id):
            return holder is None
        # Of a root that was not read nobody knows why the file is not there.
        return holder.root in self.roots and self._is_gone(holder)

    def _gone(self, below: str) -> list[Known]:
        return [known for known in self.run.bearers(below) if self._is_gone(known)]

    def _is_gone(self, known: Known) -> bool:
        return not (
            is_there(known.path) or any(known.path.is_relative_to(each) for each in self.closed)
        )

    def _is_moved(self, file: _File, known: Known) -> bool:
        same_root = (known.root, file.root) in self._moved_roots
        return same_root or self._is_same(file, known)

    def _is_same(self, file: _File, known: Known) -> bool:
        if file.path not in self._checksums:
            try:
                source = load(Found(file.root, "", Path(file.path)))
                self._checksums[file.path] = source.sha256
            except NotText:
                self._checksums[file.path] = "none"
        return self._checksums[file.path] == known.sha256

    def _moved(self, unnamed: Mapping[str, list[_File]]) -> set[tuple[Path, Path]]:
        """(root that is gone, root with its files): at least half of them are as they were."""
        both, same = Counter[tuple[Path, Path]](), Counter[tuple[Path, Path]]()
        for below, files in unnamed.items():
            for known in self._gone(below):
                if known.root in self.roots or _stands(known.root):
                    continue
                for file in files:
                    both[known.root, file.root] += 1
                    same[known.root, file.root] += self._is_same(file, known)
        return {pair for pair, count in both.items() if 2 * same[pair] >= count}


def _stands(root: Path) -> bool:
    """Whether a root is there; true where nobody can tell."""
    return is_there(base(root) if is_glob(root) else plain(root))
