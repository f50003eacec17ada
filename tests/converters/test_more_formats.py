"""E-mail, RTF, OpenDocument, reStructuredText, Org, subtitles: no fact is glued or lost."""

# ruff: noqa: E501 - constructs of formats in a line each

import io
import zipfile

import pytest

from index.converters.converted import Converted
from index.converters.worker import convert
from index.errors import NotText

_SPACES = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = " ".join(
    f'xmlns:{name}="{_SPACES}:{rest}:1.0"'
    for name, rest in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("form", "form"),
    )
)


def odf(kind: str, body: str, styles: str = "", **parts: str) -> bytes:
    content = (
        f'<office:document-content {_NAMES} xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, part in {"content.xml": content, **parts}.items():
            file.writestr(name, part)
    return data.getvalue()


def sheet(rows: str) -> bytes:
    return odf("spreadsheet", f'<table:table table:name="A">{rows}</table:table>')


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def reason(reader: str, data: bytes) -> str:
    with pytest.raises(NotText) as refused:
        convert(reader, data)
    return str(refused.value)


def rtf(body: str) -> str:
    return convert("rtf", rb"{\rtf1\ansi\ansicpg1252 " + body.encode("latin-1") + b"}").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(r"210{\super 3} m", "210³ m", id="raised"),
        pytest.param(r"H{\sub 2}O", "H₂O", id="lowered"),
        pytest.param(r"the 21{\super st}", "the 21st", id="ordinal"),
        pytest.param(r"x{\super ab}", "x^(ab)", id="raised letters"),
        pytest.param(r"seen{\v  unseen}", "seen", id="hidden"),
        pytest.param(r"now{\deleted  before}", "now", id="deleted"),
        pytest.param(r"{\strike 12} 15 {\striked1 16}{\strike0 17}", "15 17", id="struck out"),
        pytest.param(r"\u8211?\u-10179?\u-8704?", "–😀", id="Unicode"),
        pytest.param(r"\uc2\u233\'c3\'a9t", "ét", id="two bytes for a letter"),
        pytest.param(r"caf\'e9", "café", id="code page"),
        pytest.param(r"a\~b\_c\emdash d", "a b‑c—d", id="symbols"),
        pytest.param(r"{\upr{old}{\*\ud new}}", "new", id="two ways to say it"),
        pytest.param(r"{\field{\*\fldinst HYPERLINK x}{\fldrslt here}}", "here", id="link"),
        pytest.param(r"# 3 is it", "\u2060# 3 is it", id="no heading"),
        pytest.param("a\\\nb", "a\n\nb", id="paragraphs of TextEdit"),
        pytest.param(r"a{\*\unknown b}c", "ac", id="unknown group"),
        pytest.param(r"metres{\footnote {\super\chftn} By us.} on", "metres [1] on\n\n[1] By us.",
                     id="footnote"),
    ],
)  # fmt: skip
def test_letters_of_rtf_are_what_its_page_shows(body: str, text: str) -> None:
    assert rtf(body) == text


def test_letters_of_another_alphabet_come_from_their_font() -> None:
    fonts = r"{\fonttbl{\f0 A;}{\f1\fcharset204 B;}{\f2\fcharset134 C;}}"

    assert rtf(fonts + r"{\f1 \'cf\'f0} {\f2 \'b0\'ae}") == "Пр 爱"


def test_a_box_that_is_ticked_in_rtf_is_ticked() -> None:
    box = r"{\field{\*\fldinst FORMCHECKBOX{\*\formfield{\fftype1\ffres%d\ffdefres0}}}} Paid"

    assert (rtf(box % 1), rtf(box % 0), rtf(box % 25)) == ("☑ Paid", "☐ Paid", "☐ Paid")


