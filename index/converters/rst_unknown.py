"""Directives and roles that docutils does not know, as Sphinx has them: their text is kept."""

import re
from collections.abc import Iterator
from typing import Any

_DIRECTIVE = re.compile(
    r"^[ \t]*\.\. (?:\|[^|\n]{1,60}\| )?([\w:+.-]{1,60}?)::(?=\s|\Z)", re.MULTILINE
)
_ROLE = re.compile(r":([\w:+.-]{1,60}):`")
_TITLED = re.compile(r"(.{1,500}?)\s*<[^<>]{1,500}>\Z", re.DOTALL)
_MOST = 200  # of a file; a made-up one could name any number
# Of Sphinx: these hold no text, only names of other files.
_NAMES_ONLY = ("toctree", "highlight", "currentmodule", "index", "tabularcolumns", "literalinclude")


def read_unknown(source: str) -> Iterator[str]:
    """Have docutils read the unknown directives and roles of a text; says what they were."""
    from docutils.parsers.rst import directives, languages, roles

    english = languages.get_language("en", None)
    known = directives._directive_registry.keys() | english.directives.keys()
    unknown = dict.fromkeys(_DIRECTIVE.findall(source))
    names = [name for name in unknown if name.lower() not in known][:_MOST]
    for name in names:
        directives.register_directive(name, _unknown_directive(name))
    told = roles._role_registry.keys() | roles._roles.keys() | english.roles.keys()
    for name in [name for name in dict.fromkeys(_ROLE.findall(source)) if name not in told][:_MOST]:
        roles.register_local_role(name, _role)
    ours = [name for name in unknown if name in names or name in _OURS]
    if ours:
        yield f"parts that its own program would lay out were read as text: {', '.join(ours[:10])}"


_OURS: set[str] = set()


def _unknown_directive(name: str) -> Any:
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Unknown(Directive):  # type: ignore[misc]
        """Its argument and its content, as paragraphs."""

        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = None

        def run(self) -> list[Any]:
            if name in _NAMES_ONLY:
                return []
            found = nodes.container()
            if self.arguments:
                inline, messages = self.state.inline_text(self.arguments[0], self.lineno)
                found += nodes.paragraph("", "", nodes.Text(f"{name}: "), *inline)
                found += messages
            self.state.nested_parse(self.content, self.content_offset, found)
            return [found]

    _OURS.add(name)
    return Unknown


def _role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *rest: Any
) -> tuple[list[Any], list[Any]]:
    """The words that a role shows: `title <target>` shows its title."""
    from docutils import nodes, utils

    shown = utils.unescape(text)
    titled = _TITLED.match(shown)
    return [nodes.inline(rawtext, titled[1] if titled else shown.lstrip("~!"))], []
