"""Asked about: which articles a question means, and what is known of them themselves.

What the catalog does not know of the one that is meant is asked of its own text alone, as "Who
wrote this article?": other articles, and the words that only say which is meant, tell of others.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import prompts
from index.scope import kept_to
from index.storage.catalog import Entry
from index.text.normal_forms import nfkc
from qa.answer import Answer
from qa.answering.about_one import article_facts
from qa.answering.asking import Asking, Growing
from qa.answering.from_passages import from_passages
from qa.answering.mentioning import about
from qa.extraction.reader import Detail
from qa.question import Question
from qa.text.marks import clean

_FEW = 3  # articles that are all meant where the question names none


def facts(asking: Asking, answer: Answer) -> Growing:
    """Tell what is asked of an article, as its author or date, where the catalog knows it."""
    entries = meant(asking)
    wanted = asking.reader.details(asking.question.text)
    lengths = asking.index.lengths([entry.id for entry in entries]) if "length" in wanted else {}
    told = article_facts(entries, answer.language, wanted, lengths)
    if told.answered:
        return replace(answer, text=told.text, citations=told.citations, answered=True)
    asked = [detail for detail in wanted if detail in prompts.table("about_one_asked")]
    if len(entries) == 1 and asked:
        return (yield from _by_its_text(asking, answer, entries[0], asked[0]))
    return answer


def _by_its_text(asking: Asking, answer: Answer, entry: Entry, wanted: Detail) -> Growing:
    """What the text of an article tells of itself; else a refusal that names it."""
    asked = prompts.phrase("about_one_asked", wanted, asking.language)
    alone = replace(asking, question=Question.of(asked), scope=kept_to([entry.id]))
    said = yield from from_passages(alone, answer)
    if said.answered:
        return said
    title = clean(entry.title) or entry.id
    untold = prompts.phrase("about_one_asked", "untold", answer.language, title=title)
    return replace(said, text=untold)


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
