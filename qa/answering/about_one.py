"""About one: answers about one article, or a few of them, from what is known of each. Pure.

The catalog tells it, not the article: its title, who wrote it, from when it is, in which language,
how long it is, and its file. What is not known is not said.
"""

from collections.abc import Iterator, Mapping, Sequence
from string import Template

import prompts
from index.storage.catalog import Entry
from qa.answer import Answer, Citation
from qa.text.language_names import language_name
from qa.text.marks import clean

_TOLD = 3  # articles at most


def article_facts(
    entries: Sequence[Entry], language: str, lengths: Mapping[str, int] | None = None
) -> Answer:
    """What is known of each article, a line each, whatever of it was asked.

    Args:
        entries: the articles that are asked about; those beyond the third are left out.
        language: ISO 639 code to answer in; English where there are no words of it.
        lengths: code points of each article's text, by its id.

    Returns:
        A refusal without words when there are no entries. Each line is cited by its article's mark.
    """
    told = list(enumerate(entries[:_TOLD], 1))
    texts = [
        "\n".join(f"{line} [{marker}]" for line in _lines(entry, language, lengths or {}))
        for marker, entry in told
    ]
    cited = tuple(Citation(marker, entry.id, 0, 0, "", "metadata", 1.0) for marker, entry in told)
    return Answer("", language, "\n\n".join(texts), answered=bool(told), citations=cited)


def _lines(entry: Entry, language: str, lengths: Mapping[str, int]) -> Iterator[str]:
    length = lengths.get(entry.id)
    known = {
        "title": clean(entry.title),
        "author": clean(entry.author),
        "date": entry.date,
        "language": language_name(entry.language, language),
        "length": "" if length is None else str(length),
        "file": entry.id,
    }
    for what, value in known.items():
        if line := " ".join(value.split()):  # a file's name may hold line ends
            yield _say(what, language, line)


def _say(what: str, language: str, known: str) -> str:
    words = prompts.table("about_one")[what]
    return Template(words.get(language, words["en"])).substitute(known=known)
