import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import new_vectors
from index.articles import chunks as chunking
from index.build import Report, sync
from index.errors import (
    BadPath,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnwritable,
    OtherLayout,
)
from index.layout import CATALOG, CHROMA, VECTORS, WRITER_OWNER
from index.search import Searcher
from index.storage.catalog import Catalog
from index.storage.vectors import exact_index
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.vector_file import VectorFile
from index.storage.write_lock import only_writer
from tests.support import child_processes, mounts
from tests.support.fakes import HashEmbedder
from tests.support.paths import ROOT
from tests.support.sample_files import close

QUESTION = "Who built the new oven?"
OVEN = "The new oven was built by Kumar Steel in 2019. It burns wood."


class FailingEmbedder(HashEmbedder):
    """Raises `error` in place of the call after the first `calls`."""

    def __init__(self, calls: int, error: BaseException) -> None:
        super().__init__()
        self._calls, self._error = calls, error

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._calls -= 1
        if self._calls < 0:
            raise self._error
        return super().documents(texts)


def told(report: Report) -> tuple[list[str], list[str], list[str], int]:
    return report.added, report.changed, report.removed, report.unchanged


def best(folder: Path, question: str = QUESTION) -> str:
    return Searcher(folder, HashEmbedder()).search(question)[0].text


def ids(folder: Path) -> list[str]:
    with Catalog.open(folder) as catalog:
        return [entry.id for entry in catalog.entries()]


