import pytest

from qa.web.page.excerpt import CitedText, Excerpt, ExcerptRun, excerpt

TEXT = "ओवन 2019 में बना।\nIt burns wood.\nThe end."


def words(quote: str, marker: int = 1, start: int | None = None) -> CitedText:
    begin = TEXT.index(quote) if start is None else start
    return CitedText(marker, begin, begin + len(quote), quote)


def test_cited_words_are_one_marked_piece() -> None:
    cited = words("It burns wood.")

    assert excerpt(TEXT, cited) == Excerpt(
        (
            ExcerptRun("ओवन 2019 में बना।\n"),
            ExcerptRun("It burns wood.", 1),
            ExcerptRun("\nThe end."),
        ),
        0,
        len(TEXT),
        len(TEXT),
        cited,
        False,
        cited.start / len(TEXT),
    )


@pytest.mark.parametrize(
    ("others", "marks"),
    [
        pytest.param([words("The end.", 2)], [(1, "It burns wood."), (2, "The end.")], id="apart"),
        pytest.param([words("wood.\nThe", 2)], [(1, "It burns wood."), (2, "\nThe")], id="overlap"),
        pytest.param([words("burns", 2)], [(1, "It burns wood.")], id="within"),
        pytest.param([words("gone", 2, 0)], [(1, "It burns wood.")], id="gone"),
    ],
)
def test_other_words_are_marked_too(others: list[CitedText], marks: list[tuple[int, str]]) -> None:
    made = excerpt(TEXT, words("It burns wood."), others)

    assert [(p.marker, p.text) for p in made.pieces if p.marker] == marks
    assert "".join(piece.text for piece in made.pieces) == TEXT


def test_words_that_moved_are_found_at_the_nearest_place() -> None:
    made = excerpt("wood, wood and wood", CitedText(1, 7, 11, "wood"))

    assert made.words == CitedText(1, 6, 10, "wood")
    assert made.moved


def test_words_that_are_gone_leave_the_article_unmarked() -> None:
    made = excerpt(TEXT, CitedText(1, 3, 9, "no such words"))

    assert (made.words, made.pieces) == (None, (ExcerptRun(TEXT),))


def test_empty_article_has_no_pieces() -> None:
    assert excerpt("", CitedText(1, 0, 4, "gone")) == Excerpt((), 0, 0, 0, None, False, 0.0)


def test_long_article_is_shown_in_part_from_line_to_line() -> None:
    line = "a" * 99 + "\n"
    text = line * 300 + "the words\n" + line * 300
    made = excerpt(text, CitedText(3, 30_000, 30_009, "the words"))

    assert "".join(piece.text for piece in made.pieces) == text[made.start : made.end]
    assert (made.start % 100, text[made.end]) == (0, "\n")
    assert 7_000 < 30_000 - made.start <= 8_000
    assert [piece.text for piece in made.pieces if piece.marker == 3] == ["the words"]
