"""Evaluation: asks a file of questions and says what each answer is worth.

Knows the questions, what was found and what was answered; nothing of indexes, models or screens.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import regex

from index.languages import detect
from index.search import Passage, Place
from qa import metrics
from qa.answer import Answer
from qa.cases import Case, Text, places
from qa.errors import BadQuestion
from qa.scores import Score, Scores, Summary, estimate, quantile

Ask = Callable[[str], Iterator[Answer]]
Search = Callable[[str], Sequence[Passage]]

_DEPTHS = (1, 5, 10)
# Every metric in the order it is shown. A case has those that apply to it.
_MEANS = (
    *(f"evidence recall@{k}" for k in _DEPTHS),
    "MRR",
    "nDCG@10",
    "answer recall",
    "false refusal",
    "false answer",
    "right language",
    "citations valid",
    "citation on gold",
)
_TIMES = ("first token s", "total s")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case: the rank of each gold quote, the answer, and a value a metric.

    `answer` is None when only the search was tried. `error` is why the question was not asked;
    such a case counts as refused.
    """

    case: Case
    ranks: tuple[int | None, ...] = ()
    answer: Answer | None = None
    error: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)


def evaluate(
    cases: Iterable[Case], ask: Ask | None, search: Search, text: Text
) -> Iterator[Result]:
    """Yield one result a case, as each is done.

    Args:
        cases: with quotes that stand in their articles.
        ask: gives an answer as it grows; None to try the search alone.
        search: gives passages, best first.
        text: an article's whole text by its id.
    """
    for case in cases:
        wanted = case.evidence if case.answerable else ()
        golds = [places(gold, text(gold.article)) for gold in wanted]
        answer = error = None
        try:
            passages = search(case.question) if golds else ()
            found = metrics.ranks(golds, [_places(passage) for passage in passages])
            if ask:
                *_, answer = ask(case.question)
        except BadQuestion as reason:
            found, error = (None,) * len(golds), str(reason)
        values = _retrieval(found)
        if ask:
            values |= _answering(case, golds, answer, text)
        yield Result(case, found, answer, error, values)


def summarise(results: Sequence[Result]) -> Summary:
    """Scores over all results, by language pair, and by type."""
    return Summary(
        _scores(results),
        _sliced(results, lambda case: f"{case.lang}→{case.doc_lang or 'none'}"),
        _sliced(results, lambda case: case.type or "none"),
    )


def as_json(result: Result) -> str:
    """A result as scripts read it: one line."""
    case, answer = result.case, result.answer
    told: dict[str, Any] = {
        "id": case.id,
        "group": case.group,
        "lang": case.lang,
        "doc_lang": case.doc_lang,
        "type": case.type,
        "answerable": case.answerable,
        "question": case.question,
        "ranks": list(result.ranks),
        "values": dict(result.values),
        "error": result.error,
    }
    if answer:
        told["answered"], told["answer"] = answer.answered, answer.text
        told["citations"] = [asdict(citation) for citation in answer.citations]
        told["timings"] = asdict(answer.timings)
    return json.dumps(told, ensure_ascii=False)


def _retrieval(found: Sequence[int | None]) -> dict[str, float]:
    if not found:
        return {}
    recalls = {f"evidence recall@{k}": metrics.recall(found, k) for k in _DEPTHS}
    return {**recalls, "MRR": metrics.reciprocal_rank(found), "nDCG@10": metrics.ndcg(found)}


def _answering(
    case: Case, golds: Sequence[Sequence[Place]], answer: Answer | None, text: Text
) -> dict[str, float]:
    answered = answer is not None and answer.answered
    values: dict[str, float] = {}
    if case.answerable:
        said = answer.text if answer and answered else ""
        values["answer recall"] = metrics.answer_recall(case.answers, said)
        values["false refusal"] = float(not answered)
    else:
        values["false answer"] = float(answered)
    if not answer:
        return values
    spoken = regex.sub(r"\[\d+\]", "", answer.text)
    values["right language"] = float(detect(spoken, case.lang) == case.lang)
    if answer.citations:
        values["citations valid"] = float(
            all(text(c.article)[c.start : c.end] == c.quote for c in answer.citations)
        )
    if answered and golds:
        cited = [Place(c.article, c.start, c.end) for c in answer.citations]
        known = [place for gold in golds for place in gold]
        values["citation on gold"] = float(
            any(metrics.overlaps(place, citation) for place in known for citation in cited)
        )
    if answer.timings.first_token_s:
        values["first token s"] = answer.timings.first_token_s
    values["total s"] = answer.timings.total_s
    return values


def _scores(results: Sequence[Result]) -> Scores:
    scores: dict[str, Score] = {}
    for name in _MEANS:
        if values := [r.values[name] for r in results if name in r.values]:
            scores[name] = estimate(values)
    for name in _TIMES:
        if values := [r.values[name] for r in results if name in r.values]:
            scores[f"{name}, p50"] = quantile(values, 0.5)
            scores[f"{name}, p95"] = quantile(values, 0.95)
    return scores


def _sliced(results: Sequence[Result], name: Callable[[Case], str]) -> dict[str, Scores]:
    slices: dict[str, list[Result]] = {}
    for result in results:
        slices.setdefault(name(result.case), []).append(result)
    return {key: _scores(slices[key]) for key in sorted(slices)}


def _places(passage: Passage) -> list[Place]:
    here = Place(passage.article, passage.start, passage.end)
    return [here, *passage.elsewhere, *passage.copies]
