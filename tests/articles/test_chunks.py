import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles.article import Article, read
from index.articles.blocks import blocks
from index.articles.chunks import BUDGET, Chunk, Count, chunks, sentences_in
from index.articles.files import Found, find
from index.embedding.embedder import Embedder
from tests.support.fakes import HashEmbedder

COUNT = HashEmbedder().count
WORDS = ["kata", "शब्द", "字字字字", "2,8%", "Dr.", "naik", "x", "www.a.com", "yang", "😀", "कहा"]
ENDS = [". ", "। ", "。", "? ", "\n", ".\n\n", ":\n\n• ", "\n\n# Bagian\n\n", ".", "\n\n\n"]


LEFT_OUT = {
    "000": ["Published on", "लेखक"],
    "004": [
        "Lihat Asli",
        "This page may contain third-party content, which is provided for information purposes "
        "only (not representations/warranties) and should not be considered as an endorsement of "
        "its views by Gate, nor as financial or professional advice. See Disclaimer for details.",
    ],
}


def articles_in(folder: Path) -> list[Article]:
    return [read(found) for found in find(folder) if isinstance(found, Found)]


def cut(article: Article, count: Count, budget: int | None = None) -> list[Chunk]:
    return chunks(article, blocks(article), count, budget)


def random_article(chance: random.Random) -> Article:
    text = "".join(
        " ".join(chance.choices(WORDS, k=chance.randrange(1, 30))) + chance.choice(ENDS)
        for _ in range(chance.randrange(1, 60))
    )
    return Article(chance.choice(["a.txt", "a.md"]), text * chance.choice([1, 1, 2]), "")


def places(found: list[Chunk]) -> list[tuple[int, int]]:
    return [span for chunk in found for span in ((chunk.start, chunk.end), *chunk.places)]


def gaps(article: Article, found: list[Chunk]) -> Iterator[tuple[int, int]]:
    """What stands in no chunk and in none of its places."""
    edges = [0, *itertools.chain.from_iterable(sorted(places(found))), len(article.text)]
    yield from zip(edges[::2], edges[1::2], strict=True)


def uncovered(article: Article, found: list[Chunk]) -> str:
    return "".join("".join(article.text[a:b] for a, b in gaps(article, found)).split())


def assert_exact(article: Article, found: list[Chunk], budget: int = BUDGET) -> None:
    for chunk in found:
        for start, end in ((chunk.start, chunk.end), *chunk.places):
            assert article.text[start:end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
        assert COUNT([chunk.text])[0] <= budget
    taken = sorted(places(found))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(taken))
    assert len({(chunk.context, chunk.text) for chunk in found}) == len(found)


def assert_nothing_lost(article: Article, found: list[Chunk]) -> None:
    taken = set(itertools.chain.from_iterable(range(*span) for span in places(found)))
    for block in blocks(article):
        letters = {i for i in range(block.start, block.end) if not article.text[i].isspace()}
        assert letters <= taken


def test_a_chunk_is_whole_sentences_under_its_headings() -> None:
    text = "The bakery\n\nIt sold 400 loaves. It was May.\n\nThe oven\n\nIt is new."

    assert cut(Article("a.txt", text, ""), COUNT) == [
        Chunk("a.txt", 12, 43, "It sold 400 loaves. It was May.", "The bakery"),
        Chunk("a.txt", 55, 65, "It is new.", "The bakery\nThe oven"),
    ]


def test_headings_are_embedded_with_the_text_and_name_the_vector() -> None:
    one, other = (Chunk("a.txt", 0, 3, "Hi.", context) for context in ("A\nB", ""))

    assert (one.embedded_text, other.embedded_text) == ("A\nB\nHi.", "Hi.")
    assert one.key != other.key == Chunk("b.txt", 7, 10, "Hi.").key


def test_a_list_stands_with_its_introduction() -> None:
    text = "The firm faces hurdles:\n\n• Chips.\n• Money.\n\nIt goes on."

    assert cut(Article("a.txt", text, ""), COUNT)[0].text.startswith(
        "The firm faces hurdles:\n\n• Chips.\n• Money."
    )


def test_small_neighbours_are_joined_up_to_the_budget() -> None:
    text = "\n\n".join(f"Paragraph number {i} ends." for i in range(8))

    found = cut(Article("a.txt", text, ""), COUNT, budget=30)

    assert [COUNT([chunk.text])[0] for chunk in found] == [24, 24, 16]
    assert uncovered(Article("a.txt", text, ""), found) == ""


def test_sentences_are_shared_out_evenly() -> None:
    text = " ".join(f"This sentence is number {i:03}." for i in range(50))

    sizes = [COUNT([c.text])[0] for c in cut(Article("a.txt", text, ""), COUNT)]

    assert sum(sizes) == 50 * 7
    assert max(sizes) - min(sizes) <= 7


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("kata yang panjang " * 200, id="words"),
        pytest.param("abcdefgh" * 400, id="no space"),
        pytest.param("कि" * 800, id="vowel signs"),
        pytest.param("แม่น้ำ" * 500, id="Thai"),
        pytest.param("Awal." + " " * 5000 + "akhir", id="gap"),
    ],
)
def test_a_sentence_beyond_the_budget_is_cut(text: str) -> None:
    article = Article("a.txt", text, "")

    found = cut(article, COUNT)

    assert_exact(article, found)
    assert uncovered(article, found) == ""
    assert not any(chunk.text[0] in "\u093f่้ำ" for chunk in found)


