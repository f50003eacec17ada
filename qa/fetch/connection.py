"""Connection: one request to one address that was checked, with limits of time and size.

A name is resolved once, and the connection goes to the very address that was checked, so that no
name can turn into one of this machine or its network between the two (DNS rebinding). No cookies,
no passwords, no proxy: behind one, nobody here would know what it connects to.
"""

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from qa.fetch.outcome import Down, Refused

Resolver = Callable[[str, int], list[str]]
"""The IP addresses of a host and port, the best first; OSError where there is none."""

Room = Callable[[dict[str, str]], int]
"""The bytes that an answer with such headers may have, unpacked; Refused where it is not wanted."""

_MOST_TRIED = 4  # addresses of one host
_RESOLVE_S, _CONNECT_S, _READ_S = 10.0, 10.0, 15.0
_GZIP_BITS = 16 + zlib.MAX_WBITS
# RFC 6052: IPv6 addresses that lead to an IPv4 address, by translators of a network.
_NAT64 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer; the names of `headers` are in small letters, `data` is unpacked."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""


def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host, by the system; those of the network that works come first.

    Raises:
        OSError, UnicodeError: there is none.
        TimeoutError: the system, which may take a minute, did not tell in time.
    """
    answers = SimpleQueue[list[str] | Exception]()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(address[4][0]) for address in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=_RESOLVE_S)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def is_public(address: str) -> bool:
    """Whether an IP address is of the open internet, itself and the one that it stands for."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    site_local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return ip.is_global and not (special or ip.is_link_local or ip.is_private or site_local)


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, NAT64, 6to4, Teredo."""
    if any(ip in network for network in _NAT64):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


@dataclass(frozen=True, slots=True)
class Connector:
    """Asks servers; `resolve` and `allow_private` say which it may reach."""

    resolve: Resolver = addresses_of
    allow_private: bool = False

    def get(self, address: str, headers: dict[str, str], room: Room, deadline: float) -> Reply:
        """Ask for an address in its one form, and follow no redirect.

        Args:
            address: see `qa.fetch.addresses`.
            headers: of the request, beside those that every request has.
            room: tells how large the answer may be.
            deadline: by `time.monotonic`, when the answer must be whole.

        Raises:
            Refused: it leads to a private address, or the answer is too large, or not wanted.
            Down: no answer, or none in time.
        """
        with _named_errors(deadline), self._pool(deadline) as pool:
            timeouts = {"connect": _CONNECT_S, "read": _READ_S, "write": _READ_S, "pool": _READ_S}
            asked = [*headers.items(), ("Accept-Encoding", "gzip"), ("Connection", "close")]
            with pool.stream(
                "GET",
                address,
                headers=[("Host", address.partition("://")[2].partition("/")[0]), *asked],
                extensions={"timeout": timeouts},
            ) as answer:
                told = {n.decode().lower(): v.decode("latin-1") for n, v in answer.headers}
                if answer.status != HTTPStatus.OK:
                    return Reply(answer.status, told)
                body = _body(answer.iter_stream(), told, room(told))
                return Reply(answer.status, told, body)

    def _pool(self, deadline: float) -> Any:
        import httpcore2

        network: Any = _Network(self, deadline)
        return httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=network)

    def checked(self, host: str, port: int) -> list[str]:
        """The addresses of a host that it may reach.

        Raises:
            Refused: it may reach none of them.
            Down: the name is not known.
        """
        try:
            found = self.resolve(host, port)
        except TimeoutError as error:
            raise Down(f"the name {host} was not found in time") from error
        except (OSError, UnicodeError) as error:
            raise Down(f"the name {host} is not known here") from error
        allowed = [ip for ip in found if self.allow_private or is_public(ip)]
        if not allowed:
            which = ", ".join(found[:2]) or "none"
            raise Refused(
                f"{host} is a private address ({which}); give --allow-private if it is yours"
            )
        return allowed[:_MOST_TRIED]


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are verified by those of the system, or of SSL_CERT_FILE and SSL_CERT_DIR."""
    import httpx2

    return httpx2.create_ssl_context()


class _Stream:
    """A connection that ends at a deadline, as httpcore2's `NetworkStream`."""

    def __init__(self, inner: Any, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return bytes(self._inner.read(max_bytes, _left(self._deadline, timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str, timeout: float | None = None
    ) -> "_Stream":
        left = _left(self._deadline, timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network:
    """Reaches checked addresses alone, as httpcore2's `NetworkBackend`."""

    def __init__(self, connector: Connector, deadline: float) -> None:
        self._connector, self._deadline = connector, deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **_options: Any
    ) -> _Stream:
        from httpcore2 import ConnectError, ConnectTimeout, SyncBackend

        failed: Exception | None = None
        for ip in self._connector.checked(host, port):
            try:
                inner = SyncBackend().connect_tcp(ip, port, _left(self._deadline, timeout))
                return _Stream(inner, self._deadline)
            except (ConnectError, ConnectTimeout) as error:
                failed = error
        raise failed or ConnectError("no address")


def _left(deadline: float, timeout: float | None) -> float:
    """The seconds that a step may take: its own limit, or what is left of the whole.

    Raises:
        Down: nothing is left.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise Down("did not answer in time")
    return left if timeout is None else min(left, timeout)


@contextmanager
def _named_errors(deadline: float) -> Iterator[None]:
    import httpcore2

    try:
        yield
    except httpcore2.TimeoutException as error:
        raise Down("did not answer in time") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        late = time.monotonic() >= deadline
        why = " ".join(str(error).split())[:100] or type(error).__name__
        raise Down("did not answer in time" if late else f"cannot be reached ({why})") from error


def _body(pieces: Iterable[bytes], headers: dict[str, str], most: int) -> bytes:
    """The bytes of an answer, unpacked piece by piece, so that none can be more than allowed."""
    packing = headers.get("content-encoding", "identity").strip().lower()
    length = headers.get("content-length", "")
    if packing not in ("identity", "", "gzip", "x-gzip"):
        raise Refused(f"is packed as {packing[:20]!a}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP_BITS) if packing.endswith("gzip") else None
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_large(most)
    whole = bytearray()
    try:
        for piece in pieces:
            room = most + 1 - len(whole)
            whole += unpacker.decompress(piece, room) if unpacker else piece
            if len(whole) > most:
                raise _too_large(most)
    except zlib.error as error:
        raise Down("sent a damaged answer") from error
    if unpacker and whole and not unpacker.eof:
        raise Down("sent half of an answer")
    return bytes(whole)


def _too_large(most: int) -> Refused:
    return Refused(f"is larger than {most // 2**20} MB")
