"""Who may only read an index, or has no room to write, searches it all the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.build import sync
from index.errors import IndexUnwritable
from index.health import problems
from index.layout import WRITER_OWNER
from index.search import Searcher
from index.storage.catalog import Catalog
from index.storage.vectors.ann_index import AnnIndex
from index.storage.write_lock import only_writer
from qa.cli.main import main
from tests.support import mounts
from tests.support.fakes import HashEmbedder

OVEN = "The new oven was built by Kumar Steel in 2019."


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "oven.txt").write_text(OVEN)
    sync([tmp_path / "articles"], tmp_path / "index", HashEmbedder())
    return tmp_path / "index"


@pytest.fixture
def read_only(index: Path, tmp_path: Path) -> Iterator[Path]:
    with mounts.read_only(tmp_path / "mounted", index) as place:
        yield place


def test_an_index_on_a_read_only_disk_is_searched(read_only: Path) -> None:
    vector = HashEmbedder().query(OVEN)
    with Catalog.open(read_only) as catalog:
        assert problems(catalog) == []
    assert [p.text for p in Searcher(read_only, HashEmbedder()).search(OVEN)] == [OVEN]
    (found,) = AnnIndex(read_only, HashEmbedder().fingerprint).nearest(vector, 5).values()
    assert len(found) == 1


def test_an_index_on_a_read_only_disk_is_checked(read_only: Path) -> None:
    checked = CliRunner().invoke(main, ["status", "--check", "--index", str(read_only)])
    assert (checked.exit_code, checked.stdout) == (0, "good\n"), checked.output


def test_it_cannot_be_changed_and_says_so(read_only: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexUnwritable, match="Read-only file system"):
        sync([tmp_path / "articles"], read_only, HashEmbedder())


def test_an_index_on_a_full_disk_is_searched(index: Path, tmp_path: Path) -> None:
    with mounts.disk(tmp_path / "disk", "4m") as disk:
        shutil.copytree(index, disk / "index")
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        assert shutil.disk_usage(disk).free == 0
        assert [p.text for p in Searcher(disk / "index", HashEmbedder()).search(OVEN)] == [OVEN]


def test_the_owner_of_the_lock_is_not_written_through_a_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / WRITER_OWNER).symlink_to(mine)
    with only_writer(folder):
        assert mine.read_text() == "precious"
    assert mine.read_text() == "precious"
