"""Marks of web pages that change what is read: each with the right text, once glued or lost."""

import pytest

from index.converters.html import markdown, markdown_of, read
from index.errors import NotText

LONG = (
    "The harbour museum shows boats of three centuries and tells how they were built by hand. " * 3
)


def page(body: str, head: str = "") -> str:
    html = f"<html><head>{head}</head><body><article><h1>T</h1><p>{LONG}</p>{body}</article></body>"
    return read(html.encode()).text.partition(LONG.strip())[2].strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("10<sup>3</sup> m<sup>2</sup>", "10³ m²", id="powers"),
        pytest.param("5×10<sup>−3</sup> H<sub>2</sub>O", "5×10⁻³ H₂O", id="signs"),
        pytest.param("e<sup>x+1</sup> and v<sub>max</sub>", "e^(x+1) and v_(max)", id="letters"),
        pytest.param("the 21<sup>st</sup>, M<sup>me</sup> Roy", "the 21st, Mme Roy", id="ordinals"),
        pytest.param("16<sup>a</sup> coins", "16ª coins", id="a table's mark"),
        pytest.param("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "漢字 (かんじ)", id="ruby"),
        pytest.param("<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>", "港 (みなと)", id="rp"),
        pytest.param("<del>6</del> <ins>7</ins> coins", "7 coins", id="deleted"),
        pytest.param("un<wbr>break&shy;able", "unbreakable", id="breaks"),
        pytest.param("<span style='vertical-align: super'>3</span>", "³", id="raised by style"),
        pytest.param("10<span class=superscript>3</span> m", "10³ m", id="raised by class"),
        pytest.param("<span style='text-decoration:line-through'>6</span> 7", "7", id="struck"),
        pytest.param("9<small>95</small> kr", "9⁹⁵ kr", id="cents"),
        pytest.param("<small>by law</small> 9 <small>95</small>", "by law 9 95", id="small print"),
        pytest.param("<p><span>Crew</span><span>3</span></p>", "Crew 3", id="a word and a number"),
        pytest.param("<p><b>2019</b><i>12</i></p>", "2019 12", id="two numbers"),
        pytest.param("<p><i>1</i><i>2</i><i>7</i></p>", "127", id="a counter"),
        pytest.param("<p>In 20<b>24</b>, A<b>4</b></p>", "In 2024, A4", id="a part of a number"),
        pytest.param(
            "<ul><li>a<ul><li>b 1</ul>2 c</ul>", "- a\n  - b 1  \n  2 c", id="behind a list"
        ),
        pytest.param(
            "<table><tr><td>Age<td>31<tr><td>Crew<td>3</table>",
            "- Age: 31\n- Crew: 3",
            id="two names and values",
        ),
        pytest.param("<q>Hot</q> <code>ls</code>", "“Hot” ls", id="quotation"),
        pytest.param("<input type=checkbox checked>Paid", "☑ Paid", id="ticked"),
        pytest.param("<input type=radio> No", "☐ No", id="empty"),
        pytest.param("Name:<input value=Heron>", "Name: Heron", id="field"),
        pytest.param(
            "Berth <select><option>A<option selected>C</select>", "Berth C", id="selected"
        ),
        pytest.param("<time datetime=2021-05-04>Tuesday</time>", "Tuesday (2021-05-04)", id="time"),
        pytest.param("on<time datetime=2021-05-04>4 May 2021</time>", "on4 May 2021", id="told"),
        pytest.param('see <img alt="the red boat">', "see [Image: the red boat]", id="picture"),
        pytest.param('see <img alt="DSC_001.jpg">.', "see .", id="a file's name"),
        pytest.param("ok <img alt=✓>", "ok ✓", id="a sign"),
        pytest.param("# of boats: 5", "#\u00a0of boats: 5", id="no heading"),
        pytest.param(
            "<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>",
            "E = mc²",
            id="equation",
        ),
        pytest.param(
            "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>",
            "(a+b)/2",
            id="fraction",
        ),
        pytest.param("<math alttext='x=1'></math>", "x=1", id="equation without a tree"),
    ],
)
def test_a_mark_becomes_text(html: str, text: str) -> None:
    assert markdown(f"<p>{html}</p>").strip() == text
    assert page(f"<p>{html}</p>") == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<ol start=5><li>a<li value=9>b<li>c</ol>", "5. a\n9. b\n10. c", id="start"),
        pytest.param("<ol reversed><li>a<li>b</ol>", "2. a\n1. b", id="reversed"),
        pytest.param("<ol type=a><li>x<li>y</ol>", "a. x\nb. y", id="letters"),
        pytest.param("<ol type=I start=4><li>x<li>y</ol>", "IV. x\nV. y", id="Roman"),
        pytest.param(
            "<dl><dt>Built<dd>1902<dt>By<dd>Rao<dd>Li</dl>",
            "- Built: 1902\n- By: Rao\n- By: Li",
            id="definitions",
        ),
        pytest.param("<dl><dt>A<dt>B<dd>1</dl>", "- A, B: 1", id="two terms"),
        pytest.param(
            "<details><summary>More</summary><p>12 m.</p></details>", "More\n\n12 m.", id="details"
        ),
        pytest.param("<pre># a\n\n  b</pre>", "```\n# a\n\n  b\n```", id="code"),
        pytest.param(
            "<figure><img alt='The mill in 1898'><figcaption>Moved in 1923.</figcaption></figure>",
            "[Image: The mill in 1898]\n\nMoved in 1923.",
            id="caption",
        ),
        pytest.param("<aside><p>It weighs 640 kg.</p></aside>", "It weighs 640 kg.", id="box"),
        pytest.param(
            "<table><caption>Fees</caption><tr><th>A<th>B<tr><td>1<td>2</table>",
            "Fees\n\n- A: 1; B: 2",
            id="a table's caption",
        ),
        pytest.param(
            "<table><tr><th colspan=2>Crane</th></tr><tr><th>Built<td>1898</table>",
            "- Crane\n- Built: 1898",
            id="infobox with a title",
        ),
        pytest.param(
            "<table><thead><tr><td>A<td>B</thead><tfoot><tr><td>9<td>9</tfoot>"
            "<tr><td>1<td>2</table>",
            "- A: 1; B: 2\n- A: 9; B: 9",
            id="header by its place",
        ),
    ],
)
def test_a_block_becomes_markdown(html: str, text: str) -> None:
    assert page(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param(
            "<p>In 1790<sup><a href='#fn1'>1</a></sup>.</p><p>Two.</p>"
            "<ol><li id=fn1>Or 1791. <a href='#fnref1'>↩</a></ol>",
            "In 1790 [1].\n\n[1] Or 1791.\n\nTwo.",
            id="raised link",
        ),
        pytest.param(
            "<p>In 1790<a role=doc-noteref href='#x'>*</a></p><div id=x><p>* Or 1791.</p></div>",
            "In 1790 [*]\n\n[*] Or 1791.",
            id="by its role",
        ),
        pytest.param(
            "<p>In 1790<a href='#_ftn1' name='_ftnref1'>[1]</a></p><div id=ftn1><p>"
            "<a href='#_ftnref1' name='_ftn1'>[1]</a> Or 1791.</p></div>",
            "In 1790 [1]\n\n[1] Or 1791.",
            id="Word",
        ),
        pytest.param(
            "<p>1790<sup class=reference><a href='#cite_note-1'>[1]</a></sup></p><h2>Notes</h2>"
            "<ol><li id=cite_note-1><span class=mw-cite-backlink>^</span> Gazette.</ol>",
            "1790 [1]\n\n## Notes\n\n- [1] Gazette.",
            id="a source stays in its list",
        ),
        pytest.param("<p>1790<sup>[2]</sup></p>", "1790 [2]", id="without a link"),
        pytest.param(
            "<p>1790<span class=sidenote>Or 1791.</span> on</p>",
            "1790 [Note: Or 1791.] on",
            id="in the margin",
        ),
        pytest.param(
            "<p>See <a href='#two'>part 2</a></p><p id=two>B</p>", "See part 2\n\nB", id="-"
        ),
    ],
)
def test_a_note_stands_apart_and_behind_its_paragraph(html: str, text: str) -> None:
    assert page(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<p hidden>Gone.</p>",
        "<p aria-hidden=true>Gone.</p>",
        "<p style='Display:None'>Gone.</p>",
        "<p class=off>Gone.</p>",
        "<dialog>Gone.</dialog>",
        "<template>Gone.</template>",
        "<noscript>Please enable JavaScript.</noscript>",
        "<div id=x><p>We and 9 partners store cookies.</p><button>Accept all</button></div>",
        "<div class=share-buttons><a href=x>Tweet</a></div>",
        "<section id=comments><p>first!!!</p></section>",
        "<form><input type=search><button>Go</button></form>",
    ],
)
def test_what_is_no_part_of_the_article_is_left_out(html: str) -> None:
    assert page(html, "<style>.off, #b { display: none }</style>") == ""


