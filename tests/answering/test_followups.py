"""Follow-ups in five languages, in full; and questions that need nothing of what was said."""

import json
from pathlib import Path

import pytest

from qa.answering.followups import followup, language, situation, standalone
from qa.answering.turns import Turn

REFUSED = "The articles do not tell."
MARCH = ("How fast were visits to ChatGPT growing in March?", "They grew by 12.6% in March. [1]")
BOUGHT = ("Who bought Light Years Beyond?", "Meituan bought Light Years Beyond. [1]")
STOPPED = ("Why did Kai-Fu Lee stop training large models?", "Large models are slow. [1][2]")
MARCH_HI = ("मार्च में ChatGPT की विज़िट कितने प्रतिशत बढ़ीं?", "12.6% बढ़ीं। [1]")
STOPPED_HI = ("कंपनी ने बड़े मॉडल बनाना क्यों छोड़ा?", "खर्च बहुत था। [1]")
MARCH_ID = ("Berapa pertumbuhan kunjungan ChatGPT pada bulan Maret?", "Sebesar 12,6%. [1]")
BOUGHT_ID = ("Siapa yang membeli Light Years Beyond?", "Meituan membeli Light Years Beyond. [1]")
MARCH_ZH = ("ChatGPT三月份的访问量增长了百分之几？", "增长了12.6%。[1]")
PRICE_ZH = ("美团收购光年之外的总价是多少？", "总价20.65亿元。[1]")
MARCH_ES = ("¿Cuánto crecieron las visitas a ChatGPT en marzo?", "Crecieron un 12,6%. [1]")
REVENUE = ("How much did 01.AI make in 2023?", "The articles do not tell.")


def turns(*contents: str) -> tuple[Turn, ...]:
    """What a person and the assistant said in turn, the person first."""
    return tuple(Turn("assistant" if i % 2 else "user", text) for i, text in enumerate(contents))


def spoken(question: str, before: tuple[Turn, ...]) -> str:
    said = situation(before)
    return language(question, said, followup(question, said))


