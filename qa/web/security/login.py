"""Login: the user of a request, by a session or a password; and the login page."""

import base64
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qa.templates import Templates
from qa.web.security.attempts import Attempts
from qa.web.security.rate_limits import address
from qa.web.security.rejection import Rejected, wants_page
from qa.web.security.root_path import root_of
from qa.web.security.sessions import Sessions
from qa.web.security.users import Users

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response

COOKIE = "article-qa-session"
# A working day with its breaks, since the last request.
_SESSION_S = 12 * 3600
# Seconds for which a right password is remembered: bcrypt would add 0.2 s to each request of a
# program that sends it every time.
_REMEMBERED_S = 300
# A person errs two or three times; to guess takes thousands.
ATTEMPTS_A_MINUTE = 10
_LONGEST_FIELD = 4096  # bytes of the form; a name has 64 and a password 72

_TEMPLATES = Templates(Path(__file__).parent)
_ERRORS = {401: "login_wrong", 429: "login_wait"}

Words = Callable[[str], Mapping[str, str]]
"""The page's words for an Accept-Language header, English for none; `dir` may be left out."""


class Login:
    """Finds the user of a request; answers /login and /logout.

    Args:
        users: the users who may sign in.
        words: gives the page's texts in the language of an Accept-Language header.
        attempts_a_minute: how many wrong passwords an address may send.
        clock: gives the present time, in seconds.
    """

    def __init__(
        self,
        users: Users,
        words: Words,
        attempts_a_minute: int = ATTEMPTS_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._users = users
        self._words = words
        self._english = words("")  # for programs, which read no page
        self._attempts = Attempts(users, attempts_a_minute, self._english["login_wait"], clock)
        self._sessions = Sessions(users, _SESSION_S, sliding=True, clock=clock)
        self._remembered = Sessions(users, _REMEMBERED_S, sliding=False, clock=clock)

    def known(self, connection: "HTTPConnection") -> str | None:
        """The user of a request by its session, or by a password that was checked a while ago."""
        if user := self._sessions.user(connection.cookies.get(COOKIE, "")):
            return user
        credentials = _credentials(connection)
        return self._remembered.user(":".join(credentials)) if credentials else None

    async def user(self, connection: "HTTPConnection") -> str | None:
        """The user of a request by its session, or by the name and password that it brings.

        Raises:
            Rejected: too many passwords were tried.
        """
        if user := self.known(connection):
            return user
        if not (credentials := _credentials(connection)):
            return None
        name, secret = credentials[0], ":".join(credentials)
        client = address(connection)
        async with self._attempts.turn(name, client):
            # Of a program's many requests at once, the first checks the password for all.
            if user := self._remembered.user(secret):
                return user
            if fingerprint := await self._check(*credentials, client):
                self._remembered.add(secret, name, fingerprint)
        return name if fingerprint else None

    async def response(self, path: str, request: "Request") -> "Response | None":
        """The response at /login and /logout; None at any other path."""
        if path in ("/login", "/login/"):
            return await (self._post if request.method == "POST" else self._get)(request)
        if path in ("/logout", "/logout/"):
            return await self._log_out(request)
        return None

    async def _log_out(self, request: "Request") -> "Response":
        """Ask first, for a link on any page leads here; end the session by the form's token."""
        session = request.cookies.get(COOKIE, "")
        user, token = self._sessions.user(session), self._sessions.token(session)
        if user and not await _has_token(request, token):
            values = {"name": user, "token": token}
            return self._page("logout.html.jinja", request, values)
        self._sessions.end(session)
        response = _redirect(request, "/login")
        response.delete_cookie(COOKIE, root_of(request.scope) or "/", httponly=True, samesite="lax")
        return response

    async def _get(self, request: "Request") -> "Response":
        return _redirect(request, "/") if self.known(request) else self._login_page(request)

    async def _post(self, request: "Request") -> "Response":
        name, password = await _form(request, "username", "password")
        name = name.strip()  # a telephone's keyboard puts a space after it
        try:
            fingerprint = await self._verify(name, password, address(request))
        except Rejected as rejected:
            if not wants_page(request):
                raise
            return self._login_page(request, name, rejected)
        return self._begin_session(request, name, fingerprint)

    async def _verify(self, name: str, password: str, client: str) -> str:
        """Check a password from the form; its fingerprint.

        Raises:
            Rejected: it is wrong, or one too many.
        """
        async with self._attempts.turn(name, client):
            fingerprint = await self._check(name, password, client)
        if not fingerprint:
            raise Rejected(401, "unauthorized", self._english["login_wrong"])
        return fingerprint

    def _begin_session(self, request: "Request", name: str, fingerprint: str) -> "Response":
        """Sign a user in; gradio_client wants a plain 200 for it."""
        from starlette.responses import JSONResponse

        page = wants_page(request)
        response = _redirect(request, "/") if page else JSONResponse({"success": True})
        self._sessions.end(request.cookies.get(COOKIE, ""))
        token = secrets.token_urlsafe(32)
        self._sessions.add(token, name, fingerprint)
        secure = request.scope.get("scheme") == "https"
        place = root_of(request.scope) or "/"
        response.set_cookie(COOKIE, token, path=place, httponly=True, samesite="lax", secure=secure)
        return response

    async def _check(self, name: str, password: str, client: str) -> str | None:
        """The fingerprint of a user's password; None when it is wrong, which is counted."""
        from anyio import to_thread

        fingerprint = self._users.fingerprint(name)
        is_right = await to_thread.run_sync(self._users.check, name, password)
        if not (fingerprint and is_right):
            self._attempts.count_wrong(name, client)
            return None
        self._attempts.note_right(name, client, fingerprint)
        return fingerprint

    def _login_page(
        self, request: "Request", name: str = "", rejected: Rejected | None = None
    ) -> "Response":
        error = _ERRORS[rejected.status] if rejected else ""
        values = {"name": name, "error": error}
        return self._page("login.html.jinja", request, values, rejected)

    def _page(
        self,
        template: str,
        request: "Request",
        values: Mapping[str, str],
        rejected: Rejected | None = None,
    ) -> "Response":
        from starlette.responses import HTMLResponse

        words = self._words(request.headers.get("accept-language", ""))
        page = _TEMPLATES.render(
            template, {**values, "words": words, "root": root_of(request.scope)}
        )
        headers = rejected.headers if rejected else {"cache-control": "no-store"}
        return HTMLResponse(page, rejected.status if rejected else 200, headers)


def unauthenticated(connection: "HTTPConnection") -> "Response":
    """Redirect a browser to /login.

    Raises:
        Rejected: another client asks, or a script of a page.
    """
    if connection.scope.get("method") in ("GET", "HEAD") and wants_page(connection):
        return _redirect(connection, "/login")
    # At `Basic` a browser would ask for a password in a window of its own, over the page.
    script = "sec-fetch-mode" in connection.headers
    scheme = "Bearer" if script else 'Basic realm="article-qa", charset="UTF-8"'
    message = (
        "No name and password, or wrong ones. Give them by HTTP Basic, or as Bearer "
        "NAME:PASSWORD (an OpenAI client's api_key), or sign in at /login."
    )
    raise Rejected(401, "unauthorized", message, {"www-authenticate": scheme})


def _credentials(connection: "HTTPConnection") -> tuple[str, str] | None:
    """The name and password of an Authorization header; None when there are none."""
    # Headers are read as Latin-1; passwords come as UTF-8.
    header = connection.headers.get("authorization", "").encode("latin-1")
    scheme, _, value = header.partition(b" ")
    try:
        if scheme.lower() == b"basic":
            value = base64.b64decode(value.strip(), validate=True)
        elif scheme.lower() != b"bearer":
            return None
        name, colon, password = value.decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


async def _has_token(request: "Request", token: str) -> bool:
    """Whether a form brings the token."""
    (given,) = await _form(request, "token") if request.method == "POST" else ("",)
    return secrets.compare_digest(given.encode(), token.encode())


async def _form(request: "Request", *fields: str) -> list[str]:
    """Fields of a form; empty where they are missing."""
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartException

    try:
        async with request.form(max_files=0, max_part_size=_LONGEST_FIELD) as form:
            return [str(form.get(field) or "") for field in fields]
    except (MultiPartException, HTTPException):
        return ["" for _ in fields]


def _redirect(connection: "HTTPConnection", path: str) -> "Response":
    from starlette.responses import RedirectResponse

    return RedirectResponse(root_of(connection.scope) + path, 303, {"cache-control": "no-store"})
