"""Language detection: the ISO 639 code of a text, by its script, then by py3langid.

Knows which languages share a script. The only home of py3langid.
"""

import threading
from copy import copy
from functools import cache
from typing import Any

import regex

ENGLISH_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "kn": "Kannada", "ko": "Korean", "ml": "Malayalam",
    "mr": "Marathi", "ms": "Malay", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

# Scripts of one language among those above; the others are left to the classifier.
_SCRIPTS = {
    "Bengali": "bn", "Greek": "el", "Gujarati": "gu", "Hebrew": "he", "Kannada": "kn",
    "Hangul": "ko", "Malayalam": "ml", "Gurmukhi": "pa", "Tamil": "ta", "Telugu": "te",
    "Thai": "th",
}  # fmt: skip
_SHARED = {
    "Devanagari": ("hi", "mr", "ne"),
    "Arabic": ("ar", "fa", "ur"),
    "Cyrillic": ("ru", "uk"),
    "Latin": (
        "cs", "da", "de", "en", "es", "fi", "fr", "hu", "id", "it", "nl", "no", "pl", "pt",
        "ro", "sv", "sw", "tr", "vi",
    ),
}  # fmt: skip
# Malay is left out: short questions cannot be told from Indonesian (1 in 5 of tydi_id was taken
# for Malay), and its speakers read Indonesian. `--language ms` still asks for it.
_COMMONEST = {"Devanagari": "hi", "Arabic": "ar", "Cyrillic": "ru", "Latin": "en"}
# Below these the classifier only guesses ("ChatGPT?"), and the commonest language is taken. With
# them 5 sets of 293 to 632 short questions in hi, en, zh, es, id are told right in 99.3 to 100 %.
_SURE = {"Latin": 0.2}
_SURE_ELSEWHERE = 0.6

# Japanese may be written without kana in a short text, Malay is told by no classifier here.
_EAST_ASIAN = {"zh": {"Han"}, "ja": {"Han", "Kana"}, "ms": {"Latin"}}
_CODE = regex.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9_-]{1,30})?")
_NO_LANGUAGE = {"", "und", "mul", "zxx", "mis", "xx"}

# A Latin text of fewer words is told wrong too often: of 300 beginnings of sentences in each of
# English, Spanish and Indonesian that have four 96.9 to 99.7 % are told right, of five 98.9 to 100.
# A Chinese word has about two signs.
_FEW_WORDS, _SIGNS = 5, 2
_TOLD_AS = {"ms": "id"}  # Malay: see above

_LOADING = threading.Lock()

# Japanese has about half of its letters in kana, and hardly ever less than a fifth.
_KANA = 0.2

_LARGE = regex.compile(r"\P{L}*\p{Lu}")
_LATIN_NAME = regex.compile(r"(?=\p{Latin})\p{Lu}\p{Latin}*")
_UKRAINIAN = regex.compile(r"[іїєґ]", regex.IGNORECASE)
_LETTERS = {
    script: regex.compile(rf"\p{{Script={script}}}")
    for script in (*_SCRIPTS, *_SHARED, "Han", "Hiragana", "Katakana")
}


def detect(text: str, default: str = "en") -> str:
    """The ISO 639 code of a text's language; `default` when it holds no letters.

    A name in another script ("ChatGPT की ग्रोथ?") does not decide: a Latin letter counts a third,
    since a word takes about three times as many of them, and one of a word written large a sixth.
    """
    weights = {script: float(len(pattern.findall(text))) for script, pattern in _LETTERS.items()}
    names = sum(len(name) for name in _LATIN_NAME.findall(text))
    weights["Latin"] = (weights["Latin"] - names / 2) / 3
    kana = weights.pop("Hiragana") + weights.pop("Katakana")
    weights["Han"] += kana
    script = max(weights, key=lambda name: weights[name])
    if not weights[script]:
        return default
    if script == "Han":  # a Japanese name in a Chinese text is no Japanese text
        return "ja" if kana > _KANA * weights["Han"] else "zh"
    return _SCRIPTS.get(script) or _classify(text, script)


def may_be(text: str, language: str) -> bool:
    """Whether a text may be in a language: it is by all signs, or too short to tell.

    "Meituan did" may be in any language of Latin letters, but not in Hindi. So may a list of
    names: words written large do not count.
    """
    detected = detect(text, language)
    if detected in (language, _TOLD_AS.get(language)):
        return True
    signs = len(_LETTERS["Han"].findall(text))
    words = sum(not _LARGE.match(word) for word in text.split())
    return max(words, signs // _SIGNS) < _FEW_WORDS and _share(detected, language)


def declared(code: object, text: str) -> str:
    """The ISO 639 code a file tells, two letters where there are; else the one detected.

    A page that calls itself `en` and is written in Devanagari is not believed.
    """
    detected = detect(text)
    match = _CODE.fullmatch(code.strip()) if isinstance(code, str) else None
    if not match:
        return detected
    from icu4py.locale import Locale

    language = str(Locale(match[1].lower()).language)  # `hin` is `hi`
    known = language not in _NO_LANGUAGE
    believed = known and (not _scripts(language) or _share(language, detected))
    return language if believed else detected


def _share(one: str, other: str) -> bool:
    return bool(_scripts(one) & _scripts(other))


def _scripts(language: str) -> set[str]:
    """The scripts a language is written in, as far as they are known here."""
    alone = {script for script, code in _SCRIPTS.items() if code == language}
    shared = {script for script, codes in _SHARED.items() if language in codes}
    return alone | shared | _EAST_ASIAN.get(language, set())


def _classify(text: str, script: str) -> str:
    if script == "Cyrillic":  # short Russian is often taken for Ukrainian, whose letters tell
        return "uk" if _UKRAINIAN.search(text) else "ru"
    language, probability = _classifier(_SHARED[script]).classify(text)
    sure = probability >= _SURE.get(script, _SURE_ELSEWHERE)
    return str(language) if sure else _COMMONEST[script]


def load() -> None:
    """Have the classifier in memory, as a thread does while others still load what they need.

    Without it the first text that needs the classifier waits for it, a third of a second.
    """
    _every_language()


@cache
def _classifier(among: tuple[str, ...]) -> Any:
    identifier = copy(_every_language())
    identifier.set_languages(list(among))
    return identifier


def _every_language() -> Any:
    with _LOADING:  # who comes second takes what the first has loaded
        return _loaded()


@cache
def _loaded() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
