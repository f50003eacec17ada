"""The dates that a question asks for, in the languages of the questions."""

import pytest

from qa.answering.asked_dates import Dates, dates_of, is_date
from qa.extraction.reader import Span

NEWEST = "2025-04-09"


@pytest.mark.parametrize(
    ("text", "language", "since", "until"),
    [
        ("Which are from 2024?", "en", "2024", "2024"),
        ("Which are from May 2024?", "en", "2024-05", "2024-05"),
        ("Which came out on 11 March 2025?", "en", "2025-03-11", "2025-03-11"),
        ("Which are dated 2025-03-11?", "en", "2025-03-11", "2025-03-11"),
        ("between March and May 2021", "en", "2021-03", "2021-05"),
        ("in 2025 or 2024", "en", "2024", "2025"),
        ("los del 11 de marzo de 2025", "es", "2025-03-11", "2025-03-11"),
        ("yang terbit pada bulan Agustus 2023", "id", "2023-08", "2023-08"),
        ("2025年3月11日的文章", "zh", "2025-03-11", "2025-03-11"),
        ("2023年五月到2024年二月", "zh", "2023-05", "2024-02"),
        ("१५ मार्च २०२४ के लेख", "hi", "2024-03-15", "2024-03-15"),
    ],
)
def test_dates_are_read(text: str, language: str, since: str, until: str) -> None:
    assert dates_of(text, language, None, NEWEST) == Dates(since, until)


@pytest.mark.parametrize(
    ("text", "span", "dates"),
    [
        ("since May 2024", "since", Dates(since="2024-05")),
        ("after December 2024", "after", Dates(since="2025-01")),
        ("after 2024", "after", Dates(since="2025")),
        ("after 31 December 2024", "after", Dates(since="2025-01-01")),
        ("until 2024", "until", Dates(until="2024")),
        ("before January 2024", "before", Dates(until="2023-12")),
        ("before 1 March 2024", "before", Dates(until="2024-02-29")),
        ("since May", "since", Dates(since="2024-05")),
        ("since March", "since", Dates(since="2025-03")),
    ],
)
def test_they_lie_from_the_one_that_is_named(text: str, span: Span, dates: Dates) -> None:
    assert dates_of(text, "en", span, NEWEST) == dates


@pytest.mark.parametrize("text", ["the newest 3 articles", "Which are long?", "all 40 of them"])
def test_a_number_is_no_date(text: str) -> None:
    assert dates_of(text, "en", None, NEWEST) is None


@pytest.mark.parametrize(
    ("dates", "held"),
    [
        (Dates("2024", "2024"), ["2024-01-01", "2024-12"]),
        (Dates(since="2024-12"), ["2024-12", "2025-03-11"]),
        (Dates(until="2024-01"), ["2023-03-02", "2024-01-01"]),
        (Dates(of_year="03"), ["2023-03-02", "2025-03-11"]),
    ],
)
def test_a_date_is_among_them_or_not(dates: Dates, held: list[str]) -> None:
    every = ["", "2023-03-02", "2024-01-01", "2024-12", "2025-03-11"]

    assert [date for date in every if dates.hold(date)] == held


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (Dates("2024", "2024"), "2024"),
        (Dates("2024-03", "2024-05"), "2024-03 – 2024-05"),
        (Dates(since="2024"), "2024 –"),
        (Dates(until="2024"), "– 2024"),
        (Dates(of_year="03"), "marzo"),
        (Dates(of_year="03-11"), "11 marzo"),
    ],
)
def test_they_are_told_in_a_language(dates: Dates, told: str) -> None:
    assert dates.told("es") == told


@pytest.mark.parametrize(
    ("text", "alone"),
    [("March", True), ("11 de marzo", True), ("2024年3月", False), ("the storm of 2023", False)],
)
def test_a_date_alone_is_told_from_one_of_something(text: str, alone: bool) -> None:
    assert is_date(text) == alone


@pytest.mark.parametrize("text", ["after 5 March", "before 5 March", "from 5 March to June"])
def test_without_an_article_of_a_known_date_there_is_no_last_march(text: str) -> None:
    dates = dates_of(text, "en", "after" if "after" in text else "before", "")

    assert dates
    assert dates.told("en") == "05 March"
    assert not dates.hold("")
