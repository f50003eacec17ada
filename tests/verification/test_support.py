"""Which sentences of the evidence prove a sentence of the answer."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from index.text.languages import detect
from qa.question import Question
from qa.verification.evidence import Evidence, Sentence
from qa.verification.support import Similarity, State, Verdict, keeps
from qa.verification.support import support as prove
from qa.verification.thresholds import AGREED, RIGHT
from tests.support.fakes import ScriptedReader

QUESTION = "How much was paid?"
SURE = 0.9
SURE32 = float(np.float32(SURE))
READER = ScriptedReader()


def support(
    question: str, claim: str, evidence: Sequence[Sentence], similarity: Similarity
) -> Verdict:
    return prove(Question.of(question), claim, detect(claim), shown(evidence), READER, similarity)


def shown(sentences: Sequence[Sentence]) -> Evidence:
    return Evidence("", tuple(sentences))


def sentences(*texts: str) -> list[Sentence]:
    return [Sentence("a.txt", 100 * i, 100 * i + len(text), text) for i, text in enumerate(texts)]


def near(cosines: Mapping[str, float] | None = None, default: float = SURE) -> Similarity:
    def similarity(questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
        row = [(cosines or {}).get(text, default) for text in passages]
        return np.array([row] * len(questions), dtype=np.float32)

    return similarity


@pytest.mark.parametrize(
    ("right", "state"),
    [(RIGHT, "supported"), (RIGHT - 0.01, "unsupported")],
    ids=["right", "hardly wrong"],
)
def test_the_reader_decides_when_nothing_else_does(right: float, state: State) -> None:
    evidence = sentences("they paid a lot.")
    reader = ScriptedReader(right=lambda answer: right)
    claim = "a lot was paid."

    found = prove(Question.of(QUESTION), claim, "en", shown(evidence), reader, near())

    assert found == Verdict(state, tuple(evidence), SURE32, right)


@pytest.mark.parametrize(
    ("claim", "near", "state"),
    [
        pytest.param("the largest owner did.", AGREED, "supported", id="the same"),
        pytest.param("the largest owner did.", AGREED - 0.01, "unsupported", id="something else"),
        pytest.param("its owner", 0.1, "supported", id="a part of it"),
        pytest.param("7 people did.", 0.1, "supported", id="a number, which is looked up"),
    ],
)
def test_the_reader_must_have_found_the_same(claim: str, near: float, state: State) -> None:
    text = "7 men, friends of its owner, bought it."
    sentence = Sentence("a.txt", 0, len(text), text)
    evidence = Evidence("", (sentence,), 7, 28)  # "friends of its owner"
    reader = ScriptedReader(near=lambda words, others: near)

    found = prove(
        Question.of("Who bought it?"),
        claim,
        "en",
        evidence,
        reader,
        lambda q, p: np.ones((1, 1), np.float32),
    )

    assert found.state == state


def test_a_claim_is_judged_by_the_passage_as_its_writer_read_it() -> None:
    evidence, seen = shown(sentences("sekitar 2,065 miliar yuan.")), list[str]()

    class Noting(ScriptedReader):
        def judge(
            self, question: str, answers: Sequence[str], passages: Sequence[str]
        ) -> list[float]:
            seen.extend(passages)
            return super().judge(question, answers, passages)

    for written in ("约20.65亿元。", None):
        prove(Question.of(QUESTION), "总价20.65亿元。", "zh", evidence, Noting(), near(), written)

    assert seen == ["约20.65亿元。", evidence.text]


@pytest.mark.parametrize(
    ("claim", "text", "state"),
    [
        pytest.param("grew by 2.8%.", "naik 2,8% pada bulan Mei.", "supported", id="decimal comma"),
        pytest.param("2.8% था।", "naik 28% pada bulan Mei.", "unsupported", id="other number"),
        pytest.param("总价20.65亿元。", "sekitar 2,065 miliar yuan.", "supported", id="scale"),
        pytest.param("总价2065亿元。", "sekitar 20,65 miliar yuan.", "unsupported", id="scale off"),
        pytest.param("10 करोड़ युआन।", "आय 100 मिलियन युआन थी।", "supported", id="crore"),
        pytest.param("आय १०० थी।", "आय 100 थी।", "supported", id="script of digits"),
    ],
)
def test_numbers_must_be_in_the_evidence(claim: str, text: str, state: State) -> None:
    assert support(QUESTION, claim, sentences(text), near()).state == state


def test_numbers_that_the_question_gave_need_not_stand_beside_the_proof() -> None:
    found = support(
        "Who grew in 2024?", "Meituan grew in 2024.", sentences("Meituan grew."), near()
    )

    assert found.state == "partial"


def test_sentence_with_the_number_is_cited_before_a_nearer_one() -> None:
    far, close = evidence = sentences("it cost 5 yuan.", "it cost a lot.")
    cosines = near({far.text: SURE, close.text: SURE + 0.1})

    assert support(QUESTION, "5 yuan.", evidence, cosines).sentences == (far,)


def test_two_sentences_may_prove_one_together() -> None:
    first, _, second = evidence = sentences("it cost 5 yuan.", "it rained.", "in May 7 shops.")

    found = support(QUESTION, "5 yuan for 7 shops.", evidence, near())

    assert (found.state, found.sentences) == ("supported", (first, second))


def test_one_number_without_proof_is_one_too_many() -> None:
    assert (
        support(QUESTION, "5 yuan, 9 shops.", sentences("5 yuan."), near()).state == "unsupported"
    )


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        pytest.param("It was bought by Meituan.", "supported", id="name is there"),
        pytest.param("It was bought by Google.", "unsupported", id="name is not there"),
        pytest.param("The Bursa knows Meituan.", "supported", id="half of them are"),
        pytest.param("The Hong Kong bourse has Meituan.", "unsupported", id="one of three is"),
        pytest.param("The buyer paid in cash.", "supported", id="no name"),
        pytest.param("Google", "unsupported", id="only a name"),
    ],
)
def test_half_of_the_names_must_be_in_the_evidence(claim: str, state: State) -> None:
    evidence = sentences("Meituan membeli perusahaan itu dengan uang tunai.")

    assert support(QUESTION, claim, evidence, near()).state == state


def test_names_may_be_written_otherwise_in_other_scripts() -> None:
    evidence = sentences("मीतुआन ने कंपनी खरीदी।")

    assert support(QUESTION, "It was bought by Meituan.", evidence, near()).state == "supported"


def test_a_number_taken_over_from_the_question_is_no_full_proof() -> None:
    claim, evidence = "Visits grew 50% in May.", sentences("Visits grew 2,8% in May.")

    assert (
        prove(
            Question.of("Why did visits grow 50%?"), claim, "en", shown(evidence), READER, near()
        ).state
        == "partial"
    )


@pytest.mark.parametrize(
    ("claim", "language", "text", "state"),
    [
        pytest.param("涨了百分之2.8。", "zh", "naik 2,8 persen", "supported", id="percent, zh"),
        pytest.param("2.8 प्रतिशत बढ़ा।", "hi", "naik 2,8%", "supported", id="percent, hi"),
        pytest.param("it cost 2.8 yuan.", "en", "naik 2,8%", "unsupported", id="another unit"),
        pytest.param("en mayo subió.", "es", "naik pada bulan Mei", "supported", id="month, es"),
        pytest.param("5月上涨。", "zh", "मई में बढ़ा।", "supported", id="month, zh"),
        pytest.param("जून में बढ़ा।", "hi", "naik pada bulan Mei", "unsupported", id="another month"),
        pytest.param("अलीबाबा ने Tesla खरीदा।", "hi", "Tesla dibeli", "supported", id="name, hi"),
        pytest.param("阿里巴巴收购了Tesla。", "zh", "Meituan dibeli", "unsupported", id="no name"),
    ],
)
def test_units_months_and_names_are_looked_up_across_languages(
    claim: str, language: str, text: str, state: State
) -> None:
    evidence = shown(sentences(text))

    found = prove(Question.of(QUESTION), claim, language, evidence, READER, near())

    assert found.state == state


@pytest.mark.parametrize(
    ("claim", "words", "kept"),
    [
        ("It grew 2.8% in May.", "It grew 2.8% in May, too.", True),
        ("It grew 2.8% in May.", "It grew 2.8%.", False),
        ("It grew 2.8% in May.", "It grew in May.", False),
        ("It grew.", "", True),
    ],
)
def test_other_words_keep_every_number_and_month(claim: str, words: str, kept: bool) -> None:
    assert keeps(claim, words, "en") is kept


@pytest.mark.parametrize(
    "claim",
    [
        "",
        "...!?।。",
        "اشترت ميتوان الشركة",
        "👨\u200d👩\u200d👧🎉",
        "\u0301\u0301\u200d",
        "(((a+)+)+$ [[ \\ .*? (?P<x>",
        "word " * 2000,
        "a\x00b\ufffd",
    ],
)
def test_strange_claims_state_nothing_that_can_be_missing(claim: str) -> None:
    (one,) = evidence = sentences("it rained.")

    assert support(QUESTION, claim, evidence, near()) == Verdict("supported", (one,), SURE32, 0.99)
    assert support(QUESTION, claim, [], near()) == Verdict("unsupported", (), -1.0)


@pytest.mark.parametrize("claim", ["1" * 30, "9" * 400, "5 İDR", "1." * 3000, "5️⃣ 💯%"])
def test_strange_numbers_are_not_found_elsewhere(claim: str) -> None:
    assert support(QUESTION, claim, sentences("it cost 7."), near()).state == "unsupported"


@pytest.mark.parametrize(("claim", "state"), [("75.", "supported"), ("90.", "unsupported")])
def test_a_number_of_a_row_must_be_the_one_that_was_found(claim: str, state: State) -> None:
    row = "- Region: South; May: 75; June: 90"
    (sentence,) = sentences(row)
    at = row.index("75")
    evidence = Evidence("", (sentence,), at, at + 2)
    reader = ScriptedReader(near=lambda said, found: 0.0)

    found = prove(Question.of("How much in May?"), claim, "en", evidence, reader, near())

    assert found.state == state
