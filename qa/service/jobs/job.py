"""Job: one question in the queue, its answer as it grows, and who is woken when it changes.

Any thread may read a job and stop it; its scheduler alone moves it on. Knows its queue by a small
protocol, and nothing of the model or of other jobs.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from index.scope import EVERYTHING, Scope
from qa.answer import Answer, Stage
from qa.answering.turns import Turn
from qa.cancellation import StopFlag

_LOG = logging.getLogger(__name__)

JobState = Literal["waiting", "working", "done", "stopped", "failed"]
JobStage = Literal["waiting", "loading"] | Stage
"""The present step: the job waits, its model is loaded, or a stage of the answer."""


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question, who asks it, and how it is to be answered.

    `visitor` and `conversation` are where the job can be found again. `history`, `language`,
    `limit` and `scope` are those of `qa.ask.ask`. `llm` is the name of the model that is to answer,
    None for the one that is loaded. `done` is called once the job has ended, in whatever state,
    before it is over: by the thread that answers, or by the one that stops it.
    """

    question: str
    visitor: str
    conversation: str | None = None
    history: tuple[Turn, ...] = ()
    language: str | None = None
    limit: int = 10
    scope: Scope = EVERYTHING
    llm: str | None = None
    done: Callable[["Job"], None] | None = None


class Queue(Protocol):
    """What a job needs of the queue that it is in."""

    @property
    def lock(self) -> threading.Condition:
        """Guards the queue and every job in it; the thread that holds it may take it again."""

    def position(self, job: "Job") -> int:
        """How many jobs are before this one."""

    def is_current(self, job: "Job") -> bool:
        """Whether the model computes for this job at the moment."""

    def remove(self, job: "Job") -> None:
        """Take out a job that has ended."""


class Job:
    """One question in the queue; any thread may read it.

    `answer` is as far as it has come, None before passages are found. Of a question that was
    stopped it holds what was proven until then, and is done. `error` is the message for the person
    when it failed, else empty. `llm` is the model that was asked for by name, then the one that
    answers; None where the one that is loaded will do. `stage_seconds` are those it was in
    each stage that it has left.
    """

    def __init__(self, request: AskRequest, queue: Queue) -> None:
        self.request, self.question = request, request.question
        self.visitor, self.conversation = request.visitor, request.conversation
        self.stage: JobStage = "waiting"
        self.stage_seconds: dict[JobStage, float] = {}
        self.state: JobState = "waiting"
        self.answer: Answer | None = None
        self.error, self.llm = "", request.llm
        self.asked_at = self._stage_since = time.monotonic()
        self.stop_requested, self._over = StopFlag(), threading.Event()
        self._queue, self._ended_at = queue, 0.0
        self._followers: list[Callable[[], None]] = []

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self._over.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked; they stand still once it has ended."""
        return (self._ended_at or time.monotonic()) - self.asked_at

    @property
    def ahead(self) -> int:
        """How many questions are before it; 0 when it is being answered, and when it is over."""
        return self._queue.position(self)

    @property
    def has_words(self) -> bool:
        """Whether a word of the answer can be seen."""
        return self.answer is not None and bool(self.answer.draft or self.answer.text)

    def stop(self) -> None:
        """Give it up: at once unless the model computes for it, else within a second."""
        self.stop_requested.set()
        if self.stage == "loading" or not self._queue.is_current(self):  # nobody would notice soon
            self.end("stopped")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, `timeout` seconds at most; whether it is."""
        return self._over.wait(timeout)

    @contextmanager
    def subscribed(self, follower: Callable[[], None]) -> Iterator[None]:
        """Call `follower` whenever the job, or its place in line, has changed.

        It is called by whichever thread makes the change, which holds the queue's lock: it may
        only wake another thread.
        """
        with self._queue.lock:
            self._followers.append(follower)
        try:
            yield
        finally:
            with self._queue.lock:
                self._followers.remove(follower)

    async def changes(self, pause: float = 0.1) -> AsyncGenerator["Job"]:
        """Yield the job at once and whenever it, or its place in line, has changed, last when over.

        Text that grows is yielded every `pause` seconds at most, all else at once: the first word
        and the end among it.
        """
        woken = asyncio.Event()
        with self.subscribed(_waking(woken)):
            before: _Snapshot | None = None
            until = 0.0
            while True:
                woken.clear()
                now = self._snapshot()
                if self.over and not now.over:
                    continue  # it ended meanwhile, and is yielded once when it is over
                if (
                    before is None
                    or now.is_urgent(before)
                    or (now != before and time.monotonic() >= until)
                ):
                    yield self
                    if now.over:
                        return
                    before, until = now, time.monotonic() + pause
                await _wait(woken, None if now == before else until - time.monotonic())

    def _snapshot(self) -> "_Snapshot":
        over = self.over  # read first, so that all else is final when it is over
        return _Snapshot(over, self.state, self.stage, self.ahead, self.has_words, self.answer)

    def begin(self) -> None:
        """Leave the line, as its turn has come."""
        with self._queue.lock:
            self.state = "working"
            self.notify()

    def reach(self, stage: JobStage, answer: Answer | None = None) -> None:
        """Set what is being done, and the answer as far as it has come, unless it has ended."""
        with self._queue.lock:
            if not self._ended_at:
                self._enter(stage)
                self.answer = answer
                self.notify()

    def end(self, state: JobState, error: str = "") -> None:
        """End it, once: it may be stopped in the very moment in which it ends otherwise."""
        with self._queue.lock:
            if self._ended_at:
                return
            self._ended_at = time.monotonic()
            self.answer = self.answer and _final(self.answer, state)
            self._enter("done")
            self.state, self.error = state, error
        try:
            if self.request.done:
                self.request.done(self)
        except Exception:
            _LOG.exception("What follows an answer went wrong.")
        with self._queue.lock:
            self._queue.remove(self)
            self._over.set()
            self.notify()

    def _enter(self, stage: JobStage) -> None:
        """Go from one stage to another, or stay."""
        if stage != self.stage:
            now = time.monotonic()
            spent = self.stage_seconds.get(self.stage, 0.0) + now - self._stage_since
            self.stage_seconds[self.stage], self._stage_since = spent, now
        self.stage = stage

    def notify(self) -> None:
        """Wake who follows it; its queue does so too, when the place in line has changed."""
        for follower in self._followers:
            follower()


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What can change of a job."""

    over: bool
    state: JobState
    stage: JobStage
    ahead: int
    has_words: bool
    answer: Answer | None

    def is_urgent(self, before: "_Snapshot") -> bool:
        """Whether more has changed than how far the answer has grown."""
        return replace(self, answer=before.answer) != before


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, `seconds` at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _waking(event: asyncio.Event) -> Callable[[], None]:
    """Sets an event of the loop that runs, from any thread."""
    loop = asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop was closed, and nobody waits any more
            loop.call_soon_threadsafe(event.set)

    return wake


def _final(answer: Answer, state: JobState) -> Answer:
    """What stays of an answer that ends in a state: nothing that is not proven."""
    if state == "stopped":
        return replace(answer, draft="", stage="done", done=True)
    return replace(answer, draft="")
