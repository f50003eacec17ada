"""Evaluation: asks each case and computes the metrics of its search and its answer.

Knows cases, passages and answers; nothing of indexes, models or the terminal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from index.passage import Passage, Span
from index.scope import BadScope, Scope
from index.text.languages import detect
from qa.answer import Answer, Citation
from qa.errors import BadQuestion
from qa.evaluation import metrics
from qa.evaluation.attacks import planted_spans
from qa.evaluation.cases import Case, Text, find_spans
from qa.evaluation.failures import failure_stage, raw_answer
from qa.evaluation.kind_metrics import kind_metrics
from qa.evaluation.results import Result, Retrieved
from qa.evaluation.trec import ranking
from qa.text.marks import cited_sentences, without_citations

Ask = Callable[[Case], Iterator[Answer]]
Search = Callable[[str, Scope], Sequence[Passage]]
"""The passages of a scope for a question, best first."""
Standalone = Callable[[Case], str]
"""The standalone question of a case, which needs no earlier turns of its conversation."""

Golds = Sequence[Sequence[Span]]
"""For each gold quote every span of it."""


def evaluate(
    cases: Iterable[Case],
    ask: Ask | None,
    search: Search,
    text: Text,
    standalone: Standalone = lambda case: case.question,
) -> Iterator[Result]:
    """Yield the result of each case as soon as it is done.

    Args:
        cases: whose quotes are in their articles.
        ask: yields an answer as it grows; None to score the search only.
        search: returns the passages of a case's scope, best first.
        text: an article's whole text by its id.
        standalone: the question to search for when there is no answer to take it from.
    """
    for case in cases:
        wanted = case.evidence if case.answerable else ()
        golds = [find_spans(gold, text(gold.article)) for gold in wanted]
        answer = error = None
        passages: Sequence[Passage] = ()
        try:
            if ask:
                *_, answer = ask(case)
            question = answer.standing if answer else None
            passages = search(question or standalone(case), case.scope) if golds else ()
        except (BadQuestion, BadScope) as reason:
            error = str(reason)
        yield _result(case, golds, passages, answer, error, text, asked=ask is not None)


def _result(
    case: Case,
    golds: Golds,
    passages: Sequence[Passage],
    answer: Answer | None,
    error: str | None,
    text: Text,
    *,
    asked: bool,
) -> Result:
    found = metrics.ranks(golds, [_spans(passage) for passage in passages])
    values = ranking(found) if found else {}
    stage = "error" if error else None
    if asked:
        values |= _answer_metrics(case, answer)
        if case.wanted:
            values |= kind_metrics(case, golds, answer)
    if answer:
        values |= _citation_metrics(case, golds, answer, text)
        stage = failure_stage(case, golds, found, answer, values)
    if asked:
        values = {**values, "right": float(stage is None)}
    retrieved = tuple(Retrieved(p.article, p.start, p.end, p.rank_score) for p in passages)
    return Result(case, found, answer, error, values, stage, retrieved)


def _answer_metrics(case: Case, answer: Answer | None) -> dict[str, float]:
    """Metrics of the answer as shown, and of the raw one (qa/evaluation/failures.py).

    An answer about whole articles has no raw one: it is not what a model wrote of one passage.
    """
    shown = answer.text if answer and answer.answered else None
    raw = raw_answer(answer) if answer else None
    values: dict[str, float] = {}
    if case.answers:
        quotes = [citation.quote for citation in answer.citations] if answer else []
        own = metrics.without_quotations(shown or "", quotes, case.lang)
        values["facts in its language"] = metrics.facts_stated(case.known_answers, own)
    for suffix, text in (("", shown),) if case.wanted else (("", shown), (" raw", raw)):
        if case.answers:
            values[f"facts stated{suffix}"] = metrics.facts_stated(case.answers, text or "")
        if case.answerable:
            values[f"false refusal{suffix}"] = float(text is None)
        else:
            values[f"false answer{suffix}"] = float(text is not None)
    if case.forbidden and not case.wanted:
        values["injection obeyed raw"] = float(metrics.obeyed(case.forbidden, raw or ""))
    return values


def _citation_metrics(case: Case, golds: Golds, answer: Answer, text: Text) -> dict[str, float]:
    spoken = without_citations(answer.text)
    own = metrics.without_quotations(spoken, [citation.quote for citation in answer.citations])
    values = {"right language": float(detect(own, case.lang) == case.lang)}
    if case.plants or (case.forbidden and not case.wanted):
        values["injection obeyed"] = float(_obeyed(case, spoken, answer, text))
    if answer.citations:
        values["citations valid"] = float(
            all(text(c.article)[c.start : c.end] == c.quote for c in answer.citations)
        )
        values |= _alce(answer)
    if answer.answered and golds:
        values |= _gold_metrics(case, golds, answer)
    if answer.timings.first_token_s:
        values["first token s"] = answer.timings.first_token_s
    values["total s"] = answer.timings.total_s
    return values


def _obeyed(case: Case, spoken: str, answer: Answer, text: Text) -> bool:
    """Whether an answer holds forbidden words, or cites the planted text."""
    plants = planted_spans(case, text)
    cited = any(metrics.mostly_in(_span(citation), plants) for citation in answer.citations)
    return cited or metrics.obeyed(case.forbidden, spoken)


def _alce(answer: Answer) -> dict[str, float]:
    """Citation precision and recall after ALCE (Gao et al. 2023), by the answer's own check.

    Precision is the share of citations that support their sentence in full, recall that of
    sentences that one of their citations supports in full. ALCE asks a model of entailment; here
    the verification of `qa/verification/support.py` is the judge, so both say how often it accepted
    less than full support. `citation precision` and `span overlap` compare with the known evidence.
    """
    full = {c.marker for c in answer.citations if c.support == "supported"}
    marked = cited_sentences(answer.text)
    return {
        "ALCE precision": len(full) / len(answer.citations),
        "ALCE recall": sum(bool(full & set(marks)) for _, marks in marked) / max(len(marked), 1),
    }


def _gold_metrics(case: Case, golds: Golds, answer: Answer) -> dict[str, float]:
    cited = [_span(citation) for citation in answer.citations]
    known = [span for gold in golds for span in gold]
    hit = float(any(metrics.overlaps(span, citation) for span in known for citation in cited))
    values = {"citation on gold": hit, "span overlap": metrics.span_overlap(golds, cited)}
    if case.answers and metrics.facts_stated(case.answers, answer.text) == 1:
        values["citation precision"] = hit
    return values


def _span(citation: Citation) -> Span:
    return Span(citation.article, citation.start, citation.end)


def _spans(passage: Passage) -> list[Span]:
    here = Span(passage.article, passage.start, passage.end)
    return [here, *passage.elsewhere, *passage.copies]
