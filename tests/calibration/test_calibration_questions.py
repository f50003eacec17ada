"""The set that ships: sound, in five languages, and separate from what figures are reported of."""

import json
from collections import Counter

from index.text.languages import detect
from qa.calibration.questions import load
from tests.support.paths import ROOT


def test_each_answer_stands_in_its_article_and_no_question_is_asked_twice() -> None:
    found = load()

    asked = [q for q in found.questions if q.article]
    assert [q for q in asked if q.answer not in found.articles[q.article]] == []
    assert len({q.id for q in found.questions}) == len(found.questions) == 280
    assert len(found.articles) == 40


def test_a_third_of_the_questions_are_told_and_of_each_article_some_are_not() -> None:
    found = load()
    kinds = Counter(question.kind for question in found.questions)
    untold = {question.article for question in found.questions if question.kind == "untold"}

    assert (kinds["told"], kinds["untold"]) == (80, 160)
    assert kinds["holds"] + kinds["fails"] + kinds["unheld"] == 40
    assert untold == {*found.articles, ""}


def test_questions_are_of_the_language_that_is_said_and_many_are_across() -> None:
    found = load()
    spoken = {name: detect(text) for name, text in found.articles.items()}
    told = Counter(question.question.language for question in found.questions)
    asked = [q for q in found.questions if q.article]
    across = [q for q in asked if q.question.language != spoken[q.article]]

    assert {spoken[name] for name in spoken} == set(told) == {"en", "hi", "id", "zh", "es"}
    assert min(told.values()) >= 30
    assert len(across) >= 50
    assert [q for q in found.questions if detect(q.question.text) != q.question.language] == []


def test_nothing_of_it_is_in_a_set_that_figures_are_reported_of() -> None:
    found = load()
    reported = {
        json.loads(line)["question"]
        for file in (ROOT / "seeds").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    seeds = "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in (ROOT / "seeds").rglob("*")
        if path.is_file()
    )
    lines = [line for text in found.articles.values() for line in text.splitlines() if line]

    assert {q.question.text for q in found.questions} & reported == set()
    assert [line for line in lines if line in seeds] == []


def test_some_of_it_are_spread_over_it() -> None:
    some = load().some(20)

    of_articles = [question.article for question in some.questions if question.article]
    assert len(some.questions) == 20
    assert len(set(of_articles)) == len(of_articles) > 10
    assert load().some(None).questions == load().some(999).questions == load().questions
    assert some.digest != load().digest
