"""Months: how each is written, and which a text names: by word or in digits. Pure.

By CLDR, through babel, and by the spellings of it that people write beside CLDR's.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

from index.text.scripts import UNSPACED
from qa.text.numbers import folded

# Months that are written in several ways: फ़रवरी without its dot, सितम्बर, अक्तूबर.
_SPELLINGS = (("\u093c", ""), ("म्ब", "ंब"), ("अक्तूबर", "अक्टूबर"))
# Second names that CLDR lacks.
_SECOND_NAMES = {
    "es": {"septiembre": "setiembre"},
    "id": {"Februari": "Pebruari", "November": "Nopember"},
}
# Languages whose abbreviations are no words of others; Spanish ones are: "ago" (August), "mar".
_TOLD_WHEN_SHORT = ("en", "zh")
# Languages in which a month by itself differs from one in a date (январь, января). In others
# babel may give the names of whichever language was read before.
_STAND_ALONE = frozenset(["cs", "el", "fi", "pl", "ru", "uk"])
# Cases of Russian months beside those of CLDR: в январе, в мае.
_CASES = {"а": "(?:а|е|у|ом)", "я": "(?:я|е|ю|ем|ём)"}
# What Hebrew and Arabic write at the front of a word: in, and, from, to, the.
_PREFIXES = {"he": "[בלמוהשכ]?", "ar": "[وبلف]?"}
# Languages that part no words: a Latin name may stand right before a month (ChatGPT六月).
_LETTER = rf"[[\p{{L}}\p{{M}}]--[{UNSPACED}]]"
# Abbreviations are words, too ("mar" is Spanish for sea): only beside a number, or before a full
# stop that ends no sentence.
_AFTER_DIGIT = r"(?<=(?<!\d)\d{1,2}[\s.\-/]{0,2}|\d{4}[\s.\-/]{1,2})"
_BEFORE_DIGIT = r"(?=[.॰]?,?[\s\-/]?\d|[.॰]\s?(?-i:\p{Ll}))"
_SHORTEST = 3
# "May I ask", but "in May I asked".
_NO_MAY = r"(?!(?<!\p{Ll}\s)May\s(?:I|we|be)\b)"

_IN_DIGITS = regex.compile(
    r"(?<!\d)(?P<month>\d{1,2})\s?[月월]|(?<!\p{L})(?:tháng|thg)\s?(?P<month>\d{1,2})(?!\d)"
    r"|(?<![\d/.-])\d{4}(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)\d{1,2}(?![\d/-])",
    regex.IGNORECASE,
)
_DATE = regex.compile(
    r"(?<![\d/.-])(?P<first>\d{1,2})(?P<mark>[-/.])(?P<middle>\d{1,2})(?P=mark)\d{4}(?![\d/-])"
)


def spellings(language: str) -> dict[int, list[str]]:
    """The ways in which a language of CLDR writes each month, 1 to 12, with the usual one first.

    Abbreviations are among them only where they are no words of another language.
    """
    from babel import Locale

    names = Locale.parse(language).months["format"]
    return {
        number: list(dict.fromkeys(_written(names, number, language))) for number in range(1, 13)
    }


def months(text: str, language: str) -> frozenset[int]:
    """The months that a text names, 1 to 12; as CLDR writes them in that language or in English.

    Of `29/06/2023` and `2023-06-29` the middle is the month, or where it cannot be, the first.
    """
    named = {number for number, _ in _named(text, language)}
    return frozenset(named | {int(text[start:end]) for start, end in in_digits(text)})


def month_words(text: str, language: str) -> frozenset[str]:
    """The words, folded, by which a text names months."""
    return frozenset(folded(word) for _, word in _named(text, language))


def in_digits(text: str) -> list[tuple[int, int]]:
    """Where digits say a month, as half-open ranges: `5月`, `tháng 5`, `2023-05-29`."""
    found = [match.span("month") for match in _IN_DIGITS.finditer(text)]
    for match in _DATE.finditer(text):
        found.append(match.span("middle" if 1 <= int(match["middle"]) <= 12 else "first"))
    return sorted((start, end) for start, end in found if 1 <= int(text[start:end]) <= 12)


def _named(text: str, language: str) -> Iterator[tuple[int, str]]:
    plain = _spelled(text)
    for pattern in (_pattern(language), _pattern("en")):
        for match in pattern.finditer(plain) if pattern else ():
            yield int(str(match.lastgroup)[1:]), match[0]


@cache
def _pattern(language: str) -> "regex.Pattern[str] | None":
    """A pattern with one group a month, `m1` to `m12`."""
    from babel import Locale, UnknownLocaleError

    try:
        calendar = Locale.parse(language).months
    except (UnknownLocaleError, ValueError):
        return None
    contexts = ("format", "stand-alone") if language in _STAND_ALONE else ("format",)
    forms = {n: "|".join(_forms(calendar, contexts, n, language)) for n in range(1, 13)}
    ways = "|".join(f"(?P<m{number}>{form})" for number, form in forms.items() if form)
    if not ways:
        return None
    begin = rf"(?:(?<!{_LETTER}){_PREFIXES.get(language, '')}|(?=\p{{Han}}))"
    end = rf"(?:(?!{_LETTER})|(?<=\p{{Han}}))"
    # In English case counts: "may" and "march" are words too.
    flags = regex.VERSION1 if language == "en" else regex.VERSION1 | regex.IGNORECASE
    may = _NO_MAY if language == "en" else ""
    return regex.compile(rf"{begin}{may}(?:{ways}){end}", flags)


def _forms(calendar: Any, contexts: tuple[str, ...], number: int, language: str) -> Iterator[str]:
    """Patterns of a month's names, whole ones first."""
    for context in contexts:
        for name in _names(calendar[context], number, language):
            if not regex.search(r"\d", name):  # digits are read for all languages alike
                yield regex.escape(name)
                if language == "ru" and name[-1] in _CASES:
                    yield regex.escape(name[:-1]) + _CASES[name[-1]]
    for short in _short_names(calendar["format"], number):
        if len(short) >= _SHORTEST and not regex.search(r"\d", short):
            yield f"{_AFTER_DIGIT}{regex.escape(short)}"
            yield f"{regex.escape(short)}{_BEFORE_DIGIT}"


def _written(names: Any, number: int, language: str) -> Iterator[str]:
    for name in _names(names, number, language):
        yield name
        for spelling, usual in _SPELLINGS:
            if usual and usual in name:
                yield name.replace(usual, spelling)
    yield names["wide"][number]
    if language in _TOLD_WHEN_SHORT:
        yield from _short_names(names, number)


def _names(names: Any, number: int, language: str) -> list[str]:
    """A month's whole names, as `_spelled` has them."""
    name = _spelled(names["wide"][number])
    second = _SECOND_NAMES.get(language, {}).get(name)
    return [name, second] if second else [name]


def _short_names(names: Any, number: int) -> list[str]:
    short = _spelled(names["abbreviated"][number]).rstrip(".॰׳")
    return [short, "Sept"] if short == "Sep" else [short]


def _spelled(text: str) -> str:
    for spelling, usual in _SPELLINGS:
        text = text.replace(spelling, usual)
    return text
