"""Security middleware: what every request must pass: host, origin, size, rate limits and login."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from index.errors import UserError
from qa.errors import BadUsers
from qa.web.security.login import ATTEMPTS_A_MINUTE, Login, Words, unauthenticated
from qa.web.security.probes import Problem, always_ready
from qa.web.security.probes import response as probed
from qa.web.security.rate_limits import AtOnce, Rate, address
from qa.web.security.rejection import Rejected
from qa.web.security.request_body import Awaited, Body, check_length
from qa.web.security.request_checks import LOOPBACK, check_host, check_site
from qa.web.security.root_path import below, root_of, to_the_page, with_root
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
# A page that opens makes some 20 requests beside its static files, a question 3; no person
# makes 20 a second.
REQUESTS_A_MINUTE = 1200
# A browser makes 6, of which each window keeps 2; a process may have 1024 open, by default.
REQUESTS_AT_ONCE = 200
_STATIC = ("/assets/", "/static/", "/svelte/")
# The longest that browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, 5.5).
_COOKIE_S = 400 * 24 * 3600
_BROWSER_ID = re.compile(r"[0-9a-f]{32}")

# Gradio's page has scripts and styles in it and makes functions from text, so 'unsafe-inline' and
# 'unsafe-eval' cannot be left out; nothing is loaded from, or sent to, any other place.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; media-src 'self' blob: data:; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


class SecurityMiddleware:
    """An ASGI application around another, which only gets the requests that are allowed.

    The inner one finds the visitor id in `scope["state"]["visitor"]` and in the header HEADER,
    which no client can set.

    Args:
        app: the inner application; nothing may be around this one, so that each response that it
            gives itself has the security headers too.
        users: the users who are let in; None is everybody who reaches one of `hosts`.
        hosts: names the page answers to where there are no users.
        body_bytes: the longest request.
        upload_bytes: the longest request at UPLOAD, where that may be longer.
        requests_a_minute: of each user, or of each address.
        requests_at_once: of each of these.
        attempts_a_minute: passwords that may be tried from each address.
        words: gives the texts of the login page, by Accept-Language; needed with `users`.
        root_path: what `root_path.checked` made of the sub-path that a proxy shows the page under.
        problem: why no question can be answered; empty when one can.
        clock: gives the present time, in seconds.

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
        words: Words | None = None,
        root_path: str = "",
        problem: Problem = always_ready,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._root, self._problem = app, root_path, problem
        self._login: Login | None = None
        if users:
            if words is None:
                raise TypeError("users need the texts of the login page")
            users.names()
            self._login = Login(users, words, attempts_a_minute, clock)
        self._hosts = None if users else hosts
        self._body_bytes = body_bytes
        self._upload_bytes = max(body_bytes, upload_bytes)
        self._requests = Rate(requests_a_minute, "Too many requests. Wait a minute.")
        self._at_once = AtOnce(requests_at_once, "Too many requests at once. Wait for some to end.")
        self._awaited = Awaited(self._at_once)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or answer it here."""
        from starlette.requests import HTTPConnection

        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = with_root(scope, self._root)
        connection = HTTPConnection(scope)
        is_secure = scope.get("scheme") in ("https", "wss")
        private = not below(scope).startswith(_STATIC)
        reply = _Reply(send, secure=is_secure, private=private, root=root_of(scope))
        try:
            await self._check(connection, receive, reply)
        except Rejected as rejected:
            await _reject(rejected, connection, receive, reply)
        except BadUsers as error:
            logging.getLogger("article-qa").error("%s", error)
            message = "Who may sign in cannot be read just now. Tell whoever runs this page."
            await _reject(Rejected(503, "no_users", message), connection, receive, reply)

    async def _check(
        self, connection: "HTTPConnection", receive: "Receive", reply: "_Reply"
    ) -> None:
        path, headers = below(connection.scope), connection.headers
        check_host(headers, self._hosts)
        check_site(headers)
        limit = self._upload_bytes if path == UPLOAD else self._body_bytes
        check_length(headers, limit)
        user = self._login.known(connection) if self._login else None
        client = user_id(user) if user else address(connection)
        if not path.startswith(_STATIC):
            self._requests.count(client)
        body = Body(receive, limit, partial(self._awaited.awaiting, client))
        try:
            with self._at_once.count(client):
                await self._serve(path, connection, body, reply)
        except Exception:
            if not body.is_cut_off:
                raise
        if body.rejection and not reply.started:
            raise body.rejection

    async def _serve(
        self, path: str, connection: "HTTPConnection", body: Body, reply: "_Reply"
    ) -> None:
        """Answer the paths of probes and login; pass the others on to the application."""
        scope = connection.scope

        async def send(message: "Message") -> None:
            # The application's response to a body that was cut off is dropped: 413 follows.
            if reply.started or not body.rejection:
                await reply.send(message)

        response = (
            to_the_page(scope)
            or await probed(scope, self._problem)
            or await self._login_response(path, connection, body)
        )
        visitor = ""
        if not response and not (visitor := await self._visitor(connection, reply)):
            response = unauthenticated(connection)
        if response:
            await response(scope, body.receive, send)
        else:
            await self._app(_with_visitor(scope, visitor), body.receive, send)

    async def _login_response(
        self, path: str, connection: "HTTPConnection", body: Body
    ) -> "Response | None":
        """The response of /login and /logout; None at other paths."""
        from starlette.requests import Request

        if not self._login or connection.scope["type"] != "http":
            return None
        return await self._login.response(path, Request(connection.scope, body.receive))

    async def _visitor(self, connection: "HTTPConnection", reply: "_Reply") -> str:
        """The visitor id; empty when only users are let in, and nobody has signed in."""
        if not self._login:
            return anonymous_id(reply.browser_id(connection.cookies.get(COOKIE, "")))
        user = await self._login.user(connection)
        return user_id(user) if user else ""


class _Reply:
    """The response: adds the security headers and, for an anonymous browser, the cookie of its id.

    Args:
        send: the server's function that messages are sent by.
        secure: whether cookies may go over HTTPS alone.
        private: whether no cache, of a browser or on the way, may keep it.
        root: the root path, which the cookie is for.
    """

    def __init__(self, send: "Send", *, secure: bool, private: bool, root: str) -> None:
        self.started = False
        self._send = send
        self._secure = secure
        self._private = private
        self._root = root or "/"
        self._browser = ""
        self._is_new = False

    def browser_id(self, cookie: str) -> str:
        """A browser's random id of 128 bits: the one in its cookie, or a new one, which is sent."""
        self._is_new = not _BROWSER_ID.fullmatch(cookie)
        self._browser = secrets.token_hex(16) if self._is_new else cookie
        return self._browser

    async def send(self, message: "Message") -> None:
        """Send a message; the first one of a response with more headers."""
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._headers(message.get("headers", ()))}
        await self._send(message)

    def _headers(self, sent: "Iterable[tuple[bytes, bytes]]") -> list[tuple[bytes, bytes]]:
        from starlette.datastructures import MutableHeaders

        headers = MutableHeaders(raw=list(sent))
        headers.update(_HEADERS)
        if self._private:
            headers["cache-control"] = "no-store"
        # Where the application has a policy of its own, browsers obey both.
        headers.append("content-security-policy", _POLICY)
        is_page = headers.get("content-type", "").startswith("text/html")
        if self._browser and (is_page or self._is_new):
            headers.append("set-cookie", self._cookie())
        return headers.raw

    def _cookie(self) -> str:
        secure = "; Secure" if self._secure else ""
        attributes = f"Max-Age={_COOKIE_S}; Path={self._root}; HttpOnly; SameSite=Lax{secure}"
        return f"{COOKIE}={self._browser}; {attributes}"


