"""JSON: articles at any depth stay apart; numbers stay as written; long lists are bounded."""

import json
from typing import Any

import pytest

from index.converters.converted import Converted
from index.converters.worker import convert


def read(value: Any) -> Converted:
    return convert("json", json.dumps(value).encode())


ITEMS = [{"title": "A", "content": "One."}, {"title": "B", "content": "Two."}]


@pytest.mark.parametrize(
    "value",
    [
        {"articles": ITEMS},
        {"data": {"items": ITEMS}},
        {"data": [{"group": ITEMS}]},
        {"rss": {"channel": {"item": [{"title": "A", "description": "One."}, ITEMS[1]]}}},
    ],
)
def test_articles_at_any_depth_stay_apart(value: Any) -> None:
    assert read(value).text == "# A\n\nOne.\n\n# B\n\nTwo."


def test_a_feed_has_its_own_title_and_its_articles_theirs() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Notes",
        "language": "en",
        "authors": [{"name": "Ana Rao"}],
        "items": [
            {"id": "1", "title": "A &amp; B", "content_html": "<p>It <b>rang</b>.</p>",
             "content_text": "It rang.", "date_published": "2024-03-01T08:00:00Z"},
            {"id": "2", "content_text": "Gone.", "authors": [{"name": "Li Wei"}]},
        ],
    }  # fmt: skip

    found = read(feed)

    assert (found.title, found.language, found.author) == ("Notes", "en", "Ana Rao")
    assert found.text == (
        "- version: https://jsonfeed.org/version/1.1\n\n## authors\n\n- name: Ana Rao\n\n"
        "# A & B\n\nIt rang.\n\n- date: 2024-03-01\n- id: 1\n\n"
        "# 2\n\nGone.\n\n- id: 2\n- authors 1.name: Li Wei"
    )


def test_headings_of_an_article_stand_below_its_title() -> None:
    body = "<h1>The bell</h1><p>It rang.</p>"

    assert read([{"title": "A", "content": body}, ITEMS[1]]).text == (
        "# A\n\n## The bell\n\nIt rang.\n\n# B\n\nTwo."
    )


def test_the_only_article_of_a_file_gives_its_title_and_day() -> None:
    found = read({"article": {"headline": "A", "body": ["One.", "Two."], "date": "2024-05-06"}})

    assert found == Converted("One.\n\nTwo.", title="A", date="2024-05-06")


def test_numbers_stay_as_they_are_written() -> None:
    data = b'[{"fee": 7.50, "code": 12345678901234567890.10, "big": 1E3, "none": null}]'

    assert convert("json", data).text == "- fee: 7.50; code: 12345678901234567890.10; big: 1E3"


def test_a_name_that_stands_twice_keeps_both_values() -> None:
    assert convert("json", b'{"note": "a", "note": "b"}').text == "- note: a, b"


def test_a_list_of_rows_is_a_table() -> None:
    rows = [["Boat", "Fee"], ["Heron", 14], ["Tern", 12]]

    assert read({"rows": rows}).text == "## rows\n\n- Boat: Heron; Fee: 14\n- Boat: Tern; Fee: 12"


def test_long_lists_of_numbers_are_counted_and_named() -> None:
    found = read([{"name": "Bay", "shape": [[[i, i + 1] for i in range(40)]], "at": [5.3, 60.4]}])

    assert found.text == "- name: Bay; shape: (80 numbers); at: 5.3, 60.4"
    assert found.notices == ("long lists of numbers were left out: shape",)


def test_lines_of_json_in_a_json_file_are_read() -> None:
    assert convert("json", b'{"a": 1}\n{"a": 2}\n').text == "- a: 1\n- a: 2"


def test_a_list_among_the_blocks_of_an_editor_is_part_of_the_article() -> None:
    blocks = [{"type": "p", "text": "It costs:"}, {"type": "list", "items": ["A 14", "B 9"]}]

    assert read({"title": "Fees", "content": blocks}).text == "It costs:\n\n- A 14\n- B 9"
