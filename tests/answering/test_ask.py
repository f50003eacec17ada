"""The whole path from question to answer, with stand-ins for the index and the model."""

import itertools
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

import prompts
from index.passage import Passage
from index.storage.catalog import Entry
from index.text.languages import ENGLISH_NAMES
from qa.answer import Answer, Citation, Nearest, Timings
from qa.answering.turns import Turn
from qa.answering.validation import check_language
from qa.ask import PROMPT_TOKENS, ask, refusal
from qa.cancellation import StopFlag
from qa.errors import BadQuestion, Cancelled
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage, silent

TEXT = "Meituan bought it in June. It paid 2.065 billion yuan for all of it."
DEAL = passage(TEXT, article="deal.txt", start=40)
QUESTION = "Who bought it?"


def growing(
    model: ScriptedModel,
    found: Sequence[Passage] = (DEAL,),
    question: str = QUESTION,
    language: str | None = None,
    reader: ScriptedReader | None = None,
) -> list[Answer]:
    reader = reader or ScriptedReader()
    return list(ask(question, FixedIndex(*found), reader, model, language=language))


def final(model: ScriptedModel, found: Sequence[Passage] = (DEAL,), **how: Any) -> Answer:
    """Without what differs from run to run, and without the attempts."""
    return replace(growing(model, found, **how)[-1], timings=Timings(), attempts=())


def as_nearest(*passages: Passage) -> tuple[Nearest, ...]:
    return tuple(Nearest(p.article, p.start, p.end, p.text, p.score) for p in passages)


def test_answer_is_cited_with_the_exact_words() -> None:
    assert final(ScriptedModel("Meituan bought it [1].")) == Answer(
        QUESTION,
        "en",
        text="Meituan bought it. [1]",
        answered=True,
        citations=(
            Citation(1, "deal.txt", 40, 66, "Meituan bought it in June.", "supported", 0.9),
        ),
        done=True,
        stage="done",
    )


def test_citations_are_places_in_the_article() -> None:
    article = f"{'–' * DEAL.start}{TEXT}"

    answer = final(ScriptedModel("Meituan did. It paid 2.065 billion yuan."))

    assert [c.marker for c in answer.citations] == [1, 2]
    assert [article[c.start : c.end] for c in answer.citations] == [
        c.quote for c in answer.citations
    ]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("Meituan did [7].", id="invented mark"),
        pytest.param("Meituan did [1][2][3].", id="row of marks"),
        pytest.param("Meituan did [1, 2–4] .", id="list of marks"),
        pytest.param("[9] Meituan did.", id="mark before"),
        pytest.param("Meituan did [1", id="mark never ended"),
    ],
)
def test_the_models_own_marks_are_dropped(told: str) -> None:
    answer = final(ScriptedModel(told))

    assert answer.text.replace(" ", "").replace(".", "") == "Meituandid[1]"
    assert [citation.quote for citation in answer.citations] == ["Meituan bought it in June."]


@pytest.mark.parametrize(
    "told", ["Meituan did [1]. It paid 2.065 billion yuan [1, 2].", "Meituan [12", "[Me](http://a)"]
)
def test_half_written_marks_are_never_seen(told: str) -> None:
    answers = growing(ScriptedModel(told))

    assert {answer.draft for answer in answers if "[" in answer.draft} == set()


def test_text_only_grows() -> None:
    texts = [answer.text for answer in growing(ScriptedModel("Meituan did. Meituan bought it."))]

    assert all(after.startswith(before) for before, after in itertools.pairwise(texts))
    assert texts[-1] == "Meituan did. [1] Meituan bought it. [1]"


def test_only_the_last_answer_is_done() -> None:
    answers = growing(ScriptedModel("Meituan did."))

    assert [answer.done for answer in answers] == [False] * (len(answers) - 1) + [True]


