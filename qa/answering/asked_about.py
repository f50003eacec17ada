"""Asked about: which articles a question means, and what is known of them themselves."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.storage.catalog import Entry
from index.text.normal_forms import nfkc
from qa.answer import Answer
from qa.answering.about_one import article_facts
from qa.answering.asking import Asking, Growing
from qa.answering.mentioning import about

_FEW = 3  # articles that are all meant where the question names none


def facts(asking: Asking, answer: Answer) -> Growing:
    """Tell what is asked of an article, as its author or date, where the catalog knows it."""
    entries = meant(asking)
    wanted = asking.reader.details(asking.question.text)
    lengths = asking.index.lengths([entry.id for entry in entries]) if "length" in wanted else {}
    told = article_facts(entries, answer.language, wanted, lengths)
    yield from ()
    if not told.answered:
        return answer
    return replace(answer, text=told.text, citations=told.citations, answered=True)


def meant(asking: Asking) -> list[Entry]:
    """The articles that the question means: the one that is most about its topic.

    Without a topic those of the scope where they are few, else none.
    """
    entries = asking.index.articles(asking.scope)
    topics = asking.topics()
    if not topics or len(entries) == 1:
        return entries if len(entries) <= _FEW else []
    if named := titled(entries, topics[0]):
        return named
    best = about(asking, topics[0], {entry.id: entry.title or entry.id for entry in entries})
    return [entry for entry in entries if entry.id == best]


def titled(entries: Sequence[Entry], words: str) -> list[Entry]:
    """The articles that are called so, by their titles or files."""
    called = nfkc(words).casefold()
    return [
        entry
        for entry in entries
        if called
        in (nfkc(name).casefold() for name in (entry.title, entry.id, Path(entry.id).name))
    ]


def is_of_a_file(asking: Asking) -> bool:
    """Whether nothing but the file is asked of an article that is named by it."""
    if asking.reader.details(asking.question.text) != ["file"]:
        return False
    topics = asking.topics()
    return bool(topics and titled(asking.index.articles(asking.scope), topics[0]))
