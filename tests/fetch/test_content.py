"""What a server sends becomes a file of the format that it is."""

import pytest

from qa.fetch.content import as_file, may_list, suffix_of
from qa.fetch.outcome import Fetched, Refused


def got(type: str, path: str = "/page", data: bytes = b"words", charset: str = "") -> Fetched:
    address = f"https://example.org{path}"
    return Fetched(address, address, type, charset, data)


@pytest.mark.parametrize(
    ("type", "path", "suffix"),
    [
        ("text/html", "/news", ".html"),
        ("text/html", "/report.pdf", ".html"),
        ("application/xhtml+xml", "/a.xhtml", ".html"),
        ("application/pdf", "/download?id=3", ".pdf"),
        ("text/plain", "/notes", ".txt"),
        ("text/plain", "/notes.md", ".md"),
        ("text/plain", "/table.csv", ".csv"),
        ("application/octet-stream", "/report.pdf", ".pdf"),
        ("", "/report.docx", ".docx"),
        ("application/zip", "/book.epub", ".epub"),
        ("application/json", "/a", ".json"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "/a",
            ".docx",
        ),
    ],
)
def test_format_is_told_by_type_and_name(type: str, path: str, suffix: str) -> None:
    assert suffix_of(got(type, path)) == suffix


@pytest.mark.parametrize(
    "type", ["image/png", "video/mp4", "application/octet-stream", "", "a\x1bb/c"]
)
def test_other_types_are_refused(type: str) -> None:
    with pytest.raises(Refused, match="which is not read") as error:
        suffix_of(got(type))

    assert "\x1b" not in str(error.value)


def test_page_larger_than_its_format_may_be_is_refused() -> None:
    with pytest.raises(Refused, match="larger than 32 MB"):
        suffix_of(got("text/html", data=bytes(2**25 + 1)))


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        ("gb2312", "gb18030", "渡轮的价格是九个硬币"),
        ("ISO-8859-1", "cp1252", "The fare is 9 € – “one way”"),
        ("Shift_JIS", "cp932", "渡し船は九円です①"),
        ("euc-kr", "cp949", "나룻배는 아홉 냥입니다"),
        ("windows-1251", "cp1251", "Паром стоит девять монет"),
        ("utf-16", "utf-16-le", "The ferry"),
    ],
)
def test_encoding_is_that_which_the_server_tells(charset: str, encoding: str, words: str) -> None:
    data = as_file(got("text/html", data=words.encode(encoding), charset=charset), ".html")

    assert data.decode("utf-8-sig") == words


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "", "unknown-9", "rot13", "hex", "ascii\0", "idna", "punycode", "unicode_escape"],
)
def test_other_bytes_stay_as_they_are(charset: str) -> None:
    data = "Fähre".encode()

    assert as_file(got("text/html", data=data, charset=charset), ".html") == data


def test_bytes_that_are_not_what_the_server_tells_stay() -> None:
    data = "渡轮".encode() + b"\xff"

    assert as_file(got("text/html", data=data, charset="gb2312"), ".html") == data
    assert (
        as_file(got("application/pdf", data=b"%PDF-\xe9", charset="latin-1"), ".pdf")
        == b"%PDF-\xe9"
    )


@pytest.mark.parametrize(
    ("type", "data", "expected"),
    [
        ("text/html", b"<!doctype html><html>", False),
        ("text/html", b"<?xml version='1.0'?><!-- a --><rss version='2.0'>", True),
        ("text/plain", b"\xef\xbb\xbf  <feed xmlns='http://www.w3.org/2005/Atom'>", True),
        ("text/html", b"<article>rss feed</article>", False),
        ("application/json", b'{"version": "https://jsonfeed.org/version/1.1"}', True),
        ("application/json", b'{"title": "a"}', False),
        ("text/plain", b"https://example.org/a\n", True),
        ("text/html", b"<?a?>" * 700, False),
        ("application/x-gzip", b"\x1f\x8bdata", True),
        ("application/pdf", b"%PDF-", False),
    ],
)
def test_feeds_are_told_from_pages(type: str, data: bytes, expected: bool) -> None:
    assert may_list(got(type, data=data)) == expected