def test_unproven_sentence_is_left_out() -> None:
    answer = final(ScriptedModel("Meituan did. It paid 7 billion yuan."))

    assert answer.text == "Meituan did. [1]"


def test_repeated_sentence_is_said_once() -> None:
    said = final(ScriptedModel("Meituan did. Meituan did. Meituan")).text

    assert said == "Meituan did. [1] Meituan [1]"


@pytest.mark.parametrize(
    ("question", "language", "lead"),
    [
        ("Who bought it?", "en", ""),
        ("Siapa yang membeli perusahaan itu?", "id", "Artikel itu mengatakan: "),
        ("इसे किसने खरीदा?", "hi", "लेख में कहा गया है: "),
        ("谁收购了它？", "zh", "文章写道："),
    ],
)
@pytest.mark.parametrize("told", ["It cost 7 billion yuan.", "", "[1]", "<b></b>"])
def test_without_proof_the_article_is_quoted(
    told: str, question: str, language: str, lead: str
) -> None:
    said = "Meituan bought it in June."

    answer = final(ScriptedModel(told), question=question)

    assert (answer.language, answer.nearest) == (language, ())
    assert answer.text == (f"{lead}“{said}” [1]" if lead else f"{said} [1]")
    assert [c.quote for c in answer.citations] == [said]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who bought it?", "en"),
        ("Siapa yang membeli perusahaan itu?", "id"),
        ("इसे किसने खरीदा?", "hi"),
        ("谁收购了它？", "zh"),
    ],
)
def test_what_no_passage_tells_is_refused(question: str, language: str) -> None:
    model = ScriptedModel("Meituan did.")

    assert final(model, question=question, reader=silent()) == Answer(
        question,
        language,
        text=prompts.refusals()[language],
        nearest=as_nearest(DEAL),
        done=True,
        stage="done",
    )
    assert model.read == []


def test_what_the_reader_calls_wrong_is_not_said() -> None:
    reader = ScriptedReader(right=lambda answer: 0.2)

    assert (
        final(ScriptedModel("Google did."), reader=reader).text == "Meituan bought it in June. [1]"
    )


def test_the_passage_that_most_likely_tells_is_written_from() -> None:
    other = passage("The weather was fine.", article="weather.txt")
    model = ScriptedModel("Meituan did.")
    reader = ScriptedReader(lambda question, text: 0.85 if "weather" in text else 0.99)

    answer = final(model, [other, DEAL], reader=reader)

    assert [citation.article for citation in answer.citations] == ["deal.txt"]
    assert (len(model.read), answer.text, answer.nearest) == (1, "Meituan did. [1]", ())


FERRY = passage("The ferry costs 9 coins.", article="ferry.txt")
FERRY_LATER = passage("Since June the ferry costs 12 coins.", article="later.txt")


@pytest.mark.parametrize(
    ("told", "proven", "said"),
    [
        pytest.param(0.9, 0.1, "{} [1] {} [2]", id="otherwise"),
        pytest.param(0.9, 0.9, "{} [1]", id="the same"),
        pytest.param(0.6, 0.1, "{} [1]", id="hardly"),
    ],
)
@pytest.mark.parametrize("words", ["", "The ferry costs {} coins."], ids=["quoted", "written"])
def test_what_two_articles_tell_otherwise_is_said_of_both(
    told: float, proven: float, said: str, words: str
) -> None:
    reader = ScriptedReader(
        lambda question, text: told if "June" in text else 0.99,
        right=lambda answer: proven if answer == FERRY_LATER.text else 0.99,
    )
    model = ScriptedModel(*(words.format(coins) for coins in (9, 12)))

    answer = final(model, [FERRY, FERRY_LATER], question="What is the ferry?", reader=reader)

    # The article's own words, wherever they say the same.
    texts = (
        FERRY.text,
        FERRY_LATER.text.removeprefix("Since June ") if words else FERRY_LATER.text,
    )
    assert answer.text == said.format(*texts)


