"""TREC: ranking metrics, qrels and run of an evaluation's searches; only home of ir_measures.

A passage hits a gold quote when it covers half of it. Only the first passage that hits a quote is
relevant, so that a quote in two overlapping passages is no better than in one; a quote that is
missed is a relevant document that was not found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from qa.evaluation.metrics import DEPTH
from qa.evaluation.results import Result

RECALLS = (1, 5, DEPTH)


def ranking(ranks: Sequence[int | None]) -> dict[str, float]:
    """Evidence recall, MRR and nDCG of one search by ir-measures.

    Evidence recall@k is the share of gold quotes that are hit by rank k: R@k with each quote asked
    for on its own, because two quotes may be hit by one passage. MRR and nDCG (Järvelin and
    Kekäläinen 2002, binary) look at passages: two quotes hit by one are one relevant passage.

    Args:
        ranks: for each gold quote the rank, from 1, of the first passage that hits it.
    """
    import ir_measures

    recalls = {ir_measures.R @ k: f"evidence recall@{k}" for k in RECALLS}
    of_case = {ir_measures.RR: "MRR", ir_measures.nDCG @ DEPTH: f"nDCG@{DEPTH}"}
    found = {f"{rank}": 1.0 / rank for rank in range(1, _deepest(ranks) + 1)}
    each = {f"{i}": {_document(i, rank): 1} for i, rank in enumerate(ranks)}
    whole = {"case": {name: 1 for relevant in each.values() for name in relevant}}
    values = _calculate(recalls, each, dict.fromkeys(each, found))
    return {**values, **_calculate(of_case, whole, {"case": found})}


def qrels(results: Iterable[Result]) -> Iterator[str]:
    """Lines of TREC's qrels: the relevant passages of each question that has evidence.

    MRR and nDCG computed from these two files are those of the report; so is recall where each
    quote has a passage of its own. A missed quote is a document that no run holds.
    """
    for result in results:
        missed = enumerate(result.ranks)
        hits = {_name(result, rank) for rank in result.ranks if rank is not None}
        names = sorted(hits) + [f"missed-{i}" for i, rank in missed if rank is None]
        yield from (f"{_word(result.case.id)} 0 {name} 1\n" for name in names)


def run(results: Iterable[Result], name: str) -> Iterator[str]:
    """Lines of TREC's run format: the passages found for each question, best first.

    The score is one over the rank: two passages may score the same, and tools would then reorder.
    """
    for result in results:
        for rank in range(1, len(result.passages) + 1):
            found = _name(result, rank)
            yield f"{_word(result.case.id)} Q0 {found} {rank} {1 / rank:.6f} {_word(name)}\n"


def _deepest(ranks: Sequence[int | None]) -> int:
    return max([DEPTH, *(rank for rank in ranks if rank is not None)])


def _document(number: int, rank: int | None) -> str:
    return f"missed-{number}" if rank is None else f"{rank}"


def _calculate(
    named: Mapping[Any, str],
    relevant: Mapping[str, Mapping[str, int]],
    found: Mapping[str, Mapping[str, float]],
) -> dict[str, float]:
    import ir_measures

    values = ir_measures.calc_aggregate(list(named), relevant, found)
    return {name: float(values[measure]) for measure, name in named.items()}


def _name(result: Result, rank: int) -> str:
    passage = result.passages[rank - 1]
    return _word(f"{passage.article}:{passage.start}-{passage.end}")


def _word(text: str) -> str:
    """A text as one word, which is all that the formats allow."""
    return quote(text, safe="/:-_.")
