"""Normal forms: NFC, NFD and NFKC of any text, in time that grows as its length. Pure.

`unicodedata.normalize` sorts each run of combining marks by exchanging neighbours, so that a run of
40,000 takes seconds in which nothing else runs. Here a text is first made stream-safe (UAX #15,
section 13): after 30 marks in a row comes a COMBINING GRAPHEME JOINER, which stands alone, shows
nothing, and lets no mark pass. No word of any language has as many.
"""

import unicodedata
from functools import lru_cache
from itertools import takewhile

import regex

_MOST = 30  # non-starters in a row
_JOINER = "\u034f"
# A run that may have more of them, since at most four come of one character; these five have no
# class of their own and become such.
_MARK = r"[\P{ccc=0}\u0f73\u0f75\u0f81\uff9e\uff9f]"
_RUN = regex.compile(rf".?{_MARK}{{{_MOST // 4},}}", regex.DOTALL)


def nfc(text: str) -> str:
    """Composed (UAX #15)."""
    return unicodedata.normalize("NFC", stream_safe(text))


def composed(name: str) -> str:
    """A name in NFC; most names are ASCII, which that leaves as it is."""
    return name if name.isascii() else nfc(name)


def nfd(text: str) -> str:
    """Decomposed (UAX #15)."""
    return unicodedata.normalize("NFD", stream_safe(text))


def nfkc(text: str) -> str:
    """Composed, with characters of one meaning made the same (UAX #15)."""
    return unicodedata.normalize("NFKC", stream_safe(text))


def stream_safe(text: str) -> str:
    """The text with a joiner wherever more than 30 non-starters would follow each other (UAX15-D4).

    Almost every text is returned as it is.
    """
    return str(_RUN.sub(_broken, text))


def _broken(run: "regex.Match[str]") -> str:
    made, count = [], 0
    for letter in run[0]:
        size, first, last = _non_starters(letter)
        if count + first > _MOST:
            made.append(_JOINER)
            count = 0
        made.append(letter)
        count = count + size if first == size else last
    return "".join(made)


@lru_cache(1000)  # there are some 900 marks, and a million letters before them
def _non_starters(letter: str) -> tuple[int, int, int]:
    """Of a character taken apart: its length, and the non-starters that it begins and ends with."""
    classes = [unicodedata.combining(each) for each in unicodedata.normalize("NFKD", letter)]
    ends = (list(takewhile(bool, each)) for each in (classes, reversed(classes)))
    first, last = map(len, ends)
    return len(classes), first, last