IN_PLACE = [
    (MARCH, "and in May?", "How fast were visits to ChatGPT growing in May?"),
    (MARCH, "And in may?", "How fast were visits to ChatGPT growing in May?"),
    (MARCH, "what about February?", "How fast were visits to ChatGPT growing in February?"),
    (MARCH, "June?", "How fast were visits to ChatGPT growing in June?"),
    (MARCH, "How about in May 2024?", "How fast were visits to ChatGPT growing in May 2024?"),
    (MARCH, "and MiniMax?", "How fast were visits to MiniMax growing in March?"),
    (MARCH, "And visits to MiniMax?", "How fast were visits to MiniMax growing in March?"),
    (MARCH, "MiniMax in May?", "How fast were visits to MiniMax growing in May?"),
    (REVENUE, "2024?", "How much did 01.AI make in 2024?"),
    (REVENUE, "And how much in 2024?", "How much did 01.AI make in 2024?"),
    (BOUGHT, "And Alibaba Cloud?", "Who bought Alibaba Cloud?"),
    (MARCH, "और मई में?", "How fast were visits to ChatGPT growing in May?"),
    (MARCH, "dan di bulan Mei?", "How fast were visits to ChatGPT growing in May?"),
    (MARCH, "那五月呢？", "How fast were visits to ChatGPT growing in May?"),
    (MARCH_HI, "और मई में?", "मई में ChatGPT की विज़िट कितने प्रतिशत बढ़ीं?"),
    (MARCH_HI, "अप्रैल के बारे में क्या?", "अप्रैल में ChatGPT की विज़िट कितने प्रतिशत बढ़ीं?"),
    (MARCH_HI, "और फ़रवरी में कितना?", "फ़रवरी में ChatGPT की विज़िट कितने प्रतिशत बढ़ीं?"),
    (MARCH_HI, "और MiniMax की?", "मार्च में MiniMax की विज़िट कितने प्रतिशत बढ़ीं?"),
    (MARCH_HI, "what about May?", "मई में ChatGPT की विज़िट कितने प्रतिशत बढ़ीं?"),
    (MARCH_ID, "dan di bulan Mei?", "Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?"),
    (MARCH_ID, "bagaimana dengan April?", "Berapa pertumbuhan kunjungan ChatGPT pada bulan April?"),
    (MARCH_ID, "Kalau bulan Juni?", "Berapa pertumbuhan kunjungan ChatGPT pada bulan Juni?"),
    (MARCH_ID, "Februari berapa?", "Berapa pertumbuhan kunjungan ChatGPT pada bulan Februari?"),
    (BOUGHT_ID, "lalu Alibaba?", "Siapa yang membeli Alibaba?"),
    (MARCH_ZH, "那五月呢？", "ChatGPT五月份的访问量增长了百分之几？"),
    (MARCH_ZH, "四月份呢", "ChatGPT四月份的访问量增长了百分之几？"),
    (MARCH_ZH, "MiniMax呢？", "MiniMax三月份的访问量增长了百分之几？"),
    (MARCH_ES, "¿y en mayo?", "¿Cuánto crecieron las visitas a ChatGPT en mayo?"),
    (MARCH_ES, "¿Qué tal MiniMax?", "¿Cuánto crecieron las visitas a MiniMax en marzo?"),
]
NAMED = [
    (STOPPED, "Where was he born?", "Where was Kai-Fu Lee born?"),
    (STOPPED, "What did he do next?", "What did Kai-Fu Lee do next?"),
    (STOPPED, "What is his company called?", "What is Kai-Fu Lee's company called?"),
    (STOPPED, "¿Cuándo nació él?", "¿Cuándo nació Kai-Fu Lee?"),
    (STOPPED, "他什么时候出生的？", "Kai-Fu Lee什么时候出生的？"),
    (BOUGHT, "Why did Meituan buy it?", "Why did Meituan buy Light Years Beyond?"),
    (("Siapa pendiri Meituan?", "Wang Xing."), "Kapan dia lahir?", "Kapan Wang Xing lahir?"),
]
POINTING_BACK = [
    (BOUGHT, "Why?", "Meituan bought Light Years Beyond. Why?"),
    (BOUGHT, "Who said that?", "Meituan bought Light Years Beyond. Who said that?"),
    (BOUGHT, "कब?", "Meituan bought Light Years Beyond. कब?"),
    (STOPPED, "And who else?", f"{STOPPED[0]} Large models are slow. And who else?"),
    (
        STOPPED,
        "why did they do that?",
        f"{STOPPED[0]} Large models are slow. why did they do that?",
    ),
    (STOPPED, "इसका कारण क्या था?", f"{STOPPED[0]} Large models are slow. इसका कारण क्या था?"),
    (MARCH, "Who said that?", f"{MARCH[0]} Who said that?"),
    (REVENUE, "Why?", f"{REVENUE[0]} Why?"),
    (REVENUE, "And what is expected for 2025?", f"{REVENUE[0]} And what is expected for 2025?"),
    (MARCH_HI, "और 2025 के लिए क्या उम्मीद है?", f"{MARCH_HI[0]} और 2025 के लिए क्या उम्मीद है?"),
    (BOUGHT, "How many employees?", f"{BOUGHT[0]} How many employees?"),
    (STOPPED_HI, "उन्होंने ऐसा क्यों किया?", f"{STOPPED_HI[0]} खर्च बहुत था। उन्होंने ऐसा क्यों किया?"),
    (STOPPED_HI, "यह किसने कहा?", f"{STOPPED_HI[0]} खर्च बहुत था। यह किसने कहा?"),
    (MARCH_HI, "इसका कारण क्या था?", f"{MARCH_HI[0]} इसका कारण क्या था?"),
    (MARCH_HI, "कितना?", f"{MARCH_HI[0]} कितना?"),
    (BOUGHT_ID, "Kapan?", "Meituan membeli Light Years Beyond. Kapan?"),
    (BOUGHT_ID, "kenapa begitu?", "Meituan membeli Light Years Beyond. kenapa begitu?"),
    (BOUGHT_ID, "Berapa totalnya?", "Meituan membeli Light Years Beyond. Berapa totalnya?"),
    (MARCH_ID, "siapa yang mengatakan itu?", f"{MARCH_ID[0]} siapa yang mengatakan itu?"),
    (PRICE_ZH, "为什么？", f"{PRICE_ZH[0]} 为什么？"),
    (PRICE_ZH, "谁说的？", f"{PRICE_ZH[0]} 谁说的？"),
    (PRICE_ZH, "那是什么时候？", f"{PRICE_ZH[0]} 那是什么时候？"),
    (MARCH_ES, "¿quién lo dijo?", f"{MARCH_ES[0]} ¿quién lo dijo?"),
    (MARCH_ES, "¿Por qué?", f"{MARCH_ES[0]} ¿Por qué?"),
]
NOT_KNOWN = [
    (MARCH, "2024?", f"{MARCH[0]} 2024?"),
    (MARCH_ZH, "那2024年呢？", f"{MARCH_ZH[0]} 那2024年呢？"),
    (BOUGHT, "When was it founded?", "Meituan bought Light Years Beyond. When was it founded?"),
    (STOPPED, "and the price?", f"{STOPPED[0]} and the price?"),
    (PRICE_ZH, "他是谁？", f"{PRICE_ZH[0]} 他是谁？"),
]


