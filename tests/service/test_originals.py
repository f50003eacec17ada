"""Files of articles, and pictures of their pages: those that were indexed, and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import sync
from index.converters.page_renderer import PageRenderer, Picture
from index.converters.page_words import Quote
from index.errors import NotText
from index.storage.catalog import Catalog
from qa.errors import OriginalChanged, OriginalGone
from qa.service.library import Library
from qa.service.originals import Originals
from qa.service.page_pictures import PagePictures
from tests.support.fakes import HashEmbedder
from tests.support.harbour_pdf import CRANE, harbour_pdf

NOTE = "The bakery sold 400 loaves in May.\n"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "harbour.pdf").write_bytes(harbour_pdf())
    (folder / "note.txt").write_text(NOTE)
    return folder


@pytest.fixture
def library(articles: Path, tmp_path: Path) -> Library:
    sync([articles], tmp_path / "index", HashEmbedder())
    return Library(tmp_path / "index", HashEmbedder())


@pytest.fixture
def originals(library: Library) -> Originals:
    return Originals(library)


@pytest.fixture(scope="module")
def renderer() -> Iterator[PageRenderer]:
    one = PageRenderer()
    yield one
    one.close()


@pytest.fixture
def pictures(originals: Originals, renderer: PageRenderer) -> PagePictures:
    return PagePictures(originals, renderer)


def test_the_bytes_are_those_that_were_indexed(originals: Originals, articles: Path) -> None:
    opened = originals.opened("2024/harbour.pdf")

    assert b"".join(opened.pieces()) == (articles / "2024" / "harbour.pdf").read_bytes()
    assert (opened.size, opened.format.name, opened.is_utf8) == (
        (articles / "2024" / "harbour.pdf").stat().st_size,
        "PDF",
        False,
    )
    assert opened.file.closed
    assert originals.data("note.txt") == NOTE.encode()
    assert originals.opened("note.txt").is_utf8


@pytest.mark.parametrize(
    "id",
    [
        "",
        "..",
        "../articles/note.txt",
        "/etc/passwd",
        "note",
        "2024",
        "note.txt\0",
        "2024/../note.txt",
    ],
)
def test_what_is_no_article_is_gone(originals: Originals, id: str) -> None:
    with pytest.raises(OriginalGone):
        originals.opened(id)


def test_one_file_that_was_named_is_opened(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"{NOTE} {name}")
    sync([tmp_path / "a.txt"], tmp_path / "index", HashEmbedder())
    originals = Originals(Library(tmp_path / "index", HashEmbedder()))

    assert originals.data("a.txt").endswith(b"a.txt")
    with pytest.raises(OriginalGone):
        originals.data("b.txt")


def test_each_of_two_articles_of_one_name_opens_its_own_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "2024").mkdir(parents=True)
        (tmp_path / name / "2024" / "note.txt").write_text(f"{NOTE}{name}")
        sync([tmp_path / name], tmp_path / "index", HashEmbedder())
    library = Library(tmp_path / "index", HashEmbedder())
    originals = Originals(library)
    trap = tmp_path / "b" / "b" / "2024" / "note.txt"  # where the longer id would lie
    trap.parent.mkdir(parents=True)
    trap.write_text(f"{NOTE}b")

    assert originals.data("2024/note.txt").endswith(b"a")
    (tmp_path / "b" / "2024" / "note.txt").write_text("Changed.")
    with pytest.raises(OriginalChanged):
        originals.opened("b/2024/note.txt")
    (tmp_path / "b" / "2024" / "note.txt").write_text(f"{NOTE}b")
    opened = originals.opened("b/2024/note.txt")
    assert b"".join(opened.pieces()).endswith(b"b")
    assert trap.stat().st_ino != opened.signature[1]


def test_a_file_that_changed_is_not_opened(originals: Originals, articles: Path) -> None:
    path = articles / "note.txt"
    before = path.stat()
    path.write_text(NOTE.replace("400", "900"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # size and time are the same

    with pytest.raises(OriginalChanged):
        originals.opened("note.txt")
    path.write_text(NOTE * 1000)
    with pytest.raises(OriginalChanged):
        originals.opened("note.txt")
    path.unlink()
    with pytest.raises(OriginalGone):
        originals.opened("note.txt")


def test_a_file_that_changes_as_it_is_sent_is_not_sent_whole(
    originals: Originals, articles: Path
) -> None:
    opened = originals.opened("note.txt")
    (articles / "note.txt").write_text(NOTE.replace("400", "900"))

    with pytest.raises(OriginalChanged):
        list(opened.pieces())


def test_a_link_leads_to_no_other_file(
    originals: Originals, articles: Path, tmp_path: Path
) -> None:
    """Not to one with the same bytes either, and not by a folder on the way."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (articles / "note.txt").rename(elsewhere / "note.txt")
    (articles / "note.txt").symlink_to(elsewhere / "note.txt")
    (articles / "2024").rename(elsewhere / "2024")
    (articles / "2024").symlink_to(elsewhere / "2024")

    for id in ("note.txt", "2024/harbour.pdf"):
        with pytest.raises(OriginalGone):
            originals.opened(id)


