"""Connection: one request to a model server: retried, limited, and cancelled at any moment.

A thread of its own runs the requests of all models, as tasks: a task can be cancelled while it
connects, waits for the first byte or reads, which closes its connection; a blocking read cannot.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import closing
from functools import cache
from http import HTTPStatus
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from qa.cancellation import StopFlag
from qa.llm.server.address import ServerAddress
from qa.llm.server.errors import (
    BadReply,
    CutStream,
    Rejected,
    ServerError,
    Unreachable,
    plain,
    unconnected,
    words_of,
)
from qa.llm.server.patience import Patience, retry_after

if TYPE_CHECKING:
    import httpx2

_LOOK_S = 0.05  # between two looks at the flag
_CONNECT_S = 10.0
_SILENCE_S = 300.0  # of one read: a long prompt on a slow processor takes minutes
_WHOLE_S = 900.0  # of one answer
_LARGEST = 16 * 2**20  # bytes of one answer; one of 160 tokens has 200 KB with its probabilities
_WORDS = 4096  # bytes that are read of an error
_AT_ONCE = 16
_BUSY = frozenset({429, 502, 503, 504})

Take = Callable[[bytes], None]


class Connection:
    """Requests to one server. Any thread may use it."""

    def __init__(self, address: ServerAddress) -> None:
        """Connect to nothing yet."""
        self.address = address
        self._client: httpx2.AsyncClient | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def one_at_a_time(self) -> None:
        """Send no request while another one is answered; drafts are read on meanwhile."""
        self._slots = asyncio.Semaphore(1)

    def json(
        self, url: str, body: Any, flag: StopFlag, seconds: float = _WHOLE_S, *, retry: bool = True
    ) -> Any:
        """The JSON that the server answers with, to a GET where `body` is None.

        Raises:
            ServerError: there is no answer, or none that is JSON.
            Cancelled: the flag is set.
        """
        with closing(self.pieces(url, body, flag, seconds, retry=retry)) as pieces:
            text = b"".join(pieces)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadReply(self.address.host, "answered with something that is no JSON") from error

    def told(self, url: str, body: Any, flag: StopFlag, seconds: float = 5.0) -> Any:
        """As `json`, of something that a server may not have: None then.

        Raises:
            Cancelled: the flag is set.
        """
        try:
            return self.json(url, body, flag, seconds, retry=False)
        except ServerError:
            return None

    def pieces(
        self, url: str, body: Any, flag: StopFlag, seconds: float = _WHOLE_S, *, retry: bool = True
    ) -> Generator[bytes]:
        """The bytes of the answer as they come. It is read on while nobody takes them.

        Nothing is asked again once the first of them is there.

        Raises:
            ServerError: there is no answer, or it ended before its end.
            Cancelled: the flag is set.
        """
        flag.raise_if_set()
        came = SimpleQueue[bytes | BaseException | None]()
        data = None if body is None else json.dumps(body).encode()
        patience = Patience() if retry else Patience(0.0)
        request = self._whole(url, data, came.put, seconds, patience)
        task = asyncio.run_coroutine_threadsafe(request, _loop())
        task.add_done_callback(lambda done: came.put(_end(done)))
        try:
            while (piece := _next(came, flag)) is not None:
                yield piece
        finally:
            task.cancel()

    async def _whole(
        self, url: str, data: bytes | None, take: Take, seconds: float, patience: Patience
    ) -> None:
        """Ask until there is an answer, and take all of it."""
        host = self.address.host
        try:
            async with self._slots, asyncio.timeout(seconds):
                while not await self._once(url, data, take, patience):
                    await patience.pause()
        except TimeoutError as error:
            raise Unreachable(
                f"The model server at {host} gave no whole answer in {seconds:.0f} s. "
                "Is it overloaded? Ask again later."
            ) from error

    async def _once(self, url: str, data: bytes | None, take: Take, patience: Patience) -> bool:
        """Ask once; false when it is to be asked again."""
        import httpx2

        method, began = "GET" if data is None else "POST", False

        def taking(piece: bytes) -> None:
            nonlocal began
            began = True
            take(piece)

        try:
            request = self._opened().stream(method, url, content=data, headers=self._headers(data))
            async with request as reply:
                if reply.status_code != HTTPStatus.OK:
                    return await self._rejected(reply, patience)
                await self._take(reply, taking)
                return True
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            if began or _is_final(error) or patience.ends(once_more=True):
                raise self._failed(error, began=began) from error
            return False

    async def _take(self, reply: "httpx2.Response", take: Take) -> None:
        """Take the whole of an answer, no more than is allowed."""
        size = 0
        async for piece in reply.aiter_raw():
            size += len(piece)
            if size > _LARGEST:
                raise BadReply(self.address.host, f"sent more than {_LARGEST // 2**20} MB at once")
            take(piece)

    def _failed(self, error: Exception, *, began: bool) -> ServerError:
        """What it means that a connection failed."""
        import httpx2

        host = self.address.host
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return Unreachable(unconnected(host, error))
        if isinstance(error, httpx2.TimeoutException):
            return Unreachable(
                f"The model server at {host} has said nothing for {_SILENCE_S:.0f} s. "
                "Is it overloaded? Ask again later."
            )
        if began:
            return CutStream(host)
        return Unreachable(
            f"The model server at {host} closed the connection without an answer. "
            "Its own log may tell why."
        )

    async def _rejected(self, reply: "httpx2.Response", patience: Patience) -> bool:
        """False when the server is busy, and is to be asked again; else raise what it says."""
        if reply.status_code in _BUSY:
            headers = reply.headers
            seconds = retry_after(headers.get("retry-after", ""), headers.get("date", ""))
            patience.asked_for(seconds)
            if not patience.ends():
                return False
        told = b""
        async for piece in reply.aiter_raw():
            told += piece
            if len(told) > _WORDS:
                break
        words = words_of(told[:_WORDS])
        if self.address.key:
            words = words.replace(self.address.key, "…")
        raise Rejected(self.address.host, reply.status_code, plain(words))

    def _headers(self, data: bytes | None) -> Mapping[str, str]:
        # Packed answers would have to be unpacked within the limits.
        headers = {"Accept-Encoding": "identity", "User-Agent": "article-qa"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        if self.address.key:
            headers["Authorization"] = f"Bearer {self.address.key}"
        return headers

    def _opened(self) -> "httpx2.AsyncClient":
        """The client, which keeps connections; it follows no redirect and verifies TLS."""
        import httpx2

        if self._client is None:
            self._client = httpx2.AsyncClient(
                verify=_tls(self.address),
                follow_redirects=False,
                trust_env=not self.address.is_local,
                timeout=httpx2.Timeout(_SILENCE_S, connect=_CONNECT_S),
            )
        return self._client


def _tls(address: ServerAddress) -> ssl.SSLContext:
    """Certificates are verified by those of the system, or of SSL_CERT_FILE and SSL_CERT_DIR.

    To load them takes a tenth of a second: where nothing is to be verified none is trusted.
    """
    import httpx2

    if address.is_local and address.base.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.create_ssl_context()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of all requests, in a thread that ends with the program."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model server", daemon=True).start()
    return loop


def _next(came: "SimpleQueue[bytes | BaseException | None]", flag: StopFlag) -> bytes | None:
    """The next piece, None at the end."""
    while True:
        flag.raise_if_set()
        try:
            piece = came.get(timeout=_LOOK_S)
        except Empty:
            continue
        if isinstance(piece, BaseException):
            raise piece
        return piece


def _end(done: "Future[None]") -> BaseException | None:
    return None if done.cancelled() else done.exception()


def _is_final(error: Exception) -> bool:
    """Whether it would be the same again: there is no server, or it was waited for long enough."""
    import httpx2

    return not isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError) or isinstance(
        error, httpx2.ConnectError
    )
