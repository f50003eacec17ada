"""OpenDocument packages: their parts, properties and styles (OASIS ODF 1.3, parts 2 and 3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from index.converters import metadata
from index.converters.archive import Archive
from index.converters.converted import Converted
from index.converters.xml_names import attribute, child, local
from index.errors import NotText
from index.passage import Page

_MANIFEST = "META-INF/manifest.xml"
_DEEPEST_STYLE = 20  # parents of a style


def number(element: Any, name: str, default: int = 1) -> int:
    """A count from 0 on, as an attribute has it; the default where it is none."""
    value = attribute(element, name)
    if not value:
        return default
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 12 else default


def below(element: Any, *names: str) -> Iterator[Any]:
    """Every element of these names below one."""
    found: Iterator[Any] = element.iter(*(f"{{*}}{name}" for name in names))
    return found


@dataclass(frozen=True, slots=True)
class Package:
    """An open file; `body` is the child of `office:body` that has the content."""

    file: Archive
    body: Any
    styles: "Styles"

    @property
    def root(self) -> Any:
        """The element that holds the body, with the forms and automatic styles."""
        return self.body.getparent().getparent()


def opened(file: Archive, kind: str, format: str) -> Package:
    """Read the main parts; `kind` is "text", "spreadsheet" or "presentation".

    Raises:
        NotText: it is encrypted, damaged, or of another kind.
    """
    file.require("content.xml", format)
    if _MANIFEST in file.names and b"encryption-data" in file.bytes(_MANIFEST):
        raise NotText("is encrypted; save it without a password")
    content = file.xml("content.xml")
    outer = next(below(content, "body"), None)
    body = None if outer is None else child(outer, kind)
    if body is None:
        raise NotText(f"is not {format}, whatever its name says")
    trees = [file.xml("styles.xml")] if "styles.xml" in file.names else []
    return Package(file, body, Styles([*trees, content]))


def with_metadata(
    text: str, pages: tuple[Page, ...], file: Archive, notices: Iterable[str]
) -> Converted:
    """The text with the file's own title, language, date and author.

    Raises:
        NotText: there is no text.
    """
    if not text.strip():
        raise NotText("holds no text")
    found: dict[str, str] = {}
    if "meta.xml" in file.names:
        for each in below(file.xml("meta.xml"), "title", "language", "creation-date", "creator",
                          "initial-creator"):  # fmt: skip
            found.setdefault(local(each), "".join(each.itertext()).strip())
    return Converted(
        text,
        metadata.title(found.get("title")),
        found.get("language", ""),
        metadata.day(found.get("creation-date")),
        metadata.author(found.get("initial-creator") or found.get("creator")),
        pages,
        tuple(notices),
    )


class Styles:
    """Styles by name: what of them changes what is read."""

    def __init__(self, trees: list[Any]) -> None:
        self._known: dict[tuple[str, str, str], str] = {}
        self._styles: dict[tuple[str, str], Any] = {}
        self.lists: dict[str, Any] = {}
        self.outline: Any = None
        for tree in trees:
            for each in below(tree, "style"):
                self._styles[attribute(each, "family"), attribute(each, "name")] = each
            for each in below(tree, "list-style"):
                self.lists[attribute(each, "name")] = each
            self.outline = next(below(tree, "outline-style"), self.outline)

    def value(self, family: str, name: str, key: str) -> str:
        """A property's value by a style or its parents, "" where none tells."""
        if (family, name, key) not in self._known:
            self._known[family, name, key] = self._value(family, name, key)
        return self._known[family, name, key]

    def _value(self, family: str, name: str, key: str) -> str:
        for _ in range(_DEEPEST_STYLE):
            style = self._styles.get((family, name))
            if style is None:
                break
            for properties in style:
                if told := attribute(properties, key):
                    return told
            name = attribute(style, "parent-style-name")
        return ""

    def of(self, family: str, name: str, key: str) -> str:
        """An attribute of the style itself, or of its parents."""
        for _ in range(_DEEPEST_STYLE):
            style = self._styles.get((family, name))
            if style is None:
                break
            if told := attribute(style, key):
                return told
            name = attribute(style, "parent-style-name")
        return ""

    def shift(self, name: str) -> str:
        """Whether text of a style is raised or lowered: "super", "sub" or ""."""
        position = self.value("text", name, "text-position").split()
        if not position:
            return ""
        if position[0] in ("super", "sub"):
            return position[0]
        percent = position[0].removesuffix("%")
        try:
            height = float(percent)
        except ValueError:
            return ""
        return "super" if height > 0 else "sub" if height < 0 else ""

    def is_hidden(self, family: str, name: str) -> bool:
        """Whether text of a style is not shown."""
        return self.value(family, name, "display") == "none"

    def is_struck(self, name: str) -> bool:
        """Whether text of a style is struck out."""
        style = self.value("text", name, "text-line-through-style")
        return (style or self.value("text", name, "text-line-through-type")) not in ("", "none")
