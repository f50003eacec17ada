"""Raised and lowered letters of PDFs: no number changes, and notes are found by their marks."""

from typing import Any

import pytest

from tests.support.drawn_pdf import column, read, written

NOTE = (40.0, 50.0)


def one_line(*parts: tuple[str, float, float], note: str = "") -> str:
    def draw(canvas: Any) -> None:
        written(canvas, 40, 500, *parts)
        if note:
            written(canvas, *NOTE, (note[0], 5, 3), (note[1:], 8, 0))

    lines = column(40, 540, "Of the harbour at Vell, in the words of its board:")
    return read(lines, more=draw).text.split("\n\n", 1)[1]


@pytest.mark.parametrize(
    ("base", "mark", "rise", "after", "text"),
    [
        pytest.param("It lifts 10", "3", 4, " stones", "It lifts 10³ stones", id="power"),
        pytest.param("It has 60 m", "2", 4, " of deck", "It has 60 m² of deck", id="unit"),
        pytest.param("It rose to 10", "-3", 4, " bar", "It rose to 10⁻³ bar", id="negative"),
        pytest.param("Some H", "2", -2, "O is left", "Some H₂O is left", id="lowered"),
        pytest.param("It grows by e", "kt", 4, " a day", "It grows by e^(kt) a day", id="letters"),
        pytest.param("On the 21", "st", 4, " of May", "On the 21st of May", id="ordinal"),
        pytest.param("A board", "3", 4, " decides", "A board [3] decides", id="behind a word"),
        pytest.param("It said so.", "3", 4, " Then", "It said so. [3] Then", id="behind a stop"),
    ],
)
def test_raised_and_lowered_letters_are_told_apart(
    base: str, mark: str, rise: float, after: str, text: str
) -> None:
    assert one_line((base, 11, 0), (mark, 7, rise), (after, 11, 0)) == text


def test_a_mark_behind_a_number_is_a_note_where_the_page_has_that_note() -> None:
    parts = (("It is 210", 11, 0), ("3", 7, 4), (" metres long", 11, 0))

    assert one_line(*parts, note="3Without the ramp.") == (
        "It is 210 [3] metres long\n\n[3] Without the ramp."
    )


def test_a_power_stays_one_where_the_note_is_named_elsewhere() -> None:
    parts = (("It has 60 m", 11, 0), ("2", 7, 4), (" of deck", 11, 0), ("2", 7, 4), (" now", 11, 0))

    assert one_line(*parts, note="2Oak.").startswith("It has 60 m² of deck [2] now")


def test_a_note_stands_apart_from_the_sentence_that_crosses_the_page() -> None:
    def draw(canvas: Any) -> None:
        written(canvas, *NOTE, ("1", 5, 3), ("Now 15.", 8, 0))

    first = column(40, 540, "The keeper of the scale was paid twelve shillings and a ham until the")
    found = read(first, column(40, 540, "tax was lifted in the spring."), more=None)
    assert "until the tax was lifted" in found.text

    noted = read(first, more=draw)
    assert noted.text.endswith("\n\n[1] Now 15.")


def test_a_letter_that_is_moved_stays_in_its_word() -> None:
    # As the logo of TeX has it: once its E was said at the end of the line.
    assert one_line(("The T", 11, 0), ("E", 11, -2.4), ("X Users Group", 11, 0)) == (
        "The TEX Users Group"
    )
