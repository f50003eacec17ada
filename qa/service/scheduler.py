"""Desk: one model and many who ask: two questions at a time, first come, first served.

One thread answers them, by turns: a question is read until its first word can be seen, meanwhile
the other one pauses, then each writes a little. So who asks while another's answer is written waits
for no more than the reading of two questions, instead of for the whole answer. Each has a context
of llama.cpp of its own, so that an answer is the same to the bit, whoever else asks, as it is not
where texts of several people are computed together.

Why not otherwise: on two cores one question uses both, and the weights pass through memory for
every word written, so two threads would share what one has, and disturb each other. Words of two
answers computed in one go would be written 1.2 times as fast (a batch of two takes 59 ms, two of
one 66), at the price of that sameness. Where there are 16 cores, reading still gains from all of
them, but writing is limited by memory, and the gain of such batches grows with every asker: then
they are worth it, or one process for each 4 to 8 cores; this is the place to change, as all asking
goes through here. More than two at a time would make all of them wait: others stay in line.

Knows nothing of pages and servers.
"""

import asyncio
import functools
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.errors import UserError
from qa.answer import Answer, Stage
from qa.answering.question import check, check_language
from qa.answering.turns import Turn
from qa.ask import Index, ask
from qa.errors import BadQuestion, Cancelled, TooBusy
from qa.llm.model import LanguageModel

_AT_ONCE = 2  # questions that are answered by turns
_UNFINISHED = 4  # questions of one visitor at a time
_WAITING = 64  # questions of all: half an hour of answers on two cores
_A_MINUTE = 30  # questions of one visitor
_IDLE_S = 5.0  # seconds without a question after which passages are read ahead
_TRY_AGAIN = "The question could not be answered because something went wrong: please ask it again."
_LOG = logging.getLogger(__name__)

JobState = Literal["waiting", "working", "done", "stopped", "failed"]
JobStage = Literal["waiting", "loading"] | Stage
"""What is being done for a question: it waits, its model is loaded, or as of an answer."""

Ahead = Callable[[LanguageModel], Callable[[], bool]]
"""Gives what a model may do while nobody asks: one step a call, false when nothing is left."""


