"""THE FETCHING JOB, one page: bring the folder of web pages up to date with the web.

    named address -> a page, or a feed or sitemap -> the pages it names -> files, and the journal

A page is asked for with the marks that its server gave (ETag, Last-Modified), so that only what
changed is sent. A page that is gone (404, 410) loses its file; a server that does not answer costs
nothing that is there. Every page is noted as it comes: a run that is stopped goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from index.articles.web_pages import NamedAddress
from index.errors import UserError
from qa.fetch import addresses, content
from qa.fetch.fetch_report import FetchReport, Listed
from qa.fetch.outcome import Gone, NotFetched, NotRead, Refused
from qa.fetch.page_folder import PageFolder
from qa.fetch.pages import Pages
from qa.fetch.sources import Sources
from qa.fetch.web import HostDown, Web

MOST_PAGES = 500
"""Pages of one feed or sitemap that are asked for in one run: ten minutes of one host."""

Progress = Callable[[int, int, str], None]
"""Called with (pages done, pages in all, the next address)."""


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
        asking = Pages(folder, web, report)
        run = _Run(folder, report, asking, Sources(folder, web, report, asking, most))
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
    report: FetchReport
    pages: Pages
    sources: Sources
    silent: dict[str, int] = field(default_factory=dict)  # pages that were not asked for, by host

    def open(self, address: str) -> list[Listed]:
        """Ask for a named address; gives the pages to ask for if it is a feed or a sitemap."""
        known = self.folder.known
        is_new = address not in known.addresses
        if is_new:
            self._remember(address)
        try:
            source, page = known.named.get(address), self.pages.page(address)
            lists = source is not None and source.kind != "page"
            got = self.sources.current(address) if lists else self.pages.get(page)
            listed = None if got.same and not lists else self.sources.listed(address, got)
            if listed is not None:
                return self.sources.due(address, listed)
            self.pages.store(page, got, Listed(address))
            self.folder.note(NamedAddress(address, "page"))
        except NotRead as reason:
            if is_new:
                raise NotFetched(f"{address} {reason}.") from reason
            self._failed(address, reason)
            if isinstance(reason, Gone):  # of a feed; its pages may be there
                return self.sources.due(address, [])
        return []

    def _remember(self, address: str) -> None:
        """Have pages again that were forgotten with the feed or sitemap that is named anew."""
        pages = self.folder.known.pages
        for page in list(pages.values()):
            if page.given_by == address and page.forgotten:
                pages[page.address] = replace(page, forgotten=False, gone=True)

    def visit(self, listed: Listed, given_by: str) -> None:
        """Ask for a page, unless that was done already in a run that was stopped."""
        page = replace(self.pages.page(listed.address), given_by=given_by)
        if page.checked and page.checked >= self.folder.known.begun and not page.problem:
            self.report.same += 1
            return
        try:
            got = self.pages.get(page)
            if not got.same and content.may_list(got) and content.links(got.final, got.data):
                raise Refused("is a feed or a sitemap; name it by itself")
            self.pages.store(page, got, listed)
        except HostDown:
            host = addresses.host(page.address)
            self.silent[host] = self.silent.get(host, 0) + 1
        except NotRead as reason:
            self.pages.not_read(page, reason)

    def finish(self) -> None:
        """Say which hosts were not asked to the end."""
        for host, count in self.silent.items():
            some = "1 more page was" if count == 1 else f"{count} more pages were"
            self.report.problems.append((host, f"did not answer several times; {some} not asked"))

    def _failed(self, address: str, reason: NotRead) -> None:
        """A named address that was read before cannot be read now."""
        source = self.folder.known.named[address]
        if source.kind == "page":
            self.pages.not_read(self.pages.page(address), reason)
            return
        said = f"{reason}; what was indexed of it stays"
        self.report.problems.append((address, said))
        self.folder.note(replace(source, problem=said))
