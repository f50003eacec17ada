"""Scripts written without spaces are the same everywhere; Korean and the others have spaces."""

import pytest
import regex

from index.converters.pdf_hyphens import Joiner
from index.storage.bm25 import tokens
from index.text.scripts import CHINESE_JAPANESE, SOUTHEAST_ASIAN, UNSPACED
from qa.evaluation.metrics import states
from qa.text.alignment import WORD
from qa.text.numbers import localise
from qa.verification.facts import required

UNSPACED_TEXTS = [
    pytest.param("แมว", "กินปลา", id="Thai"),
    pytest.param("ແມວ", "ກິນປາ", id="Lao"),
    pytest.param("ឆ្មា", "ស៊ីត្រី", id="Khmer"),
    pytest.param("ကြောင်", "ငါးစား", id="Burmese"),
    pytest.param("猫", "吃了鱼", id="Chinese"),
    pytest.param("ねこ", "サカナをたべた", id="Japanese"),
]
SPACED_TEXTS = [
    pytest.param("고양이", "물고기를", id="Korean"),
    pytest.param("बिल्ली", "मछली", id="Hindi"),
    pytest.param("kucing", "makan", id="Indonesian"),
    pytest.param("чёрный", "кот", id="Russian"),
    pytest.param("قطة", "سمكة", id="Arabic"),
    pytest.param("བྱི་ལ", "ཉ་ཟ", id="Tibetan"),
]


@pytest.mark.parametrize(("word", "rest"), UNSPACED_TEXTS)
def test_script_without_spaces_is_known_by_every_letter(word: str, rest: str) -> None:
    assert regex.fullmatch(rf"(?:[{UNSPACED}]\p{{M}}*)+", word + rest)


@pytest.mark.parametrize(("word", "rest"), SPACED_TEXTS)
def test_script_with_spaces_is_none_of_them(word: str, rest: str) -> None:
    assert not regex.search(rf"[{UNSPACED}]", word + rest)


@pytest.mark.parametrize(("word", "rest"), UNSPACED_TEXTS)
def test_word_is_found_inside_a_text_without_spaces(word: str, rest: str) -> None:
    assert set(tokens(word)) <= set(tokens(rest + word)) | {word}
    assert states(rest + word + rest, word)
    assert Joiner().joined(rest, word) == rest + word


@pytest.mark.parametrize(("word", "rest"), SPACED_TEXTS)
def test_word_between_spaces_is_one_word(word: str, rest: str) -> None:
    assert Joiner().joined(rest, word) == f"{rest} {word}"
    assert tokens(f"{rest} {word}") == tokens(rest) + tokens(word)


def test_korean_word_is_not_found_within_another() -> None:
    assert tokens("고양이는 물고기를") == ["고양이는", "물고기를"]
    assert not states("들고양이", "고양이")


@pytest.mark.parametrize(("word", "rest"), UNSPACED_TEXTS)
def test_number_beside_a_word_without_spaces_is_no_part_of_it(word: str, rest: str) -> None:
    assert [set(amount.number.values) for amount in required(f"{word}50{rest}", "en").amounts] == [
        {50}
    ]


@pytest.mark.parametrize(("word", "rest"), UNSPACED_TEXTS)
def test_amount_beside_a_word_without_spaces_is_rewritten(word: str, rest: str) -> None:
    assert localise(f"{word}2,8%", "id", "en") == f"{word}2.8%"


def test_a_sign_is_a_word_and_a_letter_is_none() -> None:
    assert WORD.findall("猫がいる") == ["猫", "が", "い", "る"]
    assert WORD.findall("เมษายน 2023") == ["เมษายน", "2023"]
    assert UNSPACED == CHINESE_JAPANESE + SOUTHEAST_ASIAN
