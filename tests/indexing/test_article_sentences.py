"""The sentences of articles with their vectors, of which only so many are looked at."""

from pathlib import Path

import numpy as np
import pytest

from index import article_sentences
from tests.support.fakes import HashEmbedder
from tests.support.indexed_texts import indexed

LIGHT = "The keeper lights the lamp at dusk. He reads until the fog lifts."


def chapters(count: int) -> str:
    said = "stood in the harbour with timber from the north and waited for the tide that evening"
    return "\n\n".join(
        " ".join(f"Ship {i} of master {i * 7 + j} {said}, day {j}." for j in range(12))
        for i in range(count)
    )


def test_sentences_come_in_the_order_of_the_articles_and_are_exact(tmp_path: Path) -> None:
    searcher = indexed(tmp_path, a=LIGHT, b="The mill grinds rye. It is old.")
    found = searcher.sentences(["b.txt", "a.txt"])

    assert [s.article for s in found] == ["b.txt", "b.txt", "a.txt", "a.txt"]
    assert [s.text.strip() for s in found][:2] == ["The mill grinds rye.", "It is old."]
    assert all(searcher.text(s.article)[s.start : s.end] == s.text for s in found)
    expected = HashEmbedder().documents([s.text for s in found])
    assert np.allclose([s.vector for s in found], expected, atol=1e-2)


def test_of_a_long_article_the_beginning_is_read_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_sentences, "LOOKED_AT", 6)
    text = chapters(40)
    searcher = indexed(tmp_path, a=text)
    starts = [s.start for s in searcher.sentences(["a.txt"])]

    assert starts[0] == 0
    assert 0 < len(starts) <= 6 * 12 * 2
    assert starts[-1] > len(text) / 2
    assert sum(start < len(text) / 2 for start in starts) > len(starts) / 2


def test_of_many_articles_some_are_read_from_first_to_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_sentences, "LOOKED_AT", 3)
    names = [f"a{i}" for i in range(9)]
    searcher = indexed(tmp_path, **{name: f"{name} is a town. It has a well." for name in names})
    found = searcher.sentences([f"{name}.txt" for name in names])

    assert list(dict.fromkeys(s.article for s in found)) == ["a0.txt", "a3.txt", "a6.txt"]


def test_sentences_of_what_was_found_have_the_vectors_of_the_index(tmp_path: Path) -> None:
    searcher = indexed(tmp_path, a=f"# The light\n\n{LIGHT}", b="The mill grinds rye. It is old.")
    found = searcher.search("Who lights the lamp?")

    assert [s.text for s in searcher.sentences_of(found)] == [
        s.text for passage in found for s in searcher.sentences([passage.article])
    ]
    assert searcher.sentences_of([]) == []