def check_address(host: str, has_users: bool) -> str | None:
    """Check that the page may be served at an address; a warning, or None when there is none.

    Args:
        host: an IP address or a name.
        has_users: whether visitors must sign in.

    Raises:
        UserError: people on other machines could read and ask without a password.
    """
    if _is_loopback(host):
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
        "before it and is named by --proxy. It should pass on Host and X-Forwarded-Proto."
    )


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        ip = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback


def _with_visitor(scope: "Scope", visitor: str) -> "Scope":
    """Set the visitor id, dropping the headers by which a client could be taken for another."""
    headers = [pair for pair in scope["headers"] if not _claims(pair[0])]
    return {
        **scope,
        "headers": [*headers, (HEADER.encode(), visitor.encode())],
        "state": {**scope.get("state", {}), "visitor": visitor},
    }


def _claims(name: bytes) -> bool:
    """Whether a header is for servers alone to set.

    What a proxy says of the client (`forwarded`, RFC 7239, and its forerunners) stands in the scope
    already, if the proxy is believed; Gradio would believe it of everybody.
    """
    # Some servers let an underscore pass for a hyphen.
    plain = name.decode("latin-1").lower().replace("_", "-")
    return plain == HEADER or plain == "forwarded" or plain.startswith("x-forwarded-")


async def _reject(
    rejected: Rejected, connection: "HTTPConnection", receive: "Receive", reply: _Reply
) -> None:
    if connection.scope["type"] == "http":
        await rejected.response(connection)(connection.scope, receive, reply.send)
        return
    # Before it is accepted, a server answers this with 403.
    await reply.send({"type": "websocket.close", "code": 1008, "reason": rejected.code})