def test_a_rule_for_print_hides_nothing() -> None:
    style = "<style>@media print { .a { display: none } } .b { color: red }</style>"

    assert page("<p class=a>Kept.</p>", style) == "Kept."


def test_what_was_left_out_is_named() -> None:
    body = (
        f"<article><p>{LONG}</p><p hidden>a</p><s>b</s><iframe src='https://a.example/x'></iframe>"
    )
    html = f"<html><body>{body}</article><div id=comments><p>c</p></div></body></html>"

    assert read(html.encode()).notices == (
        "text that the page hides was left out",
        "comments of readers were left out",
        "text that is struck out was left out",
        "embedded pages, films or sounds were left out: a.example",
    )


@pytest.mark.parametrize(
    ("script", "text"),
    [
        pytest.param(
            '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": '
            '"The bridge is 412 metres long."}</script>',
            "The bridge is 412 metres long.",
            id="JSON-LD",
        ),
        pytest.param(
            "<script>window.__STATE__ = {'a': 1}</script><script>self.x = "
            '{"post": {"blocks": [{"text": "The bridge is 412 m."}, {"text": "It is new."}]}};'
            "</script>",
            "The bridge is 412 m.\n\nIt is new.",
            id="blocks of a state",
        ),
        pytest.param(
            '<script type="application/json">{"a": {"content": "<p>Of 412 <b>metres</b>, new</p>"}}'
            "</script>",
            "Of 412 metres, new",
            id="HTML inside",
        ),
    ],
)
def test_a_page_that_a_script_fills_is_read_from_its_data(script: str, text: str) -> None:
    html = f"<html><body><div id=root>Loading…</div>{script}</body></html>"

    assert read(html.encode()).text.strip() == text


