"""Numbers in any language: `2,8%` is 2.8, `2,065 miliar` is `20.65亿` is 2.065 billion.

Pure. Reads digits of every script, both customs of decimal marks, and words of scale; writes an
amount as another language does, since a small model gets that wrong (`2,065亿元`).
"""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import regex

from index.text.scripts import UNSPACED

_SCALES = {
    1e3: "thousand ribu rb mil हज़ार हजार 千 tausend mille тысяч тысячи тыс हजारों nghìn พัน ألف",
    1e4: "万 萬 만 หมื่น",
    1e5: "lakh lakhs लाख แสน",
    1e6: "million millions mn juta jt millón millones मिलियन 百万 Million Millionen milhão milhões"
    " миллион миллиона миллионов млн triệu milyon ล้าน مليون",
    1e7: "crore crores करोड़ करोड 千万",
    1e8: "亿 億 억",
    1e9: "billion billions bn miliar milyar बिलियन अरब 十亿 Milliarde Milliarden milliard milliards"
    " bilhão bilhões миллиард миллиарда миллиардов млрд tỷ milyar مليار",
    1e11: "खरब",
    1e12: "trillion trillions tn triliun trilyun ट्रिलियन 万亿 兆 조 billón billones триллион",
}
_SCALE_OF = {word.casefold(): scale for scale, words in _SCALES.items() for word in words.split()}
_SCALE_OF["mil millones"] = 1e9
_SCALE_OF["दस लाख"] = 1e6

_SCALE = "|".join(sorted(map(regex.escape, _SCALE_OF), key=len, reverse=True))
_NUMBER = regex.compile(
    r"(?<digits>\d+(?:[.,'’\u00a0\u202f٫٬]\d+)*)"
    # A scale in letters must end there ("mil" in "Milan" is none); one in Chinese need not, nor
    # one in Korean, whose particles follow without a space.
    rf"(?:[\s-]?(?<scale>{_SCALE})(?:(?<=[{UNSPACED}\p{{Hangul}}])|(?![\p{{L}}\p{{M}}])))?",
    regex.IGNORECASE,
)


# Where these languages are written a comma is the decimal mark and a full stop groups thousands.
_DECIMAL_COMMA = frozenset(
    [
        "cs",
        "da",
        "de",
        "el",
        "es",
        "fi",
        "fr",
        "hu",
        "id",
        "it",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sv",
        "tr",
        "uk",
        "vi",
    ]
)

# How an amount is written: the words of scale, largest first, and what stands before them.
_WRITTEN: dict[str, tuple[tuple[tuple[float, str], ...], str]] = {
    "en": (((1e12, "trillion"), (1e9, "billion"), (1e6, "million")), " "),
    "hi": (((1e11, "खरब"), (1e9, "अरब"), (1e7, "करोड़"), (1e5, "लाख")), " "),
    "id": (((1e12, "triliun"), (1e9, "miliar"), (1e6, "juta")), " "),
    "es": (((1e12, "billones"), (1e9, "mil millones"), (1e6, "millones")), " "),
    "zh": (((1e12, "万亿"), (1e8, "亿"), (1e4, "万")), ""),
    "ja": (((1e12, "兆"), (1e8, "億"), (1e4, "万")), ""),
    "ko": (((1e12, "조"), (1e8, "억"), (1e4, "만")), ""),
}
WRITTEN = tuple(_WRITTEN)
"""The languages that `localise` writes amounts for; in all others they stay as they are."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written at [start, end), with every value it may mean.

    `2,065` may be 2065 or 2.065: which of them only the other text can tell.
    """

    start: int
    end: int
    values: frozenset[float]

    def same(self, other: "Number") -> bool:
        """Whether both may mean the same."""
        return any(_close(a, b) for a in self.values for b in other.values)


def numbers(text: str) -> list[Number]:
    """Every number in a text, in order."""
    return [_number(match) for match in _NUMBER.finditer(text)]


def folded(word: str) -> str:
    """A word in small letters; `İ` and `ı`, which a pattern takes for `i`, as the plain one."""
    return word.casefold().replace("i\u0307", "i").replace("ı", "i")


