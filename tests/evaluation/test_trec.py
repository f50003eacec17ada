import importlib
import math
from typing import Any

import pytest

from qa.evaluation import trec
from qa.evaluation.cases import Case, Gold
from qa.evaluation.results import Result, Retrieved
from qa.evaluation.trec import ranking

CASE = Case("how much?", "?", "en", True, (("1",),), (Gold("a b.txt", "x"), Gold("c.txt", "y")))
FOUND = (Retrieved("c.txt", 0, 9, 0.9), Retrieved("a b.txt", 10, 20, 0.9))


@pytest.mark.parametrize(
    ("ranks", "recalls", "reciprocal", "ndcg"),
    [
        pytest.param((1,), (1, 1, 1), 1, 1, id="first"),
        pytest.param((3,), (0, 1, 1), 1 / 3, 1 / 2, id="third"),
        pytest.param((None,), (0, 0, 0), 0, 0, id="none"),
        pytest.param((12,), (0, 0, 0), 1 / 12, 0, id="deeper than is looked"),
        pytest.param(
            (7, None), (0, 0, 1 / 2), 1 / 7, (1 / 3) / (1 + 1 / math.log2(3)), id="one of two"
        ),
        pytest.param((1, 1), (1, 1, 1), 1, 1, id="both in one passage"),
        pytest.param((1, 2), (1 / 2, 1, 1), 1, 1, id="first and second"),
        pytest.param(
            (1, 1, None),
            (2 / 3, 2 / 3, 2 / 3),
            1,
            1 / (1 + 1 / math.log2(3)),
            id="two in one passage, one missed",
        ),
    ],
)
def test_ranking_has_the_worth_computed_by_hand(
    ranks: tuple[int | None, ...], recalls: tuple[float, ...], reciprocal: float, ndcg: float
) -> None:
    names = ("evidence recall@1", "evidence recall@5", "evidence recall@10", "MRR", "nDCG@10")

    assert ranking(ranks) == pytest.approx(
        dict(zip(names, (*recalls, reciprocal, ndcg), strict=True))
    )


def test_files_are_as_trec_tools_read_them() -> None:
    results = [Result(CASE, (2, None), passages=FOUND)]

    assert list(trec.qrels(results)) == [
        "how%20much%3F 0 a%20b.txt:10-20 1\n",
        "how%20much%3F 0 missed-1 1\n",
    ]
    assert list(trec.run(results, "my run")) == [
        "how%20much%3F Q0 c.txt:0-9 1 1.000000 my%20run\n",
        "how%20much%3F Q0 a%20b.txt:10-20 2 0.500000 my%20run\n",
    ]


def test_files_give_the_same_worth_to_a_tool_that_reads_them() -> None:
    ir_measures: Any = importlib.import_module("ir_measures")
    results = [Result(CASE, (2, None), passages=FOUND)]
    judged = ir_measures.read_trec_qrels("".join(trec.qrels(results)))
    found = ir_measures.read_trec_run("".join(trec.run(results, "run")))
    measured = ir_measures.calc_aggregate([ir_measures.RR, ir_measures.nDCG @ 10], judged, found)

    assert measured[ir_measures.RR] == ranking((2, None))["MRR"]
    assert measured[ir_measures.nDCG @ 10] == pytest.approx(ranking((2, None))["nDCG@10"])
