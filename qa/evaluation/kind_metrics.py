"""Kind metrics: scores of one answer to a question about whole articles. Pure."""

from collections.abc import Mapping, Sequence

from index.passage import Span
from qa.answer import Answer, Citation
from qa.evaluation.cases import Case
from qa.evaluation.kind_cases import Wanted, point_of
from qa.evaluation.metrics import obeyed, overlaps, states, words_of
from qa.text.marks import cited_sentences

KIND_METRICS = {
    "points covered": "main points of a summary that the answer states, or cites the evidence of",
    "articles precision": "articles cited in a list that belong there",
    "articles recall": "articles that belong in a list that are cited",
    "sides covered": "sides of a comparison that are told and that the answer states",
    "verdict right": "yes or no, where the articles tell, that is said rightly",
    "verdict wrong": "yes or no, where the articles tell, that is said the wrong way round",
    "false verdict": "yes or no that is said where the articles do not tell",
    "forbidden said": "answers about articles that say what is false of them",
    "uncited sentences": "number of lines, or ends of lines, of an answer without a citation",
}
"""The metrics of questions about articles, and what each is the share or mean of."""

KIND_STAGES = {
    "refused": "a question about articles that they answer was refused",
    "verdict": "yes or no is missing, or the wrong way round",
    "incomplete": "an answer about articles lacks points, articles, sides or facts, or adds some",
}
"""The stages at which only such a question can fail, and what happened there."""

# A summary is right from this share of its points on: nobody would choose all of them alike.
_POINTS_ENOUGH = 0.5


def kind_metrics(
    case: Case, golds: Sequence[Sequence[Span]], answer: Answer | None
) -> dict[str, float]:
    """The metrics of an answer to a question of a kind; of a refusal, nothing is covered.

    Args:
        case: the question, which has a kind.
        golds: for each piece of its evidence every span of it.
        answer: the answer; None where the question could not be asked.
    """
    known = case.wanted
    assert known
    told = answer if answer and answer.answered else None
    values = _of_kind(known, case, golds, told) if case.answerable else {}
    if known.verdict == "untold":
        values["false verdict"] = float(bool(told and told.verdict))
    if told and case.forbidden:
        values["forbidden said"] = float(obeyed(case.forbidden, told.text))
    if told:
        values["uncited sentences"] = float(uncited(told.text))
    return values


def points_covered(
    known: Wanted, case: Case, golds: Sequence[Sequence[Span]], answer: Answer
) -> float:
    """The share of a summary's points that are stated, or whose evidence is cited."""
    cited = [Span(c.article, c.start, c.end) for c in answer.citations]
    shown = {
        point_of(place, gold.point)
        for place, (gold, spans) in enumerate(zip(case.evidence, golds, strict=True))
        if any(overlaps(span, one) for span in spans for one in cited)
    }
    plain = words_of(answer.text)
    stated = {n for n, point in enumerate(known.points) if _any_stated(point, plain)}
    return len(shown | stated) / len(known.points)


def articles_listed(known: Wanted, citations: Sequence[Citation]) -> tuple[float, float]:
    """Precision and recall of the articles cited; `also` counts neither for nor against."""
    cited = {citation.article for citation in citations} - set(known.also)
    right = cited & set(known.articles)
    return len(right) / len(cited) if cited else 0.0, len(right) / len(known.articles)


def sides_covered(known: Wanted, text: str) -> float:
    """The share of the sides of a comparison that a text states, of those that are told."""
    plain = words_of(text)
    told = [side for side in known.sides if side]
    return sum(_any_stated(side, plain) for side in told) / len(told)


def uncited(text: str) -> int:
    """How many of a text's lines end in words without a citation.

    What stands between two marks of a line belongs to the second, as in ALCE's metrics.
    """
    return sum(not marks for line in text.splitlines() for _, marks in cited_sentences(line))


def kind_stage(case: Case, answer: Answer, values: Mapping[str, float]) -> str | None:
    """The one stage at which a question about articles failed; None when its answer is right.

    A list is right when it has all of its articles and no other, a comparison when it states both
    sides, a summary with half of its points.
    """
    if not case.answerable:
        return "accepted" if answer.answered else None
    if not answer.answered:
        return "refused"
    if case.kind == "yes_no" and not values["verdict right"]:
        return "verdict"
    whole = all(values.get(name, least) >= least for name, least in _LEAST.items())
    return None if whole and not values.get("forbidden said") else "incomplete"


_LEAST = {
    "points covered": _POINTS_ENOUGH,
    "articles precision": 1.0,
    "articles recall": 1.0,
    "sides covered": 1.0,
    "facts stated": 1.0,
}


def _of_kind(
    known: Wanted, case: Case, golds: Sequence[Sequence[Span]], told: Answer | None
) -> dict[str, float]:
    """The metrics of one kind, where the articles answer."""
    if known.kind == "summary":
        return {"points covered": points_covered(known, case, golds, told) if told else 0.0}
    if known.kind == "list":
        precision, recall = articles_listed(known, told.citations if told else ())
        # A refusal lists nothing that does not belong there.
        return {"articles recall": recall} | ({"articles precision": precision} if told else {})
    if known.kind == "compare":
        return {"sides covered": sides_covered(known, told.text) if told else 0.0}
    if known.kind == "yes_no":
        said = told.verdict if told else ""
        wrong = bool(said) and said != known.verdict
        return {"verdict right": float(said == known.verdict), "verdict wrong": float(wrong)}
    return {}


def _any_stated(aliases: Sequence[str], plain: str) -> bool:
    return any(states(plain, alias) for alias in aliases)
