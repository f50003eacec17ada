"""Web pages: the folder of pages that were fetched, and what is known of each of them.

Reads and appends to the folder's journal, which is also its mark: no other folder is written to,
and nothing is removed from one without it. Knows files alone: only `qa/fetch/` reaches the network.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar

from index.layout import WEB_MARK
from index.regular_file import NotRegular, open_regular

_LONGEST = 64 * 2**20  # bytes of a journal that are read
_NO_ENTRY = b"# Pages that article-qa fetched, a line of JSON for each. It may remove them.\n"


@dataclass(frozen=True, slots=True)
class WebPage:
    """What is known of one page.

    `address` is the one that was asked for and `final` the one that answered; `id` is its file's
    path below the folder, "" where it has none. `etag` and `modified` are the server's (RFC 9110,
    8.8), `sha256` that of the bytes as they came, `checked` when the server was last asked (ISO
    8601, UTC). `date` is the day that a feed tells, `listed` the last change that it told; both
    may be "". `given_by` is the address that was named and led here. `problem` says why it was
    not read the last time, `gone` that there is no such page any more, `forgotten` that a person
    took it out.
    """

    address: str
    final: str = ""
    id: str = ""
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    checked: str = ""
    date: str = ""
    listed: str = ""
    given_by: str = ""
    problem: str = ""
    gone: bool = False
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """An address that a person named, or a sitemap that such a one is made of.

    `kind` is page, feed, sitemap, or part for the latter.
    """

    address: str
    kind: str
    etag: str = ""
    modified: str = ""
    problem: str = ""


T = TypeVar("T", WebPage, NamedAddress)


@dataclass(slots=True)
class WebPages:
    """All that a folder's journal tells, by address; `begun` is when a run began that did not end.

    Make it by `read`.
    """

    folder: Path
    pages: dict[str, WebPage] = field(default_factory=dict)
    named: dict[str, NamedAddress] = field(default_factory=dict)
    begun: str = ""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a folder's journal; there is nothing in one without it.

        A line that is none, as the last one of a process that was killed, is left out.
        """
        known = cls(folder)
        for line in _lines(folder / WEB_MARK):
            known._take(line)
        return known

    @property
    def addresses(self) -> list[str]:
        """The addresses that people named, in order."""
        return sorted(named.address for named in self.named.values() if named.kind != "part")

    @property
    def removed(self) -> frozenset[str]:
        """The paths, below the folder, of files that were removed here, as their pages are gone."""
        ids = {page.id for page in self.pages.values() if page.gone or page.forgotten}
        return frozenset(ids - {page.id for page in self.held} - {""})

    @property
    def held(self) -> list[WebPage]:
        """The pages that have a file."""
        return [page for page in self.pages.values() if page.id and not page.gone | page.forgotten]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(address, reason) of all that could not be read the last time."""
        every: list[WebPage | NamedAddress] = [*self.named.values(), *self.pages.values()]
        return sorted({(one.address, one.problem) for one in every if one.problem})

    def _take(self, line: Mapping[str, Any]) -> None:
        if page := _made(WebPage, line.get("page")):
            self.pages[page.address] = page
        if named := _made(NamedAddress, line.get("named")):
            self.named[named.address] = named
        if isinstance(address := line.get("unnamed"), str):
            self.named.pop(address, None)
        if isinstance(begun := line.get("begun"), str):
            self.begun = begun


def entry(change: WebPage | NamedAddress | dict[str, str]) -> bytes:
    """The journal's line that tells of a change; `{"unnamed": …}` and `{"begun": …}` are others."""
    kind = {WebPage: "page", NamedAddress: "named"}.get(type(change))
    told = {kind: _set(change)} if kind and not isinstance(change, dict) else change
    return json.dumps(told).encode() + b"\n"


def journal(known: WebPages) -> bytes:
    """A journal that tells the same without what was overwritten."""
    changes: list[WebPage | NamedAddress] = [*known.named.values(), *known.pages.values()]
    return _NO_ENTRY + b"".join(entry(change) for change in changes) + entry({"begun": known.begun})


def _set(change: WebPage | NamedAddress) -> dict[str, Any]:
    return {name: value for name, value in asdict(change).items() if value not in ("", False)}


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with open_regular(path) as file:
            data = file.read(_LONGEST)
    except (OSError, NotRegular):
        return
    for line in data.splitlines():
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            yield told


def _made(kind: type[T], told: Any) -> T | None:
    """A record of the journal, which any program may have written; None if it is none."""
    known = {one.name: one.type for one in fields(kind)}
    if not isinstance(told, dict) or not told.keys() <= known.keys() or "address" not in told:
        return None
    types = {"gone": bool, "forgotten": bool}
    if not all(type(value) is types.get(name, str) for name, value in told.items()):
        return None
    made = kind(**{"kind": "page", **told} if kind is NamedAddress else told)
    path = made.id if isinstance(made, WebPage) else ""
    inside = not path.startswith("/") and ".." not in path.split("/") and "\0" not in path
    return made if inside and (not path or path.strip("./")) else None
