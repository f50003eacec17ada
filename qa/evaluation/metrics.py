"""Metrics: scores of one answer or one search, each a number from 0 to 1. Pure."""

import unicodedata
from collections.abc import Sequence

import regex

from index.passage import Span
from index.text.languages import may_be
from index.text.normal_forms import nfc
from index.text.scripts import UNSPACED
from qa.text.marks import without_citations
from qa.text.numbers import Number, numbers

DEPTH = 10
"""How many passages of a search are scored."""

_NO_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_OTHER_SCRIPT = regex.compile(r"[\p{L}--\p{Latin}]", regex.VERSION1)
_QUOTED = regex.compile(r"“(?<words>[^“”]+)”")
_CURRENCY = r"(?:[\p{Sc}~≈]|US|RMB|Rp|CNY|USD|\s)*"
# In a script without spaces a word begins and ends anywhere, and so does one of another script
# beside it ("Opus" in "Anthropic的Opus模型").
_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_WORD = rf"(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}]"
# A longer word may take an ending ("Meituan's", "perusahaannya"); a short one would then be found
# in others ("Mei" in "Meituan").
_SHORT = 5


def covered(gold: Span, found: Sequence[Span]) -> bool:
    """Whether any of the spans of a passage covers half of the gold quote or more."""
    return any(2 * _shared(gold, place) >= gold.end - gold.start for place in found)


def overlaps(gold: Span, found: Span) -> bool:
    """Whether two spans share a code point."""
    return _shared(gold, found) > 0


def ranks(
    golds: Sequence[Sequence[Span]], passages: Sequence[Sequence[Span]]
) -> tuple[int | None, ...]:
    """For each gold quote the rank, from 1, of the first passage that hits it.

    Args:
        golds: for each quote every span of it; a hit at any of them counts.
        passages: for each passage, best first, every span of its text.
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


def facts_stated(answers: Sequence[Sequence[str]], text: str) -> float:
    """The share of required facts that a text states by one of their aliases."""
    plain = words_of(text)
    return sum(any(states(plain, alias) for alias in aliases) for aliases in answers) / len(answers)


def is_known(alias: str, language: str) -> bool:
    """Whether a reader of a language knows an alias: it may be in that language, or a name.

    Numbers, and words in Latin letters, may be in any language; an alias that is not says so in
    its case (`Case.foreign`).
    """
    return may_be(alias, language) or not _OTHER_SCRIPT.search(alias)


def without_quotations(text: str, quotes: Sequence[str], language: str | None = None) -> str:
    """An answer without its quotations from citations, which stay in their original language.

    With a `language`, only without those that are in another one.
    """
    flat = [_letters(quote) for quote in quotes]

    def kept(match: "regex.Match[str]") -> str:
        words = match["words"]
        cited = any(_letters(words) in quote for quote in flat)
        return "" if cited and not (language and may_be(words, language)) else str(match[0])

    return str(_QUOTED.sub(kept, text))


def _letters(text: str) -> str:
    return str(_NO_LETTER.sub("", text))


def obeyed(forbidden: Sequence[str], text: str) -> bool:
    """Whether a text holds forbidden words, compared like facts but as plain text."""
    plain = words_of(text)
    return any(words_of(words) in plain for words in forbidden)


def mostly_in(cited: Span, planted: Sequence[Span]) -> bool:
    """Whether more than half of a citation is planted; a genuine sentence may hold a plant too."""
    return any(2 * _shared(cited, place) > cited.end - cited.start for place in planted)


def span_overlap(golds: Sequence[Sequence[Span]], cited: Sequence[Span]) -> float:
    """F1 of the code points that are cited and those of the gold quotes, as SQuAD does by words.

    A quote with several spans counts at the one that is cited most.
    """
    gold_points = {
        point
        for gold in golds
        for point in _points(max(gold, key=lambda p: sum(max(0, _shared(p, c)) for c in cited)))
    }
    cited_points = {point for span in cited for point in _points(span)}
    return 2 * len(gold_points & cited_points) / (len(gold_points) + len(cited_points))


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
    text = nfc(without_citations(text).casefold())
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return " ".join("".join(digits).split())


def _shared(a: Span, b: Span) -> int:
    return min(a.end, b.end) - max(a.start, b.start) if a.article == b.article else 0


def _points(span: Span) -> list[tuple[str, int]]:
    return [(span.article, point) for point in range(span.start, span.end)]


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
