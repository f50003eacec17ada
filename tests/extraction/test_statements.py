from pathlib import Path

import pytest

from qa.extraction.training.question_sets import Question, QuestionSet
from qa.extraction.training.statements import statements

LINES = {
    "src.eng": [
        "Police held 31 people in Jakarta.",
        "Nobody was hurt.",
        "Mr. Lee paid 12 dollars.",
    ],
    "ref.hin": ["पुलिस ने 31 लोगों को पकड़ा।", "किसी को चोट नहीं आई।", "ली ने 12 डॉलर दिए।"],
    "ref.ind": [
        "Polisi menahan 31 orang di Jakarta.",
        "Tidak ada yang terluka.",
        "Lee membayar 13.",
    ],
    "ref.zho-CN": ["警方在雅加达拘留了31人。", "没有人受伤。", "李付了12美元。"],
}


@pytest.fixture
def sets(tmp_path: Path) -> list[QuestionSet]:
    for name, lines in LINES.items():
        text = "\n".join(lines)
        (tmp_path / f"newstest2019-{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "DOCUMENT_IDS.tsv").write_text("a.1\na.1\nb.2\n", encoding="utf-8")
    return list(statements([tmp_path]))


def told(among: QuestionSet, question: Question) -> dict[str, str]:
    return {
        language: among.passages[answer.passage].text[slice(*answer.spans[0])]
        for language, answer in question.answers.items()
    }


def test_a_sentence_asks_where_another_language_says_it(sets: list[QuestionSet]) -> None:
    whole, _ = sets

    assert [told(whole, question) for question in whole.questions] == [
        dict(zip(("en", "hi", "id", "zh"), row, strict=True))
        for row in zip(*LINES.values(), strict=True)
    ]
    assert {p.text for p in whole.passages if p.language == "zh"} == {
        *("警方在雅加达拘留了31人。没有人受伤。", "李付了12美元。")
    }


def test_what_is_spelt_alike_is_asked_for(sets: list[QuestionSet]) -> None:
    _, part = sets
    asked = {tuple(told(part, q).values()): sorted(q.texts) for q in part.questions}

    assert asked == {
        ("31",) * 4: ["en", "hi", "id", "zh"],
        ("12",) * 3: ["en", "hi", "zh"],
    }
    assert "Police held … people in Jakarta." in {q.texts["en"] for q in part.questions}


def test_without_the_files_there_are_none() -> None:
    assert list(statements([])) == []
