"""Facts: what a sentence states that can be looked up word by word: numbers, months, names. Pure.

A sentence that is near in meaning may still state another amount, another month, another company;
an embedding hardly tells. So each of these must stand in the words that prove a sentence.
"""

from dataclasses import dataclass, replace

import regex

from index.text.languages import detect
from index.text.scripts import UNSPACED
from qa.question import Question
from qa.text.months import in_digits, month_words, months
from qa.text.names import names
from qa.text.numbers import Number, folded, numbers

# What stands at a number and says what is counted. Two amounts of different units never agree;
# a number that names none agrees with any.
_UNITS = {
    "%": "% ％ ٪ percent per\\scent persen प्रतिशत फ़ीसदी फीसदी por\\sciento prozent pour\\scent"
    " процентов процента процент phần\\străm",
    "USD": "$ US$ USD US\\sdollars US\\sdollar dollar dollars dolar\\sAS dolar dólar dólares डॉलर"
    " डालर 美元 美金 ドル 달러 دولار долларов",
    "CNY": "CNY RMB yuan yuanes renminbi युआन रॅन्मिन्बी 人民币 元 위안 юаней",
    "EUR": "€ EUR euro euros यूरो 欧元 ユーロ 유로",
    "GBP": "£ GBP pound pounds libra libras पाउंड 英镑",
    "INR": "₹ INR Rs rupee rupees rupia rupias रुपये रुपए रुपया 卢比",
    "IDR": "Rp IDR rupiah रुपिया 印尼盾",
    "JPY": "JPY yen येन 日元 円",
}
_UNIT_OF = {
    word.replace("\\s", " ").casefold(): unit
    for unit, words in _UNITS.items()
    for word in words.split()
}
_WORDS = "|".join(sorted((regex.escape(word) for word in _UNIT_OF), key=len, reverse=True))
_AFTER = regex.compile(
    rf"\s*(?:de\s+)?(?<unit>{_WORDS})(?:(?<=[^\p{{Latin}}])|(?!\p{{L}}))", regex.IGNORECASE
)
_BEFORE = regex.compile(
    rf"(?:(?<!\p{{L}})(?<unit>{_WORDS})\.?\s*|(?<percent>百分之))\Z", regex.IGNORECASE
)
# `US$` and `Rp5` are no names.
_MONEY = regex.compile(rf"(?<!\p{{L}})(?:{_WORDS})\.?\s*(?=\d)", regex.IGNORECASE)
_ANYWHERE = regex.compile(rf"(?<!\p{{Latin}})(?:{_WORDS})(?!\p{{Latin}})", regex.IGNORECASE)
_NEAR = 16  # code points before a number that may hold its unit
# Up to here a number that counts nothing named may be a wording: the top 3 reasons, 2 founders.
_LARGEST_WORDING = 10
# "Covid-19", "21st"; what scripts without spaces, and Korean, write at a number is no part of it.
_GLUE = rf"[[\p{{L}}\p{{M}}]--[{UNSPACED}\p{{Hangul}}]]"
_GLUED_BEFORE = regex.compile(rf"{_GLUE}[-–]?\Z", regex.VERSION1)
_GLUED_AFTER = regex.compile(_GLUE, regex.VERSION1)
_YEAR = regex.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and what it counts: `%`, an ISO 4217 code, or None when the text does not say."""

    number: Number
    unit: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text states that can be looked up. `months` are 1 to 12."""

    amounts: tuple[Amount, ...]
    months: frozenset[int]
    names: tuple[str, ...]


def facts(text: str, language: str) -> Facts:
    """The numbers with their units, months and names of a text in a language (ISO 639)."""
    taken = {start for start, _ in in_digits(text)}  # 5月 is May, not five
    found = [
        Amount(number, _unit(text, number)) for number in numbers(text) if number.start not in taken
    ]
    said = month_words(text, language)
    called = (
        name for name in names(_MONEY.sub("", text), language) if folded(name) not in _UNIT_OF
    )
    unnamed = [name for name in called if folded(name) not in said]
    return Facts(tuple(found), months(text, language), tuple(unnamed))


def required(question: str, language: str) -> Facts:
    """The facts of a question without which a text does not answer it.

    Small numbers that count nothing named ("top 3 reasons") and digits of a word ("Covid-19",
    "21st") are left out: a text may tell three reasons without saying so.
    """
    asked = facts(question, language)
    amounts = tuple(amount for amount in asked.amounts if not _is_wording(question, amount))
    return replace(asked, amounts=amounts)


def _is_wording(text: str, amount: Amount) -> bool:
    start, end = amount.number.start, amount.number.end
    if amount.unit or _YEAR.fullmatch(text, start, end):
        return False
    if all(value <= _LARGEST_WORDING and value.is_integer() for value in amount.number.values):
        return True
    return bool(
        _GLUED_BEFORE.search(text, max(0, start - 2), start) or _GLUED_AFTER.match(text, end)
    )


def lacks_required_facts(question: Question, text: str) -> bool:
    """Whether the question names a number or a month that a text does not hold.

    Who asks for June is not answered by May.
    """
    held = facts(text, detect(text))
    asked = required(question.text, question.language)
    return any(not holds(held, fact) for fact in looked_up(asked))


def looked_up(stated: Facts) -> list[Amount | int]:
    """The facts that must stand in a proof: amounts, and months as numbers."""
    return [*stated.amounts, *sorted(stated.months)]


def holds(held: Facts, fact: Amount | int) -> bool:
    """Whether an amount or a month is among the facts of a text."""
    if isinstance(fact, int):
        return fact in held.months
    return any(same(fact, other) for other in held.amounts)


def same(a: Amount, b: Amount) -> bool:
    """Whether two may be the same amount of the same thing."""
    return a.number.same(b.number) and (None in (a.unit, b.unit) or a.unit == b.unit)


def invented_units(stated: Facts, text: str) -> frozenset[str]:
    """The units of amounts that a text names nowhere: dollars, of a table of bare numbers."""
    named = {_UNIT_OF[folded(match[0])] for match in _ANYWHERE.finditer(text)}
    return frozenset(a.unit for a in stated.amounts if a.unit and a.unit not in named)


def _unit(text: str, number: Number) -> str | None:
    after = _AFTER.match(text, number.end)
    if after:
        return _UNIT_OF[folded(after["unit"])]
    before = _BEFORE.search(text, max(0, number.start - _NEAR), number.start)
    if not before:
        return None
    return "%" if before["percent"] else _UNIT_OF[folded(before["unit"])]
