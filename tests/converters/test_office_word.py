"""What stands on a page of Word is what is read: no number is glued, lost or made up."""

import time

import pytest

from index.converters.worker import convert
from index.errors import NotText
from tests.support.office_files import element, field, notices, paragraph, read, run, word
from tests.support.sample_files import zipped

SUPER = '<w:vertAlign w:val="superscript"/>'
CHANGE = 'w:id="1" w:author="Ana Rao"'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(run("10") + run("3", SUPER) + run(" m"), "10³ m", id="power"),
        pytest.param(run("10") + run("-", SUPER) + run("6", SUPER), "10⁻⁶", id="power in two runs"),
        pytest.param(run("the guild") + run("3", SUPER), "the guild [3]", id="mark by hand"),
        pytest.param(run("40 feet") + run("2", SUPER), "40 feet²", id="area"),
        pytest.param(run("40 feet") + run("12", SUPER), "40 feet [12]", id="mark after a unit"),
        pytest.param(run("19") + run("th", SUPER) + run(" May"), "19th May", id="ordinal"),
        pytest.param(run("10") + run("a", SUPER), "10^a", id="power of a letter"),
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
        pytest.param(
            run("mix 3") + "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
            "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>" + run(" cups"),
            "mix 3 1/2 cups",
            id="fraction behind a number",
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


def test_a_deleted_end_of_a_paragraph_joins_it_with_the_next() -> None:
    body = paragraph("This line", f"<w:rPr><w:del {CHANGE}/></w:rPr>") + paragraph("goes on.")

    assert read(body) == "This line goes on."


def test_a_large_first_letter_belongs_to_its_word() -> None:
    body = paragraph("T", '<w:framePr w:dropCap="drop"/>') + paragraph("he quay.")

    assert read(body) == "The quay."


def test_a_table_of_contents_is_left_out_and_named() -> None:
    body = paragraph(field("TOC", "Payment 7")) + paragraph("Payment is due in May.")

    assert read(body) == "Payment is due in May."
    assert notices(body) == ("its table of contents was left out",)


def test_a_long_clause_with_the_style_of_a_heading_is_a_paragraph() -> None:
    styles = element(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/></w:style>',
    )
    clause = "The lessee pays the dues of the berth by the tenth day of each month to the board."
    body = paragraph("Dues", '<w:pStyle w:val="H"/>') + paragraph(clause, '<w:pStyle w:val="H"/>')

    assert read(body, styles=styles) == f"## Dues\n\n{clause}"


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


def test_numbers_that_fields_count_are_named() -> None:
    body = paragraph(run("Clause ") + field("LISTNUM") + run("of the lease."))

    assert read(body) == "Clause of the lease."
    assert notices(body) == ("numbers that LISTNUM and AUTONUM fields count were left out",)


def test_the_text_may_lie_in_a_part_of_another_name() -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="a" Target="word/document2.xml" Type="http://schemas.openxmlformats.org'
        '/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    )
    text = element("w:document", f"<w:body>{paragraph('Read.')}</w:body>")
    file = zipped({"_rels/.rels": relations, "word/document2.xml": text})

    assert convert("docx", file).text == "Read."
