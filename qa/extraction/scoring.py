"""Scoring: how good spans and probabilities are: token F1, AUROC, calibration. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex

from index.text.normal_forms import nfkc

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}\p{N}]+")
_ARTICLES = {"a", "an", "the"}


def token_f1(said: str, golds: Sequence[str]) -> float:
    """The best F1 of shared words over the gold answers (SQuAD: Rajpurkar et al. 2016).

    Words are compared without capitals and punctuation; scripts without spaces by characters.
    """
    return max((_f1(words(said), words(gold)) for gold in golds), default=0.0)


def _f1(said: list[str], gold: list[str]) -> float:
    shared = (Counter(said) & Counter(gold)).total()
    return 2 * shared / (len(said) + len(gold)) if shared else float(said == gold)


def words(text: str) -> list[str]:
    """The words of a text as F1 compares them; characters in scripts without spaces."""
    found = _TOKEN.findall(nfkc(text).lower())
    return [token for token in found if token not in _ARTICLES]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The share of pairs in which the positive has the higher score; ties count half.

    Args:
        positive: scores of what should be high; one at least.
        negative: scores of what should be low; one at least.
    """
    low = np.sort(np.asarray(negative, float))
    below = np.searchsorted(low, positive, "left").astype(float)
    ties = np.searchsorted(low, positive, "right") - below
    return float((below + ties / 2).mean() / len(low))


@dataclass(frozen=True, slots=True)
class Bin:
    """Of the probabilities in one tenth: how many, their mean, and the share that came true."""

    count: int
    probability: float
    share: float


def reliability(probabilities: Sequence[float], came_true: Sequence[bool]) -> list[Bin]:
    """The tenths that have any, from the lowest."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for probability, true in zip(probabilities, came_true, strict=True):
        tenths.setdefault(min(9, int(probability * 10)), []).append((probability, true))
    return [
        Bin(len(each), sum(p for p, _ in each) / len(each), sum(t for _, t in each) / len(each))
        for _, each in sorted(tenths.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv:1706.04599)."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.probability - each.share) for each in bins) / max(1, total)
