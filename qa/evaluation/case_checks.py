"""Case checks: that the articles, quotes and plants of a case are among the articles. Pure."""

from index.passage import Span
from qa.evaluation.cases import Case, Text, find_spans, planted


class Fault(Exception):
    """A line of a file of questions that cannot be used; the message says why."""


def check_texts(case: Case, text: Text) -> None:
    """Check what a case says of its articles, with what it plants there.

    Raises:
        Fault: an article is not there, or a quote or the place of a plant is not in it.
    """
    _check_articles(case, text)
    _check_plants(case, text)
    _check_quotes(case, planted(text, case.plants))


def _check_articles(case: Case, text: Text) -> None:
    """Check that the articles that are asked about are there."""
    for article in (*case.wanted.articles, *case.wanted.also) if case.wanted else ():
        _article(article, text)


def _check_plants(case: Case, text: Text) -> None:
    for plant in case.plants:
        if plant.after not in _article(plant.article, text):
            raise Fault(
                f"the words {short(plant.after)}, to plant after, are not in {plant.article}"
            )


def _check_quotes(case: Case, text: Text) -> None:
    for gold in case.evidence:
        whole = _article(gold.article, text)
        spans = find_spans(gold, whole)
        if not spans:
            raise Fault(f"the quote {short(gold.quote)} is not in {gold.article}")
        if len({_lines_around(span, whole) for span in spans}) > 1:
            raise Fault(
                f"the quote {short(gold.quote)} is at {len(spans)} different places of "
                f"{gold.article}; make it longer"
            )


def _article(article: str, text: Text) -> str:
    try:
        return text(article)
    except KeyError:
        raise Fault(f"there is no article {article!r}") from None


def _lines_around(span: Span, text: str) -> str:
    """The lines a span stands in: equal for every span of a text that is merely repeated."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return text[start : end if end >= 0 else len(text)].strip()


def short(quote: str) -> str:
    """A quote as it is shown in a message."""
    return repr(quote if len(quote) <= 60 else quote[:59] + "…")
