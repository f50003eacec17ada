"""Words of a quote among the words of a page: found whatever the lines, or not at all."""

import time

import pytest

from index.converters.page_words import PageWord, Quote, letters, plain
from index.converters.quote_search import find


def page(*runs: tuple[float, float, str], number: int = 1, first_run: int = 0) -> list[PageWord]:
    """Words of lines that begin at (x, y); a letter is 5 points wide and 10 high."""
    words = []
    for run, (x, y, text) in enumerate(runs):
        at = x
        for word in text.split():
            its = plain(word)
            boxes = tuple((at + 5 * i, y, at + 5 * i + 5, y + 10) for i in range(len(its)))
            words += [PageWord(its, boxes, number, first_run + run)] if its else []
            at += 5 * (len(word) + 1)
    return words


def found(words: list[PageWord], quote: Quote | str, first: int | None = None) -> str | None:
    """The letters that are found, a `/` between words that do not follow each other."""
    sought = Quote(quote) if isinstance(quote, str) else quote
    pieces = find(words, sought, first)
    if pieces is None:
        return None
    told, last = "", None
    for piece in pieces:
        told += "" if last is None else " " if piece.word == last + 1 else "/"
        told += words[piece.word].letters[piece.start : piece.end]
        last = piece.word
    return told


@pytest.mark.parametrize(
    ("line", "quote", "told"),
    [
        pytest.param("of light- house", "of lighthouse", "of light house", id="hyphen"),
        pytest.param("is 210³ metres", "is 210 [3] metres", "is 2103 metres", id="note"),
        pytest.param("10 3 m", "10^3 m", "10 3 m", id="power"),
        pytest.param("the ﬁne quay", "the fine quay", "the fine quay", id="ligature"),
        pytest.param("cafe\u0301 noir", "caf\u00e9 noir", "cafe\u0301 noir", id="accent"),
        pytest.param("हिन्दी में", "हिन्दी", "हिन्दी", id="marks"),
        pytest.param("(2019).The end", "The end", "The end", id="within a word"),
    ],
)
def test_letters_and_digits_are_compared(line: str, quote: str, told: str) -> None:
    assert found(page((0, 0, line)), quote) == told


@pytest.mark.parametrize(
    ("line", "quote"),
    [
        pytest.param("it costs 1.5 coins", "it costs 15 coins", id="point"),
        pytest.param("it costs 15 coins", "it costs 1,5 coins", id="comma"),
        pytest.param("The Quay", "the quay", id="case"),
        pytest.param("काम है", "कम है", id="another vowel"),
        pytest.param("the quay", "…", id="no letters"),
    ],
)
def test_other_words_are_not_found(line: str, quote: str) -> None:
    assert found(page((0, 0, line)), quote) is None


def test_columns_that_are_drawn_line_by_line_are_told_apart() -> None:
    words = page(
        (0, 0, "The quay was built by"),
        (300, 0, "The lamp burned until the"),
        (0, 12, "forty masons in a winter"),
        (300, 12, "year 1931 and no longer"),
    )

    assert found(words, "The quay was built by forty masons") == (
        "The quay was built by/forty masons"
    )
    assert found(words, "lamp burned until the year 1931") == "lamp burned until the/year 1931"
    assert found(words, "built by The lamp") == "built by The lamp"  # as it is drawn
    assert found(words, "The quay was year 1931") is None  # amid a line no other one begins


def test_a_line_goes_on_below_rather_than_elsewhere() -> None:
    words = page(
        (0, 0, "they met in the hall"),
        (300, 0, "and went home early today"),
        (0, 12, "and went home late then"),
    )

    assert found(words, "in the hall and went home late") == "in the hall/and went home late"
    assert found(words, "in the hall and went home") == "in the hall and went home"


def test_what_can_be_read_in_two_ways_is_not_marked() -> None:
    words = page((0, 0, "Fee"), (100, 0, "x"), (0, 50, "3"), (100, 50, "y"), (0, 90, "3"))

    assert found(words, "Fee 3") is None


def test_the_same_words_are_told_apart_by_what_stands_about_them() -> None:
    words = page((0, 0, "a boat sank in May but no boat sank in June"))

    assert found(words, "boat sank") is None
    assert found(words, Quote("boat sank", "but no ")) == "boat sank"
    pieces = find(words, Quote("boat sank", "a ", " in May"))
    assert pieces is not None
    assert pieces[0].word == 1


def test_a_row_of_a_table_is_found_with_its_names() -> None:
    words = page(
        *((0, 0, "Boat"), (100, 0, "Tonnes"), (200, 0, "Due")),
        *((0, 12, "Heron"), (100, 12, "12"), (200, 12, "3 May")),
        *((0, 24, "Tern"), (100, 24, "30"), (200, 24, "3 May")),
        *((0, 36, "Wren"), (100, 36, "12"), (200, 36, "9 May")),
    )
    pieces = find(words, Quote("- Boat: Wren; Tonnes: 12; Due: 9 May"))
    assert pieces is not None
    tops = {words[piece.word].box[1] for piece in pieces}

    assert found(words, "- Boat: Wren; Tonnes: 12; Due: 9 May") == "Boat/Wren/Tonnes/12/Due/9 May"
    assert tops == {0, 36}


def test_a_quote_goes_on_on_the_next_page_past_its_foot_and_head() -> None:
    words = [
        *page((0, 0, "The oldest stone was laid"), (0, 800, "Page 1")),
        *page((0, 0, "Gazette"), (0, 50, "by Mira Holm in spring"), number=2, first_run=9),
    ]

    assert found(words, "stone was laid by Mira Holm", 1) == "stone was laid/by Mira Holm"
    assert found(words, "by Mira Holm", 1) is None  # it does not begin there
    assert found(words, "by Mira Holm", 2) == "by Mira Holm"


@pytest.mark.parametrize(
    "line", [pytest.param("a " * 20_000, id="words"), pytest.param("a" * 40_000, id="one word")]
)
def test_a_page_made_to_take_long_does_not(line: str) -> None:
    words = page(*((0.0, 12.0 * i, line[:400]) for i in range(100)))
    begun = time.process_time()

    find(words, Quote("a " * 500 + "b"))
    find(words, Quote("aab" * 300))
    assert time.process_time() - begun < 5


def test_a_letter_knows_its_character() -> None:
    assert letters("ﬁ 1.5") == [("f", 0), ("i", 0), ("1", 2), (".", 3), ("5", 4)]
