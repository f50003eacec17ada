"""Names: an address as the path of a file, which is the article's id: `example.org/ferry.html`."""

import hashlib
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes, urlsplit

import regex

from index.text.characters import cut, is_unicode, utf8_size
from index.text.normal_forms import nfc
from qa.fetch.content import same

_SEGMENT = 100  # bytes of UTF-8 of a folder's or file's name, before what is added to it
_DEEPEST = 12  # folders
_DIGITS = 8  # of a checksum, which tells names apart
# What a glob, a shell or another system gives a meaning, and what has no form or turns a line.
_UNSAFE = regex.compile(r'[\p{C}\p{Z}\\/:*?"<>|\[\]{}]+')


def path_of(address: str, suffix: str) -> str:
    """A readable path for the page of an address in its one form.

    Args:
        address: in its one form, see `qa.fetch.addresses`.
        suffix: that of its format; one that says the same stays as it is.
    """
    parts = urlsplit(address)
    *folders, last = (_shown(part) for part in parts.path.split("/")[1:] or [""])
    stem, given = last or "index", ""
    if same(PurePosixPath(stem).suffix, suffix):
        given = PurePosixPath(stem).suffix
        stem = stem.removesuffix(given)
    if parts.query:
        stem += "_" + _shown(parts.query)
    path = "/".join([_host(parts.netloc), *(folder or "_" for folder in folders)])
    name = _short(stem) + (given or suffix)
    if len(folders) > _DEEPEST:
        return beside(f"{path.partition('/')[0]}/{name}", address)
    return f"{path}/{name}"


def beside(path: str, address: str) -> str:
    """Another path for an address whose own is taken: in the site's folder, with a checksum."""
    last = PurePosixPath(path)
    check = hashlib.sha256(address.encode()).hexdigest()[:_DIGITS]
    return f"{last.parts[0]}/{last.stem}-{check}{last.suffix}"


def _host(netloc: str) -> str:
    """The host as people write it, and its port where it is not the usual one."""
    import httpx2

    try:
        name = httpx2.URL(f"http://{netloc}").host
    except httpx2.InvalidURL:
        name = netloc
    port = netloc.rpartition("]")[2].partition(":")[2]
    name = _UNSAFE.sub("-", name if is_unicode(name) else netloc)
    return _short(name.strip(".")) + (f"_{port}" if port else "")


def _shown(part: str) -> str:
    """A part of an address in its letters; where those are none, as it stands."""
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        text = part
    name = _UNSAFE.sub("_", nfc(text))
    return _short(f"_{name[1:]}" if name.startswith(".") else name)


def _short(name: str) -> str:
    if utf8_size(name) <= _SEGMENT:
        return name
    check = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{cut(name, _SEGMENT - _DIGITS - 1, utf8_size)}-{check}"
