"""What people keep of a conversation as a file, whatever was written in it."""

import json as standard
import random
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from index import passage
from index.scope import Scope, kept_to
from qa.answer import Answer, Citation, Nearest, Timings
from qa.service.answer_format import answer_json
from qa.service.conversations import Conversation
from qa.service.exchange import Exchange
from qa.web.export import json, markdown, named

BEGUN, ASKED = "2026-11-02T08:00:00+00:00", "2026-11-02T08:00:41+00:00"
CONVERSATION = Conversation("abc", "Who bought it?", BEGUN, ASKED)
ANSWERED = Answer(
    "Who bought it?",
    "en",
    "Meituan did. [1]",
    answered=True,
    citations=(Citation(1, "004_é.txt", 5, 27, "Meituan bought it.\n\n\tIn May.", "partial", 0.9),),
    timings=Timings(0.1, 0.2, 0.3, 4, 5, 6),
    done=True,
    standing="Who bought Light Years Beyond?",
)
REFUSED = Answer(
    "Why?",
    "en",
    "The articles do not tell.",
    nearest=(Nearest("b.txt", 0, 5, "Tea is green.", 0.7),),
    done=True,
)
EXCHANGES = [
    Exchange(1, "Who bought it?", ANSWERED, "done", "", ASKED),
    Exchange(2, "Why?", REFUSED, "done", "", ASKED),
    Exchange(4, "When,\nand where?", None, "failed", "The model was full.", ASKED),
    Exchange(5, "And?", Answer("And?", "en", draft="Meit"), "stopped", "", ASKED),
]


def test_conversation_reads_as_markdown() -> None:
    assert markdown(CONVERSATION, EXCHANGES, {"004_é.txt": "The *deal*"}) == (
        r"""# Who bought it?

Begun 2026-11-02T08:00:00+00:00, last asked 2026-11-02T08:00:41+00:00.

## Who bought it?

*Asked 2026-11-02T08:00:41+00:00*

*Understood as:* Who bought Light Years Beyond?

Meituan did. \[1\]

Sources:

- \[1\] The \*deal\*, 004\_é.txt 5-27

  > Meituan bought it.\
  > In May.

## Why?

*Asked 2026-11-02T08:00:41+00:00*

The articles do not tell.

Nearest passages:

- b.txt 0-5

  > Tea is green.

## When, and where?

*Asked 2026-11-02T08:00:41+00:00*

*Failed:* The model was full.

## And?

*Asked 2026-11-02T08:00:41+00:00*

*Stopped before it was whole.*
"""
    )


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src="http://e.vil/x.png" onerror=alert(1)>',
    "[press](javascript:alert(1))",
    "![seen](http://e.vil/x.png)",
    "<http://e.vil> and <a@e.vil>",
    "[press]\n[press]: http://e.vil",
    "[press]: http://e.vil",
    "`code` and ``more``",
    "```\nfenced\n```",
    "~~~\nfenced\n~~~",
    "    four spaces",
    "\ta tab",
    "# heading #",
    "over\n===",
    "over\n---",
    "---",
    "* * *",
    "- item",
    "+ item",
    "1. item",
    "29) item",
    "> quote",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a\n:-",
    "*a* **b** _c_ __d__ ~~e~~ $f$",
    "&lt;b&gt; &amp; &#60;i&#62; &copy;",
    r"\*a\* \<b> \\ \[1\](x)",
    "ends with a backslash\\\nand goes on\\",
    "a  \nb",
    "<!-- unseen",
    "<![CDATA[x]]> <?php x ?> <!DOCTYPE html>",
    "</p></blockquote></li></ul>",
    "{% raw %} {{ secret }}",
    "www.e.vil and HTTPS://e.vil and a@e.vil",
]
PLACES = 14  # where a conversation of two exchanges shows what others wrote


