"""Command `chat`: serves the chat page for one index, until Ctrl-C."""

import contextlib
import hashlib
import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import UserError
from index.scope import Scope
from qa.cli import opening
from qa.cli.options import (
    cache_option,
    computing_options,
    embedder_option,
    index_option,
    llm_option,
    option,
    scope_options,
)
from qa.cli.watching import ended_by_sigterm, sweep_option, watch_option, watching
from qa.llm.computing import Computing
from qa.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from qa.web.security.users import Users

_MOST_EXAMPLES = 8  # more would be a list to read


@click.command()
@index_option
@embedder_option
@llm_option
@computing_options
@cache_option
@scope_options
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on; default: 7860, or the next free one.",
)
@option(
    "--auth",
    type=click.Path(path_type=Path),
    help="Require a login by the users of this file: article-qa users add NAME --auth FILE",
)
@option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=lambda context, parameter, values: [_network(value) for value in values],
    help="Believe a proxy, or a network of them, what it forwards of its clients' addresses.",
)
@option(
    "--root-path",
    default="",
    metavar="PATH",
    callback=lambda context, parameter, value: _root_path(value),
    help="Sub-path that a proxy shows the page under, as /qa.",
)
@option("--read-only", is_flag=True, help="Allow no adding or removing of articles on the page.")
@watch_option
@sweep_option
@option("--mcp", is_flag=True, help="Serve `ask` and `search` as MCP tools at /gradio_api/mcp.")
@option("--metrics", is_flag=True, help="Serve counts and seconds for Prometheus at /metrics.")
@option(
    "--conversations",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the conversations; default: conversations.sqlite in the folder of the index.",
)
@option(
    "--examples",
    type=click.Path(path_type=Path),
    help="Text file of example questions for the page, one a line.",
)
@option("--browser", is_flag=True, help="Open the page in the browser.")
def chat(
    index: Path,
    embedder: str | None,
    llm: str | None,
    computing: Computing,
    cache_size: int | None,
    host: str,
    port: int | None,
    auth: Path | None,
    proxies: list[str],
    root_path: str,
    read_only: bool,
    watch: bool,
    sweep: float,
    mcp: bool,
    metrics: bool,
    conversations: Path | None,
    examples: Path | None,
    browser: bool,
    scope: Scope,
) -> None:
    """Serve the chat page: ask in the browser, and see the words that prove each answer."""
    from qa.ipc.server import serving
    from qa.service.conversations import Conversations
    from qa.web.app import Service, application
    from qa.web.http_server import listening, serve
    from qa.web.memory import share_arenas
    from qa.weights.paths import embedder_path

    share_arenas()
    users = _users(auth, host)
    questions = _lines(examples) if examples else []
    opening.check_present(index, embedder, llm)
    with (
        ended_by_sigterm(),
        contextlib.closing(Conversations(conversations or _conversations_of(index))) as store,
        listening(host, port) as listener,
        _temporary(),
    ):
        click.echo("Loading the models …", err=True)
        with opening.chat_service(
            index,
            embedder,
            llm,
            computing,
            cache_size,
            store,
            read_only,
            questions,
            scope,
            watch,
        ) as opened:
            service = Service(*opened, users, mcp, metrics, root_path)
            page, library = application(service, _hosts(host)), service.chat.library
            folder, programs = Path(embedder_path(embedder)), service.programs
            # Not earlier: while Gradio is imported, no other process would be answered in time.
            with (
                (
                    serving(index, folder, service.chat.scheduler, lambda: programs.models)
                    if scope.is_all  # others ask of all articles
                    else contextlib.nullcontext()
                ),
                watching(index, library.follow, sweep) if watch else contextlib.nullcontext(),
            ):
                announce = partial(_announce, listener, root_path, browser)
                serve(page, listener, announce, library.close, proxies)


def _conversations_of(index: Path) -> Path:
    """The file in the index's folder; in the user's own cache where that may only be read."""
    from index.layout import CONVERSATIONS

    path = index / CONVERSATIONS
    if os.access(path if path.exists() else index, os.W_OK):
        return path
    from index.user_cache import cache_folder

    name = hashlib.sha256(str(index.resolve()).encode()).hexdigest()[:16]
    own = cache_folder() / "conversations" / f"{name}.sqlite"
    own.parent.mkdir(parents=True, exist_ok=True)
    click.echo(f"The index may only be read here; conversations are kept in {own}", err=True)
    return own


def _users(auth: Path | None, host: str) -> "Users | None":
    """The users who may log in; None means everybody on this machine, without a login."""
    from qa.web.security.middleware import check_address
    from qa.web.security.users import Users

    users = Users(auth) if auth else None
    if users and not users.names():
        raise UserError(f"{auth} has no user. Add one: article-qa users add NAME --auth {auth}")
    if warning := check_address(host, users is not None):
        click.echo(f"Warning: {warning}", err=True)
    return users


def _network(address: str) -> str:
    """The address or network of a proxy."""
    try:
        return str(ip_network(address))
    except ValueError as error:
        raise click.BadParameter(
            f"{address} is no IP address and no network, as 127.0.0.1 and 10.0.0.0/8 are."
        ) from error


def _root_path(value: str) -> str:
    """The sub-path of the page."""
    from qa.web.security.root_path import checked

    try:
        return checked(value)
    except UserError as error:
        raise click.BadParameter(str(error)) from error


def _hosts(host: str) -> frozenset[str]:
    """The host names under which the page may be requested: loopback, and that of --host."""
    from qa.web.security.request_checks import LOOPBACK

    return LOOPBACK | {host.strip("[]").lower()}


def _announce(
    listener: socket.socket, root_path: str, browser: bool, end: Callable[[], None]
) -> None:
    """Print the address of the page, and open it in the browser if requested."""
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    address += f"{root_path}/" if root_path else ""
    click.echo(f"The page is at {address} (Ctrl-C ends it).", err=True)
    if browser:  # in a thread: some browsers block until they are closed
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


@contextlib.contextmanager
def _temporary() -> Iterator[None]:
    """A private folder for uploads, deleted at the end; Gradio's would stay, readable by all."""
    with temporary_folder() as folder:
        os.environ["GRADIO_TEMP_DIR"] = str(folder)
        yield


def _lines(path: Path) -> list[str]:
    """The example questions of a file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(f"Cannot read the example questions in {path}: {why}.") from error
    return [line.strip() for line in text.splitlines() if line.strip()][:_MOST_EXAMPLES]
