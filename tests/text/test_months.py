"""Months: how each is written, and which a text names."""

import pytest

from qa.text.months import months, spellings


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param("It grew in May and in December.", "en", {5, 12}, id="English"),
        pytest.param("It may march on, however august.", "en", set(), id="small English words"),
        pytest.param("Naik pada bulan Mei, turun pada maret.", "id", {3, 5}, id="Indonesian"),
        pytest.param("Mayo fue mejor que abril.", "es", {4, 5}, id="Spanish"),
        pytest.param("5月增长，11 月下降", "zh", {5, 11}, id="digits and a sign"),
        pytest.param("十一月下降，一月增长", "zh", {1, 11}, id="eleven holds one"),
        pytest.param("13月，5个月", "zh", set(), id="no month"),
        pytest.param("फ़रवरी", "hi", {2}, id="dot below"),
        pytest.param("फरवरी", "hi", {2}, id="no dot below"),
        pytest.param("सितम्बर और अक्तूबर, नवंबर", "hi", {9, 10, 11}, id="older spellings"),
        pytest.param("setiembre, nopember", "es", {9}, id="second Spanish name"),
        pytest.param("Pebruari dan nopember", "id", {2, 11}, id="second Indonesian names"),
        pytest.param("मई में", "hi", {5}, id="Hindi May"),
        pytest.param("जूनियर टीम मुंबई और जूनागढ़ में", "hi", set(), id="words that hold a month"),
        pytest.param("In May, en mayo", "xx", {5}, id="unknown language but English"),
        pytest.param("Şirketi MAYIS ayında kim aldı?", "tr", {5}, id="Turkish capitals"),
        pytest.param("ARALIK 2023, Kasım 2022", "tr", {11, 12}, id="Turkish capitals alone"),
        pytest.param("মেয়েদের", "bn", set(), id="within a Bengali word"),
        pytest.param("மேலும்", "ta", set(), id="within a Tamil word"),
        pytest.param("મેળવ્યું", "gu", set(), id="within a Gujarati word"),
        pytest.param("מאיפה", "he", set(), id="within a Hebrew word"),
        pytest.param("ביוני", "he", {6}, id="Hebrew with in"),
        pytest.param("وفي مايو ويونيو", "ar", {5, 6}, id="Arabic with and"),
        pytest.param("ChatGPT六月ChatGPT", "zh", {6}, id="Chinese beside a name"),
        pytest.param("It rose on Jan 5, 3 Feb. and in Sept. 2023.", "en", {1, 2, 9}, id="short"),
        pytest.param("Jan Marsalek met Mar.", "en", set(), id="short without a number"),
        pytest.param("La casa da al mar. El 5 de ene. de 2023", "es", {1}, id="Spanish sea"),
        pytest.param("29/06/2023 and 2023-05-01", "en", {5, 6}, id="dates"),
        pytest.param("29.06.2023.", "de", {6}, id="German date"),
        pytest.param("06/29/2023", "en", {6}, id="American date"),
        pytest.param("1/2 of 10.0.1, 50/60/70", "en", set(), id="no dates"),
        pytest.param("в январе, к маю и в марте", "ru", {1, 3, 5}, id="Russian cases"),
        pytest.param("Январь, февраля", "ru", {1, 2}, id="Russian names"),
        pytest.param("फिर June 2023 में", "hi", {6}, id="English in Hindi"),
        pytest.param("trong tháng 5 và Tháng 12", "vi", {5, 12}, id="Vietnamese"),
        pytest.param("May I ask who? May be. May we?", "en", set(), id="asking for leave"),
        pytest.param("In May I asked.", "en", {5}, id="May before I"),
        pytest.param("", "en", set(), id="empty"),
    ],
)
def test_months_are_known_as_their_language_writes_them(
    text: str, language: str, found: set[int]
) -> None:
    assert months(text, language) == found


@pytest.mark.parametrize(
    ("language", "month", "written"),
    [
        pytest.param("en", 5, ["May"], id="no abbreviation"),
        pytest.param("en", 9, ["September", "Sep", "Sept"], id="abbreviations"),
        pytest.param("es", 8, ["agosto"], id="ago is no month in English"),
        pytest.param("es", 9, ["septiembre", "setiembre"], id="Spanish"),
        pytest.param("hi", 2, ["फरवरी", "फ\u093cरवरी"], id="dot below"),
        pytest.param("hi", 10, ["अक्टूबर", "अक्तूबर"], id="Hindi"),
        pytest.param("id", 2, ["Februari", "Pebruari"], id="Indonesian"),
        pytest.param("zh", 11, ["十一月", "11月"], id="Chinese"),
    ],
)
def test_usual_spelling_of_a_month_comes_first(
    language: str, month: int, written: list[str]
) -> None:
    assert spellings(language)[month] == written
