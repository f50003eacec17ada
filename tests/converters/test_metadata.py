import datetime

import pytest

from index.converters.metadata import author, author_of, day, title
from index.text.languages import declared as language


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06", "2024-05-06"),
        ("2024-05-06T23:59:00-11:00", "2024-05-06"),
        ("2024/5/6 08:00", "2024-05-06"),
        ("2024年5月6日", "2024-05-06"),
        ("20240506", "2024-05-06"),
        ("D:20240506080000+02'00'", "2024-05-06"),
        ("Mon, 06 May 2024 08:00:00 +0000", "2024-05-06"),
        (datetime.datetime(2024, 5, 6, 8), "2024-05-06"),
        ("2024-13-45", ""),
        ("2024", ""),
        ("1714953600", ""),
        ("yesterday", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_told_day_is_put_in_one_form_or_not_believed(value: object, expected: str) -> None:
    assert day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Bread\n of the \0north ", "Bread of the north"),
        ("Cafe\u0301", "Café"),
        ("Microsoft Word - Bread", "Bread"),
        ("Microsoft Word - bread.docx", ""),
        ("Untitled-1", ""),
        ("PowerPoint Presentation", ""),
        ("x" * 400, "x" * 300),
        (None, ""),
        (["x"], ""),
    ],
)
def test_a_told_title_is_one_line_or_none(value: object, expected: str) -> None:
    assert title(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Ana\n Rao\0 \u2028", "Ana Rao"),
        ("Rene\u0301 Vidal", "René Vidal"),
        ("李明", "李明"),
        ("Ana Rao; Li Wei;Ana Rao;", "Ana Rao, Li Wei"),
        ("Rao, Ana", "Rao, Ana"),
        (["Ana Rao", "", None, {"name": "Li Wei", "url": "x"}], "Ana Rao, Li Wei"),
        ({"@type": "Person", "name": "Ana Rao"}, "Ana Rao"),
        ([{"given": "Ana", "family": "Rao"}, {"familyName": "Wei"}], "Ana Rao, Wei"),
        ("By Ana Rao", "Ana Rao"),
        ("Ana Rao <ana@example.org>", "Ana Rao"),
        ("<a href='/ana'>Tom &amp; Ana</a>", "Tom & Ana"),
        ("https://example.org/ana", ""),
        ("ana@example.org", ""),
        ("unknown", ""),
        ("Admin", ""),
        ("User", ""),
        ("python-docx", ""),
        ("openpyxl", ""),
        ("Microsoft Office User", ""),
        ("(anonymous)", ""),
        ("пользователь Windows", ""),
        ("Ana Rao; admin", "Ana Rao"),
        ("x" * 100_000, ""),
        (f"Ana Rao, Li Wei, {'x' * 100_000}", "Ana Rao, Li Wei"),
        (["Ana Rao"] * 100_000 + ["Li Wei"], "Ana Rao"),
        ("\x01\x02\x1b", ""),
        ("\ud800", ""),
        ("2024", ""),
        (7, ""),
        (True, ""),
        (None, ""),
        ([["Ana Rao"], [[["Li Wei"]]]], ""),
        ({"name": {"name": "Ana Rao"}}, ""),
        ({"name": 7}, ""),
        ({}, ""),
    ],
)
def test_told_authors_are_one_line_or_none(value: object, expected: str) -> None:
    assert author(value) == expected


@pytest.mark.parametrize("name", ["Ana Rao", "अना राव"])
def test_no_name_is_cut_where_there_are_many(name: str) -> None:
    told = author([f"{name} {chr(97 + number)}" for number in range(26)] * 2)

    assert len(told) + len(name) + 4 > 190
    assert len(told) <= 200
    assert {each[:-2] for each in told.split(", ")} == {name}


def test_the_first_key_that_names_anybody_tells_who_wrote_it() -> None:
    record = {"creator": "C", "byline": "By B", "author": 7, "authors": ["unknown"]}

    assert author_of(record) == "B"


HINDI = "यह एक बड़ी बेकरी है और यहाँ रोटी बनती है।"
ENGLISH = "The bakery sold 400 loaves in May, and nobody expected that."


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        pytest.param("en-US", ENGLISH, "en", id="with region"),
        pytest.param("ENG", ENGLISH, "en", id="three letters"),
        pytest.param("ms", "Kedai roti itu menjual 400 roti pada bulan Mei.", "ms", id="Malay"),
        pytest.param("mr", HINDI, "mr", id="same script"),
        pytest.param("en", HINDI, "hi", id="another script"),
        pytest.param("ja", "東京都庁", "ja", id="Japanese without kana"),
        pytest.param("ka", "ეს არის პური.", "ka", id="unknown here"),
        pytest.param("und", ENGLISH, "en", id="undetermined"),
        pytest.param("English", ENGLISH, "en", id="no code"),
        pytest.param("", HINDI, "hi", id="nothing told"),
        pytest.param(None, HINDI, "hi", id="no text"),
    ],
)
def test_a_told_language_is_believed_when_it_can_be(code: object, text: str, expected: str) -> None:
    assert language(code, text) == expected
