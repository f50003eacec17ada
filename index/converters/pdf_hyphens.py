"""Hyphens at the ends of a PDF's lines: kept where the word has one, else dropped. Pure.

A file does not say which they are. The word itself tells (digits, capitals, one letter before the
hyphen), then other places of the same file, then, for English, a list of words.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import regex

from index.text.scripts import UNSPACED

_WORDS = Path(__file__).parent / "english_words.txt.gz"
_UNSPACED = regex.compile(rf"[{UNSPACED}、-〟！-～]{{2}}")
_HYPHENS = "-‐‑"
_ENDS = tuple(_HYPHENS)
_SOFT_HYPHEN = "\u00ad"
_LAST = regex.compile(r"([\p{L}\p{M}\p{N}]+(?:[-‐‑][\p{L}\p{M}\p{N}]+)*)[-‐‑]\Z")
_FIRST = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_WORD = regex.compile(r"[\p{L}\p{M}]{2,}(?:[-‐‑][\p{L}\p{M}]{2,})*(?![-‐‑]?\s*\Z)")
_ENGLISH_SHARE = 0.6  # of a file's words that are in the list


@dataclass
class Joiner:
    """Joins the lines of paragraphs; `lines` are those of the whole file, which tell its words."""

    lines: Sequence[str] = ()
    _english: bool | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        """Those that stand whole within lines, in small letters."""
        return frozenset(word.lower() for line in self.lines for word in _WORD.findall(line))

    def joined(self, text: str, line: str) -> str:
        """A paragraph with one more line; a word that the line's end broke is whole again."""
        if text.endswith(_SOFT_HYPHEN):
            return text[:-1] + line
        kept = self.kept(text, line)
        if kept is not None:
            return text + line if kept else text[:-1] + line
        if not text or text.endswith(" ") or not line:
            return text + line
        if not text[-1].isascii() and _UNSPACED.fullmatch(text[-1] + line[0]):
            return text + line
        return f"{text} {line}"

    def kept(self, text: str, line: str) -> bool | None:
        """Whether the hyphen at a line's end belongs to the word; None if there is none."""
        if not text.endswith(_ENDS):
            return None
        before, after = _LAST.search(text[-80:]), _FIRST.match(line)
        if not before or not after:
            return None
        old, new = before[1], after[0]
        if _is_own(old, new):
            return True
        if (old + new).lower() in self.words:
            return False
        if f"{old}-{new}".lower() in self.words:
            return True
        return self._is_compound(old.lower(), new.lower())

    def _is_compound(self, old: str, new: str) -> bool:
        """Whether two English words make a third only with a hyphen."""
        if not self._is_english():
            return False
        words = _english_words()
        return old in words and new in words and len(old) > 2 and old + new not in words

    def _is_english(self) -> bool:
        if self._english is None:
            plain = [word for word in self.words if word.isalpha()]
            known = sum(word in _english_words() for word in plain)
            self._english = known >= _ENGLISH_SHARE * max(len(plain), 1)
        return self._english


def _is_own(old: str, new: str) -> bool:
    """Whether the parts themselves show that the hyphen is the word's: 2019-2020, East-Quay."""
    if old[-1].isdigit() or new[0].isdigit():
        return True
    if len(old) == 1 or any(hyphen in old for hyphen in _HYPHENS):
        return True
    if new[0].isupper() and not old.isupper():
        return True
    return old.lower() == new.lower()  # Indonesian: anak-anak


@cache
def _english_words() -> frozenset[str]:
    with gzip.open(_WORDS, "rt", encoding="ascii") as file:
        return frozenset(file.read().split("\n"))
