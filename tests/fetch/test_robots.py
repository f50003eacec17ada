"""robots.txt is heeded (RFC 9309), servers are not pressed, redirects are followed so far."""

import time
from collections.abc import Iterator

import pytest

from qa.fetch import robots
from qa.fetch.connection import Connector
from qa.fetch.outcome import Down, Gone, NotRead, Refused
from qa.fetch.web import HostDown, Web
from tests.support.web_server import Said, Site, served, web


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as running:
        running.pages["/a"] = running.pages["/private/a"] = Said("here")
        yield running


def rules(text: str, status: int = 200) -> Said:
    return Said(text, "text/plain", status)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/\n", {"/a": True, "/private/a": False}),
        ("User-agent: article-qa\nDisallow: /\n", {"/a": False}),
        ("User-Agent: Article-QA/2.0\nDisallow: /\n", {"/a": False}),
        ("User-agent: other\nDisallow: /\n", {"/a": True}),
        ("User-agent: *\nDisallow: /\n\nUser-agent: article-qa\nAllow: /\n", {"/a": True}),
        ("User-agent: *\nDisallow: /\nAllow: /private/\n", {"/a": False, "/private/a": True}),
        ("User-agent: *\nDisallow: /*/a$\n", {"/a": True, "/private/a": False}),
        ("User-agent: *\nDisallow:\n", {"/a": True}),
        ("\ufeffUser-agent: *\nDisallow: /a\n", {"/a": False}),
        ("User-agent: x\nUser-agent: article-qa\nDisallow: /a\n", {"/a": False}),
        ("<html>none</html>", {"/a": True}),
    ],
)
def test_rules_are_heeded(text: str, allowed: dict[str, bool], site: Site) -> None:
    site.pages["/robots.txt"] = rules(text)
    asking = web()
    for path, is_allowed in allowed.items():
        if is_allowed:
            assert asking.get(site.address(path)).data == b"here"
        else:
            with pytest.raises(Refused, match=r"robots\.txt of .* does not allow it"):
                asking.get(site.address(path))
    asked = [path for _, path, _ in site.asked]
    assert asked == ["/robots.txt", *(path for path, is_allowed in allowed.items() if is_allowed)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_site_without_rules_allows_all(status: int, site: Site) -> None:
    site.pages["/robots.txt"] = rules("User-agent: *\nDisallow: /\n", status)

    assert web().get(site.address("/a")).data == b"here"


@pytest.mark.parametrize("status", [500, 503])
def test_site_whose_rules_cannot_be_read_is_not_asked(status: int, site: Site) -> None:
    site.pages["/robots.txt"] = rules("", status)
    with pytest.raises(Down, match=f"robots.txt of .* answers {status}"):
        web().get(site.address("/a"))

    assert site.paths == []


def test_rules_are_where_they_are_redirected_to(site: Site) -> None:
    site.pages["/robots.txt"] = Said(status=301, headers={"Location": "/rules.txt"})
    site.pages["/rules.txt"] = rules("User-agent: *\nDisallow: /a\n")
    with pytest.raises(Refused, match=r"robots\.txt"):
        web().get(site.address("/a"))


def test_each_hop_heeds_the_rules_of_its_site(site: Site) -> None:
    with served() as other:
        other.pages["/robots.txt"] = rules("User-agent: *\nDisallow: /\n")
        site.pages["/moved"] = Said(status=302, headers={"Location": other.address("/b")})
        with pytest.raises(Refused, match=rf"robots\.txt of http://127.0.0.1:{other.port}"):
            web().get(site.address("/moved"))

        assert other.paths == []


def test_rules_of_a_hostile_site_take_no_time() -> None:
    many = "\n".join(f"User-agent: a{i}" for i in range(20_000))
    rest = "\n".join(f"Disallow: /{'*a' * 20}{i}$" for i in range(8_000))
    begun = time.monotonic()
    read = robots.parsed(f"{many}\nUser-agent: *\n{rest}".encode())

    assert read.allow("https://example.org/" + "a" * 1500)
    assert time.monotonic() - begun < 5


def test_pause_is_the_longer_one_and_bounded() -> None:
    asked = [
        robots.parsed(f"User-agent: *\nCrawl-delay: {n}".encode()).pause_s for n in (0, 5, 9e9)
    ]

    assert asked == [0.0, 5.0, 30.0]
    assert robots.parsed(b"").pause_s == 0.0


def test_requests_to_a_host_are_apart(site: Site) -> None:
    site.pages["/robots.txt"] = rules("User-agent: *\nCrawl-delay: 3\n")
    slept: list[float] = []
    asking = Web(Connector(allow_private=True), pause_s=1.0, sleep=slept.append)
    asking.get(site.address("/a"))
    asking.get(site.address("/private/a"))
    with served() as other:
        other.pages["/"] = Said("here")
        asking.get(other.address())
        asking.get(other.address())

    assert [round(seconds) for seconds in slept] == [3, 1]


def test_redirects_are_followed_so_far(site: Site) -> None:
    for number in range(6):
        site.pages[f"/{number}"] = Said(status=301, headers={"Location": f"/{number + 1}"})
    site.pages["/6"] = Said("here")

    assert web().get(site.address("/1")).final == site.address("/6")
    with pytest.raises(Refused, match="redirected more than 5 times"):
        web().get(site.address("/0"))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/loop", "more than 5 times"),
        ("file:///etc/passwd", "neither http nor https"),
        ("http://ana:secret@example.org/", "user or password"),
        ("http://[", "no web address"),
        ("", "does not say where"),
    ],
)
def test_redirect_to_what_is_not_read(place: str, said: str, site: Site) -> None:
    site.pages["/loop"] = Said(status=302, headers={"Location": place} if place else {})
    with pytest.raises(Refused, match=said) as error:
        web().get(site.address("/loop"))

    assert "secret" not in str(error.value)


