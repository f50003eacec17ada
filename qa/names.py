"""Names across scripts: `अलीबाबा` is Alibaba, `美团` is Meituan. Pure.

A name is carried over to another script by its sound, and every writer hears its vowels anew. So
both are written in Latin letters (anyascii) and compared by their consonants.
"""

from collections.abc import Iterable
from functools import lru_cache

import regex
from rapidfuzz import fuzz, process

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LATIN_NAME = regex.compile(r"(?=\p{Latin})\p{Lu}[\p{Latin}\p{M}\p{N}]+")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}\p{N}]+")
_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
_HAN = regex.compile(r"\p{Han}+")

# Sounds that scripts tell apart differently, longest first, and what they become.
_SOUNDS = (
    *(
        ("sch", "s"),
        ("sh", "s"),
        ("zh", "s"),
        ("ch", "c"),
        ("ght", "t"),
        ("ph", "f"),
        ("kh", "k"),
        ("gh", "g"),
    ),
    *(("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "s"), ("ck", "k"), ("qu", "k"), ("x", "ks")),
    *(
        ("q", "k"),
        ("c", "k"),
        ("j", "s"),
        ("z", "s"),
        ("w", "v"),
        ("v", "b"),
        ("p", "f"),
        ("h", ""),
    ),
)
_PART = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_FULL_NAME = regex.compile(rf"(?<=\S\s*){_LATIN_NAME.pattern}(?:[ -]{_LATIN_NAME.pattern})+")
# A text of Latin letters may hold so much of another script, as of a name.
_MOSTLY = 0.8
# How alike two skeletons of consonants must be, 0 to 100, and how long one must be to tell any.
_ALIKE, _SHORTEST = 80, 2


def names(text: str) -> list[str]:
    """Words of a text that are names: written large within a sentence, or in a foreign script.

    In a text of Latin letters the first word is written large whatever it is, so it is left out,
    unless it is all there is. In a text of another script every word in Latin letters is a name.
    """
    if len(_LATIN.findall(text)) < _MOSTLY * len(_LETTER.findall(text)):
        return list(_LATIN_WORD.findall(text))
    found = list(_LATIN_NAME.finditer(text))
    lone = len(text.split()) <= 3
    return [match[0] for match in found if lone or match.start() > 0]


def full_names(text: str) -> list[list[str]]:
    """The names of a text that have more than one word, each as its words: people, works, firms."""
    if len(_LATIN.findall(text)) < _MOSTLY * len(_LETTER.findall(text)):
        found = regex.finditer(rf"{_LATIN_NAME.pattern}(?:[ -]{_LATIN_NAME.pattern})+", text)
    else:
        found = _FULL_NAME.finditer(text)
    return [_PART.findall(match[0]) for match in found]


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """The names that do not stand in a text, in any script."""
    plain = text.casefold()
    absent = [name for name in wanted if name.casefold() not in plain]
    return [name for name in absent if not _sounds_in(name, text)] if absent else []


def _sounds_in(name: str, text: str) -> bool:
    skeleton = _skeleton(name)
    if len(skeleton) < _SHORTEST:
        return _sound(name) in {_sound(word) for word in _WORD.findall(text)}
    words = _skeletons(text)
    if skeleton in words:
        return True
    best = process.extractOne(skeleton, words, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return best is not None


@lru_cache(maxsize=256)
def _skeletons(text: str) -> frozenset[str]:
    """Of each word; of Chinese, where words are not parted, of each run of two to five."""
    found = {_skeleton(word) for word in _WORD.findall(text)}
    for run in _HAN.findall(text):
        found |= {_skeleton(run[i : i + n]) for n in range(2, 6) for i in range(len(run) - n + 1)}
    return frozenset(found - {""})


def _skeleton(word: str) -> str:
    """Its consonants by sound, doubled ones once: `Anthropic` and `एन्थ्रोपिक` are `ntrfk`."""
    plain = _sound(word)
    consonants = regex.sub(r"[^b-df-hj-np-tv-z0-9]|y", "", plain)
    return str(regex.sub(r"(.)\1+", r"\1", consonants))


def _sound(word: str) -> str:
    """A word as it sounds, in Latin letters: `Lee` and `ली` are `li`."""
    from anyascii import anyascii

    plain = anyascii(word).casefold()
    for sound, becomes in _SOUNDS:
        plain = plain.replace(sound, becomes)
    return plain.replace("ee", "i").replace("oo", "u").replace("aa", "a")
