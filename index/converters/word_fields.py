"""Fields of Word: what a field's code shows where the file keeps no result of it. Pure.

ECMA-376, part 1, 17.16. The result that was last shown is kept as text, whatever the code.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from index.converters.ooxml import W, on
from index.converters.raised import subscript, superscript
from index.converters.symbols import symbol
from index.converters.word_styles import whole

# Lists of headings or words with the numbers of their pages.
CONTENTS = frozenset({"TOC", "TOA", "INDEX"})
PAGE_NUMBERS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_BOXES = frozenset({"FORMCHECKBOX", "FORMDROPDOWN"})
COUNTED = frozenset({"LISTNUM", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT"})
_LONGEST = 2_000  # code points of a code
_FONT = re.compile(r'\\f\s*"?([^"\\]+)')
# The parts of an equation: a fraction, a root, raised and lowered text; of others their text.
_INNERMOST = re.compile(r"\\([a-z]+)((?:\s*\\[a-z]+\d*)*)\s*\(([^()\\]*)\)", re.IGNORECASE)
_MOST_PARTS = 100


@dataclass(slots=True)
class Field:
    """A field that has begun: its code so far, and whether its result has.

    `visible` says whether what is read at the moment is seen, in this field and in those around it.
    """

    form: Any = None  # w:ffData of a form's field
    code: list[str] = field(default_factory=list)
    in_result: bool = False
    visible: bool = False

    @property
    def name(self) -> str:
        """Its kind: `TOC`, `REF`."""
        return ("".join(self.code).split(None, 1) or [""])[0].upper()

    def begin_result(self, *, visible: bool, numbers: bool) -> None:
        """What follows is its result.

        Args:
            visible: whether what stands around the field is.
            numbers: whether numbers of pages are, which differ from page to page in a header.
        """
        silent = CONTENTS | _BOXES | (frozenset() if numbers else PAGE_NUMBERS)
        self.in_result, self.visible = True, visible and self.name not in silent

    def shown(self) -> str:
        """What it shows by its code alone."""
        code = "".join(self.code)[:_LONGEST].strip()
        if self.name in _BOXES:
            return _form(self.form)
        if self.in_result:
            return ""
        arguments = code.split()[1:]
        if self.name == "SYMBOL" and arguments:
            return _symbol(arguments[0], code)
        if self.name in ("MACROBUTTON", "GOTOBUTTON"):
            return " ".join(arguments[1:])
        return equation(code[2:]) if self.name == "EQ" else ""


def equation(code: str) -> str:
    r"""An equation of the old kind, such as `\f(1,2)`, from the inside out."""
    for _ in range(_MOST_PARTS):
        code, found = _INNERMOST.subn(_part, code, count=1)
        if not found:
            break
    return re.sub(r"\\\*?\s*\w+", "", code).replace("\0", "(").replace("\1", ")").strip()


def _part(found: re.Match[str]) -> str:
    kind, switches, text = found[1].lower(), found[2].lower(), found[3]
    parts = [each.strip() for each in re.split("[,;]", text)]
    if kind == "f" and len(parts) == 2:
        return "/".join(map(_bracketed, parts))
    if kind == "r":
        return f"√{f'[{parts[0]}]' if len(parts) > 1 else ''}{_bracketed(parts[-1])}"
    if kind == "s":
        return subscript(text) if "\\do" in switches else superscript(text)
    return f"\0{text}\1" if kind == "b" else text


def _bracketed(text: str) -> str:
    """In brackets, which `equation` writes when no more is to be read."""
    return text if re.fullmatch(r"\w|\d+", text) else f"\0{text}\1"


def _symbol(code: str, field: str) -> str:
    number = int(code, 16) if re.fullmatch(r"0x[0-9a-fA-F]{1,5}", code) else whole(code)
    font = _FONT.search(field)
    return symbol(font[1].strip() if font else "", number) if number else ""


def _form(form: Any) -> str:
    """A box of a form, ticked or not; the line chosen of a list."""
    box = form.find(f"{W}checkBox") if form is not None else None
    if box is not None:
        checked = box.find(f"{W}checked")
        return "☑" if on(box.find(f"{W}default") if checked is None else checked) else "☐"
    choice = form.find(f"{W}ddList") if form is not None else None
    if choice is None:
        return ""
    entries = [each.get(f"{W}val", "") for each in choice.iterchildren(f"{W}listEntry")]
    picked = choice.find(f"{W}result")
    picked = choice.find(f"{W}default") if picked is None else picked
    place = whole(picked.get(f"{W}val")) if picked is not None else 0
    return entries[place] if place < len(entries) else ""