def test_what_rtf_leaves_out_is_named() -> None:
    found = convert("rtf", rb"{\rtf1 Seen.{\v Not.}{\deleted Old.}{\footer Board}{\pict 00}")

    assert found == Converted(
        "Seen.",
        notices=(
            "it was not saved whole: what follows the last words is missing",
            "the heads and feet of its pages were left out: “Board”",
            "hidden text was left out",
            "text that was deleted with changes tracked was left out",
            "1 picture was not read",
        ),
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("<text:p>a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d</text:p>",
                     "a b c d", id="white space"),
        pytest.param("<text:p>10<text:span text:style-name='U'>3</text:span> m</text:p>",
                     "10³ m", id="raised by a style of a style"),
        pytest.param("<text:p><text:span text:style-name='X'>12</text:span> 15</text:p>", "15",
                     id="struck out"),
        pytest.param("<text:p>a<text:hidden-text text:string-value='x'>x</text:hidden-text></text:p>",
                     "a", id="hidden"),
        pytest.param("<text:p>a<text:note><text:note-citation>1</text:note-citation>"
                     "<text:note-body><text:p>By us.</text:p></text:note-body></text:note>.</text:p>",
                     "a [1].\n\n[1] By us.", id="note"),
        pytest.param("<text:p>On <text:date>6 May</text:date></text:p>", "On 6 May", id="field"),
        pytest.param("<text:list text:style-name='N'><text:list-item><text:p>a</text:p></text:list-item>"
                     "</text:list><text:p>b</text:p><text:list text:style-name='N' "
                     "text:continue-numbering='true'><text:list-item><text:p>c</text:p>"
                     "</text:list-item></text:list>", "1. a\n\nb\n\n2. c", id="goes on counting"),
        pytest.param("<text:p><draw:frame><draw:image/><svg:desc xmlns:svg='s'>A quay</svg:desc>"
                     "</draw:frame>b</text:p>", "b\n\n[Picture: A quay]", id="alternative words"),
        pytest.param("<office:forms><form:form><form:checkbox form:id='c' form:label='Paid' "
                     "form:current-state='checked'/></form:form></office:forms>"
                     "<text:p><draw:control draw:control='c'/></text:p>", "☑ Paid", id="ticked box"),
    ],
)  # fmt: skip
def test_letters_of_an_opendocument_text(body: str, text: str) -> None:
    styles = (
        '<style:style style:name="S" style:family="text">'
        '<style:text-properties style:text-position="33% 58%"/></style:style>'
        '<style:style style:name="X" style:family="text"><style:text-properties '
        'style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="U" style:family="text" style:parent-style-name="S"/>'
        '<text:list-style style:name="N"><text:list-level-style-number text:level="1" '
        'style:num-format="1" style:num-suffix="."/></text:list-style>'
    )
    assert convert("odt", odf("text", body, styles)).text == text


@pytest.mark.parametrize(
    ("math", "line"),
    [
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a+b)/2"),
        ("<mrow><mi>E</mi><mo>=</mo><msup><mn>10</mn><mn>12</mn></msup></mrow>", "E = 10¹²"),
        ("<msqrt><mi>x</mi></msqrt>", "√(x)"),
        ("<semantics><mi>x</mi><annotation>never</annotation></semantics>", "x"),
    ],
)
def test_an_equation_is_read_in_one_line(math: str, line: str) -> None:
    frame = '<text:p><draw:frame><draw:object xlink:href="./O"/></draw:frame></text:p>'
    tree = f'<math xmlns="http://www.w3.org/1998/Math/MathML">{math}</math>'

    assert convert("odt", odf("text", frame, **{"O/content.xml": tree})).text == line


def test_cells_are_what_a_sheet_shows() -> None:
    found = convert("ods", sheet(
        row(cell("Boat"), cell("Share"), cell("Since"))
        + row(cell("Heron", 'table:number-rows-spanned="2"'),
              cell("7.5%", 'office:value="0.075"'),
              '<table:table-cell office:date-value="2024-05-06"/>')
        + row("<table:covered-table-cell/>", cell("8%"),
              '<table:table-cell table:formula="of:=1"/>')
        + row(cell("Secret"), more='table:visibility="collapse"')
    ))  # fmt: skip

    assert found.text == (
        "## A\n\n- Boat: Heron; Share: 7.5%; Since: 2024-05-06\n- Boat: Heron; Share: 8%"
    )
    assert found.notices == (
        "1 row is hidden on sheet “A” and was left out",
        "1 formula has no value on sheet “A”; open it and save it again",
    )


def test_hidden_columns_are_left_out_and_named() -> None:
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    found = convert("ods", sheet(
        f"{columns}<table:table-column/>"
        + row(cell("Boat"), cell("Price paid"), cell("Fee"))
        + row(cell("Heron"), cell("900"), cell("14"))
    ))  # fmt: skip

    assert found.text == "## A\n\n- Boat: Heron; Fee: 14"
    assert found.notices == ("1 column is hidden on sheet “A” and was left out",)


@pytest.mark.parametrize(
    "rows",
    [
        row(cell("x"), more='table:number-rows-repeated="1000000000"'),
        row(cell("x")) + row("<table:table-cell/>", more='table:number-rows-repeated="1048576"'),
        row(cell("x"), '<table:table-cell table:number-columns-repeated="1000000000"/>'),
    ],
)
def test_a_count_of_a_billion_costs_nothing(rows: str) -> None:
    assert convert("ods", sheet(rows)).text == "## A\n\nx"


