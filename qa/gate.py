"""Gate: which of Gradio's routes can be reached: those that the page and its API need, no others.

Gradio serves files, fetches addresses of the internet and calls every handler of a page by its
name for whoever asks; nothing here needs that.
"""

from typing import Any

_API = "/gradio_api/"
_OPEN = ("/assets/", "/static/", "/svelte/", f"{_API}heartbeat/", f"{_API}queue/")
_EXACT = {
    *("/", "/config", "/favicon.ico", "/manifest.json", "/robots.txt", "/theme.css"),
    *(_API + name for name in ("app_id", "cancel", "info", "openapi.json", "reset")),
    *(_API + name for name in ("startup-events", "theme.css", "upload_progress")),
}
_UPLOAD = f"{_API}upload"


class Gate:
    """An ASGI application around Gradio's, which answers 404 in its place.

    Args:
        app: Gradio's.
        names: the functions that programs may call.
        uploads: whether files can be sent.
    """

    def __init__(self, app: Any, names: frozenset[str], *, uploads: bool) -> None:
        self._app = app
        self._exact = _EXACT | ({_UPLOAD} if uploads else set())
        self._calls = tuple(f"{_API}call/{way}{name}" for way in ("", "v2/") for name in names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request pass, or say that there is nothing."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"detail":"Not Found"}'})

    def _is_open(self, path: str) -> bool:
        called = path in self._calls or path.startswith(tuple(f"{call}/" for call in self._calls))
        return called or path in self._exact or path.startswith(_OPEN)
