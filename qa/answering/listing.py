"""Listing: which articles speak of something, each with the sentence that shows it."""

from dataclasses import replace

import prompts
from index.storage.catalog import Entry
from index.text.normal_forms import nfkc
from qa.answer import Answer, Citation
from qa.answering.asking import Asking, Growing
from qa.answering.mentioning import Mention, looked_at
from qa.text.marks import clean

_NAMED = 30  # articles at most


def listed(asking: Asking, answer: Answer) -> Growing:
    """List the articles, best first; not answered where none speaks of what is asked."""
    topics = asking.topics()
    yield from ()
    if not topics:
        return answer
    entries = {entry.id: entry for entry in asking.index.articles(asking.scope)}
    citations = [_of_entry(entry) for entry in entries.values() if _is_by(entry, topics[0])]
    read = len(entries)
    if not citations:
        mentions = looked_at(asking, topics[0])
        citations = [_of_mention(mention) for mention in mentions if mention.is_sure]
        read = len(mentions)
    most = min(asking.sentences or _NAMED, _NAMED)
    return _list(answer, entries, citations, read, most) if citations else answer


def _is_by(entry: Entry, name: str) -> bool:
    """Whether the catalog says that somebody of that name wrote it."""
    return nfkc(name).casefold() in (nfkc(each).casefold() for each in entry.author.split(", "))


def _of_entry(entry: Entry) -> Citation:
    return Citation(0, entry.id, 0, 0, "", "metadata", 1.0)


def _of_mention(mention: Mention) -> Citation:
    s = mention.sentence
    return Citation(
        0, s.article, s.start, s.end, s.text, "supported", round(mention.probability, 4)
    )


def _list(
    answer: Answer, entries: dict[str, Entry], citations: list[Citation], read: int, most: int
) -> Answer:
    named = [replace(each, marker=i) for i, each in enumerate(citations[:most], 1)]
    counts = {"count": len(citations), "read": read, "total": len(entries)}
    head = prompts.phrase("listing", "found", answer.language, **counts)
    lines = [f"• {_line(entries[each.article], each)} [{each.marker}]" for each in named]
    text = "\n".join([head, *lines])
    return replace(answer, text=text, citations=tuple(named), answered=True)


def _line(entry: Entry, citation: Citation) -> str:
    title = clean(entry.title) or entry.id
    return f"{title}: “{clean(citation.quote)}”" if citation.quote else f"{title} – {entry.author}"
