"""What stands on a page of Word is what is read: no number is glued, lost or made up."""

import time

import pytest

from index.converters.worker import convert
from index.errors import NotText
from tests.support.office_files import element, paragraph, run, word

SUPER = '<w:vertAlign w:val="superscript"/>'
CHANGE = 'w:id="1" w:author="Ana Rao"'


def read(body: str, **parts: str) -> str:
    return convert("docx", word(body, parts)).text


def notices(body: str, **parts: str) -> tuple[str, ...]:
    return convert("docx", word(body, parts)).notices


def field(code: str, result: str = "", form: str = "") -> str:
    def mark(kind: str, inside: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'

    begun = mark("begin", f"<w:ffData>{form}</w:ffData>" if form else "")
    code = f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
    return f"{begun}{code}{mark('separate') + run(result) if result else ''}{mark('end')}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(run("10") + run("3", SUPER) + run(" m"), "10³ m", id="power"),
        pytest.param(run("10") + run("-", SUPER) + run("6", SUPER), "10⁻⁶", id="power in two runs"),
        pytest.param(run("210 metres") + run("3", SUPER), "210 metres [3]", id="mark by hand"),
        pytest.param(run("19") + run("th", SUPER) + run(" May"), "19th May", id="ordinal"),
        pytest.param(run("10") + run("4", '<w:position w:val="8"/>'), "10⁴", id="moved up"),
        pytest.param(run("a") + run(" b", "<w:vanish/>") + run(" c"), "a c", id="hidden"),
        pytest.param(run("a", '<w:vanish w:val="false"/>'), "a", id="not hidden"),
        pytest.param(run("9", "<w:strike/>") + run("12 coins"), "12 coins", id="struck out"),
        pytest.param(
            run("30")
            + f"<w:del {CHANGE}><w:r><w:delText>5</w:delText></w:r></w:del>"
            + f"<w:ins {CHANGE}>{run('7')}</w:ins>",
            "307",
            id="tracked changes",
        ),
        pytest.param(
            run("East") + "<w:r><w:noBreakHyphen/></w:r>" + run("Quay"), "East-Quay", id="hyphen"
        ),
        pytest.param(
            run("har") + "<w:r><w:softHyphen/></w:r>" + run("bour"), "harbour", id="soft hyphen"
        ),
        pytest.param(run("10") + "<w:r><w:tab/></w:r>" + run("000"), "10\t000", id="tab"),
        pytest.param(run("10") + "<w:r><w:br/></w:r>" + run("000"), "10\n000", id="line"),
        pytest.param(
            '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run(" lights"),
            "☑ lights",
            id="symbol",
        ),
        pytest.param(run("m", '<w:rFonts w:ascii="Symbol"/>') + run("m"), "μm", id="symbol font"),
        pytest.param(
            "<w:r><w:ruby><w:rt>" + run("とう") + "</w:rt><w:rubyBase>" + run("灯")
            + "</w:rubyBase></w:ruby></w:r>",
            "灯 (とう)",
            id="ruby",
        ),
        pytest.param(f'<w:dir w:val="rtl">{run("رصيف 9")}</w:dir>', "رصيف 9", id="direction"),
        pytest.param(
            f'<w:hyperlink r:id="x">{run("the page")}</w:hyperlink>', "the page", id="link"
        ),
    ],
)  # fmt: skip
def test_a_run_reads_as_it_looks(content: str, expected: str) -> None:
    assert read(paragraph(content)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(field("PAGEREF _x", "7"), "7", id="result"),
        pytest.param(field("FORMTEXT", "Heron"), "Heron", id="filled text"),
        pytest.param(
            field("FORMCHECKBOX", form="<w:checkBox><w:checked/></w:checkBox>"), "☑", id="ticked"
        ),
        pytest.param(
            field("FORMCHECKBOX", form='<w:checkBox><w:default w:val="0"/></w:checkBox>'),
            "☐",
            id="not ticked",
        ),
        pytest.param(
            field(
                "FORMDROPDOWN",
                form='<w:ddList><w:result w:val="1"/><w:listEntry w:val="North"/>'
                '<w:listEntry w:val="South"/></w:ddList>',
            ),
            "South",
            id="chosen",
        ),
        pytest.param(field(r"EQ \f(3,4)"), "3/4", id="old fraction"),
        pytest.param(field(r"EQ \r(3,x+1)"), "√[3](x+1)", id="old root"),
        pytest.param(field(r"SYMBOL 177 \f Symbol"), "±", id="symbol"),
        pytest.param(field("MACROBUTTON Go Press here"), "Press here", id="button"),
        pytest.param(field("XE harbour"), "", id="word of an index"),
        pytest.param(
            f'<w:fldSimple w:instr=" REF a "><w:r><w:t>{"2.2"}</w:t></w:r></w:fldSimple>',
            "2.2",
            id="simple",
        ),
    ],
)
def test_a_field_reads_as_it_was_last_shown(content: str, expected: str) -> None:
    assert read(paragraph(run("Field: ") + content + run("."))) == f"Field: {expected}."


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param("<w:text/>", "Blue", id="text"),
        pytest.param("<w:showingPlcHdr/><w:text/>", "", id="placeholder"),
        pytest.param(
            '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>', "☑", id="ticked"
        ),
        pytest.param(
            '<w14:checkbox><w14:checked w14:val="0"/></w14:checkbox>', "☐", id="not ticked"
        ),
    ],
)  # fmt: skip
def test_a_content_control_reads_as_it_is_filled(properties: str, expected: str) -> None:
    control = (
        f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{run('Blue')}</w:sdtContent></w:sdt>"
    )

    assert read(paragraph(run("Flag: ") + control + run("."))) == f"Flag: {expected}."


