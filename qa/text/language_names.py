"""Language names: what a language is called in another, and which a text names, by CLDR."""

from functools import cache

from index.text.languages import ENGLISH_NAMES
from qa.text.names import stands_in


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


def languages_named(text: str, reader: str) -> list[str]:
    """The languages that a text in the reader's language names: ISO 639 codes.

    By their names in it, in English or in themselves, as they are heard: हिन्दी is हिंदी.
    """
    return [code for code in ENGLISH_NAMES if _is_named(code, text, reader)]


def _is_named(code: str, text: str, reader: str) -> bool:
    return any(stands_in(language_name(code, each), text) for each in (reader, "en", code))