def localise(text: str, source: str, target: str) -> str:
    """Rewrite the amounts of a text in language `source` as language `target` writes them.

    `US$233,673 juta` becomes `US$233.673 million` from Indonesian to English. Only numbers with a
    mark or a word of scale change, and only for languages in the table above.
    """
    if source == target or target not in _WRITTEN:
        return text
    rewritten: str = _NUMBER.sub(lambda match: _rewritten(match, source, target), text)
    return rewritten


# What stands around digits that are no amount of their own: part of a name (GPT-3.5) or of a range,
# where both ends share one scale (20-30 juta).
# Scripts without spaces have none before a number either: 总价20.65亿元.
_NAMED = regex.compile(rf"[[\p{{L}}\p{{M}}]--[{UNSPACED}]][-–]?\Z", regex.VERSION1)
_RANGE = r"(?:[-–—~〜]|to|hingga|sampai|s/d|से|a|bis|до|到|至|から|kuni)"
_RANGE_BEFORE = regex.compile(rf"\d[^\d\s]*\s*{_RANGE}\s*\Z")
_RANGE_AFTER = regex.compile(rf"\s*{_RANGE}\s*\d")


def _stands_alone(match: regex.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 24) : match.start()]
    after = match.string[match.end() : match.end() + 12]
    return not (_NAMED.search(before) or _RANGE_BEFORE.search(before) or _RANGE_AFTER.match(after))


def _rewritten(match: regex.Match[str], source: str, target: str) -> str:
    digits, scale = match["digits"], match["scale"]
    value = _value(digits, source)
    same_marks = (source in _DECIMAL_COMMA) == (target in _DECIMAL_COMMA)
    if (
        not _stands_alone(match)
        or value is None
        or (same_marks and not scale)
        or (digits.isdecimal() and not scale)
    ):
        return str(match[0])
    if not scale:
        return _digits(value, target)
    amount = value * Decimal(_SCALE_OF[folded(scale)])
    scales, space = _WRITTEN[target]
    for size, word in scales:
        if amount >= Decimal(size):
            return f"{_digits(amount / Decimal(size), target)}{space}{word}"
    return _digits(amount, target)


def _value(digits: str, language: str) -> Decimal | None:
    """The one reading that the language's custom allows; None when it allows none."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in digits)
    group, point = (".", ",") if language in _DECIMAL_COMMA else (",", ".")
    pattern = rf"\d{{1,3}}(?:\{group}\d{{2,3}})*\{group}\d{{3}}|\d+"
    if not regex.fullmatch(rf"(?:{pattern})(?:\{point}\d+)?", plain):
        return None
    return Decimal(plain.replace(group, "").replace(point, "."))


def _digits(value: Decimal, language: str) -> str:
    plain = f"{value:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(".", ",") if language in _DECIMAL_COMMA else plain


def _number(match: regex.Match[str]) -> Number:
    scale = _SCALE_OF[folded(match["scale"])] if match["scale"] else 1.0
    values = frozenset(value * scale for value in _readings(match["digits"]))
    return Number(match.start(), match.end(), values)


def _readings(digits: str) -> Iterator[float]:
    """What a run of digits and marks may mean: a mark is decimal or groups thousands."""
    plain = "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else {"٫": ",", "٬": "."}.get(c, c)
        for c in digits
    )
    groups = regex.split(r"\D", plain)
    marks = regex.findall(r"\D", plain)
    grouped = regex.fullmatch(r"\d{1,3}(?:(\D)\d{3})?(?:\1\d{3})*|\d+", plain)
    grouped = grouped or regex.fullmatch(r"\d{1,3}(?:,\d{2})*,\d{3}", plain)  # as India groups
    if grouped:
        yield float("".join(groups))
    if len(marks) == 1 and marks[0] in ".,":
        yield float(f"{groups[0]}.{groups[1]}")
    elif len(marks) > 1 and marks[-1] in ".," and marks[-1] != marks[-2]:
        yield float("".join(groups[:-1]) + "." + groups[-1])
    elif len(marks) > 1 and not grouped:
        # A date or a version, 29.06.2023: its parts are what can be compared.
        yield from map(float, groups)


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9)  # endless ones are only like themselves
