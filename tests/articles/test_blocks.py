from pathlib import Path

import pytest

from index.articles.article import Article, read
from index.articles.blocks import Block, blocks, flatten, title
from index.articles.boilerplate import is_boilerplate, is_byline
from index.articles.files import Found, find

LIST = "The firm faces hurdles:\n\n• Chips: few are had.\n• Money: none is left.\n\nIt goes on."
WRAPPED = """\
The bakery on the northern side of the river sold
four hundred loaves in the month of May, and as the
owner said, nobody had expected that it would sell so
many. The oven is new and burns nothing but beech wood.
"""


def cut(text: str, name: str = "a.txt") -> list[tuple[str, tuple[str, ...]]]:
    article = Article(name, text, "")
    return [(text[b.start : b.end], b.headings) for b in blocks(article)]


def seed(folder: Path, start: str) -> Article:
    found = next(f for f in find(folder) if isinstance(f, Found) and f.id.startswith(start))
    return read(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One.\n\nTwo.", [("One.", ()), ("Two.", ())], id="paragraphs"),
        pytest.param("One.\nTwo.", [("One.", ()), ("Two.", ())], id="a line is a paragraph"),
        pytest.param(
            "Title\n\nSome text.\n\nPart\n\nMore text.",
            [("Some text.", ("Title",)), ("More text.", ("Title", "Part"))],
            id="headings",
        ),
        pytest.param(
            "Some text.\n1. The first part\nThis text is under it.",
            [("Some text.", ()), ("This text is under it.", ("1. The first part",))],
            id="numbered heading",
        ),
        pytest.param(
            "Title\n\nText.\n\nLost part\n\nLast part\n\nMore.",
            [("Text.", ("Title",)), ("Lost part", ("Title",)), ("More.", ("Title", "Last part"))],
            id="heading without text",
        ),
        pytest.param("Only a title", [("Only a title", ())], id="nothing but a title"),
        pytest.param("Lihat Asli", [("Lihat Asli", ())], id="nothing but chrome"),
        pytest.param("  \n\n\t\n One. \n\n\n", [("One.", ())], id="blank lines around"),
        pytest.param(
            LIST, [(LIST[:-13], ()), ("It goes on.", ())], id="list with its introduction"
        ),
    ],
)
def test_plain_text_is_cut_into_blocks(
    text: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# A\n\nw.\n\n## B\n\ny.\n\n### C\n\nz.\n\n## D\n\nw.",
            [("w.", ("A",)), ("y.", ("A", "B")), ("z.", ("A", "B", "C")), ("w.", ("A", "D"))],
            id="levels",
        ),
        pytest.param("# A\nx\ny.", [("x\ny.", ("A",))], id="soft line end"),
        pytest.param("# C# #\ny.", [("y.", ("C#",))], id="closing marks"),
        pytest.param("# A\n# B\n\ny.", [("# A", ()), ("y.", ("B",))], id="title without text"),
        pytest.param("y.\n\n## End", [("y.", ()), ("## End", ())], id="heading at the end"),
        pytest.param("#hash is no heading", [("#hash is no heading", ())], id="hash tag"),
        pytest.param("See:\n- a\n- b", [("See:\n- a\n- b", ())], id="list"),
    ],
)
def test_markdown_is_cut_by_its_headings(
    text: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert cut(text, "a.md") == expected


def test_lines_wrapped_by_hand_are_one_paragraph() -> None:
    article = Article("a.txt", WRAPPED, "")

    assert blocks(article) == [Block(0, len(WRAPPED) - 1)]
    assert flatten(article, 0, len(WRAPPED) - 1) == WRAPPED[:-1].replace("\n", " ")


def test_flattening_leaves_lists_and_lengths_alone() -> None:
    text = "Two things\nmatter:\n- one\n- two"

    assert flatten(Article("a.md", text, ""), 0, len(text)) == "Two things matter:\n- one\n- two"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("# The bakery\n\nBread.", "The bakery", id="heading"),
        pytest.param("Bread is good.\nAnd cheap.", "Bread is good.", id="first line"),
        pytest.param("x" * 200 + ".", "x" * 119 + "…", id="long line cut short"),
        pytest.param("Only a title", "Only a title", id="nothing else"),
    ],
)
def test_an_article_is_known_by_its_title(text: str, expected: str) -> None:
    article = Article("a.md", text, "")

    assert title(article, blocks(article)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Published on",
        "Lihat Asli",
        "  — Baca juga: —  ",
        "阅读原文",
        "और पढ़ें",
        "Share\nTwitter\nFacebook",
        "This page may contain third-party content, which is provided for information purposes "
        "only and should not be considered as an endorsement. See Disclaimer for details.",
        "© 2024 The Bakery. All rights reserved.",
        "We use cookies. By going on you accept all cookies and our privacy policy.",
    ],
)
def test_words_of_the_page_are_chrome(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "She gave legal advice to the firm.",
        "The site uses cookies to follow its readers, the court found.",
        "Twitter bought the firm.",
        "The author of the book is known.",
        "Penulis Kenneth Stanley dan Joel Lehman menulis buku.",
        "लेखक ने कहा कि यह सच है।",
    ],
)
def test_a_sentence_that_speaks_of_such_words_is_not_chrome(text: str) -> None:
    assert not is_boilerplate(text)
    assert not is_byline(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pengarang|Liu Yangnan\nSumber|Tahun Cahaya Jiazi",
        "作者：李明",
        "Source: Reuters",
        "लेखक\n  • avatar\n    नाम\n    Ajax\n    Twitter",
    ],
)
def test_a_block_that_names_author_or_source_is_a_byline(text: str) -> None:
    assert is_byline(text)
    assert not is_boilerplate(text)


