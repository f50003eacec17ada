import hashlib
from pathlib import Path

import numpy as np
import pytest

from index.embedding.numpy_embedder import NumpyEmbedder
from index.errors import BadModel
from qa.extraction import (
    follow_ups,
    language_directions,
    question_kinds,
    question_topics,
    weights,
)
from qa.extraction.encoder_reader import EncoderReader, NoReader, best_span, without_marks_about
from tests.support import tiny_reader

PASSAGES = ["ab a b ab", " b", "a b ab b a a ab b ab a a b ab b b a ab a b b a", ""]


@pytest.fixture
def embedder(tmp_path: Path) -> NumpyEmbedder:
    return tiny_reader.embedder(tmp_path / "tiny")


@pytest.fixture
def shipped(tmp_path: Path, embedder: NumpyEmbedder) -> Path:
    path = tmp_path / "reader.safetensors"
    weights.write(path, tiny_reader.weights(embedder.fingerprint))
    return path


PARTS = (language_directions, question_kinds, question_topics, follow_ups)


@pytest.fixture
def folder(tmp_path: Path, embedder: NumpyEmbedder) -> Path:
    return small_files(tmp_path, embedder.fingerprint)


def small_files(folder: Path, fingerprint: str) -> Path:
    folder.mkdir(exist_ok=True)
    language_directions.write(
        folder / language_directions.SHIPPED.name, tiny_reader.languages(fingerprint)
    )
    question_kinds.write(folder / question_kinds.SHIPPED.name, tiny_reader.kinds(fingerprint))
    question_topics.write(folder / question_topics.SHIPPED.name, tiny_reader.topics(fingerprint))
    follow_ups.write(folder / follow_ups.SHIPPED.name, tiny_reader.leans(fingerprint))
    return folder


@pytest.fixture
def reader(embedder: NumpyEmbedder, shipped: Path, folder: Path) -> EncoderReader:
    return EncoderReader.of(embedder, shipped, folder)


def test_spans_stand_in_their_passages(reader: EncoderReader) -> None:
    for passage, found in zip(PASSAGES, reader.read("a b", PASSAGES), strict=True):
        said = passage[found.start : found.end]

        assert 0 <= found.start <= found.end <= len(passage)
        assert said == said.strip()
        assert bool(said) == bool(passage)
        assert 0 <= found.probability <= 1


def test_a_reading_does_not_depend_on_its_neighbours(reader: EncoderReader) -> None:
    together = reader.read("a b", PASSAGES)
    alone = [reader.read("a b", [passage])[0] for passage in PASSAGES]

    assert [(each.start, each.end) for each in together] == [(e.start, e.end) for e in alone]
    assert [e.score for e in together] == pytest.approx([e.score for e in alone], abs=1e-4)


def test_nothing_to_read_gives_nothing(reader: EncoderReader) -> None:
    assert reader.read("a b", []) == []
    assert reader.judge("a b", [], []) == []


def test_each_answer_is_judged_by_its_own_passage(reader: EncoderReader) -> None:
    both = reader.judge("a", ["ab", "b"], [PASSAGES[0], PASSAGES[1]])

    assert both == pytest.approx(
        [
            reader.judge("a", ["ab"], [PASSAGES[0]])[0],
            reader.judge("a", ["b"], [PASSAGES[1]])[0],
        ],
        abs=1e-6,
    )
    assert reader.judge("a", ["b", "b"], PASSAGES[:2])[0] != pytest.approx(both[0], abs=1e-6)


def test_the_words_of_a_draft_that_answer_are_its_span(reader: EncoderReader) -> None:
    drafts = ["ab a b ab a a ab", "b a"]
    words = [
        text[each.start : each.end]
        for text, each in zip(drafts, reader.read("a", drafts), strict=True)
    ]

    assert words != drafts
    assert reader.answering("a", drafts) == words
    assert reader.answering("a", []) == []


def test_words_are_near_to_themselves(reader: EncoderReader) -> None:
    assert reader.nearness("ab a", "ab a") == pytest.approx(1, abs=1e-5)
    assert reader.nearness("ab a", "ab a") > reader.nearness("ab a", "b b b")


