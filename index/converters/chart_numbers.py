"""Numbers of charts as people see them: percent, money, units and days. Pure.

Knows the number formats of ECMA-376, part 1, 18.8.31, as far as they change what a number says. A
chart's rounding is not taken over: `1234.56` stays so where the axis shows `1,235`.
"""

import datetime
import re
from decimal import Decimal

_BRACKETS = re.compile(r"\[(?:\$([^\]-]*)(?:-[^\]]*)?|[^\]]*)\]")  # [$€-407], [Red], [>100]
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|[_*].')
_DIGITS = re.compile(r"[0#?][0#?,. ]*")
_DATE = re.compile(r"[ymdYMD]")
_EPOCH, _EPOCH_1904 = datetime.date(1899, 12, 30), datetime.date(1904, 1, 1)
_LAST_DAY = 2_958_465  # 9999-12-31
_LONGEST = 60  # code points of a number or of its format


def shown(value: str, code: str = "", *, from_1904: bool = False) -> str:
    """A number with the sign or unit of its format: `0.125` in `0.0%` is `12.5%`.

    Args:
        value: what the file holds; other than a number stays as it is.
        code: the number format.
        from_1904: whether the workbook counts days from 1904.
    """
    try:
        number = float(value)
    except ValueError:
        return value
    if not abs(number) < 1e15 or len(value) > _LONGEST or len(code) > _LONGEST:
        return value
    section = _BRACKETS.sub(lambda found: f'"{found[1] or ""}"', code.split(";")[0])
    bare = _QUOTED.sub("", section)
    if _DATE.search(bare) and not _DIGITS.search(bare) and "general" not in bare.lower():
        return _day(number, from_1904)
    if "%" in bare:
        return f"{_plain(number, 100)}%"
    return _with_unit(number, section)


def _plain(number: float, times: int = 1) -> str:
    """As Excel keeps it, to 15 digits: no 0.30000000000000004."""
    value = Decimal(f"{number:.15g}") * times
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(value: float, section: str) -> str:
    found = _DIGITS.search(_QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), section))
    if not found:
        return _plain(value)
    digits = found[0].rstrip()
    thousands = len(digits) - len(digits.rstrip(","))  # `0.0,,"M"` shows millions
    number = _plain(value / 1000**thousands)
    before, after = (_literal(part) for part in (section[: found.start()], section[found.end() :]))
    if number.startswith("-"):
        return f"-{before}{number[1:]}{after}"
    return f"{before}{number}{after}"


def _literal(part: str) -> str:
    """What a format writes beside the digits; `E+00` and the like are none."""
    quoted = "".join((a or b) for a, b in _QUOTED.findall(part))
    return quoted + "".join(sign for sign in _QUOTED.sub("", part) if sign in "$€£¥₹°")


def _day(number: float, from_1904: bool) -> str:
    if not 0 < number <= _LAST_DAY:
        return _plain(number)
    day = (_EPOCH_1904 if from_1904 else _EPOCH) + datetime.timedelta(days=int(number))
    return day.isoformat()
