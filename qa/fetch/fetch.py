"""THE FETCHING JOB, one page: bring the folder of web pages up to date with the web.

    named address -> a page, or a feed or sitemap -> the pages it names -> files, and the journal

A page is asked for with the marks that its server gave (ETag, Last-Modified), so that only what
changed is sent. A page that is gone (404, 410) loses its file; a server that does not answer costs
nothing that is there. Every page is noted as it comes: a run that is stopped goes on from there.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.articles.web_pages import NamedAddress, WebPage
from index.errors import UserError
from qa.fetch import addresses, content, names
from qa.fetch.outcome import BadAddress, Down, Fetched, Gone, NotFetched, NotRead, Refused
from qa.fetch.page_folder import PageFolder, now
from qa.fetch.web import HostDown, Web

MOST_PAGES = 500
"""Pages of one feed or sitemap that are asked for in one run: ten minutes of one host."""

_MOST_PARTS = 100  # sitemaps of one sitemap
_DAY = 10  # letters of a date without a time, in ISO 8601

Progress = Callable[[int, int, str], None]
"""Called with (pages done, pages in all, the next address)."""


@dataclass(slots=True)
class FetchReport:
    """What came of a run: how many pages came `new`, `changed`, or were the `same`.

    `gone` are the addresses of pages that were removed, `problems` are (address, reason) of what
    was not read.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a feed or sitemap names; `changed` is when, as that tells it, or ""."""

    address: str
    date: str = ""
    changed: str = ""


def fetch(
    named: Sequence[str],
    folder: PageFolder,
    web: Web,
    progress: Progress = lambda done, total, what: None,
    most: int = MOST_PAGES,
) -> FetchReport:
    """Ask for addresses, in their one form, or with none for all that were named before.

    Raises:
        NotFetched: an address that was not named before cannot be read.
        UserError: those of `PageFolder.writing`.
    """
    report = FetchReport()
    with folder.writing():
        folder.begin()
        run = _Run(folder, web, report, most)
        pages: dict[str, tuple[str, Listed]] = {}
        for address in named or folder.known.addresses:
            for listed in run.open(address):
                pages.setdefault(listed.address, (address, listed))
        for done, (given_by, listed) in enumerate(pages.values()):
            progress(done, len(pages), listed.address)
            run.visit(listed, given_by)
        run.finish()
    return report


def forget(unwanted: Sequence[str], folder: PageFolder) -> None:
    """Remove named addresses with the pages that they alone gave, and pages.

    Raises:
        UserError: one was never fetched; nothing is removed.
    """
    pages = folder.known.pages
    for address in unwanted:
        page = pages.get(address)
        if address not in folder.known.addresses and (page is None or page.forgotten):
            listed = ", ".join(folder.known.addresses) or "no address"
            raise UserError(f"{address} was never indexed. Indexed: {listed}")
    with folder.writing():
        for address in unwanted:
            _forget(address, folder)


def _forget(address: str, folder: PageFolder) -> None:
    if address in folder.known.addresses:
        folder.unname(address)
    named = set(folder.known.addresses)
    for page in list(folder.known.pages.values()):
        if address in (page.address, page.given_by) and page.address not in named:
            folder.remove(page.id)
            folder.note(replace(page, forgotten=True, problem=""))


@dataclass(slots=True)
class _Run:
    """One run over a folder."""

    folder: PageFolder
    web: Web
    report: FetchReport
    most: int
    silent: dict[str, int] = field(default_factory=dict)  # pages that were not asked for, by host

    def open(self, address: str) -> list[Listed]:
        """Ask for a named address; gives the pages to ask for if it is a feed or a sitemap."""
        known = self.folder.known
        is_new = address not in known.addresses
        if is_new:
            self._remember(address)
        try:
            source, page = known.named.get(address), self._page(address)
            lists = source is not None and source.kind != "page"
            got = self._source(address) if lists else self._get(page)
            listed = None if got.same and not lists else self._listed(address, got)
            if listed is not None:
                return self._due(address, listed)
            self._store(page, got, Listed(address))
            self.folder.note(NamedAddress(address, "page"))
        except NotRead as reason:
            if is_new:
                raise NotFetched(f"{address} {reason}.") from reason
            self._failed(address, reason)
            if isinstance(reason, Gone):  # of a feed; its pages may be there
                return self._due(address, [])
        return []

    def _remember(self, address: str) -> None:
        """Have pages again that were forgotten with the feed or sitemap that is named anew."""
        pages = self.folder.known.pages
        for page in list(pages.values()):
            if page.given_by == address and page.forgotten:
                pages[page.address] = replace(page, forgotten=False, gone=True)

    def visit(self, listed: Listed, given_by: str) -> None:
        """Ask for a page, unless that was done already in a run that was stopped."""
        page = replace(self._page(listed.address), given_by=given_by)
        if page.checked and page.checked >= self.folder.known.begun and not page.problem:
            self.report.same += 1
            return
        try:
            got = self._get(page)
            if not got.same and content.may_list(got) and content.links(got.final, got.data):
                raise Refused("is a feed or a sitemap; name it by itself")
            self._store(page, got, listed)
        except HostDown:
            host = addresses.host(page.address)
            self.silent[host] = self.silent.get(host, 0) + 1
        except NotRead as reason:
            self._not_read(page, reason)

    def finish(self) -> None:
        """Say which hosts were not asked to the end."""
        for host, count in self.silent.items():
            some = "1 more page was" if count == 1 else f"{count} more pages were"
            self.report.problems.append((host, f"did not answer several times; {some} not asked"))

    # Feeds and sitemaps

    def _source(self, address: str) -> Fetched:
        """A feed or sitemap as it is now; its earlier bytes if they are the same."""
        source, kept = self.folder.known.named.get(address), self.folder.source(address)
        if source is None or kept is None:
            return self.web.get(address)
        got = self.web.get(address, final=address, etag=source.etag, modified=source.modified)
        return (
            replace(got, data=kept, etag=source.etag, modified=source.modified, same=False)
            if (got.same)
            else got
        )

    def _listed(self, address: str, got: Fetched, depth: int = 0) -> list[Listed] | None:
        """The pages that a feed or sitemap names; None where an answer is neither."""
        links = content.links(got.final, got.data) if content.may_list(got) else None
        if links is None:
            return None
        told = json.loads(links)
        self.folder.keep_source(address, got.data)
        kind = "part" if depth else "feed" if told["kind"] == "feed" else "sitemap"
        source = NamedAddress(address, kind, got.etag, got.modified)
        if told["without"]:
            source = replace(source, problem=_without(told["without"]))
            self.report.problems.append((address, source.problem))
        if address not in self.folder.known.addresses or not depth:
            self.folder.note(source)
        listed = [one for link in told["links"] if (one := self._link(link))]
        if told["kind"] == "sitemap":
            listed.sort(key=lambda one: one.changed, reverse=True)
        if told["kind"] != "index":
            return listed
        if depth:
            raise Refused("is a sitemap of sitemaps within another one")
        return list(itertools.chain.from_iterable(self._parts(address, listed)))

    def _parts(self, address: str, parts: list[Listed]) -> Iterator[list[Listed]]:
        parts.sort(key=lambda part: part.changed, reverse=True)
        for part in parts[:_MOST_PARTS]:
            try:
                listed = self._listed(part.address, self._source(part.address), depth=1)
                if listed is None:
                    raise Refused("is neither a feed nor a sitemap")
                yield listed
            except NotRead as reason:
                self.report.problems.append((part.address, f"{reason}"))
        if len(parts) > _MOST_PARTS:
            many = f"names {len(parts)} sitemaps, of which the newest {_MOST_PARTS} are read"
            self.report.problems.append((address, many))

    def _link(self, link: dict[str, str]) -> Listed | None:
        try:
            return Listed(addresses.address(link["address"]), link["date"], link["changed"])
        except BadAddress as error:
            self.report.problems.append((link["address"], f"is not read: {error}"))
            return None

    def _due(self, address: str, listed: list[Listed]) -> list[Listed]:
        """The pages to ask for now: new ones first, then those that may have changed or gone."""
        known, named = self.folder.known.pages, set(self.folder.known.addresses)
        now_listed = {one.address: one for one in listed}
        earlier = sorted(
            (p for p in self.folder.known.held if p.given_by == address), key=lambda p: p.checked
        )
        due: list[Listed] = []
        for one in now_listed.values():
            page = known.get(one.address)
            if (page and page.forgotten) or one.address in named:
                continue
            if page and self._is_settled(page, one):
                self.report.same += 1
            else:
                due.append(one)
        due.sort(key=lambda one: one.address in known)  # stable
        due += [Listed(p.address, p.date, p.listed) for p in earlier if p.address not in now_listed]
        if (rest := len(due) - self.most) > 0:
            many = f"names {len(due)} pages to ask for, and {self.most} were"
            self.report.problems.append(
                (address, f"{many}; run again for {rest} more, or give --max-pages")
            )
        return due[: self.most]

    def _is_settled(self, page: WebPage, listed: Listed) -> bool:
        """Whether a page is as it was when it was read, by the word of a feed or sitemap.

        A day alone does not tell of a later change on that day.
        """
        holder = self._holder(page.final, page) or page
        if not listed.changed or page.listed != listed.changed or not self.folder.holds(holder):
            return False
        return len(listed.changed) > _DAY or listed.changed < page.checked[:_DAY]

    # Pages

    def _page(self, address: str) -> WebPage:
        page = self.folder.known.pages.get(address) or WebPage(address)
        return replace(page, forgotten=False, gone=False) if page.gone or page.forgotten else page

    def _get(self, page: WebPage) -> Fetched:
        """Ask for a page, and for its bytes only if they changed since its file was written."""
        holder = self._holder(page.final, page) or page
        if not self.folder.holds(holder):
            return self.web.get(page.address)
        return self.web.get(
            page.address, final=page.final, etag=holder.etag, modified=holder.modified
        )

    def _holder(self, final: str, page: WebPage) -> WebPage | None:
        """Another page that has the file of the address where a redirect ended."""
        held = self.folder.known.held
        return next((p for p in held if p.final == final and p.address != page.address), None)

    def _store(self, page: WebPage, got: Fetched, listed: Listed) -> None:
        page = replace(
            page,
            final=got.final,
            checked=now(),
            date=listed.date or page.date,
            listed=listed.changed,
            problem="",
        )
        if got.same:
            self.report.same += 1
            self.folder.note(page)
            return
        page = replace(page, etag=got.etag, modified=got.modified)
        if self._holder(got.final, page):
            self.report.same += 1
            self.folder.remove(page.id)
            self.folder.note(replace(page, gone=bool(page.id)))
            return
        self._write(page, got)

    def _write(self, page: WebPage, got: Fetched) -> None:
        suffix = content.suffix_of(got)
        data = content.as_file(got, suffix)
        sha256 = hashlib.sha256(data).hexdigest()
        held = self.folder.holds(page)
        if held and page.sha256 == sha256:
            self.report.same += 1
            self.folder.note(page)
            return
        id = page.id
        if not (id and content.same(id[id.rfind(".") :], suffix)):
            id = self.folder.free(_paths(got.final, suffix), page)
        self.folder.write(id, data)
        if page.id not in ("", id):
            self.folder.remove(page.id)
        self.folder.note(replace(page, id=id, sha256=sha256))
        self.report.changed += held
        self.report.new += not held

    def _not_read(self, page: WebPage, reason: NotRead) -> None:
        held, said = self.folder.holds(page), str(reason)
        if isinstance(reason, Gone):
            if held:
                self.folder.remove(page.id)
                self.report.gone.append(page.address)
            page = replace(page, gone=True, etag="", modified="", sha256="")
        elif held:
            said += "; what was indexed of it stays"
        self.report.problems.append((page.address, said))
        checked = page.checked if isinstance(reason, Down) else now()
        self.folder.note(replace(page, problem=said, checked=checked))

    def _failed(self, address: str, reason: NotRead) -> None:
        """A named address that was read before cannot be read now."""
        source = self.folder.known.named[address]
        if source.kind == "page":
            self._not_read(self._page(address), reason)
            return
        said = f"{reason}; what was indexed of it stays"
        self.report.problems.append((address, said))
        self.folder.note(replace(source, problem=said))


def _paths(final: str, suffix: str) -> Iterator[str]:
    """The paths that a page may have, the most readable first."""
    path = names.path_of(final, suffix)
    yield path
    yield names.beside(path, final)
    yield from (names.beside(path, f"{final} {number}") for number in itertools.count(2))


def _without(count: int) -> str:
    some = "1 entry that names" if count == 1 else f"{count} entries that name"
    return f"has {some} no address, and what stands there alone was left out"
