"""Door: the one way in to the page and its API: who asks, by which name, how much and how often."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from index.errors import UserError
from qa.errors import BadUsers
from qa.web.security.login import ATTEMPTS_A_MINUTE, Login, Words, english, unauthenticated
from qa.web.security.rate_limits import AtOnce, Rate, address
from qa.web.security.rejection import Rejected
from qa.web.security.request_checks import LOOPBACK, Body, check_host, check_site
from qa.web.security.users import Users
from qa.web.security.visitor_id import HEADER, anonymous_id, user_id

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "article-qa-visitor"
UPLOAD = "/gradio_api/upload"
# A long conversation, sent whole with each question, is a tenth of it.
BODY_BYTES = 1_000_000
# A page that opens makes some 20 requests beside its static files, a question 3; 20 a second are
# no person's.
REQUESTS_A_MINUTE = 1200
# A browser makes 6, of which each window keeps 2; a process may have 1024 open, by default.
REQUESTS_AT_ONCE = 200
_STATIC = ("/assets/", "/static/", "/svelte/")
# The longest that browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, 5.5).
_COOKIE_S = 400 * 24 * 3600
_VISITOR = re.compile(r"[0-9a-f]{32}")

# Gradio's page has scripts and styles in it and makes functions from text, so 'unsafe-inline' and
# 'unsafe-eval' cannot be left out; nothing is loaded from, or sent to, any other place.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; media-src 'self' blob: data:; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
)
_GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


class SecurityMiddleware:
    """An ASGI application around another, which sees those requests alone that may pass.

    The inner one finds who asks in `scope["state"]["visitor"]` and in the header HEADER, which no
    client can set: "user:NAME", or "anon:ID" of a browser where there are no users.

    Args:
        app: the inner application; the door stands outermost, so that its errors have the headers.
        users: who may pass; None is everybody who reaches one of `hosts`.
        hosts: names the page answers to where there are no users.
        body_bytes: the longest request.
        upload_bytes: the longest request at UPLOAD, where that may be longer.
        requests_a_minute: of each user, or of each address.
        requests_at_once: of each of these.
        attempts_a_minute: passwords tried from each address.
        words: words of the page to log in on, by Accept-Language.
        clock: seconds of now.

    Raises:
        BadUsers: the file of users cannot be used.
    """

    def __init__(
        self,
        app: "ASGIApp",
        *,
        users: Users | None = None,
        hosts: frozenset[str] = LOOPBACK,
        body_bytes: int = BODY_BYTES,
        upload_bytes: int = BODY_BYTES,
        requests_a_minute: int = REQUESTS_A_MINUTE,
        requests_at_once: int = REQUESTS_AT_ONCE,
        attempts_a_minute: int = ATTEMPTS_A_MINUTE,
        words: Words = english,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if users:
            users.names()
        self._app = app
        self._login = Login(users, words, attempts_a_minute, clock) if users else None
        self._hosts = None if users else hosts
        self._body_bytes = body_bytes
        self._upload_bytes = max(body_bytes, upload_bytes)
        self._requests = Rate(requests_a_minute, "Too many requests. Wait a minute.")
        self._at_once = AtOnce(requests_at_once, "Too many requests at once. Wait for some to end.")

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let a request pass, or answer it here."""
        from starlette.requests import HTTPConnection

        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        reply = _Reply(send, secure=scope.get("scheme") in ("https", "wss"))
        try:
            await self._pass(connection, receive, reply)
        except Rejected as refused:
            await _refuse(refused, connection, receive, reply)
        except BadUsers as error:
            logging.getLogger("article-qa").error("%s", error)
            told = "Who may sign in cannot be read just now. Tell whoever runs this page."
            await _refuse(Rejected(503, "no_users", told), connection, receive, reply)

    async def _pass(
        self, connection: "HTTPConnection", receive: "Receive", reply: "_Reply"
    ) -> None:
        from starlette.requests import ClientDisconnect

        path, headers = _path(connection.scope), connection.headers
        check_host(headers, self._hosts)
        check_site(headers)
        body = Body(receive, self._upload_bytes if path == UPLOAD else self._body_bytes)
        body.check(headers)
        known = self._login.known(connection) if self._login else None
        who = user_id(known) if known else address(connection)
        if not path.startswith(_STATIC):
            self._requests.count(who)
        try:
            with self._at_once.count(who):
                await self._serve(path, connection, body, reply)
        except Exception as error:
            gone = body.over or isinstance(error, ClientDisconnect)
            if reply.started or not gone:
                raise
        if body.over and not reply.started:
            raise body.too_long()

    async def _serve(
        self, path: str, connection: "HTTPConnection", body: Body, reply: "_Reply"
    ) -> None:
        """Answer at the door's own paths; let the others to the application."""
        scope = connection.scope

        async def send(message: "Message") -> None:
            # What the application makes of a body cut off is no answer: 413 follows.
            if reply.started or not body.over:
                await reply.send(message)

        response, visitor = await self._own(path, connection, body), ""
        if not response and not (visitor := await self._visitor(connection, reply)):
            response = unauthenticated(connection)
        if response:
            await response(scope, body.receive, send)
        else:
            await self._app(_introduced(scope, visitor), body.receive, send)

    async def _own(self, path: str, connection: "HTTPConnection", body: Body) -> "Response | None":
        """What the door answers itself: the page to log in on, and the way out."""
        from starlette.requests import Request

        if not self._login or connection.scope["type"] != "http":
            return None
        return await self._login.response(path, Request(connection.scope, body.receive))

    async def _visitor(self, connection: "HTTPConnection", reply: "_Reply") -> str:
        """Who asks; empty where only users may, and this is none."""
        if not self._login:
            return anonymous_id(reply.recognise(connection.cookies.get(COOKIE, "")))
        user = await self._login.user(connection)
        return user_id(user) if user else ""


