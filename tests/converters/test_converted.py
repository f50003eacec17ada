"""Pages keep their places whatever is done to their text; what a file left out is told."""

import json

import pytest

from index.converters.converted import Converted, listed, paged
from index.passage import Page, page_at
from index.text.normalise import clean, normal_form


def test_pages_begin_where_their_texts_do() -> None:
    text, pages = paged("page", [("1", " One.\n"), ("2", "  "), ("3", "Three.")])

    assert text == "One.\n\nThree."
    assert [text[page.start :].split("\n")[0] for page in pages] == ["One.", "Three."]
    assert [page.name for page in pages] == ["1", "3"]


def test_an_offset_is_on_the_page_that_began_before_it() -> None:
    pages = [Page(3, "page", "1"), Page(10, "page", "2")]

    assert page_at(pages, 2) is None
    assert [page_at(pages, offset) for offset in (3, 9)] == [pages[0]] * 2
    assert page_at(pages, 10) == pages[1]


def test_pages_keep_their_beginnings_when_their_text_is_cleaned_and_composed() -> None:
    text, pages = paged("page", [("1", "Cafe\u0301\r\n\x00a"), ("2", "Two")])

    made = Converted(text, pages=pages).changed(clean).changed(normal_form)

    assert made.text == "Café\na\n\nTwo"
    assert made.text[made.pages[1].start :] == "Two"


def test_what_a_process_answers_is_read_again() -> None:
    made = Converted("One", "T", "en", pages=(Page(0, "sheet", "A", 0.5),), notices=("hidden",))

    assert Converted.from_fields(json.loads(json.dumps(made.fields))) == made


@pytest.mark.parametrize(
    "harm",
    [
        {"pages": [{"start": 9, "kind": "page", "name": "1", "ocr": None}]},
        {"pages": [{"start": 0, "kind": "room", "name": "1", "ocr": None}]},
        {"pages": [{"start": 0, "kind": "page", "name": 1, "ocr": None}]},
        {"pages": [{"start": 0, "kind": "page", "name": "1", "ocr": "sure"}]},
        {"pages": [{"start": True, "kind": "page", "name": "1", "ocr": None}]},
        {"pages": "none"},
        {"notices": [1]},
        {"more": 1},
    ],
)
def test_a_harmed_answer_is_refused(harm: dict[str, object]) -> None:
    fields = Converted("One").fields
    with pytest.raises(ValueError, match=r"that|not the|without a name"):
        Converted.from_fields({**fields, "pages": [], "notices": [], **harm})


@pytest.mark.parametrize(
    ("numbers", "said"), [([], ""), ([3], "3"), ([2, 3, 4, 9], "2-4, 9"), ([2, 1, 2], "1-2")]
)
def test_numbers_are_listed_as_people_do(numbers: list[int], said: str) -> None:
    assert listed(numbers) == said
