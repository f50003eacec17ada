"""Articles and folders that are found by a part of their title or path, in any script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import sync
from index.storage.catalog import Catalog
from index.storage.places import Place, Places
from tests.support.fakes import HashEmbedder

TITLES = {
    "news/2023/harbour.md": "The new harbour",
    "news/2024/crane.md": "A second crane",
    "news/café.md": "Straße und École",
    "recipes/bread.md": "Bread of the north",
    "hafen.md": "新しい港",
    "हिन्दी.md": "बंदरगाह में 12 जहाज",
    "50%_off.md": "Newer",
}


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    for name, title in TITLES.items():
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {title}\nlanguage: en\n---\n\nIt says {title}.\n")
    sync([tmp_path / "articles"], tmp_path / "index", HashEmbedder())
    with Catalog.open(tmp_path / "index") as catalog:
        yield Places(catalog)


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        pytest.param(
            "new",
            [
                *("news/", "50%_off.md", "news/2023/harbour.md", "news/2023/", "news/2024/"),
                *("news/2024/crane.md", "news/café.md"),
            ],
            id="beginning, then a word, then the path",
        ),
        pytest.param("NEW HARB", ["news/2023/harbour.md"], id="case"),
        pytest.param("  new   harb ", ["news/2023/harbour.md"], id="spaces"),
        pytest.param("2024/c", ["news/2024/crane.md"], id="path"),
        pytest.param("STRASSE", ["news/café.md"], id="casefold"),
        pytest.param("e\u0301cole", ["news/café.md"], id="another form"),
        pytest.param("ＢＲＥＡＤ", ["recipes/bread.md"], id="full width"),
        pytest.param("港", ["hafen.md"], id="Japanese"),
        pytest.param("जहाज", ["हिन्दी.md"], id="Hindi"),
        pytest.param("हिन्", ["हिन्दी.md"], id="Hindi path"),
        pytest.param("%", ["50%_off.md"], id="% as itself"),
        pytest.param("x" * 100_000, [], id="long"),
        pytest.param("zeppelin", [], id="nothing"),
        pytest.param("\ud800\0", [], id="no Unicode"),
    ],
)
def test_places_are_found_by_what_is_typed(part: str, paths: list[str], places: Places) -> None:
    assert [place.path for place in places.matching(part, 20)] == paths


def test_no_more_are_given_than_are_asked_for(places: Places) -> None:
    assert [place.path for place in places.matching("", 3)] == ["news/", "news/2023/", "news/2024/"]
    assert len(places.matching("", 100)) == len(TITLES) + 4


def test_a_place_is_told_with_what_it_holds(places: Places) -> None:
    assert places.get("news/") == Place("news/", articles=3)
    assert places.get("news/2024/") == Place("news/2024/", articles=1)
    assert places.get("recipes/bread.md") == Place("recipes/bread.md", "Bread of the north", "en")
    for absent in ("", "/", "new", "news", "new/", "news//", "../", "*.md", "bread.md", "' OR 1"):
        assert places.get(absent) is None


def test_folders_are_listed(places: Places) -> None:
    assert places.folders("", 9) == [
        *(Place("news/", articles=3), Place("news/2023/"), Place("news/2024/")),
        Place("recipes/"),
    ]
    assert places.folders("2024", 9) == [Place("news/2024/")]
    assert places.folders("", 1) == [Place("news/", articles=3)]
