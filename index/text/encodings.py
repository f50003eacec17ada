"""Encodings: text of before Unicode, read where two measures that know nothing of each other agree.

charset-normalizer's guess must give the same text as the only decoding of all those known here that
looks like a language: written in its alphabet, or in its common characters. What was measured
stands in docs/formats.md. Only home of charset-normalizer.
"""

from functools import cache

import regex

from index.text.languages import likeliest

_SHIFT = b"\x1b$"  # of ISO-2022-JP, to kanji
_SAMPLE = 65_536  # bytes that are judged; the whole is decoded strictly all the same

# Alphabets beyond ASCII of the languages that `likeliest` knows, in small letters.
_ALPHABETS = {
    "af": "áéèêëíïóôúû", "br": "âêîôûùüñ", "bs": "čćđšž", "ca": "àçèéíïòóúü·",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåé", "de": "äöüß", "en": "éèêëïöüçñ",
    "eo": "ĉĝĥĵŝŭ", "es": "áéíóúüñ", "et": "äöüõšž", "eu": "ñ", "fi": "äöåšž", "fo": "áðíóúýæø",
    "fr": "àâæçéèêëîïôœùûüÿ", "ga": "áéíóú", "gl": "áéíñóúü", "hr": "čćđšž", "hu": "áéíóöőúüű",
    "id": "é", "is": "áðéíóúýþæö", "it": "àèéìíîòóù", "lb": "äëéöü", "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž", "ms": "é", "nb": "æøåéòô", "nl": "éëïöüèêá", "nn": "æøåéòô",
    "no": "æøåéòô",
    "oc": "àáçèéíïòóúü", "pl": "ąćęłńóśźż", "pt": "áâãàçéêíóôõúü", "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšž", "sq": "çë", "sv": "åäöé", "tr": "çğıöşüâîû",
    "wa": "åâçéèêëîôû", "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя", "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш", "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш", "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "he": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْ",
}  # fmt: skip
# Of these charset-normalizer is wrong more often than right, and the language that was detected is
# the second measure.
_WESTERN = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15")
_SHORT = 100  # bytes, below which the two measures must agree there too
_LONG_ENOUGH = 400  # bytes of an encoding of DOS or the Mac, which are rare by now
_FEWEST = 8  # letters of another script, of which nothing less tells anything
_MOST_CAPITALS = 0.3
_LIKELY = 0.95  # the probability of a language, below which no alphabet is known
# Ten letters that make up more than half of any text in a script, and their least share here:
# half of what the samples have, and more than a wrong table of letters gives.
_COMMON = {"Cyrillic": ("оеаинтсрвл", 0.5), "Greek": ("αοιετσνηυρ", 0.5),
           "Hebrew": ("יוהלאמרתבש", 0.5), "Arabic": ("اليمنرتوبة", 0.45),
           "Thai": ("านรอเกงมยล", 0.35)}  # fmt: skip
