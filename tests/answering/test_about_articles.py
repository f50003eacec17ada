"""Answers about the articles themselves."""

import pytest

from index.scope import Scope
from index.storage.catalog import Entry
from qa.answer import Citation
from qa.answering.about_articles import catalog_answer
from qa.ask import ask
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage

HARBOUR = Entry("harbour.md", "/a", "", "The new harbour", "en", "2023-05-31")
CRANE = Entry("crane.md", "/a", "", "Der Kran", "de", "2024-01-01", "Ana Rao, Li Wei")
BREAD = Entry("bread.txt", "/a", "", "", "en")


def test_articles_are_counted_and_named_the_newest_first() -> None:
    answer = catalog_answer([BREAD, CRANE, HARBOUR], "en")

    assert answer.answered
    assert answer.text.splitlines() == [
        "Articles: 3 (English 2, German 1)",
        "• Der Kran – Ana Rao, Li Wei – German, 2024-01-01 [1]",
        "• The new harbour – English, 2023-05-31 [2]",
        "• bread.txt – English [3]",
    ]
    assert answer.citations == tuple(
        Citation(marker, name, 0, 0, "", "metadata", 1.0)
        for marker, name in enumerate(("crane.md", "harbour.md", "bread.txt"), 1)
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("hi", "लेख: 1 (जर्मन 1)"),
        ("id", "Artikel: 1 (Jerman 1)"),
        ("zh", "文章：1 (德语 1)"),
        ("es", "Artículos: 1 (alemán 1)"),
        ("sw", "Articles: 1 (Kijerumani 1)"),
        ("xx", "Articles: 1 (German 1)"),
    ],
)
def test_they_are_counted_in_the_language_of_the_question(language: str, said: str) -> None:
    assert catalog_answer([CRANE], language).text.splitlines()[0] == said


def test_nothing_is_said_of_what_is_not_known() -> None:
    entries = [Entry("a.txt", "/a", "", "A"), Entry("b.txt", "/a", "", "B", author="<b>Rao</b>")]

    assert catalog_answer(entries, "hi").text.splitlines()[1:] == ["• A [1]", "• B – Rao [2]"]


def test_of_many_articles_the_newest_and_the_oldest_are_named() -> None:
    many = [
        Entry(f"{i:02}.txt", "/a", "", f"Day {i}", "en", f"2024-01-{i:02}") for i in range(1, 13)
    ]

    lines = catalog_answer(many, "en").text.splitlines()

    assert (lines[1], *lines[9:]) == (
        "• Day 12 – English, 2024-01-12 [1]",
        "• Day 4 – English, 2024-01-04 [9]",
        "and 2 more",
        "• Day 1 – English, 2024-01-01 [10]",
    )


def test_no_articles_are_counted_too() -> None:
    assert catalog_answer([], "en").text == "Articles: 0"


def test_what_is_asked_of_the_collection_is_told_without_search_or_model() -> None:
    index, model = FixedIndex(passage("Meituan bought it.")), ScriptedModel("It did.")
    scope = Scope(("deal.txt",))

    (answer,) = ask("How many?", index, ScriptedReader(kind="catalog"), model, scope=scope)

    assert (answer.question, answer.done, answer.scope) == ("How many?", True, scope)
    assert answer.text.startswith("Articles: 1\n")
    assert (index.searched, model.asked) == ([], [])
