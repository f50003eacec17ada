from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from index.articles.files import Found, Skipped, find
from index.articles.roots import base, exists, fits, gives, leads
from index.build import sync
from index.errors import BadPath
from index.storage.catalog import Catalog
from tests.support.fakes import HashEmbedder

Form = Literal["NFC", "NFD"]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    for name in ("a.txt", "2024/b.txt", "2024/may/c.txt", "2024/d.md", "2024/.e.txt", ".f/g.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"The text of {name}.")
    return folder


def ids(place: Path) -> list[str]:
    return [found.id for found in find(place) if isinstance(found, Found)]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        pytest.param("*.txt", ["a.txt"], id="one folder"),
        pytest.param("**/*.txt", ["a.txt", "2024/b.txt", "2024/may/c.txt"], id="all below"),
        pytest.param("**", ["a.txt", "2024/b.txt", "2024/d.md", "2024/may/c.txt"], id="all"),
        pytest.param("*/[bc].*", ["2024/b.txt"], id="letters"),
        pytest.param("2024/*", ["b.txt", "d.md"], id="fixed folder"),
        pytest.param("20??/**/c.txt", ["2024/may/c.txt"], id="between"),
        pytest.param("*.pdf", [], id="none"),
    ],
)
def test_a_pattern_gives_what_matches_by_its_path_below_the_fixed_folder(
    pattern: str, matches: list[str], news: Path
) -> None:
    assert ids(news / pattern) == matches


def test_what_matches_and_is_not_read_is_named(news: Path) -> None:
    (news / "old.doc").write_bytes(b"x")
    (news / "other.doc").write_bytes(b"x")

    reason = ".doc is not a format that is read; save it as .docx"
    assert list(find(news / "old*")) == [Skipped(news / "old.doc", reason)]


def test_a_link_does_not_lead_out_of_a_pattern(news: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s")
    (news / "out.txt").symlink_to(tmp_path / "secret.txt")
    (news / "2025").symlink_to(tmp_path)

    assert list(find(news / "*/s*.txt")) == [
        Skipped(news / "2025", "a link to a folder; index that folder itself")
    ]
    assert list(find(news / "o*.txt")) == [
        Skipped(news / "out.txt", "a link that leads out of the folder")
    ]


def test_a_name_with_brackets_is_a_file_and_no_pattern(news: Path) -> None:
    (news / "[a].txt").write_text("x")

    assert ids(news / "[a].txt") == ["[a].txt"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("absent/*.txt", "There is no folder at", id="no folder"),
        pytest.param("**.txt", "must stand alone", id="stars in a name"),
    ],
)
def test_a_wrong_pattern_is_said(pattern: str, why: str, news: Path) -> None:
    with pytest.raises(BadPath, match=why):
        ids(news / pattern)


def test_a_pattern_is_remembered_and_follows_its_files(news: Path, tmp_path: Path) -> None:
    embedder, index = HashEmbedder(), tmp_path / "index"
    assert sync([news / "**/*.txt"], index, embedder).added == [
        "a.txt", "2024/b.txt", "2024/may/c.txt"
    ]  # fmt: skip
    (news / "new.txt").write_text("New bread.")
    (news / "a.txt").unlink()

    report = sync([], index, embedder)
    assert (report.added, report.removed, report.unchanged) == (["new.txt"], ["a.txt"], 2)
    with Catalog.open(index) as catalog:
        assert catalog.roots() == [news / "**/*.txt"]


def test_a_folder_and_a_pattern_in_it_give_an_article_once(news: Path, tmp_path: Path) -> None:
    embedder, index = HashEmbedder(), tmp_path / "index"
    sync([news / "**/*.md"], index, embedder)

    report = sync([news], index, embedder)
    assert (report.added, report.skipped) == (["a.txt", "2024/b.txt", "2024/may/c.txt"], [])


def test_a_pattern_whose_last_file_goes_leaves_nothing_behind(news: Path, tmp_path: Path) -> None:
    embedder, index = HashEmbedder(), tmp_path / "index"
    sync([news / "*.txt"], index, embedder)
    (news / "a.txt").unlink()

    assert sync([], index, embedder, allow_empty=True).removed == ["a.txt"]
    with pytest.raises(BadPath, match="No file matches"):
        sync([news / "*.txt"], index, embedder)


def test_a_pattern_is_forgotten_as_a_folder_is(news: Path, tmp_path: Path) -> None:
    embedder, index = HashEmbedder(), tmp_path / "index"
    sync([news / "*.txt"], index, embedder)

    assert sync([], index, embedder, forget=[news / "*.txt"]).removed == ["a.txt"]


def test_places_know_their_base_and_whether_they_stand(news: Path) -> None:
    places = (news, news / "a.txt", news / "2024" / "*", news / "gone.txt", news / "gone" / "*")

    assert [base(place) for place in places] == [
        news, news, news / "2024", news, news / "gone"
    ]  # fmt: skip
    assert [exists(place) for place in places] == [True, True, True, False, False]


def test_folders_that_cannot_hold_a_match_are_not_looked_into() -> None:
    assert fits(("a", "b"), ("*", "b"))
    assert not fits(("a", "b"), ("*",))
    assert leads(("a",), ("*", "b"))
    assert not leads(("a",), ("*.txt",))
    assert not leads(("a", "b"), ("x*", "**"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_a_pattern_finds_names_in_either_normal_form(form: Form, typed: Form, news: Path) -> None:
    path = news / normalize(form, "Bücher/über/café.txt")
    path.parent.mkdir(parents=True)
    path.write_text("The café has books.")

    for pattern in ("**/caf?.txt", "Bücher/*/c*", "Bü*/über/café.*"):
        assert [found.path for found in find(news / normalize(typed, pattern)) if found] == [path]
    assert base(news / normalize(typed, "Bücher/*")) == news / normalize(form, "Bücher")


def test_a_root_tells_which_files_it_gives(news: Path) -> None:
    assert gives(news, news / "2024/b.txt")
    assert gives(news / "a.txt", news / "a.txt")
    assert gives(news / "**/*.txt", news / "2024/b.txt")
    assert not gives(news / "2024", news / "a.txt")
    assert not gives(news / "*.txt", news / "2024/b.txt")
    assert not gives(news, news / ".f/g.txt")
    assert gives(news / ".f", news / ".f/g.txt")
    assert gives(news / "2024/.e.txt", news / "2024/.e.txt")
