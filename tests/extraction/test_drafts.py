import json
from pathlib import Path

import pytest

from qa.extraction.training import stream
from qa.extraction.training.drafts import drafted, judged, write
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet
from tests.support.fakes import ScriptedModel

TEXT = "Meituan bought Light Years Beyond. It paid 281 million dollars."


def among(answer: Answer) -> QuestionSet:
    return QuestionSet(
        "squad",
        [Passage(TEXT, "News", "en")],
        [Question({"en": "What did it pay?"}, {"en": answer})],
    )


@pytest.mark.parametrize(
    ("said", "told", "right"),
    [
        ("It paid 281 million dollars.", ["281 million"], True),
        ("It paid 12 euros.", ["281 million"], False),
        ("It paid 12 million.", ["281 million"], None),
        ("It paid 12 euros.", [], False),
        ("NONE.", ["281 million"], None),
        ("...", ["281 million"], None),
    ],
)
def test_a_draft_is_judged_by_the_known_answers(
    said: str, told: list[str], right: bool | None
) -> None:
    assert judged(said, told) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [(Answer(0, ((43, 54),)), True), (Answer(0, (), tells=False), False)],
    ids=["told", "not told"],
)
def test_drafts_are_written_until_there_are_enough(
    answer: Answer, right: bool, tmp_path: Path
) -> None:
    path = tmp_path / "drafts.jsonl"
    model = ScriptedModel("It paid 281 million dollars.")
    assert list(write(drafted(model, [among(answer)], seed=1), path, 2)) == [1, 2]
    assert list(write(drafted(model, [among(answer)], seed=1), path, 3)) == [3]

    found = stream.judged(path)
    assert [each.right for each in found] == [right] * 3
    assert {each.answer for each in found} == {"It paid 281 million dollars."}
    assert json.loads(path.read_text().splitlines()[0])["kind"] == "draft"
    assert "Passage:" in model.read[0][-1].content