def test_redirect_to_a_private_address_is_refused(site: Site) -> None:
    """A public site must not lead into the network of whoever reads it."""
    site.pages["/moved"] = Said(status=302, headers={"Location": "http://metadata.internal/"})
    found = {"example.org": ["127.0.0.1"], "metadata.internal": ["169.254.169.254"]}

    class Half(Connector):
        """Takes the server of this test for one of the open internet."""

        def checked(self, host: str, port: int) -> list[str]:
            return found[host] if host == "example.org" else Connector.checked(self, host, port)

    asking = Web(Half(lambda host, port: found[host]), sleep=lambda seconds: None)
    with pytest.raises(Refused, match=r"metadata\.internal is a private address \(169"):
        asking.get(site.address("/moved", "example.org"))


def test_redirect_in_utf_8_is_understood(site: Site) -> None:
    site.pages["/moved"] = Said(status=301, headers={"Location": "/f\u00c3\u00a4hre"})
    site.pages["/f%C3%A4hre"] = Said("here")

    assert web().get(site.address("/moved")).data == b"here"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((404, Gone), (410, Gone), (500, Down), (503, Down), (429, Down), (408, Down)),
        *((401, Refused), (403, Refused), (451, Refused), (204, Refused), (206, Refused)),
    ],
)
def test_status_tells_what_came_of_it(status: int, kind: type[NotRead], site: Site) -> None:
    site.pages["/b"] = Said(status=status)
    with pytest.raises(NotRead, match=str(status)) as error:
        web().get(site.address("/b"))

    assert type(error.value) is kind


def test_host_that_does_not_answer_is_left_alone(site: Site) -> None:
    for number in range(9):
        site.pages[f"/{number}"] = Said(status=500)
    asking, failed = web(), []
    for number in range(9):
        with pytest.raises(Down) as error:
            asking.get(site.address(f"/{number}"))
        failed.append(type(error.value))

    assert failed == [Down] * 3 + [HostDown] * 6
    assert site.paths == ["/0", "/1", "/2"]


def test_host_that_asks_for_patience_is_left_at_once(site: Site) -> None:
    site.pages["/b"] = Said(status=429)
    asking = web()
    with pytest.raises(Down, match="429"):
        asking.get(site.address("/b"))
    with pytest.raises(HostDown):
        asking.get(site.address("/a"))


def test_page_has_so_much_time_with_all_its_redirects(site: Site) -> None:
    for number in range(5):
        site.pages[f"/{number}"] = Said(
            "slow", status=301, headers={"Location": f"/{number + 1}"}, wait_s=0.0
        )
    site.pages["/5"] = Said("here" * 10, wait_s=0.3, pieces=10)
    begun = time.monotonic()
    with pytest.raises(Down, match="in time"):
        web(page_s=1.0).get(site.address("/0"))

    assert time.monotonic() - begun < 3


def test_what_is_not_read_is_not_even_sent(site: Site) -> None:
    """A film of a gigabyte is refused by its type."""
    site.pages["/film"] = Said(b"a" * 100, "video/mp4", wait_s=0.1, pieces=100)
    begun = time.monotonic()
    with pytest.raises(Refused, match="is video/mp4, which is not read"):
        web().get(site.address("/film"))
    assert time.monotonic() - begun < 5

    site.pages["/long"] = Said(headers={"Content-Length": str(2**25 + 1)})
    with pytest.raises(Refused, match="larger than 32 MB"):
        web().get(site.address("/long"))