@pytest.mark.parametrize(("told", "answered"), [(0.9, True), (0.8, False)])
def test_only_what_likely_tells_is_written_from(told: float, answered: bool) -> None:
    reader = ScriptedReader(lambda question, text: told)

    assert final(ScriptedModel("Meituan did."), reader=reader).answered is answered


def test_nearest_passages_are_ordered_by_their_cosines() -> None:
    low, high = passage("Low.", score=0.81), passage("High.", score=0.92)

    assert final(ScriptedModel(""), [low, high], reader=silent()).nearest == as_nearest(high, low)


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("Who bought it?", None, "English"),
        ("इसे किसने खरीदा?", None, "Hindi"),
        ("美团收购了谁？", None, "Chinese"),
        ("Who bought it?", "id", "Indonesian"),
    ],
)
def test_prompt_names_the_language_of_the_answer(
    question: str, language: str | None, name: str
) -> None:
    model = ScriptedModel("")
    growing(model, question=question, language=language)

    named = {n for n in ENGLISH_NAMES.values() if n in model.read[0][-1].content}
    assert named == {name}


def test_refusal_is_in_the_language_asked_for() -> None:
    answer = final(ScriptedModel(""), language="hi", reader=silent())

    assert (answer.language, answer.text) == ("hi", prompts.refusals()["hi"])


def test_refusal_in_an_unknown_language_is_english() -> None:
    assert refusal("xx") == prompts.refusals()["en"]


def test_model_reads_passage_headings_and_question() -> None:
    model = ScriptedModel("")
    growing(model, [passage("Meituan bought it.", context="Deals of June")])

    system, user = model.read[0]
    assert (system.role, user.role) == ("system", "user")
    for words in ("Deals of June", "Meituan bought it.", QUESTION):
        assert words in user.content


def test_amounts_are_read_as_the_answer_will_write_them() -> None:
    model = ScriptedModel("总价20.65亿元。")
    text = "Total biayanya sekitar 2,065 miliar yuan."

    answer = final(model, [passage(text)], question="总价是多少？")

    assert "20.65亿" in model.read[0][-1].content
    assert [citation.quote for citation in answer.citations] == [text]


SENTENCE = "कंपनी ने जून में सौ करोड़ युआन में सब कुछ खरीदा और फिर बेच दिया। "


@pytest.mark.parametrize(
    ("text", "context", "question"),
    [
        pytest.param(SENTENCE * 300, "", "किसने खरीदा?", id="long passage"),
        pytest.param("खरीदा।" + "क " * 2000, "", "किसने?", id="one endless sentence"),
        pytest.param(SENTENCE * 300, "शीर्षक " * 200, "किसने?", id="long headings"),
        pytest.param(SENTENCE * 300, "शीर्षक " * 900, "किसने?", id="endless headings"),
        pytest.param(SENTENCE * 300, "", "किसने " * 512, id="long question"),
    ],
)
def test_prompt_never_passes_its_budget(text: str, context: str, question: str) -> None:
    model = ScriptedModel("")
    growing(model, [passage(text, context=context)], question)

    costs = [sum(model.count(m.content) for m in messages) for messages in model.read]
    assert costs
    assert [cost for cost in costs if cost > PROMPT_TOKENS] == []


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u3000"])
def test_empty_question_is_refused(question: str) -> None:
    with pytest.raises(BadQuestion, match="The question is empty"):
        growing(ScriptedModel(""), question=question)


@pytest.mark.parametrize("question", ["why " * 513, "why" * 5000], ids=["words", "letters"])
def test_too_long_question_is_refused_before_anything_is_searched(question: str) -> None:
    index = FixedIndex(DEAL)

    with pytest.raises(BadQuestion, match="longer than 512 tokens"):
        next(ask(question, index, ScriptedReader(), ScriptedModel("")))
    assert index.searched == []


def test_longest_question_is_asked() -> None:
    assert final(ScriptedModel("Meituan did."), question="who " * 512).answered


