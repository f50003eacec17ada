import sqlite3
from pathlib import Path

import pytest

from index.articles.article import Article
from index.articles.chunks import Chunk
from index.errors import IndexDamaged, IndexMissing, OtherLayout
from index.layout import CATALOG
from index.passage import Page
from index.storage import catalog as catalog_module
from index.storage import near_duplicates
from index.storage.catalog import Catalog, Entry
from index.storage.database import Database
from index.storage.shelf import Shelf

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


def test_each_text_has_one_key_and_its_words(catalog: Catalog) -> None:
    put(catalog, "b.txt")

    assert catalog.keys() == [ONE.key, TWO.key]
    assert list(catalog.bm25.best("Title एक", 9)) == [ONE.key]
    assert catalog.counts() == (2, 4, 2)


def test_the_same_text_in_two_articles_is_found_in_both(catalog: Catalog) -> None:
    put(catalog, "b.txt")

    assert [c.article_id for c in catalog.chunks([ONE.key])[ONE.key]] == ["a.txt", "b.txt"]


def test_texts_of_articles_follow_each_other_without_bylines(catalog: Catalog) -> None:
    last = Chunk("b.txt", 15, 24, TEXT[15:24])
    catalog.put(Entry("b.txt", "/r", "hash", "Title"), Article("b.txt", TEXT, "hash"), [ONE, last])

    assert catalog.read_in_order(["b.txt", "a.txt", "absent"]) == {
        "a.txt": [ONE.key],
        "b.txt": [ONE.key, last.key],
    }


def test_a_removed_article_takes_its_chunks_along(catalog: Catalog) -> None:
    catalog.remove("a.txt")

    assert catalog.counts() == (0, 0, 0)
    assert (catalog.keys(), catalog.bm25.best("two", 9)) == ([], {})
    with pytest.raises(KeyError):
        catalog.text("a.txt")


def test_a_forgotten_root_takes_its_articles_along(catalog: Catalog) -> None:
    put(catalog, "b.txt", root="/other")
    catalog.add_root(Path("/r"))
    catalog.add_root(Path("/other"))

    catalog.forget_root(Path("/r"))

    assert catalog.roots() == [Path("/other")]
    assert [entry.id for entry in catalog.entries()] == ["b.txt"]


def shelve(catalog: Catalog, id: str, title: str, text: str = TEXT) -> Entry:
    entry = Entry(id, "/r", "hash", title, "en", "2024-05-01", "Ana Rao")
    catalog.put(entry, Article(id, text, "hash"), [])
    return entry


def test_a_shelf_gives_some_articles_by_id_with_their_size(catalog: Catalog) -> None:
    c, b = shelve(catalog, "c.txt", "C", "😀 यह"), shelve(catalog, "b.txt", "B")

    assert Shelf(catalog).articles(first=1) == [(b, len(TEXT)), (c, 4)]
    assert Shelf(catalog).articles(first=1, limit=1) == [(b, len(TEXT))]
    assert (Shelf(catalog).articles(first=3), Shelf(catalog).count()) == ([], 3)


def test_what_is_known_of_an_article_comes_back(catalog: Catalog) -> None:
    kept = shelve(catalog, "b.txt", "B")

    assert (catalog.entry("b.txt"), kept.author) == (kept, "Ana Rao")
    assert list(catalog.entries())[1] == kept


def test_the_length_of_some_articles_is_in_code_points(catalog: Catalog) -> None:
    shelve(catalog, "c.txt", "C", "😀 यह")

    assert catalog.lengths(["c.txt", "a.txt", "absent"]) == {"a.txt": len(TEXT), "c.txt": 4}
    assert catalog.lengths([]) == {}


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("ÜBER", ["ü.txt"]),
        ("ärzte u\u0308ber ", ["ü.txt"]),
        ("u\u0308.TXT", ["ü.txt"]),
        ("über title", []),
        (".txt", ["a.txt", "ü.txt", "हिंदी.txt"]),
        ("हिंदी", ["हिंदी.txt"]),
        ("%", []),
        ("t_tle", []),
        ("' OR 1 --", []),
        (" ", ["a.txt", "ü.txt", "हिंदी.txt"]),
    ],
)
def test_a_search_finds_words_of_id_and_title_in_any_case(
    search: str, ids: list[str], catalog: Catalog
) -> None:
    shelve(catalog, "ü.txt", "Über Ärzte")
    shelve(catalog, "हिंदी.txt", "")

    assert [entry.id for entry, _ in Shelf(catalog).articles(search)] == ids
    assert Shelf(catalog).count(search) == len(ids)


