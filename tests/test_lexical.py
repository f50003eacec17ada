from pathlib import Path

import numpy as np
import pytest

from index.lexical import LexicalIndex, tokens

TEXTS = [
    "Naik 2,8% pada Mei",
    "The bakery sold 400 loaves",
    "बेकरी ने ४०० रोटियां बेचीं।",
    "光年之外被收购",
]


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


@pytest.mark.parametrize(
    ("question", "best"),
    [("pertumbuhan 2,8%?", 0), ("bakery loaves", 1), ("400 रोटियां", 2), ("谁收购光年？", 3)],
)
def test_words_find_their_text(question: str, best: int) -> None:
    scores = LexicalIndex.build(TEXTS).scores(question)

    assert int(np.argmax(scores)) == best
    assert scores.shape == (4,)
    assert scores.dtype == np.float32
    assert 0 < scores.max() <= 1
    assert scores.min() == 0


@pytest.mark.parametrize("question", ["", "nowhere", "।"])
def test_a_question_without_known_words_scores_nothing(question: str) -> None:
    assert LexicalIndex.build(TEXTS).scores(question).tolist() == [0, 0, 0, 0]


def test_words_that_no_text_holds_lower_the_score() -> None:
    index = LexicalIndex.build(TEXTS)

    assert index.scores("bakery quantum physics").max() < index.scores("bakery").max() / 2


def test_a_text_full_of_the_questions_words_scores_at_most_one() -> None:
    index = LexicalIndex.build(["kata " * 1000, "lain", "kata lain"])

    assert index.scores("kata kata KATA").max() <= 1


@pytest.mark.parametrize("texts", [TEXTS, [], ["", "।"]], ids=["texts", "no text", "no word"])
def test_words_are_the_same_after_saving(texts: list[str], tmp_path: Path) -> None:
    built = LexicalIndex.build(texts)
    built.save(tmp_path / "words")
    loaded = LexicalIndex.load(tmp_path / "words")

    assert len(loaded) == len(texts)
    for question in ("bakery 400", "光年", ""):
        assert loaded.scores(question).tolist() == built.scores(question).tolist()


def test_saving_replaces_what_was_there(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    LexicalIndex.build(["only"]).save(tmp_path)

    assert LexicalIndex.load(tmp_path).scores("only").shape == (1,)


@pytest.mark.parametrize("cut", [0.0, 0.5], ids=["emptied", "cut in half"])
def test_a_damaged_file_is_noticed(cut: float, tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    for file in sorted(tmp_path.iterdir()):
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * cut)])
        with pytest.raises((OSError, ValueError)):
            LexicalIndex.load(tmp_path).scores("bakery")
        file.unlink()
        with pytest.raises((OSError, ValueError)):
            LexicalIndex.load(tmp_path)
        file.write_bytes(whole)

    assert LexicalIndex.load(tmp_path).scores("bakery").max() > 0
