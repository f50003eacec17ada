"""Dressing: our script and style in Gradio's page as it is sent, and no foreign address.

Gradio adds what it is given for the head only once its own script runs: too late to tell it the
language, and the page would be seen undressed.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
_FIRST = b'<script src="/page/page.js"></script>'
_LAST = b'<link rel="stylesheet" href="/page/page.css">'
# Pictures and names for link previews, those of Gradio.
_PREVIEW = regex.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')


class PageAssets:
    """An ASGI application around another, whose page at `/` it completes."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let all pass; of the page keep the parts until it is whole."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        begun: list[Message] = []
        body = bytearray()

        async def keep(message: "Message") -> None:
            if message["type"] != "http.response.body":
                begun.append(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await _send_dressed(begun[0], bytes(body), send)

        await self._app({**scope, "headers": plain}, receive, keep)


async def _send_dressed(start: "Message", body: bytes, send: "Send") -> None:
    page = _PREVIEW.sub(b"", body)
    page = page.replace(b"<head>", b"<head>" + _FIRST, 1).replace(b"</head>", _LAST + b"</head>", 1)
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    length = (b"content-length", str(len(page)).encode())
    await send({**start, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": page})
