"""Conditions: a question's name, number or month exchanged for another that its passage lacks.

What a passage tells about one year, it does not tell about the next, though nearly all words agree.
"""

import random
from collections.abc import Iterator, Sequence
from functools import cache

import regex

from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import Answer, Question
from qa.extraction.training.rivals import NAME, NUMBER
from qa.text.months import spellings

_TRIED = 8  # passages in which another name or number is looked for


def swapped(pool: Pool, question: Question, text: str, answer: Answer, asked_in: str) -> str | None:
    """The question with one condition that its passage does not have."""
    own = question.answers.get(asked_in)
    known = pool.passages[own.passage].text if own else ""
    passage = pool.passages[answer.passage].text
    for old, new in _exchanges(pool, text, known, passage, asked_in):
        return _replaced(text, old, new)
    return None


def altered(pool: Pool, text: str, shown: str, told_in: str) -> str | None:
    """What is shown of the passage with one of the question's conditions changed in it."""
    for old, new in _exchanges(pool, text, shown, shown, told_in):
        return _replaced(shown, old, new)
    return None


def renumbered(pool: Pool, text: str, shown: str, told: str) -> tuple[str, str] | None:
    """Question and passage with the same number changed alike, which tells as before.

    As many digits as before, so that places stay; none of the answer's.
    """
    for match in NUMBER.finditer(text):
        old = match.group()
        new = _other_number(pool.rng, old)
        if _has(shown, old) and not _has(shown, new) and old not in told:
            return _replaced(text, old, new), _replaced(shown, old, new)
    return None


def _exchanges(
    pool: Pool, text: str, known: str, passage: str, language: str
) -> Iterator[tuple[str, str]]:
    """What of a question the known text has, and another of its kind that neither text has."""
    for rivals in pool.rng.sample((_names, _numbers, _months), 3):
        found = [(old, new) for old, new in rivals(pool, text, language) if _has(known, old)]
        sound = [(old, new) for old, new in found if not (_has(known, new) or _has(passage, new))]
        if sound:
            yield pool.rng.choice(sound)


def _names(pool: Pool, text: str, language: str) -> Iterator[tuple[str, str]]:
    for old in (each for each in NAME.findall(text) if len(each) > 1):
        for other in pool.any_passages(language, _TRIED):
            for new in NAME.findall(other):
                if len(new) > 1 and abs(len(new.split()) - len(old.split())) < 2:
                    yield old, new


def _numbers(pool: Pool, text: str, language: str) -> Iterator[tuple[str, str]]:
    for old in NUMBER.findall(text):
        yield old, _other_number(pool.rng, old)
        for other in pool.any_passages(language, _TRIED):
            yield from ((old, new) for new in NUMBER.findall(other) if _shape(new) == _shape(old))


def _months(pool: Pool, text: str, language: str) -> Iterator[tuple[str, str]]:
    names = _month_names(language)
    for old in (name for name in names if _has(text, name)):
        yield from ((old, new) for new in names if new != old)


@cache
def _month_names(language: str) -> Sequence[str]:
    from babel import UnknownLocaleError

    try:
        return [written[0] for written in spellings(language).values()]
    except UnknownLocaleError:
        return []


def _shape(number: str) -> str:
    return str(regex.sub(r"\d", "0", number))


def _other_number(rng: random.Random, number: str) -> str:
    """As many digits, of which the last one or two are others: mostly a year near by."""
    places = [place for place, letter in enumerate(number) if letter.isdecimal()]
    digits = list(number)
    for place in places[-rng.choice((1, 1, 2)) :]:
        digits[place] = rng.choice([each for each in "123456789" if each != digits[place]])
    return "".join(digits)


def _has(text: str, condition: str) -> bool:
    return _whole(condition).search(text) is not None


def _replaced(text: str, old: str, new: str) -> str:
    return str(_whole(old).sub(new.replace("\\", r"\\"), text))


@cache
def _whole(condition: str) -> regex.Pattern[str]:
    """A pattern of the condition that is no part of a longer number or name."""
    return regex.compile(rf"(?<![\p{{Latin}}\d]){regex.escape(condition)}(?![\p{{Latin}}\d])")
