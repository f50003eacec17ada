"""Route allowlist: Gradio's routes that the page and its API need; all others answer 404.

Gradio serves files, fetches addresses of the internet and calls every handler of a page by its
name for whoever asks; nothing here needs that.
"""

from typing import Any
from urllib.parse import parse_qs

from qa.web.gradio.session_limits import SessionLimits
from qa.web.gradio.upload_quota import UploadQuota
from qa.web.security.root_path import below

_API = "/gradio_api/"
_HEARTBEAT, _MESSAGES = f"{_API}heartbeat/", f"{_API}queue/data"
_PREFIXES = ("/assets/", "/static/", "/svelte/", _HEARTBEAT, f"{_API}queue/")
_PATHS = {
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
        sessions: keeps those that a client listens to.
        uploads: whether files can be sent.
        upload_quota: limits the bytes of files that wait to be added; None is without a limit.
    """

    def __init__(
        self,
        app: Any,
        names: frozenset[str],
        sessions: SessionLimits,
        uploads: bool,
        upload_quota: UploadQuota | None = None,
    ) -> None:
        self._app, self._sessions, self._quota = app, sessions, upload_quota
        self._paths = _PATHS | ({_UPLOAD} if uploads else set())
        self._calls = tuple(f"{_API}call/{way}{name}" for way in ("", "v2/") for name in names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer 404, or 507 to an upload over the quota."""
        if scope["type"] == "http" and not self._is_allowed(scope):
            await _answer(send, 404, b"application/json", b'{"detail":"Not Found"}')
        elif scope["type"] == "http" and below(scope) == _UPLOAD and self._quota:
            await self._upload(self._quota, scope, receive, send)
        elif session := self._listened(scope):
            with self._sessions.listening(session):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _listened(self, scope: Any) -> str:
        """The session whose messages a request waits for, or that it keeps alive; else empty."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return ""
        path = below(scope)
        if path == _MESSAGES:
            query: str = scope["query_string"].decode("latin-1")
            return parse_qs(query).get("session_hash", [""])[-1]
        is_one = path.startswith((_HEARTBEAT, *(f"{call}/" for call in self._calls)))
        return path.rpartition("/")[2] if is_one else ""

    async def _upload(self, quota: UploadQuota, scope: Any, receive: Any, send: Any) -> None:
        """Pass an upload on as long as it is within the quota."""
        is_full = False

        async def counted() -> Any:
            nonlocal is_full
            message = await receive()
            is_full = is_full or not upload.add(len(message.get("body", b"")))
            return {"type": "http.disconnect"} if is_full else message

        async def unless_full(message: Any) -> None:
            if not is_full:
                await send(message)

        with quota.receive() as upload:
            is_full = not quota.fits(_content_length(scope))
            try:
                if not is_full:
                    await self._app(scope, counted, unless_full)
            except Exception:  # the application's, which is told that the client has gone
                if not is_full:
                    raise
            if is_full:
                await _answer(send, 507, b"text/plain", _FULL)

    def _is_allowed(self, scope: Any) -> bool:
        path = below(scope)
        is_call = path in self._calls or path.startswith(tuple(f"{call}/" for call in self._calls))
        is_known = is_call or path in self._paths or path.startswith(_PREFIXES)
        return is_known and len(scope["query_string"]) <= _LONGEST_QUERY


def _content_length(scope: Any) -> int:
    """The bytes of a request's body, which the middleware has seen to be a number; 0 unknown."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    return int(length) if length else 0


async def _answer(send: Any, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