def test_text_without_tokens_is_still_a_chunk() -> None:
    article = Article("a.txt", "\u200b", "")

    assert cut(article, lambda texts: [0] * len(texts)) == [Chunk("a.txt", 0, 1, "\u200b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Aa bb.\n\nCc dd.\n\nAa bb.", {"Aa bb.": [0, 16], "Cc dd.": [8]}, id="refrain"
        ),
        pytest.param("Aa. Bb.\n\n\nAa. Bb.", {"Aa. Bb.": [0, 10]}, id="twice"),
        pytest.param("Aa.\n\nBb.\n\n\nAa.\n\nBb.", {"Aa.\n\nBb.": [0, 11]}, id="joined twice"),
        pytest.param(
            "Aa.\n\nBb.\n\n***\n\nBb.\n\nAa.",
            {"Aa.": [0, 20], "Bb.": [5, 15], "***": [10]},
            id="other order",
        ),
        pytest.param(
            "Ya.\n\nSurabaYa.\n\n***\n\nYa.",
            {"Ya.": [0, 21], "SurabaYa.\n\n***": [5]},
            id="in a word",
        ),
    ],
)
def test_repeated_text_is_one_chunk_with_every_place(
    text: str, expected: dict[str, list[int]]
) -> None:
    found = cut(Article("a.md", text, ""), COUNT)

    assert {c.text: [c.start, *(start for start, _ in c.places)] for c in found} == expected


def test_short_text_under_another_heading_is_another_answer() -> None:
    text = "# Meat?\n\nNo.\n\n# Bread?\n\nNo."

    assert cut(Article("a.md", text, ""), COUNT) == [
        Chunk("a.md", 9, 12, "No.", "Meat?"),
        Chunk("a.md", 24, 27, "No.", "Bread?"),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_chunks_of_any_text_are_exact_and_lose_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        article, budget = random_article(chance), chance.choice([24, 60, BUDGET])
        found = cut(article, COUNT, budget)

        assert_exact(article, found, budget)
        assert_nothing_lost(article, found)


def test_the_shipped_articles_lose_nothing_but_headings_and_chrome(seed_articles: Path) -> None:
    for article in articles_in(seed_articles):
        found = cut(article, COUNT)
        headings = {name for block in blocks(article) for name in block.headings}
        rest = "\n".join(article.text[a:b] for a, b in gaps(article, found)).split("\n")
        lost = [line.strip() for line in rest if line.strip() and line.strip() not in headings]

        assert lost == LEFT_OUT[article.id[:3]]
        assert_nothing_lost(article, found)


def test_the_shipped_articles_are_cut_exactly(seed_articles: Path) -> None:
    for article in articles_in(seed_articles):
        found = cut(article, COUNT)

        assert_exact(article, found)
        for chunk in found:
            edges = {
                edge for span in sentences_in(article.text, 0, len(article.text)) for edge in span
            }
            assert chunk.start in edges
            assert chunk.end in edges


def test_the_indonesian_article_holds_its_text_twice(seed_articles: Path) -> None:
    article = articles_in(seed_articles)[1]
    found = [chunk for chunk in cut(article, COUNT) if not chunk.byline]
    second = article.text.index("Sumber|Tahun Cahaya Jiazi")
    twice = [chunk for chunk in found if len(chunk.places) == 1]

    assert sum(len(chunk.text) for chunk in twice) > 20_000
    assert all(chunk.end < second < chunk.places[0][0] for chunk in twice)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 5_000_000, id="one line without spaces"),
        pytest.param("".join(chr(97 + i * i % 26) for i in range(1_000_000)), id="one word"),
        pytest.param("kata " * 60_000, id="one sentence"),
        pytest.param("Ya.\n" * 10_000, id="identical lines"),
        pytest.param("".join(f"Baris {i}.\n" for i in range(5_000)), id="short lines"),
    ],
)
@pytest.mark.timeout(60)
def test_hostile_text_is_cut_in_time_that_grows_with_its_length(text: str) -> None:
    article = Article("a.txt", text, "")

    assert_exact(article, cut(article, COUNT))


def test_sentences_in_a_chunk_are_offsets_into_the_article() -> None:
    assert sentences_in("Skip. Aa bb.  Cc dd. Rest.", 6, 20) == [(6, 12), (14, 20)]


@pytest.mark.weights
def test_the_real_embedder_counts_every_chunk_within_the_budget(
    real_embedder: Embedder, seed_articles: Path
) -> None:
    for article in articles_in(seed_articles):
        found = cut(article, real_embedder.count)

        assert_exact(article, found, budget=10_000)
        assert max(real_embedder.count([chunk.text for chunk in found])) <= BUDGET
