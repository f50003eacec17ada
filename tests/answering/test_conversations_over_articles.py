"""Conversations of two and three turns over the harbour articles, with the weights that ship.

The language model only says NONE: what is told here is quoted, or known of the articles.
"""

import pytest

from index.build import sync
from index.embedding.embedder import Embedder
from index.passage import Span
from index.scope import Scope
from index.search import Searcher
from qa.answer import Answer
from qa.answering.turns import Turn
from qa.ask import ask
from qa.extraction.reader import Reader
from tests.support.fakes import ScriptedModel
from tests.support.paths import ROOT

pytestmark = pytest.mark.weights
FERRIES = "Which articles are about ferries?"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, real_embedder: Embedder) -> Searcher:
    folder = tmp_path_factory.mktemp("harbour")
    sync([ROOT / "seeds" / "harbour_news"], folder, real_embedder)
    return Searcher(folder, real_embedder)


def said(answer: Answer, known: bool) -> Turn:
    cited = tuple(Span(c.article, c.start, c.end) for c in answer.citations)
    return Turn("assistant", answer.text, cited if known else ())


def talk(index: Searcher, reader: Reader, *questions: str, known: bool = True) -> list[Answer]:
    """The answers to questions that are asked one after the other."""
    history: list[Turn] = []
    answers = []
    for question in questions:
        answers.append(
            list(ask(question, index, reader, ScriptedModel("NONE"), history=history))[-1]
        )
        history += [Turn("user", question), said(answers[-1], known)]
    return answers


def cited(answer: Answer) -> list[str]:
    return list(dict.fromkeys(citation.article for citation in answer.citations))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FERRIES, "the second one?"),
        ("किन लेखों में फ़ेरी का ज़िक्र है?", "दूसरा वाला?"),
        ("有几篇文章？", "第二篇呢？"),
        ("¿Cuántos artículos hay?", "¿y el segundo?"),
        ("Artikel mana saja yang menyebut feri?", "yang kedua?"),
    ],
)
def test_the_second_of_a_list_is_summed_up(
    harbour: Searcher, real_reader: Reader, first: str, second: str, known: bool
) -> None:
    listed, summed = talk(harbour, real_reader, first, second, known=known)

    assert len(cited(listed)) > 1
    assert cited(summed) == cited(listed)[1:2]


def test_who_wrote_the_first_of_a_list(harbour: Searcher, real_reader: Reader) -> None:
    listed, told = talk(harbour, real_reader, FERRIES, "Who wrote the first one?")

    assert cited(told) == cited(listed)[:1]
    assert {c.support for c in told.citations} == {"metadata"}


@pytest.mark.parametrize(
    ("first", "second", "standing", "articles"),
    [
        (
            "Which articles mention the lighthouse?",
            "what about night buses?",
            "Which articles mention night buses?",
            {"town/night-buses.md", "town/bus-malam-suara.txt"},
        ),
        (
            "Summarise the article on the harbour dues.",
            "and the old tram depot?",
            "Summarise the article on the old tram depot.",
            {"town/taman-kota.md"},
        ),
    ],
)
def test_the_same_is_asked_of_another_topic(
    harbour: Searcher,
    real_reader: Reader,
    first: str,
    second: str,
    standing: str,
    articles: set[str],
) -> None:
    _, answer = talk(harbour, real_reader, first, second)

    assert answer.standing == standing
    assert set(cited(answer)) >= articles


def test_the_hindi_one_is_about_the_same(harbour: Searcher, real_reader: Reader) -> None:
    first = "Summarise the article on the new crane at the north quay."
    _, answer = talk(harbour, real_reader, first, "and the Hindi one?")

    assert answer.scope == Scope(language="hi")
    assert cited(answer) == ["harbour/uttari-ghat-crane.md"]


@pytest.mark.parametrize("question", ["Summarise the Hindi", "Summarise the Hindi one"])
def test_the_hindi_articles_are_summed_up(
    harbour: Searcher, real_reader: Reader, question: str
) -> None:
    (answer,) = talk(harbour, real_reader, question)
    languages = {entry.id: entry.language for entry in harbour.articles()}

    assert answer.answered
    assert {languages[article] for article in cited(answer)} == {"hi"}


def test_who_doubts_is_shown_what_was_cited(harbour: Searcher, real_reader: Reader) -> None:
    first, sure = talk(harbour, real_reader, "Summarise “Harrow Mill grinds on”.", "are you sure?")

    assert [c.quote for c in sure.citations] == [c.quote for c in first.citations]


def test_a_summary_is_made_shorter_and_shorter(harbour: Searcher, real_reader: Reader) -> None:
    first = "Summarise “Harrow Mill grinds on”."
    answers = talk(harbour, real_reader, first, "shorter please", "even shorter please")

    assert [len(answer.citations) for answer in answers] == [5, 2, 1]
    assert {article for answer in answers for article in cited(answer)} == {"market/harrow-mill.md"}