def test_question_is_composed_before_it_is_searched() -> None:
    index = FixedIndex(DEAL)
    composed = "Où est-ce ? कितनी क़ीमत"

    *_, answer = ask(
        f" {unicodedata.normalize('NFD', composed)}\n", index, ScriptedReader(), ScriptedModel("")
    )

    expected = unicodedata.normalize("NFC", composed)
    assert (index.searched, answer.question) == ([expected], expected)


@pytest.mark.parametrize("code", [None, *ENGLISH_NAMES])
def test_known_languages_can_be_asked_for(code: str | None) -> None:
    *_, answer = ask(
        "Who bought it?", FixedIndex(), ScriptedReader(), ScriptedModel(""), language=code
    )

    assert answer.language == (code or "en")


@pytest.mark.parametrize("code", ["xx", "", "EN", "english", "zh-CN"])
def test_unknown_language_names_the_known_ones(code: str) -> None:
    with pytest.raises(BadQuestion, match=r"is not known\. Use one of: ar, bn, .*, zh$"):
        check_language(code)


def test_tokens_are_counted() -> None:
    model = ScriptedModel("Google bought it.")

    timings = growing(model, language="hi")[-1].timings

    assert (len(model.read), timings.answer_tokens) == (1, 3)
    assert timings.prompt_tokens == sum(
        model.count(message.content) for messages in model.read for message in messages
    )


def test_times_follow_each_other() -> None:
    timings = growing(ScriptedModel("Meituan did."))[-1].timings

    assert 0 <= timings.retrieve_s <= timings.first_token_s <= timings.total_s


@pytest.mark.parametrize(
    ("said", "language"),
    [
        pytest.param("It cost ca. 200 million yuan.", "en", id="english"),
        pytest.param("Meituan pagó aprox. 2 mil millones de yuanes.", "es", id="spanish"),
        pytest.param("It rose to approx. 3.5 percent.", "en", id="percent"),
    ],
)
def test_a_number_after_an_abbreviation_is_kept(said: str, language: str) -> None:
    # In another language than the answers, or the article's own words would be said.
    index = FixedIndex(passage("Harganya 200 juta yuan, naik 3,5 persen, atau 2 miliar yuan."))

    *_, answer = ask("How much?", index, ScriptedReader(), ScriptedModel(said), language=language)

    assert answer.text.replace(" [1]", "") == said


def test_a_question_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(BadQuestion, match="not UTF-8"):
        list(ask("Who\udcff?", FixedIndex(), ScriptedReader(), ScriptedModel("")))


BEFORE = (Turn("user", "Who bought it in May?"), Turn("assistant", "Meituan did. [1]"))


def test_followup_is_searched_and_asked_in_full_and_kept_as_typed() -> None:
    index, model = FixedIndex(DEAL), ScriptedModel("मीतुआन ने खरीदा।")

    first, *_, answer = ask("और जून में?", index, ScriptedReader(), model, history=BEFORE)

    assert index.searched == [answer.standing] == ["Who bought it in June?"] == [first.standing]
    assert "Who bought it in June?" in model.read[0][-1].content
    assert "Answer in Hindi " in model.read[0][-1].content
    assert (answer.question, answer.language, answer.answered) == ("और जून में?", "hi", True)


def test_question_with_a_topic_of_its_own_is_asked_as_typed() -> None:
    index = FixedIndex(DEAL)

    *_, answer = ask(
        "What did Meituan buy?", index, ScriptedReader(), ScriptedModel(""), history=BEFORE
    )

    assert (index.searched, answer.standing) == (["What did Meituan buy?"], None)


def test_question_without_letters_is_answered_in_the_language_before() -> None:
    before = [Turn("user", "2023 में कितनी विज़िट हुईं?")]

    *_, answer = ask("2024?", FixedIndex(), ScriptedReader(), ScriptedModel(""), history=before)

    assert (answer.language, answer.standing) == ("hi", "2024 में कितनी विज़िट हुईं?")


