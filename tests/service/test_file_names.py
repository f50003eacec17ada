"""Names of files: of uploads safe on this machine, of downloads on any."""

import pytest

from qa.service.file_names import numbered, of_download, of_upload

MARKUP = "<img src=x onerror=alert(1)>.txt"
DEVANAGARI = "लंबा नाम " * 60


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\x.txt", "x.txt"),
        ("/etc/a.txt", "a.txt"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        (".hidden.txt", "hidden.txt"),
        (".. . .a.txt", "a.txt"),
        ("a\x00b.txt", "a b.txt"),
        ("one\ntwo\r\n\u2028three.txt\n", "one two three.txt"),
        ("a\u202etxt.exe.txt", "a txt.exe.txt"),
        ("half \ud800.txt", "half.txt"),
        (MARKUP, MARKUP),
        ("CON.txt", "CON.txt"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("क्‍ष.txt", "क्‍ष.txt"),
        ("a.txt/", "article"),
        ("..", "article"),
        ("", "article"),
        ("e" + "\u0301" * 400 + ".txt", "article.txt"),
        ("x" * 300 + ".TXT", "x" * 196 + ".TXT"),
    ],
)
def test_name_of_an_upload_is_made_safe(name: str, safe: str) -> None:
    assert of_upload(name) == safe


def test_long_name_is_cut_between_whole_letters() -> None:
    name = of_upload(f"{DEVANAGARI}.txt")

    assert name == f"{DEVANAGARI[: len(name) - 4]}.txt"
    assert 190 < len(name.encode()) <= 200
    assert of_upload("क" + "नि" * 100 + ".txt") == "क" + "नि" * 32 + ".txt"


def test_number_goes_before_the_suffix_of_a_name_cut_for_it() -> None:
    assert numbered("report.pdf", 2) == "report (2).pdf"
    assert numbered("x" * 196 + ".txt", 12) == "x" * 191 + " (12).txt"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Who bought it, and for how much?", "Who bought it, and for how much.md"),
        ("किसने खरीदा?", "किसने खरीदा.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ("..\\C:\\x", "C x.md"),
        (".hidden", "hidden.md"),
        ("-rf ~", "rf.md"),
        ("a\0b\r\nc\u202ed\ud800e", "a b c d e.md"),
        ("می\u200cخواهم", "می\u200cخواهم.md"),
        ("CON", "_CON.md"),
        ("nul.txt", "_nul.txt.md"),
        ("Com9 .x", "_Com9 .x.md"),
        ("conquest", "conquest.md"),
        ("???", "conversation.md"),
        ("", "conversation.md"),
        ("e\u0301", "é.md"),
        ("x" * 300, "x" * 77 + ".md"),
        ("字" * 80, "字" * 25 + ".md"),
        ("x" * 60 + "👩‍👩‍👧‍👦", "x" * 60 + ".md"),
        ("x" * 76 + " y", "x" * 76 + ".md"),
    ],
)
def test_title_makes_a_safe_file_name(title: str, name: str) -> None:
    made = of_download(title, ".md")

    assert made == name
    assert len(made.encode()) <= 80
