"""Reading: what the reader alone finds in the passages of a search, and the metrics of that.

Knows cases, passages and readings; nothing of indexes, models or the terminal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.passage import Passage, Span
from index.text.sentences import sentence_spans
from qa.evaluation.cases import Case, Text, find_spans
from qa.evaluation.evaluate import Search, Standalone
from qa.evaluation.metrics import overlaps
from qa.extraction.ranking import best_first
from qa.extraction.reader import Reading
from qa.extraction.scoring import auroc, calibration_error, reliability, token_f1

Read = Callable[[str, Sequence[str]], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class CaseRead:
    """What was found for a case.

    `probability` that the best passage answers, 0 if there was none; of a case with an answer
    `found`, whether the search had its evidence among the passages, `sentence`, whether the span
    stands in a sentence of it, and `f1`, the best token F1 with a known answer.
    """

    case: Case
    probability: float
    found: bool | None = None
    sentence: bool | None = None
    f1: float | None = None


def read_cases(
    cases: Iterable[Case], search: Search, read: Read, text: Text, standalone: Standalone
) -> Iterator[CaseRead]:
    """Read the passages of each case, and take the one that most likely answers.

    Args:
        cases: whose quotes are in their articles.
        search: returns passages, best first.
        read: reads passages for a question.
        text: an article's whole text by its id.
        standalone: the question to search for, without earlier turns.
    """
    for case in cases:
        question = standalone(case)
        passages = search(question, case.scope)
        readings = read(question, [passage.text for passage in passages])
        golds = [place for gold in case.evidence for place in find_spans(gold, text(gold.article))]
        yield _case_read(case, passages, readings, golds)


def _case_read(
    case: Case, passages: Sequence[Passage], readings: Sequence[Reading], golds: Sequence[Span]
) -> CaseRead:
    order = best_first(readings, [passage.rank_score for passage in passages])
    passage, reading = (
        (passages[order[0]], readings[order[0]]) if order else (None, Reading(0, 0, 0.0, 0.0))
    )
    if not case.answerable:
        return CaseRead(case, reading.probability)
    found = any(_hits(each, 0, len(each.text), golds) for each in passages)
    if passage is None:
        return CaseRead(case, 0.0, found, False, 0.0)
    aliases = [alias for fact in case.answers for alias in fact]
    touched = [
        (start, end)
        for start, end in sentence_spans(passage.text)
        if start < reading.end and reading.start < end
    ]
    sentence = any(_hits(passage, start, end, golds) for start, end in touched)
    f1 = token_f1(passage.text[reading.start : reading.end], aliases)
    return CaseRead(case, reading.probability, found, sentence, f1)


def _hits(passage: Passage, start: int, end: int, golds: Sequence[Span]) -> bool:
    """Whether a part of a passage shares a code point with the evidence, at any of its places."""
    own = Span(passage.article, passage.start, passage.end)
    return any(
        overlaps(gold, Span(place.article, place.start + start, place.start + end))
        for place in (own, *passage.elsewhere)
        for gold in golds
    )


def scores(rows: Sequence[CaseRead]) -> dict[str, Any]:
    """The metrics by name, each with the number of cases; what cannot be told is left out."""
    told = [row for row in rows if row.case.answerable]
    probabilities = [row.probability for row in told]
    none = [row.probability for row in rows if not row.case.answerable]
    values: dict[str, tuple[float, int]] = {}
    if told:
        values["evidence among the passages"] = _share([bool(row.found) for row in told])
        values["right sentence"] = _share([bool(row.sentence) for row in told])
        values["span F1"] = sum(row.f1 or 0.0 for row in told) / len(told), len(told)
        bins = reliability([row.probability for row in rows], [bool(r.sentence) for r in rows])
        values["calibration error"] = calibration_error(bins), len(rows)
    if told and none:
        values["answerable AUROC"] = auroc(probabilities, none), len(rows)
    return {name: {"mean": round(value, 4), "n": n} for name, (value, n) in values.items()}


def _share(flags: Sequence[bool]) -> tuple[float, int]:
    return sum(flags) / len(flags), len(flags)
