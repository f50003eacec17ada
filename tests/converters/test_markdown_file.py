"""Markdown files: only lines that would be misread are rewritten; settings of three kinds."""

import pytest

from index.converters.front_matter import front_matter
from index.converters.markdown_file import read, rewritten


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("A\n===\n\nB\n---\n", "# A\n\n## B\n", id="setext"),
        pytest.param("A sentence.\n---\n", "A sentence.\n---\n", id="a rule below a sentence"),
        pytest.param("## A {#a .b}", "## A", id="attributes"),
        pytest.param("| A | B |\n|--|--|\n| 1 | a \\| b |", "- A: 1; B: a | b", id="table"),
        pytest.param("x\n\nA|B\n-|-\n1|2\n\ny", "x\n\n- A: 1; B: 2\n\ny", id="table of no edges"),
        pytest.param("- [x] a\n- [ ] b", "- ☑ a\n- ☐ b", id="tasks"),
        pytest.param("Term\n: Def", "- Term: Def", id="definition"),
        pytest.param("10<sup>3</sup> H<sub>2</sub>O", "10³ H₂O", id="raised"),
        pytest.param("Fee ~~12~~ 14", "Fee 14", id="struck"),
        pytest.param("a `~~b~~ &amp; <b>` c", "a `~~b~~ &amp; <b>` c", id="code span"),
        pytest.param("3&euro; &amp; \\$5", "3€ & $5", id="references"),
        pytest.param("a <!-- b --> c", "a c", id="comment"),
        pytest.param("<!-- a\n\n# b\n-->\n\nc", "\n\nc", id="comment of lines"),
        pytest.param("a < b, c > d, x_y_z, 2*3*4", "a < b, c > d, x_y_z, 2*3*4", id="no marks"),
        pytest.param("$a<b$ and **B** [l](u)", "$a<b$ and **B** [l](u)", id="kept as written"),
        pytest.param("[r]: http://a.b 'T'\n\n[r]", "\n[r]", id="where a link leads"),
        pytest.param("~~~\n# a", "~~~\n# a\n~~~", id="fence that is not closed"),
        pytest.param(
            "1790[^1].\n\nB.\n\n[^1]: Or 1791.", "1790 [1].\n\n[1] Or 1791.\n\n\nB.\n", id="-"
        ),
        pytest.param("a^[b c] d", "a [Note: b c] d", id="note in the line"),
        pytest.param("```\n[^1]: a\n```", "```\n[^1]: a\n```", id="note in code"),
        pytest.param(
            "<div align=center><b>A</b><br>31&nbsp;m</div>", "A  \n31\u00a0m", id="block of HTML"
        ),
    ],
)
def test_a_line_says_what_it_is(text: str, expected: str) -> None:
    assert rewritten(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "settings", "rest"),
    [
        pytest.param("---\na: 1\n---\nx", {"a": "1"}, "x", id="YAML"),
        pytest.param("+++\na = 1\n+++\nx", {"a": 1}, "x", id="TOML"),
        pytest.param('{"a": 1}\nx', {"a": 1}, "x", id="JSON"),
        pytest.param("+++\na =\n+++\nx", {}, "+++\na =\n+++\nx", id="broken TOML"),
        pytest.param("{a} is a set", {}, "{a} is a set", id="no JSON"),
        pytest.param('{"a": 1} x', {}, '{"a": 1} x', id="JSON in a line"),
    ],
)
def test_front_matter_of_three_kinds(text: str, settings: dict[str, object], rest: str) -> None:
    assert front_matter(text) == (settings, rest)


def test_a_date_of_toml_is_the_articles_date() -> None:
    article = read(b'+++\ntitle = "Dues"\ndate = 2024-02-03\n+++\n14 coins.')

    assert (article.title, article.date, article.text) == ("Dues", "2024-02-03", "14 coins.")


@pytest.mark.parametrize(
    "text",
    [
        "`" * 3 + "a`" * 40_000,
        "[^a]: x\n" * 20_000,
        "~~a " * 50_000,
        "<sup>" * 50_000,
        "> " * 50_000,
    ],
)
@pytest.mark.timeout(60)
def test_hostile_markdown_is_read_in_time(text: str) -> None:
    assert rewritten(text)
