"""Numbers in any language are read and written."""

import pytest

from qa.text.numbers import _SCALES, _WRITTEN, Number, localise, numbers

SCALES = [(word, scale) for scale, words in _SCALES.items() for word in words.split()]


def readings(text: str) -> list[tuple[str, set[float]]]:
    return [(text[n.start : n.end], {round(v, 4) for v in n.values}) for n in numbers(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("naik 2,8% pada", [("2,8", {2.8})], id="decimal comma"),
        pytest.param("grew 2.8%.", [("2.8", {2.8})], id="decimal point, full stop after"),
        pytest.param("1,000 yuan", [("1,000", {1.0, 1000.0})], id="comma of either kind"),
        pytest.param("1,234.5", [("1,234.5", {1234.5})], id="comma groups"),
        pytest.param("1.234,5", [("1.234,5", {1234.5})], id="point groups"),
        pytest.param("12,34,567.5", [("12,34,567.5", {1234567.5})], id="as India groups"),
        pytest.param("1’000", [("1’000", {1000.0})], id="as Switzerland groups"),
        pytest.param("२,८ और १०", [("२,८", {2.8}), ("१०", {10.0})], id="Devanagari digits"),
        pytest.param("٢٫٥", [("٢٫٥", {2.5})], id="Arabic digits and mark"),
        pytest.param("29.06.2023", [("29.06.2023", {29.0, 6.0, 2023.0})], id="date"),
        pytest.param("3-5", [("3", {3.0}), ("5", {5.0})], id="from to"),
        pytest.param("20.65亿元", [("20.65亿", {2.065e9})], id="Chinese scale"),
        pytest.param("10 करोड़", [("10 करोड़", {1e8})], id="Hindi scale"),
        pytest.param("5 mil millones", [("5 mil millones", {5e9})], id="scale of two words"),
        pytest.param("7 Million", [("7 Million", {7e6})], id="capital letter"),
        pytest.param("5 Milan", [("5", {5.0})], id="no scale within a word"),
        pytest.param("no number", [], id="none"),
    ],
)
def test_numbers_are_read(text: str, found: list[tuple[str, set[float]]]) -> None:
    assert readings(text) == found


@pytest.mark.parametrize(("word", "scale"), SCALES, ids=[word for word, _ in SCALES])
def test_every_word_of_scale_is_read(word: str, scale: float) -> None:
    assert readings(f"3 {word}.") == [(f"3 {word}", {3 * scale})]


@pytest.mark.parametrize("language", _WRITTEN)
def test_every_word_that_is_written_is_read(language: str) -> None:
    scales, space = _WRITTEN[language]

    assert [readings(f"3{space}{word}") for _, word in scales] == [
        [(f"3{space}{word}", {3 * scale})] for scale, word in scales
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("2,065 miliar", "20.65亿", True, id="Indonesian and Chinese"),
        pytest.param("100 मिलियन", "10 करोड़", True, id="million and crore"),
        pytest.param("1.5 billion", "1.500 juta", True, id="billion and a thousand million"),
        pytest.param("१२", "12", True, id="digits of two scripts"),
        pytest.param("2,8", "28", False, id="mark lost"),
        pytest.param("20.65亿", "20.65万", False, id="other scale"),
        pytest.param("5", "5 juta", False, id="scale lost"),
    ],
)
def test_same_amount_is_recognised(one: str, other: str, expected: bool) -> None:
    (a,), (b,) = numbers(one), numbers(other)

    assert (a.same(b), b.same(a)) == (expected, expected)


def test_readings_in_common_are_enough() -> None:
    assert Number(0, 1, frozenset({1.0, 2.0})).same(Number(0, 1, frozenset({2.0, 3.0})))


@pytest.mark.parametrize(
    ("text", "source", "target", "written"),
    [
        pytest.param("US$233,673 juta", "id", "en", "US$233.673 million", id="id to en"),
        pytest.param("2,065 miliar yuan", "id", "zh", "20.65亿 yuan", id="id to zh"),
        pytest.param("naik 2,8%", "id", "en", "naik 2.8%", id="only the mark"),
        pytest.param("10 करोड़", "hi", "en", "100 million", id="hi to en"),
        pytest.param("20.65亿", "zh", "hi", "2.065 अरब", id="zh to hi"),
        pytest.param("总价20.65亿元", "zh", "en", "总价2.065 billion元", id="no space before"),
        pytest.param("1.5 billion", "en", "id", "1,5 miliar", id="en to id"),
        pytest.param("350 thousand", "en", "zh", "35万", id="en to zh"),
        pytest.param("700 ribu", "id", "en", "700000", id="no word for so few"),
        pytest.param("tahun 2023", "id", "en", "tahun 2023", id="year"),
        pytest.param("29.06.2023", "id", "en", "29.06.2023", id="date"),
        pytest.param("2,8%", "id", "id", "2,8%", id="same language"),
        pytest.param("2,8 juta", "id", "sw", "2,8 juta", id="language without a table"),
    ],
)
def test_amounts_are_written_as_another_language_does(
    text: str, source: str, target: str, written: str
) -> None:
    assert localise(text, source, target) == written


@pytest.mark.parametrize("target", _WRITTEN)
@pytest.mark.parametrize("source", _WRITTEN)
@pytest.mark.parametrize("amount", ["2 billion", "1.5 million", "20.65 million", "350.5 billion"])
def test_rewritten_amount_means_the_same(amount: str, source: str, target: str) -> None:
    there = localise(localise(amount, "en", source), source, target)

    found, (meant,) = numbers(there), numbers(amount)
    assert found
    assert all(number.same(meant) for number in found)


@pytest.mark.parametrize("language", _WRITTEN)
def test_amount_comes_back_as_it_was(language: str) -> None:
    assert localise(localise("2.065 billion", "en", language), language, "en") == "2.065 billion"


def test_grouped_thousands_are_one_number() -> None:
    assert [number.values for number in numbers("1.000.000")] == [frozenset({1e6})]


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        pytest.param("20-30 लाख", "hi", "en", id="range"),
        pytest.param("100 hingga 200 juta", "id", "zh", id="range in words"),
        pytest.param("GPT-3.5", "hi", "id", id="name with a hyphen"),
        pytest.param("Yi1.5", "zh", "es", id="name"),
        pytest.param("video 4K", "zh", "en", id="resolution"),
    ],
)
def test_what_is_no_amount_of_its_own_stays(text: str, source: str, target: str) -> None:
    assert localise(text, source, target) == text


@pytest.mark.parametrize("other", ["7", "9" * 300, "9" * 401 + "%"])
def test_an_endless_number_is_like_no_usual_one(other: str) -> None:
    (endless,), (usual,) = numbers("9" * 400), numbers(other)

    assert endless.same(usual) is (len(other) > 400)
    assert endless.same(endless)


@pytest.mark.parametrize("text", ["5 mİlyar", "5 MILYAR", "5 milyar"])
def test_a_turkish_i_is_read(text: str) -> None:
    assert [n.values for n in numbers(text)] == [{5e9}]
