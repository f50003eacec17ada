"""Who wrote a web page, by what it tells machines."""

import json
from typing import Any

import pytest

from index.converters.worker import convert
from tests.support.sample_files import AUTHOR, FIRST, html

BODY = f"<article><p>{FIRST * 3}</p></article>"


def author(*head: str, body: str = BODY) -> str:
    page = f"<html><head><title>x</title>{''.join(head)}</head><body>{body}</body></html>"
    return convert("html", page.encode()).author


def meta(content: str, name: str = "author", attribute: str = "name") -> str:
    return f'<meta {attribute}="{name}" content="{content}">'


def data(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def written(author: Any, kind: Any = "NewsArticle") -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": kind, "author": author}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([meta("Ana Rao")], "Ana Rao"),
        ([meta("李明")], "李明"),
        ([meta("Ministry of Finance, Press Office")], "Ministry of Finance, Press Office"),
        ([meta("Ana Rao"), meta("Li Wei")], "Ana Rao, Li Wei"),
        ([meta("Ana Rao", "DC.creator")], "Ana Rao"),
        ([meta("Rao, Ana", "citation_author"), meta("The Press")], "Rao, Ana"),
        ([meta("Ana Rao", "article:author", "property")], "Ana Rao"),
        ([meta("https://example.org/ana", "article:author", "property")], ""),
        ([meta("admin"), meta("Ana Rao", "article:author", "property")], "Ana Rao"),
        ([meta("Ana", "publisher"), meta("Ana", "twitter:creator"), meta("", "author")], ""),
        (["<meta content='Ana Rao'><meta name='author'>"], ""),
    ],
)
def test_tags_of_a_page_name_its_author(tags: list[str], expected: str) -> None:
    assert author(*tags) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(written("Ana Rao"), "Ana Rao", id="a text"),
        pytest.param(written({"@type": "Person", "name": "Ana Rao"}), "Ana Rao", id="a person"),
        pytest.param(written([{"name": "Ana Rao"}, "Li Wei"]), "Ana Rao, Li Wei", id="several"),
        pytest.param([{"@type": "WebSite"}, written("Ana Rao")], "Ana Rao", id="a list"),
        pytest.param(written("Ana Rao", ["Thing", "BlogPosting"]), "Ana Rao", id="two kinds"),
        pytest.param(
            {"@graph": [written({"@id": "#ana"}), {"@type": "Person", "@id": "#ana", "name": "A"}]},
            "A",
            id="told elsewhere",
        ),
        pytest.param(written({"@id": "#nobody"}), "", id="told nowhere"),
        pytest.param(written({"@id": ["x"]}), "", id="no place"),
        pytest.param(written("Ana Rao", "Review"), "", id="of a review"),
        pytest.param(written("Ana Rao", None), "", id="of nothing"),
        pytest.param(written([[{"name": "Ana Rao"}]]), "", id="too deep"),
        pytest.param({"@graph": 7}, "", id="no graph"),
        pytest.param([7, "Ana Rao", None], "", id="no objects"),
        pytest.param("{", "", id="no JSON"),
        pytest.param("[" * 100_000, "", id="deep JSON"),
        pytest.param('{"@type": "Article", "author": "Ana\nRao\\u0000"}', "Ana Rao", id="controls"),
        pytest.param(written("x" * 100_000), "", id="long"),
    ],
)
def test_data_for_machines_names_the_author(value: Any, expected: str) -> None:
    assert author(data(value)) == expected


def test_data_for_machines_comes_before_tags() -> None:
    assert author(meta("The Press"), data(written("Ana Rao"))) == "Ana Rao"
    assert author(meta("Ana Rao"), data(written("admin"))) == "Ana Rao"


@pytest.mark.parametrize(
    "body",
    [
        "<p class='author'>Ana Rao</p>",
        "<p class='byline'>By Ana Rao</p>",
        "<a rel='author' href='/ana'>Ana Rao</a>",
        "<meta name='author' content='Ana Rao'>",
        "<p>Written by Ana Rao on 3 May 2018.</p>",
    ],
)
def test_nobody_is_guessed_from_the_words_of_a_page(body: str) -> None:
    assert author(body=body + BODY) == ""


def test_a_page_too_short_for_a_main_text_names_its_author_too() -> None:
    assert author(meta("Ana Rao"), body="Hot.") == "Ana Rao"


def test_the_sender_of_a_saved_page_is_not_its_author() -> None:
    page = html().decode().replace('name="author"', 'name="other"')
    mail = f"From: Ana Rao <ana@example.org>\nContent-Type: text/html; charset=utf-8\n\n{page}"

    assert convert("mhtml", mail.encode()).author == ""
    assert convert("html", html()).author == AUTHOR
