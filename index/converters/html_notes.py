"""Notes of a page or a book: `210 metres [1]`, and the note's text behind its paragraph.

Knows a reference by DPUB-ARIA (`doc-noteref`), by EPUB 3 (`epub:type="noteref"`), by the classes
and ids that pandoc, Word, MediaWiki, Markdown programs and publishers write, and as a raised link
within the book.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from index.converters.html_marks import before, drop, enclose, replace_block, sweep, words

_LABEL = re.compile(
    r"[\[({]?\s*((?:(?:note|nb|fn)\.? )?\d{1,4}|[a-z]{1,2}|[ivxlc]{1,6}|[*†‡§¶#]{1,3})\s*[\])}]?",
    re.I,
)
_BRACKETED = re.compile(r"\s*[\[(]\s*\w{1,4}\s*[\])]\s*")
_NOTE_ID = re.compile(
    r"_?(?:user-content-)?(?:fn|ftn|edn|note|footnote|endnote|n|en)[-_:.]?\d+\w{0,3}(?:[-_:].*)?",
    re.I,
)
_REF_CLASS = re.compile(r"\b(?:foot|end)?note-?_?ref(?:erence)?\b|\bfn-?ref\b|\bfnanchor\b", re.I)
_BACK_ID = re.compile(
    r"(?:.*[-_:])?_?(?:fn|ftn|edn|foot|end)?(?:note)?[-_:]?(?:ref|back|anchor)(?:[-_:.\d][\w.:-]*)?",
    re.I,
)
_BACK_CLASS = re.compile(
    r"\b(?:footnote-?back(?:ref)?|back-?(?:ref|link)|reversefootnote|mw-cite-backlink)\b", re.I
)
_BACK_TEXT = re.compile(r"[\s\[(]*(?:[↩↑^⏎↵⤴⬆️︎]+|back|return|jump up|zurück|retour)[\s\])]*", re.I)
_CITATION = re.compile(r"cite_note|\bbib|\bref-", re.I)
_ASIDE = re.compile(r"\b(?:side-?note|margin-?note|inline-?note)\b", re.I)
_NOTE_BLOCKS = ("p", "li", "dd", "div", "aside", "section")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_AFTER = ("p", "li", *_HEADINGS, "pre", "figure")
_WHOLE = ("p", "div", "ul", "ol", "table", "blockquote", "pre")
_LEFT_OVER = re.compile(r"\A\s*[.:)\]^]\s+")  # of a number that was a link
_MARK_LENGTH = 5  # code points: `[12]`
_LONGEST = 5_000  # code points: what is longer is no note

Note = tuple[str, str]  # the name of a file, an id in it
Ids = Callable[[Note], Any]


def place(trees: Mapping[str, Any]) -> None:
    """Write the references of parsed files, and move the notes they name behind their paragraphs.

    Args:
        trees: each file's tree by its path in the book; a page alone has the path "".
    """
    ids = _by_id(trees)
    told: dict[Note, tuple[Any, str]] = {}
    for path, tree in trees.items():
        _in_margins(tree)
        for link, note, label in list(_references(path, tree, ids)):
            if not _is_own_number(path, link, label, told):
                told.setdefault(note, (link, label))
                _refer(link, label)
    blocks = {note: _block(ids(note)) for note in told}
    shared = Counter(blocks.values())
    last: dict[Any, Any] = {}
    emptied: dict[Any, None] = {}
    for note, (link, label) in told.items():
        block = blocks[note]
        fits = block is not None and shared[block] == 1 and block not in link.iterancestors()
        if fits and _is_note(block, note[1], label):
            _label(block, label)
            if not _CITATION.search(f"{note[1]} {block.get('role', '')}"):
                emptied[block.getparent()] = None
                _move(block, link, last)
            elif block.tag == "li":
                block.getparent().tag = "ul"  # its number is its label
    for above in emptied:
        _tidy(above)
    for tree in trees.values():
        sweep(tree)


def _by_id(trees: Mapping[str, Any]) -> Ids:
    known: dict[Note, Any] = {}
    for path, tree in trees.items():
        for each in tree.iter():
            for name in (each.get("id"), each.get("name") if each.tag == "a" else None):
                if name:
                    known.setdefault((path, name), each)
    return known.get


def _in_margins(tree: Any) -> None:
    """Notes that stand within the sentence, and in the margin of the page as it is shown."""
    for each in list(tree.iter("span", "small")):
        if _ASIDE.search(each.get("class", "")) and words(each):
            each.tag = "span"
            enclose(each, " [Note: ", "]")


def _kind(element: Any) -> str:
    return f"{element.get('role', '')} {element.get('epub:type', '')}"


def _references(path: str, tree: Any, ids: Ids) -> Iterator[tuple[Any, Note, str]]:
    """(link, the note it names, its label) of each reference in a file."""
    for link in tree.iter("a"):
        file, mark, fragment = link.get("href", "").partition("#")
        label = _LABEL.fullmatch(words(link)) if mark and ":" not in file else None
        if not label or _is_back(link, fragment) or not _is_reference(link, fragment):
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(file)))
        note = (name if file else path, unquote(fragment))
        if ids(note) is not None or "noteref" in _kind(link):
            yield link, note, label[1]


def _is_reference(link: Any, fragment: str) -> bool:
    if "noteref" in _kind(link) or "biblioref" in _kind(link):
        return True
    if _REF_CLASS.search(link.get("class", "")):
        return True
    inside = next(link.iterancestors("sup"), None) is not None
    alone = len(link) == 1 and link[0].tag == "sup" and not (link.text or "").strip()
    told = _NOTE_ID.fullmatch(fragment) or _BRACKETED.fullmatch(words(link))
    return inside or alone or bool(told) or _is_glued(link)


def _is_glued(link: Any) -> bool:
    """Whether a number stands right behind a word or another number, as only a mark does."""
    above = link
    while above.getparent() is not None and not before(above) and above.getparent().tag == "span":
        above = above.getparent()
    return words(link).isdecimal() and before(above)[-1:].isalnum()


def _is_back(link: Any, fragment: str) -> bool:
    if "backlink" in _kind(link) or _BACK_CLASS.search(link.get("class", "")):
        return True
    return bool(_BACK_TEXT.fullmatch(words(link)) or _BACK_ID.fullmatch(fragment))


def _is_own_number(path: str, link: Any, label: str, told: Mapping[Note, tuple[Any, str]]) -> bool:
    """Whether a link is the number of the note it stands in, and leads back."""
    for above in (link, *link.iterancestors()):
        note = told.get((path, above.get("id", "")))
        if note and note[1] == label:
            return True
    return False


def _refer(link: Any, label: str) -> None:
    replace_block(link, f"[{label}]")
    for above in link.iterancestors("sup"):
        above.tag = "span"
        if before(above)[-1:].strip():
            above.text = f" {above.text or ''}"
        if (above.tail or "")[:1].isalnum():
            above.tail = f" {above.tail}"


def _block(note: Any) -> Any:
    """The paragraph or item that holds a note's text; None where it is more, or has no text."""
    for above in () if note is None else (note, *note.iterancestors()):
        if above.tag == "dt":
            above = above.getnext()
        elif above.tag not in _NOTE_BLOCKS and _has_text_before(above):
            return None  # a place within a paragraph
        if above is None or above.tag not in ("a", "span", "sup", "b", "strong", "small", "dd"):
            fits = above is not None and above.tag in _NOTE_BLOCKS
            return above if fits and 0 < len(words(above)) <= _LONGEST else None
        if above.tag == "dd":
            return above
    return None


