"""Reverse proxy: shows a page under a sub-path; nginx, or a small one where that is not wanted."""

import http.client
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""
MISSING = "nginx is not installed: apt-get install nginx"
_CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{}}
http {{
    access_log {folder}/accesses;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 404; }}
        location {root}/ {{
            proxy_pass {behind};
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


@contextmanager
def nginx(behind: str, root: str, folder: Path, *, strips: bool) -> Iterator[str]:
    """Show the server `behind` under `root`, and nothing beside it; gives the proxy's address."""
    port = _free_port()
    # With a path, nginx puts that in the place of the location's.
    passed = f"{behind}/" if strips else behind
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, port=port, root=root, behind=passed)
    )
    command = [NGINX, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "errors")]
    process = subprocess.Popen(command)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def small(behind: str, root: str, folder: Path, *, strips: bool) -> Iterator[str]:
    """As `nginx`, in threads of this process; the request of `root` itself is passed on too."""

    class Handler(_Handler):
        host, below, cuts = urlsplit(behind).netloc, root, strips

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(20)


class _Handler(BaseHTTPRequestHandler):
    """Passes a request on; the response ends with its connection."""

    host: ClassVar[str]
    below: ClassVar[str]
    cuts: ClassVar[bool]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path != self.below and not path.startswith(f"{self.below}/"):
            self.send_error(404)
            return
        path = (path.removeprefix(self.below) or "/") if self.cuts else path
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            self._pass_on(connection, f"{path}?{query}" if query else path)
        except (ConnectionError, http.client.HTTPException):
            self.close_connection = True
        finally:
            connection.close()

    do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815

    def _pass_on(self, connection: http.client.HTTPConnection, path: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        headers |= {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
        connection.request(self.command, path, body or None, headers)
        response = connection.getresponse()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        while piece := response.read1(65536):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")