def test_each_table_of_an_opendocument_sheet_has_its_own_names() -> None:
    lines = ["Owner|Ana Rao", "Harbour|Oss", "", "Boat|Fee", "Tern|9", "Gull|8", "", "Crew|Since",
             "Bo|2004"]  # fmt: skip
    rows = "".join(row(*map(cell, line.split("|"))) for line in lines)

    assert convert("ods", sheet(rows)).text == (
        "## A\n\n- Owner: Ana Rao\n- Harbour: Oss\n\n"
        "- Boat: Tern; Fee: 9\n- Boat: Gull; Fee: 8\n\n- Crew: Bo; Since: 2004"
    )


def test_slides_are_read_from_the_top_and_hidden_ones_named() -> None:
    box = '<draw:frame svg:x="1cm" svg:y="{}cm" xmlns:svg="s"><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>'
    shown = f"<draw:page>{box.format(9, 'second')}{box.format(2, 'first')}</draw:page>"
    hidden = f'<draw:page draw:style-name="H">{box.format(1, "never")}</draw:page>'
    style = (
        '<style:style style:name="H" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    found = convert("odp", odf("presentation", shown + hidden, style))

    assert found.text == "first\n\nsecond"
    assert found.notices == ("slide 2 is hidden and was left out",)


def mail(body: str, head: str = "") -> str:
    return convert("eml", f"Subject: s\n{head}\n{body}".encode()).text.partition("\n\n")[2]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            f"{'word ' * 13}\nends here.\n", f"{'word ' * 12}word ends here.", id="wrapped"
        ),
        pytest.param("Fee: 9\nDay: Sunday", "Fee: 9\n\nDay: Sunday", id="short lines"),
        pytest.param("> > a\n> b\nc", "> > a\n\n> b\n\nc", id="quotes"),
        pytest.param("a\n-- \nAna\nBoard", "a\n\n[Signature: Ana; Board]", id="signature"),
        pytest.param("a\n--\nb\n> c", "a\n\n--\n\nb\n\n> c", id="no signature"),
    ],
)
def test_lines_of_mail_are_joined_where_a_program_broke_them(body: str, text: str) -> None:
    assert mail(body) == text


def test_flowed_text_without_its_spaces() -> None:
    head = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n"

    assert mail("码头长 \n210米。\n", head) == "码头长210米。"


def test_a_comma_in_a_name_makes_no_two_people() -> None:
    data = b"From: =?utf-8?q?Rao=2C_Ana?= <a@b.example>\nSubject: s\n\nHello"

    assert convert("eml", data).text.startswith("- From: Rao, Ana <a@b.example>; Subject: s\n\n")


def test_a_line_that_begins_with_from_ends_no_message() -> None:
    box = (
        b"From a@b Mon May  6 09:00:00 2024\nFrom: A <a@b.c>\nSubject: One\n\nx\n"
        b"From the quay.\n>From here.\n\n"
        b"From a@b Mon May  6 09:00:00 2024\nSubject: Two\n\ny\n"
    )

    assert convert("mbox", box).text == (
        "## One (A)\n\n- From: A <a@b.c>; Subject: One\n\nx\n\nFrom the quay.\n\nFrom here.\n\n"
        "## Two\n\n- Subject: Two\n\ny"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("10\\ :sup:`3` m", "10³ m", id="raised"),
        pytest.param("metres [1]_.\n\n.. [1] By us.", "metres [1].\n\n[1] By us.", id="note"),
        pytest.param("See :doc:`the plan <plan>`.", "See the plan.", id="role of Sphinx"),
        pytest.param(".. tip of the day\n\na", "a", id="comment"),
        pytest.param("C. third\nD. fourth", "- C. third\n- D. fourth", id="letters of a list"),
        pytest.param(":math:`a_1`", "a_1", id="equation"),
    ],
)
def test_restructured_text(text: str, shown: str) -> None:
    assert convert("rst", text.encode()).text.strip() == shown


