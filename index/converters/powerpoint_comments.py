"""Comments on slides, of the older and the newer kind -> `[Comment by Ana: Check the depth.]`.

ECMA-376, part 1, 19.4 (`p:cm`), and MS-PPTX 2.6 (`p188:cm`, with replies).
"""

from collections.abc import Iterator
from typing import Any

from index.converters.archive import Archive, parsed
from index.converters.ooxml import A, P
from index.converters.xml_names import local

_OLDER, _NEWER = "ppt/commentAuthors.xml", "ppt/authors.xml"
_PART = "/comments"  # how the type of the relation ends


def authors(file: Archive) -> dict[str, str]:
    """The names of those who wrote comments, by their ids."""
    trees = (file.xml(name) for name in (_OLDER, _NEWER) if name in file.names)
    people = (each for tree in trees for each in tree if isinstance(each.tag, str))
    return {each.get("id", ""): " ".join(each.get("name", "").split()) for each in people}


def comments(slide: Any, names: dict[str, str]) -> Iterator[str]:
    """The comments of a slide of python-pptx, each a paragraph."""
    for relation in slide.part.rels.values():
        if relation.reltype.endswith(_PART) and not relation.is_external:
            for each in parsed(relation.target_part.blob).iter():
                if local(each) in ("cm", "reply"):
                    yield from _comment(each, names)


def _comment(element: Any, names: dict[str, str]) -> Iterator[str]:
    text = element.findtext(f"{P}text") or ""
    for body in element:
        if isinstance(body.tag, str) and body.tag.endswith("}txBody"):
            texts = ("".join(t.text or "" for t in p.iter(f"{A}t")) for p in body.iter(f"{A}p"))
            text = " ".join(texts)
    if text := " ".join(text.split()):
        author = names.get(element.get("authorId", ""), "")
        word = "Resolved comment" if element.get("status") == "resolved" else "Comment"
        yield f"[{word}{f' by {author}' if author else ''}: {text}]"
