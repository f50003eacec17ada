"""No request reaches what was not checked, and none is without end."""

import gzip
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qa.fetch import connection
from qa.fetch.connection import Connector, Reply, is_public
from qa.fetch.outcome import Down, NotRead, Refused
from tests.support.web_server import Said, Site, served

MB = 2**20


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as running:
        yield running


def get(address: str, connector: Connector | None = None, *, seconds: float = 5.0) -> Reply:
    connector = connector or Connector(allow_private=True)
    return connector.get(address, {}, lambda told: MB, time.monotonic() + seconds)


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
        *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1"),
        *("fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1"),
        *("::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1"),
        *("2002:7f00:1::", "2002:a00:1::1", "::127.0.0.1", "no address", ""),
    ],
)
def test_private_address_is_told(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
)
def test_public_address_is_told(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "0"])
def test_private_address_is_refused_however_it_is_written(host: str, site: Site) -> None:
    with pytest.raises(Refused, match="private address"):
        get(site.address("/", host), Connector())

    assert site.asked == []


def test_name_of_public_and_private_addresses_leads_to_no_private_one() -> None:
    connector = Connector(lambda host, port: ["127.0.0.1", "1.1.1.1", "::1"])

    assert connector.checked("example.org", 80) == ["1.1.1.1"]


def test_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that leads elsewhere a moment later (DNS rebinding) is not asked again."""
    with served("127.0.0.2") as checked, served("127.0.0.1", checked.port) as other:
        answers = iter([["127.0.0.2"], ["127.0.0.1"]])
        checked.pages["/"] = other.pages["/"] = Said("here")

        reply = get(
            checked.address("/", "example.org"), Connector(lambda h, p: next(answers), True)
        )

        assert (reply.status, reply.data) == (200, b"here")
        assert (len(checked.asked), len(other.asked)) == (1, 0)
        assert checked.asked[0][0] == f"example.org:{checked.port}"
        assert next(answers) == ["127.0.0.1"]


def test_next_address_is_tried_where_one_does_not_answer(site: Site) -> None:
    site.pages["/"] = Said("here")
    connector = Connector(lambda host, port: ["127.0.0.9", "127.0.0.1"], allow_private=True)

    assert get(site.address("/", "example.org"), connector).data == b"here"


def test_unknown_name_is_down() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Down, match=r"example\.org is not known here"):
        get("http://example.org/", Connector(nowhere))


def test_name_that_is_not_found_in_time_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(connection, "_RESOLVE_S", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: done.wait(20) and [])
    with pytest.raises(Down, match=r"example\.org was not found in time"):
        get("http://example.org/", Connector())
    done.set()


@pytest.mark.parametrize("host", ["a..b", "a" * 300, "-"])
def test_name_that_is_none_is_down(host: str) -> None:
    with pytest.raises(Down, match="is not known here"):
        get(f"http://{host}/", Connector())


def test_nobody_who_listens_is_down() -> None:
    with served() as site:
        address = site.address()
    with pytest.raises(Down, match="cannot be reached"):
        get(address)


def test_no_cookie_and_no_password_is_sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.pages["/"] = Said("here", headers={"Set-Cookie": "a=b"})
    connector = Connector(allow_private=True)

    get(site.address(), connector)
    get(site.address(), connector)

    assert [set(headers) & {"cookie", "authorization"} for _, _, headers in site.asked] == [
        set()
    ] * 2


@pytest.mark.parametrize("type", ["gzip", "x-gzip"])
def test_packed_answer_is_unpacked(type: str, site: Site) -> None:
    site.pages["/"] = Said(gzip.compress(b"here" * 1000), headers={"Content-Encoding": type})

    assert get(site.address()).data == b"here" * 1000


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(Said(b"a" * (MB + 1)), "larger than 1 MB", id="larger than it may be"),
        pytest.param(
            Said(b"a" * (MB + 1), headers={"Content-Length": "9" * 15}),
            "larger",
            id="by its word",
        ),
        pytest.param(
            Said(gzip.compress(bytes(200 * MB)), headers={"Content-Encoding": "gzip"}),
            "larger than 1 MB",
            id="a bomb",
        ),
        pytest.param(
            Said(b"a", headers={"Content-Encoding": "br"}),
            "which was not asked for",
            id="packed otherwise",
        ),
        pytest.param(
            Said(b"\x1f\x8bnone", headers={"Content-Encoding": "gzip"}), "damaged", id="damaged"
        ),
        pytest.param(
            Said(gzip.compress(b"here" * 1000)[:30], headers={"Content-Encoding": "gzip"}),
            "half of an answer",
            id="half",
        ),
    ],
)
def test_answer_beyond_a_limit_is_refused(said: Said, reason: str, site: Site) -> None:
    site.pages["/"] = said
    with pytest.raises(NotRead, match=reason):
        get(site.address())


def test_server_that_drips_is_left(site: Site) -> None:
    site.pages["/"] = Said(b"a" * 100, wait_s=0.2, pieces=100)
    begun = time.monotonic()
    with pytest.raises(Down, match="in time"):
        get(site.address(), seconds=1.0)

    assert time.monotonic() - begun < 3


@contextmanager
def raw(*pieces: bytes, every_s: float = 0.0) -> Iterator[int]:
    """A server that sends such bytes to whoever connects; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                client, _ = listening.accept()
                with client:
                    client.recv(10_000)
                    for piece in pieces:
                        client.sendall(piece)
                        time.sleep(every_s)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
    thread.join()


def test_headers_that_drip_are_left() -> None:
    begun = time.monotonic()
    with (
        raw(b"HTTP/1.1 200 OK\r\n", *[b"a"] * 20, every_s=0.2) as port,
        pytest.raises(Down, match="time"),
    ):
        get(f"http://127.0.0.1:{port}/", seconds=1.0)

    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", id="half"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhere!", id="two"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2**18 + b"\r\n\r\n", id="long header"),
    ],
)
def test_what_is_no_answer_is_down(sent: bytes) -> None:
    with raw(sent) as port, pytest.raises(Down):
        get(f"http://127.0.0.1:{port}/")


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server with a certificate for example.org, which SSL_CERT_FILE trusts."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", "/CN=example.org", "-addext", "subjectAltName=DNS:example.org"]
    try:
        subprocess.run([*make, "-keyout", key, "-out", cert], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    connection._tls.cache_clear()
    with served(tls=context) as site:
        yield site
    connection._tls.cache_clear()


def test_certificate_is_that_of_the_name(secure: Site) -> None:
    secure.pages["/"] = Said("here")
    connector = Connector(lambda host, port: ["127.0.0.1"], allow_private=True)

    assert get(f"https://example.org:{secure.port}/", connector).data == b"here"
    with pytest.raises(Down, match=r"(?i)certificate"):
        get(f"https://example.net:{secure.port}/", connector)


def test_certificate_of_nobody_is_refused(secure: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    connection._tls.cache_clear()
    connector = Connector(lambda host, port: ["127.0.0.1"], allow_private=True)
    with pytest.raises(Down, match=r"(?i)certificate"):
        get(f"https://example.org:{secure.port}/", connector)


def test_unpacking_keeps_no_more_than_is_allowed() -> None:
    """One piece of a bomb must not be unpacked whole before it is counted."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    data = bomb.compress(bytes(64 * MB)) + bomb.flush()
    with pytest.raises(Refused, match="larger"):
        connection._body([data], {"content-encoding": "gzip"}, MB)
