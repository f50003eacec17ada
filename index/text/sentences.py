"""Sentences: UAX #29 boundaries, corrected for news text in many scripts.

ICU gives the boundaries of Unicode's Annex 29, which already knows the danda, full-width stops
and decimal commas. It fails where a space was lost after a stop, at abbreviations, and at the
line ends of hard-wrapped text. Pure: text in, spans out.
"""

import itertools
from collections.abc import Iterator

import regex

# "diterapkan.Akhir": a space was lost. Two lower-case letters before and a capital with a
# lower-case letter after keep "U.S.", "Node.js" and "3.Bab" whole.
_LOST_SPACE = regex.compile(r"(?<=\p{Ll}{2}[.!?…][\"'”’»)\]]?)(?=\p{Lu}\p{Ll})")

_ABBREVIATIONS = (
    # English and Spanish titles, and what stands before a name or a number
    "Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Sen|Rep|Gov|Capt|Lt|Col|Sgt|Hon|St|Mt|Ft|No|Nos|Vol|Fig|Eq|Ch|pp|vs|"
    "Inc|Ltd|Corp|Co|Jr|Sr|Sra|Srta|Dra|Ud|Uds|approx|aprox|ca|est|al|"
    # Indonesian and Malay
    "PT|CV|UD|Tn|Ny|Sdr|Bpk|Drs|Ir|Hj|Yth|hlm|Jl|Kel|Kec|Kab|Prov|Rp|"
    # Hindi: titles, then the names of Latin letters as initials are written
    "डॉ|प्रो|श्री|सुश्री|पं|कु|स्व|रु|लि|कं|सं|पृ|"
    "ए|बी|सी|डी|ई|एफ|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी|डब्ल्यू|एक्स|वाई|ज़ेड"
)
# "01.AI": no space was lost where capitals stand behind a short number.
_NUMBERED_NAME = regex.compile(r"(?<!\p{N})\p{N}{1,3}\.\Z")
_CAPITALS = regex.compile(r"\p{Lu}{2}")
_NO_END = regex.compile(r"(?<![\p{L}\p{M}])(?:" + _ABBREVIATIONS + r"|\p{Lu})\.[ \t]*\Z")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Cut `text` into sentences: half-open code point ranges that join back into the text.

    White space after a sentence belongs to it. A line end always ends a sentence; replace soft
    line ends by spaces first. Source: UAX #29 (ICU), plus the rules in this module.
    """
    if not text:
        return []
    bounds = sorted({0, len(text), *_unicode_bounds(text), *_lost_spaces(text)})
    spans = list(itertools.pairwise(bounds))
    return list(_join_abbreviations(text, spans))


def sentences(text: str) -> list[str]:
    """The sentences of `text`, white space kept: they join back into the text."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _unicode_bounds(text: str) -> Iterator[int]:
    from icu4py.breakers import SentenceBreaker

    # Its `segments()` counts UTF-16 units; the strings it yields are whole in any plane.
    yield from itertools.accumulate(len(segment) for segment in SentenceBreaker(text, "en"))


def _lost_spaces(text: str) -> Iterator[int]:
    for match in _LOST_SPACE.finditer(text):
        yield match.start()


def _join_abbreviations(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begun = 0
    for start, end in spans:
        # Sixteen characters hold the longest abbreviation; a longer look would cost time squared.
        near = max(start, end - 16)
        if end < len(text) and (
            _NO_END.search(text, near, end)
            or (_CAPITALS.match(text, end) and _NUMBERED_NAME.search(text, near, end))
        ):
            continue
        yield begun, end
        begun = end
