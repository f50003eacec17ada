"""Rendering: the few words that answer, in the asker's language, where code alone can say them.

Numbers, amounts with their currency, dates (CLDR, through babel) and names in Latin letters, which
stand as they are. Everything else is left to the quotation. Pure.
"""

from datetime import date

import regex

from qa.question import Question
from qa.text.marks import clean
from qa.text.months import month_words, months, spellings
from qa.text.numbers import folded, localise
from qa.verification.answer_type import expects
from qa.verification.facts import facts, unit_of

_LETTER = regex.compile(r"\p{L}")
_LETTER_OR_DIGIT = regex.compile(r"[\p{L}\p{N}]")
_MARKS = " .,;:।。'\"“”‘’"
# Every word of a name is written large.
_NAME = regex.compile(r"[^\p{L}]*(?:\p{Lu}[\p{Latin}\p{M}\p{N}]*+[^\p{L}]*)++")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_DIGITS = regex.compile(r"\d+")
_NO_SPACE = "ja", "zh"
_FEW = 3  # words


def rendered(
    question: Question, words: str, source: str, target: str, *, begins: bool = False
) -> str:
    """Words that answer, of language `source`, in language `target` (ISO 639); empty if it cannot.

    Where only a number answers the question, a number beside a word or two is said without them.
    `begins` says that a sentence begins with the words: one alone is then no name for its capital.
    """
    words = clean(words).strip(_MARKS)
    if not _LETTER_OR_DIGIT.search(words):
        return ""
    if not _LETTER.search(words):
        return localise(words, source, target)
    said = _date(words, source, target) or _amount(words, source, target)
    is_name = _NAME.fullmatch(words) and not (begins and len(words.split()) == 1)
    if said or is_name:
        return said or words
    amounts = facts(words, source).amounts
    if len(amounts) == 1 and len(words.split()) <= _FEW and expects(question, "number"):
        return localise(words[amounts[0].number.start : amounts[0].number.end], source, target)
    return ""


def _amount(words: str, source: str, target: str) -> str:
    """One number with its currency or share, and nothing else."""
    from babel.numbers import get_currency_name

    amounts = facts(words, source).amounts
    if len(amounts) != 1 or not (unit := amounts[0].unit):
        return ""
    start, end = amounts[0].number.start, amounts[0].number.end
    if unit_of(f"{words[:start]} {words[end:]}".strip()) != unit:
        return ""
    number = localise(words[start:end], source, target)
    if unit == "%":
        return f"{number}%"
    name = str(get_currency_name(unit, count=2, locale=target))
    return f"{number}{name}" if target in _NO_SPACE else f"{number} {name}"


def _date(words: str, source: str, target: str) -> str:
    """A month, with or without a day and a year, and nothing else."""
    from babel.dates import format_date, format_skeleton

    named = months(words, source)
    spelt = month_words(words, source)
    if len(named) != 1 or any(folded(word) not in spelt for word in _WORD.findall(words)):
        return ""
    (month,) = named
    numbers = [int(digits) for digits in _DIGITS.findall(words)]
    years = [number for number in numbers if number > 31]
    days = [number for number in numbers if 1 <= number <= 31]
    if not numbers:
        return spellings(target)[month][0]
    if len(years) > 1 or len(days) > 1 or len(years) + len(days) < len(numbers):
        return ""
    try:
        day = date(years[0] if years else 2000, month, days[0] if days else 1)
    except ValueError:
        return ""
    if days and years:
        return str(format_date(day, "long", locale=target))
    return str(format_skeleton("MMMMd" if days else "yMMMM", day, locale=target))