def test_a_page_that_is_only_a_script_says_so() -> None:
    html = b"<body><div id=app></div><noscript>Enable JavaScript</noscript><script>go()</script>"

    with pytest.raises(NotText, match="only a script fills; open it in a browser"):
        read(html)


def test_a_sidebar_of_the_site_is_left_out_and_a_box_of_the_text_kept() -> None:
    html = f"""<body><div><h1>T</h1><p>{LONG}</p><aside>It weighs 640 kg.</aside><p>{LONG}</p></div>
    <div><aside><p>Words of the site beside it.</p></aside></div></body>"""

    assert "640 kg" in read(html.encode()).text
    assert "Words of the site" not in read(html.encode()).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>in 1856<a href='#n'>3</a> it was</p><p id=n>3 By us.</p>",
                     "in 1856 [3] it was\n\n[3] By us.", id="a link behind a number"),
        pytest.param("<p>in 1856<span class=c><a href='#n'>3</a></span></p><p id=n>3 By us.</p>",
                     "in 1856 [3]\n\n[3] By us.", id="a link raised by a class"),
        pytest.param("<p>12 m<b class=c>2</b>, not<i class=d> 9</i> 8</p>", "12 m², not 8",
                     id="raised and struck out"),
        pytest.param("<p>see part <a href='#n'>3</a></p><h2 id=n>3 Fees</h2>",
                     "see part 3\n\n## 3 Fees", id="a link to a part"),
    ],
)  # fmt: skip
def test_a_style_sheet_tells_what_is_raised(html: str, text: str) -> None:
    raised = "@media all { span.c, .c { vertical-align: super } }"
    sheet = f"/* {{ */ .x{{color:red}} {raised} .d{{text-decoration:line-through}}"

    assert markdown_of({"": html}, [sheet])[0][""].strip() == text