def test_hidden_text_by_style_is_left_out_and_named() -> None:
    styles = element(
        "w:styles",
        '<w:style w:type="character" w:styleId="S"><w:name w:val="Secret"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style>"
        '<w:style w:type="character" w:styleId="T"><w:basedOn w:val="S"/></w:style>',
    )
    body = paragraph(run("Seen.") + run(" Hidden.", '<w:rStyle w:val="T"/>'))

    assert read(body, styles=styles) == "Seen."
    assert notices(body, styles=styles) == ("hidden text was left out",)


def test_a_note_stands_apart_from_its_word_and_below_its_paragraph() -> None:
    notes = element("w:footnotes", f'<w:footnote w:id="2">{paragraph("By chain.")}</w:footnote>')
    body = paragraph(
        run("210 metres") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run(" long.")
    )

    assert read(body + paragraph("Next."), footnotes=notes) == (
        "210 metres [1] long.\n\n[1] By chain.\n\nNext."
    )


def test_notes_keep_a_mark_of_their_own_and_the_numbers_of_their_kind() -> None:
    notes = element("w:footnotes", f'<w:footnote w:id="2">{paragraph("Star.")}</w:footnote>')
    ends = element("w:endnotes", f'<w:endnote w:id="2">{paragraph("End.")}</w:endnote>')
    star = '<w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>*</w:t>'
    body = paragraph(
        run("In 1790") + f"<w:r>{star}</w:r>" + run(" or 1791")
        + '<w:r><w:endnoteReference w:id="2"/></w:r>'
    )  # fmt: skip

    assert read(body, footnotes=notes, endnotes=ends).startswith("In 1790 [*] or 1791 [i]\n\n[*] ")


def test_a_comment_follows_its_paragraph_with_who_wrote_it() -> None:
    notes = element(
        "w:comments",
        f'<w:comment w:id="0" w:author="Li Wei">{paragraph("Eight?")}{paragraph("Ask.")}'
        "</w:comment>",
    )
    body = paragraph(run("Opens at six.") + '<w:r><w:commentReference w:id="0"/></w:r>')

    assert read(body, comments=notes) == "Opens at six.\n\n[Comment by Li Wei: Eight? Ask.]"


def test_a_deleted_end_of_a_paragraph_joins_it_with_the_next() -> None:
    body = paragraph("This line", f"<w:rPr><w:del {CHANGE}/></w:rPr>") + paragraph("goes on.")

    assert read(body) == "This line goes on."


def test_a_large_first_letter_belongs_to_its_word() -> None:
    body = paragraph("T", '<w:framePr w:dropCap="drop"/>') + paragraph("he quay.")

    assert read(body) == "The quay."


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('Boxed.')}</w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )

    assert read(paragraph(run("Seen.") + f"<w:r>{both}</w:r>")) == "Seen.\n\nBoxed."


def test_pictures_are_counted_and_their_words_kept() -> None:
    picture = (
        '<w:r><w:drawing><wp:docPr id="1" name="x" descr="Three boats"/><a:graphic>'
        "<a:graphicData><pic:pic xmlns:pic='urn:x'/></a:graphicData></a:graphic></w:drawing></w:r>"
    )
    body = paragraph(run("Seen.") + picture + picture)

    assert read(body) == "Seen.\n\n[Picture: Three boats]\n\n[Picture: Three boats]"
    assert notices(body) == ("holds 2 pictures, whose words were not read",)


def test_a_table_of_contents_is_left_out_and_named() -> None:
    body = paragraph(field("TOC", "Payment 7")) + paragraph("Payment is due in May.")

    assert read(body) == "Payment is due in May."
    assert notices(body) == ("its table of contents was left out",)


