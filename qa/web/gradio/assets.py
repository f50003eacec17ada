"""Page assets: adds our script and style to Gradio's page as it is sent, and drops link previews.

Gradio inserts what it is given for the head only once its own script runs: too late to set the
language, and the page would be seen without its style.
"""

from typing import TYPE_CHECKING

import regex

from qa.web.security.root_path import below, root_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPTS = b"page", b"places", b"sheets"
_STYLES = b"page", b"sheets"
# The page's links count from the slash at the end of its address, which a proxy may leave out.
_SLASH = (
    b"<script>location.pathname.endsWith('/') || "
    b"location.replace(location.pathname + '/' + location.search)</script>"
)
# Pictures and names for link previews, which are those of Gradio.
_PREVIEW = regex.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')


class PageAssets:
    """An ASGI application around another, whose page at `/` it completes."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass everything on; collect the page until it is whole, then send it completed."""
        if scope["type"] != "http" or below(scope) != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: list[Message] = []
        body = bytearray()

        async def collect(message: "Message") -> None:
            if message["type"] != "http.response.body":
                start.append(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await _send_completed(start[0], bytes(body), root_of(scope), send)

        await self._app({**scope, "headers": headers}, receive, collect)


async def _send_completed(start: "Message", body: bytes, root: str, send: "Send") -> None:
    page = _PREVIEW.sub(b"", body)
    page = page.replace(b"<head>", b"<head>" + _scripts(root.encode()), 1)
    page = page.replace(b"</head>", _styles(root.encode()) + b"</head>", 1)
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    length = (b"content-length", str(len(page)).encode())
    await send({**start, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": page})


def _scripts(root: bytes) -> bytes:
    tags = [b'<script src="%s/page/%s.js"></script>' % (root, name) for name in _SCRIPTS]
    return b"".join([_SLASH if root else b"", *tags])


def _styles(root: bytes) -> bytes:
    return b"".join(
        b'<link rel="stylesheet" href="%s/page/%s.css">' % (root, name) for name in _STYLES
    )
