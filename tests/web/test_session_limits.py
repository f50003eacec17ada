"""Session limits: which sessions of a page are forgotten; the page is a stand-in."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from qa.web.gradio.session_limits import SessionLimits
from tests.support.browser import Clock


@pytest.fixture
def blocks() -> Any:
    """Gradio's page, its states and its queue; everybody has a state and messages."""
    holder = SimpleNamespace(session_data={}, time_last_used={}, lock=threading.Lock())
    queue = SimpleNamespace(
        active_jobs=[None],
        event_queue_per_concurrency_id={},
        pending_messages_per_session={},
        pending_event_ids_session={},
    )
    return SimpleNamespace(state_holder=holder, _queue=queue)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(blocks: Any, clock: Clock) -> SessionLimits:
    return SessionLimits(blocks, most=2, seconds=60, clock=clock)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def used(blocks: Any, limits: SessionLimits, *sessions: str) -> list[str]:
    """Use sessions in turn; those that are kept."""
    for session in sessions:
        blocks.state_holder.session_data[session] = "state"
        blocks.state_holder.time_last_used[session] = "now"
        blocks._queue.pending_messages_per_session[session] = "messages"
        blocks._queue.pending_event_ids_session[session] = {"event"}
        limits.use(session)
    kept = list(blocks.state_holder.session_data)
    for names in (
        blocks.state_holder.time_last_used,
        blocks._queue.pending_messages_per_session,
        blocks._queue.pending_event_ids_session,
    ):
        assert sorted(names) == sorted(kept)
    return sorted(kept)


def test_those_left_longest_ago_are_forgotten(blocks: Any, limits: SessionLimits) -> None:
    assert used(blocks, limits, "a", "b", "a", "c", "d") == ["a", "c", "d"]


def test_a_session_that_is_listened_to_is_kept(
    blocks: Any, limits: SessionLimits, stack: ExitStack
) -> None:
    stack.enter_context(limits.listening("a"))

    assert used(blocks, limits, "a", "b", "c", "d", "e") == ["a", "c", "d", "e"]
    stack.close()
    assert used(blocks, limits, "f") == ["a", "e", "f"]


def test_a_session_with_a_call_at_work_is_kept(blocks: Any, limits: SessionLimits) -> None:
    blocks._queue.active_jobs.append([SimpleNamespace(session_hash="a")])

    assert used(blocks, limits, "a", "b", "c", "d", "e") == ["a", "c", "d", "e"]


def test_a_session_is_not_kept_for_ever(blocks: Any, limits: SessionLimits, clock: Clock) -> None:
    used(blocks, limits, "a")
    clock.now += 61

    assert used(blocks, limits, "b") == ["b"]


def test_listening_to_what_there_is_not_keeps_nothing(blocks: Any, limits: SessionLimits) -> None:
    for number in range(9):
        with limits.listening(f"odd {number}"):
            pass

    assert used(blocks, limits, "a") == ["a"]
