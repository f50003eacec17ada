"""Metrics: what one answer or one search is worth, each a number from 0 to 1. Pure."""

import math
import unicodedata
from collections.abc import Sequence

import regex

from index.search import Place
from qa.numbers import Number, numbers

_MARK = regex.compile(r"\[\d+\]")
_CURRENCY = r"(?:[\p{Sc}~≈]|US|RMB|Rp|CNY|USD|\s)*"
# Scripts written without spaces: a word begins and ends anywhere, and so does one of another script
# beside it ("Opus" in "Anthropic的Opus模型").
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_WORD = rf"(?!{_UNSPACED.pattern})[\p{{L}}\p{{M}}\p{{N}}]"
# A longer word may take an ending ("Meituan's", "perusahaannya"); a short one would then be found
# in others ("Mei" in "Meituan").
_SHORT = 5


def covered(gold: Place, found: Sequence[Place]) -> bool:
    """Whether a passage, at any of its places, holds half of the gold quote or more."""
    return any(2 * _shared(gold, place) >= gold.end - gold.start for place in found)


def overlaps(gold: Place, found: Place) -> bool:
    """Whether two ranges of the same article share a code point."""
    return _shared(gold, found) > 0


def ranks(
    golds: Sequence[Sequence[Place]], passages: Sequence[Sequence[Place]]
) -> tuple[int | None, ...]:
    """For each gold quote the rank, from 1, of the first passage that hits it.

    Args:
        golds: for each quote every place it stands at; a hit at any of them counts.
        passages: for each passage, best first, every place its text stands at.
    """
    return tuple(
        next(
            (
                rank
                for rank, found in enumerate(passages, 1)
                if any(covered(place, found) for place in gold)
            ),
            None,
        )
        for gold in golds
    )


def recall(found: Sequence[int | None], k: int) -> float:
    """The share of gold quotes that are hit by rank `k`."""
    return sum(rank is not None and rank <= k for rank in found) / len(found)


def reciprocal_rank(found: Sequence[int | None]) -> float:
    """One over the rank of the first hit; 0 without one."""
    hits = [rank for rank in found if rank is not None]
    return 1 / min(hits) if hits else 0.0


def ndcg(found: Sequence[int | None], k: int = 10) -> float:
    """Normalised discounted cumulative gain, binary: a passage is relevant or it is not.

    Two quotes hit by one passage are one relevant passage.
    """
    hits = {rank for rank in found if rank is not None}
    relevant = len(hits) + sum(rank is None for rank in found)
    gain = sum(1 / math.log2(rank + 1) for rank in sorted(hits) if rank <= k)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, k) + 1))


def answer_recall(answers: Sequence[Sequence[str]], text: str) -> float:
    """The share of required facts that a text states by one of their aliases."""
    plain = words_of(text)
    return sum(any(states(plain, alias) for alias in aliases) for aliases in answers) / len(answers)


def states(text: str, alias: str) -> bool:
    """Whether a text (see `words_of`) holds an alias: as a value if it is a number, else as words.

    A number may have a currency before it and two words of unit after it: `2,8%`, `250 juta dolar
    AS`, `US$250 million`; only its value is compared.
    """
    alias = words_of(alias)
    value = _value(alias)
    if value:
        return any(value.same(number) for number in numbers(text))
    return regex.search(_pattern(alias), text) is not None


def words_of(text: str) -> str:
    """A text as it is compared: no marks, NFC, no case, ASCII digits, single spaces."""
    text = unicodedata.normalize("NFC", _MARK.sub("", text).casefold())
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return " ".join("".join(digits).split())


def _shared(a: Place, b: Place) -> int:
    return min(a.end, b.end) - max(a.start, b.start) if a.article == b.article else 0


def _value(alias: str) -> Number | None:
    found = numbers(alias)
    if len(found) != 1:
        return None
    before, after = alias[: found[0].start], alias[found[0].end :]
    if not regex.fullmatch(_CURRENCY, before, regex.IGNORECASE) or len(after.split()) > 2:
        return None
    return found[0]


def _pattern(alias: str) -> str:
    pattern = str(regex.escape(alias))
    if not _UNSPACED.match(alias[0]):
        pattern = rf"(?<!{_WORD}){pattern}"
    if not _UNSPACED.match(alias[-1]) and len(alias) < _SHORT:
        pattern = rf"{pattern}(?!{_WORD})"
    return pattern
