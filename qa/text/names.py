"""Names across scripts: `अलीबाबा` is Alibaba, `美团` is Meituan. Pure.

A name is carried over to another script by its sound, and every writer hears its vowels anew. So
both are written in Latin letters (anyascii) and compared by their consonants.
"""

from collections.abc import Iterable
from functools import lru_cache

import regex

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LATIN_NAME = regex.compile(r"(?=\p{Latin})\p{Lu}[\p{Latin}\p{M}\p{N}]+")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}\p{N}]+")
_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
_HAN = regex.compile(r"\p{Han}+")

# A dot above stands for the nasal that fits what follows; romanised it is always m.
_DEVANAGARI = (
    (regex.compile("[ंँ](?=[पफबभम])"), "म"),
    (regex.compile("[ंँ]"), "न"),
    (regex.compile("[चछ]"), "ch"),
)
# Whole words, never given up in part (`++`): an endless word would cost time squared.
_LARGE_WORD = rf"(?<![\p{{Latin}}\p{{M}}\p{{N}}]){_LATIN_NAME.pattern}+"
_FULL_NAME = regex.compile(rf"{_LARGE_WORD}(?:[ -]{_LARGE_WORD})+")
# Not at the beginning, where a word is written large whatever it is.
_FULL_NAME_WITHIN = regex.compile(rf"(?<=\S\s*){_FULL_NAME.pattern}")
_ALL_LARGE = regex.compile(r"(?:\P{L}*\p{Lu}[\p{L}\p{M}\p{N}]*+)*+\P{L}*")
_LARGE_NOUNS = frozenset(["de"])
# Spellings that scripts and languages hear alike, in the order in which they are replaced.
_SOUNDS = tuple(
    (regex.compile(spelling), sound)
    for spelling, sound in (
        *(("sch|sh|zh|jh", "s"), ("ch(?=[rl])", "k"), ("ch", "s"), ("ght", "t"), ("ph", "f")),
        *(("kh|ck|qu|q", "k"), ("gh", "g"), ("th", "t"), ("dh", "d"), ("bh", "b")),
        # Soft before e and i; Chinese x is near to sh.
        *(("c(?=[eiy])", "s"), ("c", "k"), ("g(?=e)", "s"), (r"\bx|x(?=[iu])", "s"), ("x", "ks")),
        *(("[jz]", "s"), ("[wv]", "b"), ("p", "f"), ("h", "")),
        *(("oo|ou", "u"), ("ee|ea", "i"), ("y", "i"), (r"(?<=\w{2})e\b", ""), (r"[^a-z0-9]", "")),
    )
)
_VOWEL = regex.compile("[aeiou]")
_TWICE = regex.compile(r"(.)\1+")
# A text of Latin letters may hold so much of another script, as of a name.
_LATIN_SHARE = 0.8
# How alike two skeletons of consonants must be, 0 to 100; and with their vowels, where one of them
# has so few consonants that many words share them (`Google`, `goal`). A sound of fewer than
# `_MIN_LETTERS` says nothing. By 60 pairs of names in Latin letters, Devanagari and Chinese, and 29
# that differ.
_MIN_SIMILARITY, _MIN_WHOLE_SIMILARITY = 80, 76
_MIN_CONSONANTS, _MIN_LETTERS = 3, 4


def names(text: str, language: str = "") -> list[str]:
    """Words of a text that are names: written large within a sentence, or in a foreign script.

    In a text of Latin letters the first word is written large whatever it is, so it is left out,
    unless it is all there is. In a text of another script every word in Latin letters is a name.
    German writes every noun large: there only words that stand together are names.
    """
    if not _is_latin(text):
        return [match[0] for match in _LATIN_WORD.finditer(text)]
    if language in _LARGE_NOUNS and not _ALL_LARGE.fullmatch(text):
        return [word for name in full_names(text) for word in name]
    found = list(_LATIN_NAME.finditer(text))
    lone = len(text.split()) <= 3
    first = WORD.search(text)
    return [match[0] for match in found if lone or not first or match.start() > first.start()]


def full_names(text: str) -> list[list[str]]:
    """The names of a text that have more than one word, each as its words: people, works, firms."""
    found = _FULL_NAME_WITHIN.finditer(text) if _is_latin(text) else _FULL_NAME.finditer(text)
    return [WORD.findall(match[0]) for match in found]


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """The names that do not stand in a text, in any script."""
    plain = text.casefold()
    absent = [name for name in wanted if name.casefold() not in plain]
    return [name for name in absent if not _sounds_in(name, text)] if absent else []


def stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as it is heard, whole and in one piece, in any spelling.

    Languages that part no words have it anywhere.
    """
    if _HAN.search(name):
        return name in text
    wanted, words = ([_sound(word) for word in WORD.findall(each)] for each in (name, text))
    size = len(wanted)
    return any(words[i : i + size] == wanted for i in range(len(words) - size + 1))


def _sounds_in(name: str, text: str) -> bool:
    from rapidfuzz import fuzz, process

    sound = _sound(name)
    skeleton = _skeleton(sound)
    if len(sound) < _MIN_LETTERS and len(skeleton) < 2:
        # In another script too short to be told from others: not held against it.
        return not _is_latin(text)
    words = _words(text)
    near = process.extract(
        skeleton, list(words), scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY, limit=None
    )
    return any(
        min(len(skeleton), len(other)) >= _MIN_CONSONANTS
        or any(fuzz.ratio(sound, whole) >= _MIN_WHOLE_SIMILARITY for whole in words[other])
        for other, _, _ in near
    )


def _is_latin(text: str) -> bool:
    return len(_LATIN.findall(text)) >= _LATIN_SHARE * len(_LETTER.findall(text))


@lru_cache(maxsize=16)
def _words(text: str) -> dict[str, list[str]]:
    """The sounds of a text's words by their skeletons.

    Of Chinese, where words are not parted, of each run of one to five.
    """
    words = set(WORD.findall(text))
    for run in _HAN.findall(text):
        words |= {run[i : i + n] for n in range(1, 6) for i in range(len(run) - n + 1)}
    found: dict[str, list[str]] = {}
    for sound in sorted(set(map(_sound, words))):
        found.setdefault(_skeleton(sound), []).append(sound)
    found.pop("", None)
    return found


def _sound(word: str) -> str:
    """How a word sounds, roughly, in small Latin letters."""
    from anyascii import anyascii

    for letters, others in _DEVANAGARI:
        word = letters.sub(others, word)
    plain = anyascii(word).casefold()
    for spelling, sound in _SOUNDS:
        plain = spelling.sub(sound, plain)
    return str(_TWICE.sub(r"\1", plain))


def _skeleton(sound: str) -> str:
    return str(_TWICE.sub(r"\1", _VOWEL.sub("", sound)))
