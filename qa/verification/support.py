"""Claim verification: which sentences of the evidence prove a sentence of the answer.

Two judges, and neither is the model that wrote it. The reader says whether what the claim answers
is right by the passage, and must have found the same itself; numbers with their units, months and
names must stand in the sentences that are cited, in any script and scale (see `facts.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.extraction.reader import Reader
from qa.question import Question
from qa.text.names import WORD, missing
from qa.text.numbers import Number
from qa.verification.answer_type import in_words
from qa.verification.evidence import Evidence, Sentence
from qa.verification.facts import Amount, Facts, facts, holds, invented_units, looked_up
from qa.verification.table_cells import is_row
from qa.verification.thresholds import AGREED, RIGHT

Similarity = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]
State = Literal["supported", "partial", "unsupported"]

# How much a sentence gains that holds all words of the claim, in cosine: nearness finds what a
# sentence is about, its words find which of two neighbours says it.
WORDS_WEIGHT = 0.1
# More of a claim's names than this must not be missing; some are translated ("Bursa Efek").
_NAMES_MISSING = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What proves a sentence of the answer, best first; `score` is a cosine.

    `right` is the probability that the claim answers the question rightly, by the reader; None
    where it was not asked.
    """

    state: State
    sentences: tuple[Sentence, ...]
    score: float
    right: float | None = None


def support(
    question: Question,
    claim: str,
    language: str,
    evidence: Evidence,
    reader: Reader,
    similarity: Similarity,
    shown: str | None = None,
) -> Verdict:
    """Find what proves `claim`, one sentence in `language` of an answer to `question`.

    Args:
        question: what was asked.
        claim: the sentence.
        language: the ISO 639 code of its language.
        evidence: where the proof is looked for.
        reader: judges whether the claim is right.
        similarity: gives cosines of shape (len(questions), len(passages)).
        shown: the evidence as its writer read it, with numbers as the answer writes them.
    """
    sentences = evidence.sentences
    if not sentences:
        return Verdict("unsupported", (), -1.0)
    texts = [sentence.text for sentence in sentences]
    asked, stated = facts(question.text, question.language), facts(claim, language)
    held = [_stated(text, evidence.language) for text in texts]
    cosines = similarity([f"{question.text} {claim}"], texts)[0]
    worth = [float(cosines[i]) + WORDS_WEIGHT * shared(claim, texts[i]) for i in range(len(texts))]

    said = reader.answering(question.text, [claim])[0]
    own = [fact for fact in looked_up(stated) if not holds(asked, fact)]
    order = sorted(range(len(sentences)), key=lambda i: (-len(_met(own, held[i])), -worth[i]))
    chosen = order[:1]
    left = _lacking(own, held[order[0]])
    for i in order[1:]:
        if met := _met(left, held[i]):
            chosen.append(i)
            left = [fact for fact in left if fact not in met]
    score = float(max(cosines[i] for i in chosen))
    proof = tuple(sentences[i] for i in chosen)
    answering = facts(said, language)
    named = stated.names, answering.names
    told = f"{question.text}\n{evidence.context}\n{evidence.text}"
    invented = left or invented_units(stated, told)
    if invented or not all(_names_hold(question.text, names, evidence.text) for names in named):
        return Verdict("unsupported", proof, score)
    (right,) = reader.judge(question.text, [said], [shown or evidence.text])
    agreed = _is_of_row(answering, evidence) or _agree(said, evidence.found, reader)
    if right < RIGHT or not agreed:
        return Verdict("unsupported", proof, score, right)
    # What was taken over from the question may be its error: no full proof unless it is there.
    repeated = [fact for fact in looked_up(stated) if fact not in own]
    proven = all(any(holds(some, fact) for some in held) for fact in repeated)
    return Verdict("supported" if proven else "partial", proof, score, right)


def _stated(text: str, language: str) -> Facts:
    """The facts of a text, with the numbers that it says in words."""
    found = facts(text, language)
    spelt = [Amount(Number(0, 0, frozenset([n])), None) for n in in_words(text, language)]
    return replace(found, amounts=(*found.amounts, *spelt))


def _is_of_row(answering: Facts, evidence: Evidence) -> bool:
    """Whether the numbers of an answer need no comparison with what the reader found.

    Each was looked up in the sentence that is cited. A row of a table holds numbers of several
    names side by side, so that there they must stand in the words that were found.
    """
    numbers = looked_up(answering)
    if numbers and any(is_row(sentence.text) for sentence in evidence.answering):
        return not _lacking(numbers, _stated(evidence.found, evidence.language))
    return bool(numbers)


def _agree(said: str, found: str, reader: Reader) -> bool:
    """Whether words that answer mean what the reader found itself, or are a part of that."""
    return shared(said, found) == 1 or reader.nearness(said, found) >= AGREED


def keeps(claim: str, words: str, language: str) -> bool:
    """Whether every number and month of a claim stands in other words of the same language."""
    held = facts(words, language)
    return all(holds(held, fact) for fact in looked_up(facts(claim, language)))


def _met(wanted: Sequence[Amount | int], held: Facts) -> list[Amount | int]:
    return [fact for fact in wanted if holds(held, fact)]


def _lacking(wanted: Sequence[Amount | int], held: Facts) -> list[Amount | int]:
    return [fact for fact in wanted if not holds(held, fact)]


def shared(claim: str, text: str) -> float:
    """The share of a claim's words that a text holds."""
    words = {match[0].casefold() for match in WORD.finditer(claim)}
    return sum(word in text.casefold() for word in words) / len(words) if words else 0.0


def _names_hold(question: str, names: Sequence[str], text: str) -> bool:
    """Whether enough of a claim's own names stand in the evidence."""
    own = [name for name in names if name.casefold() not in question.casefold()]
    return len(missing(own, text)) <= _NAMES_MISSING * len(own)
