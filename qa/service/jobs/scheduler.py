"""Scheduler: one model and many who ask: two questions at a time, first come, first served.

One thread answers two questions in alternation. While the prompt of one is prefilled, until its
first word can be seen, the other pauses; then each decodes a little in turn. So a question that
comes while another's answer is written waits only for the prefill of both, instead of for the whole
answer. Each has a llama.cpp context of its own: an answer is the same to the bit, whoever else
asks, which it is not where the texts of several people are computed in one batch.

Why not otherwise: on two cores one question uses both, and the weights pass through memory for
every token, so two threads would share what one has, and disturb each other. Decoding two answers
in one batch would be 1.2 times as fast (a batch of two takes 59 ms, two of one 66), at the price of
that sameness. On 16 cores, prefill still gains from all of them, but decoding is limited by memory,
and the gain of batches grows with every question: there they are worth it, or one process for each
4 to 8 cores. This is the place to change, as all questions go through here. More than two at a time
would make all of them slow: the others wait in the queue.

Knows nothing of pages and servers.
"""

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from index.errors import UserError
from index.scope import EVERYTHING, Scope
from qa.answering.asking import Index
from qa.answering.turns import Turn
from qa.answering.validation import check, check_language
from qa.ask import ask
from qa.errors import BadQuestion, Cancelled
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel
from qa.service.jobs.idle_work import Ahead, IdleWork
from qa.service.jobs.job import AskRequest, Job
from qa.service.jobs.queue import JobQueue, Line
from qa.verification.calibrations import in_force
from qa.verification.thresholds import Pair

_AT_ONCE = 2  # questions that are answered in alternation
_IDLE_S = 5.0  # seconds without a question after which idle work begins
_TRY_AGAIN = "The question could not be answered because something went wrong: please ask it again."
_EXHAUSTED = object()  # what `next` gives in place of one more step
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _RunningJob:
    """A question that is being answered: a step of `steps` at a time."""

    job: Job
    model: LanguageModel
    steps: Generator[None]


