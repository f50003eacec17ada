"""reStructuredText -> Markdown by way of HTML; only home of docutils.

Nothing but the file's own bytes is read: includes, raw parts and files of tables are switched off,
and pictures are taken out before docutils could look for them.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from index.converters import metadata
from index.converters.converted import Converted
from index.converters.html import markdown
from index.converters.raised import subscript, superscript
from index.converters.rst_unknown import read_unknown
from index.errors import NotText
from index.text.normalise import MAX_CODE_POINTS, decode

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    "report_level": 5,
    "_disable_config": True,
    "traceback": True,
    "line_length_limit": MAX_CODE_POINTS,
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "stylesheet_dirs": [],
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "smart_quotes": False,
    "doctitle_xform": True,
    "docinfo_xform": True,
    "section_self_link": False,
    "toc_backlinks": False,
    "footnote_backlinks": False,
    "initial_header_level": 2,
    "warning_stream": False,
}
_INCLUDED = re.compile(r"^[ \t]*\.\. (include|raw|literalinclude)::[ \t]*(.{0,80})", re.MULTILINE)
_FILE = re.compile(r"^[ \t]+:(file|url):[ \t]*(.{1,80})", re.MULTILINE)


def read(data: bytes) -> Converted:
    """Read a reStructuredText file.

    Raises:
        NotText: it holds no text, or is nested too deeply.
    """
    from docutils.core import publish_doctree, publish_from_doctree

    source = decode(data)
    notices = dict.fromkeys(_left_out(source))
    notices |= dict.fromkeys(read_unknown(source))
    tree = publish_doctree(source, settings_overrides=dict(_SETTINGS))
    title, author, date = str(tree.get("title", "")), _info(tree, "author"), _info(tree, "date")
    _simplify(tree)
    html = publish_from_doctree(tree, writer="html5", settings_overrides=dict(_SETTINGS))
    text = markdown(html.decode() if isinstance(html, bytes) else html)
    if not text.strip():
        raise NotText("holds no text")
    return Converted(
        text, metadata.title(title), date=metadata.day(date), author=metadata.author(author),
        notices=tuple(notices),
    )  # fmt: skip


def _left_out(source: str) -> Iterator[str]:
    for found in _INCLUDED.finditer(source):
        name = " ".join(found[2].split())
        yield f"“{found[1]}” was left out{f': {name}' if name else ''}"
    for found in _FILE.finditer(source):
        yield f"a table was left out that stands in another file: {found[2].strip()}"


def _info(tree: Any, name: str) -> str:
    from docutils import nodes

    kind = {"author": (nodes.author,), "date": (nodes.date,)}[name]
    return "; ".join(each.astext() for each in tree.findall(kind[0]))


def _simplify(tree: Any) -> None:
    """What HTML would glue or lose becomes text at its place."""
    from docutils import nodes

    changes: list[tuple[Any, Callable[[Any], None]]] = [
        (nodes.superscript | nodes.subscript, lambda node: _replace(node, _shifted(node))),
        (
            nodes.footnote_reference | nodes.citation_reference,
            lambda node: _replace(node, _mark(node)),
        ),
        (nodes.footnote | nodes.citation, _replace_note),
        (nodes.image, _describe),
        (nodes.math, lambda node: _replace(node, node.astext())),
        (nodes.math_block, lambda node: _replace(node, node.astext())),
        (nodes.field_list | nodes.docinfo, _list_fields),
        (nodes.enumerated_list, _number),
        (nodes.table, _title_before),
        (nodes.topic, _without_contents),
    ]
    for node in list(tree.findall()):
        change = next((change for kind, change in changes if isinstance(node, kind)), None)
        if change and node.parent is not None:
            change(node)


def _describe(node: Any) -> None:
    _replace(node, f"[Picture: {node['alt']}]" if node.get("alt") else "")


def _without_contents(node: Any) -> None:
    if "contents" in node.get("classes", ()):
        node.parent.remove(node)  # it repeats the headings


def _replace(node: Any, text: str) -> None:
    from docutils import nodes

    inline = isinstance(node.parent, nodes.TextElement)
    node.parent.replace(node, nodes.Text(text) if inline else nodes.paragraph("", text))


def _shifted(node: Any) -> str:
    from docutils import nodes

    text = node.astext()
    if isinstance(node, nodes.subscript):
        return subscript(text)
    index = node.parent.index(node)
    before = node.parent[index - 1].astext() if index else ""
    return superscript(text, before)


def _mark(node: Any) -> str:
    index = node.parent.index(node)
    spaced = index and not node.parent[index - 1].astext()[-1:].isspace()
    return f"{' ' if spaced else ''}[{node.astext()}]"


def _replace_note(node: Any) -> None:
    """A note's own text, with its mark before it."""
    from docutils import nodes

    label = node.next_node(nodes.label)
    mark = f"[{label.astext()}] " if label is not None else ""
    bodies = [each for each in node if not isinstance(each, nodes.label)]
    if bodies and isinstance(bodies[0], nodes.paragraph):
        bodies[0].insert(0, nodes.Text(mark))
    node.parent.replace(node, bodies)


def _list_fields(node: Any) -> None:
    from docutils import nodes

    found = nodes.bullet_list()
    for each in node:
        if isinstance(each, nodes.field):
            name, value = each[0].astext(), each[1].astext() if len(each) > 1 else ""
        else:  # of what stands below a title: author, date
            name, value = type(each).__name__, each.astext()
        line = " ".join(f"{name}: {value}".split())
        found += nodes.list_item("", nodes.paragraph("", line))
    node.parent.replace(node, found)


def _number(node: Any) -> None:
    """Letters and Roman numbers of a list's items as text: HTML's are lost in Markdown."""
    from docutils import nodes

    from index.converters.odf_numbers import written

    if node.get("enumtype") == "arabic":
        return
    forms = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}
    form = forms.get(node.get("enumtype", ""), "1")
    found = nodes.bullet_list()
    for count, item in enumerate(list(node), int(node.get("start", 1))):
        node.remove(item)
        mark = f"{node.get('prefix', '')}{written(count, form)}{node.get('suffix', '.')} "
        if len(item) and isinstance(item[0], nodes.paragraph):
            item[0].insert(0, nodes.Text(mark))
        found += item
    node.parent.replace(node, found)


def _title_before(node: Any) -> None:
    from docutils import nodes

    if len(node) and isinstance(node[0], nodes.title):
        title = node[0].astext()
        node.remove(node[0])
        node.parent.insert(node.parent.index(node), nodes.paragraph("", title))
