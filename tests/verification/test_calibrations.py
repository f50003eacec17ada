"""Which calibration is in force: what ships, what was measured, and else the reader alone."""

import json
from typing import Any

import pytest

from qa.verification import calibrations
from qa.verification.calibrations import in_force, of_model, save
from qa.verification.thresholds import DEFAULT_PAIR, READER_ALONE, SHIPPED, Pair, Thresholds

PAIR = Pair("2" * 64, DEFAULT_PAIR.embedder)
FOUND = Thresholds(4.25, True, 0.5, 2.5)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path_factory.mktemp("cache")))


def changed(**values: Any) -> None:
    """Change the file that was saved."""
    path = calibrations.path(PAIR)
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_the_default_models_go_by_what_ships() -> None:
    assert in_force(DEFAULT_PAIR).thresholds == SHIPPED
    assert in_force(DEFAULT_PAIR).source == "shipped"


@pytest.mark.parametrize(
    "pair", [PAIR, Pair(DEFAULT_PAIR.llm, "another"), Pair("another", DEFAULT_PAIR.embedder)]
)
def test_of_any_other_pair_the_reader_decides_alone(pair: Pair) -> None:
    assert in_force(pair).thresholds == READER_ALONE
    assert (in_force(pair).source, in_force(pair).problem) == ("none", "")
    assert (READER_ALONE.is_asked, READER_ALONE.holds) == (False, None)


def test_what_was_measured_is_in_force_for_its_pair_alone() -> None:
    save(PAIR, FOUND, "2026-11-29", {"questions": 200})

    assert in_force(PAIR).thresholds == FOUND
    assert in_force(PAIR).text == "calibrated on 2026-11-29: asked"
    assert in_force(Pair(PAIR.llm, "another")).source == "none"
    assert [one.thresholds for one in of_model(PAIR.llm)] == [FOUND]
    assert list(of_model("another")) == []


def test_what_was_measured_with_other_prompts_or_another_reader_is_not_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(PAIR, FOUND, "2026-11-29", {})
    monkeypatch.setattr(calibrations, "version", lambda: "another")

    assert in_force(PAIR).thresholds == READER_ALONE
    assert "another version" in in_force(PAIR).problem


GIVEN = {"told": 4.25, "is_asked": True, "weight": 0.5, "holds": 2.5}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"pair": {"llm": "3" * 64, "embedder": "e"}}, id="of another pair"),
        pytest.param({"thresholds": {**GIVEN, "told": "low"}}, id="a word"),
        pytest.param({"thresholds": {**GIVEN, "told": float("nan")}}, id="no number"),
        pytest.param({"thresholds": {**GIVEN, "told": True}}, id="a truth"),
        pytest.param({"thresholds": {**GIVEN, "is_asked": 1}}, id="a one"),
        pytest.param({"thresholds": {**GIVEN, "weight": -1}}, id="the other way round"),
        pytest.param({"thresholds": {**GIVEN, "weight": 9}}, id="too heavy"),
        pytest.param({"thresholds": {**GIVEN, "holds": -2}}, id="a claim that leans to no"),
        pytest.param({"thresholds": {"told": 4.25, "is_asked": True}}, id="half"),
        pytest.param({"thresholds": {**GIVEN, "more": 1}}, id="more"),
        pytest.param(
            {"thresholds": {**GIVEN, "is_asked": False, "told": 0.5}}, id="laxer than the reader"
        ),
        pytest.param({"thresholds": None}, id="nothing"),
        pytest.param({"measured": []}, id="no counts"),
        pytest.param({"made": 5}, id="no day"),
    ],
)
def test_a_file_that_no_calibration_writes_is_not_in_force(values: dict[str, Any]) -> None:
    save(PAIR, FOUND, "2026-11-29", {})
    changed(**values)

    assert in_force(PAIR).thresholds == READER_ALONE
    assert "damaged" in in_force(PAIR).problem
    assert list(of_model(PAIR.llm)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\x00", '"text"', "5"])
def test_a_damaged_file_is_not_in_force_and_told(text: str) -> None:
    save(PAIR, FOUND, "2026-11-29", {}).write_text(text)

    assert in_force(PAIR).thresholds == READER_ALONE
    assert in_force(PAIR).text.startswith("not calibrated (its calibration file is damaged")
    assert list(of_model(PAIR.llm)) == []


def test_it_is_said_once_that_nothing_is_in_force() -> None:
    said = [calibrations.first_time(PAIR, problem) for problem in ("", "", "damaged", "damaged")]

    assert said == [True, False, True, False]
