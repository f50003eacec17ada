"""Which cell of a table a question asks for, and where it stands."""

import pytest

from qa.extraction.reader import Reading
from qa.verification.table_cells import cell_by_cell, column_of, is_row
from tests.support.fakes import ScriptedReader

ROW = "- Region: South; May: 75; June: 90"
TABLE = f"- Region: North; May: 135; June: 150\n{ROW}"


@pytest.mark.parametrize(
    ("text", "row"), [(ROW, True), ("- The bell rings.", False), ("A; b: c", False)]
)
def test_a_row_names_several_values(text: str, row: bool) -> None:
    assert is_row(text) is row


@pytest.mark.parametrize(
    ("words", "column"), [("South", "region"), ("75", "may"), ("90", "june"), ("June", "june")]
)
def test_each_value_stands_under_a_name(words: str, column: str) -> None:
    assert column_of(ROW, ROW.index(words)) == column


def test_what_stands_in_no_table_has_no_column() -> None:
    assert column_of("It lifts 40 tonnes; the old one: 11.", 20) == ""


@pytest.mark.parametrize("value", ["135", "150", "75", "90", "North", "South"])
def test_the_cell_is_found_that_answers_best(value: str) -> None:
    reader = ScriptedReader(
        finds=lambda text: value if value in text else "",
        tells=lambda question, text: 0.9 if value in text else 0.5,
        near=lambda question, text: 0.5,
    )

    found = cell_by_cell("?", TABLE, Reading(0, 5, 0.0, 0.7), reader)

    assert TABLE[found.start : found.end] == value
    assert found.probability == 0.9


def test_a_row_that_is_hardly_nearer_than_another_does_not_tell() -> None:
    reader = ScriptedReader(near=lambda question, text: 0.55 if "South" in text else 0.5)

    assert cell_by_cell("?", TABLE, Reading(0, 5, 0.0, 0.9), reader).probability == 0


def test_of_a_table_that_is_not_spoken_of_no_row_is_read() -> None:
    reading = Reading(0, 5, 0.0, 0.2)
    reader = ScriptedReader(near=lambda question, text: float("South" in text))

    assert cell_by_cell("?", TABLE, reading, reader) == reading


def test_what_stands_beside_a_table_is_left_as_it_was_found() -> None:
    text = f"The catch fell.\n\n{TABLE}"
    reading = Reading(0, 15, 0.0, 0.7)

    assert cell_by_cell("?", text, reading, ScriptedReader()) == reading
