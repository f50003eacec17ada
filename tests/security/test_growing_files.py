"""A file that is being written while it is read is read whole, or is left as it was indexed."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.articles import article
from index.articles.formats import format_of
from index.build import sync
from index.errors import NotText
from index.storage.catalog import Catalog
from tests.support.fakes import HashEmbedder

LINE = "नया तंदूर 2019 में बना। ".encode()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "growing"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_bytes(LINE * 10)
    return folder


@contextmanager
def written(path: Path, write: Callable[[int], bytes]) -> Iterator[None]:
    """Append to a file until the end of the block, without a pause."""
    stop = threading.Event()

    def append() -> None:
        with path.open("ab", buffering=0) as file:
            n = 0
            while not stop.is_set() and file.tell() < 20_000_000:
                n += file.write(write(n))

    thread = threading.Thread(target=append)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def text(index: Path, id: str) -> str:
    with Catalog.open(index) as catalog:
        return catalog.text(id)


def test_what_was_indexed_of_a_file_that_is_being_written_stays(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync([folder], index, HashEmbedder())
    before = text(index, "a.txt")
    monkeypatch.setattr(article, "_PAUSE_S", 0.001)
    true = os.fstat

    def growing(file: int) -> os.stat_result:
        """As if a few bytes, half of a letter, came whenever the file is looked at."""
        if Path(f"/proc/self/fd/{file}").readlink().name == "a.txt":
            with (folder / "a.txt").open("ab") as more:
                more.write(LINE[:1])
        return true(file)

    monkeypatch.setattr(os, "fstat", growing)
    report = sync([folder], index, HashEmbedder())
    monkeypatch.undo()

    (skipped,) = report.skipped
    assert "keeps changing while it is read" in skipped.reason
    assert "what was indexed of it stays" in skipped.reason
    assert (report.removed, text(index, "a.txt")) == ([], before)


@pytest.mark.slow
def test_a_file_that_grows_under_the_reader_never_tears_a_letter(folder: Path, index: Path) -> None:
    """A byte at a time, so that half of a letter stands at its end most of the time."""
    sync([folder], index, HashEmbedder())
    for _ in range(20):
        with written(folder / "a.txt", lambda n: LINE[n % len(LINE) :][:1]):
            report = sync([folder], index, HashEmbedder())
        assert report.removed == []
        assert "\ufffd" not in text(index, "a.txt")
        (folder / "a.txt").write_bytes(LINE * 10)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_half_a_letter_at_the_end_of_a_file_costs_it_nothing(
    encoding: str, folder: Path, index: Path
) -> None:
    whole = LINE.decode() * 20
    (folder / "a.txt").write_text(whole, encoding=encoding)
    sync([folder], index, HashEmbedder())
    for cut in (1, 2, 3):
        (folder / "a.txt").write_bytes(f"{whole}न".encode(encoding)[:-cut])
        report = sync([folder], index, HashEmbedder())
        assert report.removed == []

    assert text(index, "a.txt").startswith(whole)


def test_a_file_that_grows_beyond_its_limit_is_read_no_further(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was small enough when it was opened."""
    endless = folder / "endless.txt"
    format = format_of(endless.name)
    assert format is not None
    endless.write_bytes(b"a" * (format.max_bytes + 2))
    small = (folder / "b.txt").stat()
    monkeypatch.setattr(os, "fstat", lambda file: small)

    with pytest.raises(NotText, match="larger than"):
        article.content(endless, format)
