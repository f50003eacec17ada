"""Markdown files -> the Markdown that is indexed; only home of markdown-it-py.

The parser tells where code, tables, headings and HTML stand (CommonMark 0.31, with the tables of
GitHub); only those lines are rewritten, and all others stay as they stand in the file.
"""

import re
from collections.abc import Iterator
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.front_matter import front_matter
from index.converters.markdown_inline import inline, references
from index.converters.markdown_notes import without_notes
from index.converters.tables import MAX_COLUMNS, table
from index.text.normalise import clean, decoded

_PREFIX = re.compile(r"[ \t>]*")
_TASK = re.compile(r"([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+)\[([ xX])\](?=[ \t])")
_REFERENCE = re.compile(r" {0,3}\[(?!\^)[^\[\]]{1,999}\]:[ \t]*\S+(?:[ \t]+[\"'(].*[\"')])?[ \t]*")
_ATTRIBUTES = re.compile(r"[ \t]+\{[:#.][^{}]{0,200}\}[ \t]*\Z")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।]\s*\Z")
_TERM = re.compile(r"[ ]{0,3}:[ \t]+\S")
_HEADING_LENGTH = 120  # code points; above a line of hyphens, a longer text is a paragraph
_HTML_TABLE = re.compile(r"<table\b", re.IGNORECASE)

Edit = tuple[int, int, list[str]]  # lines from and to, half-open, and what stands there instead


def read(data: bytes) -> Converted:
    """Read a Markdown file: its text, and what its front matter tells.

    Raises:
        NotText: it is in no encoding that is known, or a table goes beyond its limits.
    """
    text, guessed = decoded(data)
    settings, text = front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    text, notices = rewritten(text)
    language = settings.get("language") or settings.get("lang")
    return Converted(
        text,
        metadata.title(settings.get("title")),
        clean(language) if isinstance(language, str) else "",
        metadata.day(settings.get("date")),
        metadata.author_of(settings),
        notices=(*guessed, *notices),
    )


def rewritten(text: str) -> tuple[str, list[str]]:
    """(a Markdown text in which each line says what it is, notices of what was left out)."""
    lines, tokens = _parsed(text)
    notes: dict[str, str] = {}
    if "[^" in text:
        lines, notes = without_notes(lines, _code_lines(tokens))
        lines, tokens = _parsed("\n".join(lines))
    struck = [False]
    edits = [*_definitions(lines, tokens), *_edits(lines, tokens, struck)]
    after = _placed(lines, tokens, notes)
    told = ["text that is struck out was left out"] if struck[0] else []
    return "\n".join(_applied(lines, edits, after)), told


def _parsed(text: str) -> tuple[list[str], list[Any]]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline"])  # whose marks stay, or are read line by line
    return text.split("\n"), parser.parse(text)


def _code_lines(tokens: list[Any]) -> set[int]:
    kinds = ("fence", "html_block")
    return {line for token in tokens if token.type in kinds for line in range(*token.map)}


def _edits(lines: list[str], tokens: list[Any], struck: list[bool]) -> Iterator[Edit]:
    in_table = covered = 0
    for i, token in enumerate(tokens):
        if token.type == "table_open":
            yield _table(lines, tokens, i)
        in_table += {"table_open": 1, "table_close": -1}.get(token.type, 0)
        if token.type == "heading_open":
            yield _heading(lines, token, tokens[i + 1].content, struck)
        elif token.type == "inline" and not in_table and tokens[i - 1].type != "heading_open":
            begin, end = token.map
            text, left_out = inline("\n".join(_tasked(lines[begin:end])))
            struck[0] |= left_out
            yield begin, end, text.split("\n")
        elif token.type == "html_block":
            if token.map[0] >= covered:
                begin, covered = _html_run(tokens, i)
                yield begin, covered, _html(lines[begin:covered])
        elif token.type == "fence" and not _is_closed(lines, token):
            yield token.map[1], token.map[1], [token.markup]
    yield from _link_definitions(lines, tokens)


def _is_closed(lines: list[str], token: Any) -> bool:
    last = _PREFIX.sub("", lines[token.map[1] - 1], count=1).strip()
    alone = token.map[1] - token.map[0] > 1
    return alone and last.startswith(token.markup) and not last.strip(token.markup[0])


