"""Original routes: the files of articles and pictures of their pages, behind the same door.

What a file holds may be hostile. It is never shown as a page of this origin: all but PDFs and plain
text is saved, under a type that no browser runs, and what is shown gets no scripts and no origin.
"""

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import NotText, UserError
from qa.errors import NoConversation, OriginalChanged, OriginalGone
from qa.service import file_names
from qa.service.originals import Original, Originals
from qa.service.page_pictures import PagePictures
from qa.web.disposition import disposition
from qa.web.page import views
from qa.web.page.settings import visitor
from qa.web.page.sheets import Sheets

if TYPE_CHECKING:
    from fastapi import FastAPI

_AT_ONCE = 2  # files that are read, or pages drawn, while others wait
_WAITING = 40  # requests that wait for it
_DIGITS = 6  # of a page's number
_PLAIN = frozenset({"text", "Markdown"})
# Nothing is run, loaded or sent, and the file has an origin of its own.
_NOTHING = "default-src 'none'; sandbox"
# A browser's own viewer shows a PDF, and none does in a sandbox; it gives a file no origin at all.
_VIEWER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"

_Made = TypeVar("_Made")


class _Busy(UserError):
    """Too many wait for a file or a page already."""


def add(app: "FastAPI", originals: Originals, pictures: PagePictures, sheets: Sheets) -> None:
    """Add the files of articles, and their pages, to an application."""
    from fastapi import Request, Response
    from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

    files, pages = _Worker(), _Worker()  # a page that takes long to draw keeps no file waiting

    @app.get("/original/{id:path}")
    async def original(id: str, request: Request) -> Response:
        try:
            opened = await files.do(lambda: originals.opened(id))
        except UserError as error:
            return HTMLResponse(views.problem(error, visitor(request).page), _status(error))
        return StreamingResponse(opened.pieces(), headers=_headers(opened))

    @app.get("/picture/{page}/{id:path}")
    async def picture(page: str, id: str) -> Response:
        number = int(page) if page.isdecimal() and len(page) <= _DIGITS else 0
        try:
            made = await pages.do(lambda: pictures.picture(id, number))
        except (UserError, NotText) as error:
            return PlainTextResponse(str(error), _status(error))
        return Response(made.png, media_type="image/png")

    @app.get("/proof/{conversation}/{number}/{which}/page")
    async def page(
        conversation: str, number: int, which: str, request: Request, at: str = ""
    ) -> Response:
        who = visitor(request)
        turned = int(at) if at.isdecimal() and len(at) <= _DIGITS else None
        try:
            sheet = await pages.do(lambda: sheets.sheet(who, conversation, number, which, turned))
        except NoConversation as error:
            return HTMLResponse(views.problem(error, who.page), 404)
        except (UserError, NotText) as error:
            return HTMLResponse(views.no_sheet(error, who.page))
        return HTMLResponse(views.sheet(sheet, who.page))


class _Worker:
    """Does a little at a time in threads of its own: the page's other requests go on meanwhile."""

    def __init__(self) -> None:
        self._limit: Any = None

    async def do(self, work: Callable[[], _Made]) -> _Made:
        """Do something in a thread.

        Raises:
            _Busy: too many wait already.
        """
        import anyio
        import anyio.to_thread

        if self._limit is None:  # it belongs to the loop that runs
            self._limit = anyio.CapacityLimiter(_AT_ONCE)
        if self._limit.statistics().tasks_waiting >= _WAITING:
            raise _Busy("Too many pages are asked for at once. Try again in a moment.")
        return await anyio.to_thread.run_sync(work, limiter=self._limit)


def _status(error: Exception) -> int:
    kinds = ((OriginalGone, 404), (OriginalChanged, 409), (_Busy, 503), (NotText, 422))
    return next((status for kind, status in kinds if isinstance(error, kind)), 500)


def _headers(opened: Original) -> dict[str, str]:
    """How a file is sent: as what it is only where nothing in it can be run."""
    path, format = PurePath(opened.id), opened.format.name
    shown = "application/octet-stream", "attachment", _NOTHING
    if format == "PDF":
        shown = "application/pdf", "inline", _VIEWER
    elif format in _PLAIN and opened.is_utf8:
        shown = "text/plain; charset=utf-8", "inline", _NOTHING
    kind, how, policy = shown
    return {
        "content-type": kind,
        "content-length": str(opened.size),
        "content-disposition": disposition(file_names.of_download(path.stem, path.suffix), how),
        "content-security-policy": policy,
        "cross-origin-resource-policy": "same-origin",
    }
