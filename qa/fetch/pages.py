"""Pages: asks for pages one by one, and keeps what they give as files."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from index.articles.web_pages import WebPage
from qa.fetch import content, names
from qa.fetch.fetch_report import FetchReport, Listed
from qa.fetch.outcome import Down, Fetched, Gone, NotRead
from qa.fetch.page_folder import PageFolder, now
from qa.fetch.web import Web


@dataclass(slots=True)
class Pages:
    """The pages of one run."""

    folder: PageFolder
    web: Web
    report: FetchReport
    _by_final: dict[str, dict[str, None]] | None = field(default=None, init=False)

    def page(self, address: str) -> WebPage:
        """What is known of a page that is asked for now, whether or not it was gone."""
        page = self.folder.known.pages.get(address) or WebPage(address)
        return replace(page, forgotten=False, gone=False) if page.gone or page.forgotten else page

    def get(self, page: WebPage) -> Fetched:
        """Ask for a page, and for its bytes only if they changed since its file was written."""
        holder = self._holder(page.final, page) or page
        if not self.folder.holds(holder):
            return self.web.get(page.address)
        return self.web.get(
            page.address, final=page.final, etag=holder.etag, modified=holder.modified
        )

    def is_held(self, page: WebPage) -> bool:
        """Whether the file of a page is there, its own or that of the page it leads to."""
        return self.folder.holds(self._holder(page.final, page) or page)

    def _holder(self, final: str, page: WebPage) -> WebPage | None:
        """Another page that has the file of the address where a redirect ended."""
        known = self.folder.known
        if self._by_final is None:
            self._by_final = {}
            for held in known.held:
                self._by_final.setdefault(held.final, {})[held.address] = None
        others = (known.pages[a] for a in self._by_final.get(final, ()) if a != page.address)
        return next((p for p in others if p.final == final and self.folder.holds(p)), None)

    def store(self, page: WebPage, got: Fetched, listed: Listed) -> None:
        """Keep what a page gave.

        Raises:
            Refused: it is of no kind that is read.
        """
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
        if self._by_final is not None:
            self._by_final.setdefault(page.final, {})[page.address] = None
        self.report.changed += held
        self.report.new += not held

    def not_read(self, page: WebPage, reason: NotRead) -> None:
        """Note why a page was not read; the file of one that is gone is removed."""
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


def _paths(final: str, suffix: str) -> Iterator[str]:
    """The paths that a page may have, the most readable first."""
    path = names.path_of(final, suffix)
    yield path
    yield names.beside(path, final)
    yield from (names.beside(path, f"{final} {number}") for number in itertools.count(2))
