"""Private names of Gradio: each use of what is not its public API, and of nothing else.

The library's version is pinned; tests/system/test_private_names.py fails with a sentence when a
newer one lacks a name.
"""

import inspect
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any

from index.text.characters import without_controls

Push = Callable[..., Awaitable[tuple[bool, Any, str]]]
"""Puts a call into the queue: whether it was taken, the call's id or a message, and a code."""


def mark_launched(blocks: Any) -> None:
    """Have Gradio check that a file was uploaded; else it takes any path of this machine for one.

    Only `launch()` sets this, and a page that is mounted is not launched.
    """
    blocks.has_launched = True


def limit_sessions(blocks: Any, most: int) -> None:
    """Keep the state of so many sessions; only `launch()` has a parameter for it."""
    blocks.state_session_capacity = most


def forbid_fetching() -> None:
    """Have Gradio fetch nothing from the addresses of files that a client claims to have."""
    from gradio import processing_utils

    vars(processing_utils)["async_ssrf_protected_get"] = _refuse_to_fetch


async def _refuse_to_fetch(url: str) -> None:
    raise PermissionError("Nothing is fetched from other machines.")


def escape_printed_errors() -> None:
    """Have the queue print errors by `print_escaped`."""
    from gradio import queueing

    vars(queueing)["traceback"] = SimpleNamespace(print_exc=print_escaped)


def print_escaped() -> None:
    """Print the current error as `traceback` does, its control characters escaped.

    It may hold text that a client sent.
    """
    text = without_controls(traceback.format_exc(), lambda sign: ascii(sign[0])[1:-1])
    sys.stderr.write(text)


def wrap_mounted(app: Any, wrap: Callable[[Any], Any]) -> None:
    """Put an ASGI application around Gradio's, which was mounted last."""
    mounted = app.routes[-1]
    mounted.app = wrap(mounted.app)


def clicked_data(event: Any) -> dict[str, Any]:
    """What an event of `gr.HTML` carries; an event of another component carries nothing."""
    data = getattr(event, "_data", None)
    return data if isinstance(data, dict) else {}


def is_connected(blocks: Any, session: str | None) -> bool:
    """Whether the client of a session still waits for messages of the queue.

    Where the queue sees between two messages that a client has gone, it marks its calls; where it
    sees that amid the wait for a message, it drops the session.
    """
    queue = blocks._queue
    calls = [call for call in unfinished_calls(queue) if call.session_hash == session]
    return session in queue.pending_messages_per_session and all(call.alive for call in calls)


def add_endpoint(function: Callable[..., Any], name: str) -> None:
    """Offer a function to programs by `gr.api`, which the library's types do not declare."""
    import gradio as gr

    vars(gr)["api"](function, api_name=name, concurrency_limit=None)


def forget_session(blocks: Any, session: str) -> None:
    """Drop the state of a session and its messages; none of its calls may be at work."""
    holder, queue = blocks.state_holder, blocks._queue
    with holder.lock:
        holder.session_data.pop(session, None)
        holder.time_last_used.pop(session, None)
    queue.pending_messages_per_session.pop(session, None)
    queue.pending_event_ids_session.pop(session, None)


def queue_of(blocks: Any) -> Any:
    """The queue that all calls of a page go through."""
    return blocks._queue


def replace_push(queue: Any, replace: Callable[[Push], Push]) -> None:
    """Have the queue take calls by another method, which is given the queue's own."""
    queue.push = replace(queue.push)


def complete_calls(blocks: Any) -> None:
    """Give a call the defaults of the last arguments, where it leaves them out.

    Gradio's clients do so themselves; plain HTTP names arguments by their places, and every caller
    of before would be refused once there is one more.
    """

    def completing(push: Push) -> Push:
        async def complete(body: Any, **others: Any) -> tuple[bool, Any, str]:
            if called := blocks.fns.get(body.fn_index):
                parameters = inspect.signature(called.fn).parameters.values()
                defaults = [p.default for p in parameters if p.default is not p.empty]
                missing = len(called.inputs) - len(body.data)
                if 0 < missing <= len(defaults):
                    body.data.extend(defaults[-missing:])
            return await push(body=body, **others)

        return complete

    replace_push(queue_of(blocks), completing)


def set_workers(queue: Any, amount: int) -> None:
    """How many calls are at work at once; to be set before the queue starts."""
    queue.max_thread_count = amount


def unfinished_calls(queue: Any) -> Iterator[Any]:
    """The calls that are at work or wait; each has its `request`."""
    for calls in queue.active_jobs:
        yield from calls or ()
    for waiting in queue.event_queue_per_concurrency_id.values():
        yield from waiting.queue
