"""About articles: answers about the collection itself, from what is known of each article. Pure.

The catalog tells them, not the articles: how many there are, in which languages, what they are
called, who wrote them, and from when they are. Each article that is named is cited, without a place
in it.
"""

from collections import Counter
from collections.abc import Sequence

import prompts
from index.storage.catalog import Entry
from qa.answer import Answer, Citation
from qa.text.language_names import language_name
from qa.text.marks import plain

_NAMED = 10  # articles named at most: the newest, and last of all the oldest
_CHOSEN = 30  # of those that were asked for


def catalog_answer(entries: Sequence[Entry], language: str) -> Answer:
    """How many articles there are, in which languages, the newest of them, and the oldest.

    Args:
        entries: the articles that are asked about.
        language: ISO 639 code to answer in.
    """
    counts = Counter(entry.language for entry in entries if entry.language)
    spoken = [f"{language_name(code, language)} {n}" for code, n in counts.most_common()]
    listed = f" ({', '.join(spoken)})" if spoken else ""
    lines = [f"{_say('articles', language, len(entries))}{listed}"]
    newest = _newest_first(entries)
    named = newest[:_NAMED]
    if len(newest) > _NAMED and (dated := [entry for entry in newest if entry.date]):
        named = [*(entry for entry in named[:-1] if entry != dated[-1]), dated[-1]]
    marked = [f"• {_told(entry, language)} [{i}]" for i, entry in enumerate(named, 1)]
    if left := len(entries) - len(named):
        marked.insert(-1, _say("more", language, left))
    lines += marked
    return Answer("", language, "\n".join(lines), answered=True, citations=_citations(named))


def chosen_answer(entries: Sequence[Entry], total: int, by: str, language: str) -> Answer:
    """How many of all articles are as it was asked, and which: the newest first.

    Args:
        entries: the articles.
        total: how many there are in all.
        by: what is known of each of them, in words.
        language: ISO 639 code to answer in.
    """
    head = _say("chosen", language, len(entries), total=total, by=by)
    return _listed(head, _newest_first(entries), language, _CHOSEN)


def first_answer(entries: Sequence[Entry], total: int, language: str) -> Answer:
    """The first of all articles in some order, as they come."""
    return _listed(_say("first", language, len(entries), total=total), entries, language, _CHOSEN)


def _newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """Those without a date come last, in the order of their ids."""
    return sorted(sorted(entries, key=lambda e: e.id), key=lambda e: e.date, reverse=True)


def _listed(head: str, entries: Sequence[Entry], language: str, most: int) -> Answer:
    named = entries[:most]
    lines = [head, *(f"• {_told(entry, language)} [{i}]" for i, entry in enumerate(named, 1))]
    if left := len(entries) - len(named):
        lines.append(_say("more", language, left))
    text = "\n".join(lines)
    return Answer("", language, text, answered=True, citations=_citations(named))


def _citations(entries: Sequence[Entry]) -> tuple[Citation, ...]:
    return tuple(
        Citation(marker, entry.id, 0, 0, "", "metadata", 1.0)
        for marker, entry in enumerate(entries, 1)
    )


def _told(entry: Entry, language: str) -> str:
    """A title, who wrote it, and its language and date, as far as they are known."""
    known = ", ".join(filter(None, (language_name(entry.language, language), entry.date)))
    parts = plain(entry.title) or entry.id, plain(entry.author), known
    return " – ".join(filter(None, parts))


def _say(what: str, language: str, count: int, **others: object) -> str:
    return prompts.phrase("about_articles", what, language, count=count, **others)
