"""Content: which of the formats that are read a server's answer has, and its bytes as a file's."""

import codecs
import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from index.articles.article import NotText
from index.articles.files import too_large
from index.articles.formats import MAX_BYTES_WITH_PICTURES, Format, format_of
from index.converters.sandbox import converter
from qa.fetch.outcome import Fetched, Refused

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
# Media types (iana.org/assignments/media-types) and the suffix by which a file is known here.
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "text/vtt": ".vtt",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "multipart/related": ".mhtml",
    "message/rfc822": ".eml",
    "application/mbox": ".mbox",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/epub+zip": ".epub",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
    f"{_OPEN}text": ".odt",
    f"{_OPEN}spreadsheet": ".ods",
    f"{_OPEN}presentation": ".odp",
}
# With these the address tells more: servers give them to files that they do not know.
_UNTOLD = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/zip")
_XML = ("application/xml", "text/xml")
_ROOT = re.compile(
    rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->)|<!DOCTYPE[^>]*>)*+"
    rb"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_HEAD = 4000  # bytes in which the first element of a feed begins
_JSON_FEED = re.compile(rb"https:\\?/\\?/jsonfeed\.org\\?/version\\?/")
_GZIP = b"\x1f\x8b"
# What the names of these encodings mean on the web (encoding.spec.whatwg.org).
_ON_THE_WEB = {
    **dict.fromkeys(("iso8859-1", "ascii", "latin-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}


# Encodings of the web but for UTF-8; Python knows others, such as `idna`, which take their time.
_ENCODINGS = re.compile(
    r"utf-16(?:-[lb]e)?|cp\d+|iso8859-\d+|koi8-[rtu]|mac-\w+|gb18030|big5hkscs|euc_\w+|iso2022_\w+"
)


def may_list(got: Fetched) -> bool:
    """Whether an answer may be a feed or a sitemap; what it is, its reader tells."""
    head = got.data[:_HEAD].removeprefix(codecs.BOM_UTF8)
    if got.data.startswith(_GZIP):
        return _path(got).suffix == ".gz" or "gzip" in got.type
    if _ROOT.match(head) or got.type in _XML:
        return True
    if head.lstrip()[:1] == b"{":
        return got.type == "application/feed+json" or bool(_JSON_FEED.search(got.data))
    return got.type == "text/plain" and head.lstrip()[:4].lower() == b"http"


def links(final: str, data: bytes) -> str | None:
    """The links of a feed or sitemap, as index/converters/links.py gives them; None if it is none.

    Raises:
        Refused: it is damaged, or goes beyond a limit.
    """
    try:
        return converter().convert("links", final.encode() + b"\n" + data).text
    except NotText as reason:
        if "neither" in str(reason):
            return None
        raise Refused(str(reason)) from reason


def room(got: Fetched) -> int:
    """The bytes that an answer may have, by its address and type, before any have come.

    Raises:
        Refused: it is of no format that is read, whatever it holds.
    """
    if got.type in _UNTOLD or got.type.endswith(("xml", "json", "gzip")):  # it may be a feed
        return MAX_BYTES_WITH_PICTURES
    return _format(got, _suffix(got)).max_bytes


def suffix_of(got: Fetched) -> str:
    """The suffix of the file that an answer becomes.

    Raises:
        Refused: it is of no format that is read, or larger than its format may be.
    """
    suffix = _suffix(got)
    format = _format(got, suffix)
    if len(got.data) > format.max_bytes:
        raise Refused(f"is {too_large(format)}")
    return suffix


def _format(got: Fetched, suffix: str) -> Format:
    format = format_of(f"page{suffix}")
    if format is None:
        raise Refused(f"is {ascii(got.type)[1:-1] or 'of an unknown kind'}, which is not read")
    return format


def _suffix(got: Fetched) -> str:
    named = _path(got).suffix.lower()
    told = _SUFFIXES.get(got.type, "")
    if got.type in _UNTOLD and format_of(f"page{named}") is not None:
        return named
    if same(told, named):
        return named
    return told


def same(one: str, other: str) -> bool:
    """Whether two suffixes are of one format."""
    format: Format | None = format_of(f"page{one}")
    return format is not None and format == format_of(f"page{other}")


def _path(got: Fetched) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(got.final).path))


def as_file(got: Fetched, suffix: str) -> bytes:
    """The bytes of an answer; text in another encoding than UTF-8, as the server says, in UTF-8.

    A server's word goes before that of the page (HTML, 13.2.3.2), and a file has no server. Where
    the bytes are not in that encoding, they stay for the page's own word.
    """
    format = format_of(f"page{suffix}")
    if format is None or format.starts or not got.charset or got.data.startswith(_BOMS):
        return got.data
    try:
        name = codecs.lookup(got.charset).name
        name = _ON_THE_WEB.get(name, name)
        if not _ENCODINGS.fullmatch(name):
            return got.data
        return codecs.BOM_UTF8 + got.data.decode(name).encode()
    except (LookupError, UnicodeError, ValueError):
        return got.data


_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
