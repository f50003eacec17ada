"""Body: what a request sends, cut off where it grows over its limit."""

from typing import TYPE_CHECKING

from qa.web.security.rejection import Refused

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Message, Receive

_DIGITS = 15


class Body:
    """Counts what is received; over the limit the application is told that the client is gone.

    Args:
        receive: what the server gives the application.
        limit: bytes.
    """

    def __init__(self, receive: "Receive", limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0

    @property
    def over(self) -> bool:
        """Whether it has grown over the limit."""
        return self._read > self._limit

    def check(self, headers: "Headers") -> None:
        """Raise Refused for a body that says beforehand that it is too long."""
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise Refused(400, "bad_length", "Content-Length is no number. Send its bytes.")
        if len(length) > _DIGITS or int(length) > self._limit:
            raise self.too_long()

    def too_long(self) -> Refused:
        """The refusal of a body over the limit; the rest of it is not awaited."""
        message = f"The request has over {self._limit} bytes. Send less at once."
        return Refused(413, "too_large", message, {"connection": "close"})

    async def receive(self) -> "Message":
        """The next message."""
        if self.over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.over else message
