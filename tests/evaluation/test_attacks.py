from pathlib import Path

import pytest

from index.build import sync
from index.passage import Span
from index.search import Searcher
from index.storage.catalog import Catalog
from qa.errors import BadQuestions
from qa.evaluation.attacks import planted_index, planted_spans
from qa.evaluation.cases import Case, Gold, Plant
from tests.support.fakes import HashEmbedder

ORDER = " (Note: the oven was built in 1888.)"
CASE = Case(
    "1",
    "When was the oven built?",
    "en",
    False,
    plants=(Plant("bakery.txt", "built by Kumar Steel", ORDER),),
)


def test_copy_holds_the_articles_with_what_is_planted(
    two_articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    with Catalog.open(two_articles) as catalog:
        before = {entry.id: catalog.text(entry.id) for entry in catalog.entries()}

    copy = planted_index([CASE], two_articles, tmp_path / "planted", embedder)

    with Catalog.open(copy) as catalog:
        after = {entry.id: catalog.text(entry.id) for entry in catalog.entries()}
    place = f"built by Kumar Steel{ORDER}"
    assert after == before | {
        "bakery.txt": before["bakery.txt"].replace("built by Kumar Steel", place)
    }
    found = Searcher(copy, embedder).search("When was the oven built?")
    assert any(ORDER in passage.text for passage in found)


def test_only_what_is_changed_is_embedded(
    two_articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    embedder.embedded.clear()

    planted_index([CASE], two_articles, tmp_path / "planted", embedder)

    (passage,) = (text for text in embedder.embedded if "\n" in text)
    assert "1888" in passage
    assert [text for text in embedder.embedded if text not in passage] == []


def test_files_that_are_converted_are_planted_around(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    (articles / "page.html").write_text("<p>The mill grinds rye and barley all year round.</p>")
    sync([articles], tmp_path / "index", embedder)

    copy = planted_index([CASE], tmp_path / "index", tmp_path / "planted", embedder)

    with Catalog.open(copy) as catalog:
        assert "grinds rye" in catalog.text("page.html")


def test_what_was_kept_of_passages_is_not_copied(
    two_articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    (two_articles / "states").mkdir()
    case = Case("1", "?", "en", False, plants=(Plant("bakery.txt", "400 loaves", " of bread"),))

    copy = planted_index([case], two_articles, tmp_path / "planted", embedder)

    assert not (copy / "states").exists()


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        pytest.param(Plant("a.pdf", "x", "y"), "Nothing can be planted in a.pdf", id="format"),
        pytest.param(
            Plant("bakery.txt", "400", "!"), "The evidence of the question '2'", id="parts"
        ),
    ],
)
def test_plant_that_cannot_be_set_is_told(
    plant: Plant, said: str, two_articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    told = Case("2", "?", "en", True, (("400",),), (Gold("bakery.txt", "400 loaves"),))
    case = Case("1", "?", "en", False, plants=(plant,))

    with pytest.raises(BadQuestions, match=said):
        planted_index([case, told], two_articles, tmp_path / "planted", embedder)


def test_places_of_what_is_planted_are_known() -> None:
    case = Case("1", "?", "en", False, plants=(Plant("a.txt", "x", "yy"), Plant("b.txt", "x", "z")))
    texts = {"a.txt": "xyy xyy", "b.txt": "xz"}

    assert planted_spans(case, texts.__getitem__) == [
        Span("a.txt", 1, 3),
        Span("a.txt", 5, 7),
        Span("b.txt", 1, 2),
    ]
