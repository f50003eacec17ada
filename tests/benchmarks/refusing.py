"""Refusing: whether an answer says, in any words, that something is not told.

For programs that refuse in words of their own. Rather too much counts than too little: a refusal
must not be taken for an invention.
"""

import regex

PATTERNS = {
    "en": (
        r"(?:not|n[’']t) (?:\w+ ){0,3}"
        r"(?:mention|provid|specif|stat|contain|includ|disclos|know|giv|available|clear|possible|"
        r"find|found)",
        r"no (?:\w+ ){0,3}(?:information|mention|answer|details?|sources?|indication|data)",
        r"cannot|can[’']t|unable|unknown|none of|insufficient|there is no|empty response",
    ),
    "es": (
        r"no (?:se|hay|está|puedo|es posible|proporcion|mencion|conten|contien|especific)",
        r"ningun[oa]|desconoc",
    ),
    "id": (
        r"(?:tidak|belum) (?:\w+ ){0,2}"
        r"(?:dise|menye|ada|terdapat|memberi|dapat|diketahui|tersedia|men[cg]|dijelas|menjelas)",
        r"tidak (?:jelas|cukup|memuat)",
    ),
    "zh": (
        r"没有\p{Han}{0,6}(?:提|信息|说明|指|答案|给出|明确|直接|足够|相关|透露)",
        r"[未没]\p{Han}{0,3}(?:提|知|说|指|明|给|披露|透露)",
        r"无法|不(?:知道|清楚|确定|详|包含|能)|并没有|并未",
    ),
    "hi": (
        r"(?:जानकारी|उल्लेख|स्पष्ट|उत्तर|विवरण|उपलब्ध|संभव|ज्ञात|बताया|दिया|दी|किया)"
        r"[^।.]{0,20} नहीं",
        r"नहीं (?:दिया|दी|बता|किया|है|मिल|कहा|जा)",
    ),
}
_ANY = regex.compile("|".join(p for some in PATTERNS.values() for p in some), regex.IGNORECASE)


def refuses(text: str) -> bool:
    """Whether a text, in whatever language, declines somewhere; an empty one does."""
    return not text.strip() or _ANY.search(text) is not None
