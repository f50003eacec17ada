"""Control and bidi characters, lone surrogates, and where a text may be cut."""

import unicodedata

import pytest
import regex

from index.text.characters import (
    BIDI,
    CONTROL,
    REPLACEMENT,
    as_unicode,
    cut,
    is_unicode,
    utf8_size,
    without_controls,
)

# Bidi_Class of the marks that turn all that follows (UAX #9, table 4).
TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def test_sets_are_those_of_unicode() -> None:
    every = "".join(map(chr, range(0x110000)))

    control = [letter for letter in every if unicodedata.category(letter) == "Cc"]
    turning = [letter for letter in every if unicodedata.bidirectional(letter) in TURNING]
    assert regex.findall(f"[{CONTROL}]", every) == control
    assert regex.findall(f"[{BIDI}]", every) == turning


def test_control_and_bidi_characters_are_taken_out_but_tabs_and_line_ends() -> None:
    assert without_controls("a\x1b[2J\tb\x9b\r\n\u202ec\u2069") == "a[2J\tb\nc"
    assert without_controls("a\x07b\u2066", REPLACEMENT) == "a\ufffdb\ufffd"
    assert without_controls("a\x1bb", lambda sign: ascii(sign[0])[1:-1]) == r"a\x1bb"


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "א\u200e1", "👩\u200d👧", "\ufeffa"])
def test_joiners_and_marks_of_one_place_stay(text: str) -> None:
    assert without_controls(text) == text


@pytest.mark.parametrize("text", ["", "a", "\0", "😀", "\ue000", "\U0010ffff"])
def test_text_without_lone_surrogates_passes(text: str) -> None:
    assert is_unicode(text)
    assert as_unicode(text) == as_unicode(text, None) == text


@pytest.mark.parametrize("number", [0xD800, 0xDBFF, 0xDC00, 0xDCFF, 0xDFFF])
def test_half_of_a_pair_is_seen_and_gives_way(number: int) -> None:
    text = f"a{chr(number)}é"

    assert not is_unicode(text)
    assert as_unicode(text) == "a?é"
    assert as_unicode(text, REPLACEMENT) == "a\ufffdé"
    assert as_unicode(text, None) == f"a\\u{number:x}é"


@pytest.mark.parametrize(
    ("text", "room", "beginning"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("abc", 0, ""),
        ("e\u0301e\u0301", 3, "e\u0301"),
        ("निनि", 3, "नि"),
        ("a👩‍👩‍👧‍👦", 7, "a"),
        ("a\r\n", 2, "a"),
    ],
)
def test_text_is_cut_between_whole_graphemes(text: str, room: int, beginning: str) -> None:
    assert cut(text, room) == beginning


def test_text_is_cut_by_bytes() -> None:
    assert cut("aé字", 3, utf8_size) == "aé"
    assert cut("aé字", 6, utf8_size) == "aé字"
