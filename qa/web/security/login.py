"""Login: which user asks, by a session or a password; and the page to log in on."""

import base64
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qa.templates import Templates
from qa.web.security.rate_limits import Rate, address
from qa.web.security.rejection import Rejected, wants_page
from qa.web.security.sessions import Sessions
from qa.web.security.users import Users

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response

COOKIE = "article-qa-session"
# A working day with its breaks, since the last request.
_SESSION_S = 12 * 3600
# bcrypt would add 0.2 s to each request of a program that sends its password every time.
_REMEMBERED_S = 300
# A person tries two or three times, a program once in _REMEMBERED_S; to guess takes thousands.
ATTEMPTS_A_MINUTE = 10
# Who has many addresses, or a proxy that believes what it is told of them, gets no further: at
# three times as many, for each name.
_ADDRESSES = 3
_LONGEST_NAME = 64
# A name has 64 signs and a password 72 bytes.
_LONGEST_FIELD = 4096
_FORM_S = 20  # seconds to send it

_TEMPLATES = Templates(Path(__file__).parent)
_ENGLISH = {
    "lang": "en",
    "login_title": "Sign in",
    "login_name": "Name",
    "login_password": "Password",
    "login_button": "Sign in",
    "login_wrong": "Name or password is wrong.",
    "login_wait": "Too many attempts. Wait a minute.",
}

_ERRORS = {401: "login_wrong", 429: "login_wait"}

Words = Callable[[str], Mapping[str, str]]


def english(accepted: str) -> Mapping[str, str]:
    """The words of the page for any Accept-Language header; `lang` and `dir` may be left out."""
    return _ENGLISH


class Login:
    """Knows the users who ask; answers /login and /logout.

    Args:
        users: who there is.
        words: the page's words in the language of an Accept-Language header.
        attempts_a_minute: how often a password may be tried from one address; three times as often
            for one name.
        clock: seconds of now.
    """

    def __init__(
        self,
        users: Users,
        words: Words = english,
        attempts_a_minute: int = ATTEMPTS_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import anyio

        self._users = users
        self._words = words
        self._attempts = Rate(attempts_a_minute, _ENGLISH["login_wait"])
        self._names = Rate(_ADDRESSES * attempts_a_minute, _ENGLISH["login_wait"])
        self._sessions = Sessions(users, _SESSION_S, sliding=True, clock=clock)
        self._remembered = Sessions(users, _REMEMBERED_S, sliding=False, clock=clock)
        # The model needs the processor. And of a program's many requests at once, one checks the
        # password for all.
        self._one_by_one = anyio.Lock()

    def known(self, connection: "HTTPConnection") -> str | None:
        """The user of the request's session, or of a password that was right a while ago."""
        if user := self._sessions.user(connection.cookies.get(COOKIE, "")):
            return user
        given = _given(connection)
        return self._remembered.user(":".join(given)) if given else None

    async def user(self, connection: "HTTPConnection") -> str | None:
        """The user who is known, or whose name and password the request brings.

        Raises:
            Refused: too many were tried.
        """
        if user := self.known(connection):
            return user
        if not (given := _given(connection)):
            return None
        secret = ":".join(given)
        async with self._one_by_one:
            if user := self._remembered.user(secret):
                return user
            self._count(given[0], address(connection))
            if not (fingerprint := await self._checked(*given)):
                return None
            self._remembered.add(secret, given[0], fingerprint)
        return given[0]

    async def response(self, path: str, request: "Request") -> "Response | None":
        """What is answered at /login and /logout; None at any other path."""
        if path in ("/login", "/login/"):
            return await (self._post if request.method == "POST" else self._get)(request)
        if path in ("/logout", "/logout/"):
            self._sessions.end(request.cookies.get(COOKIE, ""))
            response = _redirect(request, "/login")
            response.delete_cookie(COOKIE, httponly=True, samesite="lax")
            return response
        return None

    async def _get(self, request: "Request") -> "Response":
        return _redirect(request, "/") if self.known(request) else self._page(request)

    async def _post(self, request: "Request") -> "Response":
        name, password = await _form(request)
        try:
            fingerprint = await self._proved(name, password, address(request))
        except Rejected as refused:
            if not wants_page(request):
                raise
            return self._page(request, name, refused)
        return self._entered(request, name, fingerprint)

    async def _proved(self, name: str, password: str, who: str) -> str:
        """The fingerprint of the password that this is.

        Raises:
            Refused: it is wrong, or one too many.
        """
        self._count(name, who)
        async with self._one_by_one:
            fingerprint = await self._checked(name, password)
        if not fingerprint:
            raise Rejected(401, "unauthorized", _ENGLISH["login_wrong"])
        return fingerprint

    def _count(self, name: str, who: str) -> None:
        """Count a password that is tried; a name that is no user's as any other.

        Raises:
            Refused: it is one too many.
        """
        self._attempts.count(who)
        self._names.count(name[:_LONGEST_NAME])

    def _entered(self, request: "Request", name: str, fingerprint: str) -> "Response":
        """A new session; gradio_client wants a plain 200 for it."""
        from starlette.responses import JSONResponse

        page = wants_page(request)
        response = _redirect(request, "/") if page else JSONResponse({"success": True})
        self._sessions.end(request.cookies.get(COOKIE, ""))
        token = secrets.token_urlsafe(32)
        self._sessions.add(token, name, fingerprint)
        secure = request.scope.get("scheme") == "https"
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure)
        return response

    async def _checked(self, name: str, password: str) -> str | None:
        """The fingerprint of the password that this is; None where it is wrong."""
        from anyio import to_thread

        fingerprint = self._users.fingerprint(name)
        right = await to_thread.run_sync(self._users.check, name, password)
        return fingerprint if right else None

    def _page(
        self, request: "Request", name: str = "", refused: Rejected | None = None
    ) -> "Response":
        from starlette.responses import HTMLResponse

        values = {
            "words": self._words(request.headers.get("accept-language", "")),
            "action": _root(request) + "/login",
            "name": name,
            "error": _ERRORS[refused.status] if refused else "",
        }
        page = _TEMPLATES.render("login.html.jinja", values)
        headers = refused.headers if refused else {"cache-control": "no-store"}
        return HTMLResponse(page, refused.status if refused else 200, headers)


def unauthenticated(connection: "HTTPConnection") -> "Response":
    """Show a browser of somebody who is no user the way to the page.

    Raises:
        Refused: it is no browser's window.
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


def _given(connection: "HTTPConnection") -> tuple[str, str] | None:
    """The name and password of an Authorization header, if it has some."""
    # Headers are read as Latin-1; what people type comes as UTF-8.
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


async def _form(request: "Request") -> tuple[str, str]:
    """The fields username and password, empty where there are none."""
    import anyio
    from starlette.exceptions import HTTPException
    from starlette.formparsers import MultiPartException

    try:
        with anyio.fail_after(_FORM_S):
            async with request.form(max_files=0, max_part_size=_LONGEST_FIELD) as form:
                name, password = (form.get(field) or "" for field in ("username", "password"))
    except (MultiPartException, HTTPException, TimeoutError):
        return "", ""
    # A telephone's keyboard puts a space after a name.
    return str(name).strip(), str(password)


def _redirect(connection: "HTTPConnection", path: str) -> "Response":
    from starlette.responses import RedirectResponse

    return RedirectResponse(_root(connection) + path, 303, {"cache-control": "no-store"})


def _root(connection: "HTTPConnection") -> str:
    return str(connection.scope.get("root_path", "")).rstrip("/")
