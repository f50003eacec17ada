"""Answers about one article, or a few of them."""

import pytest

import prompts
from index.storage.catalog import Entry
from qa.answer import Answer, Citation
from qa.answering.about_one import article_facts

HARBOUR = Entry("h/harbour.md", "/a", "", "The new harbour", "en", "2023-05-31", "Ana Rao, Li Wei")
BREAD = Entry("bread.txt", "/a", "", "", "en")


def cited(marker: int, article: str) -> Citation:
    return Citation(marker, article, 0, 0, "", "metadata", 1.0)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            "Title: The new harbour [1]\nAuthor: Ana Rao, Li Wei [1]\nDate: 2023-05-31 [1]\n"
            "Language: English [1]\nLength in characters: 1234 [1]\nFile: h/harbour.md [1]",
        ),
        (
            "hi",
            "शीर्षक: The new harbour [1]\nलेखक: Ana Rao, Li Wei [1]\nतारीख़: 2023-05-31 [1]\n"
            "भाषा: अंग्रेज़ी [1]\nलंबाई (अक्षरों में): 1234 [1]\nफ़ाइल: h/harbour.md [1]",
        ),
        (
            "id",
            "Judul: The new harbour [1]\nPenulis: Ana Rao, Li Wei [1]\nTanggal: 2023-05-31 [1]\n"
            "Bahasa: Inggris [1]\nPanjang dalam karakter: 1234 [1]\nBerkas: h/harbour.md [1]",
        ),
        (
            "zh",
            "标题：The new harbour [1]\n作者：Ana Rao, Li Wei [1]\n日期：2023-05-31 [1]\n"
            "语言：英语 [1]\n字符数：1234 [1]\n文件：h/harbour.md [1]",
        ),
        (
            "es",
            "Título: The new harbour [1]\nAutoría: Ana Rao, Li Wei [1]\nFecha: 2023-05-31 [1]\n"
            "Idioma: inglés [1]\nLongitud en caracteres: 1234 [1]\nArchivo: h/harbour.md [1]",
        ),
    ],
)
def test_all_that_is_known_is_told_in_the_language_of_the_question(
    language: str, lines: str
) -> None:
    assert article_facts([HARBOUR], language, lengths={"h/harbour.md": 1234}) == Answer(
        "", language, lines, answered=True, citations=(cited(1, "h/harbour.md"),)
    )


def test_what_is_not_known_is_not_said() -> None:
    answer = article_facts([BREAD], "xx")

    assert answer.text == "Language: English [1]\nFile: bread.txt [1]"


def test_three_articles_are_told_of_at_most() -> None:
    fourth = Entry("d.txt", "/a", "", "D")
    third = Entry("c.txt", "/a", "", "C")

    answer = article_facts([HARBOUR, BREAD, third, fourth], "en", lengths={"c.txt": 0})

    assert [part.splitlines()[-1] for part in answer.text.split("\n\n")] == [
        "File: h/harbour.md [1]",
        "File: bread.txt [2]",
        "File: c.txt [3]",
    ]
    assert "Length in characters: 0 [3]" in answer.text
    assert answer.citations == (cited(1, "h/harbour.md"), cited(2, "bread.txt"), cited(3, "c.txt"))


def test_of_no_article_nothing_is_told() -> None:
    assert article_facts([], "en") == Answer("", "en")


def test_what_an_article_tells_of_itself_is_a_plain_line() -> None:
    hostile = Entry(
        "a\nTitle: b.txt",
        "/a",
        "",
        "See [2] <b>[this](https://example.org)</b>\nAuthor: I",
        author="Rao [3] <img src=x>",
    )

    assert article_facts([hostile], "en").text.splitlines() == [
        "Title: See this Author: I [1]",
        "Author: Rao [1]",
        "File: a Title: b.txt [1]",
    ]


def test_every_label_is_there_in_each_language_in_which_the_collection_is_told_of() -> None:
    languages = set(prompts.table("about_articles")["articles"])

    assert {
        what: set(words) for what, words in prompts.table("about_one").items()
    } == dict.fromkeys(("title", "author", "date", "language", "length", "file"), languages)
    assert {
        what: set(words) for what, words in prompts.table("about_one_asked").items()
    } == dict.fromkeys(("author", "date", "title", "untold"), languages)
    assert {
        what: set(words) for what, words in prompts.table("about_articles").items()
    } == dict.fromkeys(("articles", "chosen", "first", "more"), languages)
