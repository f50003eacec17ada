"""Yes or no: whether a claim holds, by the passage that tells of it."""

from collections.abc import Iterator
from dataclasses import replace

import prompts
from qa.answer import Answer
from qa.answering.asking import Asking
from qa.answering.drafts import add
from qa.answering.wording import Wording
from qa.answering.writer import PassageWriter
from qa.verification.evidence import PASSAGE_TOKENS, choose
from qa.verification.support import Verdict

SURE = 1.0
"""Log-odds by the language model from which on a claim holds, or does not."""


def decided(asking: Asking, answer: Answer) -> Iterator[Answer]:
    """Yield yes or no with the sentence that shows it; nothing where it is not told, or unsure."""
    asked = asking.question
    passages = asking.index.search(asked.text, asking.limit, asking.scope)
    asking.clock.retrieved()
    found = next(choose(asked, passages, asking.reader, asking.model.count, PASSAGE_TOKENS), None)
    if found is None:
        return
    writer = PassageWriter(asked, answer.language, found, asking.model)
    leaning = writer.holds()
    asking.clock.read(leaning)
    if abs(leaning.log_odds) < SURE:
        return
    verdict = "yes" if leaning.log_odds > 0 else "no"
    words = prompts.table("yes_no")[verdict]
    said = words.get(answer.language, words["en"])
    proof = Verdict("supported", found.answering, found.told)
    for i, (text, proven) in enumerate(Wording(writer).sentences_of(proof)):
        answer = add(answer, text if i else f"{said} {text}", proven)
    yield replace(answer, verdict=verdict)
