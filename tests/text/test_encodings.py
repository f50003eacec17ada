"""Older encodings are read where they are sure, told, and refused in any doubt."""

import pytest

from index.errors import NotText
from index.text.normalise import decoded

TEXTS = {
    "gb18030": "青山镇图书馆于2019年重新开放。新楼共有四层，藏书十二万册，每周二闭馆。",
    "big5": "青山鎮圖書館於2019年重新開放。新樓共有四層，藏書十二萬冊，每週二閉館。",
    "cp932": "図書館は2019年に再び開館しました。新しい建物は四階建てで、十二万冊の本があります。",
    "euc_jp": "図書館は2019年に再び開館しました。新しい建物は四階建てで、十二万冊の本があります。",
    "iso2022_jp": "図書館は2019年に再び開館しました。新しい建物は四階建てで、本があります。",
    "euc_kr": "도서관은 2019년에 다시 문을 열었습니다. 새 건물은 네 층이고 화요일에는 쉽니다.",
    "koi8-r": "Библиотека открылась снова в 2019 году. В здании четыре этажа и много книг.",
    "cp1251": "Библиотека открылась снова в 2019 году. По вторникам она закрыта, а вход "
    "для взрослых стоит 30 рублей.",
    "cp1252": "La bibliothèque a rouvert en 2019. Le coût s’élève à 3,5 millions d’euros, un "
    "record pour la commune, où l’on a déjà beaucoup dépensé.",
    "cp1250": "Knihovna byla znovu otevřena v roce 2019. Nová budova má čtyři patra a více než "
    "sto tisíc knih, v úterý je zavřeno.",
}  # fmt: skip


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_sure_encoding_is_read_and_told(encoding: str) -> None:
    text, notices = decoded(TEXTS[encoding].encode(encoding))

    assert text == TEXTS[encoding]
    assert [line.partition(",")[2] for line in notices] == [" by its letters; it is not UTF-8"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("Café".encode("cp1252"), id="one letter"),
        pytest.param("Bone, גרמנית".encode("iso8859-8"), id="a word"),
        pytest.param(bytes(range(1, 256)) * 9, id="no text"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\xff\xfe\0a" * 99, id="a picture"),
    ],
)
def test_a_doubt_refuses(data: bytes) -> None:
    with pytest.raises(NotText):
        decoded(data)


def test_a_wrong_byte_amid_utf8_costs_a_letter_and_is_told() -> None:
    data = ("Il brûle quarante watts.\n" * 20 + "7").encode() + b"\xff" + " pièces.\n".encode()

    text, notices = decoded(data)

    assert text == "Il brûle quarante watts.\n" * 20 + "7\ufffd pièces.\n"
    assert notices == ("is not all UTF-8: a wrong byte in line 21, shown as \ufffd",)


def test_many_wrong_bytes_refuse() -> None:
    with pytest.raises(NotText, match="is not UTF-8 text"):
        decoded("Il brûle.\n".encode() * 20 + b"\xff\xfe\xfd" * 9)


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "iso2022_jp"])
def test_a_zero_among_numbers_of_ideographs_is_no_rare_character(encoding: str) -> None:
    text = "港のクレーンは二〇二四年に使い始められ、人々は時々休みます。"

    assert decoded(text.encode(encoding))[0] == text


def test_shifts_to_kanji_that_are_not_sure_refuse() -> None:
    with pytest.raises(NotText, match="control characters"):
        decoded(b"\x1b$BF|\x1b(B a word of Latin in between")
