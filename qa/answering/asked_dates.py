"""Asked dates: the days, months and years that a question names, and which dates they mean. Pure.

Months are read in every language of the questions, years and days in digits. Nothing here knows
what day it is: "in March" is in March of any year, and "since March" since the last one of which
there is an article.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from qa.answering.question_words import Word, month, parse
from qa.extraction.reader import Span
from qa.text.months import in_digits, spellings

_NEAR = 4  # code points between a day and its month at most: "11 de marzo"
_MONTH_ON = slice(len("2025-"), None)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a question names it, or a month, or a year: 0 for each part that it leaves out."""

    year: int = 0
    month: int = 0
    day: int = 0

    @property
    def iso(self) -> str:
        """In ISO 8601, as far as it is named: `2025`, `2025-03`, `2025-03-11`."""
        parts = (self.month and f"{self.month:02}", self.day and f"{self.day:02}")
        return "-".join([f"{self.year:04}", *filter(None, map(str, filter(None, parts)))])


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates from `since` to `until`, both included, as far as each is set, in ISO 8601.

    Where `of_year` is set they are those whose month, or month and day, is that, of any year.
    """

    since: str = ""
    until: str = ""
    of_year: str = ""

    def hold(self, date: str) -> bool:
        """Whether a date is among them; one that is not known is not."""
        if self.of_year:
            return date[_MONTH_ON].startswith(self.of_year)
        return bool(date) and self.since <= date and date[: len(self.until)] <= self.until

    def told(self, language: str) -> str:
        """As a range, to readers of a language: `2025`, `2025-03 –`, `2024 – 2025`, `March`."""
        if self.of_year:
            number, _, day = self.of_year.partition("-")
            return f"{day} {spellings(language)[int(number)][0]}".strip()
        alone = self.since == self.until
        return self.since if alone else f"{self.since} – {self.until}".strip()


def dates_of(text: str, language: str, span: Span | None, newest: str) -> Dates | None:
    """The dates that a question asks for; None where it names none.

    Two that it names are the ends of them.

    Args:
        text: the question, or a part of it.
        language: ISO 639 code of it, for months that two languages write alike.
        span: where they lie from the one that it names; None if there.
        newest: the last date that there is, in ISO 8601.
    """
    named = list(_named(text, language))
    if not named:
        return None
    knows_years = bool(named[0].year or newest)
    if len(named) > 1 and knows_years:
        first, last = sorted(_with_year(day, newest).iso for day in named[:2])
        return Dates(first, last)
    if not (named[0].year or (span and knows_years)):
        return Dates(of_year=named[0].iso[_MONTH_ON])
    return _lying(_with_year(named[0], newest), span)


def is_date(text: str) -> bool:
    """Whether a text names a date and says nothing else."""
    kinds = {word.kind for word in parse(text)}
    return bool(kinds) and kinds <= {"month", "year", "number", "links"}


def _lying(day: Day, span: Span | None) -> Dates:
    match span:
        case "since" | "after":
            return Dates(since=(_moved(day, 1) if span == "after" else day).iso)
        case "until" | "before":
            return Dates(until=(_moved(day, -1) if span == "before" else day).iso)
        case None:
            return Dates(day.iso, day.iso)


def _moved(day: Day, by: int) -> Day:
    """So many days later, or months of a month, or years of a year."""
    if day.day:
        last = min(day.day, monthrange(day.year, day.month)[1])
        moved = date(day.year, day.month, last) + timedelta(days=by)
        return Day(moved.year, moved.month, moved.day)
    if day.month:
        months = 12 * day.year + day.month - 1 + by
        return Day(months // 12, months % 12 + 1)
    return Day(day.year + by)


def _with_year(day: Day, newest: str) -> Day:
    """A day without its year is the last one that is not after the last date of all."""
    if day.year or not newest:
        return day
    last = int(newest[:4])
    this = replace(day, year=last)
    return this if this.iso <= newest else replace(day, year=last - 1)


def _named(text: str, language: str) -> Iterator[Day]:
    """Each day, month or year of a text, in order; one takes its year from the one beside it."""
    found = [day for day in _read(text, language) if day != Day()]
    years = [day.year for day in found if day.year]
    for day in found:
        yield day if day.year or not years else replace(day, year=years[0])


def _read(text: str, language: str) -> Iterator[Day]:
    digits = {start for start, _ in in_digits(text)}
    now, before, after = Day(), (0, -_NEAR), -_NEAR
    for word in parse(text):
        number = _month_of(word, language, word.start in digits)
        if number:
            if now.month:
                yield now
                now = Day()
            near = word.start - before[1] <= _NEAR
            now, after = replace(now, month=number, day=before[0] if near else 0), word.end
        elif word.kind == "year":
            if now.year:
                yield now
                now = Day()
            now = replace(now, year=int(word.text))
        elif word.kind == "number" and word.text.isdecimal() and 1 <= int(word.text) <= 31:
            if now.month and not now.day and word.start - after <= _NEAR:
                now = replace(now, day=int(word.text))
            else:
                before = int(word.text), word.end
    yield now


def _month_of(word: Word, language: str, in_digits: bool) -> int:
    """Which month a word is, 1 to 12; 0 for none."""
    if in_digits and word.kind == "number":
        return int(word.text)
    named = month(word.text) if word.kind == "month" else {}
    return named.get(language) or next(iter(named.values()), 0)
