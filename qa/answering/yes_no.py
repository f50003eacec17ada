"""Yes or no: whether a claim holds, by the passage that tells of it.

A claim with a number is asked without it: "Does the crane lift 50 tonnes?" has the reader find "40
tonnes", and the numbers are compared by code. Where that says nothing, the language model may say
that a claim holds; that it does not, a small one cannot tell from that nothing is told.
"""

from dataclasses import replace

import prompts
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.drafts import add
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.question import Question
from qa.text.numbers import numbers
from qa.verification.evidence import PASSAGE_TOKENS, Evidence, choose
from qa.verification.facts import facts, same
from qa.verification.support import Verdict
from qa.verification.thresholds import TOLD_TOO

SURE = 1.5
"""Log-odds by the language model from which on a claim holds; numbers need no more than half of it
against them. CALIBRATION.md tells of what."""


def decided(asking: Asking, answer: Answer) -> Growing:
    """Say yes or no with the sentence that shows it; not answered where it is untold or unsure."""
    yield from ()
    verdict, found = _by_number(asking) if numbers(asking.question.text) else ("", None)
    if found is None:
        verdict, found = _by_model(asking)
    return _said(asking, answer, verdict, found) if found and verdict else answer


def _by_number(asking: Asking) -> tuple[str, Evidence | None]:
    """The verdict where the claim has one number, and the passage that tells one for it."""
    text, language = asking.question.text, asking.question.language
    claimed = facts(text, language).amounts
    if len(claimed) != 1:
        return "", None
    number = claimed[0].number
    asked = Question(f"{text[: number.start]}{text[number.end :]}", language)
    found = _first(asking, asked)
    if found is None or found.told < TOLD_TOO:
        return "", None
    told = facts(found.found, found.language).amounts
    units = {amount.unit for amount in (claimed[0], *told)} - {None}
    if len(told) != 1 or len(units) > 1:
        return "", None
    verdict = "yes" if same(claimed[0], told[0]) else "no"
    leaning = _leaning(asking, found) * (1 if verdict == "yes" else -1)
    return (verdict, found) if leaning > -SURE / 2 else ("", None)


def _by_model(asking: Asking) -> tuple[str, Evidence | None]:
    """Yes, where the model surely says so; all numbers of the claim stand in the passage."""
    found = _first(asking, asking.question)
    return ("yes", found) if found and _leaning(asking, found) >= SURE else ("", None)


def _first(asking: Asking, asked: Question) -> Evidence | None:
    passages = asking.index.search(asking.question.text, asking.limit, asking.scope)
    asking.clock.retrieved()
    count = asking.model.count
    return next(choose(asked, passages, asking.reader, count, PASSAGE_TOKENS), None)


def _leaning(asking: Asking, found: Evidence) -> float:
    """How far the model leans to yes, as log-odds."""
    leaning = PassageWriter(asking.question, asking.language, found, asking.model).holds()
    asking.clock.read(leaning)
    return leaning.log_odds


def _said(asking: Asking, answer: Answer, verdict: str, found: Evidence) -> Answer:
    words = prompts.table("yes_no")[verdict]
    opens = words.get(answer.language, words["en"])
    proof = Verdict("supported", found.answering, found.told)
    writer = PassageWriter(asking.question, answer.language, found, asking.model)
    for i, (text, proven) in enumerate(Wording(writer).sentences_of(proof)):
        answer = add(answer, text if i else f"{opens} {text}", proven)
    return replace(answer, verdict=verdict) if answer.answered else answer
