import random
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from qa.extraction.training.answer_examples import answer_examples
from qa.extraction.training.examples import AnswerExample, Example, SpanExample
from qa.extraction.training.pool import Pool
from qa.extraction.training.question_sets import Answer, Passage, Question, QuestionSet
from qa.extraction.training.rivals import same_kind
from qa.extraction.training.span_examples import span_examples
from qa.extraction.training.stream import as_typed, mixed

COUNT = 400
TEXTS = {
    "en": [
        "In 2023 the firm Meituan bought Light Years Beyond. The price was 281 million dollars. "
        "Its founder Wang Huiwen had fallen ill in June. Shares rose by 12 percent that week.",
        "The town of Warsaw lies on the Vistula. Some 1790 thousand people live there. "
        "In 1944 most of it was destroyed. The mayor is Rafal Trzaskowski.",
    ],
    "hi": [
        "2023 में मीतुआन ने लाइट इयर्स बियॉन्ड को खरीदा। कीमत 281 मिलियन डॉलर थी। "
        "जून में वांग हुईवेन बीमार पड़े।",
        "वारसॉ विस्तुला नदी पर बसा है। वहाँ 1790 हजार लोग रहते हैं। 1944 में शहर नष्ट हो गया।",
    ],
}
TOLD = [
    ("How much did Meituan pay in 2023?", "कीमत क्या थी?", "281 million dollars", "281 मिलियन डॉलर"),
    ("Who fell ill in June?", "जून में कौन बीमार पड़ा?", "Wang Huiwen", "वांग हुईवेन"),
    ("How many live in Warsaw?", "वारसॉ में कितने लोग रहते हैं?", "1790 thousand", "1790 हजार"),
]


@pytest.fixture
def among() -> QuestionSet:
    found = QuestionSet("both")
    for language, texts in TEXTS.items():
        found.passages += [Passage(text, "News", language) for text in texts]
    for english, hindi, *said in TOLD:
        place = next(i for i, text in enumerate(TEXTS["en"]) if said[0] in text)
        answers = {}
        for position, language, answer in ((place, "en", said[0]), (place + 2, "hi", said[1])):
            start = found.passages[position].text.index(answer)
            answers[language] = Answer(position, ((start, start + len(answer)),))
        found.questions.append(Question({"en": english, "hi": hindi}, answers))
    return found


def some(
    make: Callable[[Pool], Iterator[Example]], among: QuestionSet, seed: int = 1
) -> list[Example]:
    return list(islice(make(Pool(among, random.Random(seed))), COUNT))


GOLD = {answer for _, _, *said in TOLD for answer in said}


def test_spans_are_the_answers_and_the_rest_tells_none(among: QuestionSet) -> None:
    examples = some(span_examples, among)
    told = [e for e in examples if isinstance(e, SpanExample) and e.span]
    untold = [e for e in examples if isinstance(e, SpanExample) and not e.span]

    assert {e.passage[slice(*e.span)] for e in told if e.span} == GOLD
    assert 0.25 < len(untold) / len(examples) < 0.55
    swapped = {e.question for e in untold} - {q for pair in TOLD for q in pair[:2]}
    assert any("2023" not in question and "pay in" in question for question in swapped)
    answer = {question: pair[2:] for pair in TOLD for question in pair[:2]}
    for example in untold:
        if example.question in answer:
            assert not any(said in example.passage for said in answer[example.question])


def test_a_passage_that_tells_nobody_said_where_is_shown_whole(among: QuestionSet) -> None:
    among.questions = [
        Question(q.texts, {code: Answer(answer.passage, ()) for code, answer in q.answers.items()})
        for q in among.questions
    ]
    examples = [e for e in some(span_examples, among) if isinstance(e, SpanExample)]
    told = [example for example in examples if example.tells]

    assert {example.passage for example in told} == {p.text for p in among.passages}
    assert {example.span for example in examples} == {None}
    assert 0.4 < len(told) / len(examples) < 0.8
    assert list(answer_examples(Pool(among, random.Random(1)))) == []
    assert all(isinstance(each, SpanExample) for each in islice(mixed([among], seed=1), 50))


def test_wrong_answers_are_not_the_right_one_and_right_ones_are(among: QuestionSet) -> None:
    examples = [e for e in some(answer_examples, among) if isinstance(e, AnswerExample)]
    answer = {q: pair[2:] for pair in TOLD for q in pair[:2]}
    kinds = {e.kind for e in examples}

    assert kinds == {
        *("right", "same kind", "neighbour", "altered", "elsewhere", "other sentence"),
        *("other words", "asked of another"),
    }
    assert 0.35 < sum(e.right for e in examples) / len(examples) < 0.65
    assert {e.across for e in examples} == {True, False}
    for example in examples:
        assert example.right == (example.kind == "right")
        if example.kind == "asked of another":
            assert example.question not in answer
            continue
        gold = answer[example.question]
        if example.right:
            assert any(said in example.answer for said in gold)
            assert any(said in example.passage for said in gold)
        elif example.kind == "elsewhere":
            assert not any(said in example.passage for said in gold)
        else:
            assert not any(said in example.answer for said in gold)


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        ("281 million", "It rose 12 percent, to 281 million, in 2023.", ["12 percent"]),
        ("1944", "In 1944 or 1945, or on 3/4.", ["1945", "3/4"]),
        ("Wang Huiwen", "Then Meituan of Beijing paid Wang Huiwen.", ["Meituan of Beijing"]),
        ("王慧文", "美团收购了光年之外。", ["美团收"]),
        ("very ill", "He fell very ill at home.", ["He fell", "at home"]),
    ],
)
def test_rivals_are_of_the_kind_of_the_answer(answer: str, text: str, found: list[str]) -> None:
    assert [each for each in same_kind(answer, text) if each != "2023"] == found


def test_the_same_seed_gives_the_same_stream(among: QuestionSet) -> None:
    first, second = (list(islice(mixed([among], seed=1), 50)) for _ in range(2))

    assert first == second
    assert first != list(islice(mixed([among], seed=2), 50))


def test_drafts_come_among_the_examples(among: QuestionSet) -> None:
    draft = AnswerExample("both", "Who?", "It was Wang.", "Wang did it.", True, "draft", False)
    examples = list(islice(mixed([among], 1, [draft]), 2000))
    drafts = [e for e in examples if isinstance(e, AnswerExample) and e.kind == "draft"]

    assert 0 < len(drafts) < 40
    assert {each.answer for each in drafts} == {draft.answer}


def test_some_questions_are_without_capitals_and_mark() -> None:
    example, rng = SpanExample("x", "Wer war das?", "Wang.", (0, 4), tells=True), random.Random(1)
    typed = [as_typed(example, rng) for _ in range(COUNT)]

    assert {each.question for each in typed} == {
        *("Wer war das?", "wer war das?", "Wer war das", "wer war das")
    }
    assert sum(each == example for each in typed) > COUNT / 2
