"""Few vectors are all looked at, with what Chroma would find."""

from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexDamaged
from index.search import _store
from index.storage.vectors import exact_index, vector_file
from index.storage.vectors.ann_index import AnnIndex
from index.storage.vectors.exact_index import ExactIndex, nearest_by_pages
from index.storage.vectors.vector_file import Embedding, VectorFile
from tests.support.fakes import HashEmbedder

LANGUAGES = ("en", "hi", "")


@pytest.fixture
def file(tmp_path: Path) -> VectorFile:
    """A file of 300 vectors in three languages."""
    rows = HashEmbedder().documents([f"word{i} word{i // 3}" for i in range(300)])
    file = VectorFile(tmp_path, "one", create=True)
    file.add([Embedding(f"k{i}", LANGUAGES[i % 3], row, rows[:0]) for i, row in enumerate(rows)])
    return file


@pytest.mark.parametrize("limit", [1, 7, 100, 1000])
def test_the_nearest_of_each_language_come_first(
    limit: int, file: VectorFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_file, "BATCH", 64)
    question = HashEmbedder().query("word7 word21")

    found = ExactIndex(file).nearest(question, limit)

    expected = nearest_by_pages(file, question, limit)
    assert set(found) == set(expected) == set(LANGUAGES)
    for language, near in expected.items():
        assert [key for key, _ in found[language]] == [key for key, _ in near]
        assert dict(found[language]) == pytest.approx(dict(near), abs=1e-6)
        cosines = {key: float(file.read([key])[key].vector @ question) for key, _ in near}
        assert dict(near) == pytest.approx(cosines, abs=1e-6)
        assert list(dict(near).values()) == sorted(dict(near).values(), reverse=True)
    assert [len(near) for near in found.values()] == [min(limit, 100)] * 3


def test_none_is_nearest_where_there_is_none(tmp_path: Path, file: VectorFile) -> None:
    question = HashEmbedder().query("word7")
    none = ExactIndex(VectorFile(tmp_path, "two"))

    assert (none.count(), none.nearest(question, 5)) == (0, {})
    assert ExactIndex(file).nearest(question, 0) == {"en": [], "hi": [], "": []}


def test_what_is_added_later_is_not_found(file: VectorFile) -> None:
    question = HashEmbedder().query("word7")
    held = ExactIndex(file)
    before = held.nearest(question, 1)
    file.add([Embedding("new", "en", question, question[:0, None])])

    assert held.nearest(question, 1) == before
    assert [key for key, _ in ExactIndex(file).nearest(question, 1)["en"]] == ["new"]


@pytest.mark.parametrize("size", [1, 63, 128])
def test_a_vector_of_another_size_is_damage(size: int, file: VectorFile) -> None:
    file.add([Embedding("wrong", "en", np.ones(size, "f4"), np.zeros((0, size), "f4"))])

    with pytest.raises(IndexDamaged, match="a vector is not as an embedder gives it"):
        ExactIndex(file).nearest(HashEmbedder().query("word7"), 1)
    with pytest.raises(IndexDamaged, match="a vector is not as an embedder gives it"):
        nearest_by_pages(file, HashEmbedder().query("word7"), 1)


def test_many_vectors_are_left_to_chroma(
    file: VectorFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(_store(tmp_path, "one"), ExactIndex)

    monkeypatch.setattr(exact_index, "FEW", 299)

    assert isinstance(_store(tmp_path, "one"), AnnIndex)
