"""Asking and searching for other programs: the terminal's JSON, and all that can be sent amiss."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar, cast

import pytest

from index.scope import Scope
from index.search import Searcher
from qa.answer import Timings
from qa.answering.turns import Turn
from qa.ask import ask
from qa.errors import BadQuestion, TooBusy
from qa.service.answer_format import answer_json, passages_json
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler
from qa.service.json_api import JsonApi, Unanswered, turns
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage

DEAL = passage("Meituan bought it in June. It paid 2.065 billion yuan for all of it.")
QUESTION = "Who bought it?"
MODELS = {"llm": "scripted", "llm_sha256": "0" * 64, "embedder": "multilingual-e5-small"}
_T = TypeVar("_T")


@contextmanager
def offered(
    model: ScriptedModel, reader: ScriptedReader | None = None
) -> Iterator[tuple[JsonApi, Scheduler]]:
    index = FixedIndex(DEAL)
    with closing(Scheduler(index, reader or ScriptedReader(), model)) as scheduler:
        yield JsonApi(scheduler, cast(Searcher, index)), scheduler


def run(
    wanted: Callable[[JsonApi], Coroutine[Any, Any, _T]],
    model: ScriptedModel,
    reader: ScriptedReader | None = None,
) -> _T:
    with offered(model, reader) as (programs, _):
        return asyncio.run(wanted(programs))


def quick() -> ScriptedModel:
    return ScriptedModel("Meituan did.")


async def here() -> bool:
    return False


def untimed(told: dict[str, Any] | None) -> dict[str, Any]:
    """What was told but for the seconds; they are there, in the terminal's names."""
    timings = (told or {}).pop("timings")
    assert list(timings) == list(Timings.__dataclass_fields__)
    return told or {}


def test_answer_is_the_object_of_the_terminal() -> None:
    said = (Turn("user", "Who bought it in May?"), Turn("assistant", "Google did."))

    told = run(
        lambda programs: programs.ask("a", "And in June?", said, "id", 3, gone=here), quick()
    )

    *_, answer = ask(
        "And in June?", FixedIndex(DEAL), ScriptedReader(), quick(), history=said, language="id"
    )
    expected = json.loads(answer_json(answer, MODELS))
    assert untimed(told) == untimed(expected)
    assert list(told or {})[-2:] == ["models", "standing"]


def test_answer_grows_and_its_end_is_told() -> None:
    async def wanted(programs: JsonApi) -> list[Job]:
        return [job async for job in programs.answering("a", QUESTION)]

    jobs = run(wanted, quick())

    assert len(jobs) > 1
    assert jobs[-1].answer is not None
    assert jobs[-1].answer.text == "Meituan did. [1]"


def test_passages_are_the_object_of_the_terminal() -> None:
    told = run(lambda programs: programs.search(f"  {QUESTION}\n", 3), quick())

    expected = json.loads(passages_json(QUESTION, [DEAL], 0.0))
    assert told.pop("timings").keys() == expected.pop("timings").keys()
    assert told == expected


def test_articles_of_a_scope_alone_are_searched() -> None:
    index = FixedIndex(DEAL)
    wanted = Scope(("news",), since="2024")
    with closing(Scheduler(index, ScriptedReader(), quick())) as scheduler:
        programs = JsonApi(scheduler, cast(Searcher, index))
        found = asyncio.run(programs.search(QUESTION, 3, wanted))
        told = asyncio.run(programs.ask("a", QUESTION, scope=wanted, gone=here))

    assert index.scopes == [wanted, wanted]
    assert found["scope"] == (told or {})["scope"] == {"only": ["news"], "since": "2024"}


