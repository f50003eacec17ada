"""Ids of articles: unique, and the same as long as the file is there."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.build import sync
from index.errors import BadPath
from index.layout import CATALOG
from index.losses import TooMuchGone
from index.scope import Scope
from index.storage.catalog import Catalog
from tests.support.fakes import HashEmbedder


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or f"What stands in {path}.")
    return path


def ids(index: Path) -> dict[str, str]:
    """The id of each file, by its path."""
    with Catalog.open(index) as catalog:
        return {str(entry.path): entry.id for entry in catalog.entries()}


def texts(index: Path) -> dict[str, str]:
    with Catalog.open(index) as catalog:
        return {entry.id: catalog.text(entry.id) for entry in catalog.entries()}


def run(index: Path, *paths: Path, rebuild: bool = False) -> dict[str, str]:
    report = sync(list(paths), index, HashEmbedder(), rebuild=rebuild)
    assert report.skipped == []
    return ids(index)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return write(tmp_path / "a/notes.txt")


@pytest.fixture
def b(tmp_path: Path) -> Path:
    return write(tmp_path / "b/notes.txt")


def test_the_second_of_a_name_is_told_apart_and_the_first_keeps_its_id(
    index: Path, a: Path, b: Path
) -> None:
    run(index, a.parent)

    assert run(index, b.parent) == {str(a): "notes.txt", str(b): "b/notes.txt"}
    assert texts(index)["b/notes.txt"] == f"What stands in {b}."
    assert run(index) == {str(a): "notes.txt", str(b): "b/notes.txt"}


def test_two_that_come_at_once_are_told_apart_in_whatever_order(
    index: Path, a: Path, b: Path
) -> None:
    both = {str(a): "a/notes.txt", str(b): "b/notes.txt"}

    assert run(index, a.parent, b.parent) == both
    assert run(index.with_name("other"), b, a) == both


def test_an_id_stays_when_the_other_file_goes(index: Path, a: Path, b: Path) -> None:
    write(a.with_name("more.txt"))
    run(index, a.parent)
    run(index, b.parent)
    a.unlink()

    assert run(index)[str(b)] == "b/notes.txt"
    write(a)
    assert run(index)[str(a)] == "notes.txt"


@pytest.mark.parametrize("lost", [False, True], ids=["whole", "of an older layout"])
def test_a_rebuild_gives_the_same_ids(index: Path, a: Path, b: Path, lost: bool) -> None:
    run(index, b.parent)
    before = run(index, a.parent)
    assert before == {str(a): "a/notes.txt", str(b): "notes.txt"}
    if lost:
        with Catalog.open(index) as catalog:
            catalog.set("layout", "1")

    assert run(index, rebuild=True) == before


def test_ids_of_an_index_that_kept_no_files_stay(index: Path, a: Path, b: Path) -> None:
    run(index, b.parent)
    with Catalog.open(index) as catalog:
        catalog.query("ALTER TABLE article DROP COLUMN file")
        catalog.query("DROP TABLE given")
        catalog.set("layout", "3")

    assert run(index, a.parent, rebuild=True) == {str(a): "a/notes.txt", str(b): "notes.txt"}


def test_a_broken_catalog_tells_the_ids_that_it_can(index: Path, a: Path, b: Path) -> None:
    run(index, b.parent)
    before = run(index, a.parent)
    with closing(sqlite3.connect(index / CATALOG)) as catalog:
        catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((size,),) = catalog.execute("PRAGMA page_size")
        ((page,),) = catalog.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'chunk'")
    with (index / CATALOG).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"broken" * 100)

    assert run(index, rebuild=True) == before


def test_a_file_that_holds_no_text_for_a_while_keeps_its_id(index: Path, a: Path, b: Path) -> None:
    write(a.with_name("more.txt"))
    run(index, a.parent)
    a.write_bytes(b"")
    sync([], index, HashEmbedder())
    assert run_with_skipped(index, b.parent) == {"b/notes.txt", "more.txt"}

    write(a)
    assert run(index)[str(a)] == "notes.txt"
    a.write_bytes(b"")
    sync([], index, HashEmbedder())
    sync([], index, HashEmbedder(), rebuild=True)
    write(a)
    assert run(index)[str(a)] == "notes.txt"


def run_with_skipped(index: Path, *paths: Path) -> set[str]:
    sync(list(paths), index, HashEmbedder())
    return set(ids(index).values())


def test_an_id_is_free_again_when_its_file_is_gone(index: Path, a: Path, b: Path) -> None:
    write(a.with_name("more.txt"))
    run(index, a.parent)
    a.unlink()
    run(index)

    assert run(index, b.parent)[str(b)] == "notes.txt"


def test_a_moved_folder_takes_its_ids_along_though_some_files_were_edited(
    index: Path, a: Path, b: Path, tmp_path: Path
) -> None:
    for name in ("c.txt", "d.txt", "e/f.txt"):
        write(b.parent / name)
    run(index, a.parent)
    before = run(index, b.parent)
    moved = b.parent.rename(tmp_path / "moved")
    write(moved / "c.txt", "Edited after it was moved.")

    after = run(index, moved)
    assert after == {path.replace("/b/", "/moved/"): id for path, id in before.items()}
    with Catalog.open(index) as catalog:
        assert catalog.roots() == [a.parent, moved]


def test_a_drive_that_is_not_there_keeps_its_ids(index: Path, a: Path, b: Path) -> None:
    run(index, a.parent)
    away = a.parent.rename(a.parent.with_name("away"))

    assert set(run(index, b.parent).values()) == {"notes.txt", "b/notes.txt"}
    away.rename(a.parent)
    assert run(index) == {str(a): "notes.txt", str(b): "b/notes.txt"}


def test_an_emptied_folder_loses_no_article_to_a_newcomer_of_its_name(
    index: Path, a: Path, b: Path
) -> None:
    run(index, a.parent)
    a.unlink()

    with pytest.raises(TooMuchGone):
        sync([a.parent, b.parent], index, HashEmbedder())
    assert texts(index) == {"notes.txt": f"What stands in {a}."}


def test_a_file_that_moved_to_another_folder_takes_its_id_along(
    index: Path, a: Path, tmp_path: Path
) -> None:
    for name in ("b", "c"):
        write(tmp_path / name / "other.txt")
    run(index, a.parent, tmp_path / "b")
    shutil.move(a, tmp_path / "c/notes.txt")
    write(a.with_name("more.txt"))

    assert run(index, tmp_path / "c")[str(tmp_path / "c/notes.txt")] == "notes.txt"


def test_a_file_of_two_named_folders_is_one_article(index: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a/b/notes.txt")
    assert run(index, tmp_path / "a/b", tmp_path / "a") == {str(path): "b/notes.txt"}

    write(path, "It was edited.")
    assert sync([tmp_path / "a/b"], index, HashEmbedder()).changed == ["b/notes.txt"]
    sync([], index, HashEmbedder(), forget=[tmp_path / "a"])
    assert run(index) == {str(path): "b/notes.txt"}
    assert sync([], index, HashEmbedder(), forget=[tmp_path / "a/b"]).removed == ["b/notes.txt"]


def test_a_folder_named_by_a_link_too_is_indexed_once(index: Path, a: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(a.parent)
    run(index, a.parent)

    assert run(index, tmp_path / "link") == {str(a): "notes.txt"}


def test_a_scope_means_a_file_by_its_path_and_by_its_id(index: Path, a: Path, b: Path) -> None:
    run(index, a.parent)
    run(index, b.parent)
    with Catalog.open(index) as catalog:
        entries = list(catalog.entries())

    def fitting(only: str) -> list[str]:
        return [entry.id for entry in Scope((only,)).select(entries)]

    assert fitting(str(b)) == fitting(str(b.parent)) == ["b/notes.txt"]
    assert fitting("./notes.txt") == ["notes.txt"]
    assert fitting(f"{b.parent}/*.txt") == ["b/notes.txt"]
    assert fitting("*.txt") == ["b/notes.txt", "notes.txt"]


@pytest.mark.slow
def test_a_list_of_many_files_of_one_name(index: Path, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{i % 7}/{i}/README.md") for i in range(300)]

    assert run(index, *files) == {str(path): f"{path.parent.name}/README.md" for path in files}


FILES = [f"{root}/{name}" for root in ("a", "b", "b/c") for name in ("x.txt", "c/x.txt", "y.txt")]
STEPS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(FILES), st.sampled_from("wwde")), max_size=5),
        st.sampled_from([("a",), ("b",), ("a", "b"), ("b/c", "a"), ("b/c/x.txt",), ()]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_no_id_changes_while_its_file_is_there(
    tmp_path_factory: pytest.TempPathFactory,
    steps: Sequence[tuple[list[tuple[str, str]], tuple[str, ...], bool]],
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    write(folder / "a/first.txt")
    write(folder / "b/c/first.txt")
    known = run(folder / "index", folder / "a")
    for edits, named, rebuild in steps:
        for name, what in edits:
            _edit(folder / name, what)
        roots = [folder / name for name in named if (folder / name).exists()]
        try:
            sync(roots, folder / "index", HashEmbedder(), rebuild=rebuild, allow_empty=True)
        except BadPath:
            continue  # a file that was named by itself is gone
        now = ids(folder / "index")
        assert len(set(now.values())) == len(now)
        for path, id in now.items():
            assert known.get(path, id) == id
            assert texts(folder / "index")[id].startswith("What")
        known = {path: id for path, id in {**known, **now}.items() if os.path.lexists(path)}


def _edit(path: Path, what: str) -> None:
    """Write a file, delete it, or empty it."""
    if what == "w":
        write(path, f"What stands in {path} is edited {os.urandom(4).hex()}.")
    elif what == "d":
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
