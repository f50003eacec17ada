"""The page is read back with an HTML parser: what it says, and that no text becomes markup."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from qa.answer import Answer, Attempt, Citation, Timings
from qa.answering.turns import Turn
from qa.evaluation.cases import Case, Gold
from qa.evaluation.reports import plots, report
from qa.evaluation.reports.compare import compare
from qa.evaluation.reports.gates import Gate, check
from qa.evaluation.reports.statistics import Score
from qa.evaluation.reports.summary import summarise
from qa.evaluation.results import Result, Retrieved
from qa.evaluation.run_folder import RunFolder

ATTACK = "<script>alert(1)</script>\"'>&"
CONFIGURATION = {
    "corpus": {"articles": 2},
    "models": {"llm": ATTACK, "embedder": ATTACK},
}
CASE = Case(
    ATTACK,
    f"Who? {ATTACK}",
    "en",
    True,
    ((ATTACK, "Wang"),),
    (Gold(ATTACK, ATTACK),),
    doc_lang="hi",
    type="why",
    history=(Turn("user", ATTACK),),
    tags=(ATTACK, "tune"),
)
ANSWER = Answer(
    CASE.question,
    "en",
    f"{ATTACK} [1]",
    answered=True,
    citations=(Citation(1, ATTACK, 0, 5, ATTACK, "supported", 0.9),),
    timings=Timings(0.1, 0.5, 2.0),
    done=True,
    standing=ATTACK,
    attempts=(Attempt(ATTACK, 0, 5, ATTACK, (ATTACK,)),),
)
VALUES = {
    "evidence recall@5": 1.0,
    "facts stated": 0.0,
    "false refusal": 0.0,
    "facts stated raw": 1.0,
    "false refusal raw": 0.0,
    "first token s": 0.5,
    "total s": 2.0,
    "right": 0.0,
}
LOST = Result(CASE, (1,), ANSWER, None, VALUES, "writer", (Retrieved(ATTACK, 0, 5, 0.9),))
RIGHT = replace(LOST, case=replace(CASE, id="2"), values=VALUES | {"right": 1.0}, stage=None)
UNTOLD = Result(
    Case("3", "Which?", "zh", False),
    answer=replace(ANSWER, answered=False, citations=()),
    values={"false answer": 0.0, "false answer raw": 1.0, "right": 1.0},
)
NOT_ASKED = Result(Case("4", "?", "en", False), error=ATTACK, stage="error")


def written(folder: Path, *results: Result, **configuration: Any) -> Path:
    run = RunFolder.open(folder, CONFIGURATION | configuration, {"questions": ATTACK})
    for result in results:
        run.add(result)
    summary = summarise(results)
    gates = [Gate("facts stated", 0.9), Gate("false answer", None, 0.1, "type", ATTACK)]
    report.write(run, summary, check(gates, summary))
    return folder


def page(folder: Path) -> BeautifulSoup:
    return BeautifulSoup((folder / "report.html").read_text(encoding="utf-8"), "html.parser")


def test_no_text_becomes_markup(tmp_path: Path) -> None:
    shown = page(written(tmp_path, LOST, RIGHT, UNTOLD, NOT_ASKED))

    assert shown.find("script") is None
    article = shown.find("article")
    assert article is not None
    assert article.get_text().count(ATTACK) == 13
    assert article.select("[onclick], [onerror], img, iframe") == []


def test_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    shown = page(written(tmp_path, LOST, RIGHT, UNTOLD, NOT_ASKED))

    assert shown.select("link, img, iframe, object, [src]") == []
    style = shown.find("style")
    assert style is not None
    assert "url(" not in style.get_text()
    links = [link.get(name) for link in shown.select("use, a") for name in link.attrs]
    assert [link for link in links if "http" in str(link)] == []


def test_failed_questions_come_first_and_say_why(tmp_path: Path) -> None:
    shown = page(written(tmp_path, RIGHT, NOT_ASKED, UNTOLD, LOST))

    chips = [article.select_one(".chip") for article in shown.select("article")]
    assert [chip.get_text() for chip in chips if chip] == [
        "failed at writer",
        "failed at error",
        "right",
        "right refusal",
    ]
    labels = [label.get_text().strip() for label in shown.select(".filter label")]
    assert labels == ["all 4", "failed 2", "not failed 2"]


def test_gates_tell_what_failed(tmp_path: Path) -> None:
    shown = page(written(tmp_path, LOST, UNTOLD))

    assert [(gate["class"], gate.get_text()) for gate in shown.select(".gates li")] == [
        (["bad"], "✗ failed: facts stated ≥ 0.9: is 0.000"),
        (["bad"], f"✗ failed: false answer of type {ATTACK} ≤ 0.1: no question has a value"),
    ]


def test_each_picture_has_words_and_a_table(tmp_path: Path) -> None:
    figures = page(written(tmp_path, LOST, RIGHT, UNTOLD)).select("figure")

    assert [figure.h3 and figure.h3.get_text() for figure in figures] == [
        "Evidence found, by language",
        "Answers and refusals",
        "Where questions failed",
        "Time to answer",
    ]
    for figure in figures:
        picture = figure.select_one("[role=img]")
        assert picture is not None
        assert picture["aria-label"]
        assert len(figure.select("svg")) == 1
    cells = [[cell.get_text() for cell in row.select("td")] for row in figures[1].select("tr")]
    assert cells == [[], ["answerable", "1", "0", "1"], ["unanswerable", "1", "0", "0"]]


def test_ids_of_pictures_differ(tmp_path: Path) -> None:
    ids = [tag["id"] for tag in page(written(tmp_path, LOST, RIGHT, UNTOLD)).select("[id]")]

    assert len(ids) == len(set(ids))


def test_search_alone_is_reported_without_answers(tmp_path: Path) -> None:
    values = {"evidence recall@5": 1.0, "MRR": 1.0}
    found = Result(CASE, (1,), values=values, passages=LOST.passages)
    missed = replace(found, ranks=(None,), values={"evidence recall@5": 0.0, "MRR": 0.0})
    shown = page(written(tmp_path, found, missed, models={"embedder": "e5"}))

    assert [chip.get_text() for chip in shown.select(".chip")] == [
        "evidence at rank 1",
        "evidence at rank –",
    ]
    assert "Search only, passages found with e5." in " ".join(shown.get_text().split())
    assert len(shown.select("figure")) == 1


def test_folder_is_whole(tmp_path: Path) -> None:
    folder = written(tmp_path, LOST, UNTOLD)

    assert sorted(path.name for path in folder.glob("[a-z]*")) == [
        "qrels",
        "report.html",
        "report.md",
        "results.jsonl",
        "run",
        "run.json",
        "summary.json",
    ]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["stages"] == {"writer": 1}
    assert summary["verification"]["cost"] == 1
    assert [gate["passed"] for gate in summary["gates"]] == [False, False]


def test_markdown_holds_no_markup_of_texts(tmp_path: Path) -> None:
    text = (written(tmp_path, LOST, NOT_ASKED) / "report.md").read_text(encoding="utf-8")

    assert "<script" not in text.replace("\\<", "")
    assert "| facts stated | 1 | 0 % | 0 to 79 % | required facts that the answer states, " in text
    row = next(line for line in text.splitlines() if "| writer |" in line and "Who" in line)
    assert row.replace("\\|", "").count("|") == 4


def test_comparison_is_a_page_on_which_no_text_becomes_markup() -> None:
    made = compare(
        [LOST, RIGHT], [replace(LOST, values=VALUES | {"right": 1.0}, stage=None), RIGHT]
    )

    text = report.comparison_page(made, (ATTACK, "second"), [(ATTACK, ATTACK, None)])

    shown = BeautifulSoup(text, "html.parser")
    assert shown.select("script, link, img, iframe, [src]") == []
    assert [chip.get_text() for chip in shown.select("article .chip")] == [
        "failed at writer",
        "right",
    ]
    assert [head.get_text() for head in shown.select("h2")] == [
        "Differences in configuration",
        "Metrics",
        "Broken: 0",
        "Fixed: 1",
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("facts stated", 0.856, "86 %"),
        ("MRR", 0.856, "0.86"),
        ("total s, p95", 12.34, "12.3 s"),
    ],
)
def test_score_is_shown_in_its_unit(name: str, value: float, said: str) -> None:
    assert report.shown(name, value) == said
    low, _, unit = said.partition(" ")
    assert report.interval(name, Score(9, value, value, value)) == f"{low} to {said}", unit


@pytest.mark.parametrize(
    "svg",
    [
        plots.shares({"中文→id <b> & $x_$": Score(3, 0.5, 0.1, 0.9)}),
        plots.outcomes({"told": {"right": 2, "refused": 1, "wrong": 0}, "none": {}}),
        plots.latencies({"total": [1.0, 2.0], "one": [3.0]}),
        plots.counts({"writer": 3, "language": 1}),
    ],
    ids=["shares", "outcomes", "latencies", "counts"],
)
def test_picture_is_whole_svg_in_the_colours_of_the_page(svg: str) -> None:
    root = ElementTree.fromstring(svg)

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"width", "height"} & set(root.attrib) == set()
    assert "viewBox" in root.attrib
    assert "#01020" not in svg
    assert "var(--ink)" in svg
    assert root.findall(".//{http://www.w3.org/2000/svg}text") != []
