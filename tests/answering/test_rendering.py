"""What code alone can say in another language of the words that answer."""

import pytest

from qa.answering.rendering import rendered
from qa.question import Question


@pytest.mark.parametrize(
    ("words", "source", "target", "said"),
    [
        pytest.param("2,8%", "id", "en", "2.8%", id="a share"),
        pytest.param("2.8 प्रतिशत", "hi", "id", "2,8%", id="a share in words"),
        pytest.param("“2018”.", "id", "hi", "2018", id="marks about it"),
        pytest.param("1,2 miliar dolar AS", "id", "zh", "12亿美元", id="an amount, zh"),
        pytest.param("100 मिलियन युआन", "hi", "en", "100 million Chinese yuan", id="an amount, en"),
        pytest.param("मई", "hi", "es", "mayo", id="a month"),
        pytest.param("जून 2023", "hi", "zh", "2023年6月", id="a month of a year"),
        pytest.param("29 Juni 2023", "id", "en", "June 29, 2023", id="a date"),
        pytest.param("31 Februari 2023", "id", "en", "31 Februari 2023", id="no date"),
        pytest.param("Zhiyuan Institute", "id", "zh", "Zhiyuan Institute", id="a name"),
        pytest.param("9.5 कार्ड", "hi", "en", "9.5", id="a number where one is asked for"),
        pytest.param("1 juta dari 5 kartu", "id", "en", "", id="two numbers"),
        pytest.param("pada bulan Mei", "id", "en", "", id="a month among words"),
        pytest.param("jaringan pengetahuan", "id", "en", "", id="words"),
        pytest.param("लेटपोस्ट", "hi", "en", "", id="a name in other letters"),
        pytest.param("…", "hi", "en", "", id="nothing"),
    ],
)  # fmt: skip
def test_numbers_amounts_dates_and_names_are_said(
    words: str, source: str, target: str, said: str
) -> None:
    assert rendered(Question.of("How many cards?"), words, source, target) == said


@pytest.mark.parametrize(
    ("words", "begins", "said"),
    [
        ("Tencent", False, "Tencent"),
        ("Harganya", True, ""),
        ("Wang Huiwen", True, "Wang Huiwen"),
        ("2018", True, "2018"),
    ],
)
def test_a_word_that_begins_a_sentence_is_no_name(words: str, begins: bool, said: str) -> None:
    assert rendered(Question.of("Who?"), words, "id", "en", begins=begins) == said


def test_a_number_beside_a_word_is_not_said_where_something_else_is_asked_for() -> None:
    assert rendered(Question.of("What did it cost him?"), "9.5 कार्ड", "hi", "en") == ""
