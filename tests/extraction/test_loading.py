import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from qa.extraction.training import loading
from qa.extraction.training.question_sets import Answer, Passage, Question

TEXT = "Meituan bought Light Years Beyond. It paid 281 million dollars."


def asked(question: str, *answers: tuple[str, int], id: str = "1", **more: Any) -> dict[str, Any]:
    told = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": question, "answers": told, **more}


def write(folder: Path, name: str, *articles: tuple[str, str, list[dict[str, Any]]]) -> None:
    data = [
        {"title": title, "paragraphs": [{"context": text, "qas": qas}]}
        for title, text, qas in articles
    ]
    path = folder / f"{name}.json.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"data": data}).encode()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """XQuAD with 24 articles in two languages, and IDK-MRC with ten passages."""
    for language in ("en", "hi"):
        articles = [
            (f"Title {n}", f"{language} article {n}", [asked(f"{language} {n}?", (f"{n}", 11))])
            for n in range(10, 34)
        ]
        write(tmp_path, f"xquad/{language}", *articles)
    write(
        tmp_path,
        "idk/train",
        *(("", f"teks nomor {n}", [asked(f"nomor {n}?", (f"{n}", 11))]) for n in range(10, 20)),
    )
    return tmp_path


def learned(folder: Path, name: str) -> tuple[list[Passage], list[Question]]:
    """What a set has to learn or to calibrate with."""
    parts = loading.load([folder])
    found = [one for one in (*parts.learned, *parts.calibration) if one.name == name]
    return [p for one in found for p in one.passages], [q for one in found for q in one.questions]


def test_the_first_articles_of_xquad_are_learned_and_the_others_reported(folder: Path) -> None:
    parts = loading.load([folder])
    passages, questions = learned(folder, "xquad")

    assert {passage.title for passage in passages} == {f"Title {n}" for n in range(10, 28)}
    assert {p.title for p in parts.reported["xquad"].passages} == {
        f"Title {n}" for n in range(28, 34)
    }
    assert all(set(question.texts) == {"en", "hi"} for question in questions)


def test_the_last_tenth_of_idk_is_reported(folder: Path) -> None:
    reported = loading.load([folder]).reported["idk"]

    assert [passage.text for passage in reported.passages] == ["teks nomor 19"]
    assert len(learned(folder, "idk")[1]) == 9


@pytest.mark.parametrize(
    ("title", "text", "question"),
    [
        pytest.param("title_30", TEXT, "Who?", id="an article of the report"),
        pytest.param("", "Teks  nomor 19", "Who?", id="a passage of the report"),
        pytest.param("", TEXT, "Nomor 19?", id="a question of the report"),
    ],
)
def test_what_is_reported_is_not_learned_elsewhere(
    folder: Path, title: str, text: str, question: str
) -> None:
    write(folder, "squad_train/a", (title, text, [asked(question)]))

    assert learned(folder, "squad") == ([], [])


def test_what_two_files_share_is_learned_once(folder: Path) -> None:
    for name in ("a", "b"):
        write(folder, f"squad_train/{name}", ("", TEXT, [asked("Who?", ("Meituan", 0))]))

    assert len(learned(folder, "squad")[1]) == 1


def test_an_answer_at_the_wrong_place_is_looked_for(folder: Path) -> None:
    qas = [asked("What?", ("Light Years", 3)), asked("How?", ("elsewhere", 3))]
    write(folder, "squad_train/a", ("", TEXT, qas))
    passages, questions = learned(folder, "squad")

    assert passages == [Passage(TEXT, "", "en")]
    assert questions == [Question({"en": "What?"}, {"en": Answer(0, ((15, 26),))})]


def test_unanswerable_questions_keep_what_looks_like_an_answer(folder: Path) -> None:
    plausible = [{"text": "281 million", "answer_start": 43}]
    qas = [asked("Since when?", is_impossible=True, plausible_answers=plausible)]
    write(folder, "squad_train/a", ("", TEXT, qas))

    assert learned(folder, "squad")[1] == [
        Question({"en": "Since when?"}, {"en": Answer(0, (), ("281 million",), tells=False)})
    ]


def test_an_answer_without_words_says_that_the_passage_tells_and_not_where(folder: Path) -> None:
    qas = [asked("What colour?", ("", -1))]
    write(folder, "mlqa/test-context-en-question-en", ("Red", "It is red.", qas))

    assert learned(folder, "mlqa_test")[1] == [
        Question({"en": "What colour?"}, {"en": Answer(0, (), (), tells=True)})
    ]


def test_mlqa_joins_the_languages_of_a_question(folder: Path) -> None:
    for told_in, text in (("en", "It is red."), ("hi", "यह लाल है।")):
        for asked_in, words in (("en", "What colour?"), ("hi", "कौन सा रंग?")):
            told = ("red", 6) if told_in == "en" else ("लाल", 3)
            name = f"mlqa/dev-context-{told_in}-question-{asked_in}"
            write(folder, name, ("Red", text, [asked(words, told, id="x")]))
    passages, questions = learned(folder, "mlqa_dev")
    (question,) = questions

    assert question.texts == {"en": "What colour?", "hi": "कौन सा रंग?"}
    assert {
        language: [passages[answer.passage].text[start:end] for start, end in answer.spans]
        for language, answer in question.answers.items()
    } == {"en": ["red"], "hi": ["लाल"]}
