"""Application: the page, excerpts, exports and the APIs on one port; only home of fastapi."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from index.articles.formats import MAX_BYTES_WITH_PICTURES
from index.converters.page_renderer import renderer
from index.errors import UserError
from qa.errors import BadQuestion, NoConversation
from qa.service import file_names, readiness
from qa.service.chat import Chat, Offer
from qa.service.json_api import JsonApi
from qa.service.metrics import Metrics
from qa.service.originals import Originals
from qa.service.page_pictures import PagePictures
from qa.service.uploads import MAX_BYTES
from qa.web import export, mcp_tools, openai_api, original_routes
from qa.web.disposition import disposition
from qa.web.gradio.assets import PageAssets
from qa.web.page import views
from qa.web.page.events import PageEvents
from qa.web.page.page import mount
from qa.web.page.presenter import Presenter
from qa.web.page.settings import visitor
from qa.web.page.sheets import Sheets
from qa.web.page.translations import accepted_strings
from qa.web.security.middleware import SecurityMiddleware
from qa.web.security.root_path import root_of
from qa.web.security.users import Users
from qa.web.security.visitor_id import visitor_id

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_SCRIPT = "text/javascript"
_STATIC = {
    **dict.fromkeys(("page.css", "sheets.css"), "text/css"),
    **dict.fromkeys(("page.js", "places.js", "sheets.js"), _SCRIPT),
}
_FORM_BYTES = 100_000  # around the files of one upload
_CLIENT_GONE = 499  # as nginx calls it; nobody reads the answer


@dataclass(frozen=True, slots=True)
class Service:
    """All that a server needs: conversations and articles, the API, and what is offered.

    `root_path` is what `root_path.checked` made of the sub-path that a proxy shows the page under.
    """

    chat: Chat
    programs: JsonApi
    offer: Offer
    users: Users | None = None
    mcp: bool = False
    metrics: bool = False
    root_path: str = ""


def application(service: Service, hosts: frozenset[str] | None = None) -> SecurityMiddleware:
    """The application; `hosts` are the names it answers to where there are no users."""
    app = _with_tools(service.programs) if service.mcp else _plain()
    presenter = Presenter(service.chat, service.offer.examples)
    _add_pages(app, service.chat, presenter)
    _add_originals(app, service.chat, presenter)
    _add_exports(app, service.chat)
    _add_openai_api(app, service)
    if service.metrics:
        _add_metrics(app, Metrics(service.chat.scheduler))
    events = PageEvents(service.chat, presenter)
    mount(app, events, service.programs, service.offer, MAX_BYTES_WITH_PICTURES)
    known: dict[str, Any] = {"hosts": hosts} if hosts else {}
    return SecurityMiddleware(
        PageAssets(app),
        users=service.users,
        upload_bytes=0 if service.offer.read_only else MAX_BYTES + _FORM_BYTES,
        words=accepted_strings,
        root_path=service.root_path,
        problem=partial(readiness.problem, service.chat.scheduler, service.chat.library),
        **known,
    )


def _plain(**more: Any) -> "FastAPI":
    from fastapi import FastAPI

    return FastAPI(title="article-qa", docs_url=None, redoc_url=None, openapi_url=None, **more)


def _with_tools(programs: JsonApi) -> "FastAPI":
    """An application with the MCP tools, which run as long as the server does."""
    manager = mcp_tools.manager(programs)
    app, tools = _plain(lifespan=lambda app: manager.run()), cast(Any, manager.asgi_app)
    for path in mcp_tools.PATHS:
        app.add_route(path, tools)
    return app


def _add_pages(app: "FastAPI", chat: Chat, presenter: Presenter) -> None:
    """Add what the page fetches beside Gradio's parts: its files, excerpts and articles."""
    from fastapi import Request, Response
    from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse

    @app.get("/page/{name}")
    def file(name: str) -> Response:
        if name not in _STATIC:
            return PlainTextResponse("There is no such file.", 404)
        caching = {"cache-control": "no-cache"}  # asked for each time, sent only when changed
        return FileResponse(views.STATIC / name, media_type=_STATIC[name], headers=caching)

    @app.get("/proof/{conversation}/{number}/{which}")
    def proof(conversation: str, number: int, which: str, request: Request) -> Response:
        who = visitor(request)
        try:
            found = presenter.proven(who, conversation, number, which)
        except NoConversation as error:
            return HTMLResponse(views.problem(error, who.page), 404)
        alone = "part" not in request.query_params
        return HTMLResponse(views.proven(found, who.page, alone=alone, root=root_of(request.scope)))

    @app.get("/places")
    def places(request: Request, part: str = "") -> Response:
        return HTMLResponse(views.places(presenter.places(part), visitor(request).page))

    @app.get("/article/{id:path}")
    def article(id: str, request: Request) -> Response:
        entry = chat.library.entry(id)
        if entry is None:
            return PlainTextResponse("There is no such article in the index.", 404)
        text, page = chat.library.text(id), visitor(request).page
        return HTMLResponse(views.article(entry, text, page, root_of(request.scope)))


def _add_originals(app: "FastAPI", chat: Chat, presenter: Presenter) -> None:
    """Add the files of articles, and pictures of their pages."""
    originals = Originals(chat.library)
    pictures = PagePictures(originals, renderer())
    original_routes.add(app, originals, pictures, Sheets(chat, presenter, pictures))


def _add_exports(app: "FastAPI", chat: Chat) -> None:
    """Add conversations as files."""
    from fastapi import Request, Response
    from fastapi.responses import PlainTextResponse

    @app.get("/export/{name}")
    def save(name: str, request: Request) -> Response:
        id, _, suffix = name.rpartition(".")
        owner, conversations = visitor(request).id, chat.conversations
        try:
            conversation = conversations.get(owner, id)
            exchanges = conversations.exchanges(owner, id)
        except NoConversation as error:
            return PlainTextResponse(str(error), 404)
        if suffix == "json":
            text, kind = export.json(conversation, exchanges), "application/json"
        elif suffix == "md":
            titles = {id: chat.title(id) for id in export.named(conversation, exchanges)}
            text, kind = export.markdown(conversation, exchanges, titles), "text/markdown"
        else:
            return PlainTextResponse("Conversations are saved as .md or .json.", 404)
        saved = disposition(file_names.of_download(conversation.title, f".{suffix}"))
        return Response(text, media_type=kind, headers={"content-disposition": saved})


def _add_openai_api(app: "FastAPI", service: Service) -> None:
    """Add OpenAI's way to ask."""
    from fastapi import Request, Response
    from fastapi.responses import JSONResponse, StreamingResponse

    programs = service.programs

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return openai_api.models(programs.llm)

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        who = visitor_id(request.headers)
        try:
            asked = openai_api.asked(await _body(request))
            if asked.stream:
                events = await openai_api.events(programs, who, asked)
                return StreamingResponse(events, media_type="text/event-stream")
            found = await openai_api.whole(programs, who, asked, request.is_disconnected)
        except UserError as error:
            return JSONResponse(openai_api.error_of(error), openai_api.status_of(error))
        return JSONResponse(found) if found else Response(status_code=_CLIENT_GONE)


def _add_metrics(app: "FastAPI", metrics: Metrics) -> None:
    """Add what Prometheus reads, behind the same door as all else."""
    from fastapi import Response

    @app.get("/metrics")
    def told() -> Response:
        return Response(metrics.text(), headers={"content-type": metrics.content_type})


async def _body(request: "Request") -> object:
    try:
        return await request.json()
    except (ValueError, RecursionError) as error:
        raise BadQuestion(f"The body is not JSON: {error}") from error