def _is_note(block: Any, fragment: str, label: str) -> bool:
    """Whether what a link names reads as a note, and not as a part of the text."""
    if block.tag in ("li", "dd") or "note" in _kind(block):
        return True
    begins = words(block).lstrip("[(").startswith(label)
    backs = (link.get("href", "").partition("#")[2] for link in block.iter("a"))
    return begins or bool(_NOTE_ID.fullmatch(fragment)) or any(map(_BACK_ID.fullmatch, backs))


def _has_text_before(element: Any) -> bool:
    """Whether words stand before an element in its parent, other than a mark."""
    parent = element.getparent()
    if parent is None:
        return False
    texts = [parent.text or ""]
    for each in element.itersiblings(preceding=True):
        texts += [words(each), each.tail or ""]
        if len(texts) > 9:
            return True
    return len("".join(texts).strip()) > _MARK_LENGTH


def _label(block: Any, label: str) -> None:
    """Write a note's number before its text, whatever way its page wrote it."""
    for back in block.iter("span"):
        if _BACK_CLASS.search(back.get("class", "")):
            drop(back)
    for link in block.iter("a"):
        href = link.get("href", "").partition("#")[2]
        own = _LABEL.fullmatch(words(link))
        if _is_back(link, href) or (own and own[1] == label):
            drop(link)
    sweep(block)
    own_number = re.compile(rf"\s*[\[(]?{re.escape(label)}[\])]?[.:)]?(?:\s+|\Z)")
    texts = block.xpath(".//text()")
    first = next((text for text in texts if text.strip()), None)
    if first is None:
        return
    rest = own_number.sub("", first, count=1) if own_number.match(first) else first.lstrip()
    rest = _LEFT_OVER.sub("", rest)
    if first.is_text:
        first.getparent().text = f"[{label}] {rest}"
    else:
        first.getparent().tail = f"[{label}] {rest}"


def _move(block: Any, link: Any, last: dict[Any, Any]) -> None:
    after = next((above for above in link.iterancestors() if above.tag in _AFTER), None)
    table = next(iter(reversed(list(link.iterancestors("table", "dl")))), None)
    after = table if table is not None else after
    if after is None:
        return
    above = block.getparent()
    rest = block.tail
    block.tail = None
    previous = block.getprevious()
    if rest and previous is not None:
        previous.tail = (previous.tail or "") + rest
    elif rest:
        above.text = (above.text or "") + rest
    if block.tag != "p":
        block.tag = "p" if next(block.iter(*_WHOLE), None) is None else "div"
    block.attrib.clear()
    if after.tag == "li":
        after.append(block)
    else:
        place = last.get(after, after)
        block.tail, place.tail = place.tail, None
        place.addnext(block)
    last[after] = block


def _tidy(emptied: Any) -> None:
    """Drop what held notes that went to their places, with the heading above them."""
    for above in (emptied, *emptied.iterancestors()):
        texts = above.xpath(".//text()[normalize-space()]")
        if len(texts) > 1 or any(each.getparent().tag not in _HEADINGS for each in texts):
            return
        if above.tag in ("body", "html", "main"):
            for heading in above.iter(*_HEADINGS):
                drop(heading)
            return
        previous = above.getprevious()
        if previous is not None and previous.tag in _HEADINGS and above.getnext() is None:
            drop(previous)
        drop(above)
