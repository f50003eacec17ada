"""What a sentence states that can be looked up: amounts with their units, months and names."""

import pytest

from index.text.languages import detect
from qa.question import Question
from qa.verification.facts import facts, invented_units, lacks_required_facts, required, same


def amounts(text: str, language: str = "en") -> list[tuple[list[float], str | None]]:
    return [(sorted(a.number.values), a.unit) for a in facts(text, language).amounts]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param("It paid US$233.67 million.", "en", [([233_670_000], "USD")], id="US$"),
        pytest.param(
            "It cost 40 percent of Rs. 500.", "en", [([40], "%"), ([500], "INR")], id="Rs."
        ),
        pytest.param("HK$5, 7 Hong Kong dollars", "en", [([5], None), ([7], None)], id="others"),
        pytest.param("€7 and £ 8", "en", [([7], "EUR"), ([8], "GBP")], id="signs"),
        pytest.param(
            "Naik 2,8 persen jadi Rp5 juta", "id", [([2.8], "%"), ([5e6], "IDR")], id="id"
        ),
        pytest.param("harganya 5 juta yuan", "id", [([5e6], "CNY")], id="yuan after a scale"),
        pytest.param("10 करोड़ युआन, 2.8 प्रतिशत", "hi", [([1e8], "CNY"), ([2.8], "%")], id="hi"),
        pytest.param("५० लाख डॉलर और ₹5", "hi", [([5e6], "USD"), ([5], "INR")], id="Hindi digits"),
        pytest.param("下降百分之50，即3亿美元", "zh", [([50], "%"), ([3e8], "USD")], id="百分之"),
        pytest.param("5万元，3000日元", "zh", [([50_000], "CNY"), ([3000], "JPY")], id="元"),
        pytest.param("100港元", "zh", [([100], None)], id="an unknown unit"),
        pytest.param("2,8 por ciento", "es", [([2.8], "%")], id="por ciento"),
        pytest.param("5 millones de dólares", "es", [([5e6], "USD")], id="de dólares"),
        pytest.param("5 percentage points", "en", [([5], None)], id="half a unit's word"),
        pytest.param("5 İDR and 7 mİlyar", "en", [([5], "IDR"), ([7e9], None)], id="Turkish I"),
        pytest.param("nothing", "en", [], id="none"),
        pytest.param("", "en", [], id="empty"),
    ],
)
def test_amounts_have_units(
    text: str, language: str, found: list[tuple[list[float], str | None]]
) -> None:
    assert amounts(text, language) == found


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2.8%", "百分之2.8", True),
        ("2,8 persen", "2.8 प्रतिशत", True),
        ("2.8%", "2.8 yuan", False),
        ("2.8%", "2.8", True),
        ("$5 million", "500万美元", True),
        ("$5 million", "500万元", False),
        ("5 करोड़ रुपये", "₹50 million", True),
        ("5%", "6%", False),
    ],
)
def test_amounts_of_different_units_never_agree(one: str, other: str, agree: bool) -> None:
    (a,), (b,) = facts(one, "en").amounts, facts(other, "en").amounts

    assert (same(a, b), same(b, a)) == (agree, agree)


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param("2023年5月", "zh", [2023], id="Chinese"),
        pytest.param("5월 7일", "ko", [7], id="Korean"),
        pytest.param("5日", "zh", [5], id="a day is a number"),
        pytest.param("tháng 5 năm 2023", "vi", [2023], id="Vietnamese"),
        pytest.param("29/06/2023", "en", [29, 2023], id="date"),
        pytest.param("2023-06-29", "en", [2023, 29], id="ISO date"),
    ],
)
def test_a_month_in_digits_is_no_number(text: str, language: str, found: list[float]) -> None:
    assert [values for values, _ in amounts(text, language)] == [[value] for value in found]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param("It was bought by Meituan in May.", "en", ("Meituan",), id="no month"),
        pytest.param("It paid US$5 or USD 5 or RMB.", "en", (), id="no unit"),
        pytest.param("Harganya Rp5 juta untuk Grab.", "id", ("Grab",), id="nor one at a number"),
        pytest.param("ChatGPT की विज़िट May में", "hi", ("ChatGPT",), id="Latin in Hindi"),
        pytest.param("阿里巴巴投资MiniMax", "zh", ("MiniMax",), id="Latin in Chinese"),
    ],
)
def test_names_are_neither_months_nor_units(
    text: str, language: str, found: tuple[str, ...]
) -> None:
    assert facts(text, language).names == found


@pytest.mark.parametrize(
    "text",
    ["1" * 30, "9" * 400, "1,234,567,890,123,456,789,012,345,678,901", "5" + " " * 5000 + "%"],
)
def test_long_numbers_agree_with_themselves(text: str) -> None:
    found = facts(f"{text} yuan", "en").amounts

    assert [same(amount, amount) for amount in found] == [True]


@pytest.mark.parametrize(
    ("question", "language", "found"),
    [
        pytest.param("What are the top 3 reasons of 2 founders?", "en", [], id="few"),
        pytest.param("Did Covid-19 end in the 21st century?", "en", [], id="digits of a word"),
        pytest.param("Was it 3% or $5 or 12?", "en", [3, 5, 12], id="units and more"),
        pytest.param("Who paid 2.5 or 3 million in 2023?", "en", [2.5, 3e6, 2023], id="no wording"),
        pytest.param("2023년 12명, 2023年", "ko", [2023, 12, 2023], id="unspaced"),
        pytest.param("ב-2023", "he", [2023], id="a year after a hyphen"),
    ],
)
def test_a_question_does_not_require_its_wording(
    question: str, language: str, found: list[float]
) -> None:
    wanted = required(question, language).amounts

    assert [sorted(amount.number.values) for amount in wanted] == [[value] for value in found]


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("How much in June?", "It was 5 in May.", True),
        ("How much in May?", "5月：5", False),
        ("What about 2023?", "2,023", False),
        ("What about 2023?", "in 2024", True),
        ("How much?", "", False),
    ],
)
def test_what_a_question_names_must_be_in_the_passage(
    question: str, text: str, lacks: bool
) -> None:
    assert lacks_required_facts(Question.of(question), text) is lacks


@pytest.mark.parametrize(
    ("claim", "text", "invented"),
    [
        ("It costs 12 dollars.", "- Fare: 12", {"USD"}),
        ("It costs 12 euros.", "- Fare: 12 (all in EUR)", set()),
        ("Das sind 47 Euro.", "- Wage: 47; Since: 2015", {"EUR"}),
        ("It grew by 7%.", "Naik 7 persen.", set()),
        ("It cost 7 yuan.", "售价7美元", {"CNY"}),
        ("It cost $7.", "售价7美元", set()),
        ("It lifts 40 tonnes.", "40", set()),
    ],
)
def test_a_unit_that_the_text_does_not_name_is_invented(
    claim: str, text: str, invented: set[str]
) -> None:
    assert invented_units(facts(claim, detect(claim)), text) == invented
