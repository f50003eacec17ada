"""Support: which sentences of the evidence prove a sentence of the answer.

Numbers must be there, in any script and scale; names written alike in both must be there; and
the meaning must be near, by the multilingual embedder (qa/thresholds.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import regex
from numpy.typing import NDArray

from qa.evidence import Sentence
from qa.numbers import Number, numbers
from qa.thresholds import Thresholds

Similarity = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]
State = Literal["supported", "partial", "unsupported"]

_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}]+")
_LATIN = regex.compile(r"\p{Latin}")


@dataclass(frozen=True, slots=True)
class Support:
    """What proves a sentence of the answer, best first; `score` is a cosine."""

    state: State
    sentences: tuple[Sentence, ...]
    score: float


def support(
    question: str,
    claim: str,
    evidence: Sequence[Sentence],
    similarity: Similarity,
    limits: Thresholds,
) -> Support:
    """Find what proves `claim`, one sentence of an answer to `question`.

    `similarity` gives cosines of shape (len(questions), len(passages)).
    """
    cosines = similarity([f"{question} {claim}"], [sentence.text for sentence in evidence])[0]
    wanted = _claimed(question, claim)
    held = [numbers(sentence.text) for sentence in evidence]
    order = sorted(
        range(len(evidence)), key=lambda i: (-len(_met(wanted, held[i])), -float(cosines[i]))
    )
    chosen = [order[0]]
    missing = [n for n in wanted if n not in _met(wanted, held[order[0]])]
    for i in order[1:]:
        if met := _met(missing, held[i]):
            chosen.append(i)
            missing = [n for n in missing if n not in met]
    score = float(max(cosines[i] for i in chosen))
    proof = tuple(evidence[i] for i in chosen)
    if missing or score < limits.partial or not _names_hold(question, claim, evidence):
        return Support("unsupported", proof, score)
    # A number taken over from the question may be its error: no full proof unless it is there.
    repeated = [n for n in numbers(claim) if n not in wanted]
    whole = len(_met(repeated, [n for some in held for n in some])) == len(repeated)
    state: State = "supported" if whole and score >= limits.supported else "partial"
    return Support(state, proof, score)


def _claimed(question: str, claim: str) -> list[Number]:
    """The numbers a claim states by itself, not those it takes over from the question."""
    asked = numbers(question)
    return [n for n in numbers(claim) if not any(n.same(other) for other in asked)]


def _met(wanted: Sequence[Number], held: Sequence[Number]) -> list[Number]:
    return [n for n in wanted if any(n.same(other) for other in held)]


def _names_hold(question: str, claim: str, evidence: Sequence[Sentence]) -> bool:
    """Whether any name of the claim stands in the evidence or the question.

    Only for evidence in Latin letters, where a name is written alike in many languages; one name
    in common is enough, since the others may be translated ("Bursa Efek Hong Kong").
    """
    text = " ".join(sentence.text for sentence in evidence)
    if len(_LATIN.findall(text)) * 2 < len(text):
        return True
    # The first word of a sentence is written large whatever it is; a word alone is all there is.
    lone = len(claim.split()) == 1
    names = [m[0].casefold() for m in _NAME.finditer(claim) if lone or m.start() > 0]
    known = f"{question} {text}".casefold()
    return not names or any(name in known for name in names)