def test_restructured_text_reads_no_other_file() -> None:
    text = b"a\n\n.. include:: /etc/passwd\n\n.. image:: /etc/passwd\n   :scale: 50\n\n.. raw:: html\n\n   <b>x</b>\n"
    found = convert("rst", text)

    assert found.text.strip() == "a"
    assert found.notices == ("“include” was left out: /etc/passwd", "“raw” was left out: html")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("10^3 m^{2}, H_{2}O, snake_case", "10³ m², H₂O, snake_case", id="raised"),
        pytest.param("*a* /b/ =c_{1}= ~d~ 3*4*5 a/b/c", "a b c_{1} d 3*4*5 a/b/c", id="marks"),
        pytest.param("on <2024-05-06 Mon 10:00>", "on 2024-05-06 10:00", id="date"),
        pytest.param("metres[fn:1]\n\n[fn:1] By us.", "metres [1]\n\n[1] By us.", id="note"),
        pytest.param("| a | b |\n|---+---|\n| 1 | 2 |", "- a: 1; b: 2", id="table"),
        pytest.param("#+BEGIN_SRC sh\n# x\n#+END_SRC", "```\n# x\n```", id="code"),
        pytest.param("* DONE a\nCLOSED: [2024-05-06 Mon]\nb", "# DONE a\n\n- Closed: 2024-05-06\n\nb",
                     id="state"),
    ],
)  # fmt: skip
def test_org(text: str, shown: str) -> None:
    assert convert("org", text.encode()).text == shown


CUE = "00:0{}:00,000 --> 00:0{}:02,000\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"1\n{CUE.format(1, 1)}The year was\n1984\n", "[01:00] The year was 1984",
                     id="a number in the last line"),
        pytest.param(f"1\n{CUE.format(1, 1)}It costs\n\n2\n{CUE.format(1, 1)}nine.\n",
                     "[01:00] It costs nine.", id="a sentence over two cues"),
        pytest.param(f"1\n{CUE.format(1, 1)}a\n2\n{CUE.format(5, 5)}b\n", "[01:00] a b",
                     id="no empty line"),
        pytest.param(f"1\n{CUE.format(1, 1)}{{\\an8}}<i>a</i> {{b}} &lt;3\n", "[01:00] a {b} <3",
                     id="marks"),
        pytest.param(f"1\n{CUE.format(1, 1)}- Who?\n- Ana.\n", "[01:00] Who?\n\n[01:00] Ana.",
                     id="two speakers"),
    ],
)  # fmt: skip
def test_subtitles(text: str, shown: str) -> None:
    assert convert("srt", text.encode()).text == shown


def test_comments_of_subtitles_are_no_speech_and_speakers_are_named() -> None:
    text = (
        "WEBVTT\n\nNOTE not said\n\nintro\n00:01.000 --> 00:02.000\n<v Ana>Nine<00:01.5> coins.\n\n"
        "STYLE\n::cue {}\n\n00:03.000 --> 00:04.000\n<v Li>Thanks.\n"
    )

    assert convert("vtt", text.encode()).text == "[00:01] Ana: Nine coins.\n\n[00:03] Li: Thanks."


@pytest.mark.parametrize(
    ("reader", "data", "why"),
    [
        pytest.param("eml", b"hello", "is not an e-mail message", id="no mail"),
        pytest.param("eml", b"Subject: a\n" + b"Content-Type: message/rfc822\n\n" * 100_000,
                     "is nested too deeply", id="deep mail"),
        pytest.param("eml", b"Subject: a\nContent-Type: multipart/encrypted; boundary=x\n\n--x--",
                     "is encrypted", id="encrypted mail"),
        pytest.param("mbox", b"hello", "is not a mailbox", id="no mailbox"),
        pytest.param("mbox", b"From a\nSubject: s\n\nx\n\n" * 100_000, "more than 20000 messages",
                     id="many messages"),
        pytest.param("rtf", b"{\\rtf1 " + b"{" * 100_000, "is nested too deeply", id="deep RTF"),
        pytest.param("rtf", b"hello", "is not RTF", id="no RTF"),
        pytest.param("odt", odf("text", "<text:list>" * 300 + "</text:list>" * 300), "is damaged",
                     id="deep list"),
        pytest.param("odt", odf("spreadsheet", ""), "is not an OpenDocument text", id="a sheet"),
        pytest.param("odt", odf("text", "a", **{"META-INF/manifest.xml": "<encryption-data/>"}),
                     "is encrypted", id="encrypted"),
        pytest.param("ods", sheet(row(cell("x", 'table:number-columns-repeated="1000000000"'))),
                     "more than 1000 columns", id="wide"),
        pytest.param("rst", b"- " * 100_000 + b"x", "is nested too deeply", id="deep list in RST"),
        pytest.param("org", b"# only a comment\n", "holds no text", id="no text"),
        pytest.param("srt", b"hello", "holds no SubRip", id="no subtitles"),
        pytest.param("vtt", b"hello", "is not WebVTT", id="no WebVTT"),
    ],
)  # fmt: skip
def test_a_hostile_file_costs_one_reason(reader: str, data: bytes, why: str) -> None:
    assert why in reason(reader, data)
