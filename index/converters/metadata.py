"""Metadata: a file's own title and date, validated and normalised. Pure."""

import datetime
import email.utils
from dataclasses import dataclass

import regex

from index.text.normal_forms import nfc
from index.text.normalise import clean

_TITLE_LENGTH = 300  # code points
_TITLE_READ = 10 * _TITLE_LENGTH  # before spaces are joined
# Titles that programs write when the author gave none.
_NO_TITLE = regex.compile(
    r"untitled.*|document ?\d*|presentation ?\d*|powerpoint presentation|slide ?\d+|book ?\d*"
    r"|sheet ?\d*|word document|\(anonymous\)|anonymous|unspecified|none|null|title"
    r"|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|rtf|odt|tex|dvi|qxd|html?)",
    regex.IGNORECASE,
)
_PROGRAM = regex.compile(r"\AMicrosoft (?:Word|PowerPoint|Excel) - ", regex.IGNORECASE)
_DAY = regex.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d).*", regex.DOTALL)
_CLOSE_DAY = regex.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})(?:(?<=D:\d{8})\d.*|\D.*)?", regex.DOTALL)


@dataclass(frozen=True, slots=True)
class Converted:
    """A file of another format as Markdown, with its own metadata, "" where it has none."""

    text: str
    title: str = ""
    language: str = ""
    date: str = ""


def title(value: object) -> str:
    """A title in one line, or "" if it is none."""
    if not isinstance(value, str):
        return ""
    line = nfc(" ".join(clean(value[:_TITLE_READ]).split()))
    line = _PROGRAM.sub("", line)
    return "" if _NO_TITLE.fullmatch(line) else line[:_TITLE_LENGTH]


def day(value: object) -> str:
    """A date as an ISO 8601 day, or "" if it is none.

    Knows ISO 8601, `2024/05/06`, `20240506`, PDF's `D:20240506…` and mail's `Mon, 06 May 2024 …`.
    """
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    if not isinstance(value, str):
        return ""
    line = value.strip()[:100]
    return _numeric_day(line) or _mail_day(line)


def _numeric_day(line: str) -> str:
    match = _DAY.fullmatch(line) or _CLOSE_DAY.fullmatch(line)
    try:
        return datetime.date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:  # the 45th of May
        return ""


def _mail_day(line: str) -> str:
    try:
        return f"{email.utils.parsedate_to_datetime(line):%Y-%m-%d}"
    except (ValueError, IndexError, TypeError, OverflowError):
        return ""
