"""Language names: what a language is called in another, by Unicode's CLDR."""

from functools import cache


@cache
def language_name(language: str, reader: str) -> str:
    """A language's name in the reader's language, else in English, else its code.

    Both are ISO 639 codes.
    """
    from babel import Locale, UnknownLocaleError

    for code in (reader, "en"):
        try:
            name = Locale.parse(code).languages.get(language)
        except (UnknownLocaleError, ValueError):
            continue
        if name:
            return str(name)
    return language
