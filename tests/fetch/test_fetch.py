"""A folder of pages follows the web, asks for no more than it must, and no fault costs a page."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles.web_pages import WebPages
from index.errors import IndexBusy, LinkInIndex, UserError
from index.layout import WEB_MARK
from qa.fetch.fetch import fetch, forget
from qa.fetch.outcome import NotFetched
from qa.fetch.page_folder import PageFolder
from tests.support.web_server import Said, Site, fetched, html, packed, served, web


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index" / "web"


ENTITIES = '<!DOCTYPE a [<!ENTITY b "c">]><rss/>'


def files(folder: Path) -> list[str]:
    """The paths of the pages' files below their site's folder."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    found = (path.relative_to(folder) for path in found if ".sources" not in path.parts)
    return sorted(str(path).partition("/")[2] for path in found)


def feed(*paths: str) -> Said:
    items = "".join(
        f"<item><link>{path}</link><pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return Said(f"<rss><channel>{items}</channel></rss>", "application/rss+xml")


def sitemap(**changed: str) -> Said:
    urls = "".join(
        f"<url><loc>{path}</loc><lastmod>{day}</lastmod></url>" for path, day in changed.items()
    )
    return Said(f"<urlset>{urls}</urlset>", "application/xml")


def page(words: str, etag: str = "") -> Said:
    return Said(html(words), headers={"ETag": f'"{etag}"'} if etag else {})


def counts(folder: Path, *addresses: str, most: int = 500) -> tuple[int, int, int, int, int]:
    report, _ = fetched(folder, *addresses, most=most)
    return report.new, report.changed, report.same, len(report.gone), len(report.problems)


def test_page_becomes_a_file_under_a_readable_name(site: Site, folder: Path) -> None:
    site.pages["/news/ferry"] = page("The ferry runs on Sundays.")
    report, pages = fetched(folder, site.address("/news/ferry#fares"))

    assert (report.new, report.problems) == (1, [])
    (known,) = pages.known.held
    assert known.id == f"127.0.0.1_{site.port}/news/ferry.html"
    assert known.final == site.address("/news/ferry")
    assert (folder / known.id).read_text() == html("The ferry runs on Sundays.")


def test_page_that_did_not_change_is_not_sent_again(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.", "1")
    changed = "Wed, 01 May 2024 10:00:00 GMT"
    site.pages["/b"] = Said(html("Two."), headers={"Last-Modified": changed})
    fetched(folder, site.address("/a"), site.address("/b"))
    site.asked.clear()

    assert counts(folder) == (0, 0, 2, 0, 0)
    marks = [headers for _, path, headers in site.asked if path != "/robots.txt"]
    assert marks[0]["if-none-match"] == '"1"'
    assert marks[1]["if-modified-since"] == changed
    site.pages["/a"] = page("Three.", "2")
    assert counts(folder) == (0, 1, 1, 0, 0)
    assert "Three." in (folder / PageFolder(folder).known.held[0].id).read_text()


def test_page_whose_file_is_gone_is_sent_whole(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.", "1")
    _, pages = fetched(folder, site.address("/a"))
    (folder / pages.known.held[0].id).unlink()

    assert counts(folder) == (1, 0, 0, 0, 0)
    assert files(folder) == ["a.html"]


def test_feed_gives_the_pages_that_it_names(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("/a", "/b?x=1", "/b?x=2", "/a#part")
    for path in ("/a", "/b?x=1", "/b?x=2"):
        site.pages[path] = page(path)
    report, pages = fetched(folder, site.address("/feed"))

    assert (report.new, report.problems) == (3, [])
    assert files(folder) == ["a.html", "b_x=1.html", "b_x=2.html"]
    assert {known.date for known in pages.known.held} == {"2024-05-01"}
    assert pages.known.addresses == [site.address("/feed")]


def test_second_run_over_a_feed_asks_for_what_is_new(site: Site, folder: Path) -> None:
    first = feed("/a")
    site.pages["/feed"] = Said(first.body, first.type, headers={"ETag": '"f1"'})
    site.pages["/a"] = page("One.", "1")
    fetched(folder, site.address("/feed"))
    site.paths  # noqa: B018 - forgets them

    assert counts(folder) == (0, 0, 1, 0, 0)
    assert site.paths == ["/feed", "/a"]
    second = feed("/b", "/a")
    site.pages["/feed"] = Said(second.body, second.type, headers={"ETag": '"f2"'})
    site.pages["/b"] = page("Two.")
    assert counts(folder) == (1, 0, 1, 0, 0)
    assert site.paths == ["/feed", "/b", "/a"]


def test_page_that_left_a_feed_stays_until_it_is_gone(site: Site, folder: Path) -> None:
    site.pages["/feed"], site.pages["/a"] = feed("/a"), page("One.", "1")
    fetched(folder, site.address("/feed"))
    site.pages["/feed"], site.pages["/b"] = feed("/b"), page("Two.", "2")

    assert counts(folder) == (1, 0, 1, 0, 0)
    assert files(folder) == ["a.html", "b.html"]
    del site.pages["/a"]
    assert counts(folder) == (0, 0, 1, 1, 1)
    assert files(folder) == ["b.html"]
    assert counts(folder) == (0, 0, 1, 0, 0)


def test_sitemap_spares_pages_that_it_tells_are_the_same(site: Site, folder: Path) -> None:
    site.pages["/sitemap.xml"] = sitemap(**{"/a": "2024-05-01", "/b": "2024-05-01T10:00:00Z"})
    site.pages["/a"], site.pages["/b"] = page("One."), page("Two.")
    fetched(folder, site.address("/sitemap.xml"))
    site.paths  # noqa: B018
    site.pages["/sitemap.xml"] = sitemap(**{"/a": "2024-05-02", "/b": "2024-05-01T10:00:00Z"})
    site.pages["/a"] = page("Three.")

    assert counts(folder) == (0, 1, 1, 0, 0)
    assert site.paths == ["/sitemap.xml", "/a"]


def test_day_of_today_spares_nothing(site: Site, folder: Path) -> None:
    """A page that was changed on a day may change once more on it."""
    site.pages["/sitemap.xml"] = sitemap(**{"/a": "2999-01-01"})
    site.pages["/a"] = page("One.")
    fetched(folder, site.address("/sitemap.xml"))
    site.paths  # noqa: B018
    counts(folder)

    assert site.paths == ["/sitemap.xml", "/a"]


def test_sitemap_of_packed_sitemaps(site: Site, folder: Path) -> None:
    site.pages["/index.xml"] = Said(
        "<sitemapindex><sitemap><loc>/one.xml.gz</loc></sitemap>"
        "<sitemap><loc>/two.xml</loc></sitemap><sitemap><loc>/index.xml</loc></sitemap>"
        "<sitemap><loc>/none.xml</loc></sitemap></sitemapindex>",
        "text/xml",
    )
    one = packed("<urlset><url><loc>/a</loc></url></urlset>")
    site.pages["/one.xml.gz"] = Said(one, "application/x-gzip", headers={"ETag": '"1"'})
    site.pages["/two.xml"] = sitemap(**{"/b": "2024-05-01"})
    site.pages["/a"], site.pages["/b"] = page("One."), page("Two.")
    report, pages = fetched(folder, site.address("/index.xml"))

    assert (report.new, files(folder)) == (2, ["a.html", "b.html"])
    assert [reason for _, reason in report.problems] == [
        "is a sitemap of sitemaps within another one",
        "is gone (its server answers 404)",
    ]
    assert pages.known.addresses == [site.address("/index.xml")]
    assert counts(folder) == (0, 0, 2, 0, 2)


@pytest.mark.parametrize("type", ["text/html", "text/plain", "application/json"])
def test_json_feed_is_told_whatever_its_type(type: str, site: Site, folder: Path) -> None:
    version = "https://jsonfeed.org/version/1.1"
    items = [{"id": "1", "url": "a"}, {"id": "2", "content_text": "A note alone."}]
    site.pages["/feed.json"] = Said(json.dumps({"version": version, "items": items}), type)
    site.pages["/a"] = page("One.")
    report, _ = fetched(folder, site.address("/feed.json"))

    assert report.new == 1
    assert [reason for _, reason in report.problems] == [
        "has 1 entry that names no address, and what stands there alone was left out"
    ]


def test_feed_that_a_page_names_is_not_followed(site: Site, folder: Path) -> None:
    head = '<link rel=alternate type="application/rss+xml" href="/feed">'
    site.pages["/"] = Said(html("Words.", head=head))
    site.pages["/feed"] = feed("/a")
    fetched(folder, site.address("/"))

    assert site.paths == ["/"]
    assert files(folder) == ["index.html"]


def test_feed_within_a_feed_is_named_and_not_read(site: Site, folder: Path) -> None:
    site.pages["/feed"], site.pages["/other"] = feed("/other"), feed("/a")
    report, _ = fetched(folder, site.address("/feed"))

    assert report.problems == [
        (site.address("/other"), "is a feed or a sitemap; name it by itself")
    ]


def test_so_many_pages_are_asked_for_in_one_run(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("/a", "/b", "/c")
    for name in "abc":
        site.pages[f"/{name}"] = page(f"Page {name}.", name)
    report, _ = fetched(folder, site.address("/feed"), most=2)

    assert report.new == 2
    assert report.problems[0][1] == (
        "names 3 pages to ask for, and 2 were; run again for 1 more, or give --max-pages"
    )
    assert counts(folder, most=2)[:3] == (1, 0, 1)
    assert files(folder) == ["a.html", "b.html", "c.html"]


@pytest.mark.parametrize(
    "said",
    [
        *(Said(status=500), Said(status=503), Said(status=403), Said(b"GIF89a", "image/gif")),
        Said(status=302, headers={"Location": "/a"}),
    ],
)
def test_page_that_cannot_be_read_now_stays(said: Said, site: Site, folder: Path) -> None:
    site.pages["/a"], site.pages["/b"] = page("One.", "1"), page("Two.", "2")
    fetched(folder, site.address("/a"), site.address("/b"))
    site.pages["/a"] = said
    report, pages = fetched(folder)

    assert (report.same, report.gone, files(folder)) == (1, [], ["a.html", "b.html"])
    ((address, reason),) = report.problems
    assert address == site.address("/a")
    assert reason.endswith("; what was indexed of it stays")
    assert pages.known.problems == report.problems
    site.pages["/a"] = page("One.", "1")
    report, pages = fetched(folder)
    assert (report.same, report.problems, pages.known.problems) == (2, [], [])


def test_server_that_is_down_costs_nothing(folder: Path) -> None:
    with served() as site:
        site.pages["/feed"], site.pages["/a"] = feed("/a"), page("One.")
        fetched(folder, site.address("/feed"))
        address = site.address("/feed")
    report, pages = fetched(folder)

    assert files(folder) == ["a.html"]
    ((where, reason),) = report.problems
    assert where == address
    assert reason.endswith("; what was indexed of it stays")
    assert pages.known.removed == frozenset()


def test_pages_of_a_host_that_fell_silent_are_said_in_one_line(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed(*(f"/{number}" for number in range(20)))
    for number in range(20):
        site.pages[f"/{number}"] = Said(status=500)
    report, _ = fetched(folder, site.address("/feed"))

    assert [reason for _, reason in report.problems] == [
        *["answers 500"] * 3,
        "did not answer several times; 17 more pages were not asked",
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_page_that_is_gone_is_removed(status: int, site: Site, folder: Path) -> None:
    site.pages["/a/b"], site.pages["/c"] = page("One."), page("Two.")
    _, pages = fetched(folder, site.address("/a/b"), site.address("/c"))
    id = next(known.id for known in pages.known.held if "/a/" in known.id)
    site.pages["/a/b"] = Said(status=status)
    report, pages = fetched(folder)

    assert (report.gone, files(folder)) == ([site.address("/a/b")], ["c.html"])
    assert report.problems == [(site.address("/a/b"), f"is gone (its server answers {status})")]
    assert pages.known.removed == {id}
    assert not (folder / id).parent.exists()
    site.pages["/a/b"] = page("One.")
    assert counts(folder)[0] == 1
    assert PageFolder(folder).known.removed == frozenset()


def test_redirects_to_one_page_give_one_file(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("/old", "/new", "/older")
    for path in ("/old", "/older"):
        site.pages[path] = Said(status=301, headers={"Location": "/new"})
    site.pages["/new"] = page("One.", "1")

    assert counts(folder, site.address("/feed")) == (1, 0, 2, 0, 0)
    assert files(folder) == ["new.html"]
    assert counts(folder) == (0, 0, 3, 0, 0)


def test_page_keeps_its_name_when_it_moves(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.", "1")
    fetched(folder, site.address("/a"))
    site.pages["/a"] = Said(status=301, headers={"Location": "/b"})
    site.pages["/b"] = page("Two.", "1")

    assert counts(folder) == (0, 1, 0, 0, 0)
    assert files(folder) == ["a.html"]
    (known,) = PageFolder(folder).known.held
    assert known.final == site.address("/b")


def test_page_that_becomes_a_pdf_has_one_file(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.")
    fetched(folder, site.address("/a"))
    site.pages["/a"] = Said(b"%PDF-1.4", "application/pdf")
    fetched(folder)

    assert files(folder) == ["a.pdf"]


def test_pages_whose_paths_meet_have_files_of_their_own(site: Site, folder: Path) -> None:
    for path in ("/a", "/a.html", "/a.html/b", "/c?d=1", "/c_d=1", "/e*", "/e_"):
        site.pages[path] = page(path)
    site.pages["/feed"] = feed(*site.pages)
    fetched(folder, site.address("/feed"))
    known = PageFolder(folder).known.held

    assert len(files(folder)) == len({one.id for one in known}) == 7
    for one in known:
        path = one.address.removeprefix(site.address(""))
        assert path.replace("%2A", "*") in (folder / one.id).read_text()
    assert counts(folder)[2] == 7


def test_letters_beyond_ascii(site: Site, folder: Path) -> None:
    site.pages["/f%C3%A4hre/%E6%B8%A1"] = page("One.")
    pages = PageFolder(folder)
    host = "xn--mnchen-3ya.example"
    fetch([site.address("/f%C3%A4hre/%E6%B8%A1", host)], pages, web(host))

    assert pages.known.held[0].id == f"münchen.example_{site.port}/fähre/渡.html"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said(status=404), "is gone (its server answers 404)."),
        (Said(status=500), "answers 500."),
        (Said("a", "image/png"), "is image/png, which is not read."),
        (Said(status=301, headers={"Location": "/a"}), "is redirected more than 5 times."),
        (Said(b"\x1f\x8bnone", "application/gzip"), "is a damaged .gz file."),
        (Said(ENTITIES, "text/xml"), "holds XML entities, which are not read."),
        (Said("<a/>", "text/xml"), "is text/xml, which is not read."),
    ],
)
def test_new_address_that_cannot_be_read_is_an_error(
    said: Said, reason: str, site: Site, folder: Path
) -> None:
    site.pages["/a"] = said
    with pytest.raises(NotFetched) as error:
        fetched(folder, site.address("/a"))

    assert str(error.value) == f"{site.address('/a')} {reason}"
    assert PageFolder(folder).known.addresses == []
    assert files(folder) == []


def test_run_that_was_stopped_goes_on(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("/a", "/b", "/c")
    for name in "ac":
        site.pages[f"/{name}"] = page(f"Page {name}.")

    pages = PageFolder(folder)
    site.pages["/b"] = page("Page b.")

    def progress(done: int, total: int, what: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch([site.address("/feed")], pages, web(), progress)
    assert files(folder) == ["a.html", "b.html"]
    site.paths  # noqa: B018
    assert counts(folder) == (1, 0, 2, 0, 0)
    assert site.paths == ["/feed", "/c"]
    counts(folder)
    assert site.paths == ["/feed", "/a", "/b", "/c"]


def test_two_runs_do_not_meet(site: Site, folder: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def wait(headers: dict[str, str]) -> Said:
        held.set()
        done.wait(10)
        return page("One.")

    site.pages["/a"] = wait
    first = threading.Thread(target=fetched, args=(folder, site.address("/a")))
    first.start()
    held.wait(10)
    try:
        with pytest.raises(IndexBusy):
            fetched(folder, site.address("/a"))
    finally:
        done.set()
        first.join()
    assert files(folder) == ["a.html"]


def test_feed_is_forgotten_with_its_pages(site: Site, folder: Path) -> None:
    site.pages["/feed"], site.pages["/c"] = feed("/a", "/b"), page("Three.")
    site.pages["/a"], site.pages["/b"] = page("One."), page("Two.")
    fetched(folder, site.address("/feed"), site.address("/b"), site.address("/c"))
    pages = PageFolder(folder)
    forget([site.address("/feed")], pages)

    assert files(folder) == ["b.html", "c.html"]
    assert pages.known.addresses == [site.address("/b"), site.address("/c")]
    assert counts(folder)[:3] == (0, 0, 2)
    assert counts(folder, site.address("/feed"))[0] == 1
    assert files(folder) == ["a.html", "b.html", "c.html"]


def test_forgotten_page_of_a_feed_does_not_come_back(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("/a", "/b")
    site.pages["/a"], site.pages["/b"] = page("One."), page("Two.")
    fetched(folder, site.address("/feed"))
    forget([site.address("/a")], PageFolder(folder))

    assert counts(folder) == (0, 0, 1, 0, 0)
    assert files(folder) == ["b.html"]
    assert counts(folder, site.address("/a")) == (1, 0, 0, 0, 0)


def test_what_was_never_fetched_cannot_be_forgotten(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.")
    fetched(folder, site.address("/a"))
    with pytest.raises(UserError, match=r"/b was never indexed\. Indexed: .*/a"):
        forget([site.address("/a"), site.address("/b")], PageFolder(folder))
    assert files(folder) == ["a.html"]


def test_folder_of_other_files_is_left_alone(site: Site, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine")
    site.pages["/a"] = page("One.")
    with pytest.raises(UserError, match="holds other files"):
        fetched(folder, site.address("/a"))

    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_links_in_the_folder_are_not_followed(site: Site, folder: Path, tmp_path: Path) -> None:
    site.pages["/a/b"] = page("One.")
    fetched(folder, site.address("/a/b"))
    (mine := tmp_path / "mine").mkdir()
    (mine / "b.html").write_text("mine")
    (site_folder := next(folder.glob("127*"))).joinpath("a", "b.html").unlink()
    (site_folder / "a").rmdir()
    (site_folder / "a").symlink_to(mine)
    site.pages["/a/b"] = page("Two.")
    report, _ = fetched(folder)

    assert "link to elsewhere" in report.problems[0][1]
    del site.pages["/a/b"]
    fetched(folder)
    assert (mine / "b.html").read_text() == "mine"


@pytest.mark.parametrize("name", [WEB_MARK, ".lock", ".sources"])
def test_link_for_a_part_of_the_folder_is_refused(
    name: str, site: Site, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir(parents=True)
    (mine := tmp_path / "mine").write_text("mine")
    (folder / name).symlink_to(mine)
    with pytest.raises(LinkInIndex):
        fetched(folder, site.address("/a"))

    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://a b/", "http://u:p@a/", "HTTP://A/#b", "a", "\x1b[31m"],
)
def test_address_of_a_journal_of_others_is_checked(address: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    named = {"named": {"address": address, "kind": "page"}}
    page = {"page": {"address": f"{address}2", "given_by": "http://feed/"}}
    feed = {"named": {"address": "http://feed/", "kind": "feed"}}
    text = "\n".join(map(json.dumps, (named, page, feed)))
    (folder / WEB_MARK).write_text(text)
    report, _ = fetched(folder)

    assert [one for one, _ in report.problems] == sorted([address, "http://feed/"])
    assert report.new == 0


HOSTILE = [
    '{"page": {"address": "https://a/", "id": "."}}',
    '{"page": {"address": "https://a/", "id": "./"}}',
    '{"page": {"address": "https://a/", "id": "../../mine.txt"}}',
    '{"page": {"address": "https://a/", "id": "/etc/passwd"}}',
    '{"page": {"address": "https://a/", "id": "a/\\u0000"}}',
    '{"page": {"address": 3}}',
    '{"page": {"id": "a"}}',
    '{"page": {"address": "a", "gone": "yes"}}',
    '{"page": {"address": "a", "other": "yes"}}',
    '{"page": []}',
    "[" * 100_000,
    '{"named": {"address": ["a"]}}',
    '{"page": {"address": "https://half',
    "\udcff",
]


def test_journal_of_others_gives_no_path_out_of_the_folder(tmp_path: Path) -> None:
    good = '{"page": {"address": "https://b/", "id": "b/index.html", "final": "https://b/"}}'
    text = "\n".join([*HOSTILE, good])
    (tmp_path / WEB_MARK).write_text(text, errors="surrogateescape")
    known = WebPages.read(tmp_path)

    assert list(known.pages) == ["https://b/"]
    assert known.named == {}


def test_line_after_half_a_line_is_read(site: Site, folder: Path) -> None:
    site.pages["/a"] = page("One.")
    fetched(folder, site.address("/a"))
    with (folder / WEB_MARK).open("a") as file:
        file.write('{"page": {"address": "https://ha')
    site.pages["/b"] = page("Two.")
    fetched(folder, site.address("/b"))

    assert len(PageFolder(folder).known.held) == 2


def test_disk_that_cannot_be_written_is_said(site: Site, folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    site.pages["/a"] = page("One.")
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    with pytest.raises(UserError, match="Cannot write"):
        fetched(folder, site.address("/a"))


def test_address_of_no_web_in_a_feed_is_named(site: Site, folder: Path) -> None:
    site.pages["/feed"] = feed("javascript:alert(1)", "ftp://a/b", "http://u:p@a/", "/a")
    site.pages["/a"] = page("One.")
    report, _ = fetched(folder, site.address("/feed"))

    assert report.new == 1
    assert report.problems == [
        (
            site.address("/feed"),
            "names 3 addresses that are not read, such as 'javascript:alert(1)'",
        )
    ]
