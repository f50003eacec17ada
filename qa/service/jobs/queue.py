"""Job queue: all jobs that are not over, first come, first served, and the limits of a visitor.

One lock guards the queue and the jobs in it. Knows no model.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from qa.errors import TooBusy
from qa.rate_limit import RateLimit
from qa.service.jobs.job import AskRequest, Job

_UNFINISHED = 4  # questions of one visitor at a time
_WAITING = 64  # questions of all: half an hour of answers on two cores
_A_MINUTE = 30  # questions of one visitor
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """How many jobs wait and are worked on, and how many were turned away since the start."""

    waiting: int
    working: int
    turned_away: int


class JobQueue:
    """Jobs that are not over, in the order in which they were added."""

    def __init__(self) -> None:
        self.lock = threading.Condition()  # notified when a job was added, and at the end
        self.current: Job | None = None  # the job that the model computes for at the moment
        self.closed = False
        self._jobs: list[Job] = []
        self._turned_away = 0
        self._followers: list[Callable[[Job], None]] = []
        self._rate = RateLimit(_A_MINUTE)

    def add(self, request: AskRequest) -> Job:
        """Put a question at the end of the line.

        Raises:
            TooBusy: this visitor, or all together, ask too much; or the queue is closed.
        """
        with self.lock:
            self._check(request.visitor)
            job = Job(request, self)
            self._jobs.append(job)
            self.lock.notify()
        return job

    @property
    def line(self) -> Line:
        """How long the line is."""
        with self.lock:
            waiting = sum(job.state == "waiting" for job in self._jobs)
            working = sum(job.state == "working" for job in self._jobs)
            return Line(waiting, working, self._turned_away)

    def follow(self, ended: Callable[[Job], None]) -> None:
        """Call `ended` with every job that has ended, before it is over; it must be quick."""
        with self.lock:
            self._followers.append(ended)

    def close(self) -> list[Job]:
        """Take no more jobs; gives those that are not over."""
        with self.lock:
            self.closed = True
            self.lock.notify()
            return list(self._jobs)

    def wait(self, timeout: float | None) -> Job | None:
        """The first job that waits, itself waited for, `timeout` seconds at most; else None."""
        with self.lock:
            self.lock.wait_for(lambda: self.closed or self.first_waiting(), timeout)
            return None if self.closed else self.first_waiting()

    def first_waiting(self) -> Job | None:
        """The job whose turn comes next."""
        with self.lock:
            return next((job for job in self._jobs if job.state == "waiting"), None)

    def find(self, visitor: str, conversation: str | None) -> Job | None:
        """The job of a visitor's conversation."""
        with self.lock:
            own = (job for job in self._jobs if job.visitor == visitor)
            return next((job for job in own if job.conversation == conversation), None)

    def position(self, job: Job) -> int:
        """How many jobs are before one that waits; 0 for one that does not."""
        with self.lock:
            waits = job.state == "waiting" and job in self._jobs
            return self._jobs.index(job) if waits else 0

    def is_current(self, job: Job) -> bool:
        """Whether the model computes for this job at the moment."""
        with self.lock:
            return self.current is job

    def remove(self, job: Job) -> None:
        """Take out a job that has ended; those behind it move up."""
        with self.lock:
            self._jobs.remove(job)
            self._tell(job)
            for other in self._jobs:
                other.notify()

    def _tell(self, job: Job) -> None:
        try:
            for follower in self._followers:
                follower(job)
        except Exception:
            _LOG.exception("A question that is over could not be counted.")

    def _check(self, visitor: str) -> None:
        try:
            self._admit(visitor)
        except TooBusy:
            self._turned_away += 1
            raise

    def _admit(self, visitor: str) -> None:
        if self.closed:
            raise TooBusy("No more questions are answered. Ask again when this is started anew.")
        if sum(job.visitor == visitor for job in self._jobs) >= _UNFINISHED:
            raise TooBusy(
                f"{_UNFINISHED} questions of yours are unanswered. Wait for one, or stop it."
            )
        if sum(job.state == "waiting" for job in self._jobs) >= _WAITING:
            raise TooBusy(f"{_WAITING} questions are waiting. Ask again in a few minutes.")
        if not self._rate.hit(visitor):
            raise TooBusy(f"You asked {_A_MINUTE} questions in a minute. Ask again in a minute.")
