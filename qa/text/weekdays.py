"""Weekdays: which a text names, by word; as CLDR writes them, through babel. Pure."""

from functools import cache

import regex

from qa.text.numbers import folded


def weekdays(text: str, language: str) -> frozenset[int]:
    """The weekdays that a text names in a language of CLDR or in English, 0 (Monday) to 6.

    A word may have an ending: Saturdays, sábados, samstags.
    """
    plain = folded(text)
    return frozenset(
        day
        for code in dict.fromkeys((language, "en"))
        for day, pattern in _patterns(code)
        if pattern.search(plain)
    )


@cache
def _patterns(language: str) -> list[tuple[int, "regex.Pattern[str]"]]:
    from babel import Locale, UnknownLocaleError

    try:
        named = Locale.parse(language).days
    except (UnknownLocaleError, ValueError):
        return []
    begin = r"(?<![[\p{L}\p{M}]--\p{Han}])"
    return [
        (day, regex.compile(begin + regex.escape(folded(name)), regex.VERSION1))
        for day, name in named["format"]["wide"].items()
    ]