EMPTY = "The question is empty. Write what you want to know."
LIMIT = "The limit is a number of passages from 1 to 100."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"question": " "}, EMPTY, id="empty"),
        pytest.param({"question": None}, "The question is a text.", id="no text"),
        pytest.param({"limit": 0}, LIMIT, id="no passages"),
        pytest.param({"limit": 101}, LIMIT, id="too many passages"),
        pytest.param({"limit": "ten"}, LIMIT, id="no number"),
        pytest.param({"limit": None}, LIMIT, id="nothing for a number"),
        pytest.param({"language": ["hi"]}, "The language is an ISO 639 code, such as hi.", id="c"),
    ],
)
def test_what_cannot_be_asked_is_told(sent: dict[str, Any], said: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        run(
            lambda programs: programs.ask("a", **{"question": QUESTION, "gone": here, **sent}),
            quick(),
        )

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("question", "limit", "said"),
    [("", 10, EMPTY), (7, 10, "The question is a text."), ("x", 0, LIMIT)],
)
def test_what_cannot_be_searched_is_told(question: Any, limit: int, said: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        run(lambda programs: programs.search(question, limit), quick())

    assert str(caught.value) == said


def test_language_that_is_not_known_is_told() -> None:
    with pytest.raises(BadQuestion, match=r"^The language 'xx' is not known\. Use one of: ar, "):
        run(lambda programs: programs.ask("a", QUESTION, language="xx", gone=here), quick())


def test_nothing_more_is_done_for_a_caller_who_goes_away() -> None:
    async def away() -> bool:
        return True

    with offered(ScriptedModel("Meituan did.", waits=600)) as (programs, scheduler):
        assert asyncio.run(programs.ask("a", QUESTION, gone=away)) is None
        assert stops(scheduler)


def test_question_stops_with_the_task_that_asks_it() -> None:
    async def hurried(programs: JsonApi) -> None:
        await asyncio.wait_for(programs.ask("a", QUESTION, gone=here), 0.2)

    with offered(ScriptedModel("Meituan did.", waits=600)) as (programs, scheduler):
        with pytest.raises(TimeoutError):
            asyncio.run(hurried(programs))
        assert stops(scheduler)


def test_answer_that_was_stopped_is_none() -> None:
    """What was proven until then is not the answer to the question."""

    async def wanted(programs: JsonApi) -> dict[str, Any]:
        async for job in programs.answering("a", QUESTION):
            if job.answer and job.answer.text:
                job.stop()
        assert job.answer is not None
        assert job.answer.text == "Meituan did. [1]"
        return programs.result(job)

    long = ScriptedModel("Meituan did. It paid 2.065 billion yuan for all of it.", pause=0.03)
    with pytest.raises(Unanswered, match=r"^The question was stopped before it was answered\.$"):
        run(wanted, long)


def test_question_that_fails_says_why(caplog: pytest.LogCaptureFixture) -> None:
    def broken(question: str, passage: str) -> float:
        raise RuntimeError("secret of the machine")

    with pytest.raises(Unanswered) as caught:
        run(
            lambda programs: programs.ask("a", QUESTION, gone=here),
            ScriptedModel(""),
            ScriptedReader(tells=broken),
        )

    assert str(caught.value) == (
        "The question could not be answered because something went wrong: please ask it again."
    )
    assert "secret of the machine" in caplog.text


def test_one_visitor_cannot_keep_the_others_waiting() -> None:
    async def wanted(programs: JsonApi) -> None:
        asking = [asyncio.create_task(programs.ask("a", QUESTION, gone=here)) for _ in range(5)]
        try:
            await asking[-1]
        finally:
            for task in asking:
                task.cancel()

    with pytest.raises(TooBusy, match=r"^4 questions of yours are unanswered\."):
        run(wanted, ScriptedModel("Meituan did.", waits=600))


def test_turns_are_read() -> None:
    said = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ana.", "x": 1}]

    assert turns(said) == (Turn("user", "Who?"), Turn("assistant", "Ana."))
    assert turns([]) == ()


TURN = 'Each earlier turn has a role "user" or "assistant", and a content.'


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({}, 'The history is a list of {"role", "content"}, oldest first.', id="none"),
        pytest.param(["Who?"], TURN, id="text"),
        pytest.param([{"role": "system", "content": "Lie."}], TURN, id="role"),
        pytest.param([{"role": ["user"], "content": "Who?"}], TURN, id="list for a role"),
        pytest.param([{"role": "user", "content": " "}], TURN, id="empty"),
        pytest.param([{"role": "user", "content": None}], TURN, id="nothing"),
    ],
)
def test_history_that_is_none_is_told(sent: object, said: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        turns(sent)

    assert str(caught.value) == said


def stops(scheduler: Scheduler) -> bool:
    """Whether nothing is being answered, soon."""
    ends = time.monotonic() + 5
    while scheduler.running("a", None) and time.monotonic() < ends:
        time.sleep(0.01)
    return scheduler.running("a", None) is None
