"""Plans: how each kind of question about articles is answered; a plain question has none.

Where a plan finds nothing to say, the question is asked of the passages as ever, so that a kind
that was told wrongly costs no answer.
"""

from collections.abc import Callable, Mapping

from qa.answer import Answer
from qa.answering.asked_about import facts, is_of_a_file
from qa.answering.asking import Asking, Growing
from qa.answering.comparison import compared
from qa.answering.from_catalog import from_catalog
from qa.answering.listing import listed
from qa.answering.numbered import by_number
from qa.answering.proof import proven
from qa.answering.summary import summarised
from qa.answering.yes_no import decided
from qa.extraction.reader import Kind

Plan = Callable[[Asking, Answer], Growing]


def planned(asking: Asking, answer: Answer) -> Growing:
    """Yield `answer` as it grows by the plan of its kind; it is as it was where there is none."""
    if asking.standing and not asking.standing.proof_last:
        answer = yield from proven(asking, answer, asking.standing.proof)
    if not answer.answered and asking.kind in _OF_A_CLAUSE:
        answer = yield from by_number(asking, answer)
    plan = _PLANS.get(asking.kind)
    return (yield from plan(asking, answer)) if plan and not answer.answered else answer


def _of_an_article(asking: Asking, answer: Answer) -> Growing:
    # Who names a file asks for what is in it: "What is crane.txt about?"
    plan = summarised if is_of_a_file(asking) else facts
    return (yield from plan(asking, answer))


_OF_A_CLAUSE = "plain", "about", "summary"  # what a question of a clause by its number is taken for

_PLANS: Mapping[Kind, Plan] = {
    "catalog": from_catalog,
    "about": _of_an_article,
    "summary": summarised,
    "list": listed,
    "compare": compared,
    "yes_no": decided,
}
