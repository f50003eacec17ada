"""Sheet remarks: comments, notes and threads on cells, as `[Comment by Ana: …]`.

ECMA-376, part 1, 18.7, and MS-XLSX 2.1.24 of threads, which hide the note that stands for them.
"""

from typing import Any

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.workbook import MAIN, related, rich_text
from index.converters.xml_names import child, local

_LENGTH = 2_000  # code points of a thread
_MOST = 10_000  # comments of a sheet


def remarks(file: Archive, part: str) -> dict[str, str]:
    """The comments of a sheet by the reference of their cell, `B2`."""
    parts = list(related(file, part).values())
    found: dict[str, str] = {}
    for kind, name in parts:
        if kind == "comments":
            found |= _notes(file.xml(name))
    for kind, name in parts:
        if kind == "threadedComment":
            found |= _threads(file.xml(name), _people(file))
    return found


def _notes(tree: Any) -> dict[str, str]:
    listed, comments = child(tree, "authors"), child(tree, "commentList")
    authors = ["".join(each.itertext()) for each in listed] if listed is not None else []
    found = {}
    for each in list(comments)[:_MOST] if comments is not None else ():
        text = child(each, "text")
        number = each.get("authorId", "") if local(each) else ""
        author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
        if text is not None and (said := _said(author, rich_text(text))):
            found[each.get("ref", "")] = said
    return found


def _people(file: Archive) -> dict[str, str]:
    names = [name for kind, name in related(file, MAIN).values() if kind == "person"]
    return {
        each.get("id", ""): each.get("displayName", "")
        for name in names
        for each in file.xml(name)
        if local(each) == "person"
    }


def _threads(tree: Any, people: dict[str, str]) -> dict[str, str]:
    """A thread's comments and answers in their order."""
    found: dict[str, str] = {}
    for each in list(tree)[:_MOST]:
        text = child(each, "text") if local(each) == "threadedComment" else None
        if text is not None:
            said = _said(people.get(each.get("personId", ""), ""), text.text or "")
            place = each.get("ref", "")
            found[place] = " ".join(filter(None, (found.get(place), said)))[:_LENGTH]
    return found


def _said(author: str, text: str) -> str:
    name = metadata.author(author)
    line = " ".join(text.split()).removeprefix(f"{author.strip()}:").strip()
    who = f"Comment by {name}" if name else "Comment"
    return f"[{who}: {line[:_LENGTH]}]" if line else ""