def _heading(lines: list[str], token: Any, text: str, struck: list[bool]) -> Edit:
    begin, end = token.map
    shown, left_out = inline(" ".join(_ATTRIBUTES.sub("", text).split("\n")))
    struck[0] |= left_out
    is_rule = token.markup == "-" and (
        len(text) > _HEADING_LENGTH or _ENDS_SENTENCE.search(text) or token.level
    )
    if token.markup == "-" and begin and lines[begin - 1].startswith("---"):
        return begin, end, lines[begin:end]  # between two rules, as settings are
    if is_rule:  # a paragraph above a line that was meant as a rule
        return begin, end - 1, inline("\n".join(lines[begin : end - 1]))[0].split("\n")
    if token.level:
        return begin, end, lines[begin:end]
    around = [""] if begin and lines[begin - 1].strip() else []
    return begin, end, [*around, f"{'#' * int(token.tag[1])} {shown}"]


def _tasked(lines: list[str]) -> list[str]:
    return [
        _TASK.sub(lambda box: f"{box[1]}{'☐' if box[2] == ' ' else '☑'}", line) for line in lines
    ]


def _table(lines: list[str], tokens: list[Any], start: int) -> Edit:
    """A pipe table as a list whose lines name their columns."""
    rows: list[list[str]] = []
    for token in tokens[start:]:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(inline(token.content)[0].replace("\n", " "))
    begin, end = tokens[start].map
    prefix = _PREFIX.match(lines[begin])
    indent = prefix[0] if prefix else ""
    shown = table([row[: MAX_COLUMNS + 1] for row in rows], named=True).split("\n")
    above = [indent] if begin and lines[begin - 1].strip(" \t>") else []
    return begin, end, [*above, *(f"{indent}{line}" for line in shown)]


def _html_run(tokens: list[Any], start: int) -> tuple[int, int]:
    """The lines of HTML blocks that follow each other: a table may have blank lines in it."""
    begin, end = tokens[start].map
    for token in tokens[start + 1 :]:
        if token.type != "html_block":
            break
        end = token.map[1]
    return begin, end


def _html(lines: list[str]) -> list[str]:
    from index.converters.html import markdown

    text = re.sub(r"^[ \t>]+", "", "\n".join(lines), flags=re.MULTILINE)
    if text.lstrip().startswith(("<!--", "<?", "<!")) and text.rstrip().endswith((">",)):
        text = re.sub(r"<!--.*?(?:-->|\Z)|<\?.*?\?>|<![A-Za-z][^>]*>", "", text, flags=re.DOTALL)
    return markdown(text).strip().split("\n") if text.strip() else [""]


def _link_definitions(lines: list[str], tokens: list[Any]) -> Iterator[Edit]:
    """Lines that only say where a link leads, which no reader of the text sees."""
    held = {line for token in tokens if token.map for line in range(*token.map)}
    for number, line in enumerate(lines):
        if number not in held and _REFERENCE.fullmatch(line):
            yield number, number + 1, []


def _definitions(lines: list[str], tokens: list[Any]) -> Iterator[Edit]:
    """`Term` and `: definition` below it, of PHP Markdown Extra, as `- Term: definition`."""
    for token in tokens:
        if token.type == "inline" and token.level == 1:
            begin, end = token.map
            told = [bool(_TERM.match(line)) for line in lines[begin:end]]
            if any(told[1:]) and not told[0]:
                yield begin, end, list(_entries(lines[begin:end], told))


def _entries(lines: list[str], told: list[bool]) -> Iterator[str]:
    term = ""
    for line, is_definition in zip(lines, told, strict=True):
        text = inline(line)[0].strip()
        if is_definition:
            yield f"- {term}: {text[1:].strip()}"
        else:
            term = text


def _placed(lines: list[str], tokens: list[Any], notes: dict[str, str]) -> dict[int, list[str]]:
    """The notes behind the blocks that name them, by the line after the block."""
    after: dict[int, list[str]] = {}
    left = dict(notes)
    for token in tokens if notes else ():
        if token.level == 0 and token.map and token.type not in ("fence", "code_block"):
            for label in references("\n".join(lines[slice(*token.map)])):
                if label in left:
                    after.setdefault(token.map[1], []).append(f"[{label}] {left.pop(label)}")
    if left:  # notes that nothing names
        after.setdefault(len(lines), []).extend(f"[{name}] {text}" for name, text in left.items())
    return after


def _applied(lines: list[str], edits: list[Edit], after: dict[int, list[str]]) -> Iterator[str]:
    changes = {begin: (end, new) for begin, end, new in reversed(edits) if end > begin}
    added = {begin: new for begin, end, new in edits if end == begin}
    number = 0
    while number <= len(lines):
        yield from added.pop(number, ())
        for note in after.pop(number, ()):
            yield from ("", *note.split("\n"), "")
        if number == len(lines):
            return
        end, new = changes.get(number, (number + 1, [lines[number]]))
        inside = [note for at in range(number + 1, end) for note in after.pop(at, ())]
        yield from new
        for note in inside:
            yield from ("", *note.split("\n"), "")
        number = end
