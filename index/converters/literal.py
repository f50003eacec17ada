"""Literal lines: plain text as it is written where Markdown is read. Pure."""

import re

# Marks of Markdown that would make a heading of a line of plain text.
_HEADING = re.compile(r"^([ \t]*)(?=#{1,6}[ \t])", re.MULTILINE)
_WORD_JOINER = "\u2060"  # shows nothing


def literal(text: str) -> str:
    """Lines of plain text as they are in Markdown: a `#` begins no heading."""
    return _HEADING.sub(rf"\1{_WORD_JOINER}", text)
