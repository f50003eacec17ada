"""Listing: which articles speak of something, each with the sentence that shows it.

Or which are of a date, in a language, by somebody or in a folder: the catalog tells that, and where
the question names a topic besides, only those are read. Who is asked for as an author is looked for
in the catalog; who is to be mentioned in the texts, and in the catalog where none of them does.
"""

from dataclasses import replace

import prompts
from index.scope import kept_to
from index.storage.catalog import Entry
from qa.answer import Answer, Citation
from qa.answering.about_articles import chosen_answer
from qa.answering.asked_dates import is_date
from qa.answering.asking import Asking, Growing
from qa.answering.from_passages import from_passages
from qa.answering.known_facts import Known, known_facts, written_by
from qa.answering.mentioning import Mention, looked_at
from qa.text.marks import clean

_NAMED = 30  # articles at most
_SEARCHED = 1000  # articles that a search is kept to at most, one by one


def listed(asking: Asking, answer: Answer) -> Growing:
    """List the articles, best first; not answered where none is as it is asked."""
    details, topics = asking.reader.details(asking.question.text), asking.topics()
    entries = asking.index.articles(asking.scope)
    yield from ()
    speaks = "topic" in details and bool(topics) and not is_date(topics[0])
    text = _less(asking.question.text, topics if speaks else [])
    known = known_facts(asking, entries, details, text)
    if not known and topics and (not details or "author" in details):
        known = written_by(entries, topics[0], answer.language)
    if known and not known.entries and known.facts == ("date",):
        # "What was the catch in May?" is not asked of articles, where a passage tells.
        told = yield from from_passages(asking, answer)
        return told if told.answered else _of_catalog(answer, known, len(entries))
    if known and not (speaks and known.entries):
        return _of_catalog(answer, known, len(entries))
    if not topics:
        return answer
    said = _of_texts(asking, answer, topics[0], known or Known(tuple(entries), ""))
    if said.answered or known:
        return said
    by = written_by(entries, topics[0], answer.language)
    if not by and is_date(topics[0]):  # "Which are from 1999?"
        by = known_facts(asking, entries, ["date"], text)
    return _of_catalog(answer, by, len(entries)) if by else said


def _less(text: str, topics: list[str]) -> str:
    """A text without the topics that were found in it."""
    for topic in topics:
        text = text.replace(topic, " ", 1)
    return text


def _of_catalog(answer: Answer, known: Known, total: int) -> Answer:
    said = chosen_answer(known.entries, total, known.by, answer.language)
    return replace(answer, text=said.text, citations=said.citations, answered=True)


def _of_texts(asking: Asking, answer: Answer, topic: str, known: Known) -> Answer:
    """List those of some articles that speak of a topic, each with a sentence of it."""
    entries = {entry.id: entry for entry in known.entries}
    if known.by and len(entries) <= _SEARCHED:
        asking = replace(asking, scope=kept_to(entries))
    mentions = [each for each in looked_at(asking, topic) if each.article in entries]
    sure = [mention for mention in mentions if mention.is_sure]
    if not sure:
        return answer
    most = min(asking.sentences or _NAMED, _NAMED)
    cited = tuple(_citation(i, mention) for i, mention in enumerate(sure[:most], 1))
    counts = {"count": len(sure), "read": len(mentions), "total": len(entries)}
    head = prompts.phrase("listing", "found", answer.language, **counts)
    lines = [f"• {_line(entries[each.article], each)} [{each.marker}]" for each in cited]
    text = "\n".join([" – ".join(filter(None, (head, known.by))), *lines])
    return replace(answer, text=text, citations=cited, answered=True)


def _citation(marker: int, mention: Mention) -> Citation:
    s, surely = mention.sentence, round(mention.probability, 4)
    return Citation(marker, s.article, s.start, s.end, s.text, "supported", surely)


def _line(entry: Entry, citation: Citation) -> str:
    return f"{clean(entry.title) or entry.id}: “{clean(citation.quote)}”"
