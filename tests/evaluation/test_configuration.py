from pathlib import Path
from typing import Any

import pytest

from index.build import sync
from index.storage.catalog import Catalog
from qa.environment import versions_and_machine
from qa.evaluation.configuration import configuration, corpus, differences
from tests.support.fakes import HashEmbedder

CORPUS = {"articles": 2, "sha256": "1a"}
MODELS = {"llm": "m"}


def told(index: Path) -> dict[str, Any]:
    with Catalog.open(index) as catalog:
        return corpus(catalog)


def test_corpus_is_the_same_wherever_it_is_indexed(
    articles: Path, two_articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    again = tmp_path / "again"
    sync([articles], again, embedder)

    assert told(again) == told(two_articles)
    assert (told(again)["articles"], told(again)["embedder"]) == (2, "hash-1")


def test_corpus_differs_when_a_letter_does(
    articles: Path, two_articles: Path, embedder: HashEmbedder
) -> None:
    before = told(two_articles)
    path = articles / "bakery.txt"
    path.write_text(path.read_text().replace("400", "401"))
    sync([articles], two_articles, embedder)

    assert [name for name, *_ in differences(before, told(two_articles))] == ["sha256"]


def test_questions_are_known_by_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text("{}")
    before = configuration(path, CORPUS, MODELS, {"limit": None})
    path.write_text("{} ")
    after = configuration(path, CORPUS, MODELS, {"limit": 5})

    assert [name for name, *_ in differences(before, after)] == ["questions", "options.limit"]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        pytest.param({"a": 1}, {"a": 1}, [], id="same"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)], id="deep"),
        pytest.param({"a": 1}, {"b": 1}, [("a", 1, None), ("b", None, 1)], id="names"),
        pytest.param({"a": {"b": 1}}, {"a": None}, [("a", {"b": 1}, None)], id="kinds"),
    ],
)
def test_differences_are_named(
    one: dict[str, Any], other: dict[str, Any], found: list[tuple[str, Any, Any]]
) -> None:
    assert list(differences(one, other)) == found


def test_environment_names_versions_and_machine() -> None:
    told = versions_and_machine()

    assert told["versions"].keys() >= {"article-qa", "python", "torch"}
    assert told["machine"]["cores"] > 0
    assert told["machine"]["memory_gb"] > 0
