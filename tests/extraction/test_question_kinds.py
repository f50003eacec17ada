"""What a question asks for, by its vector alone; and what the kinds that ship tell."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from qa.extraction import question_kinds
from qa.extraction.question_kinds import KINDS, SURE, QuestionKinds, kind_of
from qa.extraction.reader import Reader
from qa.extraction.training.kinds import TEMPLATES, examples, learned
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet
from tests.support import tiny_reader
from tests.support.paths import ROOT

LABELLED = [json.loads(line) for line in (ROOT / "seeds" / "kinds.jsonl").open(encoding="utf-8")]


def leaning(probability: float) -> QuestionKinds:
    """Says `catalog` with this probability of a question whose vector is (1, 0)."""
    logit = np.log(probability / (1 - probability))
    weight = np.array([[0, logit], [0, 0]], "f4")
    return QuestionKinds("tiny", ("plain", "catalog"), weight, np.zeros(2, "f4"))


@pytest.mark.parametrize(("told", "kind"), [(SURE + 0.01, "catalog"), (SURE - 0.01, "plain")])
def test_in_doubt_a_question_is_plain(told: float, kind: str) -> None:
    assert leaning(told).of(np.array([1, 0], "f4")) == kind


def test_a_kind_is_as_likely_as_its_details_together() -> None:
    told = np.log(np.array([0.3, 0.36, 0.34], "f4"))
    names = ("plain", "about.author", "about.date")
    kinds = QuestionKinds("tiny", names, np.zeros((2, 3), "f4"), told)

    assert kinds.of(np.array([1, 0], "f4")) == "about"
    assert kinds.details(np.array([1, 0], "f4")) == ["author", "date"]


def test_a_detail_that_is_hardly_asked_for_is_none() -> None:
    told = np.log(np.array([0.2, 0.7, 0.1], "f4"))
    names = ("plain", "about.author", "about.date")
    kinds = QuestionKinds("tiny", names, np.zeros((2, 3), "f4"), told)

    assert kinds.details(np.array([1, 0], "f4")) == ["author"]


def test_probabilities_are_of_all_kinds() -> None:
    kinds = tiny_reader.kinds("tiny")
    vectors = np.random.default_rng(1).normal(0, 100, (5, len(kinds.weight))).astype("f4")

    told = kinds.probabilities(vectors)

    assert told.shape == (5, len(KINDS))
    assert np.allclose(told.sum(axis=1), 1)


def test_what_was_learned_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, written = tmp_path / "kinds.safetensors", tiny_reader.kinds("tiny")
    question_kinds.write(path, written)

    read = question_kinds.read(path)

    assert (read.embedder, read.names) == ("tiny", KINDS)
    assert np.allclose(read.weight, written.weight, atol=0.02)


def test_kinds_are_learned_from_their_vectors() -> None:
    rng = np.random.default_rng(3)
    directions = np.linalg.qr(rng.normal(0, 1, (16, 16)))[0][: len(KINDS)].astype("f4")
    asked = [kind for kind in KINDS for _ in range(30)]
    noise = rng.normal(0, 0.05, (len(asked), 16)).astype("f4")
    vectors = directions[[KINDS.index(kind) for kind in asked]] + noise

    kinds = learned("tiny", vectors, asked)

    assert [kinds.of(vector) for vector in vectors] == asked


def public() -> list[QuestionSet]:
    """A set of one question in each language that there are templates in."""
    found = QuestionSet("tiny")
    for language in ("en", "hi", "id", "zh", "es"):
        text = f"{language} words, and the answer."
        place = found.add(Passage(text, "", language))
        answer = {language: Answer(place, ((0, 8),))}
        found.questions.append(Question({language: f"Plain {language}?"}, answer))
    return [found]


def test_examples_are_plain_questions_and_templates_about_topics() -> None:
    made = examples(public())
    texts = [each.text for each in made]

    assert {kind_of(each.name) for each in made} == set(KINDS)
    assert {each.text for each in made if each.name == "plain"} >= {
        f"Plain {language}?" for language in ("en", "es", "hi", "id", "zh")
    }
    assert "Which articles are about en words?" in texts
    assert not any("{" in text for text in texts)
    assert made == examples(public())


def test_templates_and_labelled_questions_have_nothing_in_common() -> None:
    templates = [line.split("|") for line in TEMPLATES.read_text(encoding="utf-8").splitlines()]
    asked = {row["question"].casefold() for row in LABELLED}

    assert {kind_of(name) for name, _, _ in templates} == set(KINDS)
    assert not asked & {re.sub("[{}]", "", text).casefold() for *_, text in templates}
    assert {row["kind"] for row in LABELLED} == set(KINDS)
    assert len(asked) == len(LABELLED) >= 150


@pytest.mark.weights
def test_the_kinds_that_ship_are_right_in_five_languages(real_reader: Reader) -> None:
    told = [(row["kind"], real_reader.kind(row["question"])) for row in LABELLED]
    said = Counter(kind for _, kind in told)
    right = Counter(kind for wanted, kind in told if wanted == kind)

    for kind in KINDS:
        assert kind == "plain" or right[kind] >= 0.9 * said[kind]
    assert right["catalog"] == said["catalog"]
    assert right["plain"] >= 0.85 * sum(wanted == "plain" for wanted, _ in told)
    assert right.total() >= 0.93 * len(told)


@pytest.mark.weights
def test_a_question_about_something_in_an_article_is_not_one_about_the_articles(
    real_reader: Reader,
) -> None:
    path = ROOT / "seeds" / "questions.jsonl"
    asked = [json.loads(line)["question"] for line in path.open(encoding="utf-8")]

    assert "catalog" not in {real_reader.kind(question) for question in asked}


@pytest.mark.weights
@pytest.mark.parametrize(
    ("question", "details"),
    [
        ("Which of the articles are older than 2022?", {"before"}),
        ("¿Qué artículos se han publicado desde abril de 2025?", {"since"}),
        ("मई में कौन-से लेख प्रकाशित हुए?", {"date"}),
        ("Artikel mana yang ditulis dalam bahasa Hindi?", {"language"}),
        ("林若川写了哪些文章？", {"author"}),
        ("Which articles are in the folder town?", {"file"}),
        ("Which articles about ferries came out in 2025?", {"date", "topic"}),
        ("Artikel mana saja yang menyebut perawat?", {"topic"}),
    ],
)
def test_what_a_list_is_made_by_is_told_in_five_languages(
    real_reader: Reader, question: str, details: set[str]
) -> None:
    assert real_reader.kind(question) == "list"
    assert set(real_reader.details(question)) == details
