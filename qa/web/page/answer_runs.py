"""Answer runs: an answer's text, cut at its marks and its quotations in other languages. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import regex

from index.text.languages import detect, may_be
from qa.answer import Answer
from qa.text.marks import citation_marks


@dataclass(frozen=True, slots=True)
class AnswerRun:
    """A run of an answer: plain text, a citation mark, or a quotation in its `language`."""

    text: str
    marker: int = 0
    language: str = ""


def answer_runs(
    answer: Answer, language_of: Callable[[str], str] = lambda article: ""
) -> list[AnswerRun]:
    """The text of an answer, cut at the marks of its citations and at foreign quotations."""
    markers = {citation.marker for citation in answer.citations}
    # Citations that were kept before `said` was recorded have none: their quote is tried as it is.
    quotes = {c.said or c.quote: spoken(c.quote, language_of(c.article)) for c in answer.citations}
    cut: list[AnswerRun] = []
    last = 0
    for mark in citation_marks(answer.text):
        if mark.marker in markers:
            cut += _quotations(answer.text[last : mark.start], quotes, answer.language)
            cut.append(AnswerRun(answer.text[mark.start : mark.end], mark.marker))
            last = mark.end
    return cut + _quotations(answer.text[last:], quotes, answer.language)


def spoken(words: str, language: str) -> str:
    """The language of words in an article of `language`, which may be "" where it is not known."""
    return language if language and may_be(words, language) else detect(words)


def _quotations(text: str, quotes: Mapping[str, str], language: str) -> list[AnswerRun]:
    """A text cut at the quotes that it has between quotation marks in another language."""
    foreign = [quote for quote, its in quotes.items() if quote and its != language]
    said = "|".join(map(regex.escape, foreign))
    cut = regex.split(f"(?<=“)({said})(?=”)", text) if said else [text]
    languages = [quotes[part] if i % 2 else "" for i, part in enumerate(cut)]
    return [AnswerRun(part, 0, its) for part, its in zip(cut, languages, strict=True) if part]