def test_near_copies_are_told_from_both_sides(catalog: Catalog) -> None:
    words = [f"word{i}" for i in range(60)]
    for id, text in (("c", words), ("b", words[1:]), ("d", words[2:]), ("e", words[::-1])):
        shelve(catalog, id, "", " ".join(text))
    near_duplicates.settle(catalog)

    assert Shelf(catalog).duplicates_of(["b", "c", "e", "absent"]) == {"b": ["c", "d"], "c": ["b"]}


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
    (tmp_path / CATALOG).write_bytes(data)

    for opening in (Catalog.open, Catalog.create):
        with pytest.raises(IndexDamaged, match="Repair it with: article-qa index --rebuild"):
            opening(tmp_path)


def test_a_catalog_of_another_layout_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    catalog.set("layout", "99")

    with pytest.raises(OtherLayout, match="its layout is 99, this program reads 5"):
        Catalog.open(tmp_path)


def test_an_index_made_before_authors_were_kept_says_how_to_make_it_anew(tmp_path: Path) -> None:
    before = catalog_module._EVERY_TABLE.replace(" author TEXT NOT NULL,", "")
    with Database(tmp_path, CATALOG) as database:
        database.create_tables(f"{before}INSERT INTO setting VALUES ('layout', '2');")

    for opening in (Catalog.open, Catalog.create):
        with pytest.raises(OtherLayout) as refused:
            opening(tmp_path)
        assert str(refused.value) == (
            f"The index at {tmp_path} was made by another version of article-qa (its layout is 2, "
            "this program reads 5). Rebuild it with: article-qa index --rebuild --index "
            f"{tmp_path}"
        )


@pytest.mark.parametrize("layout", ["\x1b[31m", "9" * 99, ""])
def test_a_layout_that_is_no_number_is_not_shown(
    layout: str, catalog: Catalog, tmp_path: Path
) -> None:
    catalog.set("layout", layout)

    with pytest.raises(OtherLayout, match="its layout is unknown"):
        Catalog.open(tmp_path)


@pytest.mark.parametrize("half", ["", "PRAGMA journal_mode = WAL"])
def test_a_catalog_that_was_never_finished_is_made_anew(half: str, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / CATALOG).execute(half)
    (tmp_path / CATALOG).touch()

    with Catalog.create(tmp_path) as catalog:
        assert catalog.counts() == (0, 0, 0)


def test_a_broken_page_is_found(catalog: Catalog, tmp_path: Path) -> None:
    with catalog.transaction():
        for i in range(200):
            put(catalog, f"{i}.txt")
    catalog.close()
    with (tmp_path / CATALOG).open("r+b") as file:
        file.seek(4096 * 4)
        file.write(b"\xff" * 4096)

    with Catalog.open(tmp_path) as broken, pytest.raises(IndexDamaged):
        broken.verify()


def test_pages_notices_and_skipped_files_are_kept(tmp_path: Path) -> None:
    pages = (Page(0, "page", "1"), Page(4, "page", "3", 0.9))
    article = Article("a.pdf", "One Three", "", pages=pages, notices=("page 2 is a scan",))
    with Catalog.create(tmp_path) as catalog:
        catalog.put(Entry("a.pdf", "/a", "", "A"), article, [])
        catalog.skip(Path("/a/b.zip"), Path("/a"), "unpack it")

        assert catalog.pages("a.pdf") == list(pages)
        assert [catalog.page("a.pdf", offset) for offset in (3, 4)] == list(pages)
        assert catalog.page("none", 0) is None
        assert list(catalog.notices()) == [("a.pdf", "page 2 is a scan")]
        assert catalog.skipped() == [(Path("/a/b.zip"), "unpack it")]

        catalog.remove("a.pdf")
        catalog.forget_skipped(Path("/a"))
        assert (catalog.pages("a.pdf"), list(catalog.notices()), catalog.skipped()) == ([], [], [])