@pytest.mark.parametrize(
    ("said", "question", "expected"), [*IN_PLACE, *NAMED, *POINTING_BACK, *NOT_KNOWN]
)
def test_followup_is_asked_in_full(said: tuple[str, str], question: str, expected: str) -> None:
    assert standalone(question, turns(*said)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How many parameters does Yi-Large have?",
        "Why did Meituan refuse to buy Light Years Beyond?",
        "What is the name of the river that flows through Paris?",
        "How long does it take to train a model?",
        "Is it true that Meituan bought Light Years Beyond?",
        "Which university has its origins in a school of medicine?",
        "What did Luther say when he was asked to recant?",
        "And why did Baidu build a model of its own after ChatGPT?",
        "What happened in 2008?",
        "Who is Musk?",
        "वह कौन सा शहर है जो नदी पर बसा है?",
        "AGI क्या है?",
        "टेस्ला के बारे में बताइए",
        "Apa itu demokrasi?",
        "siapakah soekarno?",
        "Kalau bulan Juni, berapa persen pertumbuhan kunjungan ChatGPT?",
        "美团为什么收购光年之外？",
        "李开复和其他人说了什么？",
        "¿Qué es la energía solar?",
        "¿En qué año se fundó la empresa que compró Meituan?",
    ],
)
@pytest.mark.parametrize("said", [MARCH, MARCH_HI, BOUGHT_ID, PRICE_ZH, MARCH_ES])
def test_question_with_a_topic_of_its_own_is_left_alone(
    said: tuple[str, str], question: str
) -> None:
    assert standalone(question, turns(*said)) is None


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("O que a Microsoft anunciou?", "pt"),
        ("Y a-t-il un vaccin ?", "fr"),
        ("So viel Geld zahlte Microsoft?", "de"),
        ("他の会社は何ですか？", "ja"),
    ],
)
@pytest.mark.parametrize("said", [MARCH, MARCH_HI, BOUGHT_ID, PRICE_ZH, MARCH_ES])
def test_question_in_a_language_without_tables_stays_as_typed(
    said: tuple[str, str], question: str, code: str
) -> None:
    before = turns(*said)

    assert (standalone(question, before), spoken(question, before)) == (None, code)


def test_no_shipped_question_leans_on_another(seed_articles: Path) -> None:
    lines = (seed_articles.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    alone = [case["question"] for case in asked if not case.get("history")]
    before = turns("Who wrote the song Bengawan Solo?", "Gesang wrote it. [1]")

    assert [question for question in alone if standalone(question, before)] == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param((), None, id="nothing"),
        pytest.param((Turn("assistant", REFUSED),), None, id="no answer"),
        pytest.param((Turn("assistant", "It cost 5. [1] So."),), "It cost 5. Why?", id="answer"),
        pytest.param((Turn("user", "Is it"),), "Is it? Why?", id="no end"),
    ],
)
def test_little_was_said_before(said: tuple[Turn, ...], expected: str | None) -> None:
    assert standalone("Why?", said) == expected


def test_followup_of_a_followup_leans_on_the_first() -> None:
    said = (*MARCH, "and in May?", "2.8%. [1]", "और MiniMax?", "1%. [1]")

    assert (
        standalone("in June?", turns(*said)) == "How fast were visits to MiniMax growing in June?"
    )


@pytest.mark.parametrize("mark", ["《", "why ", "“a", "it ", "A b "])
def test_endless_turns_are_cut(mark: str) -> None:
    endless = turns(mark * 100_000, mark * 100_000)
    found = standalone("Why?", endless)

    assert found is None or len(found) < 5000


def test_only_the_last_turns_count() -> None:
    said = (*MARCH, "Why?", REFUSED, "Why?", REFUSED, "Who?", REFUSED)

    assert standalone("in June?", turns(*said)) == "Why? in June?"


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (MARCH_HI, "2024?", "hi"),
        (MARCH_HI, "ChatGPT?", "hi"),
        (MARCH_HI, "और मई में?", "hi"),
        (MARCH_HI, "and in May?", "en"),
        (MARCH_HI, "¿y en mayo?", "es"),
        (MARCH, "dan di bulan Mei?", "id"),
        (MARCH, "那五月呢？", "zh"),
        (MARCH_ID, "Mei?", "id"),
        (MARCH_ID, "who?", "en"),
        (MARCH_ES, "¿cuándo?", "es"),
        (MARCH, "Wer hat die Firma Light Years Beyond gekauft?", "de"),
    ],
)
def test_short_question_has_a_language(said: tuple[str, str], question: str, expected: str) -> None:
    assert spoken(question, turns(*said)) == expected


def test_language_stays_over_questions_without_one() -> None:
    assert spoken("2025?", turns(*MARCH_HI, "2024?", REFUSED)) == "hi"


@pytest.mark.timeout(30)
def test_a_question_of_pages_stands_alone() -> None:
    history = [Turn("user", "Who is " + "1/2/" * 2500), Turn("assistant", "1/2/" * 2500)]

    assert standalone("and " + "1/2/" * 2500 + "?", history) is None
    assert standalone("and " + "1/2/" * 400 + "?", history) is not None
