"""What a person does in conversations: asking, asking again, and seeing what proves the answers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from index.passage import Passage
from index.scope import EVERYTHING, Scope
from index.search import Searcher
from qa.errors import BadQuestion, ConversationsFull, NoConversation, TooBusy
from qa.llm.model import LanguageModel
from qa.service.chat import LIVE, AskOptions, Chat, Visitor
from qa.service.jobs.job import Job
from qa.service.library import Library
from qa.web.page import views
from qa.web.page.presenter import Presenter
from qa.web.page.view_models import ExcerptView
from tests.support.chats import (
    AGAIN,
    ANA,
    BOB,
    OVEN,
    QUESTION,
    TOLD,
    USUAL,
    WRITTEN,
    HeldModel,
    cited,
    exchanges,
    kept,
    talking,
    texts,
)
from tests.support.fakes import (
    FixedIndex,
    HashEmbedder,
    ScriptedModel,
    ScriptedReader,
    silent,
    until,
)
from tests.support.small_articles import BAKERY, HARBOUR

SHIPS = "बंदरगाह में 12 जहाज आए।"
ENDLESS = f"{WRITTEN} It cost " + ", ".join(f"{i} loaves" for i in range(1000))


class ManyPassages(FixedIndex):
    """Notes how many passages are wished for."""

    def __init__(self, *passages: Passage) -> None:
        super().__init__(*passages)
        self.limits: list[int] = []

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[Passage]:
        self.limits.append(limit)
        return super().search(question, limit)


Opening = Callable[..., Chat]


@pytest.fixture
def opened(tmp_path: Path, library: Library) -> Iterator[Opening]:
    with ExitStack() as stack:
        yield lambda *given, shelf=library, **more: stack.enter_context(
            talking(tmp_path, shelf, *given, **more)
        )


def begun(
    chat: Chat, question: str, conversation: str = "", replacing: int = 0, who: Visitor = ANA
) -> tuple[str, Job]:
    """Ask; the conversation, and the question while it is answered."""
    conversation = chat.ask(who, conversation, question, USUAL, replacing)
    job = chat.running(who, conversation)
    assert job is not None
    return conversation, job


def asked(
    chat: Chat,
    question: str = QUESTION,
    conversation: str = "",
    replacing: int = 0,
    who: Visitor = ANA,
) -> str:
    """Ask, and wait for the answer; the conversation."""
    conversation = chat.ask(who, conversation, question, USUAL, replacing)
    until(lambda: chat.running(who, conversation) is None)
    return conversation


def titles(chat: Chat, who: Visitor = ANA) -> list[str]:
    return [conversation.title for conversation in chat.conversations.list(who.id)]


# Asking


def test_first_question_begins_a_conversation_and_is_its_title(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat, f"  {QUESTION}\n")

    assert kept(chat, conversation) == [(1, QUESTION, "done", TOLD)]
    assert asked(chat, AGAIN, conversation) == conversation
    assert [question for _, question, *_ in kept(chat, conversation)] == [QUESTION, AGAIN]
    assert titles(chat) == [QUESTION]


@pytest.mark.parametrize(
    ("question", "wishes"),
    [
        pytest.param("  ", USUAL, id="empty"),
        pytest.param("why " * 600, USUAL, id="too long"),
        pytest.param("\ud800", USUAL, id="no text"),
        pytest.param(QUESTION, AskOptions(language="xx"), id="language"),
        pytest.param(QUESTION, AskOptions(llm="other"), id="model"),
    ],
)
def test_question_that_is_refused_begins_nothing(
    question: str, wishes: AskOptions, opened: Opening
) -> None:
    chat = opened()

    with pytest.raises(BadQuestion):
        chat.ask(ANA, "", question, wishes)
    assert titles(chat) == []


def test_one_question_too_many_begins_nothing_and_takes_nothing_away(opened: Opening) -> None:
    chat = opened(ScriptedModel(WRITTEN, waits=600))
    conversations = [begun(chat, f"Who built oven {i}?")[0] for i in range(4)]

    for conversation in ("", conversations[0]):
        with pytest.raises(TooBusy):
            chat.ask(ANA, conversation, QUESTION, USUAL)
    assert {c.id for c in chat.conversations.list("a")} == set(conversations)


def test_wishes_are_heeded(opened: Opening) -> None:
    def load(name: str) -> LanguageModel:
        model = ScriptedModel("Kumar Steel membuatnya.")
        model.name = name
        return model

    index = ManyPassages(cited())
    chat = opened(index=index, load=load)
    conversation = chat.ask(ANA, "", QUESTION, AskOptions("id", "other", 3))
    until(lambda: exchanges(chat, conversation))

    (exchange,) = exchanges(chat, conversation)
    assert exchange.answer is not None
    assert (exchange.answer.language, index.limits, chat.scheduler.llm) == ("id", [3], "other")


def test_question_that_leans_on_turns_before_it_is_understood(opened: Opening) -> None:
    index = FixedIndex(cited())
    chat = opened(index=index)
    conversation = asked(chat, "Who built the oven in 2019?")
    asked(chat, "And in 2020?", conversation)
    asked(chat, "And in 2021?", conversation, replacing=2)
    shown = Presenter(chat).turns(ANA, conversation)
    asked(chat, "And in 2022?", conversation, replacing=1)
    asked(chat, "And in 2023?")

    assert index.searched == [
        *("Who built the oven in 2019?", "Who built the oven in 2020?"),
        *("Who built the oven in 2021?", "And in 2022?", "And in 2023?"),
    ]
    assert texts(shown, ".standing span") == ["Who built the oven in 2021?"]


def test_full_conversation_takes_no_question_more(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.service.conversations.MOST_EXCHANGES", 1)
    chat = opened()
    conversation = asked(chat)

    with pytest.raises(ConversationsFull, match="has 1 questions"):
        chat.ask(ANA, conversation, AGAIN, USUAL)
    asked(chat, AGAIN, conversation, replacing=1)
    assert kept(chat, conversation) == [(2, AGAIN, "done", TOLD)]


def test_question_that_fails_is_kept_with_its_reason(opened: Opening) -> None:
    def load(name: str) -> LanguageModel:
        raise BadQuestion(f"No <{name}>.")

    chat = opened(load=load)
    conversation = chat.ask(ANA, "", QUESTION, AskOptions(llm="other"))
    until(lambda: exchanges(chat, conversation))

    assert [(e.state, e.error) for e in exchanges(chat, conversation)] == [
        ("failed", "No <other>.")
    ]
    assert texts(Presenter(chat).turns(ANA, conversation), ".trouble") == [
        "This did not work: No <other>."
    ]
    asked(chat, AGAIN, conversation)
    assert [state for _, _, state, _ in kept(chat, conversation)] == ["failed", "done"]


# Asking again, or in another way


@pytest.mark.parametrize("question", [QUESTION, AGAIN], ids=["retry", "edit"])
def test_new_answer_takes_the_place_of_the_first_once_it_is_there(
    question: str, opened: Opening
) -> None:
    model = HeldModel(WRITTEN)
    chat = opened(model)
    conversation = asked(chat)
    asked(chat, AGAIN, conversation)
    before = kept(chat, conversation)
    model.held = True
    _, job = begun(chat, question, conversation, replacing=1)
    until(lambda: job.stage == "reading")

    assert kept(chat, conversation) == before
    assert texts(Presenter(chat).turns(ANA, conversation), "p.text") == [TOLD] * 2
    model.held = False
    assert job.wait(30)
    assert kept(chat, conversation) == [(3, question, "done", TOLD)]


@pytest.mark.parametrize("stage", ["waiting", "reading"])
def test_stopped_before_anything_is_proven_the_first_answer_stays(
    stage: str, opened: Opening
) -> None:
    model = HeldModel(WRITTEN)
    chat = opened(model)
    conversation = asked(chat)
    before = kept(chat, conversation)
    model.held = True
    for _ in range(2 if stage == "waiting" else 0):  # as many as are answered at a time
        begun(chat, QUESTION, who=BOB)
    _, job = begun(chat, AGAIN, conversation, replacing=1)
    until(lambda: job.stage == stage)

    job.stop()

    assert job.wait(30)
    assert kept(chat, conversation) == before
    assert (job.answer is None) == (stage == "waiting")


def test_what_is_proven_when_it_is_stopped_takes_the_place(opened: Opening) -> None:
    chat = opened(ScriptedModel("It is Kumar Steel.", ENDLESS, pause=0.0005))
    conversation = asked(chat)
    _, job = begun(chat, QUESTION, conversation, replacing=1)
    until(lambda: job.answer and job.answer.answered and job.answer.draft)

    job.stop()

    assert job.wait(30)
    assert kept(chat, conversation) == [(2, QUESTION, "stopped", TOLD)]
    shown = Presenter(chat).turns(ANA, conversation)
    assert texts(shown, "p.text, p.halted") == [
        *(TOLD, "Stopped; what was proven so far stays."),
    ]


def test_stopped_in_a_new_conversation_it_says_so(opened: Opening) -> None:
    chat = opened(ScriptedModel(WRITTEN, waits=600))
    conversation, job = begun(chat, QUESTION)

    job.stop()

    assert job.wait(30)
    assert kept(chat, conversation) == [(1, QUESTION, "stopped", "")]
    assert texts(Presenter(chat).turns(ANA, conversation), ".halted") == ["Stopped."]


def test_failing_leaves_the_first_answer(opened: Opening) -> None:
    def load(name: str) -> LanguageModel:
        raise BadQuestion("No such model.")

    chat = opened(load=load)
    conversation = asked(chat)
    before = kept(chat, conversation)
    chat.ask(ANA, conversation, QUESTION, AskOptions(llm="other"), replacing=1)
    until(lambda: chat.running(ANA, conversation) is None)

    assert kept(chat, conversation) == before


def test_refusal_takes_the_place_of_an_answer(opened: Opening) -> None:
    reader = ScriptedReader(lambda question, passage: float("France" not in question))
    chat = opened(ScriptedModel(WRITTEN), reader=reader)
    conversation = asked(chat)
    asked(chat, "What is the capital of France?", conversation, replacing=1)

    assert texts(Presenter(chat).turns(ANA, conversation), "p.refusal") == [
        "The articles do not tell."
    ]
    assert len(exchanges(chat, conversation)) == 1


@pytest.mark.parametrize("what", ["exchange", "conversation"])
def test_deleting_what_is_asked_again_breaks_nothing(
    what: str, opened: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    model = HeldModel(WRITTEN)
    chat = opened(model)
    conversation = asked(chat)
    model.held = True
    _, job = begun(chat, AGAIN, conversation, replacing=1)
    if what == "exchange":
        chat.conversations.remove("a", conversation, 1)
    else:
        chat.conversations.delete("a", conversation)
    model.held = False

    assert job.wait(30)
    assert caplog.records == []
    if what == "exchange":
        assert kept(chat, conversation) == [(2, AGAIN, "done", TOLD)]
    else:
        assert titles(chat) == []


# What is shown


def test_exchanges_are_shown_and_the_last_can_be_asked_again(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat)
    asked(chat, AGAIN, conversation)
    html = Presenter(chat).turns(ANA, conversation)

    assert [text.split(": ")[1] for text in texts(html, ".question")] == [QUESTION, AGAIN]
    assert texts(html, "p.text") == [TOLD, TOLD]
    assert texts(html, ".title") == ["Bread of the north"] * 2
    assert len(texts(html, "[data-act=retry]")) == 1
    assert texts(Presenter(chat).listing(ANA, conversation), ".name") == [QUESTION]


def test_answer_that_is_made_is_shown_apart(opened: Opening) -> None:
    model = HeldModel(WRITTEN)
    chat, model.held = opened(model), True
    conversation, job = begun(chat, QUESTION)
    begun(chat, "Who?", who=BOB)
    _, third = begun(chat, "Why?", who=BOB)
    until(lambda: job.stage == "reading")

    assert Presenter(chat).growing(ANA, job).status == "Reading"
    assert texts(views.live(Presenter(chat).growing(BOB, third)), ".stages li") == [
        "In line: 2 before you"
    ]
    assert texts(Presenter(chat).turns(ANA, conversation), ".exchange, .welcome") == []


def test_conversations_are_found_by_what_was_said(opened: Opening) -> None:
    chat = opened()
    asked(chat, QUESTION)
    asked(chat, AGAIN)

    assert texts(Presenter(chat).listing(ANA, "", "NEW oven"), ".name") == [QUESTION]
    assert texts(Presenter(chat).listing(ANA, "", "steel"), ".name") == [AGAIN, QUESTION]
    assert texts(Presenter(chat).listing(ANA, "", "absent"), "p") == ["Nothing found."]
    assert texts(Presenter(chat).listing(BOB, ""), "p") == ["What you ask is kept here."]


def test_asked_question_is_given_back_to_be_changed(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat)

    assert chat.question(ANA, conversation, 1) == QUESTION
    for number in (0, 2, -1, 10**30):
        with pytest.raises(NoConversation):
            chat.question(ANA, conversation, number)


@pytest.mark.parametrize("stranger", [BOB, Visitor(""), Visitor("A"), Visitor("\ud800")])
def test_nobody_sees_what_another_asked(stranger: Visitor, opened: Opening) -> None:
    model = HeldModel(WRITTEN)
    chat = opened(model)
    conversation = asked(chat)
    model.held = True
    _, job = begun(chat, AGAIN, conversation)
    acts: list[Callable[[], object]] = [
        lambda: Presenter(chat).turns(stranger, conversation),
        lambda: chat.question(stranger, conversation, 1),
        lambda: chat.ask(stranger, conversation, QUESTION, USUAL),
        lambda: chat.ask(stranger, conversation, QUESTION, USUAL, replacing=1),
        *(
            lambda number=number, which=which: Presenter(chat).proven(
                stranger, conversation, number, which
            )
            for number in (LIVE, 1)
            for which in ("1", "near-1")
        ),
    ]

    for act in acts:
        with pytest.raises(NoConversation):
            act()
    assert chat.running(stranger, conversation) is None
    assert (len(exchanges(chat, conversation)), job.over) == (1, False)


def test_nothing_is_said_of_conversations_that_never_were(opened: Opening) -> None:
    chat = opened()

    for id in ("absent", "../x", "\0", "\ud800", "x" * 100_000, "' OR 1=1 --"):
        with pytest.raises(NoConversation):
            Presenter(chat).turns(ANA, id)
        with pytest.raises(NoConversation):
            chat.ask(ANA, id, QUESTION, USUAL)
        with pytest.raises(NoConversation):
            Presenter(chat).proven(ANA, id, 1, "1")
    assert chat.running(ANA, "") is None


# Proofs


def marked(found: ExcerptView) -> list[tuple[str, str]]:
    """The marked words of a proof: the words themselves are `here`."""
    assert found.proof is not None
    return [
        ("here" if piece.marker == found.here else "other", piece.text)
        for piece in found.proof.pieces
        if piece.marker
    ]


def refused(*passages: Passage) -> dict[str, Any]:
    """What answers no question, and the passages that it finds near."""
    return {"reader": silent(), "index": FixedIndex(*passages)}


def test_proof_of_a_mark_shows_its_words_in_their_article(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat)
    found = Presenter(chat).proven(ANA, conversation, 1, "1")

    start = BAKERY.index(OVEN)
    assert found.proof is not None
    assert found.proof.words is not None
    assert (found.proof.words.start, found.proof.words.end) == (start, start + len(OVEN))
    assert "".join(piece.text for piece in found.proof.pieces) == BAKERY
    assert marked(found) == [("here", OVEN)]
    assert (found.article, found.title, found.language, found.language_name) == (
        *("bakery.txt", "Bread of the north", "en", "English"),
    )
    assert (found.quote, found.marker, found.here, found.support) == (OVEN, 1, 1, "supported")
    assert (found.link, found.before, found.after) == (f"proof/{conversation}/1/1", "", "")


def test_other_words_of_the_same_article_are_marked_too(opened: Opening) -> None:
    words = "The new oven was built by Kumar Steel in 2019. It burns wood."
    chat = opened(ScriptedModel(words), FixedIndex(cited(words)))
    conversation = asked(chat, "What is the new oven?")
    first, second = (Presenter(chat).proven(ANA, conversation, 1, which) for which in "12")

    assert marked(first) == [("here", OVEN), ("other", "It burns wood.")]
    assert marked(second) == [("other", OVEN), ("here", "It burns wood.")]
    link = f"proof/{conversation}/1"
    assert (first.before, first.after) == ("", f"{link}/2")
    assert (second.before, second.after) == (f"{link}/1", "")


def test_passage_that_was_found_is_shown_in_its_article(opened: Opening) -> None:
    chat = opened(**refused(cited(), cited(SHIPS, "harbour.txt"), cited("It burns wood.")))
    conversation = asked(chat, "What is the capital of France?")
    first, second = (
        Presenter(chat).proven(Visitor("a", "hi"), conversation, 1, f"near-{n}") for n in (1, 2)
    )

    assert marked(first) == [("here", OVEN), ("other", "It burns wood.")]
    assert marked(second) == [("here", SHIPS)]
    assert (second.language, second.language_name, second.support) == ("hi", "हिन्दी", "")
    assert (second.marker, second.here) == (0, 2)
    link = f"proof/{conversation}/1"
    assert (second.link, second.before, second.after) == (
        *(f"{link}/near-2", f"{link}/near-1", f"{link}/near-3"),
    )


def test_proofs_of_an_answer_that_is_made_are_those_of_what_it_becomes(opened: Opening) -> None:
    chat = opened(ScriptedModel("It is Kumar Steel.", ENDLESS, pause=0.0005))
    conversation = asked(chat)
    _, job = begun(chat, AGAIN, conversation)
    until(lambda: job.answer)
    near = Presenter(chat).proven(ANA, conversation, LIVE, "near-1")
    until(lambda: job.answer and job.answer.answered)
    growing = Presenter(chat).proven(ANA, conversation, LIVE, "1")
    job.stop()
    assert job.wait(30)

    link = f"proof/{conversation}/0"
    assert (near.link, growing.link) == (f"{link}/near-1", f"{link}/1")
    assert marked(growing) == marked(near) == [("here", OVEN)]
    assert Presenter(chat).proven(ANA, conversation, LIVE, "1") == growing
    assert Presenter(chat).proven(ANA, conversation, 2, "1").quote == OVEN


NUMBERS = ["0", "2", "-1", "", "x", "1.0", " 1", "1/", "²", "Ⅳ", "9" * 5000, "\0", "\ud800"]


def test_what_is_not_there_has_no_proof(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat)

    for which in [*NUMBERS, *(f"near-{n}" for n in ["1", *NUMBERS]), "near-near-1"]:
        with pytest.raises(NoConversation):
            Presenter(chat).proven(ANA, conversation, 1, which)
    for number in (2, -1, 10**30, 2**63):
        with pytest.raises(NoConversation):
            Presenter(chat).proven(ANA, conversation, number, "1")


def test_question_without_an_answer_has_no_proof(opened: Opening) -> None:
    model = HeldModel(WRITTEN)
    chat, model.held = opened(model), True
    begun(chat, QUESTION, who=BOB)
    conversation, job = begun(chat, QUESTION)

    for _ in range(2):  # while it waits, and once it was stopped
        with pytest.raises(NoConversation):
            Presenter(chat).proven(ANA, conversation, LIVE, "1")
        job.stop()
        assert job.wait(30)


def test_digits_of_every_script_lead_to_a_mark(opened: Opening) -> None:
    chat = opened()
    conversation = asked(chat)

    assert Presenter(chat).proven(ANA, conversation, 1, "१") == Presenter(chat).proven(
        ANA, conversation, 1, "1"
    )


@pytest.mark.parametrize(
    ("text", "words", "moved"),
    [
        pytest.param(f"New.\n\n{OVEN} It burns coal.", [("here", OVEN)], True, id="moved"),
        pytest.param("The oven was sold.", [], False, id="changed"),
        pytest.param(None, None, False, id="removed"),
    ],
)
def test_article_that_is_another_meanwhile_is_told(
    text: str | None,
    words: list[tuple[str, str]] | None,
    moved: bool,
    opened: Opening,
    articles: Path,
    library: Library,
) -> None:
    chat = opened()
    conversation = asked(chat)
    if text is None:
        (articles / "bakery.txt").unlink()
    else:
        (articles / "bakery.txt").write_text(text, encoding="utf-8")
    library.reread()
    found = Presenter(chat).proven(ANA, conversation, 1, "1")

    assert (marked(found) if found.proof else None) == words
    assert (found.proof is not None and found.proof.moved) == moved
    assert (found.quote, found.language) == (OVEN, "en")
    assert texts(Presenter(chat).turns(ANA, conversation), ".title") == [
        "bakery.txt" if text is None else library.articles()[0].title
    ]


def test_article_that_goes_while_it_is_looked_up_is_told(
    opened: Opening, two_articles: Path, embedder: HashEmbedder
) -> None:
    class Vanishing(Library):
        def text(self, id: str) -> str:
            raise KeyError(id)

    chat = opened(shelf=Vanishing(two_articles, embedder))

    assert Presenter(chat).proven(ANA, asked(chat), 1, "1").proof is None


def test_answer_of_a_real_index_is_proven(
    opened: Opening, two_articles: Path, embedder: HashEmbedder
) -> None:
    chat = opened(index=Searcher(two_articles, embedder))
    found = Presenter(chat).proven(ANA, asked(chat), 1, "1")

    assert marked(found) == [("here", OVEN)]
    assert BAKERY[BAKERY.index(found.quote) :].startswith(OVEN)


# Questions to begin with


def test_questions_to_begin_with_are_those_given(opened: Opening) -> None:
    presenter = Presenter(opened(), [QUESTION, "ओवन किसने बनाया?"])

    assert presenter.examples() == [(QUESTION, "en"), ("ओवन किसने बनाया?", "hi")]
    assert texts(presenter.turns(ANA, ""), ".examples button") == [
        QUESTION,
        "ओवन किसने बनाया?",
    ]


def test_questions_to_begin_with_are_made_of_titles(opened: Opening, articles: Path) -> None:
    (articles / "a.txt").write_text(f"{'Long title ' * 12}\n\nIt is long.", encoding="utf-8")
    (articles / "b.txt").write_text("{title} <b>\n\nIt has signs.", encoding="utf-8")
    chat = opened()
    chat.library.reread()

    long = "Long title " * 6 + "Lon…"
    assert Presenter(chat).examples() == [
        (f"What is “{long.strip()}” about?", "en"),
        ("“{title} <b>” किस बारे में है?", "hi"),
        ("Apa yang dibahas dalam “Bread of the north”?", "id"),
        (f"《{HARBOUR.split(chr(10))[0]}》讲的是什么？", "zh"),
    ]


@pytest.mark.parametrize("examples", [(), (QUESTION,)], ids=["titles", "given"])
def test_without_articles_there_is_nothing_to_ask(
    examples: tuple[str, ...], opened: Opening, tmp_path: Path
) -> None:
    chat = opened(shelf=Library(tmp_path / "none", HashEmbedder()))
    presenter = Presenter(chat, examples)

    assert presenter.examples() == []
    (told,) = texts(presenter.turns(ANA, ""), ".welcome p")
    assert told.startswith("There are no articles yet.")


def test_article_is_called_by_its_title(opened: Opening) -> None:
    chat = opened()

    assert [chat.title(id) for id in ("bakery.txt", "gone.txt")] == [
        *("Bread of the north", "gone.txt"),
    ]