_BY_SCRIPT = {
    "Latin": (
        *("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-3", "iso8859-4"),
        *(
            "iso8859-10",
            "iso8859-13",
            "iso8859-14",
            "iso8859-15",
            "iso8859-16",
            "mac_roman",
            "mac_latin2",
        ),
        *("cp437", "cp850", "cp852", "cp861", "cp865", "cp775", "cp1258"),
    ),
    "Cyrillic": ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "cp855", "mac_cyrillic"),
    "Greek": ("cp1253", "iso8859-7", "cp737", "mac_greek"),
    "Hebrew": ("cp1255", "iso8859-8", "cp862"),
    "Arabic": ("cp1256", "iso8859-6", "cp720"),
    "Thai": ("cp874",),
}
# The commonest characters of running text: some 350 of Chinese, and syllables of the others.
_SIMPLIFIED = (
    "的一是不了在人有我他这中大来上国个到说们为和地要以时年会可用出也生对于成能而"
    "子那得下自之过发后作里行所然家种事多经么去法学如都同现当没动面起看定天分还进"
    "好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使"
    "情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二"
    "等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教原东声提立"
    "及比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才结"
    "反受目太量再感建务做接必场件计管期市直资命山金指统区保至队形社便空决治展科司"
    "五基书非则听白却界达光放强即难且权思完设式色路记南品住告类求据程北边该交规万"
    "取望术领共确传师观清今切院让识候带导争运"
)
_TRADITIONAL = (
    "的一是不了在人有我他這中大來上國個到說們為和地要以時年會可用出也生對於成能而"
    "子那得下自之過發後作裡裏行所然家種事多經麼去法學如都同現當沒動面起看定天分還"
    "進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工"
    "使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什"
    "二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教原東聲提"
    "立及比員解水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才"
    "結反受目太量再感建務做接必場件計管期市直資命山金指統區保至隊形社便空決治展科"
    "司五基書非則聽白卻界達光放強即難且權思完設式色路記南品住告類求據程北邊該交規"
    "萬取望術領共確傳師觀清今切院讓識候帶導爭運"
)
_SYLLABLES = "이다는을에의가고하지로도은를한기사리서시"
_KANA_COMMON = "のにはをたがでてとしれさいるなかあっもす"
# The rows of characters that schools teach first, in the tables that the encodings extend; the
# commonest characters, and their least share.
_EAST_ASIAN = {
    "gb18030": ("gb2312", 0xB0, 0xD7, _SIMPLIFIED, 0.3),
    "cp950": ("big5", 0xA4, 0xC6, _TRADITIONAL, 0.3),
    "cp932": ("euc_jp", 0xB0, 0xCF, _KANA_COMMON, 0.1),
    "euc_jp": ("euc_jp", 0xB0, 0xCF, _KANA_COMMON, 0.1),
    "cp949": ("euc_kr", 0xB0, 0xC8, _SYLLABLES, 0.1),
}
_FIRST_ROWS = 0.97
_NAMES = {"gb18030": "GB18030", "cp950": "Big5", "cp932": "Shift_JIS", "euc_jp": "EUC-JP",
          "cp949": "EUC-KR", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U"}  # fmt: skip

# What may touch a letter without being one: quotation marks, hyphens, points, signs of trade.
_TOUCHES = "’‘“”„‚«»‹›–—…·•¡¿°²³ªº™®©§€£\u00a0،؛؟ـ·"
_BAD = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\p{Cn}\p{Co}\p{Cs}\ufffd]")
_SIGN_AT_LETTER = regex.compile(
    rf"\p{{L}}[^\p{{L}}\p{{M}}\p{{ASCII}}{_TOUCHES}]|[^\p{{L}}\p{{M}}\p{{ASCII}}{_TOUCHES}]\p{{L}}"
)
_CAPITAL_INSIDE = regex.compile(r"\p{Ll}(?=\P{ASCII})\p{Lu}|(?=\P{ASCII})\p{Ll}\p{Lu}\p{Ll}")
_WORD = regex.compile(r"(?=\P{ASCII})[\p{L}\p{M}]+")
_QUOTE_INSIDE = regex.compile(
    r"\p{L}[«»‹›“”„‚‘…•¡¿°²³ªº™®©§€£]\p{L}|\p{L}\u00a0(?=\s|\Z)|\p{Ll}\u00a0\p{Ll}"
)
_MIXED = regex.compile(r"[A-Za-z](?=\P{ASCII})\p{L}|(?=\P{ASCII})\p{L}[A-Za-z]")
_BEYOND_ASCII = regex.compile(r"(?=\P{ASCII})[\p{L}\p{M}]")
_WIDE = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\u30fc]")
_FULL_WIDTH = regex.compile(r"[\uff10-\uff5a]")
_SIGNS = "〇々〆"  # written amid characters: they are in no row that schools teach
_HAN, _KANA = regex.compile(r"\p{Han}"), regex.compile(r"[\p{Hiragana}\p{Katakana}\u30fc]")
_HANGUL = regex.compile(r"\p{Hangul}")
_HALF_KANA = regex.compile(r"[\uff61-\uff9f]")
_LOOSE_MARK = regex.compile(r"(?<![\u0e01-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_FINALS = regex.compile(r"[ךםןףץ](?!\p{L})"), regex.compile(r"(?<!\p{L})[ךםןףץ]")


def surely(data: bytes) -> tuple[str, str] | None:
    """(text, the name of its encoding) of bytes that are no Unicode; None where nothing is sure.

    A wrong text would be quoted as if it stood in the file, so that any doubt refuses.
    """
    if _SHIFT in data:
        text = _decoded(data, "iso2022_jp")
        return (text, "ISO-2022-JP") if text and _is_east_asian(text, "cp932") else None
    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1]
    texts: dict[str, str] = {}
    for script, encodings in (*_BY_SCRIPT.items(), ("East Asian", tuple(_EAST_ASIAN))):
        for encoding in encodings:
            text = _decoded(sample, encoding)
            if text is not None and text not in texts and _plausible(text, script, encoding):
                texts[text] = encoding
    if len(texts) != 1:
        return None
    text, encoding = next(iter(texts.items()))
    single = encoding in _BY_SCRIPT["Latin"] and encoding not in _WESTERN
    if single and len(data) < _LONG_ENOUGH:
        return None
    alone = encoding in _WESTERN and len(data) >= _SHORT
    if not alone and _decoded(sample, _guess(sample)) != text:
        return None
    whole = _decoded(data, encoding)
    return None if whole is None else (whole, _name(encoding))


