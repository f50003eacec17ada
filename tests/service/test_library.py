import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.build import Report, sync
from index.errors import BadPath, IndexBusy, IndexDamaged, IndexMismatch, UserError
from index.layout import UPLOADS_MARK
from index.search import Searcher
from index.storage.catalog import Catalog, Entry
from index.storage.vectors.ann_index import AnnIndex
from index.storage.write_lock import only_writer
from qa.errors import Cancelled, ReadOnly
from qa.service.library import WAITING, ArticleRow, Library
from tests.support.fakes import HashEmbedder
from tests.support.small_articles import BAKERY, HARBOUR

PARK = "The park has two lakes and an old mill."
MILL = "The mill was built in 1890 and burned down."


@pytest.fixture
def uploads(two_articles: Path) -> Path:
    return two_articles / "uploads"


Given = Callable[..., tuple[str, Path]]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Writes a file as a browser sends one: its name, and where its bytes lie."""

    def write(name: str, text: str | bytes = PARK) -> tuple[str, Path]:
        path = tmp_path / f"sent {len(list(tmp_path.glob('sent *')))}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return name, path

    return write


def told(report: Report) -> tuple[list[str], list[str], list[str], int]:
    return report.added, report.changed, report.removed, report.unchanged


def refused(report: Report) -> list[tuple[str, str]]:
    return [(str(skipped.path), skipped.reason) for skipped in report.skipped]


def ids(library: Library) -> list[str]:
    return [article.id for article in library.articles()]


def lying(folder: Path) -> list[str]:
    """What lies in a folder, but for a mark."""
    return sorted(path.name for path in folder.iterdir() if path.name != UPLOADS_MARK)


def test_articles_are_listed_with_what_is_known_of_them(
    library: Library, articles: Path, uploads: Path, given: Given
) -> None:
    added = library.add([given("bread.md", f"---\ndate: 2024-05-01\n---\n# Bread\n\n{BAKERY}")])

    here, there, ships = str(articles), str(uploads), HARBOUR.split("\n")[0]
    text = f"# Bread\n\n{BAKERY}"
    assert library.articles() == [
        ArticleRow(
            "bakery.txt", "Bread of the north", "en", "", len(BAKERY), here, False, ("bread.md",)
        ),
        ArticleRow(
            "bread.md", "Bread", "en", "2024-05-01", len(text), there, True, ("bakery.txt",)
        ),
        ArticleRow("harbour.txt", ships, "hi", "", len(HARBOUR), here, False),
    ]
    assert [copy.article for copy in added.copies] == ["bread.md"]
    assert library.articles("NORTH", limit=1) == library.articles(first=0, limit=1)
    counts = [library.count(search) for search in ("", "north bread", "\ud800", "x" * 9999)]
    assert counts == [3, 1, 0, 0]


def test_an_article_gives_its_text_as_it_was_indexed(library: Library, articles: Path) -> None:
    shutil.rmtree(articles)

    assert library.text("bakery.txt") == BAKERY
    assert library.entry("absent") is None
    for id in ("absent", "../catalog.sqlite", "/etc/passwd", "\ud800", "a\0"):
        with pytest.raises(KeyError):
            library.text(id)


def test_before_there_is_an_index_nothing_is_there(tmp_path: Path, given: Given) -> None:
    library = Library(tmp_path / ".article-qa", HashEmbedder())

    assert (library.articles(), library.count(), library.entry("a")) == ([], 0, None)
    assert library.problems()[0].startswith("No index at")
    with pytest.raises(KeyError):
        library.text("a")
    with pytest.raises(UserError, match="There is no article a any more"):
        library.remove("a")

    assert told(library.add([given("park.txt")])) == (["park.txt"], [], [], 0)
    assert (library.problems(), ids(library)) == ([], ["park.txt"])
    assert sync([], tmp_path / ".article-qa", HashEmbedder()).unchanged == 1


def test_problems_are_told_in_words(library: Library, two_articles: Path) -> None:
    with Catalog.open(two_articles) as catalog:
        AnnIndex(two_articles, "hash-1").remove(catalog.keys()[:1])

    mend = f"mend it with: article-qa index --rebuild --index {two_articles}"
    assert library.problems() == ["1 vectors are missing", mend]


def test_an_added_file_is_found(library: Library, two_articles: Path, given: Given) -> None:
    said: list[tuple[int, int, str]] = []
    searcher = Searcher(two_articles, HashEmbedder())

    report = library.add([given("park.txt")], lambda *step: said.append(step))

    assert told(report) == (["park.txt"], [], [], 0)
    assert said == [(0, 1, "park.txt"), (1, 1, "1 vectors")]
    assert searcher.search("What has two lakes?")[0].text == PARK


def test_a_file_added_twice_is_there_once(library: Library, uploads: Path, given: Given) -> None:
    library.add([given("park.txt"), given("mill.txt", MILL)])

    report = library.add([given("park.txt"), given("x/park.txt"), given("park.txt", MILL)])

    assert told(report) == (["park (2).txt"], [], [], 2)
    assert lying(uploads) == ["mill.txt", "park (2).txt", "park.txt"]
    assert library.text("park.txt") == PARK


def test_a_file_that_cannot_be_taken_in_is_named_and_stops_no_other(
    library: Library, uploads: Path, given: Given
) -> None:
    report = library.add(
        [
            given("../old.doc"),
            given("../scan.pdf", b"%PDF-1.4 nothing"),
            given("no text.txt", b"\xff\xfe\xff"),
            given("empty.txt", " \n"),
            given("park.txt"),
            ("gone.txt", Path("/nowhere/gone.txt")),
        ]
    )

    assert told(report) == (["park.txt"], [], [], 0)
    names = ["../old.doc", "gone.txt", "empty.txt", "no text.txt", "../scan.pdf"]
    assert [name for name, _ in refused(report)] == names
    assert refused(report)[2] == ("empty.txt", "holds no text")
    assert library.skipped() == refused(report)
    assert lying(uploads) == ["park.txt"]


def test_a_name_that_a_folder_gives_already_is_left_to_it(
    library: Library, uploads: Path, given: Given
) -> None:
    report = library.add([given("bakery.txt"), given("harbour.txt", HARBOUR)])

    assert told(report) == (["bakery (2).txt", "harbour (2).txt"], [], [], 0)
    assert library.text("bakery.txt") == BAKERY
    assert told(library.add([given("bakery.txt")])) == ([], [], [], 1)
    assert told(library.reread()) == ([], [], [], 4)
    assert lying(uploads) == ["bakery (2).txt", "harbour (2).txt"]


HOSTILE = {
    "../../etc/passwd.txt": "passwd.txt",
    "..\\..\\x.txt": "x.txt",
    ".hidden.txt": "hidden.txt",
    "a\x00b.txt": "a b.txt",
    "<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt",
    "[x](javascript:alert(1)).txt": "[x](javascript:alert(1)).txt",
    "CON.txt": "CON.txt",
    "two\nlines.txt": "two lines.txt",
    "writer.json": "writer.json",
    "क" * 300 + ".txt": "क" * 65 + ".txt",
    "[ab]*?.txt": "[ab]*?.txt",
    "-rf.txt": "-rf.txt",
}


def test_hostile_names_do_nothing_but_name(
    library: Library, two_articles: Path, uploads: Path, given: Given
) -> None:
    before = set(lying(two_articles))

    report = library.add([given(name, f'"Text {i} of its own"') for i, name in enumerate(HOSTILE)])

    assert refused(report) == []
    assert sorted(report.added) == lying(uploads) == sorted(HOSTILE.values())
    assert set(lying(two_articles)) - before == {"uploads"}
    assert told(library.reread()) == ([], [], [], 2 + len(HOSTILE))
    for id in HOSTILE.values():
        assert library.remove(id).removed == [id]
    assert lying(uploads) == []


def test_a_removed_upload_is_gone(library: Library, uploads: Path, given: Given) -> None:
    library.add([given("park.txt"), given("mill.txt", MILL)])

    assert told(library.remove("park.txt")) == ([], [], ["park.txt"], 1)
    assert (ids(library)[2:], lying(uploads)) == (["mill.txt"], ["mill.txt"])
    with pytest.raises(UserError, match=r"There is no article park\.txt any more"):
        library.remove("park.txt")


def test_when_the_last_upload_is_removed_all_goes_on(library: Library, given: Given) -> None:
    library.add([given("park.txt")])
    library.remove("park.txt")

    assert told(library.reread()) == ([], [], [], 2)
    assert (library.problems(), ids(library)) == ([], ["bakery.txt", "harbour.txt"])
    assert library.add([given("park.txt")]).added == ["park.txt"]


def test_an_upload_whose_file_is_gone_can_be_removed(
    library: Library, uploads: Path, given: Given
) -> None:
    library.add([given("park.txt")])
    (uploads / "park.txt").unlink()

    assert library.remove("park.txt").removed == ["park.txt"]


def test_a_persons_own_file_is_never_deleted(
    library: Library, articles: Path, two_articles: Path
) -> None:
    with pytest.raises(UserError) as refused:
        library.remove("bakery.txt")

    assert str(refused.value) == (
        f"bakery.txt was not added here: its file lies in {articles}, where nothing is deleted "
        f"for you. Delete it there and read the folders again, or take out all that was indexed "
        f"from {articles} with: article-qa index --forget {articles} --index {two_articles}"
    )
    assert (articles / "bakery.txt").exists()


def test_a_persons_own_folder_called_uploads_is_left_alone(
    library: Library, two_articles: Path, uploads: Path, given: Given
) -> None:
    uploads.mkdir()
    (uploads / "park.txt").write_text(PARK)
    sync([uploads], two_articles, HashEmbedder())

    assert [article.uploaded for article in library.articles()] == [False] * 3
    with pytest.raises(UserError, match="was not added here"):
        library.remove("park.txt")
    with pytest.raises(UserError, match="is for files added on the page, and holds others"):
        library.add([given("mill.txt", MILL)])
    assert lying(uploads) == ["park.txt"]


def test_rereading_takes_over_what_the_folders_hold_now(
    library: Library, articles: Path, given: Given
) -> None:
    library.add([given("mill.txt", MILL)])
    (articles / "park.txt").write_text(PARK)
    (articles / "bakery.txt").unlink()
    (articles / "scan.heic").touch()

    report = library.reread()

    assert told(report) == (["park.txt"], [], ["bakery.txt"], 2)
    reason = ".heic is not a format that is read; save it as .png, or its words as .txt"
    assert library.skipped() == [(str(articles / "scan.heic"), reason)]


def test_what_was_not_read_is_told_after_a_restart_too(
    two_articles: Path, library: Library, articles: Path, given: Given
) -> None:
    (articles / "scan.zip").touch()
    library.reread()
    library.add([given("../scan.pdf", b"%PDF-1.4 nothing"), given("park.txt")])
    with Catalog.open(two_articles) as catalog, catalog.transaction():
        catalog.query(
            "INSERT INTO notice SELECT number, 'page 2 holds no text' FROM article"
            " WHERE id = 'park.txt'"
        )
    again = Library(two_articles, HashEmbedder())

    reason = ".zip is not a format that is read; unpack it"
    assert [name for name, _ in library.skipped()] == ["../scan.pdf", str(articles / "scan.zip")]
    assert again.skipped() == [(str(articles / "scan.zip"), reason)]
    assert {row.id: row.notices for row in again.articles() if row.notices} == {
        "park.txt": ("page 2 holds no text",)
    }


def test_a_folder_that_is_gone_is_said(library: Library, articles: Path) -> None:
    shutil.rmtree(articles)

    with pytest.raises(BadPath, match="was indexed and is gone"):
        library.reread()
    assert library.count() == 2


def test_uploads_move_with_their_index(two_articles: Path, library: Library, given: Given) -> None:
    library.add([given("park.txt")])
    moved = Library(two_articles.rename(two_articles.with_name("moved")), HashEmbedder())

    assert told(moved.add([given("park.txt")])) == ([], ["park.txt"], [], 1)
    assert moved.remove("park.txt").removed == ["park.txt"]


@pytest.mark.parametrize("name", [".article-qa", "index", "news [2024]"])
def test_rereading_finds_uploads_wherever_the_index_was_moved(
    name: str, two_articles: Path, library: Library, given: Given
) -> None:
    library.add([given("park.txt"), given("mill.txt", MILL)])
    folder = two_articles.with_name("moved")
    folder.mkdir()
    moved = Library(two_articles.rename(folder / name), HashEmbedder())

    assert told(moved.reread()) == ([], ["mill.txt", "park.txt"], [], 2)
    assert [article.uploaded for article in moved.articles()] == [False, False, True, True]


def test_what_a_killed_first_run_left_is_taken_in(
    library: Library, uploads: Path, given: Given
) -> None:
    library.add([given("park.txt")])
    library.remove("park.txt")
    with Catalog.open(uploads.parent) as catalog:
        catalog.forget_root(uploads)
    (uploads / "mill.txt").write_text(MILL)

    assert told(library.reread()) == (["mill.txt"], [], [], 2)


@pytest.mark.parametrize("parent", ["articles", "index"])
def test_uploads_are_indexed_once_whatever_folder_they_lie_below(
    parent: str, articles: Path, given: Given
) -> None:
    folder = articles if parent == "index" else articles / "index"
    library = Library(folder, HashEmbedder())
    library.add([given("park.txt")])

    assert sync([articles], folder, HashEmbedder()).added == ["bakery.txt", "harbour.txt"]
    assert told(library.reread()) == ([], [], [], 3)


def test_uploads_may_lie_elsewhere(two_articles: Path, tmp_path: Path, given: Given) -> None:
    library = Library(two_articles, HashEmbedder(), tmp_path / "added")

    assert library.add([given("park.txt")]).added == ["park.txt"]
    assert lying(tmp_path / "added") == ["park.txt"]
    assert library.remove("park.txt").removed == ["park.txt"]


def test_a_library_to_be_read_only_refuses_every_change(
    two_articles: Path, uploads: Path, given: Given
) -> None:
    library = Library(two_articles, HashEmbedder(), read_only=True)
    change: Callable[[], Report]

    for change in (
        lambda: library.add([given("park.txt")]),
        lambda: library.remove("bakery.txt"),
        library.reread,
    ):
        with pytest.raises(ReadOnly, match=f"article-qa index ARTICLES --index {two_articles}"):
            change()
    assert (library.count(), uploads.exists()) == (2, False)


def test_while_another_process_writes_nothing_is_changed(
    library: Library, two_articles: Path, uploads: Path, given: Given
) -> None:
    library.add([given("park.txt")])

    with only_writer(two_articles):
        with pytest.raises(IndexBusy):
            library.add([given("mill.txt", MILL)])
        with pytest.raises(IndexBusy):
            library.remove("park.txt")
        with pytest.raises(IndexBusy):
            library.reread()

    assert lying(uploads) == ["park.txt"]
    assert told(library.reread()) == ([], [], [], 3)


def test_another_embedder_is_refused_and_leaves_no_file(
    two_articles: Path, uploads: Path, given: Given
) -> None:
    library = Library(two_articles, HashEmbedder("hash-2"))

    with pytest.raises(IndexMismatch, match="another embedder"):
        library.add([given("park.txt")])
    assert lying(uploads) == []


def test_a_damaged_index_takes_no_file(
    library: Library, two_articles: Path, uploads: Path, given: Given
) -> None:
    library.add([given("park.txt")])
    (two_articles / "vectors.sqlite").unlink()

    with pytest.raises(IndexDamaged, match=r"is damaged .*vectors"):
        library.add([given("mill.txt", MILL)])
    with pytest.raises(IndexDamaged, match=r"is damaged .*vectors"):
        library.remove("park.txt")
    assert lying(uploads) == ["park.txt"]
    assert library.text("park.txt") == PARK


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_change_stopped_after_it_was_kept_stays(
    library: Library, uploads: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnnIndex, "sweep", stop)

    with pytest.raises(KeyboardInterrupt):
        library.add([given("park.txt"), given("mill.txt", MILL)])
    with pytest.raises(KeyboardInterrupt):
        library.remove("park.txt")

    monkeypatch.undo()
    assert lying(uploads) == ["mill.txt"]
    assert told(library.reread()) == ([], [], [], 3)


def test_a_change_stopped_by_its_watcher_leaves_all_as_it_was(
    library: Library, uploads: Path, given: Given
) -> None:
    with pytest.raises(KeyboardInterrupt):
        library.add([given("park.txt")], stop)

    assert (lying(uploads), library.count()) == ([], 2)


def test_a_second_change_waits_for_the_first_and_says_so(library: Library, given: Given) -> None:
    begun, waits = threading.Event(), threading.Event()
    said: list[tuple[int, int, str]] = []

    def first(*_: object) -> None:
        begun.set()
        waits.wait(60)

    def second(done: int, total: int, what: str) -> None:
        said.append((done, total, what))
        waits.set()

    files = [given("park.txt")], [given("mill.txt", MILL)]
    with ThreadPoolExecutor() as pool:
        one = pool.submit(library.add, files[0], first)
        assert begun.wait(60)
        other = pool.submit(library.add, files[1], second)

    assert (one.result().added, other.result().added) == (["park.txt"], ["mill.txt"])
    assert said[0] == (0, 0, WAITING)


def test_searches_go_on_while_articles_come_and_go(
    library: Library, two_articles: Path, given: Given
) -> None:
    files = [given(f"{i}.txt", f"Lake {i} is {i * 100} metres deep.") for i in range(6)]
    searcher, done = Searcher(two_articles, HashEmbedder()), threading.Event()

    def search() -> set[str]:
        found = set[str]()
        while not done.is_set():
            found.add(searcher.search("Who built the new oven?")[0].article)
        return found

    with ThreadPoolExecutor() as pool:
        searches = [pool.submit(search) for _ in range(2)]
        try:
            for name, path in files:
                library.add([(name, path)])
            for name, _ in files[1:]:
                library.remove(name)
        finally:
            done.set()

    assert [one.result() for one in searches] == [{"bakery.txt"}] * 2
    assert searcher.search("How deep is lake 0?", 1)[0].article == "0.txt"


def test_what_is_known_of_one_article_is_given(library: Library, articles: Path) -> None:
    entry = library.entry("bakery.txt")

    assert entry is not None
    assert entry == Entry("bakery.txt", str(articles), entry.sha256, "Bread of the north", "en")


def test_closed_library_gives_up_what_is_being_changed(
    two_articles: Path, embedder: HashEmbedder, tmp_path: Path
) -> None:
    library = Library(two_articles, embedder)
    before = library.articles()
    (tmp_path / "late.txt").write_text("The lantern has 7 colours.", encoding="utf-8")

    def close(done: int, total: int, what: str) -> None:
        library.close()

    with pytest.raises(Cancelled):
        library.add([("late.txt", tmp_path / "late.txt")] * 2, close)
    with pytest.raises(Cancelled):
        library.reread()

    assert library.articles() == before
    assert not (two_articles / "uploads" / "late.txt").exists()


def test_an_upload_is_removed_whatever_its_id(
    library: Library, uploads: Path, given: Given, tmp_path: Path
) -> None:
    library.add([given("park.txt"), given("mill.txt", MILL)])
    with Catalog.open(uploads.parent) as catalog:  # as where a folder had the name first
        catalog.query(
            "UPDATE article SET id = 'uploads/park.txt', file = 'park.txt' WHERE id = 'park.txt'"
        )

    assert library.remove("uploads/park.txt").removed == ["uploads/park.txt"]
    assert lying(uploads) == ["mill.txt"]
