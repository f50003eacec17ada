"""Scope: which articles a search is kept to, by their files, titles, languages and dates."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from index.articles import roots
from index.errors import UserError
from index.text.languages import ENGLISH_NAMES
from index.text.normal_forms import composed, nfkc

if TYPE_CHECKING:
    from index.storage.catalog import Entry

# ISO 8601: a year, a month or a day.
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_SLASH = re.compile("/")
_MOST = 1000  # patterns, and letters of each
_PLACE = "./"  # begins a pattern that means one article, or one folder, whatever titles say
_MOST_GLOBS = 100  # of them, as each is compared with each article's path


class BadScope(UserError, ValueError):
    """A scope that is none, as its date or pattern means nothing, or that no article is in."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles are searched: those that every part that is set lets in.

    `only` holds patterns, one of which must fit: an article's id, a folder above it, its absolute
    path or one above it, a glob of either (`news/**/*.pdf`; without a slash, of the file's name),
    its web address or the beginning of that up to a slash, or a part of its title. One that begins
    with `./` is an id or a folder above it and nothing else, even where it holds what makes a glob:
    see `kept_to`.
    `language` is an ISO 639 code. `since` and `until` are days, months or years (ISO 8601), both
    included; an article without a date is in no such scope.
    """

    only: tuple[str, ...] = ()
    language: str = ""
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            BadScope: a date or language is none, a pattern is empty or too long, or there are
                too many.
        """
        if self.language and self.language not in ENGLISH_NAMES:
            known = ", ".join(sorted(ENGLISH_NAMES))
            raise BadScope(f"The language {self.language[:40]!a} is not known. Use one of: {known}")
        for name, date in (("since", self.since), ("until", self.until)):
            if date and not _DATE.fullmatch(date):
                raise BadScope(
                    f"{name} must be a year, a month or a day such as 2024, 2024-05 or 2024-05-31,"
                    f" not {date[:40]!a}."
                )
        if len(self.only) > _MOST or not all(0 < len(name.strip()) <= _MOST for name in self.only):
            raise BadScope(
                f"A pattern of articles has 1 to {_MOST} letters, and there are {_MOST} at most."
            )
        if (
            sum(roots.is_magic(name) for name in self.only if not name.startswith(_PLACE))
            > _MOST_GLOBS
        ):
            raise BadScope(f"There are more than {_MOST_GLOBS} globs. Name folders in their place.")

    @property
    def is_all(self) -> bool:
        """Whether every article is in it."""
        return self == EVERYTHING

    @property
    def places(self) -> tuple[str, ...]:
        """The articles and folders that it was made of by `kept_to`, among its patterns."""
        return tuple(name.removeprefix(_PLACE) for name in self.only if name.startswith(_PLACE))

    @property
    def without_places(self) -> "Scope":
        """The same, but for the patterns that are such articles and folders."""
        return replace(self, only=tuple(n for n in self.only if not n.startswith(_PLACE)))

    @property
    def fields(self) -> dict[str, Any]:
        """The parts that are set, by their names."""
        return {
            name: list(part) if isinstance(part, tuple) else part
            for name, part in asdict(self).items()
            if part
        }

    def __str__(self) -> str:
        """What it lets in, in words."""
        parts = (
            " or ".join(map(repr, self.only)),
            ENGLISH_NAMES.get(self.language, ""),
            self.since and f"since {self.since}",
            self.until and f"until {self.until}",
        )
        return ", ".join(filter(None, parts))

    def select(self, entries: "Iterable[Entry]") -> "list[Entry]":
        """The articles in it, in their order."""
        found = [
            entry
            for entry in entries
            if (not self.language or entry.language == self.language) and self._is_dated(entry.date)
        ]
        return _Patterns(self.only).fitting(found) if self.only else found

    def _is_dated(self, date: str) -> bool:
        if not (self.since or self.until):
            return True
        return bool(date) and self.since <= date and date[: len(self.until)] <= self.until


EVERYTHING = Scope()
"""All articles."""


def kept_to(places: Iterable[str]) -> Scope:
    """The scope of these alone: ids of articles, and folders above some; all articles for none.

    Raises:
        BadScope: there are too many, or one is empty or too long.
    """
    return Scope(tuple(f"{_PLACE}{place}" for place in dict.fromkeys(places)))


def scope_of(
    only: object = None, language: object = None, since: object = None, until: object = None
) -> Scope:
    """A scope as programs give it, each part of JSON's kinds; null, "" and [] are all articles.

    Raises:
        BadScope: it is none.
    """
    names = [only] if isinstance(only, str) and only else only or []
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise BadScope("only is a list of texts: paths, folders, globs or parts of titles.")
    others = language or "", since or "", until or ""
    if not all(isinstance(part, str) for part in others):
        raise BadScope("The languages and dates of a scope are texts, as hi and 2024-05-31.")
    return Scope(tuple(names), *map(str, others))


class _Patterns:
    """The patterns of a scope: a name costs a look-up, and globs are compared one by one."""

    def __init__(self, only: Iterable[str]) -> None:
        given = list(only)
        places = (name.removeprefix(_PLACE) for name in given if name.startswith(_PLACE))
        self._places = {composed(place.rstrip("/")) for place in places}
        names = [name.strip() for name in given if not name.startswith(_PLACE)]
        self._globs = [PurePosixPath(name).parts for name in names if roots.is_magic(name)]
        plain = [name for name in names if not roots.is_magic(name)]
        self._paths = {composed(name.rstrip("/")) for name in plain}
        self._titles = {nfkc(name).casefold() for name in plain}

    def fitting(self, entries: "Sequence[Entry]") -> "list[Entry]":
        """The articles that one of them means, in their order."""
        base = cache(roots.base)
        places = [
            (composed(entry.id), composed(f"{base(Path(entry.root))}/{entry.file or entry.id}"))
            for entry in entries
        ]
        addresses = [[composed(entry.address)] if entry.address else [] for entry in entries]
        fit = {
            i
            for i, entry in enumerate(entries)
            if self._names(entry.title, (*places[i], *addresses[i]))
        }
        parts = [[PurePosixPath(p).parts for p in both] for both in places if self._globs]
        for glob in self._globs:
            fit |= {i for i, both in enumerate(parts) if any(_matches(its, glob) for its in both)}
        return [entry for i, entry in enumerate(entries) if i in fit]

    def _names(self, title: str, places: tuple[str, ...]) -> bool:
        if not self._places.isdisjoint(_at_and_above(places[0])) or any(
            not self._paths.isdisjoint(_at_and_above(place)) for place in places
        ):
            return True
        folded = nfkc(title).casefold()
        return any(part in folded for part in self._titles)


def _matches(parts: tuple[str, ...], glob: tuple[str, ...]) -> bool:
    # Without a slash it is about the file's name, in whatever folder.
    return roots.fits(parts if len(glob) > 1 else parts[-1:], glob)


def _at_and_above(path: str) -> Iterator[str]:
    """A path, and the folders above it; "" is above an absolute one."""
    yield path
    yield from (path[: slash.start()] for slash in _SLASH.finditer(path))
