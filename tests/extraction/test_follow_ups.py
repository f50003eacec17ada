"""How questions lean on earlier turns, by their vectors; and what the weights that ship tell."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index.embedding.bert import Linear
from qa.extraction import follow_ups
from qa.extraction.follow_ups import ASKS, SURE, FollowUps
from qa.extraction.reader import WAYS, Lean, Reader
from qa.extraction.training.follow_ups import TEMPLATES, examples, learned
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet
from tests.support import tiny_reader
from tests.support.paths import ROOT

PATH = ROOT / "seeds" / "follow_ups.jsonl"
LABELLED = [json.loads(line) for line in PATH.open(encoding="utf-8")]
NOWHERE = Linear(np.zeros((3, 6), "f4"), np.array([1, 0, 0], "f4"))
ANY = np.array([1, 0], "f4")


def telling(**probabilities: float) -> FollowUps:
    """Says these of every question."""
    told = np.log(np.array(list(probabilities.values()), "f4"))
    names = tuple(name.replace("_", ".") for name in probabilities)
    return FollowUps("tiny", names, np.zeros((2, len(names)), "f4"), told, NOWHERE)


@pytest.mark.parametrize(("told", "way"), [(SURE + 0.01, "shorter"), (SURE - 0.01, "own")])
def test_in_doubt_a_question_leans_on_nothing(told: float, way: str) -> None:
    rest = (1 - told) / 2

    assert telling(shorter=told, longer=rest, sure=rest).way(ANY)[0] == way


@pytest.mark.parametrize(("asks", "expected"), [(0.5, True), (0.3, False)])
def test_a_way_is_as_likely_as_with_and_without_a_question(asks: float, expected: bool) -> None:
    told = telling(first=0.8 - asks, first_asks=asks, own=0.2)

    assert told.way(ANY) == ("first", expected)


def test_what_is_named_stands_in_the_question() -> None:
    named = Linear(np.array([[0, 0, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0], [0] * 6], "f4"), NOWHERE.bias)
    told = FollowUps("tiny", ("other",), np.zeros((2, 1), "f4"), np.zeros(1, "f4"), named)
    marks = "....1111"
    rows = np.array([[mark == "1", 0] for mark in marks], "f4")

    lean = told.lean("and fees", ANY, [(i, i + 1) for i in range(8)], rows)

    assert lean == Lean("other", asks=False, named=(4, 8))


def test_what_was_learned_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, written = tmp_path / "follow_ups.safetensors", tiny_reader.leans("tiny")
    follow_ups.write(path, written)

    read = follow_ups.read(path)

    assert (read.embedder, read.names) == ("tiny", WAYS)
    assert np.allclose(read.weight, written.weight, atol=0.02)
    assert np.allclose(read.named.weight, written.named.weight, atol=0.02)


def public() -> list[QuestionSet]:
    """A set of one question in each language that there are templates in."""
    found = QuestionSet("tiny")
    for language in ("en", "hi", "id", "zh", "es"):
        place = found.add(Passage("an answer of it", "", language))
        answer = {language: Answer(place, ((0, 9),))}
        found.questions.append(Question({language: f"Plain {language}?"}, answer))
    return [found]


def test_examples_are_of_every_way_and_name_their_topics() -> None:
    made = examples(public())

    assert {each.name.removesuffix(ASKS) for each in made} == set(WAYS)
    assert not any(re.search("[{}]", each.text) for each in made)
    assert all(0 <= a < b <= len(each.text) for each in made for a, b in each.topics)
    assert all(each.topics for each in made if each.name == "other")
    assert not any(each.topics for each in made if each.name in ("sure", "shorter", "first"))
    assert made == examples(public())


def test_ways_and_names_are_learned() -> None:
    asked = examples(public())[::9]
    names = sorted({each.name for each in asked})
    rng = np.random.default_rng(4)
    directions = np.linalg.qr(rng.normal(0, 1, (32, 32)))[0].astype("f4")
    near = rng.normal(0, 0.05, (len(asked), 32)).astype("f4")
    vectors = near + directions[[names.index(each.name) for each in asked]]
    rows = []
    for each in asked:
        seen = rng.normal(0, 0.1, (len(each.text), 8)).astype("f4")
        for start, end in each.topics:
            seen[start:end, 0] += 1
        rows.append(([(i, i + 1) for i in range(len(each.text))], seen))

    found = learned("tiny", vectors, asked, rows)

    told = [found.way(vector)[0] for vector in vectors]
    assert told == [each.name.removesuffix(ASKS) for each in asked]
    leans = [found.lean(a.text, v, *r) for a, v, r in zip(asked, vectors, rows, strict=True)]
    right = sum(
        lean.named == next(iter(a.topics), None) for lean, a in zip(leans, asked, strict=True)
    )
    assert right > 0.8 * len(asked)


def test_templates_and_labelled_questions_have_nothing_in_common() -> None:
    templates = [line.split("|", 2) for line in TEMPLATES.read_text(encoding="utf-8").splitlines()]
    asked = {row["question"].casefold() for row in LABELLED}
    common = asked & {text.casefold() for *_, text in templates}

    assert {name.removesuffix(".own") for name, *_ in templates} == {*WAYS, "nth"}
    assert {language for _, language, _ in templates} == {"en", "hi", "id", "zh", "es"}
    # Some are said in one way only: "why?"
    assert common <= {row["question"].casefold() for row in LABELLED if row["leans"] in COMMON}
    assert len(asked) >= 120


COMMON = ("why", "sure", "shorter", "longer")
UNSURE = ("longer", "fifth")


@pytest.mark.weights
def test_the_ways_that_ship_are_right_in_five_languages(real_reader: Reader) -> None:
    told = [(row["leans"], real_reader.lean(row["question"])) for row in LABELLED]
    said = Counter(lean.way for _, lean in told)
    right = Counter(lean.way for wanted, lean in told if wanted == lean.way)

    assert right.total() >= 0.9 * len(told)
    assert right["own"] >= 0.9 * sum(wanted == "own" for wanted, _ in told)
    for way in WAYS:
        assert way in UNSURE or right[way] >= 0.8 * said[way]
