"""Number formats of Office lists and notes: 4 -> `iv`, `D`, `④`, `fourth`. Pure.

ECMA-376, part 1, 17.18.59 (Word) and 20.1.10.61 (PowerPoint). A format that is not here gives the
usual digits.
"""

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"  # without ё, й, ъ, ь, as Word counts
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_MARKS = "*†‡§"
_IROHA = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラム"
    "ウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
)
_AIUEO = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_GANADA = "가나다라마바사아자차카타파하"
_HEAVENLY, _EARTHLY = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
_ARABIC = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
_THAI = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth",
             "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}  # fmt: skip
_CHINESE = "〇一二三四五六七八九"


def formatted(number: int, format: str) -> str:
    """A number from 0 to 99,999 in one of Word's formats."""
    write = _FORMATS.get(format)
    return write(number) if write is not None and number > 0 else _plain(number, format)


def padded(number: int, example: str) -> str:
    """A number in a format of somebody's own: `001, 002, …` has three digits."""
    first = example.split(",")[0].strip()
    return str(number).zfill(len(first)) if first.isascii() and first.isdecimal() else str(number)


def _plain(number: int, format: str) -> str:
    return "" if format == "none" else str(number)


def _roman(number: int) -> str:
    if number > 4999:
        return str(number)
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _repeated(alphabet: str) -> Callable[[int], str]:
    """A … z, aa, bb … (17.18.59, lowerLetter)."""

    def write(number: int) -> str:
        times, place = divmod(number - 1, len(alphabet))
        return alphabet[place] * min(times + 1, 20)

    return write


def _digits(digits: str) -> Callable[[int], str]:
    table = str.maketrans("0123456789", digits)
    return lambda number: str(number).translate(table)


def _ordinal(number: int) -> str:
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{('th', 'st', 'nd', 'rd')[last] if last < 4 else 'th'}"


def _cardinal_text(number: int) -> str:
    if number >= 1000:
        return str(number)
    words = []
    if number >= 100:
        words.append(f"{_SMALL[number // 100]} hundred")
        number %= 100
    if number >= 20:
        words.append(_TENS[number // 10] + (f"-{_SMALL[number % 10]}" if number % 10 else ""))
    elif number:
        words.append(_SMALL[number])
    return " ".join(words).capitalize()


def _ordinal_text(number: int) -> str:
    text = _cardinal_text(number)
    cut = max(text.rfind(" "), text.rfind("-")) + 1
    last = text[cut:].lower()
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return (text[:cut] + last)[:1].upper() + (text[:cut] + last)[1:]


def _chinese(number: int) -> str:
    """一, 十, 二十三; by its digits from a hundred."""
    if number >= 100:
        return str(number).translate(str.maketrans("0123456789", _CHINESE))
    tens, ones = divmod(number, 10)
    before = "" if not tens else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return before + (_CHINESE[ones] if ones or not tens else "")


def _enclosed(first: int, last: int) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if number <= last else str(number)


def _upper(write: Callable[[int], str]) -> Callable[[int], str]:
    return lambda number: write(number).upper()


_FORMATS: dict[str, Callable[[int], str]] = {
    "lowerRoman": _roman,
    "upperRoman": _upper(_roman),
    "lowerLetter": _repeated(_LATIN),
    "upperLetter": _upper(_repeated(_LATIN)),
    "russianLower": _repeated(_RUSSIAN),
    "russianUpper": _upper(_repeated(_RUSSIAN)),
    "lowerGreek": _repeated(_GREEK),
    "upperGreek": _upper(_repeated(_GREEK)),
    "chicago": _repeated(_MARKS),
    "ordinal": _ordinal,
    "cardinalText": _cardinal_text,
    "ordinalText": _ordinal_text,
    "decimalZero": lambda number: f"{number:02}",
    "hex": lambda number: f"{number:X}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalFullWidth": _digits("０１２３４５６７８９"),
    "decimalFullWidth2": _digits("０１２３４５６７８９"),
    "hindiNumbers": _digits("०१२३४५६७८९"),
    "thaiNumbers": _digits("๐๑๒๓๔๕๖๗๘๙"),
    "decimalEnclosedCircle": _enclosed(0x2460, 20),
    "decimalEnclosedCircleChinese": _enclosed(0x2460, 20),
    "decimalEnclosedParen": _enclosed(0x2474, 20),
    "decimalEnclosedFullstop": _enclosed(0x2488, 20),
    "iroha": _repeated(_IROHA),
    "irohaFullWidth": _repeated(_IROHA),
    "aiueo": _repeated(_AIUEO),
    "aiueoFullWidth": _repeated(_AIUEO),
    "ganada": _repeated(_GANADA),
    "hebrew2": _repeated(_HEBREW),
    "arabicAlpha": _repeated(_ARABIC),
    "thaiLetters": _repeated(_THAI),
    "ideographTraditional": _repeated(_HEAVENLY),
    "ideographZodiac": _repeated(_EARTHLY),
    **dict.fromkeys(
        ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting",
         "taiwaneseCountingThousand", "japaneseCounting", "ideographDigital", "koreanCounting",
         "taiwaneseDigital", "japaneseDigitalTenThousand"),
        _chinese,
    ),
}  # fmt: skip
