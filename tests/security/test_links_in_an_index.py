"""An index is followed only within its folder: not through links, nor by ids that climb."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from index.articles.roots import escaped
from index.build import sync
from index.errors import IndexDamaged, LinkInIndex, UserError
from index.layout import (
    CATALOG,
    CHROMA,
    CONVERSATIONS,
    SEAL,
    STATES,
    UPLOADS,
    UPLOADS_MARK,
    VECTORS,
)
from qa.cli import opening
from qa.cli.status import status
from qa.llm.cache.files import DiskCache
from qa.service.library import Library
from qa.service.uploads import Uploads
from tests.support.cache_entries import put
from tests.support.fakes import HashEmbedder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of this user's, with what such a link might spoil."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("thesis.draft", "precious.txt", ".old.part", "states.sqlite"):
        (folder / name).write_text(name)
        os.utime(folder / name, (0, 0))
    (folder / UPLOADS_MARK).touch()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("part", [CATALOG, VECTORS, CHROMA, SEAL, STATES, UPLOADS, CONVERSATIONS])
def test_a_part_that_is_a_link_is_refused(part: str, two_articles: Path, mine: Path) -> None:
    before = names(mine)
    target = mine / "precious.txt" if "." in part else mine
    if (two_articles / part).exists():
        target = (two_articles / part).rename(mine / part)
        before = names(mine)
    (two_articles / part).symlink_to(target)
    assert status.callback

    for check in (False, True):
        with pytest.raises(LinkInIndex, match=f"{part} is a link"):
            status.callback(two_articles, check)
    with pytest.raises(LinkInIndex, match=part):
        sync([], two_articles, HashEmbedder())
    with pytest.raises(LinkInIndex, match=part):
        opening.disk_cache(two_articles, 1000)
    with pytest.raises(LinkInIndex, match=part):
        Library(two_articles, HashEmbedder()).remove("bakery.txt")
    assert names(mine) == before


def in_uploads(index: Path, id: str) -> Library:
    """A library whose catalog says that an article of this id was added on the page."""
    folder = index / UPLOADS
    folder.mkdir()
    (folder / UPLOADS_MARK).touch()
    with sqlite3.connect(index / CATALOG) as connection:
        connection.execute(
            "UPDATE article SET id = ?, root = ? WHERE id = 'bakery.txt'",
            (id, str(escaped(folder))),
        )
        connection.execute("INSERT INTO root VALUES (?)", (str(escaped(folder)),))
    return Library(index, HashEmbedder())


@pytest.mark.parametrize("id", ["../../mine/precious.txt", "{mine}/precious.txt", "a/../../x"])
def test_an_id_that_climbs_is_refused(id: str, two_articles: Path, mine: Path) -> None:
    id = id.format(mine=mine)
    library = in_uploads(two_articles, id)

    for read in (library.articles, lambda: library.remove(id), lambda: library.entry(id)):
        with pytest.raises(IndexDamaged, match="column id does not hold a path below a folder"):
            read()
    assert (mine / "precious.txt").exists()


def test_an_upload_behind_a_link_is_not_removed(two_articles: Path, mine: Path) -> None:
    library = in_uploads(two_articles, "sub/precious.txt")
    (two_articles / UPLOADS / "sub").symlink_to(mine)

    with pytest.raises(UserError, match="does not lie in"):
        library.remove("sub/precious.txt")
    assert (mine / "precious.txt").exists()


def test_no_mark_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / UPLOADS).mkdir()
    (tmp_path / UPLOADS / UPLOADS_MARK).symlink_to(tmp_path / "made")
    (tmp_path / "a.txt").write_text("Bread.")

    Uploads(tmp_path / UPLOADS).keep("a.txt", tmp_path / "a.txt", 100, lambda name: False)
    assert not (tmp_path / "made").exists()


def test_states_are_no_links_and_no_pipes(tmp_path: Path, mine: Path) -> None:
    files = DiskCache(tmp_path / STATES, 10_000)
    put(files, 1, 2)
    one, two = sorted((tmp_path / STATES).glob("*.state"))
    shutil.copy(one, mine / "one.state")
    one.unlink()
    one.symlink_to(mine / "one.state")
    two.unlink()
    os.mkfifo(two)

    assert [files.get(path.stem) for path in (one, two)] == [None, None]
    assert (mine / "one.state").exists()


def test_a_ledger_that_is_a_link_is_made_anew(tmp_path: Path, mine: Path) -> None:
    (tmp_path / STATES).mkdir()
    (tmp_path / STATES / "states.sqlite").symlink_to(mine / "states.sqlite")
    files = DiskCache(tmp_path / STATES, 10_000)

    assert put(files, 1) != [0]
    assert (mine / "states.sqlite").read_text() == "states.sqlite"
    assert not (tmp_path / STATES / "states.sqlite").is_symlink()


@pytest.mark.parametrize("key", ["../../mine/precious", "{mine}/precious", "a" * 64, None, 7])
def test_a_ledger_names_no_file_elsewhere(key: object, tmp_path: Path, mine: Path) -> None:
    (mine / "precious.state").write_text("mine")
    key = key.format(mine=mine) if isinstance(key, str) else key
    files = DiskCache(tmp_path / STATES, 10_000)
    put(files, 1)
    with sqlite3.connect(tmp_path / STATES / "states.sqlite") as connection:
        connection.execute("INSERT INTO state VALUES (?, 1e300, 0, 0)", (key,))

    DiskCache(tmp_path / STATES, 1)
    assert (mine / "precious.state").exists()
    assert put(DiskCache(tmp_path / STATES, 10_000), 2) != [0]
