"""Comparisons by the real reader, over articles in other languages than the question."""

from pathlib import Path

import pytest

from index.build import sync
from index.embedding.embedder import Embedder
from index.scope import EVERYTHING, Scope
from index.search import Searcher
from qa.answering.comparison import side_questions
from qa.ask import ask
from qa.extraction.reader import Reader
from tests.support.fakes import HashEmbedder, ScriptedModel
from tests.support.paths import ROOT

NEWS = ROOT / "seeds" / "harbour_news"
FERRIES = ("harbour/kittiwake-timetable.md", "harbour/feri-sandpiper.md")
SCHOOLS = ("town/matou-xuexiao.md", "town/northgate-school.md")


@pytest.mark.parametrize(
    ("text", "topics", "asked"),
    [
        (
            "Which is dearer, the ferry or a berth?",
            ("the ferry", "a berth"),
            ["Which is dearer, the ferry?", "Which is dearer, a berth?"],
        ),
        (
            "Is the ferry dearer than a berth?",
            ("the ferry", "a berth"),
            ["Is the ferry dearer than ?", "Is  dearer than a berth?"],
        ),
        (
            "旧渡轮和新渡轮哪个更贵？",
            ("旧渡轮", "新渡轮"),
            ["旧渡轮哪个更贵？", "新渡轮哪个更贵？"],
        ),
    ],
)
def test_each_side_is_asked_about_alone(
    text: str, topics: tuple[str, str], asked: list[str]
) -> None:
    spans = [(text.index(topic), text.index(topic) + len(topic)) for topic in topics]

    assert side_questions(text, spans) == asked


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, real_embedder: Embedder) -> Searcher:
    """Four articles in four languages."""
    folder, index = (tmp_path_factory.mktemp(name) for name in ("news", "index"))
    for name in (*FERRIES, *SCHOOLS):
        copy = folder / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((NEWS / name).read_bytes())
    sync([folder], index, real_embedder)
    return Searcher(index, real_embedder)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("question", "scope", "said"),
    [
        pytest.param(
            "Kapal mana yang memuat lebih banyak penumpang, Kittiwake atau Sandpiper?",
            EVERYTHING,
            ("180 passengers", "90 penumpang"),
            id="Indonesian, of English and Indonesian",
        ),
        pytest.param(
            "¿Cuántos profesores tiene Northgate School en comparación con Quayside School?",
            EVERYTHING,
            ("18 शिक्षक", "14位老师"),
            id="Spanish, of Hindi and Chinese",
        ),
        pytest.param(
            "How do the two articles differ on the number of pupils?",
            Scope(SCHOOLS),
            ("340 विद्यार्थी", "215名学生"),
            id="two articles",
        ),
    ],
)
def test_both_sides_are_quoted_whatever_their_language(
    question: str, scope: Scope, said: tuple[str, str], news: Searcher, real_reader: Reader
) -> None:
    answer = list(ask(question, news, real_reader, ScriptedModel("NONE"), scope=scope))[-1]

    assert all(words in answer.text for words in said)
    assert len({citation.article for citation in answer.citations}) == 2


@pytest.mark.weights
def test_sides_are_compared_whatever_embedder_searches(
    news: Searcher, real_reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "town").mkdir()
    for name in SCHOOLS:
        (tmp_path / name).write_bytes((NEWS / name).read_bytes())
    sync([tmp_path], tmp_path / "index", HashEmbedder())
    other = Searcher(tmp_path / "index", HashEmbedder())
    asked = "How do the two articles differ on the number of pupils?"
    scripted = ScriptedModel("NONE")
    *_, answer = ask(asked, other, real_reader, scripted, scope=Scope(SCHOOLS))
    *_, by_the_default = ask(asked, news, real_reader, scripted, scope=Scope(SCHOOLS))

    assert answer.text == by_the_default.text


@pytest.mark.weights
def test_what_no_article_tells_of_is_not_compared(news: Searcher, real_reader: Reader) -> None:
    question = "Compare the crane in Hamburg with the one in Rotterdam."
    answer = list(ask(question, news, real_reader, ScriptedModel("NONE")))[-1]

    assert not answer.answered
