"""Numbers in any language: `2,8%` is 2.8, `2,065 miliar` is `20.65亿` is 2.065 billion.

Pure. Reads digits of every script, both customs of decimal marks, and words of scale.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

_SCALES = {
    1e3: "thousand k ribu rb mil हज़ार हजार 千 tausend mille тысяч тысячи тыс हजारों nghìn พัน ألف",
    1e4: "万 萬 만 หมื่น",
    1e5: "lakh lakhs लाख แสน",
    1e6: "million millions mn juta jt millón millones मिलियन 百万 Million Millionen milhão milhões"
    " миллион миллиона миллионов млн triệu milyon ล้าน مليون",
    1e7: "crore crores करोड़ करोड 千万",
    1e8: "亿 億 억",
    1e9: "billion billions bn miliar milyar बिलियन अरब 十亿 Milliarde Milliarden milliard milliards"
    " bilhão bilhões миллиард миллиарда миллиардов млрд tỷ milyar مليار",
    1e12: "trillion trillions tn triliun trilyun ट्रिलियन 万亿 兆 billón billones триллион",
}
_SCALE_OF = {word.casefold(): scale for scale, words in _SCALES.items() for word in words.split()}
_SCALE_OF["mil millones"] = 1e9
_SCALE_OF["दस लाख"] = 1e6

_SCALE = "|".join(sorted(map(regex.escape, _SCALE_OF), key=len, reverse=True))
_NUMBER = regex.compile(
    r"(?<digits>\d+(?:[.,'’\u00a0\u202f٫٬]\d+)*)"
    # A scale in letters must end there ("mil" in "Milan" is none); one in Chinese need not.
    rf"(?:[\s-]?(?<scale>{_SCALE})(?:(?<=[\p{{Han}}\p{{Hangul}}\p{{Thai}}])|(?![\p{{L}}\p{{M}}])))?",
    regex.IGNORECASE,
)


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


def _number(match: regex.Match[str]) -> Number:
    scale = _SCALE_OF[match["scale"].casefold()] if match["scale"] else 1.0
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
    if all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3:
        yield float("".join(groups))  # every mark groups; also no mark at all
    elif not marks or regex.fullmatch(r"\d{1,3}(?:\D\d{2})*\D\d{3}", plain):
        yield float("".join(groups))  # 12,34,567 as India groups
    if len(marks) == 1 and marks[0] in ".,":
        yield float(f"{groups[0]}.{groups[1]}")
    elif len(marks) > 1 and marks[-1] in ".," and marks[-1] != marks[-2]:
        yield float("".join(groups[:-1]) + "." + groups[-1])
    elif len(marks) > 1:
        # A date or a version, 29.06.2023: its parts are what can be compared.
        yield from map(float, groups)


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))
