"""Repetition: sentences that repeat the question, loop, or mix scripts. Pure."""

import regex

from qa.text.alignment import HAN, WORD, is_near

# Scripts whose words have spaces about them; a Latin name stands right beside a Chinese word.
_SPACED = r"[\p{Devanagari}\p{Bengali}\p{Arabic}\p{Cyrillic}\p{Greek}\p{Tamil}\p{Telugu}]"
_MIXED = regex.compile(rf"\p{{Latin}}\p{{M}}*{_SPACED}|{_SPACED}\p{{M}}*\p{{Latin}}")
# So alike are the letters of a question and of where a sentence says it again, with its "how much".
_MIN_SIMILARITY = 0.97
# The same four to sixty code points three times in a row, and how far back they are looked for.
_LOOP = regex.compile(r"(?<unit>(?=.{0,59}\p{L}).{4,60}?)(?P=unit){2,}\S*\Z", regex.DOTALL)
_LONG_LOOP = 240
_MIN_LETTERS = 4  # letters of a word; shorter ones are in any text
_MIN_SIGNS = 2
# Words of four letters and more that only hold a sentence together, as "is" does.
_SAYS_NOTHING = frozenset(
    ["adalah", "bahwa", "ialah", "merupakan", "that", "this", "were", "which", "yaitu", "yang"]
)
_CAPITALS = regex.compile(r"\p{Lu}{2,}")  # IBM
_DIGIT = regex.compile(r"\d")


def strange(sentence: str, known: str) -> float:
    """The share of a sentence's words that a text does not hold, not even with other endings.

    0 to 1; of scripts that part words with spaces, and of words that are long enough to tell.
    """
    words = [m[0].casefold() for m in WORD.finditer(sentence) if len(m[0]) >= _MIN_LETTERS]
    there = {m[0].casefold() for m in WORD.finditer(known)}
    unseen = [word for word in words if not is_near(word, there)]
    return len(unseen) / len(words) if words else 0.0


def repeats(sentence: str, question: str) -> bool:
    """Whether a sentence only says the question again, as small models do.

    It has no number or name of its own, no word of four letters, and not two signs of Chinese.
    """
    words = [match[0] for match in WORD.finditer(sentence)]
    asked = {match[0].casefold() for match in WORD.finditer(question)}
    own = [w for w in words if w.casefold() not in asked and w.casefold() not in _SAYS_NOTHING]
    if any(_DIGIT.search(word) or _CAPITALS.fullmatch(word) for word in own):
        return False  # 2018 is no slip of 2017
    signs = [word for word in own if HAN.match(word)]
    telling = [w for w in own if len(w) >= _MIN_LETTERS and not is_near(w.casefold(), asked)]
    return len(signs) < min(_MIN_SIGNS, len(words)) and not telling


def echoes(sentence: str, question: str) -> bool:
    """Whether a sentence holds the whole question, as when that is said again before the answer."""
    from rapidfuzz import fuzz

    said, asked = (
        " ".join(m[0].casefold() for m in WORD.finditer(text)) for text in (sentence, question)
    )
    return len(asked) <= len(said) and fuzz.partial_ratio(asked, said) >= 100 * _MIN_SIMILARITY


def loops(draft: str) -> bool:
    """Whether a draft says the same words over and over at its end, as small models get stuck."""
    return _LOOP.search(draft[-_LONG_LOOP:]) is not None


def unlooped(draft: str) -> str:
    """A draft that got stuck, with the words it got stuck on said once."""
    head, tail = draft[:-_LONG_LOOP], draft[-_LONG_LOOP:]
    return head + str(_LOOP.sub(lambda match: match["unit"], tail)).rstrip()


def garbled(sentence: str) -> bool:
    """Whether a word of it mixes letters of two scripts that never share one (`रुpees`)."""
    return _MIXED.search(sentence) is not None
