"""Names are found in another script by their sound, and absent ones are missing."""

import pytest

from qa.text.names import missing, names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Alibaba", "अलीबाबा ने निवेश किया।"),
        ("Alibaba", "阿里巴巴投资了它。"),
        ("Meituan", "मीटुआन ने कंपनी खरीदी।"),
        ("Meituan", "मेइतुआन"),
        ("Meituan", "6月29日美团宣布收购。"),
        ("Tencent", "टेनसेंट और बायडू"),
        ("Baidu", "टेनसेंट और बायडू"),
        ("Baidu", "百度推出文心一言"),
        ("Google", "गूगल का जेमिनी"),
        ("Gemini", "गूगल का जेमिनी"),
        ("Wang", "वांग हुइवेन"),
        ("Huiwen", "王慧文创办了光年之外"),
        ("Xing", "王兴是创始人"),
        ("Beijing", "बीजिंग में"),
        ("Shanghai", "शंघाई"),
        ("Xiaomi", "शाओमी"),
        ("Huawei", "हुआवेई"),
        ("Facebook", "फेसबुक"),
        ("ByteDance", "बाइटडांस"),
        ("ChatGPT", "चैटजीपीटी"),
        ("MiniMax", "मिनीमैक्स"),
        ("Tesla", "特斯拉"),
        ("Indonesia", "印度尼西亚"),
        ("Japan", "Mobil dari Jepang laku."),
        ("Russia", "Gas dari Rusia mahal."),
        ("Meituan", "MEITUAN's shares"),
    ],
)
def test_a_name_is_found_in_any_script(name: str, text: str) -> None:
    assert missing([name], text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Meta", "Meituan membeli perusahaan itu."),
        ("Meta", "美团收购了它。"),
        ("Meta", "माता ने खरीदा।"),
        ("Google", "The goal was met in a gallery."),
        ("Google", "गली में एक गोल घर।"),
        ("Google", "国力增长。"),
        ("Tesla", "तेल की कीमत बढ़ी।"),
        ("Tesla", "Tencent bought it."),
        ("Uber", "बार बार"),
        ("Zoom", "जून में"),
        ("Sony", "新浪是一家公司。"),
        ("Baidu", "उसके बाद"),
        ("Apple", "Many people came."),
        ("Alibaba", "मीटुआन ने कंपनी खरीदी।"),
        ("Alibaba", "6月29日美团宣布收购。"),
        ("IBM", "It was sold."),
        ("Alibaba", ""),
    ],
)
def test_an_absent_name_is_missing(name: str, text: str) -> None:
    assert missing([name], text) == [name]


def test_only_the_absent_ones_are_missing() -> None:
    assert missing(["Alibaba", "Tesla", "Meituan"], "美团和阿里巴巴") == ["Tesla"]
    assert missing([], "美团") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("The buyer was Meituan of Beijing.", ["Meituan", "Beijing"], id="English"),
        pytest.param('"The buyer" was Meituan.', ["Meituan"], id="first word in quotes"),
        pytest.param("Pembelinya tentu saja adalah Meituan.", ["Meituan"], id="Indonesian"),
        pytest.param("La compró Meituan en junio.", ["Meituan"], id="Spanish"),
        pytest.param("Light Years Beyond", ["Light", "Years", "Beyond"], id="nothing but names"),
        pytest.param("ChatGPT की विज़िट growth", ["ChatGPT", "growth"], id="Hindi"),
        pytest.param("美团收购MiniMax", ["MiniMax"], id="Chinese"),
        pytest.param("美团收购了它。", [], id="no Latin letters"),
        pytest.param("... 5!", [], id="no letters"),
        pytest.param("", [], id="empty"),
    ],
)
def test_names_are_words_written_large_or_in_foreign_letters(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Der Preis des Unternehmens stieg laut einem Bericht.", [], id="nouns"),
        pytest.param("Der Gründer ist laut Wang Xing reich.", ["Wang", "Xing"], id="name"),
        pytest.param("Wang Xing.", ["Wang", "Xing"], id="nothing but a name"),
    ],
)
def test_german_nouns_are_no_names(text: str, found: list[str]) -> None:
    assert names(text, "de") == found


@pytest.mark.parametrize(
    "text",
    [
        "اشترت ميتوان الشركة في مايو",
        "החברה נקנתה",
        "👨\u200d👩\u200d👧🎉 5️⃣",
        "Z̸̡͓a̷l̴g̵o",
        "\u0301\u0301\u200d",
        "(((a+)+)+$ [[ \\ .*?{1,9} (?P<x>",
        "a" * 10_000,
        "美团收购光年之外" * 300,
    ],
)
def test_strange_texts_hold_no_name_they_do_not_say(text: str) -> None:
    assert missing(["Tencent"], text) == ["Tencent"]
    assert missing(["Tencent"], f"{text} Tencent") == []
