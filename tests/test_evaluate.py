import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import IndexDamaged
from index.search import Passage
from qa.answer import Answer, Citation, Timings
from qa.cases import Case, Gold
from qa.cli import main
from qa.errors import BadQuestion
from qa.evaluate import Result, as_json, evaluate, summarise

TEXT = "Meituan bought Light Years Beyond. It paid 2.065 billion yuan."
QUOTE = "It paid 2.065 billion yuan."
PAID = Case(
    "paid", "How much?", "en", True, (("2.065 billion",),), (Gold("a.txt", QUOTE),), doc_lang="en"
)
UNTOLD = Case("untold", "Who founded it?", "en", False, type="unanswerable")
RETRIEVAL = {
    "evidence recall@1": 0.0,
    "evidence recall@5": 1.0,
    "evidence recall@10": 1.0,
    "MRR": 0.5,
    "nDCG@10": 1 / math.log2(3),
}


def text(article: str) -> str:
    return {"a.txt": TEXT}[article]


def search(question: str) -> list[Passage]:
    return [Passage("a.txt", start, end, TEXT[start:end], "", 0.9, 0.9) for start, end in CUTS]


CUTS = ((0, 34), (35, len(TEXT)))


def answer(said: str, *cited: tuple[int, int], quote: str | None = None) -> Answer:
    citations = tuple(
        Citation(i, "a.txt", start, end, quote or TEXT[start:end], "supported", 0.9)
        for i, (start, end) in enumerate(cited, 1)
    )
    timings = Timings(0.1, 0.5, 2.0)
    return Answer("?", "en", said, "", bool(citations), citations, timings=timings, done=True)


def asked(case: Case, *growing: Answer) -> Result:
    (result,) = evaluate([case], lambda question: iter(growing), search, text)
    return result


def test_search_alone_gives_ranks_and_no_answer() -> None:
    (result,) = evaluate([PAID], None, search, text)

    assert result == Result(PAID, (2,), None, None, RETRIEVAL)


def test_right_answer_is_scored_in_full() -> None:
    said = answer("It paid 2.065 billion yuan. [1]", (35, 62))

    result = asked(PAID, answer(""), said)

    assert result == Result(
        PAID,
        (2,),
        said,
        None,
        RETRIEVAL
        | {
            "answer recall": 1.0,
            "false refusal": 0.0,
            "right language": 1.0,
            "citations valid": 1.0,
            "citation on gold": 1.0,
            "first token s": 0.5,
            "total s": 2.0,
        },
    )


@pytest.mark.parametrize(
    ("case", "said", "name", "value"),
    [
        pytest.param(PAID, answer("I do not know that."), "false refusal", 1, id="refused"),
        pytest.param(PAID, answer("2.065 billion"), "answer recall", 0, id="a refusal states none"),
        pytest.param(PAID, answer("Nothing.", (35, 62)), "answer recall", 0, id="wrong"),
        pytest.param(PAID, answer("That.", (0, 34)), "citation on gold", 0, id="wrong place"),
        pytest.param(PAID, answer("X", (0, 9), quote="Else"), "citations valid", 0, id="invented"),
        pytest.param(
            PAID, answer("Itu membayar dua miliar yuan."), "right language", 0, id="language"
        ),
        pytest.param(UNTOLD, answer("Meituan did. [1]", (0, 34)), "false answer", 1, id="answered"),
        pytest.param(UNTOLD, answer("I do not know that."), "false answer", 0, id="not answered"),
    ],
)
def test_answer_has_the_value(case: Case, said: Answer, name: str, value: float) -> None:
    assert asked(case, said).values[name] == value


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (PAID, "false answer"),
        (PAID, "citations valid"),
        (UNTOLD, "false refusal"),
        (UNTOLD, "answer recall"),
        (UNTOLD, "MRR"),
    ],
)
def test_metric_that_does_not_apply_has_no_value(case: Case, name: str) -> None:
    assert name not in asked(case, answer("I do not know that.")).values


def test_question_that_cannot_be_asked_counts_as_refused() -> None:
    def refuse(question: str) -> Iterator[Answer]:
        raise BadQuestion("too long")
        yield

    results = list(evaluate([PAID, UNTOLD], refuse, search, text))

    assert [result.error for result in results] == ["too long", "too long"]
    assert results[0].values["false refusal"] == 1


def test_results_come_one_by_one() -> None:
    asks: list[str] = []

    def ask(question: str) -> Iterator[Answer]:
        asks.append(question)
        yield answer("No.")

    next(iter(evaluate([PAID, UNTOLD], ask, search, text)))

    assert asks == ["How much?"]


def test_summary_slices_by_languages_and_type() -> None:
    results = [asked(PAID, answer("No.")), asked(UNTOLD, answer("No."))]

    summary = summarise(results)

    assert summary.all["false refusal"].n == 1
    assert summary.all["total s, p95"].value == 2.0
    assert {name: set(scores) & {"MRR"} for name, scores in summary.by_language.items()} == {
        "en→en": {"MRR"},
        "en→none": set(),
    }
    assert list(summary.by_type) == ["none", "unanswerable"]


def test_result_is_one_line_of_json() -> None:
    line = as_json(asked(UNTOLD, answer("I do not know.\nAsk again.")))

    assert "\n" not in line
    assert json.loads(line) == {
        "id": "untold",
        "group": None,
        "lang": "en",
        "doc_lang": None,
        "type": "unanswerable",
        "answerable": False,
        "question": "Who founded it?",
        "ranks": [],
        "values": {"false answer": 0.0, "right language": 1.0, "first token s": 0.5, "total s": 2},
        "error": None,
        "answered": False,
        "answer": "I do not know.\nAsk again.",
        "citations": [],
        "timings": {
            "retrieve_s": 0.1,
            "first_token_s": 0.5,
            "total_s": 2.0,
            "prompt_tokens": 0,
            "cached_tokens": 0,
            "answer_tokens": 0,
        },
    }


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text(TEXT)
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "Who?", "lang": "en", "answerable": false}\n')
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["eval", *map(str, arguments)])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_fault_in_the_questions_is_told_before_anything_is_loaded(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with questions.open("a") as file:
        file.write("{}\n")

    said = refused(capsys, questions, "--articles", questions.parent / "articles")

    assert said == f"article-qa: {questions} line 2: the field 'id' is missing.\n"


def test_questions_are_never_overwritten(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = questions.parent / "articles"

    said = refused(capsys, questions, "--articles", articles, "--out", questions)

    assert "would overwrite the questions" in said
    assert questions.read_text().startswith('{"id": "1"')


def test_index_that_is_not_there_is_told(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "No index at" in refused(capsys, questions, "--index", questions.parent / "none")


def test_damaged_index_is_told_and_not_scored_as_a_miss() -> None:
    def broken(question: str) -> list[Passage]:
        raise IndexDamaged(Path("index"), "no words")

    with pytest.raises(IndexDamaged):
        list(evaluate([PAID], None, broken, text))
