"""One passage and a question before the model: the words of its task."""

import pytest

from qa.answering.writer import PassageWriter
from qa.llm.model import Message
from qa.question import Question
from qa.verification.evidence import Evidence, Sentence
from tests.support.fakes import ScriptedModel

SYSTEM = Message("system", "You answer questions from one passage of an article.")
BEGIN = "Passage:\nDeals\nIt cost 5 yuan. It paid.\n\nQuestion: How much?\n"
KEPT = BEGIN.index(" How much?")  # what other questions about the passage begin with, too


def reading(
    model: ScriptedModel, *texts: str, context: str = "", language: str = "en"
) -> PassageWriter:
    sentences = tuple(Sentence("a.txt", 0, len(text), text) for text in texts)
    return PassageWriter(Question.of("How much?"), language, Evidence(context, sentences), model)


def deals(model: ScriptedModel) -> PassageWriter:
    return reading(model, "It cost 5 yuan.", "It paid.", context="Deals")


def test_the_model_is_told_in_which_language_to_answer() -> None:
    model = ScriptedModel("It cost 5 yuan.")

    draft = deals(model).answer()

    task = "Answer in English in one full sentence, with the passage's own words."
    assert "".join(draft) == "It cost 5 yuan."
    assert model.read == [[SYSTEM, Message("user", BEGIN + task, KEPT)]]


def test_the_model_is_asked_about_what_the_reader_found_behind_the_same_words() -> None:
    model = ScriptedModel("", leans=1.5, declines=0.5)
    sentence = Sentence("a.txt", 10, 25, "It cost $5 {x}.")
    evidence = Evidence("", (sentence,), 18, 24)
    writer = PassageWriter(Question.of("How much?"), "en", evidence, model)

    declines, right = writer.witness()

    begin = "Passage:\nIt cost $5 {x}.\n\nQuestion: How much?\n"
    tasks = (
        "Answer from the passage alone, or write NONE.",
        "Answer: $5 {x}\nIs this answer right, by what the passage says? Write only Yes or No.",
    )
    kept = begin.index(" How much?")
    assert model.asked == [[SYSTEM, Message("user", begin + task, kept)] for task in tasks]
    assert (declines.log_odds, right.log_odds) == (-0.5, 1.5)


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
    model = ScriptedModel("")
    reading(model, text, language=language).answer()

    assert shown in model.read[0][1].content


def test_a_passage_is_read_ahead_as_far_as_any_question() -> None:
    model = ScriptedModel("")
    first, second = (
        PassageWriter(Question.of(question), "en", deals(model).evidence, model)
        for question in "ab"
    )

    begun = BEGIN[:KEPT]
    assert (first.stored(), first.store(1), model.kept) == (0, 0, [])
    assert first.cost == model.count(SYSTEM.content) + model.count(begun)
    assert (first.store(1000), second.stored(), model.kept) == (len(begun), len(begun), [begun])


def test_a_passage_without_headings_begins_with_its_text() -> None:
    model = ScriptedModel("")
    reading(model, "It cost 5 yuan.").answer()

    assert model.read[0][1].content.startswith("Passage:\nIt cost 5 yuan.\n\nQuestion:")
