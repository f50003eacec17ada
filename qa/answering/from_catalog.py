"""From the catalog: how many articles there are and which, all of them or the first in an order.

Where a language is named ("How many are in Hindi?") those in it alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from index.storage.catalog import Entry
from qa.answer import Answer
from qa.answering.about_articles import catalog_answer, chosen_answer, first_answer
from qa.answering.asking import Asking, Growing
from qa.answering.known_facts import known_facts
from qa.extraction.reader import Order

_MOST, _FEW = 30, 3  # articles at most; and where no number is said


def from_catalog(asking: Asking, answer: Answer) -> Growing:
    """Tell what the catalog knows of the articles of the scope; it always answers."""
    said = _told(asking, asking.index.articles(asking.scope))
    yield from ()
    return replace(answer, text=said.text, citations=said.citations, answered=True)


def _told(asking: Asking, entries: Sequence[Entry]) -> Answer:
    language = asking.language
    known = known_facts(asking, entries, ["language"], asking.question.text)
    orders = [d for d in asking.reader.details(asking.question.text) if d in get_args(Order)]
    if len(orders) == 1:
        among = known.entries if known else entries
        if first := _first(asking, among, orders[0]):
            return first_answer(first, len(among), language)
    if known:
        return chosen_answer(known.entries, len(entries), known.by, language)
    return catalog_answer(entries, language)


def _first(asking: Asking, entries: Sequence[Entry], order: str) -> list[Entry]:
    """The first articles of an order; without a date one is neither the newest nor the oldest."""
    if order == "longest":
        lengths = asking.index.lengths([entry.id for entry in entries])
        ordered = sorted(entries, key=lambda entry: -lengths.get(entry.id, 0))
    else:
        dated = sorted((entry for entry in entries if entry.date), key=lambda entry: entry.id)
        ordered = sorted(dated, key=lambda entry: entry.date, reverse=order == "newest")
    return ordered[: asking.counted(_MOST, _FEW)]
