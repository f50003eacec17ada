"""Metadata: a file's own title, date and author, validated and normalised. Pure."""

import datetime
import email.utils
import html
from collections.abc import Iterator, Mapping

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
_AUTHOR_LENGTH = 200  # code points of all the names together
_AUTHOR_READ = 10 * _AUTHOR_LENGTH  # of one value, before spaces are joined
_AUTHORS_READ = 50  # values of a list
_AUTHOR_KEYS = ("author", "authors", "byline", "creator")
_GIVEN, _FAMILY = ("givenName", "given"), ("familyName", "family")
# Authors that programs write when nobody gave one: placeholders, accounts, and the programs' names.
_NO_AUTHOR = regex.compile(
    r"unknown(?: author)?|\(?anonymous\)?|unnamed|unspecified|undefined|none|null|nil|nan|n/a"
    r"|your name|authors?|creator|owner|guest|root|default|staff|test|nobody"
    r"|(?:site |web)?admin(?:istrator)?|webmaster|(?:windows |default )?user(?: ?name|-?pc)?"
    r"|utilisateur(?: windows)?|(?:windows-)?benutzer|usuario(?: de windows)?"
    r"|пользователь(?: windows)?|администратор|用户|微软用户|管理员"
    r"|microsoft(?: office)?(?: user)?|(?:ms )?office(?: user)?|python-(?:docx|pptx)|openpyxl"
    r"|xlsxwriter|apache poi|docx4j|pptxgenjs|calibre|pandoc|latex|google docs",
    regex.IGNORECASE,
)
_TAG = regex.compile(r"<[^<>]*>")  # of HTML, or around an address: `Ana Rao <ana@example.org>`
_BY = regex.compile(r"\A(?:written )?by:? ", regex.IGNORECASE)
_ADDRESS = regex.compile(r"(?:https?:|www\.|//)\S*|\S+@\S+", regex.IGNORECASE)
_DAY = regex.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d).*", regex.DOTALL)
_CLOSE_DAY = regex.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})(?:(?<=D:\d{8})\d.*|\D.*)?", regex.DOTALL)


def title(value: object) -> str:
    """A title in one line, or "" if it is none."""
    if not isinstance(value, str):
        return ""
    line = nfc(" ".join(clean(value[:_TITLE_READ]).split()))
    line = _PROGRAM.sub("", line)
    return "" if _NO_TITLE.fullmatch(line) else line[:_TITLE_LENGTH]


def author(value: object) -> str:
    """Who wrote a file, in one line: `Ana Rao, Li Wei`; "" if it names nobody.

    Args:
        value: a text, which may hold several names between semicolons; an object with a `name`, as
            JSON-LD has it; or a list of these. Nothing deeper is looked at.
    """
    listed = value[:_AUTHORS_READ] if isinstance(value, list) else [value]
    names = dict.fromkeys(name for each in listed for name in _names(each) if name)
    line = ", ".join(names)
    # A name that was cut would be another one, so that the last ones go.
    return line if len(line) <= _AUTHOR_LENGTH else line[:_AUTHOR_LENGTH].rpartition(",")[0]


def author_of(record: Mapping[str, object]) -> str:
    """Who wrote what a record tells of, by its first key that names anybody."""
    return next(filter(None, (author(record.get(key)) for key in _AUTHOR_KEYS)), "")


def _names(value: object) -> Iterator[str]:
    told = _full_name(value) if isinstance(value, Mapping) else value
    if isinstance(told, str):
        text = html.unescape(told[:_AUTHOR_READ])
        yield from map(_name, _TAG.sub("", text).split(";"))


def _full_name(person: Mapping[str, object]) -> object:
    parts = (next((person[key] for key in keys if key in person), "") for keys in (_GIVEN, _FAMILY))
    return person.get("name") or " ".join(part for part in parts if isinstance(part, str))


def _name(text: str) -> str:
    line = _BY.sub("", nfc(" ".join(clean(text).split()))).strip(" ,")
    named = any(map(str.isalpha, line)) and not _ADDRESS.fullmatch(line)
    return line if named and not _NO_AUTHOR.fullmatch(line) else ""


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
