"""A model server on the loopback that says what a test lets it, byte by byte, with every fault."""

import json
import math
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from qa.llm.model import Message
from qa.llm.server.address import ServerAddress
from qa.llm.server.connection import Connection
from qa.llm.server.facts import Facts
from qa.llm.server.model import ServerModel

MESSAGES = [Message("system", "Answer shortly."), Message("user", "Who came?\nTell it.", 9)]
KEY = "sk-0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: pieces of its body; the connection is closed behind them where it `is_cut`.

    `waits` is waited for before the first byte, 30 seconds at most; `is_reset` sends nothing.
    """

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    is_reset: bool = False
    waits: threading.Event | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path, its headers in small letters, its JSON."""

    path: str
    headers: dict[str, str]
    body: Any


Answers = Callable[[Any], Said]


@dataclass(slots=True)
class ModelServer:
    """A running server. `answers` are said one after the other to completions, then the last one.

    `others` are its other paths; what is not there is 404. `left` is set once a client closes its
    connection while the server waits.
    """

    port: int
    scheme: str = "http"
    answers: list[Said | Answers] = field(default_factory=list)
    others: dict[str, Said | Answers] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"

    @property
    def completions(self) -> list[Any]:
        """The bodies of what was asked of the model."""
        return [asked.body for asked in self.asked if asked.path == "/v1/chat/completions"]

    def says(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if asked.path != "/v1/chat/completions":
            answer = self.others.get(asked.path, Said(status=404))
        else:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Said) else answer(asked.body)


class _Handler(BaseHTTPRequestHandler):
    server_of: ModelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server_of.says(Asked(self.path, headers, body))
        if said.waits:
            self._wait(said.waits)
        if said.is_reset:
            self._reset()
            return
        try:
            self._send(said)
        except OSError:
            self.close_connection = True

    def _send(self, said: Said) -> None:
        self.send_response(said.status)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in said.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if said.is_cut:
            self._reset()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _wait(self, event: threading.Event) -> None:
        """Wait, and note when the client goes away."""
        self.connection.settimeout(0.02)
        for _ in range(1500):
            if event.is_set() or self.server_of.left.is_set():
                break
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    self.server_of.left.set()
            except TimeoutError:
                continue
            except OSError:
                self.server_of.left.set()
        self.connection.settimeout(None)

    def _reset(self) -> None:
        """Close the connection as a crashed program does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def model_server(
    *answers: Said | Answers, tls: ssl.SSLContext | None = None
) -> Iterator[ModelServer]:
    """Serve one model, `tiny`, until the end of the block."""
    made = ModelServer(0, "https" if tls else "http", list(answers))
    made.others["/v1/models"] = json_said({"object": "list", "data": [{"id": "tiny"}]})
    handler = type("Handler", (_Handler,), {"server_of": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *about: None  # type: ignore[method-assign]  # as after a reset
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opened(server: ModelServer, key: str = "", **changes: Any) -> ServerModel:
    """The model of a server, of which all is known."""
    facts: dict[str, Any] = {
        "prompt_room": 4096,
        "tokenizer": "",
        "has_probabilities": True,
        "thinks": False,
    }
    facts |= {"one_at_a_time": False, "keys": {}}
    address = ServerAddress(server.address, "tiny", key)
    return ServerModel(Connection(address), Facts("tiny", **(facts | changes)))


def json_said(value: Any, status: int = 200, **headers: str) -> Said:
    said = {name.replace("_", "-"): text for name, text in headers.items()}
    return Said((json.dumps(value).encode(),), status, said)


def error(status: int, message: str = "no", **headers: str) -> Said:
    return json_said({"error": {"message": message}}, status, **headers)


def token(text: str, probability: float = 0.5, **others: float) -> dict[str, Any]:
    """A token as servers tell of it; `others` are tokens and their probabilities."""
    top = [
        {"token": name, "bytes": list(name.encode()), "logprob": math.log(value)}
        for name, value in {text: probability, **others}.items()
    ]
    return {**top[0], "top_logprobs": top}


def whole(text: str, *tokens: dict[str, Any], prompt_tokens: int = 20, **said: str) -> Said:
    """An answer that is no stream."""
    logprobs = {"content": list(tokens)} if tokens else None
    message = {"role": "assistant", "content": text, **said}
    choice = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": "stop"}
    return json_said({"choices": [choice], "usage": {"prompt_tokens": prompt_tokens}})


def streamed(
    *words: str,
    probability: float | None = 0.5,
    prompt_tokens: int | None = 20,
    finish: str | None = "stop",
    is_done: bool = True,
    is_cut: bool = False,
) -> Said:
    """An answer that comes word by word; "" is a piece without one."""
    lines = [event(delta={"role": "assistant", "content": None})]
    lines += [event(delta={"content": word}, tokens=_tokens(word, probability)) for word in words]
    lines += [event(delta={}, finish=finish)] if finish else []
    if prompt_tokens is not None:
        lines.append(_line({"choices": [], "usage": {"prompt_tokens": prompt_tokens}}))
    lines += [b"data: [DONE]\n\n"] if is_done else []
    return Said(tuple(lines), is_cut=is_cut)


def event(
    *, delta: dict[str, Any], tokens: Sequence[dict[str, Any]] = (), finish: str | None = None
) -> bytes:
    """One event of a stream."""
    logprobs = {"content": list(tokens)} if tokens else None
    return _line({"choices": [{"delta": delta, "logprobs": logprobs, "finish_reason": finish}]})


def _tokens(word: str, probability: float | None) -> list[dict[str, Any]]:
    return [] if probability is None or not word else [token(word, probability)]


def _line(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
