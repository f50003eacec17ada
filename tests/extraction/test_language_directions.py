"""What vectors say of their language, and what is left of them without it."""

from pathlib import Path

import numpy as np
import pytest

from index.embedding.embedder import Vectors
from qa.extraction import language_directions
from qa.extraction.language_directions import LanguageDirections, found
from qa.extraction.training import languages
from tests.support import tiny_reader

RNG = np.random.default_rng(11)
MEANINGS = RNG.normal(0, 1, (40, 16)).astype("f4")
OFFSETS = RNG.normal(0, 4, (3, 16)).astype("f4")


def said(language: int) -> Vectors:
    """The same forty meanings in a language, as unit vectors do not say them."""
    vectors: Vectors = MEANINGS + OFFSETS[language]
    return vectors


def directions(count: int = 24) -> LanguageDirections:
    return found("tiny", [said(language).mean(axis=0) for language in range(3)], count)


def test_words_of_one_meaning_are_alike_in_all_languages() -> None:
    one, other = (directions().without(said(language)) for language in (0, 1))
    cosines = one @ other.T

    assert np.allclose(np.diag(cosines), 1, atol=1e-4)
    assert (cosines.argmax(axis=1) == np.arange(len(MEANINGS))).all()


def test_without_it_a_language_is_nearer_than_a_meaning() -> None:
    one, other = said(0), said(1)
    same = one[0] @ other[0] / np.linalg.norm(one[0]) / np.linalg.norm(other[0])
    within = one[0] @ one[1] / np.linalg.norm(one[0]) / np.linalg.norm(one[1])

    assert within > same


def test_three_languages_differ_in_two_directions() -> None:
    told = directions()

    assert told.directions.shape == (2, 16)
    assert np.allclose(told.directions @ told.directions.T, np.eye(2), atol=1e-5)
    assert np.allclose(
        told.mean, said(0).mean(axis=0) + OFFSETS.mean(axis=0) - OFFSETS[0], atol=1e-4
    )
    assert directions(1).directions.shape == (1, 16)


def test_a_vector_that_says_nothing_but_its_language_is_finite() -> None:
    told = directions()

    assert np.isfinite(told.without(told.mean[None])).all()


def test_the_file_says_what_was_written(tmp_path: Path) -> None:
    path, written = tmp_path / "languages.safetensors", directions()

    language_directions.write(path, written)
    read = language_directions.read(path)

    assert read.embedder == "tiny"
    assert read.mean == pytest.approx(written.mean, abs=1e-2)
    assert read.directions == pytest.approx(written.directions, abs=1e-3)


def test_what_ships_has_unit_directions_at_right_angles() -> None:
    told = language_directions.read()
    count = len(told.directions)

    assert count == language_directions.COUNT
    assert np.allclose(told.directions @ told.directions.T, np.eye(count), atol=5e-3)


def test_a_language_has_the_mean_of_its_sentences(tmp_path: Path) -> None:
    embedder = tiny_reader.embedder(tmp_path / "tiny")
    folder = tmp_path / "sets" / "ntrex"
    folder.mkdir(parents=True)
    for name, text in (("src.eng", "ab a"), ("ref.hin", "b क")):
        lines = [f"{text} {'b ' * (i // 20)}" for i in range(60)]
        (folder / f"newstest2019-{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "DOCUMENT_IDS.tsv").write_text("", encoding="utf-8")

    paths = languages.files([tmp_path, tmp_path / "sets"])
    hindi, english = languages.means(paths, embedder)

    assert [path.name for path in paths] == ["newstest2019-ref.hin.txt", "newstest2019-src.eng.txt"]
    expected = embedder.documents(["ab a ", "ab a b ", "ab a b b "]).mean(axis=0)
    assert english == pytest.approx(expected, abs=1e-5)
    assert hindi != pytest.approx(english, abs=1e-2)
