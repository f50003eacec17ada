"""Feeds of each kind and sitemaps give the addresses that they name, and nothing else of them."""

import gzip
import json
import time
from contextlib import suppress
from typing import Any

import pytest

from index.converters.links import read
from index.converters.sandbox import converter
from index.errors import NotText

AT = "https://example.org/news/feed.xml"

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="urn:c"><channel>
<title>News</title><link>https://example.org/</link>
<atom:link href="https://example.org/feed.xml" rel="self"/>
<item><title>Ferry</title><link> ferry.html?a=1&amp;b=2 </link>
<pubDate>Sat, 07 Sep 2024 23:30:00 -0500</pubDate><guid isPermaLink="false">17</guid></item>
<item><title>Crane</title><guid>https://example.org/crane</guid></item>
<item><title>Mill &nbsp; house</title><link><![CDATA[https://example.org/mill]]></link></item>
<item><title>A note alone</title><guid isPermaLink="false">https://example.org/none</guid></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/">
<link href="https://example.org/feed" rel="self"/><id>urn:feed</id>
<entry><id>urn:1</id><link rel="edit" href="edit/1"/>
<link rel="alternate" type="application/pdf" href="1.pdf"/>
<link rel="alternate" type="text/html" href="1"/>
<published>2024-05-01T10:00:00Z</published><updated>2024-06-02T08:00:00Z</updated></entry>
<entry xml:base="two/"><link href="2"/><updated>2024-06-03T08:00:00Z</updated></entry>
<entry><content src="https://example.org/3.html" type="text/html"/></entry>
<entry><id>https://example.org/4</id><content>words</content></entry>
<entry><id>urn:5</id><content>words</content></entry>
</feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><link>https://example.org/</link></channel>
<item rdf:about="a"><link>https://example.org/a</link><dc:date>2024-05-01T10:00:00Z</dc:date></item>
</rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": "1",
                "url": "/a",
                "date_published": "2024-05-01T10:00:00Z",
                "date_modified": "2024-05-02T10:00:00Z",
            },
            {"id": "2", "external_url": "https://example.net/b"},
            {"id": "https://example.org/c"},
            {"id": "4", "content_text": "words"},
            "no item",
        ],
    }
)

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://example.org/a</loc><lastmod>2024-05-01</lastmod><priority>0.5</priority></url>
<url><loc>https://example.org/b?x=1&amp;y=2</loc></url>
</urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.org/one.xml.gz</loc><lastmod>2024-05-01T10:00:00Z</lastmod></sitemap>
</sitemapindex>"""


def link(address: str, date: str = "", changed: str = "") -> dict[str, str]:
    return {"address": address, "date": date, "changed": changed}


def told(content: str | bytes, at: str = AT) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    told: dict[str, Any] = json.loads(read(at.encode() + b"\n" + data).text)
    return told


@pytest.mark.parametrize(
    ("content", "kind", "links", "without"),
    [
        pytest.param(
            RSS,
            "feed",
            [
                link("https://example.org/news/ferry.html?a=1&b=2", "2024-09-07"),
                link("https://example.org/crane"),
                link("https://example.org/mill"),
            ],
            1,
            id="RSS 2.0",
        ),
        pytest.param(
            ATOM,
            "feed",
            [
                link("https://example.org/blog/1", "2024-05-01", "2024-06-02T08:00:00Z"),
                link("https://example.org/blog/two/2", "", "2024-06-03T08:00:00Z"),
                link("https://example.org/3.html"),
                link("https://example.org/4"),
            ],
            1,
            id="Atom",
        ),
        pytest.param(RDF, "feed", [link("https://example.org/a", "2024-05-01")], 0, id="RSS 1.0"),
        pytest.param(
            JSON,
            "feed",
            [
                link("https://example.org/a", "2024-05-01", "2024-05-02T10:00:00Z"),
                link("https://example.net/b"),
                link("https://example.org/c"),
            ],
            2,
            id="JSON Feed",
        ),
        pytest.param(
            SITEMAP,
            "sitemap",
            [
                link("https://example.org/a", "", "2024-05-01"),
                link("https://example.org/b?x=1&y=2"),
            ],
            0,
            id="sitemap",
        ),
        pytest.param(
            INDEX,
            "index",
            [link("https://example.org/one.xml.gz", "", "2024-05-01T10:00:00Z")],
            0,
            id="sitemap of sitemaps",
        ),
        pytest.param(
            "\ufeffhttps://example.org/a\r\n\r\nhttps://example.org/b\n",
            "sitemap",
            [link("https://example.org/a"), link("https://example.org/b")],
            0,
            id="sitemap as text",
        ),
    ],
)
def test_links_are_told(content: str, kind: str, links: list[dict[str, str]], without: int) -> None:
    assert told(content) == {"kind": kind, "links": links, "without": without}


def test_packed_sitemap_is_unpacked() -> None:
    assert told(gzip.compress(SITEMAP.encode())) == told(SITEMAP)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_encoding_is_that_of_the_file(encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><urlset><url><loc>https://e.org/ü</loc></url></urlset>'

    assert told(xml.encode(encoding))["links"] == [link("https://e.org/ü")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<html><body>words</body></html>", "neither a feed nor a sitemap"),
        ("words that are no address", "neither a feed nor a sitemap"),
        ("https://example.org/a\nand a word", "neither a feed nor a sitemap"),
        ("{}", "neither a feed nor a sitemap"),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": 3}',
            "neither a feed nor a sitemap",
        ),
        ("{half", "neither a feed nor a sitemap"),
        ("<", "neither a feed nor a sitemap"),
        ("", "neither a feed nor a sitemap"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><rss/>', "entities"),
        (gzip.compress(SITEMAP.encode())[:40], "cut"),
        (gzip.compress(bytes(60 * 2**20)), "unpacks to more than 50 MB"),
        (b"\x1f\x8b broken", "damaged"),
    ],
)
def test_what_is_none_is_refused(content: str | bytes, reason: str) -> None:
    with pytest.raises(NotText, match=reason):
        told(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("<rss>" + "<item>" * 5000, id="deep"),
        pytest.param("<rss>" + "<item><link>a</link>" * 100_000, id="never closed"),
        pytest.param("<rss><item>" + "<link/>" * 300_000 + "</item></rss>", id="many links of one"),
        pytest.param("<feed>" + "<entry><id>urn:a</id></entry>" * 100_000 + "</feed>", id="many"),
        pytest.param(
            '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 99_999, id="nested"
        ),
    ],
)
def test_hostile_feed_costs_little(content: str) -> None:
    begun = time.monotonic()
    with suppress(NotText):
        converter().convert("links", f"{AT}\n{content}".encode())

    assert time.monotonic() - begun < 15


def test_no_more_links_are_taken_than_a_sitemap_may_have() -> None:
    many = "".join(f"https://example.org/{number}\n" for number in range(50_010))

    assert len(told(many)["links"]) == 50_000


def test_links_come_through_the_worker() -> None:
    found = converter().convert("links", f"{AT}\n{RSS}".encode())

    assert json.loads(found.text) == told(RSS)
