"""Raised and lowered letters in plain text: `10³`, `H₂O`, `x^(n+1)`, `19th`. Pure."""

import re

_DIGITS = "0123456789+-=()"
_RAISED = str.maketrans(_DIGITS + "−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁻⁻")
_LOWERED = str.maketrans(_DIGITS + "−–", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋₋")
_HAS_FORM = re.compile(r"[0-9+\-=()−–]+")
# Ordinals in several languages, raised by programs themselves: `19th`, `1er`; `10^a` is a power.
_ORDINAL = re.compile(r"st|nd|rd|th|er|re|ère|e|ème|nde|os|as|ste")
_SIGNS = {"TM": "™", "SM": "℠", "(R)": "®", "(TM)": "™"}
# Marks that are raised by nature, or say by themselves that they point to a note.
_STANDS = re.compile(r"[*†‡§¶®©™℠°ºª′″'’”“\",.;:¹²³\s]+")
_NOTE = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*")
# After a word such as `guild`, but not after `km`; or after the end of a sentence.
_NOTED = re.compile(r"(?:[^\W\d_]{4}|[^\W\d_][.,;:!?”\"’])\Z")
# `feet²` and `metres³` are areas and volumes.
_UNIT = re.compile(
    r"(?:met(?:er|re|ro)[ns]?|mètres?|metri|feet|foot|inch(?:es)?|yards?|miles?|метр\w*)\s*\Z",
    re.IGNORECASE,
)


def superscript(text: str, before: str = "") -> str:
    """Raised letters, as they follow `before`.

    A number after a word or a sentence is the mark of a note, which stays apart: `guild [3]`.
    """
    left, word, right = _stripped(text)
    if not word or _STANDS.fullmatch(word):
        return text
    if word in _SIGNS:
        return f"{left}{_SIGNS[word]}{right}"
    if not left and before[-1:].isdigit() and _ORDINAL.fullmatch(word):
        return text
    is_power = word in ("2", "3") and _UNIT.search(before[-15:])
    if not is_power and _NOTE.fullmatch(word) and _NOTED.search(before.rstrip()[-5:]):
        return f" [{word}]{right}"
    return f"{left}{_formed(word, '^', _RAISED)}{right}"


def subscript(text: str) -> str:
    """Lowered letters."""
    left, word, right = _stripped(text)
    return f"{left}{_formed(word, '_', _LOWERED)}{right}" if word else text


def _formed(word: str, sign: str, forms: dict[int, int]) -> str:
    if _HAS_FORM.fullmatch(word):
        return word.translate(forms)
    return f"{sign}{word}" if len(word) == 1 else f"{sign}({word})"


def _stripped(text: str) -> tuple[str, str, str]:
    word = text.strip()
    start = text.find(word) if word else 0
    return text[:start], word, text[start + len(word) :]
