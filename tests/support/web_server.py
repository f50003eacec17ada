"""A web server on the loopback that says what a test lets it, and notes what it was asked."""

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from qa.fetch.addresses import address
from qa.fetch.connection import Connector
from qa.fetch.fetch import fetch
from qa.fetch.fetch_report import FetchReport
from qa.fetch.page_folder import PageFolder
from qa.fetch.web import Web


@dataclass(frozen=True, slots=True)
class Said:
    """What the server answers; `wait_s` are seconds before each piece of the body."""

    body: bytes | str = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    pieces: int = 1

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(slots=True)
class Site:
    """A running server; `pages` are by path and query, `asked` is (host, path, headers)."""

    port: int
    pages: dict[str, Said | Callable[[dict[str, str]], Said]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, robots.txt left out, and forgotten with that."""
        paths = [path for _, path, _ in self.asked if path != "/robots.txt"]
        self.asked.clear()
        return paths

    def address(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.asked.append((headers.get("host", ""), self.path, headers))
        made = self.site.pages.get(self.path, Said("none", status=404))
        said = made if isinstance(made, Said) else made(headers)
        etag = said.headers.get("ETag")
        if etag and headers.get("if-none-match") == etag:
            said = Said(status=304, headers=said.headers)
        self._answer(said)

    def _answer(self, said: Said) -> None:
        self.send_response(said.status)
        if said.type:
            self.send_header("Content-Type", said.type)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in said.headers and said.status != 304:
            self.send_header("Content-Length", str(len(said.data)))
        self.end_headers()
        size = -(-len(said.data) // said.pieces) or 1
        try:
            for start in range(0, len(said.data), size):
                time.sleep(said.wait_s)
                self.wfile.write(said.data[start : start + size])
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def served(
    ip: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Site]:
    """Serve until the end of the block."""
    site = Site(port)
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer((ip, port), handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def web(*names: str, page_s: float = 10.0) -> Web:
    """The web without pauses, where some names lead to the loopback, and others nowhere."""

    def resolve(host: str, port: int) -> list[str]:
        if host in ("127.0.0.1", *names):
            return ["127.0.0.1"]
        raise OSError("no such name")

    return Web(Connector(resolve, allow_private=True), page_s=page_s, sleep=lambda seconds: None)


def fetched(
    folder: Path, *addresses: str, by: Web | None = None, most: int = 500
) -> tuple[FetchReport, PageFolder]:
    """A run over a folder of pages, in a process of its own as far as memory goes."""
    pages = PageFolder(folder)
    named = [address(one) for one in addresses]
    return fetch(named, pages, by or web(), most=most), pages


def html(words: str, title: str = "Ferry", head: str = "") -> str:
    """A page whose main text are some words."""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><article>"
        f"<h1>{title}</h1><p>{words} It is told here in full, so that a reader learns all of it."
        "</p></article></body></html>"
    )


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())
