"""Alignment: the exact words of the article that a sentence of an answer nearly repeats. Pure.

A small model copies with slips: it drops a bracket, misspells a name. Where it clearly repeats the
article, the article's own words are better, and proven by being there.
"""

import regex

from index.text.scripts import CHINESE_JAPANESE

# A sign of Chinese or Japanese is compared as a word.
_SIGN = rf"[{CHINESE_JAPANESE}]"
_LETTERS = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{_SIGN}]+"
WORD = regex.compile(rf"{_SIGN}|{_LETTERS}(?:[.,'’-]{_LETTERS})*[%％٪]?", regex.VERSION1)
# What ends a clause: a stop within a word, as in `co-founder` or `U.S`, does not.
_ENDS = r"(?:[.,;:!?…।॥)\]\"”’»—–]+(?![\p{L}\p{N}])|[。，；：！？、）】」』]+)"
_REST = regex.compile(rf"(?:\s*(?:{_SIGN}|{_LETTERS}))?{_ENDS}|\s*\Z", regex.VERSION1)
_STOPPED = regex.compile(r"[.!?।。！？؟…][\"”’»」』)]*\Z")
_OPENS = dict(zip('"”’»」』)）]】', '"“‘«「『(（[【', strict=True))
_QUOTED = regex.compile(r"[\"“„«「『](?<words>[^\"“”„«»「」『』]+)[\"”“»」』]")
# A sentence repeats the article when this share of its words stands there in the same order,
# and when what would be written instead is not more than so many times as long.
_REPEATED_SHARE, _MAX_LENGTH_RATIO = 0.75, 2.0
# Two words are the same when their letters differ by no more than a slip.
_MIN_SIMILARITY = 0.75
_EDGES = " .,;:!?…。，；：！？।"
_GAP = 7  # words of the article between two that are repeated, at the ends
HAN = regex.compile(_SIGN)
_MIN_WORDS = 4  # words; fewer are found in order anywhere


def source_wording(sentence: str, source: str) -> str | None:
    """The words of `source` that `sentence` repeats; None when it says them in its own way.

    From the first to the last word that both have, in the order of the longest common sequence,
    and on to the end of the clause if that is a word away: `से अधिक हो गई` lacks its `है`.
    """
    said, written = list(WORD.finditer(sentence)), list(WORD.finditer(source))
    if len(said) < _MIN_WORDS:
        return None
    pairs = _common([m[0].casefold() for m in said], [m[0].casefold() for m in written])
    pairs = _together(pairs)
    if not pairs or len(pairs) < _REPEATED_SHARE * len(said):
        return None
    if pairs[0][0] > 0 and pairs[0][1] > 0:
        return None  # it begins in its own way, and would lose who it is about
    start, end = written[pairs[0][1]].start(), written[pairs[-1][1]].end()
    rest = _REST.match(source, end)
    if not rest and pairs[-1][0] < len(said) - 1:
        if not _is_cut_off(said[pairs[-1][0] + 1 :], written[pairs[-1][1] + 1 :]):
            return None  # it would break off where the sentence goes on in its own way
        end = len(source)
    words = _closed(source[start : rest.end() if rest else end].rstrip(" ,;:，；：、—–-"))
    if not _STOPPED.search(words):
        stop = _STOPPED.search(sentence)
        words += stop[0] if stop else ""
    return words if len(words) <= _MAX_LENGTH_RATIO * len(sentence) else None


def _is_cut_off(said: list["regex.Match[str]"], written: list["regex.Match[str]"]) -> bool:
    """Whether what is left of a copy is the beginning of a word that the article has there."""
    return len(said) == 1 and bool(written) and written[0][0].startswith(said[0][0])


def _closed(words: str) -> str:
    """Without a last bracket or quotation mark that nothing opens."""
    while words and words[-1] in _OPENS:
        mark, opening = words[-1], _OPENS[words[-1]]
        count = words.count(mark)
        if count % 2 == 0 if mark == opening else count <= words.count(opening):
            return words
        words = words[:-1]
    return words


def is_near(word: str, words: set[str]) -> bool:
    """Whether a word is one of `words`, but for a slip."""
    return word in words or any(_alike(word, other) >= _MIN_SIMILARITY for other in words)


def _alike(one: str, other: str) -> float:
    """The share of letters that two words have in common, in order, 0 to 1."""
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other))


def quoting(sentence: str, texts: list[str]) -> str:
    """A sentence whose quotation marks enclose only words that stand in one of the texts."""
    flat = [_flat(text) for text in texts]

    def kept(match: "regex.Match[str]") -> str:
        words = _flat(match["words"]).strip(_EDGES)
        return str(match[0] if any(words in text for text in flat) else match["words"])

    return str(_QUOTED.sub(kept, sentence))


def _together(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without a last word found only far behind the others, or a first one far before them.

    "है" ends many a clause of a Hindi sentence.
    """
    while len(pairs) > 1 and pairs[-1][1] - pairs[-2][1] > _GAP:
        pairs = pairs[:-1]
    while len(pairs) > 1 and pairs[1][1] - pairs[0][1] > _GAP:
        pairs = pairs[1:]
    return pairs


def _common(said: list[str], written: list[str]) -> list[tuple[int, int]]:
    """Positions of the longest common sequence; words that differ by a slip are the same."""
    from rapidfuzz.distance import Indel, LCSseq
    from rapidfuzz.process import extractOne

    known = list(dict.fromkeys(written))
    meant = {word: word for word in known}
    for word in dict.fromkeys(said):
        alike, cutoff = Indel.normalized_similarity, _MIN_SIMILARITY
        if word not in meant and (
            near := extractOne(word, known, scorer=alike, score_cutoff=cutoff)
        ):
            meant[word] = near[0]
    left = [meant.get(word, word) for word in said]
    pairs: list[tuple[int, int]] = []
    for block in LCSseq.editops(left, written).as_matching_blocks():
        pairs += [(block.a + i, block.b + i) for i in range(block.size)]
    return pairs


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