def state(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Articles, named keys and kept vectors."""
    with Catalog.open(folder) as catalog:
        return ids(folder), catalog.keys(), sorted(AnnIndex(folder, "hash-1").keys())


def test_everything_new_is_added(articles: Path, tmp_path: Path, embedder: HashEmbedder) -> None:
    said: list[tuple[int, int, str]] = []

    report = sync([articles], tmp_path / "i", embedder, lambda *step: said.append(step))

    assert told(report) == (["bakery.txt", "harbour.txt"], [], [], 0)
    assert report.embedded == 3
    assert said == [(0, 2, "bakery.txt"), (1, 2, "harbour.txt"), (2, 2, "3 vectors")]
    assert best(tmp_path / "i") == OVEN


def test_a_second_run_embeds_nothing(articles: Path, two_articles: Path) -> None:
    embedder = HashEmbedder()
    before = state(two_articles)

    report = sync([articles], two_articles, embedder)

    assert told(report) == ([], [], [], 2)
    assert (report.altered, embedder.embedded) == (False, [])
    assert state(two_articles) == before


def test_without_paths_what_was_indexed_before_is_synced(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    (articles / "new.txt").write_text("Something new.")

    assert told(sync([], two_articles, embedder)) == (["new.txt"], [], [], 2)


def test_a_changed_article_is_embedded_where_it_changed(articles: Path, two_articles: Path) -> None:
    file, embedder = articles / "bakery.txt", HashEmbedder()
    file.write_text(file.read_text().replace("400 loaves", "500 loaves"))

    report = sync([articles], two_articles, embedder)

    assert (told(report), report.embedded) == (([], ["bakery.txt"], [], 1), 1)
    assert [text for text in embedder.embedded if "oven" in text] == []
    assert "500 loaves" in best(two_articles, "How many loaves?")


def test_a_removed_article_is_found_no_more(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    (articles / "bakery.txt").unlink()

    assert told(sync([articles], two_articles, embedder)) == ([], [], ["bakery.txt"], 1)
    assert "oven" not in best(two_articles)
    _, named, kept = state(two_articles)
    assert sorted(named) == kept


def test_a_renamed_article_is_not_embedded_again(articles: Path, two_articles: Path) -> None:
    embedder = HashEmbedder()
    (articles / "bakery.txt").rename(articles / "bread.txt")

    report = sync([articles], two_articles, embedder)

    assert told(report) == (["bread.txt"], [], ["bakery.txt"], 1)
    assert embedder.embedded == []


def test_a_moved_folder_is_taken_over(articles: Path, two_articles: Path) -> None:
    embedder = HashEmbedder()
    moved = articles.rename(articles.with_name("moved"))

    report = sync([moved], two_articles, embedder)

    assert (report.skipped, embedder.embedded) == ([], [])
    with Catalog.open(two_articles) as catalog:
        assert catalog.roots() == [moved]


def test_the_same_folder_by_another_path_is_the_same(
    articles: Path, two_articles: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(articles)

    report = sync([Path("../articles")], two_articles, embedder)

    assert told(report) == ([], [], [], 2)
    assert report.skipped == []


def test_the_same_text_in_two_articles_is_embedded_once(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    shutil.copy(articles / "bakery.txt", articles / "copy.txt")

    assert sync([articles], tmp_path / "i", embedder).embedded == 3
    assert len(embedder.embedded) == len(set(embedder.embedded))


def test_a_name_that_two_folders_give_is_told_apart_by_its_folder(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    other = articles.with_name("other")
    other.mkdir()
    (other / "bakery.txt").write_text("Another bakery altogether.")

    report = sync([other], two_articles, embedder)

    assert told(report) == (["other/bakery.txt"], [], [], 0)
    assert report.skipped == []
    assert ids(two_articles) == ["bakery.txt", "harbour.txt", "other/bakery.txt"]
    assert best(two_articles) == OVEN


def test_another_folder_leaves_the_first_as_it_was(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    other = articles.with_name("other")
    other.mkdir()
    (other / "park.txt").write_text("The park has two lakes.")

    assert told(sync([other], two_articles, embedder)) == (["park.txt"], [], [], 0)
    assert ids(two_articles) == ["bakery.txt", "harbour.txt", "park.txt"]


def test_a_single_file_is_an_article(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    sync([articles / "bakery.txt"], tmp_path / "i", embedder)
    report = sync([articles], tmp_path / "i", embedder)

    assert told(report) == (["harbour.txt"], [], [], 1)
    assert report.skipped == []


def test_an_article_that_became_binary_is_removed_and_said(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    (articles / "bakery.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0")

    report = sync([articles], two_articles, embedder)

    assert told(report) == ([], [], ["bakery.txt"], 1)
    assert [skipped.path.name for skipped in report.skipped] == ["bakery.txt"]
    assert ids(two_articles) == ["harbour.txt"]


def test_an_article_that_became_a_pipe_is_removed_and_said(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    (articles / "bakery.txt").unlink()
    os.mkfifo(articles / "bakery.txt")

    report = sync([articles], two_articles, embedder)

    assert told(report) == ([], [], ["bakery.txt"], 1)
    assert [skipped.reason for skipped in report.skipped] == ["not a regular file"]


def test_an_empty_folder_makes_an_empty_index(tmp_path: Path, embedder: HashEmbedder) -> None:
    (tmp_path / "empty").mkdir()
    sync([tmp_path / "empty"], tmp_path / "i", embedder)

    assert Searcher(tmp_path / "i", embedder).search("anything") == []


@pytest.mark.parametrize("paths", [[], [Path("absent")]], ids=["no path", "wrong path"])
def test_nothing_to_index_is_said_and_makes_no_index(
    paths: list[Path], tmp_path: Path, embedder: HashEmbedder
) -> None:
    with pytest.raises(BadPath, match=r"Nothing|absent"):
        sync(paths, tmp_path / "i", embedder)

    with pytest.raises(IndexMissing, match=f"No index at {tmp_path / 'i'}"):
        Searcher(tmp_path / "i", embedder)


def test_another_embedder_is_refused_with_the_command_that_mends_it(
    articles: Path, two_articles: Path
) -> None:
    other = HashEmbedder("hash-2")
    mend = f"was made with another embedder.*article-qa index --rebuild --index {two_articles}$"

    with pytest.raises(IndexMismatch, match=mend):
        sync([articles], two_articles, other)
    with pytest.raises(IndexMismatch, match=mend):
        Searcher(two_articles, other)

    assert best(two_articles) == OVEN
    assert sync([], two_articles, other, rebuild=True).embedded == 3
    assert Searcher(two_articles, other).search(QUESTION)[0].text == OVEN
    with pytest.raises(IndexMismatch, match="was made with another embedder"):
        Searcher(two_articles, HashEmbedder())


def test_another_chunker_is_refused_and_a_rebuild_embeds_only_what_it_cuts_otherwise(
    two_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunking, "VERSION", chunking.VERSION + 1)

    with pytest.raises(IndexMismatch, match="another way of cutting articles"):
        sync([], two_articles, HashEmbedder())

    assert sync([], two_articles, HashEmbedder(), rebuild=True).embedded == 0
    assert best(two_articles) == OVEN


def no_catalog(folder: Path) -> None:
    (folder / CATALOG).write_bytes(b"junk" * 4096)


def no_vectors(folder: Path) -> None:
    shutil.rmtree(folder / CHROMA)


def broken_vectors(folder: Path) -> None:
    (folder / CHROMA / "chroma.sqlite3").write_bytes(b"junk" * 4096)


def no_vector_file(folder: Path) -> None:
    (folder / VECTORS).unlink()


def broken_vector_file(folder: Path) -> None:
    (folder / VECTORS).write_bytes(b"junk" * 4096)


def nothing_but_catalog(folder: Path) -> None:
    no_vectors(folder)
    no_vector_file(folder)


def lost_vectors(folder: Path) -> None:
    with Catalog.open(folder) as catalog:
        AnnIndex(folder, "hash-1").remove(catalog.keys()[:1])


@pytest.mark.parametrize(
    ("damage", "embedded"),
    [(no_catalog, 0), (no_vectors, 0), (broken_vectors, 0), (lost_vectors, 1),
     (no_vector_file, 0), (broken_vector_file, 0), (nothing_but_catalog, 3)],
)  # fmt: skip
def test_damage_is_said_and_a_rebuild_mends_only_what_is_missing(
    damage: Callable[[Path], None],
    embedded: int,
    articles: Path,
    two_articles: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exact_index, "FEW", 0)  # as large indexes are searched
    damage(two_articles)

    with pytest.raises(IndexDamaged, match="Repair it with: article-qa index --rebuild"):
        Searcher(two_articles, HashEmbedder())

    report = sync([articles], two_articles, HashEmbedder(), rebuild=True)

    assert report.embedded == embedded
    assert best(two_articles) == OVEN


@pytest.mark.parametrize("damage", [no_vectors, broken_vectors])
def test_a_small_index_is_searched_whatever_became_of_chroma(
    damage: Callable[[Path], None], two_articles: Path
) -> None:
    damage(two_articles)

    assert best(two_articles) == OVEN


@pytest.mark.parametrize(
    "damage", [no_catalog, no_vectors, broken_vectors, lost_vectors, no_vector_file]
)
def test_a_damaged_index_is_not_synced(
    damage: Callable[[Path], None], articles: Path, two_articles: Path
) -> None:
    damage(two_articles)

    with pytest.raises(IndexDamaged, match="--rebuild"):
        sync([articles], two_articles, HashEmbedder())


@pytest.mark.slow
def test_a_second_writer_is_refused_and_told_who_writes(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    run = child_processes.command(child_processes.hold_write_lock, two_articles)
    with subprocess.Popen(run, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        named = rf"^Process {other.pid} on .* \(since 20.*: article-qa {two_articles}\) is writing"
        with pytest.raises(IndexBusy, match=named):
            sync([articles], two_articles, embedder)
        assert best(two_articles) == OVEN
        other.kill()

    assert (two_articles / WRITER_OWNER).exists()  # a killed writer's binds nobody
    assert told(sync([articles], two_articles, embedder)) == ([], [], [], 2)
    assert not (two_articles / WRITER_OWNER).exists()


def test_a_killed_writer_is_not_named_while_another_writes(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with only_writer(two_articles):
        said = json.loads((two_articles / WRITER_OWNER).read_text())
        (two_articles / WRITER_OWNER).write_text(json.dumps({**said, "pid": gone.pid}))
        with pytest.raises(IndexBusy, match=r"^Another process is writing"):
            sync([articles], two_articles, embedder)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=repr)
def test_a_run_stopped_midway_leaves_the_old_index_and_the_next_finishes(
    error: BaseException, articles: Path, two_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_vectors, "AT_ONCE", 1)
    before = ids(two_articles)
    (articles / "bakery.txt").write_text("Nothing is left.")
    (articles / "new.txt").write_text("A new oven was built by Kumar Steel, again and again.")

    with pytest.raises(type(error)):
        sync([articles], two_articles, FailingEmbedder(1, error))

    assert ids(two_articles) == before
    assert best(two_articles) == OVEN
    report = sync([articles], two_articles, HashEmbedder())
    assert told(report) == (["new.txt"], ["bakery.txt"], [], 1)
    assert report.embedded == 1


def test_a_first_run_stopped_midway_leaves_no_index(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_vectors, "AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt):
        sync([articles], tmp_path / "i", FailingEmbedder(1, KeyboardInterrupt()))
    with pytest.raises(IndexMissing):
        Searcher(tmp_path / "i", HashEmbedder())

    assert sync([articles], tmp_path / "i", HashEmbedder()).embedded == 2
    assert best(tmp_path / "i") == OVEN


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    with mounts.disk(tmp_path / "disk", "4m") as disk:
        yield disk


@pytest.mark.parametrize("free", [0, 300, 1200], ids="{} KB".format)
def test_a_full_disk_is_said_plainly_and_leaves_the_old_index(
    free: int, small_disk: Path, articles: Path
) -> None:
    folder = small_disk / "index"
    sync([articles], folder, HashEmbedder())
    text = "\n\n".join(f"Sentence {i} speaks of the number {i * i}." for i in range(9000))
    (articles / "large.txt").write_text(text)
    room = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(max(0, room - free * 1024)))

    with pytest.raises(IndexUnwritable, match="Cannot write to the index at"):
        sync([articles], folder, HashEmbedder())

    (small_disk / "filler").unlink()
    assert ids(folder) == ["bakery.txt", "harbour.txt"]
    assert best(folder) == OVEN


def test_an_index_folder_that_is_a_file_is_said(articles: Path, embedder: HashEmbedder) -> None:
    with pytest.raises(IndexUnwritable, match="name another folder with --index"):
        sync([articles], articles / "bakery.txt", embedder)


def test_a_forgotten_folder_takes_its_articles_with_it(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    shutil.rmtree(articles)

    report = sync([], two_articles, embedder, forget=[articles])

    assert report.removed == ["bakery.txt", "harbour.txt"]
    with Catalog.open(two_articles) as catalog:
        assert (catalog.roots(), catalog.counts()) == ([], (0, 0, 0))


@pytest.mark.parametrize("rebuild", [False, True], ids=["sync", "rebuild"])
def test_a_folder_that_is_gone_is_refused_with_what_to_do(
    articles: Path, two_articles: Path, embedder: HashEmbedder, rebuild: bool
) -> None:
    shutil.rmtree(articles)

    with pytest.raises(BadPath, match=f"index --forget {articles} --index {two_articles}"):
        sync([], two_articles, embedder, rebuild=rebuild)
    with Catalog.open(two_articles) as catalog:
        assert catalog.counts()[0] == 2


def test_a_folder_with_brackets_that_is_gone_is_no_pattern(
    tmp_path: Path, embedder: HashEmbedder
) -> None:
    folder, index = tmp_path / "news [2024]", tmp_path / "index"
    folder.mkdir()
    (folder / "oven.txt").write_text(OVEN)
    assert sync([folder], index, embedder).added == ["oven.txt"]
    assert sync([folder], index, embedder).unchanged == 1
    shutil.rmtree(folder)

    with pytest.raises(BadPath, match=re.escape(f"{folder} was indexed and is gone")):
        sync([], index, embedder)
    with Catalog.open(index) as catalog:
        assert catalog.counts()[0] == 1
    assert sync([], index, embedder, forget=[folder]).removed == ["oven.txt"]


def test_a_folder_that_cannot_be_listed_keeps_its_articles(
    articles: Path, tmp_path: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, index = articles / "closed", tmp_path / "index"
    closed.mkdir()
    (closed / "oven.txt").write_text(OVEN)
    sync([articles], index, embedder)
    (articles / "bakery.txt").unlink()
    close(closed, monkeypatch)

    report = sync([articles], index, embedder)
    assert (report.removed, report.unchanged) == (["bakery.txt"], 1)
    assert [skipped.path for skipped in report.skipped] == [closed]
    with Catalog.open(index) as catalog:
        assert sorted(catalog.ids(articles)) == ["closed/oven.txt", "harbour.txt"]


def test_what_was_never_indexed_cannot_be_forgotten(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    with pytest.raises(BadPath, match=f"Indexed: {articles}"):
        sync([], two_articles, embedder, forget=[articles.parent / "other"])


@pytest.mark.parametrize(
    "sql",
    ["UPDATE setting SET value = '1' WHERE name = 'layout'", "DROP TABLE passage",
     "DROP TABLE word_data"],
)  # fmt: skip
def test_an_index_of_another_layout_is_rebuilt_from_the_folders_it_names(
    sql: str, articles: Path, two_articles: Path
) -> None:
    with Catalog.open(two_articles) as catalog:
        catalog.query("PRAGMA writable_schema = ON")
        catalog.query("DELETE FROM sqlite_schema WHERE name = 'passage_removed'")
        catalog.query(sql)

    with pytest.raises(IndexDamaged, match="article-qa index --rebuild"):
        sync([], two_articles, HashEmbedder())

    assert sync([], two_articles, HashEmbedder(), rebuild=True).embedded == 0
    assert best(two_articles) == OVEN


def test_an_index_made_before_authors_were_kept_is_made_anew_without_embedding(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    written = "---\nauthor: [Ana Rao, Li Wei]\n---\nThe oven is hot."
    (articles / "oven.md").write_text(written, encoding="utf-8")
    sync([articles], two_articles, embedder)
    with Catalog.open(two_articles) as catalog:
        catalog.query("ALTER TABLE article DROP COLUMN author")
        catalog.set("layout", "2")
    for refused in (
        lambda: sync([], two_articles, embedder),
        lambda: Searcher(two_articles, embedder),
    ):
        with pytest.raises(OtherLayout, match="article-qa index --rebuild"):
            refused()

    assert sync([], two_articles, embedder, rebuild=True).embedded == 0
    with Catalog.open(two_articles) as catalog:
        assert {entry.id: entry.author for entry in catalog.entries()} == {
            "bakery.txt": "",
            "harbour.txt": "",
            "oven.md": "Ana Rao, Li Wei",
        }


def test_a_rebuild_without_a_catalog_loses_nothing_before_it_is_told_what_to_read(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    (two_articles / CATALOG).write_bytes(b"no database at all " * 100)

    with pytest.raises(BadPath, match="index ARTICLES --rebuild"):
        sync([], two_articles, embedder, rebuild=True)
    assert sync([articles], two_articles, embedder, rebuild=True).embedded == 0


def another_layout(folder: Path) -> None:
    with Catalog.open(folder) as catalog:
        catalog.set("layout", "1")


def test_a_rebuild_stopped_as_it_sweeps_leaves_a_whole_index(
    articles: Path, two_articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (articles / "bakery.txt").write_text(OVEN)
    with monkeypatch.context() as patch:
        patch.setattr(AnnIndex, "sweep", stop)
        with pytest.raises(KeyboardInterrupt):
            sync([articles], two_articles, HashEmbedder(), rebuild=True)

    assert best(two_articles) == OVEN
    sync([articles], two_articles, HashEmbedder())
    assert best(two_articles) == OVEN
    _, named, kept = state(two_articles)
    assert sorted(named) == kept


def test_a_pattern_outlives_a_rebuild_of_another_layout_even_one_that_is_stopped(
    articles: Path, tmp_path: Path
) -> None:
    index, pattern = tmp_path / "i", articles / "*.txt"
    sync([pattern], index, HashEmbedder())
    another_layout(index)

    (index / VECTORS).unlink()
    with pytest.raises(KeyboardInterrupt):
        sync([], index, FailingEmbedder(0, KeyboardInterrupt()), rebuild=True)

    assert sync([], index, HashEmbedder(), rebuild=True).added == ["bakery.txt", "harbour.txt"]
    with Catalog.open(index) as catalog:
        assert catalog.roots() == [pattern]


def test_a_folder_that_is_gone_stops_a_rebuild_of_another_layout(
    articles: Path, two_articles: Path
) -> None:
    another_layout(two_articles)
    articles.rename(articles.with_name("away"))

    with pytest.raises(BadPath, match="was indexed and is gone"):
        sync([], two_articles, HashEmbedder(), rebuild=True)

    articles.with_name("away").rename(articles)
    assert len(sync([], two_articles, HashEmbedder(), rebuild=True).added) == 2


def test_vectors_that_do_not_fit_their_sentences_are_made_anew(
    articles: Path, two_articles: Path
) -> None:
    with closing(VectorFile(two_articles, "hash-1")) as file:
        key = next(iter(file.pages()))[0]
        found = file.read([key])[key]
        file.add([replace(found, sentences=np.tile(found.vector, (40, 1)))])
        file.settle([key])

    assert sync([articles], two_articles, HashEmbedder(), rebuild=True).embedded == 1
    assert best(two_articles) == OVEN


def test_a_lost_background_is_damage_that_a_rebuild_mends(
    articles: Path, two_articles: Path
) -> None:
    with Catalog.open(two_articles) as catalog:
        catalog.set("background", "00")

    with pytest.raises(IndexDamaged, match="background vector"):
        best(two_articles)

    sync([articles], two_articles, HashEmbedder(), rebuild=True)
    assert best(two_articles) == OVEN


def test_a_language_that_a_file_makes_up_is_no_language(articles: Path, tmp_path: Path) -> None:
    (articles / "odd.md").write_text("---\nlang: xq\n---\nThe oven burns peat.\n")
    sync([articles], tmp_path / "i", HashEmbedder())

    with closing(AnnIndex(tmp_path / "i", "hash-1")) as store:
        assert "xq" not in store.nearest(HashEmbedder().query(QUESTION), 5)