def test_nearness_leaves_out_what_words_say_of_their_language(
    embedder: NumpyEmbedder, shipped: Path, folder: Path
) -> None:
    directions = language_directions.read(folder / language_directions.SHIPPED.name)
    near, plain = (
        EncoderReader(embedder, weights.read(shipped), told).nearness("ab a", "b b b")
        for told in (directions, None)
    )
    one, other = directions.without(embedder.documents(["ab a", "b b b"]))

    assert near == pytest.approx(float(one @ other), abs=1e-5)
    assert near != pytest.approx(plain, abs=1e-2)


def test_questions_have_vectors_without_their_language(
    reader: EncoderReader, embedder: NumpyEmbedder, folder: Path
) -> None:
    directions = language_directions.read(folder / language_directions.SHIPPED.name)
    texts = ["ab a", "b b b"]

    found = reader.questions(texts)

    assert np.allclose(found, directions.without(embedder.queries(texts)), atol=1e-6)
    assert np.allclose(found, reader.neutral(embedder.queries(texts)))


@pytest.mark.parametrize(
    ("words", "bare"),
    [("2.8%。", "2.8%"), ("“2018”.", "2018"), ("US$5", "US$5"), ("(a, b) ", "a, b"), ("…", "…")],
)
def test_marks_about_words_that_answer_are_left_out(words: str, bare: str) -> None:
    assert without_marks_about(words) == bare


def test_learned_differences_change_what_is_read(embedder: NumpyEmbedder) -> None:
    learned = tiny_reader.weights(embedder.fingerprint)
    without = weights.ReaderWeights(
        learned.embedder, {}, learned.span, learned.told, learned.right, learned.calibration, {}
    )
    found = [
        EncoderReader(embedder, each).read("a", [PASSAGES[0]])[0].score
        for each in (learned, without)
    ]

    assert found[0] != pytest.approx(found[1], abs=1e-3)


def test_the_file_says_what_was_written_but_for_four_bits(
    embedder: NumpyEmbedder, shipped: Path
) -> None:
    written, read = tiny_reader.weights(embedder.fingerprint), weights.read(shipped)

    assert (read.embedder, read.calibration) == (written.embedder, written.calibration)
    assert read.about == written.about
    assert set(read.differences) == set(written.differences)
    for name, values in written.differences.items():
        assert np.abs(read.differences[name] - values).max() < 0.05
    assert np.array_equal(read.span.weight, written.span.weight)


def test_another_embedder_has_no_reader(
    embedder: NumpyEmbedder, shipped: Path, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    weights.write(other, tiny_reader.weights("another"))
    others = small_files(tmp_path / "others", "another")

    with pytest.raises(NoReader, match=r"tiny has other weights .* models fetch"):
        EncoderReader.of(embedder, other, folder)
    for part in PARTS:
        file = folder / part.SHIPPED.name
        kept = file.read_bytes()
        file.write_bytes((others / file.name).read_bytes())
        with pytest.raises(NoReader):
            EncoderReader.of(embedder, shipped, folder)
        file.unlink()
        with pytest.raises(NoReader):
            EncoderReader.of(embedder, shipped, folder)
        file.write_bytes(kept)


def test_the_model_card_tells_the_hash_of_what_ships() -> None:
    card = weights.SHIPPED.with_name("MODEL_CARD.md").read_text(encoding="utf-8")

    files = (weights.SHIPPED, 12e6), (language_directions.SHIPPED, 3e4)
    for path, most in (*files, *((part.SHIPPED, 3e4) for part in PARTS[1:])):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in card
        assert path.stat().st_size < most


@pytest.mark.parametrize("damaged", range(len(PARTS) + 1))
@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_a_damaged_file_is_said_to_be_so(
    embedder: NumpyEmbedder, shipped: Path, folder: Path, kept: int, damaged: int
) -> None:
    path = [shipped, *(folder / part.SHIPPED.name for part in PARTS)][damaged]
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(BadModel, match=r"is not a whole reader .*Install the program anew"):
        EncoderReader.of(embedder, shipped, folder)


def test_the_best_span_ends_where_it_begins_or_later() -> None:
    start, end = np.array([0, 9, 1], "f4"), np.array([8, 2, 3], "f4")

    assert best_span(start, end) == (1, 2, 12.0)


def test_a_span_has_forty_tokens_at_most() -> None:
    start, end = np.zeros(100, np.float32), np.zeros(100, np.float32)
    start[10], end[49], end[50] = 5, 3, 9

    assert best_span(start, end) == (11, 50, 9.0)
