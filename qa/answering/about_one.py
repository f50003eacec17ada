"""About one: answers about one article, or a few of them, from what is known of each. Pure.

The catalog tells it, not the article: its title, who wrote it, from when it is, in which language,
how long it is, and its file. What is not known is not said.
"""

from collections.abc import Collection, Mapping, Sequence

import prompts
from index.storage.catalog import Entry
from qa.answer import Answer, Citation
from qa.text.language_names import language_name
from qa.text.marks import clean

_TOLD = 3  # articles at most


def article_facts(
    entries: Sequence[Entry],
    language: str,
    wanted: Collection[str] | None = None,
    lengths: Mapping[str, int] | None = None,
) -> Answer:
    """What is known of each article: its title, and below it what is wanted, a line each.

    Args:
        entries: the articles that are asked about; those beyond the third are left out.
        language: ISO 639 code to answer in; English where there are no words of it.
        wanted: what is asked of them, by the names of `prompts/about_one.toml`; all when None.
        lengths: code points of each article's text, by its id.

    Returns:
        A refusal without words where nothing that is wanted is known. Each line is cited by its
        article's mark.
    """

    def say(what: str, known: str) -> str:
        return prompts.phrase("about_one", what, language, known=known)

    texts, cited = list[str](), list[Citation]()
    for entry in entries:
        known = _known(entry, language, lengths or {})
        if wanted is not None:
            told = {what: known[what] for what in wanted if what in known}
            known = {"title": known["title"], **told} if told and "title" in known else told
        if known and len(texts) < _TOLD:
            mark = len(cited) + 1
            lines = [f"{say(what, known=value)} [{mark}]" for what, value in known.items()]
            texts.append("\n".join(lines))
            cited.append(Citation(mark, entry.id, 0, 0, "", "metadata", 1.0))
    said = "\n\n".join(texts)
    return Answer("", language, said, answered=bool(texts), citations=tuple(cited))


def _known(entry: Entry, language: str, lengths: Mapping[str, int]) -> dict[str, str]:
    """All that is known of an article, by its names."""
    length = lengths.get(entry.id)
    values = {
        "title": clean(entry.title),
        "author": clean(entry.author),
        "date": entry.date,
        "language": language_name(entry.language, language),
        "length": "" if length is None else str(length),
        "file": entry.id,
    }
    # A file's name may hold line ends.
    return {what: line for what, value in values.items() if (line := " ".join(value.split()))}