def test_the_hindi_article_stands_under_its_headings(seed_articles: Path) -> None:
    article = seed(seed_articles, "000_")
    found = blocks(article)
    headings = list(dict.fromkeys(name for block in found for name in block.headings))

    assert title(article, found) == headings[0]
    assert headings == [
        "ली काई-फू अब एजीआई का पीछा नहीं कर रहे: शून्य एक लाख का रणनीतिक समायोजन",
        "शून्य एक लाख के रणनीतिक समायोजन: अब सुपर-बड़े मॉडल का पीछा नहीं करना",
        "चीन में बड़े मॉडल स्टार्टअप की चुनौतियां",
        "शून्य एक लाख की प्रतिक्रिया रणनीतियां",
        "एजीआई का पीछा छोड़ने के पीछे कारण",
        "अली के साथ सहयोग",
        "स्केलिंग लॉ में कमी",
        "सुपर-बड़े मॉडल की भूमिका",
        "वाणिज्यिककरण का महत्वपूर्ण प्रश्न",
        "शून्य एक लाख का वाणिज्यिककरण मार्ग",
        "एआई-फर्स्ट अनुप्रयोगों का भविष्य",
        "ली काई-फू की उद्यमशीलता अंतर्दृष्टि",
        "2025 का दृष्टिकोण",
    ]


@pytest.mark.parametrize(
    ("start", "bylines"),
    [
        pytest.param("000_", ["• avatar\n    नाम\n    Ajax\n    Twitter"], id="Hindi author block"),
        pytest.param(
            "004_", ["Pengarang|Liu Yangnan", "Sumber|Tahun Cahaya Jiazi"], id="Indonesian byline"
        ),
    ],
)
def test_only_bylines_of_the_shipped_articles_keep_chrome(
    start: str, bylines: list[str], seed_articles: Path
) -> None:
    article = seed(seed_articles, start)
    found = blocks(article)
    rest = "\n".join(article.text[b.start : b.end] for b in found if not b.byline)

    assert [article.text[b.start : b.end] for b in found if b.byline] == bylines
    for chrome in (
        "Published on",
        "avatar",
        "Lihat Asli",
        "third-party",
        "Disclaimer",
        "Pengarang|",
    ):
        assert chrome not in rest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Title\n" * 8_000, id="identical lines"),
        pytest.param("\n" * 40_000 + "y", id="blank lines"),
        pytest.param("# a" + " " * 200_000 + "b", id="spaces in a heading"),
        pytest.param("# a" + "#" * 200_000 + "b", id="marks in a heading"),
        pytest.param("a" + "." * 200_000 + "b", id="punctuation inside a line"),
        pytest.param("• " * 200_000, id="bullets in a line"),
        pytest.param((" " * 500 + "\n") * 500 + "x", id="lines of spaces"),
        pytest.param(("x" + " " * 500 + "\n") * 500 + "x", id="spaces at line ends"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.timeout(20)
def test_hostile_layout_is_read_in_time_that_grows_with_its_length(text: str, name: str) -> None:
    article = Article(name, text, "")
    found = blocks(article)

    assert found
    assert len(flatten(article, 0, len(text))) == len(text)
