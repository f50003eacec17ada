"""Language detection: the ISO 639 code of a text, by its script, then by py3langid.

Knows which languages share a script. The only home of py3langid.
"""

import threading
from copy import copy
from functools import cache
from typing import Any

import regex

from index.text.normal_forms import stream_safe

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

# Scripts that one language above has alone; the classifier decides on the others.
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
# Malay is left out: the classifier cannot tell short questions from Indonesian (it took 1 in 5 of
# tydi_id for Malay), and its speakers read Indonesian. `--language ms` still answers in it.
_COMMONEST = {"Devanagari": "hi", "Arabic": "ar", "Cyrillic": "ru", "Latin": "en"}
# Below these the classifier only guesses ("ChatGPT?"), and the commonest language is taken. With
# them 99.3 to 100 % of the short questions in 5 sets of 293 to 632 (hi, en, zh, es, id) are right.
_SURE = {"Latin": 0.2}
_SURE_ELSEWHERE = 0.6

_WRITTEN_AS = {"Hiragana": "Kana", "Katakana": "Kana"}
# Japanese may be written without kana in a short text; no classifier here detects Malay.
_EAST_ASIAN = {"zh": {"Han"}, "ja": {"Han", "Kana"}, "ms": {"Latin"}}
_CODE = regex.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9_-]{1,30})?")
_NO_LANGUAGE = {"", "und", "mul", "zxx", "mis", "xx"}

# A Latin text of fewer words is detected wrong too often: of 300 beginnings of sentences each in
# English, Spanish and Indonesian, 96.9 to 99.7 % of four words are right, 98.9 to 100 % of five.
# A Chinese word has about two characters.
_MIN_WORDS, _CHARACTERS_PER_WORD = 5, 2
_DETECTED_AS = {"ms": "id"}  # Malay: see above

_LOADING = threading.Lock()

# Japanese has about half of its letters in kana, and hardly ever less than a fifth.
_KANA = 0.2

_CAPITALISED = regex.compile(r"\P{L}*\p{Lu}")
_LATIN_NAME = regex.compile(r"(?=\p{Latin})\p{Lu}\p{Latin}*")
_UKRAINIAN = regex.compile(r"[іїєґ]", regex.IGNORECASE)
_LETTERS = {
    script: regex.compile(rf"\p{{Script={script}}}")
    for script in (*_SCRIPTS, *_SHARED, "Han", "Hiragana", "Katakana")
}


def detect(text: str, default: str = "en") -> str:
    """The ISO 639 code of a text's language; `default` when it holds no letters.

    A name in another script ("ChatGPT की ग्रोथ?") does not decide: a Latin letter counts a third,
    since a word has about three times as many of them, and one of a capitalised word a sixth.
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


def likeliest(text: str) -> tuple[str, float]:
    """(ISO 639 code, probability) of a text among the 97 languages that the classifier knows."""
    language, probability = _every_language().classify(stream_safe(text))
    return str(language), float(probability)


def may_be(text: str, language: str) -> bool:
    """Whether a text may be in a language: it is detected so, or is too short to detect.

    "Meituan did" may be in any language of Latin letters, but not in Hindi. So may a list of
    names: capitalised words do not count.
    """
    detected = detect(text, language)
    if detected in (language, detected_as(language)):
        return True
    characters = len(_LETTERS["Han"].findall(text))
    words = len(_plain_words(text))
    return max(words, characters // _CHARACTERS_PER_WORD) < _MIN_WORDS and _share(
        detected, language
    )


def detected_as(language: str) -> str:
    """The ISO 639 code that `detect` gives texts in a language."""
    return _DETECTED_AS.get(language, language)


def in_capitals(text: str) -> bool:
    """Whether each word of a text is capitalised, as names are."""
    return not _plain_words(text)


def _plain_words(text: str) -> list[str]:
    return [word for word in text.split() if not _CAPITALISED.match(word)]


def unread_scripts(text: str, language: str = "") -> set[str]:
    """The scripts of a text that readers of a language may not know.

    Latin letters are known everywhere. None are told of a language whose scripts are not known
    here; all of them without a language.
    """
    used = {_WRITTEN_AS.get(name, name) for name, one in _LETTERS.items() if one.search(text)}
    if language and not _scripts(language):
        return set()
    return used - {"Latin"} - _scripts(language)


def declared(code: object, text: str) -> str:
    """The ISO 639 code that a file declares, of two letters if there is one; else the detected one.

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
    if script == "Cyrillic":  # short Russian is often taken for Ukrainian
        return "uk" if _UKRAINIAN.search(text) else "ru"
    # The classifier normalises it.
    language, probability = _classifier(_SHARED[script]).classify(stream_safe(text))
    is_sure = probability >= _SURE.get(script, _SURE_ELSEWHERE)
    return str(language) if is_sure else _COMMONEST[script]


def load() -> None:
    """Load the classifier, as a thread does while other models are loaded.

    Otherwise the first text that needs it waits for it, a third of a second.
    """
    _every_language()


@cache
def _classifier(among: tuple[str, ...]) -> Any:
    identifier = copy(_every_language())
    identifier.set_languages(list(among))
    return identifier


def _every_language() -> Any:
    with _LOADING:  # the second caller gets what the first has loaded
        return _loaded()


@cache
def _loaded() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
