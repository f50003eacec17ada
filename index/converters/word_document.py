"""WordDocument: a Word file's parts, and what is counted while its text is read."""

from dataclasses import dataclass, field
from typing import Any

from index.converters.archive import Archive
from index.converters.graphics import Graphics
from index.converters.left_out import LeftOut
from index.converters.number_formats import formatted
from index.converters.ooxml import W14, W15, Relation, W, on, relations
from index.converters.word_fields import Field
from index.converters.word_numbering import Numbering
from index.converters.word_styles import Styles, whole

_MAIN = "word/document.xml"


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside the text and is read after its paragraph: a note, a comment, a text box.

    `content` holds its paragraphs, and belongs to `part`; None where `opening` is all of it.
    """

    opening: str = ""
    content: Any = None
    closing: str = ""
    part: str = ""


@dataclass(slots=True)
class WordDocument:
    """A file that is being read: `main` holds its text, `part` what is read at the moment."""

    file: Archive
    main: str
    part: str
    styles: Styles
    numbering: Numbering
    settings: Any
    left_out: LeftOut
    graphics: Graphics
    fields: list[Field] = field(default_factory=list)
    _relations: dict[str, dict[str, Relation]] = field(default_factory=dict)
    _notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _marks: dict[tuple[str, str], str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def opened(cls, file: Archive) -> "WordDocument":
        """Raises NotText: the file is no Word document."""
        part = _main_part(file)
        file.require(part, "Word")
        found = {each.kind: each.part for each in relations(file, part).values()}

        def tree(kind: str) -> Any:
            return file.xml(found[kind]) if found.get(kind) in file.names else None

        styles, left_out = Styles(tree("styles")), LeftOut()
        numbering = Numbering(tree("numbering"), styles)
        graphics = Graphics(file, left_out)
        return cls(file, part, part, styles, numbering, tree("settings"), left_out, graphics)

    @property
    def relations(self) -> dict[str, Relation]:
        """The relations of the part that is read at the moment."""
        if self.part not in self._relations:
            self._relations[self.part] = relations(self.file, self.part)
        return self._relations[self.part]

    def note(self, kind: str, name: str, own_mark: str) -> tuple[str, Aside | None]:
        """The mark of a footnote or endnote, and the note where it is met for the first time.

        Args:
            kind: `footnote` or `endnote`.
            name: its id.
            own_mark: what the author wrote as its mark, "" for a number.
        """
        if (kind, name) in self._marks:
            return self._marks[kind, name], None
        mark = f"[{own_mark or self._number(kind)}]"
        self._marks[kind, name] = mark
        content = self._all(f"{kind}s", kind).get(name)
        return mark, None if content is None else Aside(
            f"{mark} ", content, "", self._part(f"{kind}s")
        )

    def comment(self, name: str) -> Aside | None:
        """A comment, the first time it is met."""
        content = self._all("comments", "comment").pop(name, None)
        if content is None:
            return None
        author = " ".join(content.get(f"{W}author", "").split())
        word = "Resolved comment" if self._is_done(content) else "Comment"
        return Aside(
            f"[{word}{f' by {author}' if author else ''}: ", content, "]", self._part("comments")
        )

    def _number(self, kind: str) -> str:
        properties = self.settings.find(f"{W}{kind}Pr") if self.settings is not None else None
        properties = () if properties is None else properties
        found = {each.tag: each.get(f"{W}val") for each in properties}
        count = self._counts.get(kind, whole(found.get(f"{W}numStart"), 1) - 1) + 1
        self._counts[kind] = count
        usual = "decimal" if kind == "footnote" else "lowerRoman"
        return formatted(count, found.get(f"{W}numFmt") or usual)

    def _part(self, kind: str) -> str:
        """The name of the part that holds the notes or comments of a kind, "" if none does."""
        known = relations(self.file, self.main).values()
        parts = (each.part for each in known if each.kind == kind)
        return next((each for each in parts if each in self.file.names), "")

    def _all(self, kind: str, tag: str) -> dict[str, Any]:
        """The notes or comments of a kind by their ids."""
        if kind not in self._notes:
            part = self._part(kind)
            found = self.file.xml(part).iter(f"{W}{tag}") if part else ()
            self._notes[kind] = {each.get(f"{W}id", ""): each for each in found}
        return self._notes[kind]

    def _is_done(self, comment: Any) -> bool:
        """Whether somebody marked a comment as resolved (MS-DOCX 2.5.4)."""
        paragraphs = [each.get(f"{W14}paraId") for each in comment.iter(f"{W}p")]
        return bool(paragraphs) and paragraphs[-1] in self._done()

    def _done(self) -> dict[str, Any]:
        if "commentsExtended" not in self._notes:
            part = self._part("commentsExtended")
            states = self.file.xml(part).iter(f"{W15}commentEx") if part else ()
            self._notes["commentsExtended"] = {
                each.get(f"{W15}paraId", ""): each for each in states if on(each, f"{W15}done")
            }
        return self._notes["commentsExtended"]


def _main_part(file: Archive) -> str:
    """The part that holds the text; some programs call it `word/document2.xml`."""
    if _MAIN in file.names:
        return _MAIN
    kinds = (each.part for each in relations(file, "").values() if each.kind == "officeDocument")
    return next((each for each in kinds if each.startswith("word/")), _MAIN)
