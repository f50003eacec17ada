"""Claim verification: which sentences of the evidence prove a sentence of the answer.

Numbers with their units, months and names must be there, in any script and scale
(qa/verification/facts.py); the meaning must be near, by the multilingual embedder
(qa/verification/thresholds.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.text.languages import detect
from qa.question import Question
from qa.text.names import WORD, full_names, missing
from qa.verification.evidence import Evidence, Sentence
from qa.verification.facts import Amount, Facts, facts, required, same
from qa.verification.thresholds import Thresholds

Similarity = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]
State = Literal["supported", "partial", "unsupported"]

# How much a sentence gains that holds all words of the claim, in cosine: nearness finds what a
# sentence is about, its words find which of two neighbours says it.
WORDS_WEIGHT = 0.1
# More of a claim's names than this must not be missing; some are translated ("Bursa Efek").
_NAMES_MISSING = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What proves a sentence of the answer, best first; `score` is a cosine."""

    state: State
    sentences: tuple[Sentence, ...]
    score: float


def support(
    question: Question,
    claim: str,
    language: str,
    evidence: Evidence,
    similarity: Similarity,
    limits: Thresholds,
) -> Verdict:
    """Find what proves `claim`, one sentence in `language` of an answer to `question`.

    `similarity` gives cosines of shape (len(questions), len(passages)).
    """
    sentences = evidence.sentences
    if not sentences:
        return Verdict("unsupported", (), -1.0)
    texts = [sentence.text for sentence in sentences]
    asked, stated = facts(question.text, question.language), facts(claim, language)
    held = [facts(text, evidence.language) for text in texts]
    cosines = similarity([f"{question.text} {claim}"], texts)[0]
    worth = [float(cosines[i]) + WORDS_WEIGHT * shared(claim, texts[i]) for i in range(len(texts))]

    own = _without(stated, asked)
    order = sorted(range(len(sentences)), key=lambda i: (-len(_met(own, held[i])), -worth[i]))
    chosen = order[:1]
    left = _lacking(own, held[order[0]])
    for i in order[1:]:
        if met := _met(left, held[i]):
            chosen.append(i)
            left = [fact for fact in left if fact not in met]
    score = float(max(cosines[i] for i in chosen))
    proof = tuple(sentences[i] for i in chosen)
    if (
        left
        or score < limits.partial
        or not _names_hold(question.text, stated.names, evidence.text)
    ):
        return Verdict("unsupported", proof, score)
    # What was taken over from the question may be its error: no full proof unless it is there.
    repeated = [fact for fact in _looked_up(stated) if fact not in own]
    said = all(any(_is_in(fact, some) for some in held) for fact in repeated)
    state: State = "supported" if said and score >= limits.supported else "partial"
    return Verdict(state, proof, score)


def lacks_required_facts(question: Question, text: str) -> bool:
    """Whether the question names a number or a month that a text does not hold.

    Who asks for June is not answered by May.
    """
    held = facts(text, detect(text))
    asked = required(question.text, question.language)
    return any(not _is_in(fact, held) for fact in _looked_up(asked))


def lacks_required_name(question: str, text: str) -> bool:
    """Whether the question has a name of several words of which a text holds none.

    Who asks for Kai-Fu Lee is seldom answered by Wang Huiwen; but names of countries and offices
    are translated (`Reino Unido`), so this alone does not decide.
    """
    return any(len(missing(name, text)) == len(name) for name in full_names(question))


def keeps(claim: str, words: str, language: str) -> bool:
    """Whether every number and month of a claim stands in other words of the same language."""
    held = facts(words, language)
    return all(_is_in(fact, held) for fact in _looked_up(facts(claim, language)))


def _looked_up(stated: Facts) -> list[Amount | int]:
    return [*stated.amounts, *sorted(stated.months)]


def _without(stated: Facts, asked: Facts) -> list[Amount | int]:
    """The facts a claim states by itself, not those it takes over from the question."""
    return [fact for fact in _looked_up(stated) if not _is_in(fact, asked)]


def _is_in(fact: Amount | int, held: Facts) -> bool:
    if isinstance(fact, int):
        return fact in held.months
    return any(same(fact, other) for other in held.amounts)


def _met(wanted: Sequence[Amount | int], held: Facts) -> list[Amount | int]:
    return [fact for fact in wanted if _is_in(fact, held)]


def _lacking(wanted: Sequence[Amount | int], held: Facts) -> list[Amount | int]:
    return [fact for fact in wanted if not _is_in(fact, held)]


def shared(claim: str, text: str) -> float:
    """The share of a claim's words that a text holds."""
    words = {match[0].casefold() for match in WORD.finditer(claim)}
    return sum(word in text.casefold() for word in words) / len(words) if words else 0.0


def _names_hold(question: str, names: Sequence[str], text: str) -> bool:
    """Whether enough of a claim's own names stand in the evidence."""
    own = [name for name in names if name.casefold() not in question.casefold()]
    return len(missing(own, text)) <= _NAMES_MISSING * len(own)
