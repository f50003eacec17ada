"""Sources: feeds and sitemaps: which pages they name, and which of those to ask for now."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.articles.web_pages import NamedAddress, WebPage
from qa.fetch import addresses, content
from qa.fetch.fetch_report import FetchReport, Listed
from qa.fetch.outcome import BadAddress, Fetched, NotRead, Refused
from qa.fetch.page_folder import PageFolder
from qa.fetch.pages import Pages
from qa.fetch.web import Web

_MOST_PARTS = 100  # sitemaps of one sitemap
_DAY = 10  # letters of a date without a time, in ISO 8601


@dataclass(slots=True)
class Sources:
    """The feeds and sitemaps of one run."""

    folder: PageFolder
    web: Web
    report: FetchReport
    pages: Pages
    most: int

    def current(self, address: str) -> Fetched:
        """A feed or sitemap as it is now; its earlier bytes if they are the same."""
        source, kept = self.folder.known.named.get(address), self.folder.source(address)
        if source is None or kept is None:
            return self.web.get(address)
        got = self.web.get(address, final=address, etag=source.etag, modified=source.modified)
        if not got.same:
            return got
        return replace(got, data=kept, etag=source.etag, modified=source.modified, same=False)

    def listed(self, address: str, got: Fetched, depth: int = 0) -> list[Listed] | None:
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
        listed = self._links(address, told["links"])
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
                listed = self.listed(part.address, self.current(part.address), depth=1)
                if listed is None:
                    raise Refused("is neither a feed nor a sitemap")
                yield listed
            except NotRead as reason:
                self.report.problems.append((part.address, f"{reason}"))
        if len(parts) > _MOST_PARTS:
            many = f"names {len(parts)} sitemaps, of which the newest {_MOST_PARTS} are read"
            self.report.problems.append((address, many))

    def _links(self, source: str, links: list[dict[str, str]]) -> list[Listed]:
        listed, bad = list[Listed](), list[str]()
        for link in links:
            try:
                address = addresses.address(link["address"])
                listed.append(Listed(address, link["date"], link["changed"]))
            except BadAddress:
                bad.append(link["address"])
        if bad:
            some = "1 address that is" if len(bad) == 1 else f"{len(bad)} addresses that are"
            reason = f"names {some} not read, such as {bad[0][:100]!a}"
            self.report.problems.append((source, reason))
        return listed

    def due(self, address: str, listed: list[Listed]) -> list[Listed]:
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
        if not listed.changed or page.listed != listed.changed or not self.pages.is_held(page):
            return False
        return len(listed.changed) > _DAY or listed.changed < page.checked[:_DAY]


def _without(count: int) -> str:
    some = "1 entry that names" if count == 1 else f"{count} entries that name"
    return f"has {some} no address, and what stands there alone was left out"
