"""Language names: what languages are called, and which a text names, by Unicode's CLDR."""

from functools import cache

import regex

from index.text.languages import ENGLISH_NAMES
from index.text.normal_forms import nfc, nfd
from index.text.scripts import UNSPACED

# One name is written with signs and without: "inglés" and "ingles", "अंग्रेज़ी" and "अंग्रेजी".
_SIGNS = regex.compile("[\u0300-\u036f\u093c]")
# A nasal before another consonant of Devanagari may be a letter or a dot: "हिन्दी" and "हिंदी".
_NASAL = regex.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])|\u0901")
_UNSPACED = regex.compile(f"[{UNSPACED}]")
# "inglés", "inglesa": an ending of a name of so many letters, and its longest.
_INFLECTED, _ENDING = 5, 2


@cache
def language_name(language: str, reader: str) -> str:
    """A language's name in the reader's language, else in English, else its code.

    Both are ISO 639 codes.
    """
    for code in (reader, "en"):
        if name := _names(code).get(language):
            return name
    return language


def languages_named(text: str, *readers: str) -> frozenset[str]:
    """The languages that a text names in one of the readers' languages or in English.

    ISO 639 codes, of languages that articles are told to be in.
    """
    folded = _folded(text)
    patterns = [pair for reader in {*readers, "en"} for pair in _patterns(reader)]
    return frozenset(code for code, pattern in patterns if pattern.search(folded))


@cache
def _names(reader: str) -> dict[str, str]:
    """The name of each language in the reader's; none where CLDR does not know it."""
    from babel import Locale, UnknownLocaleError

    try:
        return {code: str(name) for code, name in Locale.parse(reader).languages.items() if name}
    except (UnknownLocaleError, ValueError):
        return {}


@cache
def _patterns(reader: str) -> list[tuple[str, regex.Pattern[str]]]:
    names = _names(reader)
    return [(code, _pattern(_folded(names[code]))) for code in ENGLISH_NAMES if code in names]


def _pattern(name: str) -> regex.Pattern[str]:
    """Of a name that is folded, as a word of its own where its script parts words."""
    if _UNSPACED.search(name):
        # "英语" and "英文"
        return regex.compile(f"{regex.escape(name[:-1])}[语文]" if name[-1] in "语文" else name)
    ending = rf"\p{{L}}{{0,{_ENDING}}}" if len(name) >= _INFLECTED else ""
    return regex.compile(rf"(?<![\p{{L}}\p{{M}}]){regex.escape(name)}{ending}(?![\p{{L}}\p{{M}}])")


def _folded(text: str) -> str:
    plain = _SIGNS.sub("", nfd(text.casefold()))
    return str(_NASAL.sub("\u0902", nfc(plain)))
