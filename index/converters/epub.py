"""EPUB -> Markdown: the chapters in the order of the book's spine."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.html import markdown_of
from index.errors import NotText
from index.text.normalise import clean

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_ANY = "{*}"  # namespace
_DC, _OPF = "{http://purl.org/dc/elements/1.1/}", "{http://www.idpf.org/2007/opf}"
_PICTURE = re.compile(r"<(?:\w+:)?(?:img|image|svg)\b", re.IGNORECASE)
_MOST_NAMES = 5  # in a notice
_XHTML, _CSS = "application/xhtml+xml", "text/css"
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
        spine, others = _chapters(package, package_name, file.names)
        chapters = [name for name in spine if name in file.names]
        if _locked(file) & set(chapters):
            raise NotText("is protected by DRM")
        # Notes may stand in files that are not among the chapters.
        pages = {name: _chapter(file.bytes(name)) for name in (*chapters, *others)}
        sheets = [
            file.bytes(name).decode("utf-8", "replace")
            for name in _sheets(package, package_name, file.names)
        ]
    texts, notices = markdown_of(pages, sheets)
    return Converted(
        "\n\n".join(filter(None, (texts[name].strip() for name in chapters))),
        metadata.title(_first(package, "title")),
        _first(package, "language"),
        metadata.day(_first(package, "date")),
        metadata.author(list(_authors(package))),
        notices=(*_left_out(spine, pages, texts), *notices),
    )


def _left_out(spine: list[str], pages: dict[str, str], texts: dict[str, str]) -> Iterator[str]:
    """A notice of each kind of chapter that has no text here."""
    missing = [name for name in spine if name not in pages]
    pictures = [name for name in spine if _is_picture(pages.get(name, ""), texts.get(name, ""))]
    outside = [name for name in pages if name not in spine and texts[name].strip()]
    if missing:
        yield f"chapters are missing from the book: {_names(missing)}"
    if pictures:
        yield f"chapters hold only pictures: {_names(pictures)}"
    if outside:
        yield f"files that are not among the chapters were left out: {_names(outside)}"


def _is_picture(html: str, text: str) -> bool:
    return not text.strip() and bool(_PICTURE.search(html))


def _names(paths: list[str]) -> str:
    names = [posixpath.basename(path) for path in paths]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _chapters(
    package: Any, package_name: str, names: frozenset[str]
) -> tuple[list[str], list[str]]:
    """(the chapters in their order, without the book's navigation; other files of text)."""
    folder = posixpath.dirname(package_name)
    items, navigation = {}, set()
    for item in package.iter(f"{_ANY}item"):
        path = _path(folder, item.get("href", ""), names)
        if "nav" in item.get("properties", "").split():
            navigation.add(path)
        else:
            items[item.get("id")] = (path, item.get("media-type", _XHTML))
    for guide in package.iter(f"{_ANY}reference"):
        if guide.get("type", "").lower() == "toc":
            navigation.add(_path(folder, guide.get("href", ""), names))
    ids = [item.get("idref") for item in package.iter(f"{_ANY}itemref")]
    paths = dict.fromkeys(items[i][0] for i in ids if i in items)
    spine = [path for path in paths if path not in navigation] or list(paths)
    texts = (path for path, kind in items.values() if kind == _XHTML and path in names)
    return spine, [path for path in texts if path not in paths and path not in navigation]


def _sheets(package: Any, package_name: str, names: frozenset[str]) -> Iterator[str]:
    """The style sheets, which may raise the marks of notes."""
    folder = posixpath.dirname(package_name)
    for item in package.iter(f"{_ANY}item"):
        path = _path(folder, item.get("href", ""), names)
        if item.get("media-type") == _CSS and path in names:
            yield path


def _path(folder: str, href: str, names: frozenset[str]) -> str:
    """A file's name in the archive; some programs wrote it there with `%20`, as in a link."""
    link = href.partition("#")[0]
    written, meant = (
        posixpath.normpath(posixpath.join(folder, each)) for each in (link, unquote(link))
    )
    return written if written in names and meant not in names else meant


def _locked(file: Archive) -> set[str]:
    if _ENCRYPTION not in file.names:
        return set()
    references = file.xml(_ENCRYPTION).iter(f"{_ANY}CipherReference")
    return {unquote(reference.get("URI", "")) for reference in references}


def _chapter(data: bytes) -> str:
    html = clean(_decoded(data)).lstrip("\ufeff")
    return html.partition("?>")[2] if html.startswith("<?xml") else html


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
