"""Measures: whether a unit follows a number, as in 2.2 kg; by CLDR, through babel. Pure."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Literal

import regex

if TYPE_CHECKING:
    from babel import Locale

# Short for years, ems and inches, and words of many languages, too; knots, and sections.
_WORDS_TOO = ("a", "em", "in", "节")
_NUMBERS = 1, 2, 5, 1.5  # the plurals of CLDR's languages
_DIGITS = regex.compile(r"\d(?:\P{L}\d)?")


def is_measured(text: str, end: int, language: str) -> bool:
    """Whether a unit follows the number that ends at a place, in a language of CLDR or in English.

    Args:
        text: any text.
        end: the place, in code points.
        language: of the text (ISO 639).
    """
    codes = dict.fromkeys((language, "en", "en_GB"))
    return any(pattern.match(text, end) for code in codes if (pattern := _units(code)))


@cache
def _units(language: str) -> "regex.Pattern[str] | None":
    """What matches the words that CLDR puts behind numbers, the longest first."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None
    words = sorted(set(_written(locale)), key=len, reverse=True)
    either = "|".join(map(regex.escape, words))
    ends = r"(?<=\p{Han})|(?:(?<=\p{L}{4})\p{L}{0,2})?(?![\p{L}\p{M}])"  # "von 2,2 Metern"
    return regex.compile(rf"\s*(?:{either})(?:{ends})")


def _written(locale: "Locale") -> Iterator[str]:
    from babel.units import UnknownUnitError, format_unit

    lengths: tuple[Literal["long", "short"], ...] = ("long", "short")
    for unit, length, number in product(locale.unit_display_names, lengths, _NUMBERS):
        with suppress(UnknownUnitError):
            whole = format_unit(number, str(unit), length, locale=locale)
            begin = _DIGITS.search(whole)
            word = whole[begin.end() :].strip() if begin else ""
            if word and word not in _WORDS_TOO:
                yield word
