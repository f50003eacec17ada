"""Gate: which of Gradio's routes can be reached: those that the page and its API need, no others.

Gradio serves files, fetches addresses of the internet and calls every handler of a page by its
name for whoever asks; nothing here needs that.
"""

from typing import Any

from qa.service.uploads import MAX_BYTES
from qa.web.security.upload_quota import UploadQuota

_API = "/gradio_api/"
_OPEN = ("/assets/", "/static/", "/svelte/", f"{_API}heartbeat/", f"{_API}queue/")
_EXACT = {
    *("/", "/config", "/favicon.ico", "/manifest.json", "/robots.txt", "/theme.css"),
    *(_API + name for name in ("app_id", "cancel", "info", "openapi.json", "reset")),
    *(_API + name for name in ("startup-events", "theme.css", "upload_progress")),
}
_UPLOAD = f"{_API}upload"
_LONGEST_QUERY = 1000  # bytes; Gradio remembers names that stand there
_FULL = b"Too much waits to be added. Try again when it is."


class RouteAllowlist:
    """An ASGI application around Gradio's, which answers 404 in its place.

    Args:
        app: Gradio's.
        names: the functions that programs may call.
        uploads: whether files can be sent.
        arrivals: where they come to; None is without a limit.
    """

    def __init__(
        self, app: Any, names: frozenset[str], *, uploads: bool, arrivals: UploadQuota | None = None
    ) -> None:
        self._app, self._arrivals = app, arrivals
        self._exact = _EXACT | ({_UPLOAD} if uploads else set())
        self._calls = tuple(f"{_API}call/{way}{name}" for way in ("", "v2/") for name in names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request pass, or say that there is nothing."""
        if scope["type"] == "http" and not self._is_open(scope):
            await _answer(send, 404, b"application/json", b'{"detail":"Not Found"}')
        elif scope["type"] == "http" and scope["path"] == _UPLOAD and self._arrivals:
            with self._arrivals.room(_length(scope)) as fits:
                if fits:
                    await self._app(scope, receive, send)
                else:
                    await _answer(send, 507, b"text/plain", _FULL)
        else:
            await self._app(scope, receive, send)

    def _is_open(self, scope: Any) -> bool:
        path = scope["path"]
        called = path in self._calls or path.startswith(tuple(f"{call}/" for call in self._calls))
        known = called or path in self._exact or path.startswith(_OPEN)
        return known and len(scope["query_string"]) <= _LONGEST_QUERY


def _length(scope: Any) -> int:
    """The bytes of a request's body, which the door has seen to be a number; else the most."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    return int(length) if length else MAX_BYTES


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
