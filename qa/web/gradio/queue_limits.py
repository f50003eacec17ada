"""Queue limits: how many calls of one visitor Gradio's queue takes, and from which sessions.

The queue has a fixed number of places for calls at work, so a visitor who held them all would keep
everybody else out. And a message that it cannot send, to a session of an odd name, stops it for
all. Knows nothing of Gradio but this queue.
"""

import re
from collections.abc import Callable
from typing import Any

from qa.web.gradio.private_names import Push, replace_push, set_workers, unfinished_calls
from qa.web.security.visitor_id import visitor_id

# A visitor watches an answer in each window, and four questions are all that wait for an answer.
CALLS_AT_ONCE = 32
# Each call is a coroutine, not a thread, and most wait for the model or for the end of an answer.
_WORKERS = 8 * CALLS_AT_ONCE
# A page's session has some ten characters, another client's is a UUID. Gradio takes "" for no
# session, but not everywhere.
_SESSION = re.compile(r"[A-Za-z0-9-]{1,64}")


class QueueLimits:
    """Replaces the method by which a queue takes calls.

    Args:
        queue: Gradio's, not yet started.
        taken: called with the session of each call that the queue took.
        at_once: how many calls of one visitor may be at work or wait.
    """

    def __init__(
        self, queue: Any, taken: Callable[[str], None], at_once: int = CALLS_AT_ONCE
    ) -> None:
        self._queue, self._taken, self._at_once = queue, taken, at_once
        self._push: Push
        set_workers(queue, _WORKERS)
        replace_push(queue, self._replace)

    async def push(self, body: Any, request: Any, username: str | None) -> tuple[bool, Any, str]:
        """Let the queue take a call, or refuse it in the form of the queue's own method."""
        session, visitor = body.session_hash, visitor_id(request.headers)
        if session is not None and not _SESSION.fullmatch(session):
            return False, "A session's name has 1 to 64 letters, digits and hyphens.", "error"
        calls = unfinished_calls(self._queue)
        if sum(visitor_id(call.request.headers) == visitor for call in calls) >= self._at_once:
            return False, "Too many calls of yours at once. Wait for some to end.", "queue_full"
        pushed = await self._push(body=body, request=request, username=username)
        if body.session_hash:  # the queue's own, where the client named none
            self._taken(body.session_hash)
        return pushed

    def _replace(self, push: Push) -> Push:
        self._push = push
        return self.push
