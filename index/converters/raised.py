"""Raised and lowered text: superscripts and subscripts in characters of their own. Pure.

`10³` and `H₂O` for digits and signs (Unicode, chapter 22.4), `x^n`, `v_max` and `x^(a+1)` for the
rest, whose small letters no search would find. So no number is ever glued to the word before it.
"""

import regex

_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
# Raised letters that are written plain: 1st, 2nd, 3e, XIXe, Mme, Nº; and marks such as ™ and *.
_ORDINAL = regex.compile(r"(?:st|nd|rd|th|e|er|re|ère|ème|eme|es|os|as|º|ª)", regex.IGNORECASE)
_FEMININE = {"a": "ª", "o": "º"}
_AFTER_ORDINAL = regex.compile(r"(?:\d|\b[IVXLCDM]+)\Z")
_ABBREVIATION = regex.compile(r"\p{L}{2,}")
_MARKS = regex.compile(r"[™®©℠*†‡§¶#º°′″]+")
_WORD_BEFORE = regex.compile(r"\p{L}\Z")


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


def _scripted(text: str, forms: dict[int, int], mark: str) -> str:
    if all(ord(letter) in forms for letter in text):
        return text.translate(forms)
    return f"{mark}{text}" if len(text) == 1 or text.isalnum() else f"{mark}({text})"
