"""What each kind of question about articles is scored by, and how the reports show it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from index.passage import Passage
from index.scope import BadScope, Scope
from qa.answer import Answer, Citation
from qa.evaluation.cases import Case, Gold
from qa.evaluation.evaluate import evaluate
from qa.evaluation.kind_cases import Wanted
from qa.evaluation.kind_metrics import uncited
from qa.evaluation.reports import report
from qa.evaluation.reports.gates import Gate, check
from qa.evaluation.reports.summary import as_json, summarise, table
from qa.evaluation.results import Result, from_json
from qa.evaluation.results import as_json as line_of
from qa.evaluation.run_folder import RunFolder

CRANE = "The crane is new. It lifts 40 tonnes. It cost 3 million coins."
TEXTS = {"crane.txt": CRANE, "ferry.txt": "The ferry costs 9 coins.", "mill.txt": "The mill."}
LIFTS, COST = (18, 37), (38, 62)
EVIDENCE = (Gold("crane.txt", "It lifts 40 tonnes."), Gold("crane.txt", "It cost 3 million"))
ASKED = Case("1", "?", "en", True)
SUMMARY = replace(
    ASKED,
    evidence=(*EVIDENCE, Gold("crane.txt", "The crane is new.", 0)),
    wanted=Wanted("summary", points=(("40 tonnes",), ("3 million",), ("storm",), ("rust",))),
)
LIST = replace(ASKED, wanted=Wanted("list", ("crane.txt", "ferry.txt"), ("mill.txt",)))
COMPARE = replace(
    ASKED, evidence=EVIDENCE[:1], wanted=Wanted("compare", sides=(("40 tonnes",), ("9 coins",)))
)
YES = replace(ASKED, evidence=EVIDENCE[:1], wanted=Wanted("yes_no", verdict="yes"))
UNTOLD = replace(ASKED, answerable=False, wanted=Wanted("yes_no", verdict="untold"))
ABOUT = replace(ASKED, answers=(("Wang",),), wanted=Wanted("about", ("crane.txt",)))
REFUSAL = Answer("?", "en", "The articles do not say.", done=True)


def answer(
    said: str, *cited: tuple[int, int], articles: tuple[str, ...] = (), verdict: str = ""
) -> Answer:
    spans = [("crane.txt", start, end) for start, end in cited] + [(id, 0, 3) for id in articles]
    citations = tuple(
        Citation(n, id, start, end, TEXTS[id][start:end], "supported", 0.9)
        for n, (id, start, end) in enumerate(spans, 1)
    )
    return Answer("?", "en", said, answered=True, citations=citations, done=True, verdict=verdict)


def asked(case: Case, said: Answer) -> Result:
    (result,) = evaluate([case], lambda _: iter([said]), lambda *_: [], TEXTS.__getitem__)
    return result


@pytest.mark.parametrize(
    ("case", "said", "values", "stage"),
    [
        pytest.param(
            SUMMARY,
            answer("It can lift 40 tonnes. [1] It is dear. [2]", LIFTS, COST),
            {"points covered": 0.5},
            None,
            id="a point is stated or its evidence cited",
        ),
        pytest.param(
            SUMMARY,
            answer("It is new. [1]", (0, 17)),
            {"points covered": 0.25},
            "incomplete",
            id="evidence is of the point that it names",
        ),
        pytest.param(SUMMARY, REFUSAL, {"points covered": 0.0}, "refused", id="no summary"),
        pytest.param(
            LIST,
            answer("Both. [1][2]", articles=("crane.txt", "ferry.txt")),
            {"articles precision": 1.0, "articles recall": 1.0},
            None,
            id="a whole list",
        ),
        pytest.param(
            LIST,
            answer("Three. [1][2][3]", articles=("crane.txt", "ferry.txt", "mill.txt")),
            {"articles precision": 1.0, "articles recall": 1.0},
            None,
            id="what may be listed is not wrong",
        ),
        pytest.param(
            replace(LIST, wanted=Wanted("list", ("ferry.txt", "mill.txt"))),
            answer("Two. [1][2]", articles=("crane.txt", "ferry.txt")),
            {"articles precision": 0.5, "articles recall": 0.5},
            "incomplete",
            id="one wrong and one missing",
        ),
        pytest.param(LIST, REFUSAL, {"articles recall": 0.0}, "refused", id="no list"),
        pytest.param(
            COMPARE,
            answer("The crane lifts 40 tonnes; the ferry costs 9 coins. [1]", LIFTS),
            {"sides covered": 1.0},
            None,
            id="both sides",
        ),
        pytest.param(
            COMPARE,
            answer("The crane lifts 40 tonnes. [1]", LIFTS),
            {"sides covered": 0.5},
            "incomplete",
            id="one side",
        ),
        pytest.param(
            replace(COMPARE, wanted=Wanted("compare", sides=(("40 tonnes",), ()))),
            answer("The crane lifts 40 tonnes. [1]", LIFTS),
            {"sides covered": 1.0},
            None,
            id="the only side that is told",
        ),
        pytest.param(
            YES,
            answer("Yes. [1]", LIFTS, verdict="yes"),
            {"verdict right": 1.0, "verdict wrong": 0.0},
            None,
            id="rightly yes",
        ),
        pytest.param(
            YES,
            answer("No. [1]", LIFTS, verdict="no"),
            {"verdict right": 0.0, "verdict wrong": 1.0},
            "verdict",
            id="wrongly no",
        ),
        pytest.param(
            YES,
            answer("It lifts 40 tonnes. [1]", LIFTS),
            {"verdict right": 0.0, "verdict wrong": 0.0},
            "verdict",
            id="neither yes nor no",
        ),
        pytest.param(
            UNTOLD,
            answer("No. [1]", LIFTS, verdict="no"),
            {"false verdict": 1.0},
            "accepted",
            id="no of what is not told",
        ),
        pytest.param(UNTOLD, REFUSAL, {"false verdict": 0.0}, None, id="rightly neither"),
        pytest.param(
            ABOUT,
            answer("By Wang. [1]", articles=("crane.txt",)),
            {"facts stated": 1.0},
            None,
            id="the author",
        ),
        pytest.param(
            replace(ABOUT, forbidden=("Roke",)),
            answer("By Wang and Roke. [1]", articles=("crane.txt",)),
            {"facts stated": 1.0, "forbidden said": 1.0},
            "incomplete",
            id="a false author beside the true one",
        ),
    ],
)
def test_each_kind_is_scored(
    case: Case, said: Answer, values: Mapping[str, float], stage: str | None
) -> None:
    result = asked(case, said)

    assert {name: result.values[name] for name in values} == values
    assert (result.stage, result.values["right"]) == (stage, float(stage is None))


def test_what_is_of_another_kind_has_no_value() -> None:
    assert set(asked(YES, REFUSAL).values) == {
        *("false refusal", "verdict right", "verdict wrong", "right language", "total s", "right"),
        *("evidence recall@1", "evidence recall@5", "evidence recall@10", "MRR", "nDCG@10"),
    }


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It lifts. [1] It cost. [2]", 0),
        ("There are two:\n• one [1]\n• two [2]", 1),
        ("It lifts. [1] It is fine.\nAnd new.", 2),
        ("", 0),
    ],
)
def test_lines_that_end_without_a_citation_are_counted(text: str, count: int) -> None:
    assert uncited(text) == count


def test_a_case_is_searched_in_its_own_scope() -> None:
    scopes: list[Scope] = []

    def search(question: str, scope: Scope) -> list[Passage]:
        scopes.append(scope)
        return []

    case = replace(YES, scope=Scope(("harbour",)))
    list(evaluate([case], None, search, TEXTS.__getitem__))

    assert scopes == [Scope(("harbour",))]


def test_a_scope_without_articles_is_an_error_of_its_question() -> None:
    def ask(case: Case) -> Iterator[Answer]:
        raise BadScope("No indexed article is in this scope: 'x'.")
        yield

    (result,) = evaluate([YES], ask, lambda *_: [], TEXTS.__getitem__)

    assert (result.stage, result.values["verdict right"]) == ("error", 0.0)
    assert result.error == "No indexed article is in this scope: 'x'."


def test_a_result_keeps_its_kind_and_scope() -> None:
    result = asked(replace(LIST, scope=Scope(since="2024")), REFUSAL)

    assert from_json(line_of(result)).case == result.case


RESULTS = [
    asked(YES, answer("Yes. [1]", LIFTS, verdict="yes")),
    asked(LIST, answer("One. [1]", articles=("crane.txt",))),
]


def test_summary_has_kinds_only_where_there_are_some() -> None:
    plain = Result(Case("1", "?", "en", False), values={"right": 1.0})

    assert list(summarise(RESULTS).by_kind) == ["list", "yes_no"]
    assert "by_kind" not in json.loads(as_json({}, summarise([plain])))["scores"]
    assert "by_kind" in json.loads(as_json({}, summarise(RESULTS)))["scores"]


def test_table_has_a_row_for_each_kind() -> None:
    lines = table(summarise(RESULTS)).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("kind"))

    assert [line.split() for line in lines[start : start + 3]] == [
        [
            *("kind", "recall@5", "right", "art.", "prec", "art.", "rec", "verdict"),
            *("wrong", "verd", "false", "ref", "uncited"),
        ],
        ["list", "–", "0.000", "1.000", "0.500", "–", "–", "0.000", "0.000"],
        ["yes_no", "0.000", "1.000", "–", "–", "1.000", "0.000", "0.000", "0.000"],
    ]


def test_reports_show_each_kind_and_what_was_expected(tmp_path: Path) -> None:
    about = {"corpus": {"articles": 3}, "models": {"embedder": "e"}}
    run = RunFolder.open(tmp_path / "run", about, {"questions": "q"})
    for result in RESULTS:
        run.add(result)
    report.write(run, summarise(RESULTS), ())

    short = (run.path / "report.md").read_text(encoding="utf-8")
    page = BeautifulSoup((run.path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert short.split("## By kind\n\n")[1].splitlines()[:4] == [
        "| kind | recall@5 | right | art. prec | art. rec | verdict | wrong verd | false ref "
        "| uncited |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        "| list | – | 0 % (1) | 100 % (1) | 50 % (1) | – | – | 0 % (1) | 0.00 (1) |",
        "| yes_no | 0 % (1) | 100 % (1) | – | – | 100 % (1) | 0 % (1) | 0 % (1) | 0.00 (1) |",
    ]
    assert "By kind" in [head.get_text() for head in page.select("h2")]
    expected = [article.select("dd")[-1].get_text() for article in page.select("article")]
    assert expected == ["crane.txt, ferry.txt; perhaps mill.txt", "yes"]


def test_a_gate_may_be_of_a_kind() -> None:
    gate = Gate("articles recall", 0.9, None, "kind", "list")

    (checked,) = check([gate], summarise(RESULTS))

    assert (checked.value, checked.passed) == (0.5, False)
