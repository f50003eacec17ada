from pathlib import Path

import pytest

from qa.errors import BadGates
from qa.evaluation.reports import gates
from qa.evaluation.reports.gates import Checked, Gate
from qa.evaluation.reports.statistics import Score
from qa.evaluation.reports.summary import Summary
from tests.support.paths import SEEDS


def score(value: float) -> Score:
    return Score(9, value, 0.0, 1.0)


SUMMARY = Summary(
    {"facts stated": score(0.85), "false answer": score(0.1)},
    {"zh→id": {"MRR": score(0.5)}},
    {"why": {"facts stated": score(0.4)}},
    {"tune": {"facts stated": score(0.9)}},
)


def written(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_gates_are_read_for_all_and_for_slices(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        ["facts stated"]
        min = 0.85
        ["total s, p95"]
        min = 1
        max = 30
        [type.why."facts stated"]
        min = 0.5
        [language."zh→id"]
        MRR = {min = 0.5}
        [tag.tune."false answer"]
        max = 0.1
        """,
    )

    assert gates.load(path) == (
        Gate("facts stated", 0.85),
        Gate("total s, p95", 1, 30),
        Gate("facts stated", 0.5, None, "type", "why"),
        Gate("MRR", 0.5, None, "language", "zh→id"),
        Gate("false answer", None, 0.1, "tag", "tune"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x", "is not TOML"),
        ("", "holds no gate"),
        ("[recall]\nmin = 1", "no metric is called 'recall'. Known: evidence recall@1,"),
        ("[type.why.recall]\nmin = 1", "no metric is called 'recall'"),
        ("[MRR]\nleast = 1", "'MRR' has 'least'; a gate has only min and max"),
        ('[MRR]\nmin = "1"', "the min of 'MRR' is '1', which is not a number"),
        ("[MRR]\nmin = true", "the min of 'MRR' is True, which is not a number"),
        ("[MRR]\nmax = nan", "the max of 'MRR' is nan, which is not a number"),
        ("[MRR]", "'MRR' has neither min nor max"),
        ("MRR = 1", "'MRR' must be a table"),
        ("type = 1", "'type' must be a table"),
    ],
)
def test_file_that_cannot_be_used_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadGates) as caught:
        gates.load(written(tmp_path, text))

    assert str(caught.value).startswith(str(tmp_path / "gates.toml"))
    assert said in str(caught.value)


def test_a_metric_may_have_its_earlier_name(tmp_path: Path) -> None:
    path = written(tmp_path, '["answer recall"]\nmin = 0.5')

    assert gates.load(path) == (Gate("facts stated", 0.5),)


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadGates, match="Cannot read the gates at"):
        gates.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("gate", "passed", "said"),
    [
        (Gate("facts stated", 0.85), True, "facts stated ≥ 0.85: is 0.850"),
        (Gate("facts stated", 0.86), False, "facts stated ≥ 0.86: is 0.850"),
        (Gate("false answer", None, 0.1), True, "false answer ≤ 0.1: is 0.100"),
        (Gate("false answer", None, 0.09), False, "false answer ≤ 0.09: is 0.100"),
        (Gate("false answer", 0.2, 0.3), False, "false answer ≥ 0.2 and ≤ 0.3: is 0.100"),
        (Gate("MRR", 0), False, "MRR ≥ 0: no question has a value"),
        (
            Gate("MRR", 0.4, None, "language", "zh→id"),
            True,
            "MRR of language zh→id ≥ 0.4: is 0.500",
        ),
        (
            Gate("facts stated", 0.5, None, "type", "why"),
            False,
            "facts stated of type why ≥ 0.5: is 0.400",
        ),
        (
            Gate("facts stated", 0.9, None, "tag", "tune"),
            True,
            "facts stated of tag tune ≥ 0.9: is 0.900",
        ),
        (
            Gate("facts stated", 0.5, None, "type", "list"),
            False,
            "facts stated of type list ≥ 0.5: no question has a value",
        ),
    ],
)
def test_gate_is_held_against_the_scores(gate: Gate, passed: bool, said: str) -> None:
    (checked,) = gates.check([gate], SUMMARY)

    assert (checked.passed, checked.in_words) == (passed, said)


def test_gate_without_a_value_fails() -> None:
    assert not Checked(Gate("MRR", maximum=1), None).passed


def test_shipped_gates_can_be_read() -> None:
    assert len(gates.load(SEEDS / "gates.toml")) > 5
