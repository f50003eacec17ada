"""Facts: what a sentence states that can be looked up word by word: numbers, months, names. Pure.

A sentence that is near in meaning may still state another amount, another month, another company;
an embedding hardly tells. So each of these must stand in the words that prove a sentence.
"""

from dataclasses import dataclass
from functools import cache

import regex

from qa.names import names
from qa.numbers import Number, folded, numbers

# What stands at a number and says what is counted. Two amounts of different units never agree;
# a number that names none agrees with any.
_UNITS = {
    "%": "% ％ ٪ percent per\\scent persen प्रतिशत फ़ीसदी फीसदी por\\sciento prozent pour\\scent"
    " процентов процента процент phần\\străm",
    "USD": "$ US$ USD US\\sdollars US\\sdollar dollar dollars dolar dólar dólares डॉलर डालर 美元"
    " 美金 ドル 달러 دولار долларов",
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
_NEAR = 16  # code points before a number that may hold its unit
_MONTH_SIGN = regex.compile(r"\s?[月월]")  # 5月 is May, not five
# Months that are written in several ways: फ़रवरी without its dot, सितम्बर, अक्तूबर.
_SPELLINGS = (("\u093c", ""), ("म्ब", "ंब"), ("अक्तूबर", "अक्टूबर"))


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
    found = [
        Amount(number, _unit(text, number))
        for number in numbers(text)
        if not _MONTH_SIGN.match(text, number.end)
    ]
    called = (name for name in names(_MONEY.sub("", text)) if folded(name) not in _UNIT_OF)
    pattern, _ = _months(language)
    unnamed = [name for name in called if not (pattern and pattern.fullmatch(_spelled(name)))]
    return Facts(tuple(found), months(text, language), tuple(unnamed))


def same(a: Amount, b: Amount) -> bool:
    """Whether two may be the same amount of the same thing."""
    return a.number.same(b.number) and (None in (a.unit, b.unit) or a.unit == b.unit)


def _unit(text: str, number: Number) -> str | None:
    after = _AFTER.match(text, number.end)
    if after:
        return _UNIT_OF[folded(after["unit"])]
    before = _BEFORE.search(text, max(0, number.start - _NEAR), number.start)
    if not before:
        return None
    return "%" if before["percent"] else _UNIT_OF[folded(before["unit"])]


def months(text: str, language: str) -> frozenset[int]:
    """The months that a text names, 1 to 12; as CLDR writes them in that language."""
    pattern, of = _months(language)
    if pattern is None:
        return frozenset()
    plain = _spelled(text)
    found = {of[folded(match[0])] for match in pattern.finditer(plain)}
    digits = regex.findall(r"(?<!\d)(\d{1,2})\s?[月월]", plain)
    return frozenset(found | {int(d) for d in digits if 1 <= int(d) <= 12})


@cache
def _months(language: str) -> tuple["regex.Pattern[str] | None", dict[str, int]]:
    from babel import Locale, UnknownLocaleError

    try:
        named = Locale.parse(language).months["format"]["wide"]
    except (UnknownLocaleError, ValueError, KeyError):
        return None, {}
    of = {folded(_spelled(name)): number for number, name in named.items()}
    words = "|".join(
        sorted(map(regex.escape, map(_spelled, named.values())), key=len, reverse=True)
    )
    # Chinese parts no words, and a Latin name may stand right before a month (ChatGPT六月).
    letter = r"[\p{Latin}\p{Cyrillic}\p{Devanagari}\p{M}]"
    begin = rf"(?:(?<!{letter})|(?=\p{{Han}}))"
    # In English case counts: "may" and "march" are words too.
    flags = 0 if language == "en" else regex.IGNORECASE
    return regex.compile(rf"{begin}(?:{words})(?!{letter})", flags), of


def _spelled(text: str) -> str:
    for spelling, usual in _SPELLINGS:
        text = text.replace(spelling, usual)
    return text