def _name(encoding: str) -> str:
    """An encoding as people know it: `Windows-1252`, `ISO 8859-2`, `DOS 866`, `Mac Roman`."""
    if encoding in _NAMES:
        return _NAMES[encoding]
    if encoding.startswith("cp"):
        return f"{'Windows-' if encoding[2:].startswith('125') else 'DOS '}{encoding[2:]}"
    return encoding.replace("iso", "ISO ").replace("_", " ").replace("mac", "Mac")


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, enable_fallback=False).best()
    return best.encoding if best else ""


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if _BAD.search(text) else text


def _plausible(text: str, script: str, encoding: str) -> bool:
    """Whether a text reads like one in a language of a script."""
    if script == "East Asian":
        return _is_east_asian(text, encoding)
    if any(sign.search(text) for sign in (_SIGN_AT_LETTER, _QUOTE_INSIDE, _CAPITAL_INSIDE)):
        return False
    letters = "".join(_BEYOND_ASCII.findall(text))
    if script != "Latin" and sum(map(str.isupper, letters)) > _MOST_CAPITALS * len(letters):
        return False
    letters = letters.lower()
    if script == "Latin":
        return _in_alphabet(text, letters)
    common, least = _COMMON[script]
    inside = len(_of(script).findall(letters))
    if len(letters) < _FEWEST or inside < len(letters) or _MIXED.search(text):
        return False
    if script == "Thai" and _LOOSE_MARK.search(text):
        return False
    if script == "Hebrew" and len(_FINALS[0].findall(text)) <= len(_FINALS[1].findall(text)):
        return False  # written from left to right, as it was shown
    if sum(letter in common for letter in letters) < least * len(letters):
        return False
    return script == "Thai" or _in_alphabet(" ".join(_WORD.findall(text)), letters)


def _in_alphabet(text: str, letters: str) -> bool:
    """Whether the letters are those of the language that a text is in."""
    language, probability = likeliest(text[:5_000])
    alphabet = _ALPHABETS.get(language)
    return alphabet is not None and probability >= _LIKELY and set(letters) <= set(alphabet)


@cache
def _of(script: str) -> regex.Pattern[str]:
    return regex.compile(rf"[\p{{Script={script}}}\p{{M}}]")


def _is_east_asian(text: str, encoding: str) -> bool:
    table, first, last, common, least = _EAST_ASIAN[encoding]
    letters = _WIDE.findall(text)
    text = _FULL_WIDTH.sub("", text)
    others = [letter for letter in _BEYOND_ASCII.findall(text) if not _WIDE.match(letter)]
    if not letters or others or _HALF_KANA.search(text):
        return False
    han, kana, hangul = (len(kind.findall(text)) for kind in (_HAN, _KANA, _HANGUL))
    if encoding == "cp949":
        fits = hangul > 0.9 * len(letters) and not kana
    elif encoding in ("cp932", "euc_jp"):
        fits = kana > 0.15 * len(letters) and not hangul
    else:
        fits = kana < 0.02 * len(letters) and not hangul and han > 0
    if not fits:
        return False
    judged = [each for each in letters if not (_KANA.match(each) or each in _SIGNS)]
    taught = sum(_is_first(each, table, first, last) for each in judged)
    known = sum(each in common for each in letters)
    return taught >= _FIRST_ROWS * len(judged) and known >= least * len(letters)


def _is_first(letter: str, table: str, first: int, last: int) -> bool:
    try:
        code = letter.encode(table)
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and first <= code[0] <= last
