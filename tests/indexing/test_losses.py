"""A disk that fails, or is not there, takes nothing out of an index."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.build import sync
from index.errors import BadPath
from index.losses import TooMuchGone
from index.storage.catalog import Catalog
from tests.support import mounts
from tests.support.fakes import HashEmbedder

Fail = Callable[[Path, int], None]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Five articles, two of them in a folder of their own."""
    folder = tmp_path / "articles"
    (folder / "news").mkdir(parents=True)
    for name in ("a", "b", "c", "news/d", "news/e"):
        (folder / f"{name}.txt").write_text(f"The story of {name} has words of its own.")
    return folder


@pytest.fixture
def index(tmp_path: Path, articles: Path) -> Path:
    sync([articles], tmp_path / "index", HashEmbedder())
    return tmp_path / "index"


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Lets the operating system fail where a file is looked at, or opened."""

    def fail(path: Path, error: int, *, calls: tuple[str, ...] = ("open", "stat")) -> None:
        for name in calls:
            real = getattr(os, name)

            def refuse(at: Any, *rest: Any, real: Any = real, **more: Any) -> Any:
                if str(at) == str(path):
                    raise OSError(error, os.strerror(error), str(path))
                return real(at, *rest, **more)

            monkeypatch.setattr(os, name, refuse)

    return fail


def ids(folder: Path) -> list[str]:
    with Catalog.open(folder) as catalog:
        return sorted(entry.id for entry in catalog.entries())


ALL = ["a.txt", "b.txt", "c.txt", "news/d.txt", "news/e.txt"]


@pytest.mark.parametrize("error", [errno.EIO, errno.ESTALE, errno.EACCES])
@pytest.mark.parametrize("calls", [("open",), ("stat",)], ids=["opened", "looked at"])
def test_an_article_whose_file_cannot_be_read_stays(
    articles: Path, index: Path, fails: Any, error: int, calls: tuple[str, ...]
) -> None:
    fails(articles / "a.txt", error, calls=calls)
    report = sync([articles], index, HashEmbedder())

    (skipped,) = report.skipped
    assert (report.removed, report.unchanged) == ([], 4)
    assert skipped.path == articles / "a.txt"
    assert os.strerror(error) in skipped.reason
    assert ids(index) == ALL


def test_a_rebuild_does_not_lose_what_it_cannot_read(
    articles: Path, index: Path, fails: Any
) -> None:
    fails(articles / "a.txt", errno.EIO, calls=("open",))

    with pytest.raises(BadPath, match=r"a\.txt cannot be read: Input/output error, and to rebuild"):
        sync([articles], index, HashEmbedder(), rebuild=True)
    assert ids(index) == ALL


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A disk that a test may take away."""
    with mounts.disk(tmp_path / "disk", "1m") as disk:
        yield disk


@pytest.mark.parametrize("rebuild", [False, True], ids=["sync", "rebuild"])
def test_an_unmounted_disk_is_not_an_empty_folder(
    tmp_path: Path, articles: Path, mounted: Path, rebuild: bool
) -> None:
    shutil.copytree(articles, mounted, dirs_exist_ok=True)
    index = tmp_path / "index"
    sync([mounted], index, HashEmbedder())
    subprocess.run(["umount", str(mounted)], check=True)

    message = f"{mounted} is empty, and 5 articles of it were indexed. Is its disk there?"
    with pytest.raises(TooMuchGone, match=message) as refused:
        sync([mounted], index, HashEmbedder(), rebuild=rebuild)
    assert f"index --allow-empty {mounted} --index {index}" in str(refused.value)
    assert ids(index) == ALL
    allowed = sync([mounted], index, HashEmbedder(), rebuild=rebuild, allow_empty=True)
    assert ids(index) == []
    assert rebuild or allowed.removed == ALL


def test_a_disk_within_the_folder_may_be_missing_too(articles: Path, index: Path) -> None:
    for name in ("d", "e"):
        (articles / "news" / f"{name}.txt").unlink()

    with pytest.raises(TooMuchGone, match="news is empty, and 2 articles of it were indexed"):
        sync([articles], index, HashEmbedder())
    (articles / "news").rmdir()
    assert sync([articles], index, HashEmbedder()).removed == ["news/d.txt", "news/e.txt"]


def test_more_than_half_at_once_is_not_believed(articles: Path, index: Path) -> None:
    for name in ("a", "b", "news/d"):
        (articles / f"{name}.txt").unlink()

    with pytest.raises(TooMuchGone, match=r"3 of 5 articles of .* went at once"):
        sync([articles], index, HashEmbedder())
    assert ids(index) == ALL
    (articles / "a.txt").write_text("The story of a has words of its own.")
    assert sync([articles], index, HashEmbedder()).removed == ["b.txt", "news/d.txt"]


def test_articles_that_moved_are_not_lost(articles: Path, index: Path) -> None:
    (articles / "old").mkdir()
    for name in ("a", "b", "c"):
        (articles / f"{name}.txt").rename(articles / "old" / f"{name}.txt")
    for name in ("d", "e"):
        (articles / "news" / f"{name}.txt").rename(articles / "old" / f"{name}.txt")
    report = sync([articles], index, HashEmbedder())

    assert (len(report.added), len(report.removed)) == (5, 5)


def test_what_was_removed_on_purpose_is_believed(articles: Path, index: Path) -> None:
    for name in ("d", "e"):
        (articles / "news" / f"{name}.txt").unlink()
    expected = frozenset({articles / "news" / "d.txt", articles / "news" / "e.txt"})
    report = sync([articles], index, HashEmbedder(), expected=expected)

    assert report.removed == ["news/d.txt", "news/e.txt"]


def test_what_was_removed_on_purpose_counts_for_its_own_folder(
    articles: Path, index: Path, tmp_path: Path
) -> None:
    """It makes no other folder look as if it had fewer articles than it had."""
    (other := tmp_path / "other").mkdir()
    for name in ("f", "g", "h"):
        (other / f"{name}.txt").write_text(f"The story of {name} has words of its own.")
    sync([other], index, HashEmbedder())
    for name in ("f", "g"):
        (other / f"{name}.txt").unlink()
    for name in ("a", "b"):  # two of five are believed
        (articles / f"{name}.txt").unlink()
    report = sync([], index, HashEmbedder(), expected=frozenset({other / "f.txt", other / "g.txt"}))

    assert sorted(report.removed) == ["a.txt", "b.txt", "f.txt", "g.txt"]


def test_a_disk_that_goes_while_it_is_read_takes_nothing_out(articles: Path, index: Path) -> None:
    def unmount(done: int, total: int, what: str) -> None:
        if done == 1:
            articles.rename(articles.with_name("away"))
            articles.mkdir()

    with pytest.raises(TooMuchGone):
        sync([articles], index, HashEmbedder(), unmount)
    assert ids(index) == ALL


def test_a_file_that_goes_while_it_is_read_is_removed(articles: Path, index: Path) -> None:
    def remove(done: int, total: int, what: str) -> None:
        (articles / "b.txt").unlink(missing_ok=True)

    assert sync([articles], index, HashEmbedder(), remove).removed == ["b.txt"]
