import random
import unicodedata

import pytest

from index.text.normal_forms import nfc, nfd, nfkc, stream_safe
from tests.support.non_starters import marks_in_a_row

MARKS = "\u0301\u0327\u0316\u0344\u0f73\u0f71\u3099\uff9e\u093c\u0323"
JOINER = "\u034f"


def hostile(seed: int) -> str:
    rng = random.Random(seed)
    return "".join(
        rng.choice(("a", "é", "ệ", "한", "ｶ", "\ufdfa", "")) + mark * rng.choice((1, 6, 29, 31, 90))
        for mark in rng.choices(MARKS, k=40)
    )


@pytest.mark.parametrize(
    "text", ["Café e\u0301 ệ", "क्षेत्र और ज़मीन", "한국어 ①½ ﬃ", "ｶﾞ", "e" + "\u0301\u0327" * 15, ""]
)
def test_ordinary_texts_have_the_forms_of_the_standard(text: str) -> None:
    assert stream_safe(text) == text
    assert [nfc(text), nfd(text), nfkc(text)] == [
        unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC")
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_more_than_thirty_marks_follow_each_other(seed: int) -> None:
    text = hostile(seed)
    safe = stream_safe(text)

    assert marks_in_a_row(text) > 30 >= marks_in_a_row(safe)
    assert safe.replace(JOINER, "") == text
    for form in (nfc, nfd, nfkc):
        assert form(form(text)) == form(text)


def test_the_joiner_stands_where_the_standard_says() -> None:
    assert stream_safe("a" + "\u0301" * 31) == "a" + "\u0301" * 30 + JOINER + "\u0301"
    # ệ ends with two marks when it is taken apart, U+0344 has two of its own.
    assert stream_safe("ệ" + "\u0301" * 29) == "ệ" + "\u0301" * 28 + JOINER + "\u0301"
    assert stream_safe("a" + "\u0344" * 16) == "a" + "\u0344" * 15 + JOINER + "\u0344"
