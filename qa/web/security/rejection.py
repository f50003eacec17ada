"""Rejection: why a request is not let through, as a response for people and for programs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

# The types of OpenAI's errors, which its clients know; all other rejections are faults of the
# request.
_TYPES = {429: "rate_limit_error", 503: "server_error"}


class Rejected(Exception):
    """A request is not let through; the message says what to do."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.headers = {"cache-control": "no-store", **(headers or {})}
        super().__init__(message)

    def response(self, connection: "HTTPConnection") -> "Response":
        """Plain text for a browser; for programs JSON in the form of OpenAI's errors."""
        from starlette.responses import JSONResponse, PlainTextResponse

        if wants_page(connection):
            return PlainTextResponse(f"{self}\n", self.status, self.headers)
        error = {
            "message": str(self),
            "type": _TYPES.get(self.status, "invalid_request_error"),
            "code": self.code,
        }
        return JSONResponse({"error": error}, self.status, self.headers)


def wants_page(connection: "HTTPConnection") -> bool:
    """Whether a browser asks for a page, and not a script or a program."""
    return "text/html" in connection.headers.get("accept", "")
