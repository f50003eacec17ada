"""Plain text and code: rulers, drawn tables, page breaks and fences."""

import pytest

from index.articles.article import Article
from index.articles.blocks import blocks, flatten
from index.articles.fences import Fence, fences
from index.articles.page_breaks import without_page_breaks

FOOT = "\n\nRao            Tides         [Page {}]\n\f\nRFC 9999    Tide Tables    June 2024\n\n"


def cut(text: str, name: str) -> list[tuple[str, tuple[str, ...]]]:
    article = Article(name, text, "")
    return [(text[b.start : b.end], b.headings) for b in blocks(article)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Rules\n=====\n\nNo fish.", [("No fish.", ("Rules",))], id="underlined"),
        pytest.param("Is it 5?\n---\nNo.", [("No.", ("Is it 5?",))], id="a question underlined"),
        pytest.param("One.\n\n*****\n\nTwo.", [("One.", ()), ("Two.", ())], id="ruler"),
        pytest.param(
            "Text.\n\nBoat    Dues\nHeron   3 coins\nTern    4",
            [("Text.", ()), ("Boat    Dues\nHeron   3 coins\nTern    4", ())],
            id="drawn table",
        ),
    ],
)
def test_plain_text_with_rulers_and_tables(
    text: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert cut(text, "a.txt") == expected


def test_a_hash_in_a_fence_is_code() -> None:
    text = "# Setup\n\n```bash\n# the port is 8123\ntide\n\nx\n```\n\n~~~\n# b\n~~~\n"

    assert cut(text, "a.md") == [
        ("# the port is 8123\ntide\n\nx", ("Setup",)),
        ("# b", ("Setup",)),
    ]


def test_lines_of_code_stay_lines() -> None:
    text = "One\ntwo.\n\n```\na\nb\n```\nThree\nfour."
    article = Article("a.md", text, "")

    assert flatten(article, 0, len(text)) == "One two.\n\n```\na\nb\n```\nThree four."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a\n```\nb\n```\nc", (Fence(2, 6, 7, 11),), id="fence"),
        pytest.param("```\n# a\n", (), id="never closed"),
        pytest.param("``` a ``` b\n```", (), id="a span is no fence"),
        pytest.param("````\n```\nx\n````", (Fence(0, 5, 10, 15),), id="longer fence"),
    ],
)
def test_fences_are_found(text: str, found: tuple[Fence, ...]) -> None:
    assert fences(text) == found


def test_a_sentence_goes_on_over_a_page_break() -> None:
    pages = ["   It is printed each year, in", "   400 copies.", "   Next.", "   Last."]
    text = pages[0] + "".join(FOOT.format(i) + page for i, page in enumerate(pages[1:], 1))

    whole, notices = without_page_breaks(text)

    assert whole == "   It is printed each year, in\n   400 copies.\n\n   Next.\n\n   Last."
    assert notices == ("6 running heads and page numbers were left out",)


def test_a_text_without_page_breaks_is_as_it_was() -> None:
    assert without_page_breaks("a\nb") == ("a\nb", ())
