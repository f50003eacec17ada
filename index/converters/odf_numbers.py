"""OpenDocument numbers: those that a program shows before headings and items of lists. Pure."""

from dataclasses import dataclass, field
from typing import Any

from index.converters.odf_package import number
from index.converters.xml_names import attribute, local

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_ROMAN = 4_000


@dataclass(slots=True)
class Counter:
    """Counts the items of one list, or the headings; levels are counted from 1."""

    style: Any
    counts: dict[int, int] = field(default_factory=dict)

    def next(self, level: int, start: int | None = None) -> str:
        """The mark of the next item of a level: `2.1 `, `- ` of a bullet, "" of none."""
        definition = _level(self.style, level)
        first = 1 if definition is None else number(definition, "start-value")
        self.counts[level] = start if start is not None else self.counts.get(level, first - 1) + 1
        self.counts = {k: v for k, v in self.counts.items() if k <= level}
        if definition is None:
            return "- "
        if local(definition).endswith(("-bullet", "-image")):
            return "- "
        return self._mark(definition, level)

    def _mark(self, definition: Any, level: int) -> str:
        if not attribute(definition, "num-format"):
            return ""
        shown = min(level, max(1, number(definition, "display-levels")))
        parts = []
        for each in range(level - shown + 1, level + 1):
            of_level = _level(self.style, each)
            form = "1" if of_level is None else attribute(of_level, "num-format")
            if form:
                parts.append(written(self.counts.get(each, 1), form))
        before, behind = (attribute(definition, f"num-{end}") for end in ("prefix", "suffix"))
        return f"{before}{'.'.join(parts)}{behind}".strip() + " "


def _level(style: Any, level: int) -> Any:
    if style is None:
        return None
    return next((each for each in style if number(each, "level", 0) == level), None)


def written(count: int, form: str) -> str:
    """A number as letters (`a`, `A`), as Roman numerals (`i`, `I`), else in digits."""
    if form in ("a", "A"):
        letters = chr(ord(form) + (count - 1) % 26)
        return letters * min((count - 1) // 26 + 1, 9)
    if form in ("i", "I") and 0 < count < _MOST_ROMAN:
        return _roman(count) if form == "i" else _roman(count).upper()
    return str(count)


def _roman(count: int) -> str:
    shown = ""
    for value, letters in _ROMAN:
        shown += letters * (count // value)
        count %= value
    return shown
