"""Cell formats: a spreadsheet's number -> the text that people see in its cell. Pure.

The codes are those of ECMA-376, part 1, 18.8.30 (the built-in ones) and 18.8.31: up to four
sections, for positive and negative numbers, zero and text, or each with a condition. Colours and
the widths of `_x` and `*x` say nothing; dates and durations are in date_formats.py.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from index.converters import date_formats
from index.converters.format_codes import DAY, TIME, Kind, Section, Token, sections

_ACCOUNTS = '_({0}* #,##0{1}_);_({0}* \\(#,##0{1}\\);_({0}* "-"_);_(@_)'
# 14, 22 and those of China, Japan and Korea show what each reader's own machine is set to; a day
# of ISO 8601 cannot be misread. 5 to 8 and 41 to 44 are as in the United States.
_BUILT_IN = {
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"},
    **{11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: DAY, 15: "d-mmm-yy", 16: "d-mmm"},
    **{17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: TIME},
    22: f"{DAY} h:mm",
    **dict.fromkeys((5, 6), '"$"#,##0;("$"#,##0)'),
    **dict.fromkeys((7, 8), '"$"#,##0.00;("$"#,##0.00)'),
    **dict.fromkeys((37, 38), "#,##0;(#,##0)"),
    **dict.fromkeys((39, 40), "#,##0.00;(#,##0.00)"),
    **{41: _ACCOUNTS.format("", ""), 42: _ACCOUNTS.format('"$"', "")},
    **{43: _ACCOUNTS.format("", ".00"), 44: _ACCOUNTS.format('"$"', ".00")},
    **{45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@"},
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), DAY),
    **dict.fromkeys((*range(32, 36), 55, 56), TIME),
}
_EXACT = 10**15  # a whole number below it is shown with all its digits, unlike in a narrow cell
_TYPED = 15  # digits that a spreadsheet keeps; a number with more was computed
_MOST_DIGITS = 30  # of a decimal fraction, as in Excel


def built_in(number: int) -> str:
    """The code of a built-in format; one that is not known shows a number as it is."""
    return _BUILT_IN.get(number, "General")


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """A number as its cell shows it; "" where the format hides it.

    Args:
        value: as stored; a day is the number of days since 1900, or 1904.
        code: of ECMA-376, 18.8.31.
        since_1904: which of the two epochs the workbook counts from.
    """
    if code == "General":
        return general(value)
    parts = sections(code)
    place = _choose(parts, value)
    section = parts[place]
    if section.says_nothing:
        return general(value)
    if section.is_date:
        dated = date_formats.shown(section.tokens, value, section.locale, since_1904=since_1904)
        return general(value) if dated is None else _tidy(dated)
    unsigned = value < 0 and _takes_negatives(parts, place)
    text = _tidy(_number(section, value))
    return text if value >= 0 or unsigned or not text else f"-{text}"


def is_date(code: str) -> bool:
    """Whether a code shows a day, a time or a duration."""
    return code != "General" and sections(code)[0].is_date


def shown_text(text: str, code: str) -> str:
    """A text as its cell shows it: a code may add words around it, or hide it."""
    if code in ("General", "@"):
        return text
    parts = sections(code)
    last = parts[3] if len(parts) > 3 else parts[-1]
    if len(parts) <= 3 and not last.has("text"):
        return text
    return "".join(text if kind == "text" else said for kind, said in last.tokens)


def general(value: float) -> str:
    """A number without a format: with the digits that were typed, or ten of a computed one."""
    size = abs(value)
    if size < _EXACT and value == int(value):
        return str(int(value))
    typed = repr(value)
    if "e" not in typed and len(typed.strip("-0").replace(".", "")) <= _TYPED:
        return typed
    if 1e-4 <= size < 1e11:
        places = max(0, 10 - len(str(int(size))))
        rounded = Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return f"{rounded:f}".rstrip("0").rstrip(".") if places else f"{rounded:f}"
    mantissa, _, exponent = f"{value:.5E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}" if exponent else mantissa


def _choose(sections: Sequence[Section], value: float) -> int:
    """Which section a number is shown by (18.8.31): by conditions, else by its sign."""
    if not any(section.condition for section in sections[:2]):
        if value < 0 and len(sections) > 1:
            return 1
        return 2 if value == 0 and len(sections) > 2 else 0
    for place, section in enumerate(sections[:2]):
        if section.condition and _holds(section.condition, value):
            return place
        if place == 1 and section.condition is None and value < 0:
            return 1
    free = (i for i, section in enumerate(sections[:3]) if section.condition is None)
    return next(free, len(sections) - 1)


def _holds(condition: tuple[str, Decimal], value: float) -> bool:
    sign, limit = condition
    less, more = value < limit, value > limit
    return {
        **{"<": less, ">": more, "=": not less and not more, "<>": less or more},
        **{"<=": not more, ">=": not less},
    }[sign]


def _takes_negatives(sections: Sequence[Section], place: int) -> bool:
    """Whether a section is for negative numbers alone, and says itself that they are."""
    condition = sections[place].condition
    if condition is None:
        return place == 1 and sections[0].condition is None
    return condition[0] in ("<", "<=") and condition[1] <= 0 and condition != ("<=", Decimal(0))


def _number(section: Section, value: float) -> str:
    """The size of a number by a section; its sign is added by who asks."""
    tokens, size = section.tokens, abs(value)
    if section.has("general"):
        return "".join(general(size) if kind == "general" else text for kind, text in tokens)
    if section.has("text") and not section.has("digit"):
        return "".join(general(size) if kind == "text" else text for kind, text in tokens)
    with localcontext() as context:
        context.prec = 400  # digits: numbers go up to 10^308
        exact = Decimal(f"{size:.15g}") * 100 ** sum(kind == "percent" for kind, _ in tokens)
        if section.has("exponent"):
            return _scientific(tokens, exact)
        if section.has("slash") and section.has("digit"):
            return _fraction(tokens, exact)
        return _decimal(tokens, exact)


def _decimal(tokens: Sequence[Token], size: Decimal) -> str:
    kinds = [kind for kind, _ in tokens]
    slots = [i for i, kind in enumerate(kinds) if kind == "digit"]
    if not slots:
        return "".join(text for kind, text in tokens if kind != "comma")
    point = kinds.index("point") if "point" in kinds else len(kinds)
    end = _scaling_from(kinds, slots)
    size = size.scaleb(-3 * sum(kind == "comma" for kind in kinds[end : end + len(kinds)]))
    places = min(_MOST_DIGITS, sum(slot > point for slot in slots))
    grouped = any(kind == "comma" and i < min(slots[-1], point) for i, kind in enumerate(kinds))
    whole, _, rest = f"{size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}".partition(".")
    return _integer(tokens[:point], whole, grouped) + _decimals(tokens[point:], rest)


def _scaling_from(kinds: Sequence[Kind], slots: Sequence[int]) -> int:
    """Where the commas begin that divide by a thousand: right behind the last digit's place."""
    point = kinds.index("point") if "point" in kinds else len(kinds)
    wholes = [slot for slot in slots if slot < point]
    last = slots[-1] + 1
    if last < len(kinds) and kinds[last] == "comma":
        return last
    return wholes[-1] + 1 if wholes and point < len(kinds) else len(kinds)


