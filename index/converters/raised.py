"""Raised and lowered text: superscripts and subscripts in characters of their own. Pure.

`10³` and `H₂O` for digits and signs (Unicode, chapter 22.4), `x^n` and `v_(max)` for the rest,
whose small letters no search would find. So no number is ever glued to the word before it.
"""

import regex

_DIGITS = "0123456789+-=()−–"
_RAISED = str.maketrans(_DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁻⁻")
_LOWERED = str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋₋")
# Raised letters that are written plain: 1st, 2nd, 3e, XIXe, Mme, Nº; and marks such as ™ and *.
_ORDINAL = regex.compile(
    r"(?:st|nd|rd|th|e|er|re|ère|ème|eme|nde|es|os|as|ste|º|ª)", regex.IGNORECASE
)
_FEMININE = {"a": "ª", "o": "º"}
_AFTER_ORDINAL = regex.compile(r"(?:\d|\b[IVXLCDM]+)\Z")
_ABBREVIATION = regex.compile(r"\p{L}{2,}")
_MARKS = regex.compile(r"[*†‡§¶#®©™℠°ºª′″'’”“\",.;:¹²³]+")
_WORD_BEFORE = regex.compile(r"(?:\p{Lu}|\p{L}{2})\Z")  # and no variable: x^(ab)
_SIGNS = {"TM": "™", "SM": "℠", "(R)": "®", "(TM)": "™"}
_NOTE = regex.compile(r"\d{1,3}(?:[,–-]\d{1,3})*")
# After a word such as `guild`, but not after `km`; or after the end of a sentence.
_NOTED = regex.compile(r"(?:[^\W\d_]{4}|[^\W\d_][.,;:!?”\"’])\Z")
# `feet²` and `metres³` are areas and volumes.
_UNIT = regex.compile(
    r"(?:met(?:er|re|ro)[ns]?|mètres?|metri|feet|foot|inch(?:es)?|yards?|miles?|метр\w*)\s*\Z",
    regex.IGNORECASE,
)


def raised(text: str, before: str = "") -> str:
    """A superscript, as it is written behind `before`."""
    text = " ".join(text.split())
    if not text or _MARKS.fullmatch(text):
        return text
    if text.startswith("["):  # a remark, or a note's number
        return f" {text}"
    if text in _FEMININE and _AFTER_ORDINAL.search(before):
        return _FEMININE[text]  # 16a is another number
    if _ORDINAL.fullmatch(text) and _AFTER_ORDINAL.search(before):
        return text
    if _ABBREVIATION.fullmatch(text) and _WORD_BEFORE.search(before):
        return text  # Mme, Dr
    return _scripted(text, _RAISED, "^")


def lowered(text: str) -> str:
    """A subscript."""
    return _scripted(" ".join(text.split()), _LOWERED, "_")


def superscript(text: str, before: str = "") -> str:
    """Raised letters of a file whose authors also write marks of notes by hand.

    A number after a word or a sentence is such a mark, which stays apart: `guild [3]`. White space
    at the edges stays.
    """
    left, word, right = _stripped(text)
    if not word:
        return text
    is_power = word in ("2", "3") and _UNIT.search(before[-15:])
    if not is_power and _NOTE.fullmatch(word) and _NOTED.search(before.rstrip()[-5:]):
        return f" [{word}]{right}"
    before = "" if left or word in _FEMININE else before  # there `10^a` is a power
    return f"{left}{_SIGNS.get(word) or raised(word, before)}{right}"


def subscript(text: str) -> str:
    """Lowered letters; white space at the edges stays."""
    left, word, right = _stripped(text)
    return f"{left}{lowered(word)}{right}"


def _scripted(text: str, forms: dict[int, int], mark: str) -> str:
    if all(ord(letter) in forms for letter in text):
        return text.translate(forms)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"


def _stripped(text: str) -> tuple[str, str, str]:
    word = text.strip()
    start = text.find(word) if word else 0
    return text[:start], word, text[start + len(word) :]
