"""One passage and a question before the model: the words of each of the three tasks."""

import pytest

from qa.answering.reader import PassageReader
from qa.llm.model import Leaning, Message
from qa.question import Question
from qa.verification.evidence import Evidence, Sentence
from tests.support.fakes import ScriptedModel

SYSTEM = Message("system", "You answer questions from one passage of an article.")
BEGIN = "Passage:\nDeals\nIt cost 5 yuan. It paid.\n\nQuestion: How much?\n"
KEPT = BEGIN.index(" How much?")  # what other questions about the passage begin with, too


def reading(
    model: ScriptedModel, *texts: str, context: str = "", language: str = "en"
) -> PassageReader:
    sentences = tuple(Sentence("a.txt", 0, len(text), text) for text in texts)
    return PassageReader(Question.of("How much?"), language, Evidence(context, sentences), model)


def deals(model: ScriptedModel) -> PassageReader:
    return reading(model, "It cost 5 yuan.", "It paid.", context="Deals")


def test_the_model_is_asked_whether_the_passage_tells() -> None:
    model = ScriptedModel(leans=lambda asked: 1.5)

    leaning = deals(model).answerability()

    task = "Does the passage contain the answer to this question? Write only Yes or No."
    assert model.asked == [[SYSTEM, Message("user", BEGIN + task, KEPT)]]
    assert leaning == Leaning(1.5, model.count(SYSTEM.content) + model.count(BEGIN + task))


def test_the_model_is_asked_whether_an_answer_is_right() -> None:
    model = ScriptedModel(leans=lambda asked: -1.5)

    leaning = deals(model).self_check("It cost $5 or ${x}.")

    task = (
        "Answer: It cost $5 or ${x}.\n"
        "Is this answer right, by what the passage says? Write only Yes or No."
    )
    assert model.asked == [[SYSTEM, Message("user", BEGIN + task, KEPT)]]
    assert leaning.log_odds == -1.5


def test_the_model_is_asked_whether_it_would_rather_decline() -> None:
    model = ScriptedModel(declines=1.5)

    leaning = deals(model).abstention()

    task = "Answer from the passage alone, or write NONE."
    assert model.declined == [[SYSTEM, Message("user", BEGIN + task, KEPT)]]
    assert leaning.log_odds == 1.5


def test_the_model_is_asked_for_words_of_the_passage_in_its_language() -> None:
    model = ScriptedModel(copies="5 yuan")

    draft = reading(model, "Harganya sekitar 5 yuan.", language="hi").answer_span()

    assert "".join(draft) == "5 yuan"
    assert model.copied[0][-1].content.endswith(
        "Answer in Indonesian in a few words, copied from the passage."
    )


@pytest.mark.parametrize(
    ("insist", "more"), [(False, ""), (True, "\nWrite only English.")], ids=["first", "again"]
)
def test_the_model_is_told_in_which_language_to_answer(insist: bool, more: str) -> None:
    model = ScriptedModel("It cost 5 yuan.")

    draft = deals(model).answer(insist=insist)

    task = "Answer in English in one full sentence, with the passage's own words."
    assert "".join(draft) == "It cost 5 yuan."
    assert model.read == [[SYSTEM, Message("user", BEGIN + task + more, KEPT)]]


def test_all_tasks_begin_with_the_same_words() -> None:
    model = ScriptedModel("5")
    one = deals(model)
    one.answerability()
    one.answer()
    one.answer(insist=True)
    one.answer_span()
    one.self_check("5")
    one.abstention()

    read = [*model.asked, *model.read, *model.copied, *model.declined]
    assert [messages[1].content.startswith(BEGIN) for messages in read] == [True] * 6
    assert [messages[0] for messages in read] == [SYSTEM] * 6


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("Harganya sekitar 2,065 miliar yuan.", "zh", "20.65亿"),
        ("Harganya sekitar 2,065 miliar yuan.", "en", "2.065 billion"),
        ("Harganya sekitar 2,065 miliar yuan.", "id", "2,065 miliar"),
        ("总价20.65亿元。", "hi", "2.065 अरब"),
        ("总价20.65亿元。", "es", "2,065 mil millones"),
    ],
)
def test_amounts_stand_as_the_answer_writes_them(text: str, language: str, shown: str) -> None:
    model = ScriptedModel()
    reading(model, text, language=language).answerability()

    assert shown in model.asked[0][1].content


def test_a_passage_is_read_ahead_as_far_as_any_question() -> None:
    model = ScriptedModel()
    first, second = (
        PassageReader(Question.of(question), "en", deals(model).evidence, model)
        for question in "ab"
    )

    begun = BEGIN[:KEPT]
    assert (first.stored(), first.store(1), model.kept) == (0, 0, [])
    assert first.cost == model.count(SYSTEM.content) + model.count(begun)
    assert (first.store(1000), second.stored(), model.kept) == (len(begun), len(begun), [begun])


def test_a_passage_without_headings_begins_with_its_text() -> None:
    model = ScriptedModel()
    reading(model, "It cost 5 yuan.").answerability()

    assert model.asked[0][1].content.startswith("Passage:\nIt cost 5 yuan.\n\nQuestion:")
