import sqlite3
from pathlib import Path

import pytest

from index.articles import Article
from index.catalog import FILE, Catalog, Entry
from index.chunks import Chunk
from index.errors import IndexDamaged, IndexMissing

TEXT = "यह 😀 एक। Two. यह 😀 एक।"
ONE = Chunk("a.txt", 0, 9, TEXT[0:9], "Title", False, ((15, 24),))
TWO = Chunk("a.txt", 10, 14, TEXT[10:14], "", True)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog.create(tmp_path)
    put(catalog, "a.txt")
    return catalog


def put(catalog: Catalog, id: str, root: str = "/r") -> None:
    chunks = [Chunk(id, c.start, c.end, c.text, c.context, c.byline, c.places) for c in (ONE, TWO)]
    catalog.put(Entry(id, root, "hash", "Title"), Article(id, TEXT, "hash"), chunks)


def test_chunks_come_back_with_exact_text_beyond_the_first_plane(catalog: Catalog) -> None:
    assert catalog.chunks([TWO.key, "absent", ONE.key]) == {TWO.key: [TWO], ONE.key: [ONE]}
    assert catalog.text("a.txt") == TEXT


def test_keys_and_searched_texts_stand_in_the_same_order(catalog: Catalog) -> None:
    put(catalog, "b.txt")

    assert catalog.keys() == [ONE.key, TWO.key]
    assert list(catalog.texts()) == [ONE.embedded_text, TWO.embedded_text]
    assert catalog.counts() == (2, 4, 2)


def test_the_same_text_in_two_articles_is_found_in_both(catalog: Catalog) -> None:
    put(catalog, "b.txt")

    assert [c.article_id for c in catalog.chunks([ONE.key])[ONE.key]] == ["a.txt", "b.txt"]


def test_a_removed_article_takes_its_chunks_along(catalog: Catalog) -> None:
    catalog.remove("a.txt")

    assert catalog.counts() == (0, 0, 0)
    with pytest.raises(KeyError):
        catalog.text("a.txt")


def test_a_forgotten_root_takes_its_articles_along(catalog: Catalog) -> None:
    put(catalog, "b.txt", root="/other")
    catalog.add_root(Path("/r"))
    catalog.add_root(Path("/other"))

    catalog.forget_root(Path("/r"))

    assert catalog.roots() == [Path("/other")]
    assert list(catalog.entries()) == ["b.txt"]


def test_what_fails_inside_a_transaction_leaves_nothing(catalog: Catalog) -> None:
    def stopped() -> None:
        with catalog.transaction():
            catalog.clear()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    assert catalog.counts() == (1, 2, 2)


def test_a_snapshot_does_not_see_what_is_written_meanwhile(
    catalog: Catalog, tmp_path: Path
) -> None:
    with Catalog.open(tmp_path) as reader, reader.snapshot():
        assert reader.setting("name") is None
        catalog.set("name", "value")
        assert reader.setting("name") is None


def test_a_missing_catalog_is_a_missing_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="Build one with: article-qa index ARTICLES --index"):
        Catalog.open(tmp_path)


@pytest.mark.parametrize("data", [b"junk" * 2000, b"SQLite format 3\0" + b"\1" * 5000])
def test_a_file_that_is_no_catalog_is_damage(data: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(data)

    for opening in (Catalog.open, Catalog.create):
        with pytest.raises(IndexDamaged, match="Mend it with: article-qa index --rebuild"):
            opening(tmp_path)


def test_a_catalog_of_another_layout_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    catalog.set("layout", "99")

    with pytest.raises(IndexDamaged, match="its layout is 99, this program reads 3"):
        Catalog.open(tmp_path)


@pytest.mark.parametrize("half", ["", "PRAGMA journal_mode = WAL"])
def test_a_catalog_that_was_never_finished_is_made_anew(half: str, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / FILE).execute(half)
    (tmp_path / FILE).touch()

    with Catalog.create(tmp_path) as catalog:
        assert catalog.counts() == (0, 0, 0)


def test_a_broken_page_is_found(catalog: Catalog, tmp_path: Path) -> None:
    with catalog.transaction():
        for i in range(200):
            put(catalog, f"{i}.txt")
    catalog.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(4096 * 4)
        file.write(b"\xff" * 4096)

    with Catalog.open(tmp_path) as broken, pytest.raises(IndexDamaged):
        broken.verify()
