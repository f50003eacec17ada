"""Queue limits: which calls of each visitor Gradio's queue takes; the queue is a stand-in."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from qa.web.gradio.private_names import print_escaped
from qa.web.gradio.queue_limits import QueueLimits
from qa.web.security.visitor_id import HEADER


@dataclass
class Queue:
    """Keeps what it takes waiting, without end."""

    max_thread_count: int = 40
    active_jobs: list[Any] = field(default_factory=lambda: [None])
    event_queue_per_concurrency_id: dict[str, Any] = field(
        default_factory=lambda: {"id": SimpleNamespace(queue=[])}
    )

    taken: list[str] = field(default_factory=list)

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, str, str]:
        self.event_queue_per_concurrency_id["id"].queue.append(SimpleNamespace(request=request))
        return True, "event", "success"

    def work(self) -> None:
        """Begin all that waits, in one batch."""
        waiting = self.event_queue_per_concurrency_id["id"].queue
        self.active_jobs.append([*waiting])
        waiting.clear()


@pytest.fixture
def queue() -> Queue:
    queue = Queue()
    QueueLimits(queue, queue.taken.append, at_once=2)
    return queue


def pushed(queue: Queue, visitor: str = "user:ana", session: str | None = "a") -> str:
    body, request = (
        SimpleNamespace(session_hash=session),
        SimpleNamespace(headers={HEADER: visitor}),
    )
    return asyncio.run(queue.push(body=body, request=request, username=None))[2]


def test_sessions_of_the_calls_that_are_taken_are_told(queue: Queue) -> None:
    for session in ("a", "b", "c"):
        pushed(queue, session=session)

    assert queue.taken == ["a", "b"]


def test_many_may_be_at_work(queue: Queue) -> None:
    assert queue.max_thread_count >= 200


def test_a_visitor_has_so_many_calls_at_once_and_leaves_room_for_others(queue: Queue) -> None:
    assert [pushed(queue) for _ in range(3)] == ["success", "success", "queue_full"]
    queue.work()
    assert pushed(queue) == "queue_full"
    assert pushed(queue, "user:bob") == "success"
    queue.active_jobs.clear()
    assert pushed(queue) == "success"


@pytest.mark.parametrize(
    "session", [None, "0k3jd81lq2", "0c9f7ed4-58a9-4c52-8e3e-5f0d3f9b7a11", "x" * 64]
)
def test_a_session_may_have_a_fair_name_or_none(queue: Queue, session: str | None) -> None:
    assert pushed(queue, session=session) == "success"


@pytest.mark.parametrize("session", ["", " ", "x" * 65, "a<gradio-sep>b", "../x", "a\n", "é"])
def test_a_session_that_could_confuse_the_queue_is_refused(queue: Queue, session: str) -> None:
    assert pushed(queue, session=session) == "error"


def test_an_error_is_printed_without_what_moves_a_terminal_s_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        raise ValueError("Not \x1b]0;x\x07\x1b[2J\r\x9b1A here\tनमस्ते\n")
    except ValueError:
        print_escaped()

    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):\n  File ")
    assert said.endswith("Not \\x1b]0;x\\x07\\x1b[2J\\r\\x9b1A here\tनमस्ते\n\n")