def test_a_pipe_is_not_waited_for(originals: Originals, articles: Path) -> None:
    (articles / "note.txt").unlink()
    os.mkfifo(articles / "note.txt")

    with pytest.raises(OriginalGone):
        originals.opened("note.txt")


def test_a_catalog_that_was_written_by_hand_opens_no_other_file(
    library: Library, originals: Originals, tmp_path: Path
) -> None:
    """Its root may be anything; the bytes must be those that were indexed."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "note.txt").write_text("secret")
    with Catalog.open(tmp_path / "index") as catalog, catalog.transaction():
        catalog.query("UPDATE article SET root = ?", str(tmp_path / "other"))

    with pytest.raises(OriginalChanged):
        originals.opened("note.txt")


def test_pictures_are_kept_and_only_some_of_them(
    originals: Originals, renderer: PageRenderer, articles: Path
) -> None:
    class Counting(PageRenderer):
        drawn = 0

        def picture(self, data: bytes, page: int, reader: str = "pdf") -> Picture:
            self.drawn += 1
            return renderer.picture(data, page, reader)

    counting = Counting()
    size = len(renderer.picture(harbour_pdf(), 1).png)
    pictures = PagePictures(originals, counting, kept_bytes=2 * size + size // 2)
    for page in (1, 1, 2, 1, 2):
        pictures.picture("2024/harbour.pdf", page)
    assert counting.drawn == 2
    for page in (3, 2, 1):
        pictures.picture("2024/harbour.pdf", page)
    assert counting.drawn == 4


def test_what_is_kept_is_not_shown_once_the_file_has_changed(
    pictures: PagePictures, articles: Path
) -> None:
    article = "2024/harbour.pdf"
    pictures.picture(article, 1)
    pictures.places(article, 1, Quote(CRANE), {})
    (articles / article).write_bytes(harbour_pdf(title="Another"))

    with pytest.raises(OriginalChanged):
        pictures.picture(article, 1)
    with pytest.raises(OriginalChanged):
        pictures.places(article, 1, Quote(CRANE), {})
    (articles / article).unlink()
    with pytest.raises(OriginalGone):
        pictures.picture(article, 1)


def test_what_cannot_be_drawn_is_found_out_once(pictures: PagePictures) -> None:
    for _ in range(2):
        with pytest.raises(NotText, match="no such page"):
            pictures.picture("2024/harbour.pdf", 9)
    with pytest.raises(NotText, match="has no pages that can be drawn"):
        pictures.picture("note.txt", 1)
    with pytest.raises(OriginalGone):
        pictures.picture("none.pdf", 1)
