import json

from qa.evaluation.cases import Case
from qa.evaluation.failures import Verification
from qa.evaluation.reports.statistics import Score
from qa.evaluation.reports.summary import METRICS, Summary, as_json, summarise, table
from qa.evaluation.results import Result

ONE, TWO = Score(2, 0.5, 0.1, 0.9), Score(1, 1.0, 0.2, 1.0)


def result(id: str, *, tags: tuple[str, ...] = (), stage: str | None = None) -> Result:
    case = Case(id, "?", "en", True, tags=tags, doc_lang="hi", type="why")
    refused = {"facts stated": 0.0, "false refusal": 1.0, "total s": 2.0}
    raw = {"facts stated raw": 1.0, "false refusal raw": 0.0}
    return Result(case, values=refused | raw | {"right": 0.0}, stage=stage)


def test_summary_slices_by_languages_type_and_tag() -> None:
    results = [result("a", tags=("tune", "short")), result("b", tags=("tune",))]

    summary = summarise(results)

    assert summary.all["false refusal"].n == 2
    assert summary.all["total s, p95"] == Score(2, 2.0, 2.0, 2.0)
    assert list(summary.by_language) == ["en→hi"]
    assert list(summary.by_type) == ["why"]
    assert {tag: scores["right"].n for tag, scores in summary.by_tag.items()} == {
        "short": 1,
        "tune": 2,
    }


def test_summary_counts_what_each_stage_lost_in_the_order_of_work() -> None:
    stages = ("language", "retrieval", None, "language")
    results = [result(str(i), stage=stage) for i, stage in enumerate(stages)]

    assert list(summarise(results).stages.items()) == [("retrieval", 1), ("language", 2)]


def test_summary_tells_what_verification_cost() -> None:
    assert summarise([result("a"), result("b")]).verification == Verification(0, 0, 2, 2, 0, 0)


def test_summary_of_searches_alone_has_no_verification() -> None:
    found = Result(Case("a", "?", "en", True), (1,), values={"MRR": 1.0})

    assert summarise([found]).verification is None


def test_every_metric_says_what_it_is() -> None:
    assert [name for name, meaning in METRICS.items() if not meaning] == []


def test_table_shows_intervals_slices_stages_and_verification() -> None:
    shown = table(
        Summary(
            {"MRR": ONE},
            {"en→id": {"MRR": TWO}, "hi→id": {"nDCG@10": ONE}},
            {"none": {}},
            {},
            {"writer": 3},
            Verification(5, 4, 20, 2, 1, 0),
        )
    )

    assert shown.splitlines() == [
        "         n    score   95 % interval",
        "MRR      2    0.500   0.100 to 0.900",
        "",
        "asked→article         MRR",
        "en→id               1.000",
        "hi→id                   –",
        "",
        "failed at",
        "writer            3   the model was shown the evidence but did not state the facts",
        "",
        "Verification removed 4 of 5 wrong raw answers and lost 2 of 20 right ones. "
        "Reading further passages added 1 right and 0 wrong answers.",
    ]


def test_json_is_one_line_with_what_was_run() -> None:
    line = as_json({"cases": 2}, Summary({"MRR": ONE}, {}, {}, {}, {"reading": 1}))

    score = {"n": 2, "value": 0.5, "low": 0.1, "high": 0.9}
    assert "\n" not in line
    assert json.loads(line) == {
        "cases": 2,
        "scores": {"all": {"MRR": score}, "by_language": {}, "by_type": {}, "by_tag": {}},
        "stages": {"reading": 1},
        "verification": None,
    }
