"""Footnotes of Markdown: `[^1]: text` is taken out of its place, to follow the paragraph. Pure."""

import re

_DEFINITION = re.compile(r" {0,3}\[\^([^\]\s]{1,50})\]:[ \t]*(.*)")
_INDENTED = re.compile(r"(?: {2,}|\t)\S")
_BLOCK = re.compile(r" {0,3}(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]|>|\||`{3}|~{3})")


def without_notes(lines: list[str], code: set[int]) -> tuple[list[str], dict[str, str]]:
    """(the other lines, the text of each note by its label).

    Args:
        lines: those of a Markdown text.
        code: the numbers of those that are code, whose marks say nothing.
    """
    kept, notes = list[str](), dict[str, str]()
    label = ""
    for number, line in enumerate(lines):
        found = _DEFINITION.fullmatch(line) if number not in code else None
        if found and found[1] not in notes:
            label = found[1]
            notes[label] = found[2].strip()
        elif label and _goes_on(lines, number):
            notes[label] = f"{notes[label]}\n{line.strip()}".strip("\n")
        else:
            label = ""
            kept.append(line)
    return kept, {name: _joined(text) for name, text in notes.items()}


def _goes_on(lines: list[str], number: int) -> bool:
    """Whether a line continues a note: an indented one, or one of the same paragraph."""
    line = lines[number]
    if not line.strip():
        follower = lines[number + 1] if number + 1 < len(lines) else ""
        return bool(_INDENTED.match(follower))
    if _INDENTED.match(line):
        return True
    return bool(lines[number - 1].strip()) and not _BLOCK.match(line)


def _joined(text: str) -> str:
    """A note's lines in one for each of its paragraphs."""
    return "\n".join(" ".join(part.split("\n")) for part in re.split(r"\n{2,}", text.strip("\n")))
