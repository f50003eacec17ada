"""Yes or no: whether a claim holds, by the passage that tells of it.

A claim with a number is asked without it: "Does the crane lift 50 tonnes?" has the reader find "40
tonnes", and the numbers are compared by code. Where that says nothing, the language model may say
that a claim holds; that it does not, a small one cannot tell from that nothing is told. A model
that was not measured, or that cannot tell that either, decides nothing: by code alone it is not so
that something costs "more than 5 coins" which costs 9. Then the sentence is quoted, as ever.
"""

from collections.abc import Sequence
from dataclasses import replace

import prompts
from index.passage import Passage
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.question import Question
from qa.verification.answer_type import Kind, expects
from qa.verification.evidence import Evidence
from qa.verification.facts import facts, same
from qa.verification.support import Verdict
from qa.verification.thresholds import TOLD_TOO

# "How heavy is the bell?" was taken for a claim, and is none.
_NO_CLAIM: tuple[Kind, ...] = ("number", "date", "age", "percent", "why")


def decided(asking: Asking, answer: Answer) -> Growing:
    """Say yes or no with the sentence that shows it; not answered where it is untold or unsure."""
    yield from ()
    holds = asking.limits.holds
    if holds is None or any(expects(asking.question, kind) for kind in _NO_CLAIM):
        return answer
    passages = asking.search(asking.question.text)
    verdict, found = _by_number(asking, passages, holds)
    if found is None:
        verdict, found = _by_model(asking, passages, holds)
    return _said(asking, answer, verdict, found) if found and verdict else answer


def _by_number(
    asking: Asking, passages: Sequence[Passage], holds: float
) -> tuple[str, Evidence | None]:
    """The verdict where the claim has one number, and the passage that tells one for it."""
    text, language = asking.question.text, asking.question.language
    claimed = facts(text, language).amounts
    if len(claimed) != 1:
        return "", None
    number = claimed[0].number
    asked = Question(f"{text[: number.start]}{text[number.end :]}", language)
    found = next(asking.choose(asked, passages), None)
    if found is None or found.told < TOLD_TOO:
        return "", None
    told = facts(found.found, found.language).amounts
    units = {amount.unit for amount in (claimed[0], *told)} - {None}
    if len(told) != 1 or len(units) > 1:
        return "", None
    verdict = "yes" if same(claimed[0], told[0]) else "no"
    leaning = _leaning(asking, found) * (1 if verdict == "yes" else -1)
    return (verdict, found) if leaning > -holds / 2 else ("", None)


def _by_model(
    asking: Asking, passages: Sequence[Passage], holds: float
) -> tuple[str, Evidence | None]:
    """Yes, where the model surely says so; all numbers of the claim stand in the passage."""
    found = next(asking.choose(asking.question, passages), None)
    return ("yes", found) if found and _leaning(asking, found) >= holds else ("", None)


def _leaning(asking: Asking, found: Evidence) -> float:
    """How far the model leans to yes, as log-odds."""
    leaning = PassageWriter(asking.question, asking.language, found, asking.model).holds()
    asking.clock.read(leaning)
    return leaning.log_odds


def _said(asking: Asking, answer: Answer, verdict: str, found: Evidence) -> Answer:
    opens = prompts.phrase("yes_no", verdict, answer.language)
    proof = Verdict("supported", found.answering, found.told)
    writer = PassageWriter(asking.question, answer.language, found, asking.model)
    answer = Wording(writer).quote(answer, proof, opens)
    return replace(answer, verdict=verdict) if answer.answered else answer
