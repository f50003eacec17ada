"""Weekdays that a text names, in several languages."""

import pytest

from qa.text.weekdays import weekdays


@pytest.mark.parametrize(
    ("text", "language", "days"),
    [
        ("Visitors may see it on Saturdays.", "en", {5}),
        ("It runs Monday to Wednesday.", "en", {0, 2}),
        ("Feri tidak berjalan pada hari Minggu.", "id", {6}),
        ("यह शनिवार को खुलता है।", "hi", {5}),
        ("渡轮星期日不开。", "zh", {6}),
        ("Abre los sábados.", "es", {5}),
        ("It opens at noon.", "en", set()),
        ("Tidak ada.", "xx", set()),
    ],
)
def test_weekdays_are_told_by_their_names(text: str, language: str, days: set[int]) -> None:
    assert weekdays(text, language) == days
