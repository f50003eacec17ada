"""Date formats: a spreadsheet's day, time or duration -> the text that people see. Pure.

Days are counted from 1900 or 1904 (ECMA-376, part 1, 18.17.4.1). In the first way of counting, 1900
has a 29th of February, as in the program whose mistake it was. Only home of babel here: the names
of months and days in the language that a format asks for.
"""

import datetime
import locale
import math
from collections.abc import Sequence
from dataclasses import dataclass

_LAST = 2_958_466  # the day after 9999-12-31
_FROM_1904 = 1_462  # days between the two epochs
_LEAP = 60  # 1900-02-29, which was none
_JAPANESE, _BUDDHIST, _YEARS_BEFORE = 0x411, 7, 543
_ERAS = (
    (datetime.date(2019, 5, 1), "R", "令和"),
    (datetime.date(1989, 1, 8), "H", "平成"),
    (datetime.date(1926, 12, 25), "S", "昭和"),
    (datetime.date(1912, 7, 30), "T", "大正"),
    (datetime.date(1868, 1, 25), "M", "明治"),
)
_SECONDS = {"h": 3_600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True)
class _Moment:
    """A number of days as a date and a time of day; `seconds` are all of them."""

    date: datetime.date
    day: int  # 29 on the day that was none, 0 before the first
    seconds: int
    fraction: str  # decimal digits of a second
    language: str
    locale: int

    @property
    def era(self) -> tuple[datetime.date, str, str] | None:
        return next((era for era in _ERAS if self.date >= era[0]), None)


def shown(
    tokens: Sequence[tuple[str, str]], value: float, number: int, *, since_1904: bool
) -> str | None:
    """A day or time by the tokens of a format; None where there is no such day.

    Args:
        tokens: (kind, text) as cell_formats.py makes them.
        value: days since the epoch.
        number: of a language and a calendar, as Windows counts them (MS-LCID); 0 for none.
        since_1904: which epoch.
    """
    elapsed = any(kind == "elapsed" for kind, _ in tokens)
    if since_1904 and not elapsed:
        value += _FROM_1904
    if not (-_LAST if elapsed else 0) <= value < _LAST:
        return None
    digits = max(
        (len(text.partition(".")[2]) for kind, text in tokens if kind == "date"), default=0
    )
    moment = _moment(abs(value), min(digits, 3), number)
    half = any(kind == "half" for kind, _ in tokens)
    said = [
        _said(tokens, place, moment, half) if kind in ("date", "elapsed", "half") else text
        for place, (kind, text) in enumerate(tokens)
        if kind not in ("general", "text")
    ]
    return ("-" if value < 0 else "") + "".join(said)


def _moment(value: float, digits: int, number: int) -> _Moment:
    ticks = math.floor(value * 86_400 * 10**digits + 0.5)
    seconds, fraction = divmod(ticks, 10**digits)
    days = min(seconds // 86_400, _LAST - 1)
    first = datetime.date(1899, 12, 31 if days < _LEAP else 30)
    date = first + datetime.timedelta(days)
    day = {0: 0, _LEAP: 29}.get(days, date.day)
    month = {0: 1, _LEAP: 2}.get(days, date.month)
    date = datetime.date(1900, month, max(1, min(day, 28))) if days in (0, _LEAP) else date
    said = f"{fraction:0{digits}}" if digits else ""
    language = locale.windows_locale.get(number & 0xFFFF, "en_US")
    return _Moment(date, day, seconds, said, language, number)


def _said(tokens: Sequence[tuple[str, str]], place: int, moment: _Moment, half: bool) -> str:
    kind, text = tokens[place]
    if kind == "half":
        return _half(text, moment)
    if kind == "elapsed":
        return str(moment.seconds // _SECONDS[text[0]]).rjust(len(text), "0")
    letter, width = text[0], len(text.partition(".")[0])
    if letter == "m" and not _is_minute(tokens, place):
        return _month(moment, width)
    if letter in _SECONDS:
        return _time(text, moment, width, half)
    return _DATES[letter](moment, width)


def _is_minute(tokens: Sequence[tuple[str, str]], place: int) -> bool:
    """`m` is a minute behind an hour or before a second (18.8.31), else a month."""
    if len(tokens[place][1]) > 2:
        return False
    parts = [(i, text[0]) for i, (kind, text) in enumerate(tokens) if kind in ("date", "elapsed")]
    at = parts.index((place, "m"))
    before = parts[at - 1][1] if at else ""
    return before == "h" or (at + 1 < len(parts) and parts[at + 1][1] == "s")


def _time(text: str, moment: _Moment, width: int, half: bool) -> str:
    number = moment.seconds % 86_400 // _SECONDS[text[0]]
    number = number % 60 if text[0] != "h" else ((number + 11) % 12 + 1 if half else number)
    point = f".{moment.fraction}" if "." in text and moment.fraction else ""
    return str(number).rjust(min(width, 2), "0") + point


def _half(text: str, moment: _Moment) -> str:
    early = moment.seconds % 86_400 < 43_200
    return text.split("/")[0 if early else 1]


def _month(moment: _Moment, width: int) -> str:
    if width <= 2:
        return str(moment.date.month).rjust(width, "0")
    name = _month_name(moment.date.month, moment.language, wide=width > 3)
    return name[:1] if width == 5 else name


def _day(moment: _Moment, width: int) -> str:
    if width <= 2:
        return str(moment.day).rjust(width, "0")
    return _day_name(moment.date.weekday(), moment.language, wide=width > 3)


def _year(moment: _Moment, width: int) -> str:
    calendar = moment.locale >> 16 & 0xFF
    year = moment.date.year + (_YEARS_BEFORE if calendar == _BUDDHIST else 0)
    return str(year) if width > 2 else f"{year % 100:02}"


def _buddhist_year(moment: _Moment, width: int) -> str:
    year = moment.date.year + _YEARS_BEFORE
    return str(year) if width > 2 else f"{year % 100:02}"


def _era(moment: _Moment, width: int) -> str:
    era = moment.era
    return "" if era is None else {1: era[1], 2: era[2][0]}.get(width, era[2])


def _era_year(moment: _Moment, width: int) -> str:
    era = moment.era
    if moment.locale & 0xFFFF != _JAPANESE or era is None:
        return str(moment.date.year)
    return str(moment.date.year - era[0].year + 1).rjust(min(width, 2), "0")


def _weekday(moment: _Moment, width: int) -> str:
    """As in Japanese formats, whose language is not always said."""
    language = moment.language if moment.locale else "ja"
    return _day_name(moment.date.weekday(), language, wide=width > 3)


_DATES = {
    "y": _year,
    "d": _day,
    "e": _era_year,
    "g": _era,
    "b": _buddhist_year,
    "a": _weekday,
}


def _month_name(month: int, language: str, *, wide: bool) -> str:
    from babel.dates import get_month_names

    names = get_month_names("wide" if wide else "abbreviated", locale=_known(language))
    return str(names[month])


def _day_name(day: int, language: str, *, wide: bool) -> str:
    from babel.dates import get_day_names

    names = get_day_names("wide" if wide else "abbreviated", locale=_known(language))
    return str(names[day])


def _known(language: str) -> str:
    from babel import Locale, UnknownLocaleError

    for name in (language, language.partition("_")[0]):
        try:
            return str(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    return "en_US"
