"""RTF tokens: a file's bytes as groups, control words and bytes of text (RTF 1.9.1). Pure."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["open", "close", "word", "bytes"]

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?"  # a control word, its number and its space
    rb"|((?:\\'[0-9a-fA-F]{2})+)"  # bytes
    rb"|\\([^a-zA-Z'])"  # a control symbol
    rb"|([{}])"
    rb"|([^\\{}\r\n]+)"
    rb"|[\r\n]+|\\'?",
    re.DOTALL,
)


class Token(NamedTuple):
    """`word` is a control word or symbol with its `number`, None where it has none."""

    kind: Kind
    word: str = ""
    number: int | None = None
    data: bytes = b""


_OPEN, _CLOSE = Token("open"), Token("close")


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of a file in order; binary pictures are skipped."""
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            at += 1
            continue
        at = found.end()
        word, number, byte, symbol, brace, text = found.groups()
        if word == b"bin":
            at += max(0, int(number or 0))
        elif word:
            yield Token("word", word.decode(), int(number) if number else None)
        elif byte:
            yield Token("bytes", data=bytes.fromhex(byte.replace(b"\\'", b"").decode()))
        elif symbol in (b"\n", b"\r"):  # as TextEdit ends its paragraphs
            yield Token("word", "par")
        elif symbol:
            yield Token("word", symbol.decode("latin-1"))
        elif brace:
            yield _OPEN if brace == b"{" else _CLOSE
        elif text:
            yield Token("bytes", data=text)
