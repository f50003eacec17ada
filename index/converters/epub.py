"""EPUB -> Markdown: the chapters in the order of the book's spine."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.html import markdown
from index.errors import NotText
from index.text.normalise import clean

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_ANY = "{*}"  # namespace
_DC, _OPF = "{http://purl.org/dc/elements/1.1/}", "{http://www.idpf.org/2007/opf}"
_AUTHOR = "aut"  # of the roles of MARC
_ENCODING = re.compile(
    rb"""\s*<\?xml[^>]{0,99}\sencoding\s*=\s*["']([\w.:-]{1,40})["']""", re.ASCII
)


def read(data: bytes) -> Converted:
    """Read an EPUB 2 or 3.

    Raises:
        NotText: it is damaged, protected, or holds no text.
    """
    with Archive(data) as file:
        file.require(_CONTAINER, "EPUB")
        root = file.xml(_CONTAINER).find(f".//{_ANY}rootfile")
        package_name = "" if root is None else root.get("full-path", "")
        file.require(package_name, "EPUB")
        package = file.xml(package_name)
        chapters = [name for name in _spine(package, package_name) if name in file.names]
        if _locked(file) & set(chapters):
            raise NotText("is protected by DRM")
        texts = [_chapter(file.bytes(name)) for name in dict.fromkeys(chapters)]
    return Converted(
        "\n\n".join(filter(None, texts)),
        metadata.title(_first(package, "title")),
        _first(package, "language"),
        metadata.day(_first(package, "date")),
        metadata.author(list(_authors(package))),
    )


def _spine(package: Any, package_name: str) -> list[str]:
    folder = posixpath.dirname(package_name)
    items = {item.get("id"): item.get("href", "") for item in package.iter(f"{_ANY}item")}
    ids = [item.get("idref") for item in package.iter(f"{_ANY}itemref")]
    return [
        posixpath.normpath(posixpath.join(folder, unquote(items[i]))) for i in ids if i in items
    ]


def _locked(file: Archive) -> set[str]:
    if _ENCRYPTION not in file.names:
        return set()
    references = file.xml(_ENCRYPTION).iter(f"{_ANY}CipherReference")
    return {unquote(reference.get("URI", "")) for reference in references}


def _chapter(data: bytes) -> str:
    html = clean(_decoded(data)).lstrip("\ufeff")
    return markdown(html.partition("?>")[2] if html.startswith("<?xml") else html)


def _decoded(data: bytes) -> str:
    """Decode a chapter by its byte order mark, by its XML declaration, else as UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    declared = _ENCODING.match(data)
    try:
        return data.decode(declared[1].decode("ascii") if declared else "utf-8", "replace")
    except (LookupError, UnicodeError):  # it names no text encoding
        return data.decode("utf-8", "replace")


def _authors(package: Any) -> Iterator[str]:
    """The creators, without those of pictures, translations and the like."""
    # EPUB 3 tells a role in an element that refers to the creator's, EPUB 2 in an attribute.
    told = {
        meta.get("refines", "").removeprefix("#"): (meta.text or "").strip()
        for meta in package.iter(f"{_ANY}meta")
        if meta.get("property") == "role"
    }
    for creator in package.iter(f"{_DC}creator"):
        role = creator.get(f"{_OPF}role") or told.get(creator.get("id", "-"), _AUTHOR)
        if role == _AUTHOR:
            yield "".join(creator.itertext())


def _first(package: Any, name: str) -> str:
    found = package.find(f".//{_DC}{name}")
    return "" if found is None else "".join(found.itertext()).strip()
