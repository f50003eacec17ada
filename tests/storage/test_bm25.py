import math
import sqlite3
from collections.abc import Sequence

import pytest

from index.storage import bm25
from index.storage.bm25 import SCHEMA, Bm25Index, tokens

TEXTS = [
    "Naik 2,8% pada Mei",
    "The bakery sold 400 loaves",
    "बेकरी ने ४०० रोटियां बेचीं।",
    "光年之外被收购",
]

SCRIPTS = [
    "naïve Ångström e\u0301 ẞ ŉ İstanbul Ϋ́ ᾳ",
    "हिन्दी क्षत्रिय ज़्यादा", "বাংলা ৪২", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "ਪੰਜਾਬੀ", "සිංහල",
    "العربية ٤٫٥ فارسی می\u200cرود", "עִבְרִית", "ελληνικά Σίσυφος ς", "Кириллица Ёж", "ქართული ႠႡ ᲐᲑ",
    "Հայերեն և", "አማርኛ", "ᏣᎳᎩ ꭰꭱ", "中文之外", "日本語カタカナ ﾊﾝｶｸ ｶﾞ", "한국어 한국", "ไทยน้ำ",
    "ລາວ", "ខ្មែរ", "မြန်မာ",
    "བོད་ཡིག", "ᠮᠣᠩᠭᠣᠯ", "𐐀𐐨 𝒳𝟙 𞤀𞤢 𖹀 𑂍 𠀀𠀁", "① Ⅷ ½ x² ﬁ", "2,8 1.000.000 3٫14 1٬000 10.5,3",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Naik 2,8% pada Mei.", ["naik", "2,8", "pada", "mei"], id="decimal comma"),
        pytest.param("US$1.000.000!", ["us", "1.000.000"], id="thousands"),
        pytest.param("२०२४ में ४.५", ["2024", "में", "4.5"], id="Hindi digits"),
        pytest.param("यह एक है।", ["यह", "एक", "है"], id="danda"),
        pytest.param("٤٥ ４５", ["45", "45"], id="Arabic and wide digits"),
        pytest.param("光年之外 AI", ["光年", "年之", "之外", "ai"], id="Chinese pairs"),
        pytest.param("很", ["很"], id="one Chinese letter"),
        pytest.param("GPT-4的成本", ["gpt", "4", "的成", "成本"], id="scripts side by side"),
        pytest.param("น้ำดี", ["น้ํา", "าดี"], id="Thai"),
        pytest.param("क्\u200dष क्\u200cष", ["क्ष", "क्ष"], id="joiners"),
        pytest.param("STRASSE straße ﬁn", ["strasse", "strasse", "fin"], id="folded"),
        pytest.param("  ।…!? ", [], id="no word"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_text_is_cut_into_words_of_its_script(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def words(*texts: str) -> Bm25Index:
    """Words of texts whose keys are their positions."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(SCHEMA)
    for number, text in enumerate(texts):
        add(database, str(number), tokens(text))
    return Bm25Index(lambda sql, *values: database.execute(sql, values).fetchall())


def add(database: sqlite3.Connection, key: str, cut: Sequence[str]) -> None:
    row = (key, len(cut), " ".join(cut))
    database.execute("INSERT INTO passage (key, length, words) VALUES (?, ?, ?)", row)


@pytest.mark.parametrize("text", SCRIPTS)
def test_words_reach_the_database_as_they_were_cut(text: str) -> None:
    index = words(text)
    kept = index._query("SELECT term, cnt FROM holders")

    assert len(tokens(text)) > 0
    assert {row[0]: int(row[1]) for row in kept} == {
        word: tokens(text).count(word) for word in tokens(text)
    }
    for word in tokens(text):
        assert len(index._query("SELECT * FROM word WHERE word MATCH ?", f'"{word}"')) == 1


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("pertumbuhan 2,8%?", "0"),
        ("bakery loaves", "1"),
        ("400 रोटियां", "2"),
        ("谁收购光年？", "3"),
    ],
)
def test_words_find_their_text(question: str, best: str) -> None:
    found = words(*TEXTS).best(question, 4)

    assert next(iter(found)) == best
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(0 < score <= 1 for score in found.values())


def test_a_score_is_bm25_over_the_highest_a_text_could_reach() -> None:
    index = words("bread bread oven", "oven", "ship quay harbour pier")

    def weight(held: int) -> float:
        return math.log(1 + (3 - held + 0.5) / (held + 0.5))

    def share(count: int, length: int) -> float:
        return count / (count + 1.5 * (0.25 + 0.75 * length / (8 / 3)))

    highest = weight(1) + weight(2) + weight(0)
    expected = {
        "0": (weight(1) * share(2, 3) + weight(2) * share(1, 3)) / highest,
        "1": weight(2) * share(1, 1) / highest,
        "2": 0,
    }
    assert index.scores("bread oven, oven moon", "012x") == pytest.approx(expected)
    assert index.best("bread oven moon", 3) == pytest.approx({k: expected[k] for k in "01"})


@pytest.mark.parametrize("question", ["", "nowhere", "।"])
def test_a_question_without_known_words_scores_nothing(question: str) -> None:
    assert words(*TEXTS).best(question, 4) == {}
    assert words(*TEXTS).scores(question, "01") == {"0": 0, "1": 0}


@pytest.mark.parametrize(
    "question",
    ['"bakery', "bakery NEAR(sold", "bakery AND NOT", "bakery*", "words:bakery", "-bakery ^(",
     "{bakery} + \0'; DROP TABLE word", "bakery OR " * 999,
     " ".join(map(str, range(5000))) + " bakery"],
)  # fmt: skip
def test_what_looks_like_a_query_is_a_question(question: str) -> None:
    assert list(words(*TEXTS, "nothing here").best(question, 1)) == ["1"]


def test_words_that_no_text_holds_lower_the_score() -> None:
    index = words(*TEXTS)

    assert index.best("bakery quantum physics", 1)["1"] < index.best("bakery", 1)["1"] / 2


def test_a_text_full_of_the_questions_words_scores_at_most_one() -> None:
    index = words("kata " * 1000, "lain", "kata lain")

    assert max(index.best("kata kata KATA", 3).values()) <= 1


def test_common_words_propose_nothing_among_many_texts_and_still_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = words("the oven the", "the ship", "the quay", "a pier")
    whole = index.best("the oven", 9)
    monkeypatch.setattr(bm25, "_MANY", 3)

    assert list(whole) == ["0", "1", "2"]
    assert index.best("the oven", 9) == {"0": whole["0"]}
    assert list(index.best("the", 9)) == ["0", "1", "2"]


def test_a_removed_text_is_found_no_more_and_counts_no_more() -> None:
    index, without = words(*TEXTS), words(*TEXTS[1:])

    index._query("DELETE FROM passage WHERE key = '0'")

    assert index.best("naik mei", 4) == {}
    assert list(index.best("bakery", 4).values()) == list(without.best("bakery", 4).values())


def test_no_text_at_all_finds_nothing() -> None:
    assert words().best("bakery", 4) == words("", "।").best("bakery", 4) == {}
