"""Translations: the page's texts in each of its languages; one file a language in `locales/`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import regex

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = ("en", "hi", "id", "zh")
# RFC 9110, 12.5.4: `hi-IN;q=0.9`. What cannot be read is left out.
_WANTED = regex.compile(
    r"\s*([a-z]{2,3})(?:-[a-z0-9-]*)?\s*(?:;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?\s*",
    regex.IGNORECASE,
)


@cache
def strings(code: str) -> Mapping[str, str]:
    """Every string by its name, in one of `LANGUAGES`; of another language in English."""
    name = code if code in LANGUAGES else "en"
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def pick(chosen: str | None, accepted: str | None) -> str:
    """The page's language: the one chosen, else the first accepted that there is, else English.

    Args:
        chosen: an ISO 639 code, or None.
        accepted: an Accept-Language header (RFC 9110, 12.5.4), or None.
    """
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = [
        (-float(match[2] or 1), place, match[1].lower())
        for place, part in enumerate((accepted or "")[:500].split(","))
        if (match := _WANTED.fullmatch(part))
    ]
    return next((code for weight, _, code in sorted(wanted) if weight and code in LANGUAGES), "en")


def accepted_strings(accepted: str) -> Mapping[str, str]:
    """Every string in the language of an Accept-Language header, which is the string `lang`."""
    code = pick(None, accepted)
    return {**strings(code), "lang": code}


@cache
def own_name(language: str) -> str:
    """A language's name in itself; its code when that is not known."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(language).languages.get(language)
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name) if name else language
