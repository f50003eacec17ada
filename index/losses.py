"""Losses: what a run would take out of an index, and when that looks like a disk that is not there.

A file that was moved is no loss: its bytes are an article still. Files removed one by one are gone;
a folder that turned empty, or most of a root's articles at once, are more likely to be an unmounted
or failing disk, which must not cost what was indexed.
"""

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.articles.roots import base, plain
from index.errors import BadPath
from index.storage.index_run import IndexRun


class TooMuchGone(BadPath):
    """More is gone than people remove at once; nothing was changed."""

    def __init__(self, what: str, index: Path, root: Path) -> None:
        self.root, path = root, plain(root)
        quoted = " ".join(shlex.quote(str(each)) for each in (path, "--index", index))
        super().__init__(
            f"{what}. Is its disk there? Nothing was changed. If they were removed on purpose: "
            f"article-qa index --allow-empty {quoted}"
        )


def refuse(run: IndexRun, roots: Iterable[Path], index: Path, expected: frozenset[Path]) -> None:
    """See that no root lost what nobody would have removed.

    Args:
        run: the run, when all of its files were read and the articles that are gone removed.
        roots: those that were read.
        index: the folder of the index, to name it.
        expected: files of articles that the caller removed.

    Raises:
        TooMuchGone: a folder with articles is empty now, or more than half of a root's are gone.
    """
    gone: dict[Path, list[Path]] = {}
    meant = Counter[Path]()
    for each in run.lost(roots):
        if each.path in expected:
            meant[each.root] += 1
        else:
            gone.setdefault(each.root, []).append(each.path)
    for root, lost in gone.items():
        known = run.known(root) - meant[root]
        if folder := next(_emptied(base(root), lost), None):
            count = sum(each.is_relative_to(folder) for each in lost)
            what = f"{folder} is empty, and {_articles(count)} of it were indexed"
            raise TooMuchGone(what, index, root)
        if 2 * len(lost) > known:
            some = "Every article" if len(lost) == known else f"{len(lost)} of {known} articles"
            raise TooMuchGone(f"{some} of {plain(root)} went at once", index, root)


def _emptied(above: Path, lost: Iterable[Path]) -> Iterator[Path]:
    """Folders of lost articles that are there and hold nothing."""
    folders = {parent for path in lost for parent in path.parents}
    for folder in sorted(folder for folder in folders if folder.is_relative_to(above)):
        try:
            with os.scandir(folder) as entries:
                if next(entries, None) is None:
                    yield folder
        except OSError:
            continue  # the folder itself was removed


def _articles(count: int) -> str:
    return f"{count} article" if count == 1 else f"{count} articles"
