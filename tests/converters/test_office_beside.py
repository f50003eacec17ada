"""What stands beside the text of Word is read after its paragraph: notes, comments, boxes."""

from index.converters.worker import convert
from tests.support.office_files import element, field, notices, paragraph, read, run, word


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


def test_a_header_is_read_once_at_the_end_without_numbers_of_pages() -> None:
    header = element("w:hdr", paragraph("Paper 14"))
    footer = element("w:ftr", paragraph(run("Page ") + field("PAGE", "1")))
    section = '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>' \
        '<w:footerReference w:type="default" r:id="footer1"/></w:sectPr>'  # fmt: skip
    body = paragraph("", section) + paragraph("Text.") + section

    assert read(body, header1=header, footer1=footer) == "Text.\n\n[Header: Paper 14]"


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


def test_a_note_named_many_times_is_read_once() -> None:
    notes = element("w:footnotes", f'<w:footnote w:id="2">{paragraph("x" * 1000)}</w:footnote>')
    body = paragraph(run("a") + '<w:r><w:footnoteReference w:id="2"/></w:r>' * 1000)

    assert len(read(body, footnotes=notes)) < 10_000