class Job:
    """One question at the desk; any thread may read it.

    `answer` is as far as it is, None before passages are found. Of a question that was stopped it
    is what was proven until then, and done. `error` is what to tell the person when it failed, else
    empty. `llm` is the model that was asked for by name, then the one that answers; None where the
    one that is loaded will do.
    """

    def __init__(
        self, question: str, visitor: str, conversation: str | None, wish: "_Wish"
    ) -> None:
        self.question, self.visitor, self.conversation = question, visitor, conversation
        self.stage: JobStage = "waiting"
        self.state: JobState = "waiting"
        self.answer: Answer | None = None
        self.error, self.llm = "", wish.llm
        self._wish = wish
        self._asked, self._ended = time.monotonic(), 0.0
        self._stop, self._over = threading.Event(), threading.Event()

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self._over.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked; they stand still once it has ended."""
        return (self._ended or time.monotonic()) - self._asked

    @property
    def ahead(self) -> int:
        """How many questions are before it; 0 when it is being answered, and when it is over."""
        return self._wish.desk._before(self)

    def stop(self) -> None:
        """Give it up: at once unless it is its turn, else within a second."""
        self._stop.set()
        if self.stage == "loading" or not self._wish.desk._is_at(self):  # nobody is about to notice
            self._end("stopped")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, `timeout` seconds at most; whether it is."""
        return self._over.wait(timeout)

    async def changes(self, pause: float = 0.1) -> AsyncIterator["Job"]:
        """Yield it at once and whenever it, or its place in line, has changed, at last when over.

        `pause` are the seconds between two looks.
        """
        seen = None
        while True:
            # Whether it is over is read first, so that all else is final when it is.
            now = (self.over, self.state, self.stage, self.answer, self.ahead)
            if now != seen:
                seen = now
                yield self
            if now[0]:
                return
            await asyncio.sleep(pause)

    @property
    def _has_words(self) -> bool:
        return self.answer is not None and bool(self.answer.draft or self.answer.text)

    def _work(self, index: Index, model: LanguageModel) -> Generator[None]:
        """Answer it, a step at a time."""
        for answer in self._wish.asking(index, model, stopped=self._stop.is_set):
            self._reach(answer.stage, answer)
            yield

    def _reach(self, stage: JobStage, answer: Answer | None = None) -> None:
        with self._wish.desk._changed:
            if not self._ended:
                self.answer, self.stage = answer, stage

    def _end(self, state: JobState, error: str = "") -> None:
        """End it, once: it may be stopped in the very moment in which it ends otherwise."""
        with self._wish.desk._changed:
            if self._ended:
                return
            self._ended = time.monotonic()
            self.answer = self.answer and _left(self.answer, state)
            self.state, self.stage, self.error = state, "done", error
        try:
            if self._wish.done:
                self._wish.done(self)
        except Exception:
            _LOG.exception("What follows an answer went wrong.")
        self._wish.desk._leave(self)


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a question is to be answered, by which model, and who is told."""

    desk: "Scheduler"
    asking: Callable[..., Iterator[Answer]]
    llm: str | None
    done: Callable[[Job], None] | None


@dataclass(slots=True)
class _Turn:
    """A question that is being answered: a step of `steps` at a time."""

    job: Job
    model: LanguageModel
    steps: Generator[None]


class Scheduler:
    """Where questions are asked, wait, and are answered by the one model that is loaded."""

    def __init__(
        self,
        index: Index,
        model: LanguageModel,
        load: Callable[[str], LanguageModel] | None = None,
        ahead: Ahead | None = None,
        idle: float = _IDLE_S,
    ) -> None:
        """Open it.

        Args:
            index: where the passages are found.
            model: what writes, to begin with; used by no one else from now on.
            load: gives another model by its name, or raises a UserError; None where there is none.
            ahead: what is done after `idle` seconds without a question, until there is one.
            idle: seconds.
        """
        self._index, self._model, self._load = index, model, load
        self._ahead, self._idle = ahead, idle
        self._step: Callable[[], bool] | None = None
        self._wanted = threading.Event()  # what is done while nobody asks is to end
        self._names = {model.name}
        self._beside: LanguageModel | None = None  # the same model, for the second of two questions
        self._turns: list[_Turn] = []  # the one whose turn it was last at the end
        self._at: Job | None = None  # whose turn it is
        self._may_ask = _rate(_A_MINUTE)
        self._line: list[Job] = []  # all that is not over, in the order in which it was asked
        self._closed, self._changed = False, threading.Condition()
        self._worker = threading.Thread(target=self._serve, name="desk", daemon=True)
        self._worker.start()

    @property
    def llm(self) -> str:
        """The name of the model that is loaded."""
        return self._model.name

    @property
    def model(self) -> dict[str, str]:
        """The model that is loaded: `llm`, its name, and `llm_sha256`, of its file."""
        return {"llm": self._model.name, "llm_sha256": self._model.sha256}

    def ask(
        self,
        question: str,
        *,
        visitor: str,
        conversation: str | None = None,
        history: Sequence[Turn] = (),
        language: str | None = None,
        limit: int = 10,
        llm: str | None = None,
        done: Callable[[Job], None] | None = None,
    ) -> Job:
        """Put a question into the line.

        Args:
            question: as `qa.ask.ask`, with `history`, `language` and `limit`.
            visitor: who asks.
            conversation: where, so that it can be found again.
            history: the turns before.
            language: code of the language to answer in.
            limit: passages to search.
            llm: the model to answer it by name; the one that is loaded when None.
            done: called when it has ended, however that was, before it is over: by the thread that
                answers, or by the one that stops it.

        Raises:
            BadQuestion: it is empty or too long, or language or model are not known.
            TooBusy: this visitor, or all together, ask too much.
        """
        # Words of the model can be counted while it reads: llama.cpp's vocabulary never changes.
        question = check(question, self._model)
        check_language(language)
        if llm and self._load is None and llm not in self._names:
            raise BadQuestion(f"There is no model {llm!r}. Ask without naming one.")
        how = functools.partial(ask, question, history=tuple(history), language=language)
        wish = _Wish(self, functools.partial(how, limit=limit), llm, done)
        job = Job(question, visitor, conversation, wish)
        with self._changed:
            self._admit(visitor)
            self._line.append(job)
            self._wake()
        return job

    def running(self, visitor: str, conversation: str | None) -> Job | None:
        """The question of a conversation that is not over."""
        with self._changed:
            mine = (job for job in self._line if job.visitor == visitor)
            return next((job for job in mine if job.conversation == conversation), None)

    def close(self) -> None:
        """Stop every question, and wait until nothing uses the model.

        To be called before the program ends, which cannot interrupt llama.cpp otherwise.
        """
        with self._changed:
            self._closed, left = True, list(self._line)
            self._wake()
        for job in left:
            job.stop()
        self._worker.join()

    def _admit(self, visitor: str) -> None:
        if self._closed:
            raise TooBusy("No more questions are answered. Ask again when this is started anew.")
        if sum(job.visitor == visitor for job in self._line) >= _UNFINISHED:
            raise TooBusy(
                f"{_UNFINISHED} questions of yours are unanswered. Wait for one, or stop it."
            )
        if sum(job.state == "waiting" for job in self._line) >= _WAITING:
            raise TooBusy(f"{_WAITING} questions are waiting. Ask again in a few minutes.")
        if not self._may_ask(visitor):
            raise TooBusy(f"You asked {_A_MINUTE} questions in a minute. Ask again in a minute.")

    def _before(self, job: Job) -> int:
        with self._changed:
            return self._line.index(job) if job.state == "waiting" and job in self._line else 0

    def _is_at(self, job: Job) -> bool:
        with self._changed:
            return self._at is job

    def _leave(self, job: Job) -> None:
        with self._changed:
            self._line.remove(job)
            job._over.set()

    def _wake(self) -> None:
        self._wanted.set()
        self._changed.notify()

    def _serve(self) -> None:
        while not self._closed or self._turns:
            if job := self._next():
                self._begin(job)
            elif self._turns:
                self._step_of(self._turn())
            else:
                self._read_ahead(self._wanted)

    def _next(self) -> Job | None:
        """A question to begin. Where there is none and none is answered, wait for one a while."""
        with self._changed:
            if self._turns:
                job = self._first()
            else:
                patience = self._idle if self._ahead else None
                found = self._changed.wait_for(lambda: self._closed or self._first(), patience)
                job = found if isinstance(found, Job) else None
            if job and self._may_begin(job):
                job.state = "working"
                return job
            if not self._closed and not self._turns:
                self._wanted = (
                    threading.Event()
                )  # one that is set stays so: see `LanguageModel.cancel_when`
        return None

    def _may_begin(self, job: Job) -> bool:
        """Whether there is room; while a question is answered, its model stays."""
        same = job.llm is None or job.llm in self._names
        return not self._turns or (same and len(self._turns) < _AT_ONCE)

    def _begin(self, job: Job) -> None:
        def begin() -> None:
            self._fetch(job)
            job._reach("searching")
            model = self._free_model()
            self._turns.insert(0, _Turn(job, model, job._work(self._index, model)))

        self._try(job, begin)

    def _free_model(self) -> LanguageModel:
        if all(turn.model is not self._model for turn in self._turns):
            return self._model
        self._beside = self._beside or self._model.fork()
        return self._beside

    def _turn(self) -> _Turn:
        """Whose turn it is: who has no word yet and asked first, else by turns."""
        silent = [turn for turn in self._turns if not turn.job._has_words]
        chosen = min(silent, key=lambda turn: turn.job._asked, default=self._turns[0])
        self._turns.remove(chosen)
        self._turns.append(chosen)
        return chosen

    def _step_of(self, turn: _Turn) -> None:
        def step() -> None:
            if next(turn.steps, self) is self:
                turn.job._end("done")

        if not turn.job.over:
            self._try(turn.job, step)
        if turn.job.over:
            turn.steps.close()
            self._turns.remove(turn)

    def _first(self) -> Job | None:
        return next((job for job in self._line if job.state == "waiting"), None)

    def _read_ahead(self, wanted: threading.Event) -> None:
        """Use the time in which nobody asks."""
        try:
            self._model.cancel_when(wanted.is_set)
            while self._ahead and not wanted.is_set():
                self._step = self._step or self._ahead(self._model)
                if not self._step():
                    break
        except Cancelled:
            pass
        except UserError:
            self._step = None  # the index may be in order again another time
        except Exception:
            _LOG.exception("Passages could not be read ahead.")
            self._step = self._ahead = None

    def _try(self, job: Job, work: Callable[[], None]) -> None:
        """Do something for a question, whose turn it is meanwhile; it ends where that fails."""
        with self._changed:
            self._at = job
        try:
            work()
        except Cancelled:
            job._end("stopped")
        except UserError as error:
            job._end("failed", str(error))
        except Exception:
            _LOG.exception("A question could not be answered.")
            job._end("failed", _TRY_AGAIN)
        with self._changed:
            self._at = None

    def _fetch(self, job: Job) -> None:
        """Have the model that is asked for; the one before stays when it cannot be loaded."""
        if job.llm and self._load and job.llm not in self._names:
            job._reach("loading")
            self._model, self._step, self._beside = self._load(job.llm), None, None
            self._names = {job.llm, self._model.name}
        job.llm = self.llm


def _left(answer: Answer, state: JobState) -> Answer:
    """What stays of an answer that ends in a state: nothing that is not proven."""
    if state == "stopped":
        return replace(answer, draft="", stage="done", done=True)
    return replace(answer, draft="")


def _rate(amount: int) -> Callable[[str], bool]:
    """Count one more; whether there are no more than `amount` of the same in the last minute."""
    from limits import RateLimitItemPerMinute
    from limits.storage import MemoryStorage
    from limits.strategies import MovingWindowRateLimiter

    limiter = MovingWindowRateLimiter(MemoryStorage())
    return functools.partial(limiter.hit, RateLimitItemPerMinute(amount))
