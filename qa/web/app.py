"""Server: the page, proofs, exports and the API on one port, behind the door; home of fastapi."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from index.articles.formats import MAX_BYTES_WITH_PICTURES
from index.errors import UserError
from qa.errors import BadQuestion, NoConversation
from qa.service.chat import Chat, Offer
from qa.service.json_api import JsonApi
from qa.service.uploads import MAX_BYTES
from qa.web import export as transcript
from qa.web import mcp_tools, openai_api
from qa.web.page import page as web
from qa.web.page import views
from qa.web.page.assets import STATIC, PageAssets
from qa.web.page.events import PageEvents
from qa.web.page.presenter import Presenter
from qa.web.page.translations import pick, strings
from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.users import Users

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_FILES = {"page.css": "text/css", "page.js": "text/javascript"}
_ENVELOPE = 100_000  # bytes around the files of one upload


@dataclass(frozen=True, slots=True)
class Service:
    """All that a server needs: conversations and articles, the API, and what is offered."""

    chat: Chat
    programs: JsonApi
    offer: Offer
    users: Users | None = None
    mcp: bool = False


def application(service: Service, hosts: frozenset[str] | None = None) -> SecurityMiddleware:
    """The application; `hosts` are the names it answers to where there are no users."""
    app = _with_tools(service.programs) if service.mcp else _plain()
    presenter = Presenter(service.chat, service.offer.examples)
    _pages(app, service.chat, presenter)
    _exports(app, service.chat)
    _completions(app, service)
    visits, offer = PageEvents(service.chat, presenter), service.offer
    web.mount(app, visits, service.programs, offer, upload_bytes=MAX_BYTES_WITH_PICTURES)
    known: dict[str, Any] = {"hosts": hosts} if hosts else {}
    return SecurityMiddleware(
        PageAssets(app),
        users=service.users,
        upload_bytes=0 if service.offer.read_only else MAX_BYTES + _ENVELOPE,
        words=_login_words,
        **known,
    )


def _plain(**more: Any) -> "FastAPI":
    from fastapi import FastAPI

    return FastAPI(title="article-qa", docs_url=None, redoc_url=None, openapi_url=None, **more)


def _with_tools(programs: JsonApi) -> "FastAPI":
    """With the MCP tools, which run as long as the server does."""
    manager = mcp_tools.manager(programs)
    app, answer = _plain(lifespan=lambda app: manager.run()), cast(Any, manager.asgi_app)
    for path in mcp_tools.PATHS:
        app.add_route(path, answer)
    return app


def _login_words(accepted: str) -> Mapping[str, str]:
    code = pick(None, accepted)
    return {**strings(code), "lang": code}


def _pages(app: "FastAPI", chat: Chat, presenter: Presenter) -> None:
    """What the page fetches beside Gradio's parts."""
    from fastapi import Request, Response
    from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse

    @app.get("/page/{name}")
    def file(name: str) -> Response:
        if name not in _FILES:
            return PlainTextResponse("There is no such file.", 404)
        caching = {"cache-control": "no-cache"}  # asked for each time, sent only when changed
        return FileResponse(STATIC / name, media_type=_FILES[name], headers=caching)

    @app.get("/proof/{conversation}/{number}/{which}")
    def proof(conversation: str, number: int, which: str, request: Request) -> Response:
        who = web.visitor(request)
        try:
            found = presenter.proven(who, conversation, number, which)
        except NoConversation as error:
            gone = strings(who.page)["error_NoConversation"] or str(error)
            return HTMLResponse(views.notice(gone, who.page, "bad"), 404)
        alone = "part" not in request.query_params
        return HTMLResponse(views.proven(found, who.page, alone=alone))

    @app.get("/article/{id:path}")
    def article(id: str, request: Request) -> Response:
        entry = chat.library.entry(id)
        if entry is None:
            return PlainTextResponse("There is no such article in the index.", 404)
        text = chat.library.text(id)
        page = web.visitor(request).page
        return HTMLResponse(views.render("article.html.jinja", page, entry=entry, text=text))


def _exports(app: "FastAPI", chat: Chat) -> None:
    """Conversations as files."""
    from fastapi import Request, Response
    from fastapi.responses import PlainTextResponse

    @app.get("/export/{name}")
    def export(name: str, request: Request) -> Response:
        id, _, suffix = name.rpartition(".")
        who, kept = web.visitor(request), chat.conversations
        try:
            conversation, exchanges = kept.get(who.id, id), kept.exchanges(who.id, id)
        except NoConversation as error:
            return PlainTextResponse(str(error), 404)
        if suffix == "json":
            text, kind = transcript.json(conversation, exchanges), "application/json"
        elif suffix == "md":
            articles = {c.article for e in exchanges if e.answer for c in e.answer.citations}
            titles = {id: chat.title(id) for id in articles}
            text, kind = transcript.markdown(conversation, exchanges, titles), "text/markdown"
        else:
            return PlainTextResponse("Conversations are saved as .md or .json.", 404)
        saved = transcript.filename(conversation, f".{suffix}")
        return Response(text, media_type=kind, headers={"content-disposition": _attached(saved)})


def _attached(name: str) -> str:
    """RFC 6266: the name in full for those who read RFC 8187, in ASCII for the others."""
    from urllib.parse import quote

    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _completions(app: "FastAPI", service: Service) -> None:
    """OpenAI's way to ask."""
    from fastapi import Request, Response
    from fastapi.responses import JSONResponse, StreamingResponse

    programs, desk = service.programs, service.chat.desk

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return openai_api.models(desk.llm)

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        visitor = str(request.scope["state"]["visitor"])
        try:
            asked = openai_api.asked(await _body(request))
            if asked.stream:
                events = await openai_api.events(programs, visitor, asked)
                return StreamingResponse(events, media_type="text/event-stream")
            found = await openai_api.whole(programs, visitor, asked, request.is_disconnected)
        except UserError as error:
            return JSONResponse(openai_api.error_of(error), openai_api.status_of(error))
        return JSONResponse(found) if found else Response(status_code=499)


async def _body(request: "Request") -> object:
    try:
        return await request.json()
    except (ValueError, RecursionError) as error:
        raise BadQuestion(f"The body is not JSON: {error}") from error
