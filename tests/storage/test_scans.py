"""The words of scanned pages in an index: whole, gone with their article, and never believed."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from index.articles.article import Article
from index.errors import IndexDamaged, OtherLayout
from index.layout import CATALOG
from index.scanned_page import ScannedPage, ScanWord
from index.storage import catalog as catalog_module
from index.storage.catalog import Catalog, Entry
from index.storage.database import Database

WORDS = ScanWord("Grey", 0, (-40, -9, 3, 8)), ScanWord("海角", 1, (-40, 20, 3, 41))
PAGE = ScannedPage(800, 600, 357.5, WORDS)


def put(catalog: Catalog, **scans: Any) -> None:
    catalog.put(Entry("a.pdf", "/r", "hash", "A"), Article("a.pdf", "Grey", "hash", **scans), [])


def test_words_of_pages_come_back_and_go_with_their_article(tmp_path: Path) -> None:
    with Catalog.create(tmp_path) as catalog:
        put(catalog, scans={2: PAGE, 7: ScannedPage(5, 5)})

        assert catalog.scans("a.pdf", (1, 2, 3)) == {2: PAGE}
        assert catalog.scans("b.pdf", (2,)) == {}
        put(catalog)
        assert catalog.scans("a.pdf", (2, 7)) == {}
        put(catalog, scans={2: PAGE})
        catalog.clear()
        put(catalog)
        assert catalog.scans("a.pdf", (2,)) == {}


def test_an_index_of_the_layout_before_is_read_and_gets_its_table_when_it_is_written(
    tmp_path: Path,
) -> None:
    with Database(tmp_path, CATALOG) as database:
        tables = catalog_module._TABLES_BEFORE
        database.create_tables(f"{tables}INSERT INTO setting VALUES ('layout', '4');")
    with Catalog.open(tmp_path) as catalog:
        assert catalog.scans("a.pdf", (1,)) == {}
        assert catalog.setting("layout") == "4"
    with Catalog.create(tmp_path) as catalog:
        put(catalog, scans={1: PAGE})
    with Catalog.open(tmp_path) as catalog:
        assert catalog.scans("a.pdf", (1,)) == {1: PAGE}
        assert catalog.setting("layout") == "5"
        catalog.set("layout", "3")
    with pytest.raises(OtherLayout):
        Catalog.open(tmp_path)


def packed(**changed: Any) -> bytes:
    return zlib.compress(json.dumps(PAGE.fields | changed).encode())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"words", id="not packed"),
        pytest.param(packed()[:-9], id="cut off"),
        pytest.param(zlib.compress(bytes(2**25)), id="a bomb"),
        pytest.param(zlib.compress(b"[" * 100_000), id="nested"),
        pytest.param(zlib.compress(b"[]"), id="a list"),
        pytest.param(packed(more=1), id="another value"),
        pytest.param(packed(size=[0, 5]), id="no width"),
        pytest.param(packed(size=[5, True]), id="no number"),
        pytest.param(packed(turn=float("nan")), id="no turn"),
        pytest.param(packed(words=[["a", 0, 5, 5, 4, 9]]), id="no box"),
        pytest.param(packed(words=[["a", 0, 5, 5, 10**9, 9]]), id="far away"),
        pytest.param(packed(words=[[1, 0, 5, 5, 7, 9]]), id="no word"),
        pytest.param(packed(words=[["a", 0, 5, 5, 7, 9]] * 50_001), id="too many words"),
    ],
)
def test_words_that_somebody_else_wrote_are_damage(data: bytes, tmp_path: Path) -> None:
    with Catalog.create(tmp_path) as catalog:
        put(catalog, scans={1: PAGE})
        catalog.query("UPDATE scan SET packed = ?", data)

        with pytest.raises(IndexDamaged, match="the words of a scanned page"):
            catalog.scans("a.pdf", (1,))
