"""Calls: which calls Gradio's queue takes: of each visitor so many at once, in sessions well named.

One that it cannot send its answer to stops the queue for all, and it has places for so many at
work: who keeps them all keeps out everybody else. Knows no Gradio but this queue.
"""

import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from qa.web.security.middleware import HEADER

# A visitor watches an answer in each window, and four questions are all that wait for an answer.
AT_ONCE = 32
# Each is a coroutine, not a thread, and most wait for the model or for the end of an answer.
_PLACES = 8 * AT_ONCE
# A page takes some ten signs, other clients a UUID. Gradio takes "" for none, but not everywhere.
_SESSION = re.compile(r"[A-Za-z0-9-]{1,64}")
# What moves the cursor of a terminal, or has it do worse.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_Told = tuple[bool, Any, str]


class QueueLimits:
    """Stands before a queue, which takes no call but by it.

    Args:
        queue: Gradio's, not yet started.
        at_once: how many calls of one visitor may be at work or wait for that.
    """

    def __init__(self, queue: Any, at_once: int = AT_ONCE) -> None:
        self._queue, self._push, self._at_once = queue, queue.push, at_once
        queue.push = self.push
        queue.max_thread_count = _PLACES

    async def push(self, body: Any, request: Any, username: str | None) -> _Told:
        """Let the queue take a call, or say why not: as the queue's own method does."""
        session, visitor = body.session_hash, request.headers[HEADER]
        if session is not None and not _SESSION.fullmatch(session):
            return False, "A session's name has 1 to 64 letters, digits and hyphens.", "error"
        theirs = (call for call in self._unfinished() if call.request.headers[HEADER] == visitor)
        if sum(1 for _ in theirs) >= self._at_once:
            return False, "Too many calls of yours at once. Wait for some to end.", "queue_full"
        told: _Told = await self._push(body=body, request=request, username=username)
        return told

    def _unfinished(self) -> Iterator[Any]:
        for calls in self._queue.active_jobs:
            yield from calls or ()
        for waiting in self._queue.event_queue_per_concurrency_id.values():
            yield from waiting.queue


def print_exc() -> None:
    """Print an error as `traceback` does; there may be words in it that a client sent."""
    text = _CONTROL.sub(lambda sign: ascii(sign[0])[1:-1], traceback.format_exc())
    sys.stderr.write(text)