class Page(HTMLParser):
    """A rendered page: its tags in order, and its texts without differences of white space."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def everywhere(text: str) -> str:
    """The Markdown of a conversation that has a text in all places where there is one."""
    answered = replace(
        ANSWERED,
        text=text,
        standing=text,
        scope=kept_to([text]),
        citations=(replace(ANSWERED.citations[0], article=text, quote=text),),
    )
    refused = replace(
        REFUSED,
        text=text,
        scope=kept_to([text]),
        nearest=(replace(REFUSED.nearest[0], quote=text),),
    )
    exchanges = [
        Exchange(1, text, answered, "done", "", ASKED),
        Exchange(2, text, refused, "failed", text, ASKED),
    ]
    conversation = replace(CONVERSATION, title=text, scope=kept_to([text]))
    return markdown(conversation, exchanges, {text: text})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_and_makes_no_markup(text: str) -> None:
    lines = len([line for line in text.splitlines() if line])
    plain = Page(everywhere("\n".join(["word"] * lines)))
    hostile = Page(everywhere(text))

    assert hostile.tags == plain.tags
    assert {"script", "img", "a"} & set(hostile.tags) == set()
    assert " ".join(hostile.words).count(" ".join(text.split())) == PLACES


@pytest.mark.slow
def test_pieces_of_markup_put_together_at_random_make_none() -> None:
    chance = random.Random(7)
    pieces = [
        *"\\`*_{}[]()#+-.!|~<>&=:$^@'\"\n\t 1a",
        "](",
        "![",
        "://",
        "www.",
        "</",
        "&#",
        "    ",
    ]
    for _ in range(1500):
        text = "a" + "".join(chance.choices([*pieces, *HOSTILE], k=8)) + "a"
        lines = len([line for line in text.splitlines() if line.strip()])
        page = Page(everywhere(text))
        assert page.tags == Page(everywhere("\n".join(["word"] * lines))).tags, text
        assert " ".join(page.words).count(" ".join(text.split())) >= PLACES, text


def test_bare_address_is_parted_so_that_none_is_made_a_link() -> None:
    text = "See http://e.vil, www.e.vil or a@e.vil at 10:30."

    assert r"See http\://e.vil, www\.e.vil or a\@e.vil at 10:30." in everywhere(text)


def test_control_characters_and_marks_of_direction_are_made_visible() -> None:
    assert "a\ufffdb\ufffdc\\\nd \\\\ud800" in everywhere("a\0b\u202ec\r\nd \ud800")


def test_what_is_known_of_an_article_is_no_quotation() -> None:
    known = replace(ANSWERED, citations=(Citation(1, "a.txt", 0, 0, "", "metadata", 1.0),))
    written = markdown(CONVERSATION, [replace(EXCHANGES[0], answer=known)], {"a.txt": "Bread"})

    assert written.endswith("\nSources:\n\n- \\[1\\] Bread, a.txt\n")


def test_articles_that_alone_were_asked_are_told_by_title_and_path() -> None:
    conversation = replace(CONVERSATION, scope=kept_to(["a.txt", "news/"]))
    asked = replace(EXCHANGES[1], answer=replace(REFUSED, scope=Scope(("./b_.txt", "*.md"), "hi")))
    titles = {"a.txt": "The *deal*", "news/": "news/", "b_.txt": "Tea"}
    written = markdown(conversation, [asked], titles)

    assert named(conversation, [asked, EXCHANGES[0], EXCHANGES[2]]) == {*titles, "004_é.txt"}
    assert written.split("\n\n")[2] == r"*Kept to:* The \*deal\*, a.txt; news/"
    assert "*Asked only:* Tea, b\\_.txt; '\\*.md', Hindi\n\nThe articles do" in written
    fields = standard.loads(json(conversation, [asked]))
    assert fields["scope"] == {"only": ["./a.txt", "./news/"]}
    assert fields["exchanges"][0]["scope"] == {"only": ["./b_.txt", "*.md"], "language": "hi"}
    assert list(fields)[-2:] == ["scope", "exchanges"]


def test_conversation_without_exchanges_is_its_heading() -> None:
    assert markdown(CONVERSATION, [], {}).splitlines()[0] == "# Who bought it?"


def test_json_has_the_keys_of_ask_json() -> None:
    fields = standard.loads(answer_json(ANSWERED, {}))
    del fields["models"]
    kept = {"number": 1, "asked": ASKED, "state": "done", "error": ""}

    assert standard.loads(json(CONVERSATION, EXCHANGES[:1])) == {
        "format": 1,
        "id": "abc",
        "title": "Who bought it?",
        "created": BEGUN,
        "updated": ASKED,
        "exchanges": [kept | fields],
    }


def test_json_of_what_was_not_answered_has_the_same_keys() -> None:
    written = standard.loads(json(CONVERSATION, EXCHANGES))["exchanges"]

    assert [list(one) for one in written[1:]] == [list(written[1])] * 3
    assert written[2] | {"timings": {}} == {
        "number": 4,
        "asked": ASKED,
        "state": "failed",
        "error": "The model was full.",
        "question": "When,\nand where?",
        "language": "",
        "answer": "",
        "answered": False,
        "citations": [],
        "nearest": [],
        "timings": {},
    }


def test_json_is_indented_and_keeps_every_script() -> None:
    text = json(replace(CONVERSATION, title="किसने\ud800?"), [])

    assert text.encode().decode().splitlines()[:4] == [
        "{",
        '  "format": 1,',
        '  "id": "abc",',
        '  "title": "किसने??",',
    ]


def test_the_page_of_a_source_stands_behind_its_article() -> None:
    at = passage.Page
    pages = at(0, "page", "3"), at(0, "sheet", "*Catch*"), at(0, "slide", "4", 0.934)
    (cited,) = ANSWERED.citations
    answer = replace(
        ANSWERED,
        citations=tuple(replace(cited, marker=i, page=p) for i, p in enumerate(pages, 1)),
    )
    exchanges = [replace(EXCHANGES[0], answer=answer)]
    lines = markdown(CONVERSATION, exchanges, {}).splitlines()
    found = standard.loads(json(CONVERSATION, exchanges))["exchanges"][0]["citations"]

    assert [line for line in lines if line.startswith("- ")] == [
        r"- \[1\] 004\_é.txt, p. 3 5-27",
        r"- \[2\] 004\_é.txt, sheet \*Catch\* 5-27",
        r"- \[3\] 004\_é.txt, slide 4, read by OCR (93% sure) 5-27",
    ]
    keys = "page", "sheet", "slide", "ocr"
    assert [tuple(map(each.get, keys)) for each in found] == [
        (3, None, None, None),
        (None, "*Catch*", None, None),
        (None, None, 4, 0.93),
    ]
