"""What a question is about, by the vectors of its tokens; and what the topics that ship tell."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.embedding.bert import Linear
from index.embedding.embedder import Vectors
from qa.extraction import question_topics
from qa.extraction.question_topics import QuestionTopics
from qa.extraction.reader import Reader
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet
from qa.extraction.training.topics import examples, learned
from tests.support.paths import ROOT

# Vectors of two numbers: whether a token is of the first topic, or of the second.
SEEN = Linear(
    np.array([[-9, -9, 0, 0, 0, 0], [9, -9, 0, 0, 0, 0], [-9, 9, 0, 0, 0, 0]], "f4"),
    np.array([5, 0, 0], "f4"),
)
TELLS = QuestionTopics("tiny", SEEN, SEEN)


def spans(question: str, marks: str, **how: int | bool) -> list[str]:
    """The topics where each letter of the question is a token, marked 1, 2 or another sign."""
    rows = np.array([[mark == "1", mark == "2"] for mark in marks], "f4")
    places = [(i, i + 1) for i in range(len(question))]
    found = TELLS.spans(question, places, rows, **how)  # type: ignore[arg-type]
    return [question[start:end] for start, end in found]


def test_a_topic_is_the_words_of_its_tokens() -> None:
    assert spans("Which mention a fee?", "..............1111..") == ["a fee"]


def test_a_topic_has_no_marks_at_its_ends() -> None:
    assert spans("Sum up “A Bell”.", ".......1111111..") == ["A Bell"]


def test_a_point_within_a_word_parts_none() -> None:
    assert spans("About a.txt?", "......1.....") == ["a.txt"]


def test_two_topics_stand_one_after_the_other() -> None:
    said = spans("tea or rum?", "111....222.", two=True)

    assert said == ["tea", "rum"]


def test_where_nothing_is_named_there_is_no_topic() -> None:
    assert spans("Sum it up.", "..........") == []
    assert spans("", "") == []


def test_a_question_that_must_have_a_topic_has_the_likeliest() -> None:
    question = "Which mention fees?"
    rows = np.array([[0.2 * (i == 15), 0] for i in range(len(question))], "f4")
    places = [(i, i + 1) for i in range(len(question))]

    assert TELLS.spans(question, places, rows) == []
    assert TELLS.spans(question, places, rows, least=1) == [(14, 18)]


def test_one_word_is_not_two_topics() -> None:
    assert TELLS.spans("tea", [(0, 3)], np.ones((1, 2), "f4"), least=2, two=True) == []


def test_chinese_needs_no_spaces() -> None:
    assert spans("哪些文章提到价格？", "......11.") == ["价格"]


def test_what_was_learned_is_read_as_it_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    one, two = (
        Linear(np.asfortranarray(rng.normal(0, 1, (3, 6)), "f4"), np.ones(3, "f4")) for _ in "12"
    )
    question_topics.write(tmp_path / "topics", QuestionTopics("tiny", one, two))

    read = question_topics.read(tmp_path / "topics")

    assert read.embedder == "tiny"
    assert np.allclose(read.one.weight, one.weight, atol=0.01)
    assert np.allclose(read.two.weight, two.weight, atol=0.01)


def test_topics_are_learned_from_where_they_stand() -> None:
    public = QuestionSet("tiny")
    for language in ("en", "hi", "id", "zh", "es"):
        place = public.add(Passage("an answer of it", "", language))
        public.questions.append(Question({language: "Why?"}, {language: Answer(place, ((0, 9),))}))
    asked = examples([public])[::9]
    rng = np.random.default_rng(4)

    def rows(text: str, topics: tuple[tuple[int, int], ...]) -> Vectors:
        near = rng.normal(0, 0.1, (len(text), 8)).astype("f4")
        for label, (start, end) in enumerate(topics):
            near[start:end, label] += 1
        return near

    places = [[(i, i + 1) for i in range(len(each.text))] for each in asked]
    seen = [rows(each.text, each.topics) for each in asked]
    found = learned("tiny", asked, list(zip(places, seen, strict=True)))

    right = [
        found.spans(each.text, at, near, two=each.name == "compare") == list(each.topics)
        for each, at, near in zip(asked, places, seen, strict=True)
    ]
    assert sum(right) > 0.8 * len(asked)


@pytest.mark.weights
def test_the_topics_that_ship_are_told_in_five_languages(real_reader: Reader) -> None:
    path = ROOT / "seeds" / "kinds.jsonl"
    asked = [json.loads(line) for line in path.open(encoding="utf-8")]
    named = [row for row in asked if "topics" in row]

    told = [
        [row["question"][a:b] for a, b in real_reader.topics(row["question"], row["kind"])]
        for row in named
    ]

    right = sum(said == row["topics"] for said, row in zip(told, named, strict=True))
    assert len(named) >= 60
    assert right >= 0.75 * len(named)
