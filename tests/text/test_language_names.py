"""Languages by their names, in whatever language a text names them."""

import pytest

from qa.text.language_names import language_name, languages_named


@pytest.mark.parametrize(
    ("text", "reader", "codes"),
    [
        ("and the Hindi one?", "en", {"hi"}),
        ("summarise the HINDI", "en", {"hi"}),
        ("और हिंदी वाला?", "hi", {"hi"}),
        ("और हिन्दी वाला?", "hi", {"hi"}),
        ("और अंग्रेजी वाला?", "hi", {"en"}),
        ("hindi wala?", "hi", {"hi"}),
        ("dan yang bahasa Inggris?", "id", {"en"}),
        ("那篇英文的呢？", "zh", {"en"}),
        ("印地语的那篇", "zh", {"hi"}),
        ("¿y la inglesa?", "es", {"en"}),
        ("¿y el ingles?", "es", {"en"}),
        ("from Hindi into Chinese", "en", {"hi", "zh"}),
        ("the second one?", "en", set()),
        ("the Englishman's boat", "en", set()),
        ("", "en", set()),
    ],
)
def test_a_language_is_known_by_its_name(text: str, reader: str, codes: set[str]) -> None:
    assert languages_named(text, reader) == codes


def test_a_language_that_has_no_names_is_asked_in_english() -> None:
    assert languages_named("Hindi?", "xx") == {"hi"}
    assert language_name("hi", "xx") == "Hindi"
    assert language_name("xx", "en") == "xx"
