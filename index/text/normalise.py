"""Normalisation: bytes -> code points -> NFC with LF line ends. Pure.

Knows encodings, line ends and the characters that no text may hold.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterator

import regex

from index.errors import NotText, Unreadable
from index.text.characters import REPLACEMENT, as_unicode
from index.text.encodings import surely
from index.text.normal_forms import nfc

# A long book has 5 million characters; beyond it one file is a library.
MAX_CODE_POINTS = 5_000_000

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# A few wrong bytes in so many are damage; where there are more, the text is in another encoding.
_FEW, _BYTES_PER_WRONG, _BYTES_PER_MANY = 5, 100, 4_000
_MOST_PLACES = 5  # whose lines are told
_LETTER_OF_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
# To kanji or hangul, and back to ASCII (ISO-2022-JP, RFC 1468; -KR, RFC 1557): no text else.
_SHIFTS = re.compile(rb"\x1b\$(?:[@AB]|\)C).*?(?:\x1b\([BJ]|\x0f)", re.DOTALL)
# Of Python's errors of decoding, those at the end of the bytes.
_TORN = "unexpected end of data", "truncated data"
# C0 but for tabs and line ends, DELETE, and noncharacters (Unicode, chapter 23.7); C1 stays.
_CONTROLS = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")


def normalise(text: str) -> str:
    """NFC (UAX #15), and LF for every line end: the form of `Article.text`.

    Raises:
        NotText: there is nothing but white space, or more than MAX_CODE_POINTS.
    """
    if len(text) > MAX_CODE_POINTS:
        raise too_long()
    text = normal_form(text)
    if not text.strip():
        raise NotText("holds no text")
    if len(text) > MAX_CODE_POINTS:  # a few characters are longer when composed
        raise too_long()
    return text


def normal_form(text: str) -> str:
    """A text, or a part of one, in NFC (UAX #15) with LF for every line end."""
    return nfc(text).replace("\r\n", "\n").replace("\r", "\n")


def too_long() -> NotText:
    """The refusal of a text of more than MAX_CODE_POINTS."""
    return NotText(f"holds more than {MAX_CODE_POINTS // 10**6} million characters; split it")


def clean(text: str) -> str:
    """What a file format let through: no half of a surrogate pair, no NUL, no control character."""
    return str(_CONTROLS.sub("", as_unicode(text, REPLACEMENT)))


def decode(data: bytes) -> str:
    """Read UTF-8, or UTF-16 and UTF-32 as far as they can be known.

    Raises:
        NotText: the bytes are in none of these, or hold a NUL.
        Unreadable: they end within a letter, as those of a file that is being written.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding)
    if guess := _guess_utf16(data):
        with contextlib.suppress(NotText):
            text = _strict(data, guess)
            # Bytes of another kind, taken two by two, give characters that do not exist.
            if not any(unicodedata.category(letter) == "Cn" for letter in set(text)):
                return text
    return _strict(data, "utf-8")


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """(text, notices): as `decode`, but also older encodings where they are sure.

    A few bytes that are wrong amid UTF-8 cost a letter each.

    Raises:
        NotText: the bytes are in no encoding that is sure, or hold a NUL.
        Unreadable: they end within a letter, as those of a file that is being written.
    """
    try:
        if b"\x1b$" not in data:  # how ISO-2022-JP, which is ASCII, shifts to kanji
            return decode(data), ()
        refusal = NotText("is not text (it holds control characters)")
    except Unreadable:
        raise
    except NotText as error:
        refusal = error
    found = None if b"\0" in data or _is_mostly_utf8(data) else surely(data)
    if found:
        return found[0], (f"read as {found[1]}, by its letters; it is not UTF-8",)
    mended = None if b"\0" in data else _mended(data)
    if mended:
        return mended
    if b"\x1b$" in data and not _SHIFTS.search(data):
        return decode(data), ()
    raise refusal


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether letters of UTF-8 outnumber what is none: no other encoding looks so by chance."""
    letters = len(_LETTER_OF_UTF8.findall(data))
    return letters > 4 * data.decode("utf-8", "replace").count(REPLACEMENT)


def _mended(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """UTF-8 with a few wrong bytes; None where there are more, or none."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    before = data.count(REPLACEMENT.encode())  # that the file itself holds
    wrong = text.count(REPLACEMENT) - before
    each = _BYTES_PER_WRONG if wrong <= _FEW else _BYTES_PER_MANY
    if not wrong or wrong * each > len(data):
        return None
    lines = sorted({text.count("\n", 0, at) + 1 for at in _places(text)})
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
    many = f"{wrong} wrong bytes" if wrong > 1 else "a wrong byte"
    more = " and later" if wrong > _MOST_PLACES else ""
    return text, (f"is not all UTF-8: {many} in {where}{more}, shown as {REPLACEMENT}",)


def _places(text: str) -> Iterator[int]:
    """Where the first wrong bytes are."""
    at = -1
    for _ in range(_MOST_PLACES):
        at = text.find(REPLACEMENT, at + 1)
        if at < 0:
            return
        yield at


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        kind = Unreadable if error.reason in _TORN else NotText
        raise kind(
            f"is not {encoding.upper()} text (byte {error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise NotText("is not text (it holds NUL characters)")
    return text


def _guess_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: spaces and line ends show which byte comes first."""
    sample = data[:4096]
    little = sum(sample.count(unit) for unit in (b" \0", b"\n\0"))
    big = sum(sample.count(unit) for unit in (b"\0 ", b"\0\n"))
    if not little and not big:
        return None
    return "utf-16-le" if little >= big else "utf-16-be"
