import random
import unicodedata

import pytest

from index.text.sentences import sentence_spans, sentences

SCRIPTS = [
    "abc XYZ", "कखगि ी् ॉ", "中文字", "สวัสดี", "áéñ", "0123٤५", ".!?…।॥。！？", " \n\t\u00a0\u3000",
    "\"'“”»)]", ",:;-—", "😀👨\u200d👩\u200c", "Dr. J. K. ", "e\u0301", "\u2028\u0085\u200b",
]  # fmt: skip


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(["यह एक है। ", "यह दो है॥ ", "तीन।"], id="danda"),
        pytest.param(["यह एक है।", "यह दो है।"], id="danda without space"),
        pytest.param(["光年之外被收购。", "总价是多少？", "很高！", "完"], id="Chinese stops"),
        pytest.param(["昨日、発表した。", "本当か？"], id="Japanese stops"),
        pytest.param(["Naik 2,8% pada Mei. ", "Lalu turun."], id="decimal comma"),
        pytest.param(["It rose 2.8% to 1.000.000. ", "Then fell."], id="decimal point"),
        pytest.param(["Sudah diterapkan.", "Akhir ini tiba."], id="lost space"),
        pytest.param(["kata Wu Xuening, CTO Jinyou.com. ", "Lalu ia pergi."], id="address"),
        pytest.param(["Lihat https://x.com/a.b/c.html. ", "Lalu pulang."], id="link"),
        pytest.param(["Node.js and U.S. law. ", "Next."], id="stops inside names"),
        pytest.param(["It was 01.AI that PT. Sinar bought. ", "Next."], id="capitals at a number"),
        pytest.param(["Lihat bab 3.", "Bab ini. ", "Di 2023.", "AI."], id="a lost space at one"),
        pytest.param(["Dr. Rao met Mr. Li and Prof. J. K. Singh. ", "He left."], id="titles"),
        pytest.param(["डॉ. शर्मा आए। ", "एस. के. सिंह गए।"], id="Hindi abbreviations"),
        pytest.param(["पी. ज़ेड. खान आए। ", "वे गए।"], id="letter with a nukta"),
        pytest.param(["Tn. Budi dan Hj. Siti datang. ", "Mereka pulang."], id="Indonesian titles"),
        pytest.param(["Lo dijo la Sra. Gómez. ", "¡No!"], id="Spanish"),
        pytest.param(['Ia berkata: "Saya tidak tahu." ', "Lalu diam."], id="quotation"),
        pytest.param(["Baris satu\n", "baris dua"], id="line end"),
        pytest.param(["Wait... ", "What?! ", "Yes."], id="runs of stops"),
        pytest.param(["😀 Halo. ", "👨‍👩‍👧 Ya."], id="beyond the first plane"),
        pytest.param(["no stop at all"], id="no stop"),
        pytest.param([], id="nothing"),
    ],
)
def test_text_is_cut_into_its_sentences(parts: list[str]) -> None:
    parts = [unicodedata.normalize("NFC", part) for part in parts]

    assert sentences("".join(parts)) == parts


@pytest.mark.parametrize("seed", range(20))
def test_sentences_join_back_into_any_text(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        text = "".join(chance.choice(chance.choice(SCRIPTS)) for _ in range(chance.randrange(90)))
        spans = sentence_spans(text)

        assert "".join(sentences(text)) == text
        assert all(start < end for start, end in spans)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 500_000, id="one word"),
        pytest.param("J. " * 50_000, id="initials"),
        pytest.param("." * 300_000, id="stops"),
        pytest.param("aa.Bb" * 30_000, id="lost spaces"),
        pytest.param(" " * 500_000, id="spaces"),
    ],
)
@pytest.mark.timeout(20)
def test_hostile_text_is_cut_in_time_that_grows_with_its_length(text: str) -> None:
    assert "".join(sentences(text)) == text