class _Reply:
    """What the server is sent: a response with the headers that guard it, and the visitor's cookie.

    Args:
        send: what the server gives the application.
        secure: whether cookies may go over HTTPS alone.
    """

    def __init__(self, send: "Send", secure: bool) -> None:
        self.started = False
        self._send = send
        self._secure = secure
        self._visitor = ""
        self._fresh = False

    def recognise(self, visitor: str) -> str:
        """The visitor's ID, of 128 bits: the one they brought, or a new one that they are sent."""
        self._fresh = not _VISITOR.fullmatch(visitor)
        self._visitor = secrets.token_hex(16) if self._fresh else visitor
        return self._visitor

    async def send(self, message: "Message") -> None:
        """Send a message on."""
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._headers(message.get("headers", ()))}
        await self._send(message)

    def _headers(self, given: "Iterable[tuple[bytes, bytes]]") -> list[tuple[bytes, bytes]]:
        from starlette.datastructures import MutableHeaders

        headers = MutableHeaders(raw=list(given))
        headers.update(_GUARDS)
        # Where the application has a policy of its own, browsers hold both.
        headers.append("content-security-policy", _POLICY)
        page = headers.get("content-type", "").startswith("text/html")
        if self._visitor and (page or self._fresh):
            headers.append("set-cookie", self._cookie())
        return headers.raw

    def _cookie(self) -> str:
        secure = "; Secure" if self._secure else ""
        kept = f"Max-Age={_COOKIE_S}; Path=/; HttpOnly; SameSite=Lax{secure}"
        return f"{COOKIE}={self._visitor}; {kept}"


def check_address(host: str, has_users: bool) -> str | None:
    """Whether the page may be served at an address: a warning where there is one to give.

    Args:
        host: an IP address or a name.
        has_users: whether visitors must be users.

    Raises:
        UserError: others than this machine's people could read and ask without a password.
    """
    if _loopback(host):
        return None
    place = host or "every address"
    if not has_users:
        raise UserError(
            f"Refuses to bind to {place} without --auth: whoever reaches it could read the "
            "articles. Make users with: article-qa users add NAME --auth FILE; then give "
            "--auth FILE. Or bind to 127.0.0.1."
        )
    return (
        f"Passwords and answers travel unencrypted to {place}, unless a proxy with TLS stands "
        "before it. It should pass on Host and X-Forwarded-Proto."
    )


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def _path(scope: "Scope") -> str:
    """The path below the one the application is mounted at."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _introduced(scope: "Scope", visitor: str) -> "Scope":
    """The request, with its visitor's name in the door's own hand."""
    name = HEADER.encode()
    # Some servers let an underscore pass for a hyphen.
    headers = [pair for pair in scope["headers"] if pair[0].lower().replace(b"_", b"-") != name]
    return {
        **scope,
        "headers": [*headers, (name, visitor.encode())],
        "state": {**scope.get("state", {}), "visitor": visitor},
    }


async def _refuse(
    refused: Rejected, connection: "HTTPConnection", receive: "Receive", reply: _Reply
) -> None:
    if connection.scope["type"] == "http":
        await refused.response(connection)(connection.scope, receive, reply.send)
        return
    # Before it is accepted, a server answers this with 403.
    await reply.send({"type": "websocket.close", "code": 1008, "reason": refused.code})
