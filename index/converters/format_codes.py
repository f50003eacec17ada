"""Format codes: `#,##0.00;[Red](0)` -> sections of tokens (ECMA-376, part 1, 18.8.31). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

DAY, TIME = "yyyy-mm-dd", "h:mm:ss"
_LONGEST = 255  # code points of a format code, as in Excel
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|(?P<width>[_*].?)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General)|(?P<half>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|e+|g+|b+|aaaa?)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)"
    r"|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d*)?(?:E[+-]?\d{1,3})?)", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
# [$€-407] is a sign and who writes so; [$-F800] and [$-F400] are the day and time of the machine.
_CURRENCY = re.compile(r"\$([^-]*)(?:-([0-9A-F]{1,8}|x-\w+))?(?:[,-].*)?", re.IGNORECASE)
_SYSTEM = {"F800": DAY, "X-SYSDATE": DAY, "F400": TIME, "X-SYSTIME": TIME}

Kind = Literal[
    "literal", "digit", "point", "comma", "percent", "exponent", "slash", "general", "text",
    "date", "elapsed", "half",
]  # fmt: skip
Token = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a code. `locale` is Windows' number of a language, 0 where none is said.

    `styled` says that something is written in it; one with nothing in it hides the cell.
    """

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None = None
    locale: int = 0
    styled: bool = False

    def has(self, *kinds: Kind) -> bool:
        """Whether a token is of one of these kinds."""
        return any(kind in kinds for kind, _ in self.tokens)

    @property
    def says_nothing(self) -> bool:
        """Whether there is a colour or a condition alone, as in `0;[Red]`."""
        return self.styled and not self.tokens

    @property
    def is_date(self) -> bool:
        """Whether it shows a day, a time or a duration."""
        return self.has("date", "elapsed", "half") and not self.has("digit")


@lru_cache(maxsize=1_000)
def sections(code: str) -> tuple[Section, ...]:
    """The sections of a code, four at most."""
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code[:_LONGEST]):
        if token["other"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(_section, parts[:4]))


def _section(found: Sequence[re.Match[str]]) -> Section:
    tokens: list[Token] = []
    condition, locale = None, 0
    for token in found:
        bracket = token["bracket"]
        if bracket is None:
            tokens += _token(token)
        elif met := _CONDITION.fullmatch(bracket):
            condition = met[1], Decimal(met[2])
        elif _ELAPSED.fullmatch(bracket):
            tokens.append(("elapsed", bracket.lower()))
        elif money := _CURRENCY.fullmatch(bracket):
            if system := _SYSTEM.get((money[2] or "").upper()):
                return Section(sections(system)[0].tokens)
            tokens.append(("literal", money[1]))
            locale = int(money[2], 16) if (money[2] or "x")[0] not in "xX" else 0
    return Section(_whole(tokens), condition, locale, styled=bool(found))


def _token(found: re.Match[str]) -> list[Token]:
    kind, text = str(found.lastgroup), found[0]
    if kind in ("quoted", "escaped"):
        return [("literal", found[kind])]
    if kind == "width":
        # The room of a letter, or letters up to the cell's edge.
        return [("literal", " ")] if text[0] == "_" else []
    if kind == "date":
        return [("date", text.lower())]
    if kind == "other":
        return [("literal", text)]
    return [(kind, text)]  # type: ignore[list-item]


def _whole(tokens: list[Token]) -> tuple[Token, ...]:
    """Letters of dates are letters in a number's section, as of units without quotes."""
    if any(kind == "digit" for kind, _ in tokens):
        return tuple(("literal", text) if kind == "date" else (kind, text) for kind, text in tokens)
    return tuple(tokens)
