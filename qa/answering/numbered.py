"""Numbered: the clause that a question names by its number ("clause 2.2"), as it stands.

Neither vectors nor the reader know one number from the next, so a clause is found by its number.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import regex

from index.article_sentences import ArticleSentence
from qa.answer import Answer
from qa.answering.asking import Asking, Growing
from qa.answering.proof import quoted
from qa.text.measures import is_measured
from qa.text.numbers import numbers
from qa.verification.evidence import Sentence, gives_orders
from qa.verification.facts import facts

_MOST_ARTICLES = 3
_PLACE = r"\d{1,3}(?:\.\d{1,3})+"
# Chinese writes a number at the word before it: "第2.2条".
_ASKED = regex.compile(
    rf"(?<![[\p{{L}}--\p{{Han}}]\d.,])({_PLACE})(?![.,]?\d|\s?[%‰])", regex.VERSION1
)
_BEGINS = regex.compile(rf"(?:[§\p{{L}}]+\s?)?({_PLACE})[.):]?\s")  # "2.2 Late …", "§ 2.2 …"


def by_number(asking: Asking, answer: Answer) -> Growing:
    """Yield the clause that is asked for, sentence by sentence.

    Not answered where the question names none, or no article found has clauses of such numbers.
    """
    for sentence in _clauses(asking):
        asking.stop.raise_if_set()
        answer = quoted(asking, answer, sentence)
        yield asking.timed(answer)
    return answer


def _clauses(asking: Asking) -> list[Sentence]:
    """The sentences of the clause in each article that has it, the nearest article first."""
    text = asking.question.text
    if (asked := asked_number(text, asking.question.language)) is None:
        return []
    near = dict.fromkeys(passage.article for passage in asking.search(text))
    every = groupby(asking.index.sentences(list(near)), lambda sentence: sentence.article)
    told = [clause for _, same in every if (clause := clause_of(list(same), asked))]
    return [sentence for clause in told[:_MOST_ARTICLES] for sentence in clause]


def asked_number(question: str, language: str) -> str | None:
    """The only number of a clause that a question has: "2.2"; none in "2.2 million" or "2.2 kg"."""
    places = {m[1]: m.end() for m in _ASKED.finditer(question)}
    if len(places) != 1 or {number.end for number in numbers(question)}.isdisjoint(places.values()):
        return None
    ((place, end),) = places.items()
    priced = {amount.number.end for amount in facts(question, language).amounts if amount.unit}
    return None if end in priced or is_measured(question, end, language) else place


def clause_of(sentences: Sequence[ArticleSentence], number: str) -> list[Sentence]:
    """The clause of a number among an article's sentences; none where it is no number of a clause.

    It is one where a clause before or after it has its number: 2.1 or 2.3 beside 2.2.
    """
    begins = {m[1]: i for i, s in enumerate(sentences) if (m := _BEGINS.match(s.text.lstrip()))}
    if number not in begins or not any(beside in begins for beside in _beside(number)):
        return []
    first = begins[number]
    clause = [sentences[first]]
    for after in sentences[first + 1 :]:
        if after.start - clause[-1].end > 1 or _BEGINS.match(after.text):  # another paragraph
            break
        clause.append(after)
    return [Sentence(s.article, s.start, s.end, s.text) for s in clause if not gives_orders(s.text)]


def _beside(number: str) -> Iterator[str]:
    """The numbers before and after one: 2.1 and 2.3 of 2.2."""
    above, _, last = number.rpartition(".")
    return (f"{above}.{int(last) + step}" for step in (-1, 1))
