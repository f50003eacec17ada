"""Questions about whole articles: how they are read, what is refused, and that ours are sound."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from index.articles.article import Article, read
from index.articles.files import Found, find
from index.scope import Scope
from qa.errors import BadQuestions
from qa.evaluation.case_file import load
from qa.evaluation.cases import Case
from qa.evaluation.kind_cases import KINDS, Wanted
from tests.support.paths import SEED_ARTICLES, SEEDS

HARBOUR = SEEDS / "harbour_news"
EVIDENCE = [{"article": "a.txt", "quote": "It lifts 40 tonnes."}]
ASKED: dict[str, Any] = {"id": "1", "question": "?", "lang": "en", "answerable": True}
SUMMARY = {"kind": "summary", "points": [["40 tonnes", "40 t"]], "evidence": EVIDENCE}
LIST = {"kind": "list", "articles": ["a.txt"], "also": ["b.txt"]}
COMPARE = {"kind": "compare", "sides": [["40"], ["11"]], "more": "a", "evidence": EVIDENCE}
NO = {"kind": "yes_no", "verdict": "no", "evidence": EVIDENCE}
TEXTS = {"a.txt": "The crane is new. It lifts 40 tonnes.", "b.txt": "The old one lifts 11."}


def read_one(folder: Path, fields: dict[str, Any]) -> Case:
    path = folder / "questions.jsonl"
    path.write_text(json.dumps(ASKED | fields), encoding="utf-8")
    (case,) = load(path, TEXTS.__getitem__)
    return case


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (SUMMARY, Wanted("summary", points=(("40 tonnes", "40 t"),))),
        (LIST, Wanted("list", ("a.txt",), ("b.txt",))),
        (COMPARE, Wanted("compare", sides=(("40",), ("11",)), more="a")),
        (COMPARE | {"sides": [["40"], []], "more": None}, Wanted("compare", sides=(("40",), ()))),
        (NO, Wanted("yes_no", verdict="no")),
        (
            {"kind": "yes_no", "verdict": "untold", "answerable": False},
            Wanted("yes_no", verdict="untold"),
        ),
        ({"kind": "catalog", "answers": [["2"]]}, Wanted("catalog")),
        (
            {"kind": "about", "answers": [["Wang"]], "articles": ["a.txt"]},
            Wanted("about", ("a.txt",)),
        ),
    ],
)
def test_each_kind_keeps_what_is_wanted(
    tmp_path: Path, fields: dict[str, Any], wanted: Wanted
) -> None:
    assert read_one(tmp_path, fields).wanted == wanted


def test_a_question_may_have_a_scope(tmp_path: Path) -> None:
    case = read_one(tmp_path, NO | {"scope": {"only": ["harbour"], "since": "2024"}})

    assert case.scope == Scope(("harbour",), since="2024")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (
            SUMMARY | {"kind": "poem"},
            "the field 'kind' must be one of summary, list, compare, yes_no, about, catalog, "
            "not 'poem'.",
        ),
        (
            NO | {"verdict": "maybe"},
            "the field 'verdict' must be one of yes, no, untold, not 'maybe'.",
        ),
        (COMPARE | {"more": "c"}, "the field 'more' must be one of a, b, not 'c'."),
        (NO | {"kind": "list"}, "has verdict, which is for the kind yes_no."),
        (
            {"articles": ["a.txt"], "answers": [["x"]], "evidence": EVIDENCE},
            "has articles, which is for the kind summary or list or about.",
        ),
        (
            {"kind": "yes_no", "verdict": "yes"},
            "answerable and of the kind yes_no, but without evidence.",
        ),
        (
            NO | {"answerable": False},
            "of the kind yes_no: answerable with the verdict yes or no, else untold.",
        ),
        ({"kind": "list"}, "answerable and of the kind list, but without articles."),
        ({"kind": "about"}, "answerable and of the kind about, but without answers."),
        (
            COMPARE | {"sides": [["40"]]},
            "the field 'sides' must be a list of two lists of texts: the facts of both sides, each "
            "by its aliases.",
        ),
        (COMPARE | {"sides": [["40"], []]}, "has more, but one of its sides is not told."),
        (
            COMPARE | {"sides": [[], []], "more": None},
            "of the kind compare, but neither of its sides is told.",
        ),
        (
            SUMMARY | {"points": ["x"]},
            "the field 'points' must be a list of lists of texts: points, each by its aliases.",
        ),
        (
            SUMMARY | {"evidence": EVIDENCE * 2},
            "evidence[1] is of no point; give its number, from 0, as point.",
        ),
        (
            NO | {"evidence": [EVIDENCE[0] | {"point": 0}]},
            "has evidence of a point, which is for the kind summary.",
        ),
        (
            SUMMARY | {"evidence": [EVIDENCE[0] | {"point": "first"}]},
            "the field 'evidence[0].point' must be a whole number.",
        ),
        (LIST | {"articles": ["c.txt"]}, "there is no article 'c.txt'."),
        (LIST | {"also": ["c.txt"]}, "there is no article 'c.txt'."),
        (
            NO | {"evidence": [{"article": "a.txt", "quote": "It lifts 41"}]},
            "the quote 'It lifts 41' is not in a.txt.",
        ),
        (
            NO | {"scope": {"folder": "x"}},
            "the field 'scope' cannot be used: it has 'folder', but may have only only, language, "
            "since, until.",
        ),
        (
            NO | {"scope": {"since": "May"}},
            "the field 'scope' cannot be used: since must be a year, a month or a day such as "
            "2024, 2024-05 or 2024-05-31, not 'May'.",
        ),
        (
            NO | {"scope": ["x"]},
            "the field 'scope' must be an object such as {only, language, since, until}.",
        ),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, fields: dict[str, Any], fault: str
) -> None:
    with pytest.raises(BadQuestions) as caught:
        read_one(tmp_path, fields)

    assert str(caught.value) == f"{tmp_path / 'questions.jsonl'} line 1: {fault}"


@pytest.fixture(scope="module")
def harbour() -> dict[str, Article]:
    return {found.id: read(found) for found in find(HARBOUR) if isinstance(found, Found)}


@pytest.fixture(scope="module")
def harbour_cases(harbour: dict[str, Article]) -> list[Case]:
    return load(SEEDS / "harbour_questions.jsonl", lambda id: harbour[id].text)


@pytest.fixture(scope="module")
def shipped_cases() -> list[Case]:
    texts = {
        found.id: read(found).text for found in find(SEED_ARTICLES) if isinstance(found, Found)
    }
    return load(SEEDS / "kinds_shipped.jsonl", texts.__getitem__)


def test_the_harbour_articles_are_in_four_languages_with_dates_and_authors(
    harbour: dict[str, Article],
) -> None:
    languages = Counter(article.language for article in harbour.values())
    dated = {id for id, article in harbour.items() if article.date}
    authors = [author for id in harbour if (author := author_of(HARBOUR / id))]

    assert languages == {"en": 12, "hi": 11, "id": 12, "zh": 11}
    assert dated == {id for id in harbour if not id.endswith(".txt")}
    assert (len(dated), len(authors), len(set(authors))) == (40, 40, 14)
    assert {article.date[:4] for article in harbour.values() if article.date} == {
        str(year) for year in range(2021, 2026)
    }


def author_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        meta = BeautifulSoup(text, "html.parser").find("meta", attrs={"name": "author"})
        return str(meta["content"]) if meta else ""
    return str(yaml.safe_load(text.split("---")[1])["author"]) if path.suffix == ".md" else ""


def test_our_questions_are_of_every_kind_language_and_verdict(
    harbour_cases: list[Case], shipped_cases: list[Case]
) -> None:
    verdicts = Counter(case.wanted.verdict for case in harbour_cases if case.wanted)

    followups = [case for case in harbour_cases if case.history]
    assert (len(harbour_cases), len(shipped_cases), len(followups)) == (181, 21, 19)
    for cases in (harbour_cases, shipped_cases):
        assert {case.kind for case in cases if not case.history} == set(KINDS)
        assert {case.lang for case in cases} == {"en", "hi", "id", "zh", "es"}
    assert (verdicts["yes"], verdicts["no"], verdicts["untold"]) == (15, 16, 14)
    assert sum(not case.scope.is_all for case in harbour_cases) == 8


def test_half_of_each_kind_is_for_tuning_and_no_group_is_parted(harbour_cases: list[Case]) -> None:
    halves = Counter((str(case.kind), *case.tags) for case in harbour_cases)
    groups = {(case.group, case.tags) for case in harbour_cases}

    for kind in KINDS:
        tune, report = halves[kind, "tune"], halves[kind, "report"]
        assert abs(tune - report) <= 2, kind
    assert len(groups) == len({case.group for case in harbour_cases})


def test_a_list_over_a_scope_asks_only_for_articles_in_it(harbour_cases: list[Case]) -> None:
    outside = [
        (case.id, article)
        for case in harbour_cases
        if case.wanted and case.scope.only
        for article in case.wanted.articles
        if not article.startswith(case.scope.only)
    ]

    assert outside == []
