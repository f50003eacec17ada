"""Wanted: what a question asks for (a number, a date, several things), and what gives it. Pure.

"How many parameters has it?" is not answered by a sentence without a number, nor by one whose only
numbers are the question's own. By the tables of `prompts/wanted.toml` and `prompts/numerals.toml`;
in a language without a table nothing is wanted.
"""

import unicodedata
from functools import cache
from typing import Literal

import regex

import prompts
from index.languages import detect
from qa.facts import Amount, facts, same

Kind = Literal["number", "date", "age", "percent", "several"]
# What counts years, in the languages of the tables, and a number before it.
_AGE = regex.compile(
    r"\p{Nd}[ -]?(?:tahun|years?|año|साल|वर्ष|बरस|岁|歲|jahre|ans\b|anos)|\b(?:berusia|aged)\b"
)


def wants(question: str, kind: Kind) -> bool:
    """Whether only this kind of thing answers a question."""
    patterns = _patterns(detect(question), kind)
    return any(pattern.search(question.casefold()) for pattern in patterns)


def gives(claim: str, question: str, source: str) -> bool:
    """Whether a claim gives the number or date that a question wants; True when it wants none.

    The question's own numbers do not count, and `source`, in whatever language, must hold it.
    """
    if wants(question, "date"):
        return _gives_date(claim, question, source)
    if wants(question, "age") and not _AGE.search(claim.casefold()):
        return False
    if wants(question, "percent"):
        percents = (amount.unit == "%" for amount in facts(claim, detect(claim)).amounts)
        return any(percents) and _gives_number(claim, question, source)
    return not wants(question, "number") or _gives_number(claim, question, source)


def _gives_date(claim: str, question: str, source: str) -> bool:
    stated, asked, held = (facts(text, detect(text)) for text in (claim, question, source))
    if (stated.months - asked.months) & held.months:
        return True
    # Not in words: "for two years" is no date, "in the 3rd millennium" may be one.
    own = (amount for amount in stated.amounts if not _is_in(amount, asked.amounts))
    return any(_is_in(amount, held.amounts) for amount in own)


def _gives_number(claim: str, question: str, source: str) -> bool:
    stated, asked, held = (facts(text, detect(text)) for text in (claim, question, source))
    own = [amount for amount in stated.amounts if not _is_in(amount, asked.amounts)]
    if any(_is_in(amount, held.amounts) for amount in own):
        return True
    said = {value for amount in own for value in amount.number.values} | in_words(claim)
    known = {value for amount in held.amounts for value in amount.number.values} | in_words(source)
    months = (stated.months - asked.months) & held.months
    return bool(months) or bool((said - in_words(question)) & known)


def in_words(text: str) -> frozenset[float]:
    """The numbers that a text says in words, of any language of the table."""
    plain = text.casefold()
    return frozenset(value for pattern, value in _numerals() if pattern.search(plain))


def _is_in(amount: Amount, others: tuple[Amount, ...]) -> bool:
    return any(same(amount, other) for other in others)


@cache
def _patterns(language: str, kind: Kind) -> list[regex.Pattern[str]]:
    table = prompts.table("wanted").get(language, {})
    written = (unicodedata.normalize("NFC", pattern) for pattern in table.get(kind, []))
    return [regex.compile(pattern) for pattern in written]


@cache
def _numerals() -> list[tuple[regex.Pattern[str], float]]:
    words: dict[float, list[str]] = {}
    for table in prompts.table("numerals").values():
        for value, spellings in table.items():
            words.setdefault(float(value), []).extend(map(regex.escape, spellings.split("|")))
    # A Chinese word may stand anywhere; others are whole words.
    letter = r"[[\p{L}\p{M}\p{N}]--\p{Han}]"
    return [
        (regex.compile(rf"(?<!{letter})(?:{'|'.join(spelt)})(?!{letter})", regex.VERSION1), value)
        for value, spelt in words.items()
    ]
