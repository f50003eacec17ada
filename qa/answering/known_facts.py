"""Known facts: the articles that a question means by what the catalog knows of them.

By their date, language, author or folder: "in Hindi", "since May". What they say is not looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import regex

import prompts
from index.storage.catalog import Entry
from index.text.normal_forms import nfkc
from index.text.scripts import UNSPACED
from qa.answering.asked_dates import dates_of
from qa.answering.asking import Asking
from qa.extraction.reader import Attribute, Detail, Span
from qa.text.language_names import language_name, languages_named
from qa.text.marks import clean
from qa.text.names import WORD, missing, stands_in

# Languages that part no words write a name right before others.
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{UNSPACED}]]"
# Cosines with names of languages: 12 names that CLDR lacks come to 0.55 to 0.85 with their own, and
# are 0.06 nearer to it than to others at least; of 9 other things none comes to more than 0.45.
_NEAR, _LEAD = 0.55, 0.05
_LYING: Mapping[Detail, Span | None] = {
    "date": None, "since": "since", "after": "after", "until": "until", "before": "before",
}  # fmt: skip
_HEARD = 4  # code points of a name at least that is known in another script by its sound


@dataclass(frozen=True, slots=True)
class Known:
    """The articles that a question means, in the order of their ids, and by what: `Date: 2025`."""

    entries: tuple[Entry, ...]
    by: str
    facts: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that is known of each article that is meant, and what it is in words."""

    holds: Callable[[Entry], bool]
    told: str


@dataclass(frozen=True, slots=True)
class _Search:
    """What the parts are looked for in: a question, or what of it is no topic."""

    text: str
    details: Sequence[Detail]
    entries: Sequence[Entry]
    asking: Asking


def known_facts(
    asking: Asking, entries: Sequence[Entry], details: Sequence[Detail], text: str
) -> Known | None:
    """The articles that are meant by what is known of them; None where the question names nothing.

    Args:
        asking: the question.
        entries: the articles that may be meant.
        details: what is asked for.
        text: the question, or what of it is no topic.
    """
    search = _Search(text, details, entries, asking)
    found = {name: part for name, find in _FINDERS.items() if (part := find(search))}
    if not found:
        return None
    kept = tuple(entry for entry in entries if all(part.holds(entry) for part in found.values()))
    said = (
        prompts.phrase("about_one", name, asking.language, known=part.told)
        for name, part in found.items()
    )
    return Known(kept, ", ".join(said), tuple(found))


def written_by(entries: Sequence[Entry], name: str, language: str) -> Known | None:
    """The articles of each author who is called so, by the whole name or by words of it.

    `language` is the ISO 639 code to tell it in.
    """
    wanted = set(_words(name))
    every = {author for entry in entries for author in _authors(entry)}
    named = {author for author in every if wanted and wanted <= set(_words(author))}
    if not named:
        return None
    by = _by(named)
    kept = tuple(entry for entry in entries if by.holds(entry))
    return Known(kept, prompts.phrase("about_one", "author", language, known=by.told))


def _words(name: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(nfkc(name))]


def _authors(entry: Entry) -> list[str]:
    return [name for name in entry.author.split(", ") if name]


def _date(search: _Search) -> _Part | None:
    spans = [_LYING[detail] for detail in search.details if detail in _LYING]  # likeliest first
    newest = max((entry.date for entry in search.entries), default="")
    language = search.asking.question.language
    dates = dates_of(search.text, language, spans[0], newest) if spans else None
    if dates is None:
        return None
    return _Part(lambda entry: dates.hold(entry.date), dates.told(search.asking.language))


def _language(search: _Search) -> _Part | None:
    if "language" not in search.details:
        return None
    codes = sorted(languages_named(search.text, search.asking.question.language))
    codes = codes or _nearest(search)
    names = [language_name(code, search.asking.language) for code in codes]
    return _Part(lambda entry: entry.language in codes, ", ".join(names)) if codes else None


def _nearest(search: _Search) -> list[str]:
    """The language that CLDR calls otherwise, as "Mandarin": of those that articles are in."""
    topics, readers = search.asking.topics(), (search.asking.question.language, "en")
    codes = {entry.language for entry in search.entries if entry.language}
    if not topics or not codes:
        return []
    near = {"": 0.0}
    for code in codes:
        names = {language_name(code, each) for each in (*readers, code)}
        near[code] = max(search.asking.reader.nearness(topics[0], name) for name in names)
    second, first = sorted(near.values())[-2:]
    best = max(near, key=near.__getitem__)
    return [best] if first >= _NEAR and first - second >= _LEAD else []


def _author(search: _Search) -> _Part | None:
    if "author" not in search.details:
        return None
    every = {name for entry in search.entries for name in _authors(entry)}
    named = {name for name in every if stands_in(name, search.text)}
    named = named or {name for name in every if _is_heard(name, search.text)}
    return _by(named) if named else None


def _by(names: set[str]) -> _Part:
    told = ", ".join(sorted(map(clean, names)))
    return _Part(lambda entry: not names.isdisjoint(_authors(entry)), told)


def _is_heard(name: str, text: str) -> bool:
    words = WORD.findall(name)
    return any(len(word) >= _HEARD for word in words) and not missing(words, text)


def _file(search: _Search) -> _Part | None:
    if "file" not in search.details:
        return None
    folders = {place for entry in search.entries for place in _above(entry)}
    named = {folder for folder in folders if _is_path_in(folder, search.text)}
    # "harbour/fees" is meant where both are folders: the longest alone.
    longest = {place for place in named if not any(place in other for other in named - {place})}
    named = longest or {f for f in folders if _is_path_in(PurePosixPath(f).name, search.text)}
    if not named:
        return None
    told = " ".join(clean(", ".join(f"{folder}/" for folder in sorted(named))).split())
    return _Part(lambda entry: not named.isdisjoint(_above(entry)), told)


def _above(entry: Entry) -> list[str]:
    """The folders that an article lies in, as far as its id tells."""
    return [str(above) for above in PurePosixPath(entry.id).parents if above.name]


def _is_path_in(path: str, text: str) -> bool:
    whole = rf"(?<!{_LETTER}){regex.escape(path)}(?!{_LETTER})"
    return bool(regex.search(whole, text, regex.IGNORECASE | regex.V1))


_FINDERS: Mapping[Attribute, Callable[[_Search], _Part | None]] = {
    "author": _author,
    "date": _date,
    "language": _language,
    "file": _file,
}