class Scheduler:
    """Where questions are asked, wait, and are answered by the one model that is loaded."""

    def __init__(
        self,
        index: Index,
        reader: Reader,
        model: LanguageModel,
        load: Callable[[str], LanguageModel] | None = None,
        ahead: Ahead | None = None,
        idle: float = _IDLE_S,
    ) -> None:
        """Start the thread that answers.

        Args:
            index: where the passages are found.
            reader: reads them.
            model: the model to begin with; used by nobody else from now on.
            load: gives another model by its name, or raises a UserError; None where there is none.
            ahead: what is done after `idle` seconds without a question, until one comes.
            idle: seconds.
        """
        self._index, self._reader, self._model, self._load = index, reader, model, load
        self._idle_work, self._idle_s = IdleWork(ahead), idle
        self._names = {model.name}  # of the model that is loaded
        self._fork: LanguageModel | None = None  # the same model, for the second of two questions
        self._running: list[_RunningJob] = []  # the one that had its turn last is at the end
        self._queue = JobQueue()
        self._worker = threading.Thread(target=self._serve, name="scheduler", daemon=True)
        self._worker.start()

    @property
    def llm(self) -> str:
        """The name of the model that is loaded."""
        return self._model.name

    @property
    def is_to_be_calibrated(self) -> bool:
        """Whether the model that is loaded can be calibrated, and was not."""
        pair = Pair(self._model.sha256, self._index.embedder_fingerprint)
        return self._model.gives_probabilities and in_force(pair).source == "none"

    @property
    def model(self) -> dict[str, str]:
        """The model that is loaded: `llm`, its name, and `llm_sha256`, of its file."""
        return {"llm": self._model.name, "llm_sha256": self._model.sha256}

    @property
    def is_serving(self) -> bool:
        """Whether a question that is asked now is answered."""
        return not self._queue.closed and self._worker.is_alive()

    @property
    def line(self) -> Line:
        """How long the line of questions is."""
        return self._queue.line

    def follow(self, ended: Callable[[Job], None]) -> None:
        """Call `ended` with every question that has ended, before it is over; it must be quick."""
        self._queue.follow(ended)

    def ask(
        self,
        question: str,
        *,
        visitor: str,
        conversation: str | None = None,
        history: Sequence[Turn] = (),
        language: str | None = None,
        limit: int = 10,
        scope: Scope = EVERYTHING,
        llm: str | None = None,
        done: Callable[[Job], None] | None = None,
    ) -> Job:
        """Put a question at the end of the queue; see `AskRequest` for the arguments.

        Raises:
            BadQuestion: it is empty or too long, or language or model are not known.
            TooBusy: this visitor, or all together, ask too much.
        """
        # Tokens can be counted while the model computes: llama.cpp's vocabulary never changes.
        question = check(question, self._model)
        check_language(language)
        if llm and self._load is None and llm not in self._names:
            raise BadQuestion(f"There is no model {llm!r}. Ask without naming one.")
        turns = tuple(history)
        request = AskRequest(
            question, visitor, conversation, turns, language, limit, scope, llm, done
        )
        with self._queue.lock:
            job = self._queue.add(request)
            self._idle_work.interrupt()
        return job

    def check_scope(self, scope: Scope) -> None:
        """See that there is something in a scope, before a question within it waits.

        Raises:
            BadScope: no article is in it.
        """
        if not scope.is_all:
            self._index.articles(scope)

    def running(self, visitor: str, conversation: str | None) -> Job | None:
        """The question of a conversation that is not over."""
        return self._queue.find(visitor, conversation)

    def close(self) -> None:
        """Stop every question, and wait until nothing uses the model.

        To be called before the program ends, which cannot interrupt llama.cpp otherwise.
        """
        with self._queue.lock:
            left = self._queue.close()
            self._idle_work.interrupt()
        for job in left:
            job.stop()
        self._worker.join()

    def _serve(self) -> None:
        while not self._queue.closed or self._running:
            if job := self._next():
                self._begin(job)
            elif self._running:
                self._advance(self._next_running())
            else:
                self._idle_work.run(self._model)

    def _next(self) -> Job | None:
        """A question to begin. When none is being answered, wait for one, until it is idle time."""
        with self._queue.lock:
            if self._running:
                job = self._queue.first_waiting()
            else:
                job = self._queue.wait(self._idle_s if self._idle_work.exists else None)
            if job and self._may_begin(job):
                job.begin()
                return job
            if not self._queue.closed and not self._running:
                self._idle_work.allow()
        return None

    def _may_begin(self, job: Job) -> bool:
        """Whether there is room; while a question is answered, its model stays."""
        same = job.llm is None or job.llm in self._names
        return not self._running or (same and len(self._running) < _AT_ONCE)

    def _begin(self, job: Job) -> None:
        def begin() -> None:
            self._load_model(job)
            job.reach("searching")
            model = self._free_model()
            self._running.insert(0, _RunningJob(job, model, self._steps(job, model)))

        self._try(job, begin)

    def _steps(self, job: Job, model: LanguageModel) -> Generator[None]:
        """Answer a question, a step at a time."""
        request = job.request
        for answer in ask(
            request.question,
            self._index,
            self._reader,
            model,
            history=request.history,
            language=request.language,
            limit=request.limit,
            scope=request.scope,
            stop=job.stop_requested,
        ):
            job.reach(answer.stage, answer)
            yield

    def _free_model(self) -> LanguageModel:
        """The model that is loaded, or its fork where it is in use."""
        if all(running.model is not self._model for running in self._running):
            return self._model
        self._fork = self._fork or self._model.fork()
        return self._fork

    def _next_running(self) -> _RunningJob:
        """Whose turn it is: the oldest question without a word yet, else in alternation."""
        silent = [running for running in self._running if not running.job.has_words]
        chosen = min(silent, key=lambda r: r.job.asked_at, default=self._running[0])
        self._running.remove(chosen)
        self._running.append(chosen)
        return chosen

    def _advance(self, running: _RunningJob) -> None:
        """Answer a question a step further, and drop it once it is over."""

        def step() -> None:
            if next(running.steps, _EXHAUSTED) is _EXHAUSTED:
                running.job.end("done")

        if not running.job.over:
            self._try(running.job, step)
        if running.job.over:
            running.steps.close()
            self._running.remove(running)

    def _try(self, job: Job, work: Callable[[], None]) -> None:
        """Do something for a question, the current one meanwhile; it ends where that fails."""
        with self._queue.lock:
            self._queue.current = job
        try:
            work()
        except Cancelled:
            job.end("stopped")
        except UserError as error:
            job.end("failed", str(error))
        except Exception:
            _LOG.exception("A question could not be answered.")
            job.end("failed", _TRY_AGAIN)
        with self._queue.lock:
            self._queue.current = None

    def _load_model(self, job: Job) -> None:
        """Load the model that is asked for; the one before stays when it cannot be loaded."""
        if job.llm and self._load and job.llm not in self._names:
            job.reach("loading")
            self._model, self._fork = self._load(job.llm), None
            self._idle_work.restart()
            self._names = {job.llm, self._model.name}
        job.llm = self.llm
