"""Wording: gives an answer's sentence the exact words of the article that it nearly repeats. Pure.

A small model copies with slips: it drops a bracket, misspells a name. Where it clearly repeats the
article, the article's own words are better, and proven by being there.
"""

import regex

# A sign of Chinese or Japanese is a word: these are written without spaces.
_SIGN = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_LETTERS = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{_SIGN}]+"
_WORD = regex.compile(rf"{_SIGN}|{_LETTERS}(?:[.,'’-]{_LETTERS})*[%％٪]?", regex.VERSION1)
# What ends a clause: a stop within a word, as in `co-founder` or `U.S`, does not.
_ENDS = r"(?:[.,;:!?…।॥)\]\"”’»—–]+(?![\p{L}\p{N}])|[。，；：！？、）】」』]+)"
_REST = regex.compile(rf"(?:\s*(?:{_SIGN}|{_LETTERS}))?{_ENDS}|\s*\Z", regex.VERSION1)
# Scripts whose words have spaces about them; a Latin name stands right beside a Chinese word.
_SPACED = r"[\p{Devanagari}\p{Bengali}\p{Arabic}\p{Cyrillic}\p{Greek}\p{Tamil}\p{Telugu}]"
_MIXED = regex.compile(rf"\p{{Latin}}\p{{M}}*{_SPACED}|{_SPACED}\p{{M}}*\p{{Latin}}")
_STOPPED = regex.compile(r"[.!?।。！？؟…][\"”’»」』)]*\Z")
_OPENS = dict(zip('"”’»」』)）]】', '"“‘«「『(（[【', strict=True))
_QUOTED = regex.compile(r"[\"“„«「『](?<words>[^\"“”„«»「」『』]+)[\"”“»」』]")
_LINK = regex.compile(r"!?\[(?<text>[^\[\]]*)\]\([^)]*\)|<(?:https?|mailto|ftp):[^<>]*>")
# `x <y, z> 3` holds no tag: its name would end at a space, a slash or the bracket.
_TAG = regex.compile(
    r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^<>]*)?>|<!--.*?-->|<![^<>]*>", regex.DOTALL
)
# A sentence repeats the article when this share of its words stands there in the same order,
# and when what would be written instead is not more than so many times as long.
_REPEATS, _LONGEST = 0.75, 2.0
# Two words are the same when their letters differ by no more than a slip.
_SLIP = 0.75
# A mark of the model or of a footnote; it may come as a link, `[1](https://...)`.
MARK = regex.compile(r"(?<!\s)\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\](?:\([^)\s]*(?:\)|\Z))?")
_EDGES = " .,;:!?…。，；：！？।"
_GAP = 7  # words of the article between two that are repeated, at the ends
# So alike are the letters of a question and of where a sentence says it again, with its "how much".
_SAME = 0.97
# The same four to sixty code points three times in a row, and how far back they are looked for.
_LOOP = regex.compile(r"(?<unit>(?=.{0,59}\p{L}).{4,60}?)(?P=unit){2,}\S*\Z", regex.DOTALL)
_LONG_LOOP = 240
_TELLING = 4  # letters of a word; shorter ones are in any text
_FEWEST_SIGNS = 2
# Words of four letters and more that only hold a sentence together, as "is" does.
_SAYS_NOTHING = frozenset(
    ["adalah", "bahwa", "ialah", "merupakan", "that", "this", "were", "which", "yaitu", "yang"]
)
_CAPITALS = regex.compile(r"\p{Lu}{2,}")  # IBM
_DIGIT = regex.compile(r"\d")
_HAN = regex.compile(_SIGN)
_FEWEST = 4  # words; fewer are found in order anywhere


def plain(text: str) -> str:
    """Without links, pictures and tags: only this program makes those."""
    while True:  # what is left of `<<b>b>` is a tag again
        less = _TAG.sub("", _LINK.sub(lambda match: match["text"] or "", text))
        if less == text:
            return text
        text = str(less)


def clean(text: str) -> str:
    """As `plain`, and without marks such as `[1]`; taking one away leaves nothing of the others."""
    while True:
        less = plain(str(MARK.sub("", text)))
        if less == text:
            return text
        text = less


def exact(sentence: str, source: str) -> str | None:
    """The words of `source` that `sentence` repeats; None when it says them in its own way.

    From the first to the last word that both have, in the order of the longest common sequence,
    and on to the end of the clause if that is a word away: `से अधिक हो गई` lacks its `है`.
    """
    said, written = list(_WORD.finditer(sentence)), list(_WORD.finditer(source))
    if len(said) < _FEWEST:
        return None
    pairs = _common([m[0].casefold() for m in said], [m[0].casefold() for m in written])
    pairs = _together(pairs)
    if not pairs or len(pairs) < _REPEATS * len(said):
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
    return words if len(words) <= _LONGEST * len(sentence) else None


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


def strange(sentence: str, known: str) -> float:
    """The share of a sentence's words that a text does not hold, not even with other endings.

    0 to 1; of scripts that part words with spaces, and of words that are long enough to tell.
    """
    words = [m[0].casefold() for m in _WORD.finditer(sentence) if len(m[0]) >= _TELLING]
    there = {m[0].casefold() for m in _WORD.finditer(known)}
    unseen = [word for word in words if not _near(word, there)]
    return len(unseen) / len(words) if words else 0.0


def repeats(sentence: str, question: str) -> bool:
    """Whether a sentence only says the question again, as small models do.

    It has no number or name of its own, no word of four letters, and not two signs of Chinese.
    """
    words = [match[0] for match in _WORD.finditer(sentence)]
    asked = {match[0].casefold() for match in _WORD.finditer(question)}
    own = [w for w in words if w.casefold() not in asked and w.casefold() not in _SAYS_NOTHING]
    if any(_DIGIT.search(word) or _CAPITALS.fullmatch(word) for word in own):
        return False  # 2018 is no slip of 2017
    signs = [word for word in own if _HAN.match(word)]
    telling = [w for w in own if len(w) >= _TELLING and not _near(w.casefold(), asked)]
    return len(signs) < min(_FEWEST_SIGNS, len(words)) and not telling


def echoes(sentence: str, question: str) -> bool:
    """Whether a sentence holds the whole question, as when that is said again before the answer."""
    from rapidfuzz import fuzz

    said, asked = (
        " ".join(m[0].casefold() for m in _WORD.finditer(text)) for text in (sentence, question)
    )
    return len(asked) <= len(said) and fuzz.partial_ratio(asked, said) >= 100 * _SAME


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


def _near(word: str, words: set[str]) -> bool:
    return word in words or any(_alike(word, other) >= _SLIP for other in words)


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
        alike, cutoff = Indel.normalized_similarity, _SLIP
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
