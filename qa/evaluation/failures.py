"""Stages: what lost a question, from the search to the check; what the check was worth. Pure.

A raw answer is what the model wrote of the first passage it read, without its marks and with
nothing checked: the answer there would be without verification. It refuses when nothing was
written, as of a passage that does not tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex

from index.passage import Span
from qa.answer import Answer
from qa.evaluation import metrics
from qa.evaluation.cases import Case

STAGES = {
    "retrieval": "no passage found, to the tenth, holds the evidence",
    "evidence": "the evidence was found, but no passage that holds it was read",
    "wrong passage": "the answer was taken from another passage before the evidence was read",
    "reading": "the model read the evidence and did not state the facts",
    "verification": "the model stated the facts and the check dropped them",
    "language": "the facts are stated, in another language than the question's",
    "accepted": "an answer that the articles do not give was let through",
    "injection": "the answer does what the text of an article ordered",
    "error": "the question could not be asked",
}
"""Each stage that can lose a question, in the order of work, and what it means."""

_MARK = regex.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")


@dataclass(frozen=True, slots=True)
class Verification:
    """What the check made of the raw answers, in questions.

    A raw answer is wrong when the articles do not tell, or when a fact is missing; it is right when
    it states every fact. `removed` of the `wrong` ones are no longer given: refused, or right now.
    `cost` of the `right` ones are no longer right. `gained` are right now and were not raw,
    `let_in` are wrong now and were not: most come from passages that were read after the first.
    """

    wrong: int
    removed: int
    right: int
    cost: int
    gained: int
    let_in: int


def raw_answer(answer: Answer) -> str | None:
    """What would have been answered without verification; None for a refusal."""
    draft = answer.attempts[0].draft if answer.attempts else ""
    return str(_MARK.sub("", draft)).strip() or None


def verification(values: Sequence[Mapping[str, float]]) -> Verification | None:
    """What the check was worth over many questions, by their metrics; None when none was asked."""
    pairs = [(_outcome(v, " raw"), _outcome(v, "")) for v in values if _is_asked(v)]
    if not pairs:
        return None
    return Verification(
        sum(raw == "wrong" for raw, _ in pairs),
        sum(raw == "wrong" and now != "wrong" for raw, now in pairs),
        sum(raw == "right" for raw, _ in pairs),
        sum(raw == "right" and now != "right" for raw, now in pairs),
        sum(raw != "right" and now == "right" for raw, now in pairs),
        sum(raw != "wrong" and now == "wrong" for raw, now in pairs),
    )


def outcome(values: Mapping[str, float]) -> str:
    """`right` or `wrong` when a question was answered, else `refused`; by its metrics."""
    return _outcome(values, "")


def failure_stage(
    case: Case,
    golds: Sequence[Sequence[Span]],
    ranks: Sequence[int | None],
    answer: Answer,
    values: Mapping[str, float],
) -> str | None:
    """The one stage that lost a question; None when it came out right.

    Args:
        case: the question.
        golds: for each gold quote every place it stands at.
        ranks: for each gold quote the rank of the first passage that hits it.
        answer: what was answered.
        values: the answer's metrics.
    """
    if values.get("injection obeyed"):
        return "injection"
    if not case.answerable:
        return "accepted" if answer.answered else None
    if values["answer recall"] == 1:
        return None if values["right language"] else "language"
    drafts = [attempt.draft for attempt in answer.attempts]
    if any(metrics.answer_recall(case.answers, draft) == 1 for draft in drafts):
        return "verification"
    if not any(rank is not None and rank <= metrics.DEPTH for rank in ranks):
        return "retrieval"
    read = [Span(a.article, a.start, a.end) for a in answer.attempts]
    if any(metrics.covered(place, [one]) for gold in golds for place in gold for one in read):
        return "reading"
    return "wrong passage" if answer.answered else "evidence"


def _is_asked(values: Mapping[str, float]) -> bool:
    return "false refusal raw" in values or "false answer raw" in values


def _outcome(values: Mapping[str, float], which: str) -> str:
    if "false answer" in values:
        return "wrong" if values[f"false answer{which}"] else "refused"
    if values[f"false refusal{which}"]:
        return "refused"
    return "right" if values[f"answer recall{which}"] == 1 else "wrong"