def test_a_header_is_read_once_at_the_end_without_numbers_of_pages() -> None:
    header = element("w:hdr", paragraph("Paper 14"))
    footer = element("w:ftr", paragraph(run("Page ") + field("PAGE", "1")))
    section = '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>' \
        '<w:footerReference w:type="default" r:id="footer1"/></w:sectPr>'  # fmt: skip
    body = paragraph("", section) + paragraph("Text.") + section

    assert read(body, header1=header, footer1=footer) == "Text.\n\n[Header: Paper 14]"


def test_a_long_clause_with_the_style_of_a_heading_is_a_paragraph() -> None:
    styles = element(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/></w:style>',
    )
    clause = "The lessee pays the dues of the berth by the tenth day of each month to the board."
    body = paragraph("Dues", '<w:pStyle w:val="H"/>') + paragraph(clause, '<w:pStyle w:val="H"/>')

    assert read(body, styles=styles) == f"## Dues\n\n{clause}"


def test_a_note_that_begins_with_a_minus_keeps_it() -> None:
    notes = element("w:footnotes", f'<w:footnote w:id="2">{paragraph("-5 degrees.")}</w:footnote>')
    body = paragraph(run("Frost") + '<w:r><w:footnoteReference w:id="2"/></w:r>')

    assert read(body, footnotes=notes) == "Frost [1]\n\n[1] -5 degrees."


def test_an_inserted_page_is_read_and_another_kind_named() -> None:
    body = (
        paragraph("Seen.") + '<w:altChunk r:id="aFChunk1.html"/><w:altChunk r:id="aFChunk2.rtf"/>'
    )
    file = word(body, {"aFChunk1.html": "<p>From the web.</p>", "aFChunk2.rtf": "{\\rtf}"})
    converted = convert("docx", file)

    assert converted.text == "Seen.\n\nFrom the web."
    assert converted.notices == ("holds 1 inserted document, which was not read",)


def test_the_strict_form_of_the_names_is_read_too() -> None:
    assert convert("docx", word(paragraph("Read."), strict=True)).text == "Read."


def test_hidden_words_alone_are_no_text() -> None:
    with pytest.raises(NotText, match="holds no text"):
        convert("docx", word(paragraph(run("Hidden.", "<w:vanish/>"))))


def test_a_field_that_never_ends_hides_no_more_than_its_paragraph() -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'

    assert read(paragraph(run("One.") + begun + run("two")) + paragraph("Three.")) == (
        "One.\n\nThree."
    )


def test_fields_in_fields_take_no_time_squared() -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    result = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    begin = time.perf_counter()

    assert read(paragraph((begun + result + run("x")) * 5_000)) == "x" * 5_000
    assert time.perf_counter() - begin < 5


def test_styles_based_on_each_other_in_a_circle_end() -> None:
    styles = element(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>',
    )

    assert read(paragraph("Read.", '<w:pStyle w:val="A"/>'), styles=styles) == "Read."


def test_a_note_named_many_times_is_read_once() -> None:
    notes = element("w:footnotes", f'<w:footnote w:id="2">{paragraph("x" * 1000)}</w:footnote>')
    body = paragraph(run("a") + '<w:r><w:footnoteReference w:id="2"/></w:r>' * 1000)

    assert len(read(body, footnotes=notes)) < 10_000


def test_a_row_of_names_that_is_bold_or_repeated_names_what_is_below() -> None:
    def cell(text: str, properties: str = "") -> str:
        inside = f"<w:tcPr>{properties}</w:tcPr>" if properties else ""
        return f"<w:tc>{inside}{paragraph(text)}</w:tc>"

    wide, start, goes_on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("Boat", start) + cell("2024", wide),
        "<w:trPr><w:tblHeader/></w:trPr>" + cell("", goes_on) + cell("Q1") + cell("Q2"),
        cell("Heron") + cell("laid up", wide),
        cell("Otter", start) + cell("3") + cell("4"),
        cell("", goes_on) + cell("5") + cell("6"),
    ]
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)

    assert read(f"<w:tbl>{table}</w:tbl>").split("\n") == [
        "- Boat: Heron; 2024 Q1: laid up; 2024 Q2: laid up",
        "- Boat: Otter; 2024 Q1: 3; 2024 Q2: 4",
        "- Boat: Otter; 2024 Q1: 5; 2024 Q2: 6",
    ]


def test_a_cell_that_continues_nothing_is_kept() -> None:
    cells = (f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{paragraph(x)}</w:tc>" for x in ("Heron", "Nine"))

    assert read(f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>") == "- Heron; Nine"


def test_hidden_rows_are_left_out_and_named() -> None:
    row = f"<w:tc>{paragraph('Boat')}</w:tc><w:tc>{paragraph('Berth')}</w:tc>"
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr>{row}</w:tr>"
    body = f"<w:tbl><w:tr>{row}</w:tr>{hidden}</w:tbl>"

    assert read(body) == "- Boat; Berth"
    assert notices(body) == ("hidden table rows were left out",)