def _integer(tokens: Sequence[Token], digits: str, grouped: bool) -> str:
    """Digits in their places from the right; those left over stand before the first place."""
    digits = digits.lstrip("0")
    places = sum(kind == "digit" for kind, _ in tokens)
    said: list[str] = []
    count = 0
    for kind, text in reversed(tokens):
        if kind != "digit":
            said += [text] if kind not in ("comma", "point") else []
            continue
        places -= 1
        taken = digits if not places else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        for digit in reversed(taken or {"0": "0", "?": " "}.get(text, "")):
            said += [","] if grouped and count and count % 3 == 0 and digit != " " else []
            said.append(digit)
            count += 1
    return digits + "".join(reversed(said))


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    left = iter(range(len(digits)))
    said = []
    for kind, text in tokens:
        if kind == "digit":
            place = next(left, len(digits))
            rest = digits[place:].rstrip("0")
            said.append(digits[place : place + 1] if rest or text == "0" else "")
        elif kind != "comma":
            said.append(text)
    # `#.##` of a whole number would end in a point, as a sentence does.
    return "".join(said).removeprefix(".") if said[1:2] == [""] else "".join(said)


def _scientific(tokens: Sequence[Token], size: Decimal) -> str:
    kinds = [kind for kind, _ in tokens]
    at = kinds.index("exponent")
    point = kinds.index("point") if "point" in kinds[:at] else at
    before = [text for kind, text in tokens[:point] if kind == "digit"]
    places = sum(kind == "digit" for kind in kinds[point:at])
    step = len(before) or 1
    power = size.adjusted() if size else 0
    for _ in range(2):  # rounding may add a digit
        exponent = power - power % step if "#" in before else power - step + 1
        mantissa = size.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        power = (mantissa.adjusted() if mantissa else 0) + exponent
    sign = "-" if exponent < 0 else "+" if tokens[at][1][1] == "+" else ""
    after = _integer(tokens[at + 1 :], str(abs(exponent)), grouped=False)
    return f"{_decimal(tokens[:at], mantissa)}E{sign}{after}"


def _fraction(tokens: Sequence[Token], size: Decimal) -> str:
    """`# ?/?`: a whole number and a fraction, whose denominator may be given."""
    at = [kind for kind, _ in tokens].index("slash")
    below = at + 1
    while below < len(tokens) and _is_place(tokens[below]):
        below += 1
    above = at
    while above and tokens[above - 1][0] == "digit":
        above -= 1
    given = "".join(text for _, text in tokens[at + 1 : below])
    mixed = any(kind == "digit" for kind, _ in tokens[:above])
    whole = int(size) if mixed else 0
    part = Fraction(size) - whole
    if given.isdecimal() and int(given):
        bottom = int(given)
        top = int(part * bottom + Fraction(1, 2))
    else:
        near = part.limit_denominator(10 ** min(5, max(1, len(given))) - 1)
        top, bottom = near.numerator, near.denominator
    if mixed and top == bottom:
        whole, top = whole + 1, 0
    shown_whole = _integer(tokens[:above], str(whole or ("" if top else "0")), grouped=False)
    if mixed and not whole and not top:
        shown_whole = f"{shown_whole.rstrip()}0" if "0" not in shown_whole else shown_whole
    rest = "".join(text for kind, text in tokens[below:] if kind != "comma")
    return f"{shown_whole}{f'{top}/{bottom}' if top or not mixed else ''}{rest}"


def _is_place(token: Token) -> bool:
    return token[0] == "digit" or (token[0] == "literal" and token[1].isdecimal())


def _tidy(text: str) -> str:
    return " ".join(text.split())
