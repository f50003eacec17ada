"""An address has one form, and a page a path that people can read."""

import pytest

from qa.fetch.addresses import address, is_address, joined
from qa.fetch.names import beside, path_of
from qa.fetch.outcome import BadAddress


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Example.ORG:443", "https://example.org/"),
        ("http://example.org:8080/a#part", "http://example.org:8080/a"),
        (
            "https://münchen.example/fähre?x=ä b",
            "https://xn--mnchen-3ya.example/f%C3%A4hre?x=%C3%A4%20b",
        ),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/?b=1&a=2", "https://example.org/?b=1&a=2"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
        ("  https://example.org/a ", "https://example.org/a"),
    ],
)
def test_address_has_one_form(given: str, kept: str) -> None:
    assert address(given) == kept
    assert address(kept) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ftp://example.org/a", "neither http nor https"),
        ("file:///etc/passwd", "neither http nor https"),
        ("https://ana:secret@example.org/", "user or password"),
        ("https:///a", "names no host"),
        ("http://exa mple.org/", "names no host"),
        ("http://example.org:99999/", "names no host"),
        ("http://example.org/a\x00b", "no web address"),
        ("http://example.org/\udc80", "not UTF-8"),
        ("https://example.org/" + "a" * 3000, "too long"),
        ("http://[::1/", "no web address"),
    ],
)
def test_what_is_no_address_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadAddress) as error:
        address(given)

    assert said in str(error.value)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a/b", True),
        ("HTTP://a", True),
        ("ftp://a", True),
        ("news/https.txt", False),
        ("-", False),
    ],
)
def test_address_is_told_from_a_path(text: str, expected: bool) -> None:
    assert is_address(text) == expected


def test_relative_address_is_joined() -> None:
    assert joined("https://example.org/news/feed.xml", "../a?b#c") == "https://example.org/a?b"
    with pytest.raises(BadAddress):
        joined("https://example.org/", "javascript:alert(1)")
    with pytest.raises(BadAddress):
        joined("https://example.org/", "http://[/")


@pytest.mark.parametrize(
    ("of", "suffix", "path"),
    [
        ("https://example.org/news/ferry.html", ".html", "example.org/news/ferry.html"),
        ("https://example.org/news/ferry", ".html", "example.org/news/ferry.html"),
        ("https://example.org/news/ferry.htm", ".html", "example.org/news/ferry.htm"),
        ("https://example.org/news/", ".html", "example.org/news/index.html"),
        ("https://example.org/", ".html", "example.org/index.html"),
        ("https://example.org/item.php?id=3", ".html", "example.org/item.php_id=3.html"),
        ("https://example.org/a.pdf?v=2", ".pdf", "example.org/a_v=2.pdf"),
        ("https://example.org/v1.2", ".html", "example.org/v1.2.html"),
        ("https://xn--mnchen-3ya.example/f%C3%A4hre", ".html", "münchen.example/fähre.html"),
        ("https://example.org/a%FF", ".html", "example.org/a%FF.html"),
        ("http://[2001:db8::1]:8000/a", ".txt", "2001-db8-1_8000/a.txt"),
        ("https://example.org/%2e%2e/%2fetc%2fpasswd", ".txt", "example.org/_./_etc_passwd.txt"),
        ("https://example.org/.git/x", ".txt", "example.org/_git/x.txt"),
        ("https://example.org//a*b[c]/d%00e", ".txt", "example.org/_/a_b_c_/d_e.txt"),
    ],
)
def test_path_of_a_page_can_be_read(of: str, suffix: str, path: str) -> None:
    assert path_of(of, suffix) == path


def test_long_addresses_have_short_paths_of_their_own() -> None:
    long = [f"https://example.org/{'ü' * 300}{end}" for end in "ab"]
    deep = [f"https://example.org/{'a/' * 50}{end}" for end in "ab"]
    paths = [path_of(address(one), ".html") for one in (*long, *deep)]

    assert len(set(paths)) == 4
    assert all(len(part.encode()) < 200 for path in paths for part in path.split("/"))
    assert all(len(path.split("/")) < 16 for path in paths)


def test_path_beside_another_is_stable() -> None:
    one, other = (beside("example.org/a/b.html", f"https://example.org/{x}") for x in "ab")

    assert one != other
    assert one.startswith("example.org/b-")
    assert one == beside("example.org/a/b.html", "https://example.org/a")
