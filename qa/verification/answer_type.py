"""Answer type: what a question expects (a number, a date, several things), what provides it. Pure.

"How many parameters has it?" is not answered by a sentence without a number, nor by one whose only
numbers are the question's own. By the tables of `prompts/wanted.toml` and `prompts/numerals.toml`;
in a language without a table nothing is wanted.
"""

from functools import cache
from typing import Literal

import regex

import prompts
from index.text.languages import detect
from index.text.normal_forms import nfc
from qa.question import Question
from qa.text.weekdays import weekdays
from qa.verification.facts import Amount, facts, same

Kind = Literal["number", "count", "date", "age", "percent", "several", "why"]
# What is said in quotation marks is not asked: "Who wrote ‘Why Greatness Cannot Be Planned’?"
_TITLE = regex.compile(
    r"《[^》]{1,99}》|“[^”]{1,99}”|\"[^\"]{1,99}\"|«[^»]{1,99}»|「[^」]{1,99}」|‘[^’]{1,99}’"
)
# Years of a person, and of what is older than people.
_OLDEST = 120
_YEAR = regex.compile(r"(?!2000)(?:19|20)\d\d")
_ORDINAL_BEFORE = regex.compile(r"(?:\bke[- ]?|第)\Z", regex.IGNORECASE)
_ORDINAL_AFTER = regex.compile(r"(?:st|nd|rd|th)\b|वें|वीं|वां|º|ª", regex.IGNORECASE)
_PREHISTORIC = 10_000


def expects(question: Question, kind: Kind) -> bool:
    """Whether only this kind of thing answers a question."""
    plain = _TITLE.sub(" ", question.text).casefold()
    if kind not in ("several", "why") and expects(question, "why"):
        return False
    return any(pattern.search(plain) for pattern in _patterns(question.language, kind))


def provides(claim: str, question: Question, text: str) -> bool:
    """Whether a claim gives the number or date that a question wants; True when it wants none.

    The question's own numbers do not count, and the text that proves it, in whatever language, must
    hold it.
    """
    if not any(expects(question, kind) for kind in ("date", "age", "percent", "number")):
        return True
    stated = facts(claim, detect(claim))
    asked = facts(question.text, question.language)
    language = detect(text)
    held = facts(text, language)
    own = [a for a in stated.amounts if not _is_in(a, asked.amounts) and _is_in(a, held.amounts)]
    if expects(question, "date"):
        dated = any(_may_date(amount) for amount in own)
        days = weekdays(claim, detect(claim)) - weekdays(question.text, question.language)
        months = (stated.months - asked.months) & held.months
        return dated or bool(months or days & weekdays(text, language))
    if expects(question, "percent"):
        return any(amount.unit == "%" for amount in own)
    if expects(question, "count"):
        own = [amount for amount in own if _may_count(claim, amount)]
    in_digits = {value for amount in own for value in amount.number.values}
    known = in_words(text, language)
    known |= {value for amount in held.amounts for value in amount.number.values}
    fresh = in_words(claim, detect(claim)) - in_words(question.text, question.language)
    said = in_digits | fresh & known
    if expects(question, "age"):
        return any(value <= _OLDEST or value >= _PREHISTORIC for value in said)
    return bool(said or (stated.months - asked.months) & held.months)


def _may_count(claim: str, amount: Amount) -> bool:
    """Whether a number may count things: no money, share, year, or place in an order."""
    start, end = amount.number.start, amount.number.end
    ordinal = _ORDINAL_BEFORE.search(claim, 0, start) or _ORDINAL_AFTER.match(claim, end)
    return amount.unit is None and not ordinal and not _YEAR.fullmatch(claim, start, end)


def _may_date(amount: Amount) -> bool:
    """Whether a number in digits may be a year, a day or a century: it is no money and no share."""
    return amount.unit is None


def in_words(text: str, language: str) -> frozenset[float]:
    """The numbers that a text says in words of a language."""
    plain = text.casefold()
    return frozenset(v for pattern, v in _numerals(language) if pattern.search(plain))


def _is_in(amount: Amount, others: tuple[Amount, ...]) -> bool:
    return any(same(amount, other) for other in others)


@cache
def _patterns(language: str, kind: Kind) -> list[regex.Pattern[str]]:
    table = prompts.table("wanted").get(language, {})
    written = (nfc(pattern) for pattern in table.get(kind, []))
    return [regex.compile(pattern) for pattern in written]


@cache
def _numerals(language: str) -> list[tuple[regex.Pattern[str], float]]:
    table = prompts.table("numerals").get(language, {})
    return [(_word(spelt), float(value)) for value, spelt in table.items()]


def _word(spelt: str) -> regex.Pattern[str]:
    """A pattern as a whole word; a Chinese one may stand anywhere."""
    letter = r"[[\p{L}\p{M}\p{N}]--\p{Han}]"
    composed = nfc(spelt)
    return regex.compile(
        rf"(?<!{letter})(?:{composed})(?:(?<=\p{{Han}})|(?!{letter}))", regex.VERSION1
    )
