"""What a question wants, and whether a sentence gives it."""

import pytest

from index.text.languages import detect
from qa.question import Question
from qa.verification.answer_type import Kind, expects, in_words, provides


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many parameters does Yi-Large have?", "number"),
        ("What is the price of tea?", "number"),
        ("Berapa harga teh?", "number"),
        ("चाय कितने की है?", "number"),
        ("茶多少钱？", "number"),
        ("¿Cuánto cuesta el té?", "number"),
        ("When was it sold?", "date"),
        ("Kapan dijual?", "date"),
        ("यह किस साल बिका?", "date"),
        ("इसे कब बेचा गया?", "date"),
        ("是哪一年卖的？", "date"),
        ("¿En qué año se vendió?", "date"),
        ("How old is Wang Huiwen?", "age"),
        ("Berapa usia Wang Huiwen?", "age"),
        ("वांग की उम्र क्या है?", "age"),
        ("¿Cuántos años tiene Wang?", "age"),
        ("王慧文多大？", "age"),
        ("By what percentage did it fall?", "percent"),
        ("它跌了百分之几？", "percent"),
        ("Which investors were named?", "several"),
        ("Siapa saja investornya?", "several"),
        ("किन चुनौतियों का सामना है?", "several"),
        ("有哪些挑战？", "several"),
        ("¿Cuáles son los retos?", "several"),
    ],
)
def test_questions_tell_what_they_want(question: str, kind: Kind) -> None:
    assert expects(Question.of(question), kind)


@pytest.mark.parametrize(
    "question",
    [
        "Who bought it?",
        "Why did it fall?",
        "How does it work?",
        "How is it that he left when it grew?",
        "Siapa yang membelinya?",
        "किसने खरीदा?",
        "谁买的？",
        "它几乎没有变化，为什么？",
        "¿Quién lo compró?",
        "Вопрос без таблицы, сколько?",
        "Why did it fall 20 percent?",
        "Who owns 20 percent of the company?",
        "谁拥有20%的股份？",
        "20 प्रतिशत हिस्सा किसके पास है?",
        "Siapa yang memiliki 10 persen saham?",
        "When Meituan bought it, who was its founder?",
        "आयुर्वेद क्या है?",
        "许多大公司面临什么？",
        "这几年发生了什么？",
        "How much of a threat is it?",
    ],
)
def test_other_questions_want_neither_number_nor_date(question: str) -> None:
    assert [
        expects(Question.of(question), kind) for kind in ("number", "date", "age", "percent")
    ] == [False] * 4


def test_titles_ask_nothing() -> None:
    for question in (
        'Siapa penulis buku "Mengapa Kehebatan Tidak Dapat Direncanakan"?',
        "《为什么伟大不能被计划》这本书的作者是谁？",
        "Who wrote “How Many Roads”?",
        "Who wrote ‘When the Wind Blows’?",
    ):
        assert not any(
            expects(Question.of(question), kind) for kind in ("why", "number", "count", "date")
        )


SOURCE = (
    "Pada 29 Juni 2023 Meituan membayar 2,065 miliar yuan; naik 2,8% dalam tiga bulan. "
    "Sabtu, 06:10."
)


@pytest.mark.parametrize(
    ("question", "claim", "given"),
    [
        pytest.param("How much was paid?", "It paid 2.065 billion yuan.", True, id="held"),
        pytest.param("How much was paid?", "It paid 7 billion yuan.", False, id="invented"),
        pytest.param("How much was paid?", "It paid a lot.", False, id="none"),
        pytest.param("How many months?", "It took three months.", True, id="in words"),
        pytest.param("How many months?", "It took five months.", False, id="other words"),
        pytest.param("多少个月？", "三个月。", True, id="in Chinese"),
        pytest.param("How much in 2023?", "In 2023 it paid.", False, id="only the question's"),
        pytest.param("When was it?", "It was in June.", True, id="a month"),
        pytest.param("When was it?", "It was in 2023.", True, id="a year"),
        pytest.param("When was it?", "It was on 29 June 2023.", True, id="a date"),
        pytest.param("When was it?", "It was in 1999.", False, id="another year"),
        pytest.param("When was it?", "It took three months.", False, id="no date"),
        pytest.param("When was it?", "It was on the 29th.", True, id="a day"),
        pytest.param("What percentage?", "By 2.8%.", True, id="percent"),
        pytest.param("What percentage?", "By 2.065 billion yuan.", False, id="no percent"),
        pytest.param("How old is he?", "He is 29.", True, id="an age"),
        pytest.param("How old is he?", "He is 2023 years old.", False, id="no age"),
        pytest.param("When was it?", "It was for 2.065 billion yuan.", False, id="a price"),
        pytest.param("How many came?", "The 29th came.", False, id="a place in an order"),
        pytest.param("How many came?", "2.8% came.", False, id="a share"),
        pytest.param("How many came?", "They came in 2023.", False, id="a year"),
        pytest.param("How many came?", "29 came.", True, id="a count"),
        pytest.param("Why did 2.8% leave?", "They were tired.", True, id="a reason"),
        pytest.param("Who paid?", "Meituan did.", True, id="nothing wanted"),
        pytest.param("When is it open?", "On Saturdays.", True, id="a weekday"),
        pytest.param("When is it open?", "On Mondays.", False, id="another weekday"),
        pytest.param("When does it leave?", "At 06:10.", True, id="a time of day"),
    ],
)
def test_a_claim_gives_what_is_wanted(question: str, claim: str, given: bool) -> None:
    assert provides(claim, Question.of(question), SOURCE) is given


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It took twelve years.", {12}),
        ("दस लाख", {10}),
        ("Dua puluh tiga", {2, 20, 3}),
        ("两年", {2}),
        ("दो", {2}),
        ("It took one year.", {1}),
        ("One of the best, he said once.", set()),
        ("百度很大，三星十分重要。", set()),
        ("Es una empresa grande de China.", set()),
        ("मुझे नौकरी दो।", set()),
    ],
)
def test_numbers_in_words_are_whole_words(text: str, numbers: set[int]) -> None:
    assert in_words(text, detect(text)) == numbers
