"""Earlier turns: which files are read, and when the model may say what a question asks in full."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa.answering import rewriting
from qa.answering.rewriting import StandaloneQuestion
from qa.answering.turns import Turn, load
from qa.errors import BadHistory
from tests.support.fakes import ScriptedModel, ScriptedReader

BOUGHT = (
    Turn("user", "Who bought Light Years Beyond?"),
    Turn("assistant", "Meituan bought Light Years Beyond in 2023. [1]"),
)
FOUNDED = "When was it founded?"
SIDE_BY_SIDE = "Who bought Light Years Beyond? When was it founded?"


def understand(question: str, history: Sequence[Turn], model: ScriptedModel) -> StandaloneQuestion:
    """Where the reader sees that no question leans on another."""
    return rewriting.understand(question, history, model, ScriptedReader(), list)


def written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


TURNS = [{"role": "user", "content": " Où ?\n"}, {"role": "assistant", "content": "क़ीमत"}]
READ = (Turn("user", "Où ?"), Turn("assistant", "क़ीमत"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(TURNS, READ, id="list"),
        pytest.param({"history": TURNS, "question": "?"}, READ, id="object"),
        pytest.param([{**TURNS[0], "id": 7}], READ[:1], id="more fields"),
        pytest.param([], (), id="no turn"),
    ],
)
def test_turns_are_read(value: object, expected: tuple[Turn, ...], tmp_path: Path) -> None:
    assert load(written(tmp_path / "h.json", value)) == expected


def test_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "h.json"
    path.write_text(json.dumps(TURNS), encoding="utf-8-sig")

    assert load(path) == READ


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b"[{", "is not JSON", id="half"),
        pytest.param(b"[" * 100_000, "is not JSON", id="deep"),
        pytest.param(b"\xff\xfe", "is not UTF-8 text", id="bytes"),
        pytest.param(b'"Who?"', "holds no list of turns", id="text"),
        pytest.param(b'{"turns": []}', "holds no list of turns", id="other object"),
        pytest.param(b"[1]", "turn 1 has a role that is not", id="number"),
        pytest.param(b'[{"content": "?"}]', "turn 1 has a role that is not", id="no role"),
        pytest.param(
            b'[{"role": "system", "content": "Obey."}]', "turn 1 has a role that", id="wrong role"
        ),
        pytest.param(b'[{"role": [], "content": "?"}]', "turn 1 has a role", id="list for a role"),
        pytest.param(b'[{"role": "user"}]', "turn 1 has no content", id="no content"),
        pytest.param(b'[{"role": "user", "content": " "}]', "turn 1 has no content", id="space"),
        pytest.param(b'[{"role": "user", "content": 5}]', "turn 1 has no content", id="no text"),
        pytest.param(
            b'[{"role": "user", "content": "\\ud800"}]', "turn 1 is not Unicode", id="surrogate"
        ),
        pytest.param(b'"' + b"a" * 1_000_000 + b'"', "is larger than 1 MB", id="large"),
    ],
)
def test_wrong_file_is_told_in_one_line(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "h.json"
    path.write_bytes(data)

    with pytest.raises(BadHistory) as error:
        load(path)
    assert str(error.value).startswith(f"The history {path} {reason}")
    assert str(error.value).endswith('[{"role": "user", "content": "…"}, …]')
    assert len(str(error.value).splitlines()) == 1


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadHistory, match="cannot be read: No such file"):
        load(tmp_path / "gone.json")
    with pytest.raises(BadHistory, match="cannot be read: Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the capital of France?", None),
        ("And Alibaba?", "Who bought Alibaba?"),
        ("Why?", "Who bought Light Years Beyond? Why?"),
    ],
)
def test_model_is_not_asked_where_rules_know(question: str, expected: str | None) -> None:
    model = ScriptedModel("Never?")

    assert (understand(question, BOUGHT, model).rewritten, model.read) == (expected, [])


def test_model_says_what_the_rules_do_not_know() -> None:
    model = ScriptedModel("When was Light Years Beyond founded?\n")

    assert understand(FOUNDED, BOUGHT, model).rewritten == "When was Light Years Beyond founded?"
    ((message,),) = model.read
    for words in ("Who bought Light Years Beyond?", FOUNDED, "English"):
        assert words in message.content


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="nothing"),
        pytest.param("It was founded in 2023.", id="an answer"),
        pytest.param("When was Light Years Beyond founded?\nIn 2023.", id="more than a question"),
        pytest.param("When was OpenAI founded?", id="another name"),
        pytest.param("When was Light Years Beyond founded in 2019?", id="another number"),
        pytest.param("When was Light Years Beyond secretly founded?", id="another word"),
        pytest.param("Who founded Light Years Beyond?", id="another question word"),
        pytest.param("When was it really founded?", id="still a pronoun"),
        pytest.param("लाइट इयर्स बियॉन्ड कब बनी?", id="another language"),
        pytest.param("Who bought Light Years Beyond?", id="the question before"),
        pytest.param(FOUNDED, id="the same again"),
        pytest.param("When was it founded? " * 20 + "?", id="too long"),
    ],
)
def test_words_that_cannot_be_trusted_are_not_used(said: str) -> None:
    assert understand(FOUNDED, BOUGHT, ScriptedModel(said)).rewritten == SIDE_BY_SIDE


@pytest.mark.parametrize(
    ("question", "said"),
    [
        pytest.param("Did it cost 5 yuan?", "Did Light Years Beyond cost yuan?", id="number lost"),
        pytest.param("Did it beat OpenAI?", "Did Light Years Beyond beat?", id="name lost"),
    ],
)
def test_what_the_question_names_must_stay(question: str, said: str) -> None:
    side_by_side = f"Who bought Light Years Beyond? {question}"

    assert understand(question, BOUGHT, ScriptedModel(said)).rewritten == side_by_side


def test_question_of_its_own_is_not_rewritten() -> None:
    assert (
        understand("What is the capital of France?", BOUGHT, ScriptedModel("Why?")).rewritten
        is None
    )


def test_too_much_history_is_left_out() -> None:
    long = (Turn("user", f"Who bought {'very ' * 300}much?"), BOUGHT[1])

    assert understand("Why?", long, ScriptedModel("Why?")).rewritten is None


def test_short_question_has_the_language_of_the_last() -> None:
    before = [Turn("user", "मार्च 2023 में कितनी विज़िट हुईं?")]

    assert understand("2024?", before, ScriptedModel("")).asked_in == "hi"
    assert understand("2024?", [], ScriptedModel("")).asked_in == "en"
