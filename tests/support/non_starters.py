"""Marks that follow each other: what normal forms of a text have to bound."""

import unicodedata


def marks_in_a_row(text: str) -> int:
    """The most non-starters that follow each other once a text is taken apart (UAX15-D4)."""
    most = count = 0
    for letter in unicodedata.normalize("NFKD", text):
        count = count + 1 if unicodedata.combining(letter) else 0
        most = max(most, count)
    return most
