"""Request body: how long it may be, how slowly it may come, and how many are awaited at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from qa.web.security.rate_limits import AtOnce
from qa.web.security.rejection import Rejected

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Message, Receive

_LENGTH_DIGITS = 15  # of a Content-Length; Python refuses to read thousands of them
AWAITED_AT_ONCE = 30  # of one client; a browser has six connections to a server
FIRST_S = 20.0  # seconds that any body may take
_SLOWEST = 5_000  # bytes a second of a long one: less than a bad telephone line carries


class Awaited:
    """The bodies that are awaited: of too many of one client, the one furthest behind is given up.

    So whoever sends slowly takes the place of a slower one alone.

    Args:
        requests: counts the client's requests; those whose bodies are awaited are not counted.
        amount: bodies of one client at once.
    """

    def __init__(self, requests: AtOnce, amount: int = AWAITED_AT_ONCE) -> None:
        self._requests, self._amount = requests, amount
        self._bodies: dict[str, list[Body]] = {}

    @contextmanager
    def awaiting(self, client: str, body: "Body") -> Iterator[None]:
        """Count a body until the end of the block."""
        bodies = self._bodies.setdefault(client, [])
        bodies.append(body)
        if len(bodies) > self._amount:
            min(bodies, key=lambda each: each.deadline).give_up()
        try:
            with self._requests.apart(client):
                yield
        finally:
            bodies.remove(body)
            if not bodies:
                self._bodies.pop(client, None)


class Body:
    """A request's body: beyond its limits, the application is told that the client has gone.

    Args:
        receive: the server's function that messages are received by.
        limit: bytes.
        awaiting: counts the body while its next part is awaited.
        clock: gives the present time, in seconds.
    """

    def __init__(
        self,
        receive: "Receive",
        limit: int,
        awaiting: "Callable[[Body], AbstractContextManager[None]]",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._receive, self._limit = receive, limit
        self._awaiting, self._clock = awaiting, clock
        self._read = 0
        self._begun = clock()
        self._scope: Any = None  # in which the next part is awaited
        self._is_whole = False
        self.rejection: Rejected | None = None
        self.is_cut_off = False  # by the client or, with a rejection, by a limit

    @property
    def deadline(self) -> float:
        """When, by the clock, the next part is waited for no longer."""
        return self._begun + FIRST_S + self._read / _SLOWEST

    def give_up(self) -> None:
        """Wait for the next part no longer."""
        if self._scope:
            self._scope.cancel()

    async def receive(self) -> "Message":
        """The next message."""
        if self.is_cut_off:
            return {"type": "http.disconnect"}
        if self._is_whole:
            return await self._receive()
        message = await self._part()
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            self._cut_off(too_long(self._limit))
        elif message["type"] == "http.disconnect":
            self.is_cut_off = True
        self._is_whole = not message.get("more_body")
        return {"type": "http.disconnect"} if self.is_cut_off else message

    async def _part(self) -> "Message":
        import anyio

        left = max(0.0, self.deadline - self._clock())
        with self._awaiting(self), anyio.move_on_after(left) as self._scope:
            return await self._receive()
        message = "The request came too slowly. Send it again, over a better line."
        self._cut_off(Rejected(408, "too_slow", message, {"connection": "close"}))
        return {"type": "http.disconnect"}

    def _cut_off(self, rejection: Rejected) -> None:
        self.rejection, self.is_cut_off = rejection, True


def check_length(headers: "Headers", limit: int) -> None:
    """Raise Rejected when the header Content-Length is over the limit, or no number."""
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Rejected(400, "bad_length", "Content-Length is no number. Send its bytes.")
    if len(length) > _LENGTH_DIGITS or int(length) > limit:
        raise too_long(limit)


def too_long(limit: int) -> Rejected:
    """The rejection of a body over the limit; the rest of it is not read."""
    message = f"The request has over {limit} bytes. Send less at once."
    return Rejected(413, "too_large", message, {"connection": "close"})
