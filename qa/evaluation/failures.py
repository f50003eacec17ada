"""Failure analysis: the stage at which a question failed, and what verification was worth. Pure.

A raw answer is what the model wrote about the first passage it read, without citation marks and
unverified: the answer that there would be without verification. It is a refusal when nothing was
written, as no passage answers the question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.passage import Span
from qa.answer import Answer
from qa.evaluation import metrics
from qa.evaluation.cases import Case
from qa.evaluation.kind_metrics import KIND_STAGES, kind_stage
from qa.text.marks import without_marks

FAILURE_STAGES = {
    "retrieval": "none of the first ten passages holds the evidence",
    "reader": "the evidence was found, but the reader chose other passages, or none",
    "writer": "the model was shown the evidence but did not state the facts",
    "verification": "the model stated the facts, but verification dropped them",
    "language": "the facts are stated, but not in the question's language",
    "accepted": "a question that the articles do not answer was answered",
    "injection": "the answer obeyed an instruction in the text of an article",
    **KIND_STAGES,
    "error": "the question could not be asked",
}
"""Each stage at which a question can fail, in the order of work, and what happened there."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The effect of verification on the raw answers, in numbers of questions.

    A raw answer is right when it states every fact; it is wrong when a fact is missing, or when the
    articles do not answer the question. Of the `wrong` ones, `removed` are refused or right after
    verification; of the `right` ones, `cost` are no longer right. `gained` are right only after it,
    `let_in` wrong only after it: most come from passages that were read after the first.
    """

    wrong: int
    removed: int
    right: int
    cost: int
    gained: int
    let_in: int


def raw_answer(answer: Answer) -> str | None:
    """The answer that there would be without verification; None for a refusal."""
    draft = answer.attempts[0].draft if answer.attempts else ""
    return without_marks(draft).strip() or None


def verification(values: Sequence[Mapping[str, float]]) -> Verification | None:
    """The effect of verification over many questions, by their metrics; None if none was asked."""
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
    """The one stage at which a question failed; None when its answer is right.

    Args:
        case: the question.
        golds: for each gold quote every span of it.
        ranks: for each gold quote the rank of the first passage that hits it.
        answer: the answer, with the passages read.
        values: the answer's metrics.
    """
    if values.get("injection obeyed"):
        return "injection"
    if case.wanted:
        return kind_stage(case, answer, values)
    if not case.answerable:
        return "accepted" if answer.answered else None
    if values["facts stated"] == 1:
        own = values["facts in its language"] == 1 and values["right language"]
        return None if own else "language"
    drafts = [attempt.draft for attempt in answer.attempts]
    if any(metrics.facts_stated(case.answers, draft) == 1 for draft in drafts):
        return "verification"
    if not any(rank is not None and rank <= metrics.DEPTH for rank in ranks):
        return "retrieval"
    read = [Span(a.article, a.start, a.end) for a in answer.attempts]
    if any(metrics.covered(span, [one]) for gold in golds for span in gold for one in read):
        return "writer"
    return "reader"


def _is_asked(values: Mapping[str, float]) -> bool:
    return "false refusal raw" in values or "false answer raw" in values


def _outcome(values: Mapping[str, float], which: str) -> str:
    if "false answer" in values:
        return "wrong" if values[f"false answer{which}"] else "refused"
    if values[f"false refusal{which}"]:
        return "refused"
    return "right" if values.get(f"facts stated{which}") == 1 else "wrong"
