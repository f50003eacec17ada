from pathlib import Path

import pytest

from qa.extraction.encoder_reader import EncoderReader
from qa.extraction.scoring import auroc
from qa.extraction.training import report
from qa.extraction.training.examples import AnswerExample
from tests.support import tiny_reader

PASSAGE = "ab a b ab"
DRAFTS = [
    AnswerExample("x", "a", PASSAGE, answer, right, "draft", across)
    for answer, right, across in [
        ("ab a b", True, False),
        ("b a", False, False),
        ("ab", True, True),
        ("b b a ab", False, True),
    ]
]


@pytest.fixture
def reader(tmp_path: Path) -> EncoderReader:
    embedder = tiny_reader.embedder(tmp_path / "tiny")
    return EncoderReader(embedder, tiny_reader.weights(embedder.fingerprint))


def test_drafts_are_judged_by_their_words_and_whole(reader: EncoderReader) -> None:
    rows = list(report.drafts(reader, DRAFTS))

    assert [(row.name, row.count) for row in rows] == [
        ("drafts, passage in the same language", 2),
        ("drafts, passage in another language", 2),
        ("drafts", 4),
        ("drafts, judged whole", 4),
    ]
    judged = [reader.judge("a", [draft.answer], [PASSAGE])[0] for draft in DRAFTS]
    assert rows[-1].figures["AUROC"] == auroc(judged[::2], judged[1::2])


def test_without_wrong_drafts_nothing_is_reported(reader: EncoderReader) -> None:
    assert list(report.drafts(reader, DRAFTS[::2])) == []
