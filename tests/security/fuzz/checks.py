"""Checks: what holds of any text that comes from outside, and what each parser may raise.

Hypothesis draws texts for them in `make test`, atheris in `make fuzz`.
"""

import contextlib
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from index.articles.article import Source, parse
from index.articles.formats import FORMATS as FILE_FORMATS
from index.converters import cell_formats, delimited, records
from index.converters.links import read as read_links
from index.errors import NotText
from index.scope import BadScope, scope_of
from index.storage.bm25 import tokens
from index.storage.catalog import Entry
from index.text.normal_forms import nfc, nfd, nfkc, stream_safe
from index.text.normalise import clean, decode
from index.text.sentences import sentences
from qa.answering.followups import standalone
from qa.answering.question_words import parse as words_of
from qa.answering.turns import Turn
from qa.answering.validation import check_text
from qa.errors import BadQuestion
from qa.fetch import robots
from qa.fetch.addresses import address
from qa.fetch.names import path_of
from qa.fetch.outcome import BadAddress
from qa.service.file_names import of_download, of_upload
from qa.service.json_api import turns
from qa.web import openai_api
from tests.support.non_starters import marks_in_a_row

MOST_MARKS = 30  # in a row (UAX15-D4)
# Code points that one may become (UAX #15, section 12).
FORMS: dict[Literal["NFC", "NFD", "NFKC"], tuple[Callable[[str], str], int]] = {
    "NFC": (nfc, 3),
    "NFD": (nfd, 4),
    "NFKC": (nfkc, 18),
}
_ENTRIES = [
    Entry("news/2023/harbour.md", "/nowhere", "", "The new harbour", "en", "2023-05-31"),
    Entry("a/b/c/d/e/f/g/h/i.txt", "/nowhere", "", "Deep", "de", ""),
]


def gate(text: str) -> None:
    """Every text passes here before anything else is done to it."""
    safe = stream_safe(text)
    assert marks_in_a_row(safe) <= MOST_MARKS
    assert len(safe) <= len(text) * 16 / 15  # fifteen letters hold thirty marks at most
    is_safe = safe == text
    for form, (made_by, factor) in FORMS.items():
        made = made_by(text)
        assert unicodedata.is_normalized(form, made)
        assert made_by(made) == made
        assert marks_in_a_row(made) <= MOST_MARKS
        assert len(made) <= len(safe) * factor
        assert not is_safe or made == unicodedata.normalize(form, text)


def question(text: str) -> None:
    """What is typed, and what is made of it before anything is searched."""
    with contextlib.suppress(BadQuestion):
        checked = check_text(text)
        assert check_text(checked) == checked == checked.strip()
        words = words_of(checked)
        assert all(checked[word.start : word.end] == word.text for word in words)
        standalone(checked, [Turn("user", f"Who is {checked}?"), Turn("assistant", checked)])


def history(text: str) -> None:
    """What a program sends as the turns before its question, or as a whole request."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    with contextlib.suppress(BadQuestion):
        standalone("and then?", turns(value))
    with contextlib.suppress(BadQuestion, BadScope):
        openai_api.asked(value)


def front_matter(text: str) -> None:
    """A Markdown file, whose first lines may be YAML."""
    made = "---\n" + text + "\n---\nBread is baked.\n"
    for data in (made.encode(errors="replace"), text.encode(errors="replace")):
        with contextlib.suppress(NotText):
            found = parse(Source("a.md", FILE_FORMATS[".md"], data, ""))
            assert found.text.strip()
            assert len(found.title) <= 300
            assert re.fullmatch(r"(\d{4}-\d\d-\d\d)?", found.date)
            assert re.fullmatch("[a-z]{0,8}", found.language)


def scope(text: str) -> None:
    """Patterns and dates as a program gives them."""
    *only, since, until = text.split(",") if text.count(",") > 1 else (text, "", "")
    with contextlib.suppress(BadScope):
        found = scope_of(only, None, since.strip(), until.strip())
        assert set(found.select(_ENTRIES)) <= set(_ENTRIES)
        assert str(found) or found.is_all


def splitter(text: str) -> None:
    """An article's text on its way into the index."""
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert "".join(sentences(cleaned)) == cleaned
    assert all(token.strip() for token in tokens(cleaned))
    with contextlib.suppress(NotText):
        decode(text.encode(errors="surrogatepass"))
    for name in (of_upload(text), of_download(text, ".md")):
        assert "/" not in name
        assert 0 < len(name.encode()) <= 255


def web_address(text: str) -> None:
    """What is typed as an address, or named by a feed; and the file that its page becomes."""
    for given in (text, f"https://example.org/{text}", f"http://{text}"):
        with contextlib.suppress(BadAddress):
            found = address(given)
            assert address(found) == found
            path = path_of(found, ".html")
            assert not {"", ".", ".."} & set(path.split("/"))
            assert all(len(part.encode()) <= 255 for part in path.split("/"))
            assert not path.startswith((".", "/"))
            assert path.isprintable()


def feed(text: str) -> None:
    """What a server calls a feed or a sitemap, or its robots.txt."""
    wrapped = f"<rss><item><link>{text}</link><pubDate>{text}</pubDate></item></rss>"
    for data in (text, wrapped):
        with contextlib.suppress(NotText, RecursionError):
            links = json.loads(read_links(b"https://a/\n" + data.encode(errors="replace")).text)
            assert all(link["address"] for link in links["links"])
    robots.parsed(f"User-agent: *\nDisallow: {text}".encode(errors="replace")).allow("https://a/b")


def table_file(text: str) -> None:
    """A file of rows or values, and the number format of a cell."""
    data = text.encode(errors="replace")
    for read in (delimited.read, delimited.read_tabs, records.read_json, records.read_jsonl):
        with contextlib.suppress(NotText, RecursionError):
            assert isinstance(read(data).text, str)
    for value in (0.0, -1.5, 46096.58, 1e300):
        assert isinstance(cell_formats.shown(value, text), str)
    cell_formats.shown_text(text, text)


CHECKS: dict[str, Callable[[str], None]] = {
    check.__name__: check
    for check in (
        *(gate, question, history, front_matter, scope, splitter),
        *(table_file, web_address, feed),
    )
}
"""By the names that `make fuzz` prints."""