TWO = "Meituan did. It paid 2.065 billion yuan."
OTHER = passage("Google bought it in May.", article="other.txt")


def stages(answers: Sequence[Answer]) -> list[str]:
    """Each stage as often as it was begun."""
    return [stage for stage, _ in itertools.groupby(answer.stage for answer in answers)]


@pytest.mark.parametrize(
    ("found", "reader", "expected"),
    [
        pytest.param([], ScriptedReader(), "reading done", id="nothing found"),
        pytest.param([DEAL, OTHER], silent(), "reading done", id="nothing told"),
        pytest.param(
            [DEAL],
            ScriptedReader(),
            "reading writing checking writing checking done",
            id="two sentences",
        ),
    ],
)
def test_stages_tell_what_is_done(
    found: list[Passage], reader: ScriptedReader, expected: str
) -> None:
    assert stages(growing(ScriptedModel(TWO), found, reader=reader)) == expected.split()


def test_passages_are_shown_before_any_is_read() -> None:
    def unread(question: str, text: str) -> float:
        raise AssertionError("was read")

    first = next(
        ask(QUESTION, FixedIndex(DEAL), ScriptedReader(unread), ScriptedModel("Meituan did."))
    )

    assert replace(first, timings=Timings()) == Answer(
        QUESTION, "en", nearest=as_nearest(DEAL), stage="reading"
    )


def test_sentence_stays_in_sight_while_it_is_checked() -> None:
    checked = [a.draft for a in growing(ScriptedModel(TWO)) if a.stage == "checking"]

    assert checked == ["Meituan did. I", "It paid 2.065 billion yuan.", ""]


@pytest.mark.parametrize("reader", [ScriptedReader(), silent()], ids=["told", "not told"])
def test_question_is_given_up_however_far_it_is(reader: ScriptedReader) -> None:
    model = ScriptedModel(TWO)
    whole = growing(model, reader=reader)

    for shown in range(len(whole)):
        stop, seen = StopFlag(), list[Answer]()
        answers = ask(QUESTION, FixedIndex(DEAL), reader, model, stop=stop)
        seen += itertools.islice(answers, shown)
        stop.set()
        with pytest.raises(Cancelled):
            next(answers)
        assert without_times(seen) == without_times(whole[:shown])
    assert without_times(growing(model, reader=reader)) == without_times(whole)


def without_times(answers: Sequence[Answer]) -> list[Answer]:
    return [replace(answer, timings=Timings()) for answer in answers]


def test_what_is_stopped_at_once_is_not_searched() -> None:
    index, model, stop = FixedIndex(DEAL), ScriptedModel("Meituan did."), StopFlag()
    stop.set()

    with pytest.raises(Cancelled):
        list(ask(QUESTION, index, ScriptedReader(), model, stop=stop))

    assert (index.searched, model.read) == ([], [])


def test_model_that_reads_for_long_is_stopped() -> None:
    stop, model = StopFlag(), ScriptedModel("Meituan did.", waits=60)
    threading.Timer(0.05, stop.set).start()

    with pytest.raises(Cancelled):
        list(ask(QUESTION, FixedIndex(DEAL), ScriptedReader(), model, stop=stop))

    assert model.read == []


def test_citation_names_the_web_address_of_its_article() -> None:
    address = "https://example.org/news/deal"
    entry = Entry("deal.txt", "/web", "", "The deal", "en", address=address)
    index = FixedIndex(replace(DEAL, address=address), entries=[entry])

    model = ScriptedModel("Meituan bought it [1].")
    answers = list(ask(QUESTION, index, ScriptedReader(), model))
    assert [cited.address for cited in answers[-1].citations] == [address]
    assert {near.address for answer in answers for near in answer.nearest} == {address}
    assert final(ScriptedModel("Meituan bought it [1].")).citations[0].address == ""
