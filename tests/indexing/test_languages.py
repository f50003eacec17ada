"""Which language a question is in."""

import pytest

from index.text import languages
from index.text.languages import _SHARED, ENGLISH_NAMES, detect, may_be, unread_scripts


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is the capital of France?", "en"),
        ("Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?", "id"),
        ("शून्य एक लाख की 2024 की वास्तविक आय कितनी थी?", "hi"),
        ("美团收购光年之外的总价是多少？", "zh"),
        ("光年之外はいくらで買収されましたか?", "ja"),
        ("메이투안은 얼마를 지불했나요?", "ko"),
        ("¿Cuánto pagó Meituan por Light Years Beyond?", "es"),
        ("Combien Meituan a-t-il payé ?", "fr"),
        ("Скільки заплатила Meituan за компанію і чому?", "uk"),
        ("كم دفعت الشركة مقابل ذلك؟", "ar"),
        ("ভারতের রাজধানী কী?", "bn"),
        ("இந்தியாவின் தலைநகரம் எது?", "ta"),
        ("เมืองหลวงของประเทศไทยคืออะไร", "th"),
    ],
)
def test_question_is_told(question: str, language: str) -> None:
    assert detect(question) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        pytest.param("ChatGPT की ग्रोथ?", "hi", id="Latin name, Devanagari"),
        pytest.param("Meituan ने Light Years Beyond को कितने में खरीदा?", "hi", id="Latin names"),
        pytest.param("OpenAI 和 Meituan 的关系是什么?", "zh", id="Latin names, Han"),
        pytest.param("Who founded 光年之外 and when was it sold?", "en", id="Han name, Latin"),
        pytest.param("光年之外とは何ですか", "ja", id="Han and kana"),
        pytest.param("光年之外는 무엇입니까?", "ko", id="Han and Hangul"),
        pytest.param("Zelda (ゼルダの伝説) adalah gim buatan Nintendo.", "id", id="kana name"),
        pytest.param("任天堂的ゼルダ系列是什么时候开始发行的游戏作品？", "zh", id="kana name, Han"),
    ],
)
def test_name_in_another_script_does_not_decide(question: str, language: str) -> None:
    assert detect(question) == language


@pytest.mark.parametrize("text", ["", "  ", "12 + 3 = ?", "🙂", "１２３"])
def test_text_without_letters_is_of_the_default(text: str) -> None:
    assert detect(text, "hi") == "hi"


def test_guess_becomes_the_commonest_language() -> None:
    assert detect("ChatGPT?") == "en"


@pytest.mark.parametrize("script", _SHARED)
def test_every_language_told_has_a_name(script: str) -> None:
    assert set(_SHARED[script]) <= ENGLISH_NAMES.keys()


@pytest.mark.parametrize(
    ("text", "language", "may"),
    [
        pytest.param("Meituan did.", "en", True, id="short"),
        pytest.param("Meituan did.", "es", True, id="short, in any language of its letters"),
        pytest.param("Meituan did.", "hi", False, id="other letters"),
        pytest.param("美团", "en", False, id="Chinese"),
        pytest.param("It was bought by the largest company.", "id", False, id="long"),
        pytest.param("Meituan, Alibaba, Tencent, Baidu, Sogou, Huawei.", "id", True, id="names"),
        pytest.param(
            "Gabriel García Márquez, Mario Vargas Llosa, Octavio Paz y Pablo Neruda.",
            "es",
            True,
            id="full names",
        ),
        pytest.param("Alibaba and Tencent were its largest backers.", "id", False, id="and words"),
        pytest.param("Perusahaan itu dibeli oleh pemegang saham.", "ms", True, id="Malay"),
        pytest.param("20.65亿元", "ja", True, id="short Japanese"),
        pytest.param("这家公司被它最大的股东收购了。", "ja", False, id="Chinese for Japanese"),
        pytest.param("कंपनी खरीदी", "mr", True, id="short Devanagari"),
        pytest.param("50%", "hi", True, id="no letters"),
        pytest.param("", "hi", True, id="empty"),
    ],
)
def test_a_text_may_be_in_a_language(text: str, language: str, may: bool) -> None:
    assert may_be(text, language) is may


def test_the_classifier_is_read_once_for_all_scripts() -> None:
    languages.load()
    before = languages._loaded.cache_info().misses

    found = [detect("Who built the new oven?"), detect("नया ओवन किसने बनाया?"), detect("من بنى؟")]

    assert (found, languages._loaded.cache_info().misses) == (["en", "hi", "ar"], before)


@pytest.mark.parametrize(
    ("text", "language", "unread"),
    [
        ("Meituan 买了它", "en", {"Han"}),
        ("Meituan 买了它", "zh", set()),
        ("ゼルダの伝説", "zh", {"Kana"}),
        ("ゼルダの伝説", "ja", set()),
        ("Pembelinya मीतुआन 5 %", "id", {"Devanagari"}),
        ("मीतुआन, मराठी", "mr", set()),
        ("Meituan did.", "hi", set()),
        ("Ὅμηρος और Гомер", "am", set()),
        ("Ὅμηρος और Гомер", "", {"Greek", "Devanagari", "Cyrillic"}),
        ("2018", "hi", set()),
    ],
)
def test_scripts_that_readers_of_a_language_may_not_know(
    text: str, language: str, unread: set[str]
) -> None:
    assert unread_scripts(text, language) == unread
