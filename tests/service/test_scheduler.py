"""One model and many who ask: their order, their places in line, and what each may do."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from index.passage import Passage
from index.scope import EVERYTHING, Scope
from qa.answer import Answer, Timings
from qa.answering.turns import Turn
from qa.ask import ask
from qa.errors import BadQuestion, Cancelled, TooBusy
from qa.llm.model import LanguageModel
from qa.service.jobs.idle_work import Ahead
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage, stuck, until

DEAL = passage("Meituan bought it in June. It paid 2.065 billion yuan for all of it.")
QUESTION = "Who bought it?"
ENDLESS = "Meituan did. It paid " + ", ".join(f"{i} yuan" for i in range(1000))

Opening = Callable[..., Scheduler]


@pytest.fixture
def opened() -> Iterator[Opening]:
    schedulers: list[Scheduler] = []

    def open_scheduler(
        model: ScriptedModel,
        index: FixedIndex | None = None,
        load: Callable[[str], LanguageModel] | None = None,
        ahead: Ahead | None = None,
        reader: ScriptedReader | None = None,
    ) -> Scheduler:
        index, reader = index or FixedIndex(DEAL), reader or ScriptedReader()
        schedulers.append(Scheduler(index, reader, model, load, ahead, idle=0.02))
        return schedulers[-1]

    yield open_scheduler
    for scheduler in schedulers:
        scheduler.close()


def quick() -> ScriptedModel:
    return ScriptedModel("Meituan did.")


def asked(scheduler: Scheduler, *visitors: str) -> list[Job]:
    """One question of each visitor; the first is being answered."""
    first, *others = visitors
    begun = scheduler.ask(QUESTION, visitor=first)
    until(lambda: begun.stage not in ("waiting", "searching"))
    return [begun, *(scheduler.ask(QUESTION, visitor=visitor) for visitor in others)]


def outcome(job: Job) -> tuple[str, str, str, bool]:
    assert job.wait(30)
    return job.state, job.stage, job.error, job.over


def test_answer_is_the_one_of_asking(opened: Opening) -> None:
    history = [Turn("user", "Who bought it in May?"), Turn("assistant", "Google did.")]
    job = opened(quick()).ask("And in June?", visitor="a", history=history, language="id")

    assert outcome(job) == ("done", "done", "", True)
    *_, expected = ask(
        "And in June?", FixedIndex(DEAL), ScriptedReader(), quick(), history=history, language="id"
    )
    assert job.answer is not None
    assert replace(job.answer, timings=Timings()) == replace(expected, timings=Timings())
    assert (job.question, job.visitor, job.llm) == ("And in June?", "a", "scripted")


def test_as_many_passages_are_searched_as_wished(opened: Opening) -> None:
    searched: list[int] = []

    class Counting(FixedIndex):
        def search(
            self, question: str, limit: int = 10, scope: Scope = EVERYTHING
        ) -> list[Passage]:
            searched.append(limit)
            return super().search(question, limit)

    opened(quick(), Counting()).ask(QUESTION, visitor="a", limit=3).wait()

    assert searched == [3]


def test_first_come_is_first_served(opened: Opening) -> None:
    index = FixedIndex(DEAL)
    scheduler = opened(quick(), index)
    jobs = [scheduler.ask(f"Who bought {i}?", visitor=f"{i % 5}") for i in range(12)]

    assert {outcome(job) for job in jobs} == {("done", "done", "", True)}
    assert index.searched == [job.question for job in jobs]


def test_place_in_line_is_told(opened: Opening) -> None:
    first, second, third = asked(opened(stuck()), "a", "b", "c")

    assert [job.ahead for job in (first, second, third)] == [0, 1, 2]
    assert [job.state for job in (first, second, third)] == ["working", "waiting", "waiting"]
    second.stop()
    assert [job.ahead for job in (first, second, third)] == [0, 0, 1]


def words(job: Job) -> int:
    """How much of an answer can be seen."""
    return len(job.answer.draft + job.answer.text) if job.answer else 0


def test_two_are_answered_by_turns_and_others_wait(opened: Opening) -> None:
    scheduler = opened(ScriptedModel(ENDLESS, pause=0.002))
    first = scheduler.ask(QUESTION, visitor="a")
    until(lambda: words(first))
    second, third = (scheduler.ask(QUESTION, visitor=visitor) for visitor in "bc")
    until(lambda: words(second))
    seen = words(first), words(second)
    until(lambda: words(first) > seen[0] + 5 and words(second) > seen[1] + 5)

    assert [job.state for job in (first, second, third)] == ["working", "working", "waiting"]
    assert [job.ahead for job in (first, second, third)] == [0, 0, 2]
    first.stop()
    until(lambda: words(third))
    assert (outcome(first)[0], second.state, third.state) == ("stopped", "working", "working")


def test_stopping_the_one_that_pauses_is_at_once(opened: Opening) -> None:
    scheduler = opened(ScriptedModel(ENDLESS, pause=0.3))
    first = scheduler.ask(QUESTION, visitor="a")
    until(lambda: words(first))
    second = scheduler.ask(QUESTION, visitor="b")
    until(lambda: second.stage == "reading")

    first.stop()

    assert (first.state, first.over, second.state) == ("stopped", True, "working")
    until(lambda: words(second))


def test_who_has_no_word_yet_is_served_before_who_has(opened: Opening) -> None:
    model = ScriptedModel(ENDLESS, pause=0.01)
    scheduler = opened(model)
    first = scheduler.ask(QUESTION, visitor="a")
    until(lambda: words(first))
    second = scheduler.ask("Who paid for it?", visitor="b")
    until(lambda: second.stage == "reading")
    before = words(first)
    until(lambda: words(second))

    assert words(first) <= before + 1


def test_each_of_two_has_the_answer_that_it_would_have_alone(opened: Opening) -> None:
    scheduler = opened(ScriptedModel("Meituan did.", pause=0.001))
    jobs = [scheduler.ask(QUESTION, visitor=f"{i}") for i in range(8)]

    assert {outcome(job)[0] for job in jobs} == {"done"}
    assert {job.answer.text for job in jobs if job.answer} == {"Meituan did. [1]"}


def test_model_of_a_question_stays_until_it_is_answered(opened: Opening) -> None:
    shelf = Shelf(other="It did so in June.")
    shelf.ready.set()
    scheduler = opened(ScriptedModel(ENDLESS, pause=0.001), load=shelf)
    first = scheduler.ask(QUESTION, visitor="a")
    until(lambda: words(first))
    second = scheduler.ask(QUESTION, visitor="b", llm="other")
    seen = words(first)
    until(lambda: words(first) > seen + 5)

    assert (second.state, second.stage, shelf.loaded) == ("waiting", "waiting", [])
    first.stop()
    assert (outcome(second)[0], second.llm) == ("done", "other-q4")


def test_question_that_waits_is_stopped_at_once(opened: Opening) -> None:
    model = stuck()
    first, second = asked(opened(model), "a", "b")

    second.stop()

    assert (second.state, second.stage, second.over, second.answer) == (
        *("stopped", "done", True),
        None,
    )
    assert (first.state, first.over) == ("working", False)


def test_what_is_proven_when_it_is_stopped_stays(opened: Opening) -> None:
    (job,) = asked(opened(ScriptedModel(ENDLESS, pause=0.001)), "a")
    until(lambda: job.answer and job.answer.answered and job.answer.draft)

    job.stop()

    assert outcome(job) == ("stopped", "done", "", True)
    assert job.answer is not None
    assert (job.answer.text, job.answer.answered) == ("Meituan did. [1]", True)
    assert (job.answer.draft, job.answer.stage, job.answer.done) == ("", "done", True)


def test_stopped_before_anything_is_proven_it_shows_what_was_found(opened: Opening) -> None:
    (job,) = asked(opened(stuck()), "a")

    job.stop()

    assert outcome(job) == ("stopped", "done", "", True)
    assert job.answer is not None
    assert replace(job.answer, timings=Timings()) == Answer(
        job.question, "en", nearest=job.answer.nearest, done=True, stage="done"
    )
    assert [near.article for near in job.answer.nearest] == ["a.txt"]


def test_stopping_one_touches_no_other(opened: Opening) -> None:
    model = ScriptedModel(ENDLESS, "Meituan did.", "Meituan did.", pause=0.001)
    first, second, third = asked(opened(model), "a", "b", "c")
    until(lambda: first.stage == "writing")
    first.stop()
    first.stop()

    assert [outcome(job)[0] for job in (first, second, third)] == ["stopped", "done", "done"]
    assert [job.answer.text for job in (second, third) if job.answer] == ["Meituan did. [1]"] * 2


def test_stopping_what_is_over_changes_nothing(opened: Opening) -> None:
    job = opened(quick()).ask(QUESTION, visitor="a")
    before = (*outcome(job), job.answer, job.elapsed)

    job.stop()

    assert (*outcome(job), job.answer, job.elapsed) == before


def failing(error: Exception) -> ScriptedReader:
    """Fails on each question about a crash."""

    def tells(question: str, passage: str) -> float:
        if "crash" in question:
            raise error
        return 0.99

    return ScriptedReader(tells)


def test_failing_fails_one_question(opened: Opening, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = opened(quick(), reader=failing(RuntimeError("llama_decode returned 1")))
    jobs = [scheduler.ask(question, visitor="a") for question in ("Why the crash?", QUESTION)]

    assert [outcome(job) for job in jobs] == [
        (
            *("failed", "done"),
            "The question could not be answered because something went wrong: please ask it again.",
            True,
        ),
        ("done", "done", "", True),
    ]
    assert [(r.levelno, bool(r.exc_info)) for r in caplog.records] == [(logging.ERROR, True)]
    assert "llama_decode returned 1" in caplog.text


def test_what_a_person_can_mend_is_told_in_its_words(
    opened: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    job = opened(quick(), reader=failing(BadQuestion("Ask less."))).ask(
        "Why the crash?", visitor="a"
    )

    assert outcome(job) == ("failed", "done", "Ask less.", True)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("question", "language", "llm", "told"),
    [
        pytest.param(" ", None, None, "is empty", id="empty"),
        pytest.param("why " * 513, None, None, "longer than 512 tokens", id="too many tokens"),
        pytest.param("a" * 20_000, None, None, "longer than 512 tokens", id="far too long"),
        pytest.param(QUESTION, "xx", None, "'xx' is not known", id="language"),
        pytest.param(QUESTION, None, "other", "no model 'other'", id="model"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(
    question: str, language: str | None, llm: str | None, told: str, opened: Opening
) -> None:
    scheduler = opened(quick())

    with pytest.raises(BadQuestion, match=told):
        scheduler.ask(question, visitor="a", language=language, llm=llm)
    assert scheduler.running("a", None) is None


def test_a_visitor_has_four_questions_at_a_time(opened: Opening) -> None:
    scheduler = opened(stuck())
    jobs = asked(scheduler, "a", "a", "a", "a")

    with pytest.raises(TooBusy, match="4 questions of yours are unanswered"):
        scheduler.ask(QUESTION, visitor="a")
    assert scheduler.ask(QUESTION, visitor="b").ahead == 4
    jobs[1].stop()
    assert scheduler.ask(QUESTION, visitor="a").ahead == 4


def test_sixty_four_may_wait(opened: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "qa.service.jobs.scheduler._AT_ONCE", 1
    )  # else the second may be taken before the first thinks
    scheduler = opened(stuck())
    *_, last = asked(scheduler, *(f"{i // 4}" for i in range(65)))

    assert last.ahead == 64
    with pytest.raises(TooBusy, match="64 questions are waiting"):
        scheduler.ask(QUESTION, visitor="late")


def test_a_visitor_asks_thirty_questions_a_minute(opened: Opening) -> None:
    scheduler = opened(quick(), FixedIndex())

    assert {outcome(scheduler.ask(QUESTION, visitor="a"))[0] for _ in range(30)} == {"done"}
    with pytest.raises(TooBusy, match="You asked 30 questions in a minute"):
        scheduler.ask(QUESTION, visitor="a")
    assert outcome(scheduler.ask(QUESTION, visitor="b"))[0] == "done"


class Shelf:
    """Loads models once `ready` is set; those it does not have are not known."""

    def __init__(self, **models: str) -> None:
        self._models = models
        self.ready, self.loaded = threading.Event(), list[str]()

    def __call__(self, name: str) -> ScriptedModel:
        self.loaded.append(name)
        assert self.ready.wait(30)
        if name not in self._models:
            raise BadQuestion(f"No {name}.")
        model = ScriptedModel(self._models[name])
        model.name = f"{name}-q4"
        return model


def test_another_model_is_loaded_when_its_turn_comes(opened: Opening) -> None:
    shelf = Shelf(other="It did so in June.")
    scheduler = opened(quick(), load=shelf)
    jobs = [
        scheduler.ask(QUESTION, visitor=f"{i}", llm=name)
        for i, name in enumerate(["scripted", "other", None, "other", "other-q4"])
    ]
    until(lambda: jobs[1].stage == "loading")
    assert (jobs[1].state, jobs[1].ahead, jobs[1].llm, scheduler.llm) == (
        *("working", 0),
        *("other", "scripted"),
    )
    shelf.ready.set()

    assert [(outcome(job)[0], job.llm) for job in jobs] == [
        ("done", "scripted"),
        *[("done", "other-q4")] * 4,
    ]
    told = [job.answer.text for job in jobs if job.answer]
    assert told == ["Meituan did. [1]", *["It did so in June. [1]"] * 4]
    assert (scheduler.llm, shelf.loaded) == ("other-q4", ["other"])


def test_model_that_cannot_be_loaded_fails_one_question(opened: Opening) -> None:
    shelf = Shelf()
    shelf.ready.set()
    scheduler = opened(quick(), load=shelf)
    jobs = [scheduler.ask(QUESTION, visitor="a", llm=name) for name in ("other", "scripted")]

    assert [outcome(job) for job in jobs] == [
        ("failed", "done", "No other.", True),
        ("done", "done", "", True),
    ]
    assert (scheduler.llm, shelf.loaded) == ("scripted", ["other"])


def test_stopped_while_a_model_is_loaded_it_is_over_at_once(opened: Opening) -> None:
    shelf = Shelf(other="It did so in June.")
    scheduler = opened(quick(), load=shelf)
    first, second = (
        scheduler.ask(QUESTION, visitor="a", llm="other"),
        scheduler.ask(QUESTION, visitor="b"),
    )
    until(lambda: first.stage == "loading")

    first.stop()

    assert (outcome(first), first.answer, second.ahead) == (
        *(("stopped", "done", "", True), None),
        0,
    )
    shelf.ready.set()
    assert (outcome(second)[0], second.llm, first.answer) == ("done", "other-q4", None)


def test_question_of_a_conversation_is_found_until_it_is_over(opened: Opening) -> None:
    scheduler = opened(stuck())
    jobs = {
        (visitor, conversation): scheduler.ask(QUESTION, visitor=visitor, conversation=conversation)
        for visitor, conversation in [("a", "1"), ("a", "2"), ("b", "1"), ("b", None)]
    }

    assert {key: scheduler.running(*key) for key in jobs} == jobs
    assert (scheduler.running("b", "2"), scheduler.running("c", None)) == (None, None)
    for job in jobs.values():
        job.stop()
        assert job.wait(30)
    assert {scheduler.running(*key) for key in jobs} == {None}


def followed(job: Job) -> list[tuple[str, int, bool]]:
    """Stage, place in line and whether it is over, at each change."""

    async def follow() -> list[tuple[str, int, bool]]:
        return [(j.stage, j.ahead, j.over) async for j in job.changes(pause=0.001)]

    return asyncio.run(follow())


def test_changes_are_told_until_it_is_over(opened: Opening) -> None:
    first, second = asked(opened(ScriptedModel("Meituan did.", waits=0.1, pause=0.01)), "a", "b")

    seen = followed(second)

    assert seen[0] == ("waiting", 1, False)
    stages = list(dict.fromkeys(stage for stage, _, _ in seen))
    assert [s for s in stages if s not in ("searching", "checking")] == [
        *("waiting", "reading", "writing", "done"),
    ]
    assert [over for _, _, over in seen] == [False] * (len(seen) - 1) + [True]
    assert first.over
    assert followed(first) == [("done", 0, True)]


def test_changes_end_for_everybody_who_follows(opened: Opening) -> None:
    async def follow(job: Job) -> str:
        states = [j.state async for j in job.changes(pause=0.001)]
        return states[-1]

    async def follow_all(jobs: list[Job]) -> list[str]:
        following = [asyncio.create_task(follow(job)) for job in [*jobs, *jobs]]
        await asyncio.sleep(0.01)
        for job in jobs:
            job.stop()
        return await asyncio.wait_for(asyncio.gather(*following), 30)

    assert asyncio.run(follow_all(asked(opened(stuck()), "a", "b"))) == ["stopped"] * 4


@pytest.mark.parametrize("state", ["done", "failed", "stopped"])
def test_who_is_told_is_told_before_it_is_over_and_may_fail(
    state: str, opened: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, bool, bool]] = []

    def done(job: Job) -> None:
        told.append((job.state, job.over, scheduler.running("a", "c") is job))
        raise OSError("The disk is full.")

    model = stuck() if state == "stopped" else quick()
    scheduler = opened(model, reader=failing(BadQuestion("Ask less.")))
    question = "Why the crash?" if state == "failed" else QUESTION
    job = scheduler.ask(question, visitor="a", conversation="c", done=done)
    if state == "stopped":
        until(lambda: job.stage == "reading")
        job.stop()
    elif state == "done":
        assert job.wait(30)

    assert outcome(job)[0] == state
    assert told == [(state, False, True)]
    assert "The disk is full." in caplog.text
    after = scheduler.ask(QUESTION, visitor="b")
    after.stop()
    assert after.wait(30)


def test_who_waits_is_told_that_it_was_stopped(opened: Opening) -> None:
    scheduler, told = opened(stuck()), list[tuple[str, bool]]()
    asked(scheduler, "a")
    job = scheduler.ask(QUESTION, visitor="b", done=lambda job: told.append((job.state, job.over)))

    job.stop()

    assert (job.over, told) == (True, [("stopped", False)])


def test_seconds_stand_still_once_it_is_over(opened: Opening) -> None:
    (job,) = asked(opened(stuck()), "a")
    before = job.elapsed
    until(lambda: job.elapsed > before > 0)
    job.stop()
    assert job.wait(30)
    after = job.elapsed
    time.sleep(0.01)

    assert job.elapsed == after > before


class Steps:
    """What is done while nobody asks: `left` steps that take so many seconds, or forever."""

    def __init__(self, left: int = 1000, seconds: float = 0.005) -> None:
        self.left, self._seconds = left, seconds
        self.models, self.stopped, self.begun = list[str](), 0, list[float]()
        self.error: Exception | None = None

    def __call__(self, model: LanguageModel) -> Callable[[], bool]:
        assert isinstance(model, ScriptedModel)
        self.models.append(model.name)
        return lambda: self._step(model)

    def _step(self, model: ScriptedModel) -> bool:
        self.begun.append(time.monotonic())
        if self.error:
            raise self.error
        if not self.left:
            return False
        try:
            model._wait(self._seconds)
        except Cancelled:
            self.stopped += 1
            raise
        self.left -= 1
        return True


def test_passages_are_read_ahead_while_nobody_asks(opened: Opening) -> None:
    steps = Steps(left=5)
    scheduler = opened(quick(), ahead=steps)
    until(lambda: not steps.left)

    assert outcome(scheduler.ask(QUESTION, visitor="a"))[0] == "done"
    steps.left = 5  # the index has changed
    until(lambda: not steps.left)
    assert steps.models == ["scripted"]


def test_reading_ahead_stops_at_once_when_somebody_asks(opened: Opening) -> None:
    steps = Steps(seconds=600)
    scheduler = opened(quick(), ahead=steps)
    for number in range(1, 4):
        until(lambda: len(steps.begun) == steps.stopped + 1)
        job = scheduler.ask(QUESTION, visitor="a")
        assert outcome(job)[0] == "done"
        assert (job.elapsed < 10, steps.stopped) == (True, number)


def test_nothing_is_read_ahead_while_questions_wait(opened: Opening) -> None:
    steps = Steps()
    scheduler = opened(ScriptedModel("Meituan did.", waits=0.03), ahead=steps)
    jobs = [scheduler.ask(QUESTION, visitor=f"{i}") for i in range(6)]
    begun = time.monotonic()
    until(lambda: jobs[-1].over)
    ended = time.monotonic()
    until(lambda: steps.begun and steps.begun[-1] > ended)

    assert [at for at in steps.begun if begun < at < ended] == []


def test_reading_ahead_goes_on_with_the_model_that_is_loaded(opened: Opening) -> None:
    shelf, steps = Shelf(other="Meituan did."), Steps()
    shelf.ready.set()
    scheduler = opened(quick(), load=shelf, ahead=steps)
    until(lambda: steps.models)
    assert outcome(scheduler.ask(QUESTION, visitor="a", llm="other"))[0] == "done"
    until(lambda: len(steps.models) == 2)

    assert steps.models == ["scripted", "other-q4"]


@pytest.mark.parametrize(
    ("error", "begun", "logged"),
    [
        pytest.param(BadQuestion("The index is damaged."), 2, 0, id="what may mend"),
        pytest.param(RuntimeError("llama_decode returned 1"), 1, 1, id="a fault"),
    ],
)
def test_reading_ahead_that_fails_harms_no_question(
    error: Exception,
    begun: int,
    logged: int,
    opened: Opening,
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps = Steps()
    steps.error = error
    scheduler = opened(quick(), ahead=steps)
    until(lambda: len(steps.begun) >= begun)

    assert outcome(scheduler.ask(QUESTION, visitor="a"))[0] == "done"
    assert len(caplog.records) == logged


def test_closing_stops_reading_ahead(opened: Opening) -> None:
    steps = Steps(seconds=600)
    scheduler = opened(stuck(), ahead=steps)
    until(lambda: steps.begun)

    scheduler.close()

    assert (steps.stopped, scheduler._worker.is_alive()) == (1, False)


def test_closing_stops_all_and_takes_no_more(opened: Opening) -> None:
    scheduler = opened(stuck())
    jobs = asked(scheduler, "a", "b", "c")

    scheduler.close()

    assert [(job.state, job.over) for job in jobs] == [("stopped", True)] * 3
    assert not scheduler._worker.is_alive()
    with pytest.raises(TooBusy, match="No more questions"):
        scheduler.ask(QUESTION, visitor="d")
