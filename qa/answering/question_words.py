"""Question words: the words of a question, and the part of speech of each, as it is used. Pure.

By the tables of `prompts/followups.toml` and the months of its languages, of all languages at once:
people mix them, and short questions do not tell theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

import prompts
from index.text.normal_forms import nfc
from qa.text.months import spellings

Kind = Literal[
    "elliptic", "opens", "asks", "personal", "light", "links",
    "month", "year", "number", "name", "other",
]  # fmt: skip
# A word of several kinds is of the first of them.
LISTED: tuple[Kind, ...] = ("elliptic", "opens", "asks", "personal", "light", "links")

HAN = regex.compile(r"\p{Han}")
# Only scripts that have capitals show a name; in a text of another one, names stand out as well.
_CASED = r"[\p{Lu}\p{Ll}\p{Lt}\p{Mn}\p{Nd}]"
_CAPITAL = rf"\p{{Lu}}{_CASED}*(?:[-.&]{_CASED}+|['’](?!s\b)\p{{L}}+)*"
_NAME = rf"(?:{_CAPITAL}|\p{{Ll}}\p{{Lu}}{_CASED}+)(?:\s+(?:(?:of|the|de|del|bin)\s+)?{_CAPITAL})*"
# No title is longer; a mark that is never closed must not cost time squared.
_QUOTED = r"《[^》]{1,99}》|“[^”]{1,99}”|「[^」]{1,99}」|\"[^\"]{1,99}\""
_WORD = r"\p{Han}|[^\W\p{Han}]+(?:[-'’.][^\W\p{Han}]+)*"


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or several that belong together, at the code points [start, end) of a text."""

    text: str
    kind: Kind
    start: int
    end: int

    @property
    def folded(self) -> str:
        """As the tables write it."""
        return self.text.casefold()


def parse(text: str) -> list[Word]:
    """The words of a text; Chinese that is in no table comes letter by letter."""
    return list(_scan(text))


def listed(kind: str, *codes: str) -> frozenset[str]:
    """The words of one kind, in these languages, or in all."""
    return _listed(kind, codes)


def spoken_in(word: str) -> frozenset[str]:
    """The languages whose tables hold a word."""
    return frozenset(
        code for code in _languages() if any(word in _listed(k, (code,)) for k in LISTED)
    )


def matches(text: str, kind: str) -> bool:
    """Whether a pattern of this kind is found in `text`, which is in lower case."""
    return any(pattern.search(text) for pattern in _patterns(kind))


def month(word: str) -> dict[str, int]:
    """In which languages a word names a month, and which it is there, 1 to 12."""
    return _months().get(word.casefold(), {})


def month_name(code: str, number: int, typed: str) -> str:
    """A month's name in a language: as typed, if that is a spelling of it."""
    written = spellings(code)[number]
    return next((name for name in written if name.casefold() == typed.casefold()), written[0])


@cache
def _scanner() -> regex.Pattern[str]:
    known = sorted({*_kinds(), *_months()}, key=len, reverse=True)
    han = "|".join(regex.escape(word) for word in known if HAN.search(word))
    spaced = "|".join(regex.escape(word) for word in known if not HAN.search(word))
    # "Total Energies" within a question is a name, not the word "total".
    no_name = r"(?!(?<=\w\s)(?-i:\p{Lu}\p{Ll}+\s\p{Lu}))"
    known_word = rf"{no_name}(?:{spaced})(?![\p{{L}}\p{{M}}\p{{N}}]|[-'’.]\w|\.\s)"
    return regex.compile(
        rf"(?P<quoted>{_QUOTED})|(?P<known>(?<!\d)(?:{han})|(?<![\w])(?i:{known_word}))"
        rf"|(?P<name>(?<!\w){_NAME})|(?P<digits>\d+(?:[.,]\d+)*)|(?P<word>{_WORD})"
    )


def _scan(text: str) -> Iterator[Word]:
    begun = True
    for match in _scanner().finditer(text):
        kind = _kind(match, begun)
        begun = begun and kind == "opens"
        yield Word(match[0], kind, match.start(), match.end())


def _kind(match: regex.Match[str], begun: bool) -> Kind:
    if match["quoted"] or match["name"]:
        return "name"
    if match["digits"]:
        plain = match[0].isdecimal() and len(match[0]) == 4
        return "year" if plain and 1500 <= int(match[0]) < 2100 else "number"
    if match["word"]:
        return "other"
    word = match[0].casefold()
    if word in _months():
        return "month"
    kinds = [kind for kind in _kinds()[word] if begun or kind != "opens"]
    return kinds[0] if kinds else "links"


@cache
def _kinds() -> dict[str, list[Kind]]:
    """Kinds of each known word; as an opener it counts only where a question begins."""
    found: dict[str, list[Kind]] = {}
    for kind in LISTED:
        for word in listed(kind):
            found.setdefault(word, []).append(kind)
    return found


@cache
def _months() -> dict[str, dict[str, int]]:
    """Each name of a month: in which languages it is one, and which it is there, 1 to 12."""
    found: dict[str, dict[str, int]] = {}
    for code in _languages():
        for number, names in spellings(code).items():
            for name in names:
                found.setdefault(_folded(name), {})[code] = number
    return found


def _languages() -> list[str]:
    return list(prompts.table("followups"))


@cache
def _listed(kind: str, codes: tuple[str, ...]) -> frozenset[str]:
    tables = prompts.table("followups")
    lists = (tables[code].get(kind, []) for code in codes or tables)
    return frozenset(_folded(word) for words in lists for word in words)


@cache
def _patterns(kind: str) -> list[regex.Pattern[str]]:
    tables = prompts.table("followups").values()
    written = (pattern for table in tables for pattern in table.get(kind, []))
    return [regex.compile(nfc(pattern)) for pattern in written]


def _folded(word: str) -> str:
    return nfc(word).casefold()
