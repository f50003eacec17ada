"""The job: models that lean always, at random, rightly; what is stopped, resumed and dropped."""

import json
import math

import pytest

from qa.calibration import calibrate, partial_file
from qa.calibration.choosing import MOST
from qa.calibration.questions import CalibrationQuestion
from qa.errors import NoProbabilities
from qa.verification import calibrations
from qa.verification.thresholds import DEFAULT_PAIR, READER_ALONE, Pair
from tests.support.calibration_models import LeaningModel, Leans, job, some_questions

RIGHT = ("told", "holds")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("ARTICLE_QA_CACHE", str(tmp_path_factory.mktemp("cache")))


def silent(done: int, total: int, what: str) -> None:
    """Nobody looks on."""


def always(question: CalibrationQuestion) -> float:
    return 6.0


def at_random(question: CalibrationQuestion) -> float:
    return int(question.id[:8], 16) % 1000 / 100 - 5


def rightly(question: CalibrationQuestion) -> float:
    return at_random(question) / 4 + (3.0 if question.kind in RIGHT else -3.0)


def wrongly(question: CalibrationQuestion) -> float:
    return -rightly(question)


@pytest.mark.parametrize("leans", [always, at_random, wrongly])
def test_a_model_whose_leanings_tell_nothing_is_not_asked(leans: Leans) -> None:
    one = job(leans)
    found, where = calibrate.calibrate(one, silent)

    assert found.thresholds == READER_ALONE
    assert calibrations.in_force(one.pair).thresholds == READER_ALONE
    assert calibrations.in_force(one.pair).source == "measured"
    assert where


def test_a_model_that_leans_rightly_is_asked_and_believed_where_few_are_wrong() -> None:
    one = job(rightly)
    found, _ = calibrate.calibrate(one, silent)
    in_force = calibrations.in_force(one.pair).thresholds

    assert (in_force, in_force.is_asked) == (found.thresholds, True)
    assert found.together is not None
    assert found.together.bound <= MOST
    assert in_force.holds is not None
    assert in_force.holds > 0


def test_what_was_measured_before_it_was_stopped_is_not_asked_again() -> None:
    whole, _ = calibrate.calibrate(job(rightly), silent)
    calibrate.forget(job(rightly).pair)

    def stopped(done: int, total: int, what: str) -> None:
        if done == 7:
            raise KeyboardInterrupt

    first, second = job(rightly), job(rightly)
    with pytest.raises(KeyboardInterrupt):
        calibrate.calibrate(first, stopped)
    begun = calibrate.partial_path(first.pair, first.questions)
    known = partial_file.read(begun)
    begun.write_text(begun.read_text() + '{"question": "cut')  # as a killed writer leaves it
    again, _ = calibrate.calibrate(second, silent)

    assert len(known) == 7
    assert again == whole
    assert not begun.exists()
    assert isinstance(second.model, LeaningModel)
    seen = [m[-1].content for m in second.model.asked]
    done = [q.question.text for q in second.questions.questions if q.id in known]
    assert [text for text in done if any(f" {text}\n" in content for content in seen)] == []


def test_measurements_of_another_set_or_version_are_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = job(rightly), job(rightly, some_questions(8))
    before = calibrate.partial_path(one.pair, one.questions)

    assert calibrate.partial_path(other.pair, other.questions) != before
    monkeypatch.setattr(calibrations, "version", lambda: "another")
    assert calibrate.partial_path(one.pair, one.questions) != before


def test_what_was_found_of_the_default_models_is_shown_and_not_kept() -> None:
    one = job(rightly)
    one.model.sha256 = DEFAULT_PAIR.llm  # type: ignore[misc]
    found, where = calibrate.calibrate(one, silent)

    assert (found.thresholds.is_asked, where) == (True, "")
    assert not calibrations.path(one.pair).exists()


def test_a_model_without_probabilities_is_refused_and_nothing_is_kept() -> None:
    one = job(lambda question: math.nan)

    with pytest.raises(NoProbabilities, match="scripted gives no probabilities"):
        calibrate.calibrate(one, silent)

    assert calibrations.in_force(one.pair).source == "none"


def test_forgetting_drops_the_thresholds_and_what_was_begun() -> None:
    one = job(rightly)
    calibrate.calibrate(one, silent)
    begun = calibrate.partial_path(one.pair, some_questions(8))
    begun.write_text("{}\n")

    assert calibrate.forget(one.pair)
    assert not calibrate.forget(one.pair)
    assert calibrations.in_force(one.pair).source == "none"
    assert not begun.exists()


def test_the_file_says_what_was_counted() -> None:
    one = job(rightly)
    found, where = calibrate.calibrate(one, silent)
    told = json.loads(calibrations.path(one.pair).read_text(encoding="utf-8"))

    assert where == str(calibrations.path(one.pair))
    assert told["pair"] == {"llm": "1" * 64, "embedder": DEFAULT_PAIR.embedder}
    assert told["measured"]["questions"] == len(one.questions.questions)
    assert told["measured"]["told"]["wrong"] == [
        found.together and found.together.untold,
        found.together and found.together.of_untold,
    ]


def test_each_model_and_embedder_has_a_file_of_its_own() -> None:
    paths = {calibrations.path(Pair(llm, embedder)) for llm in "ab" for embedder in "ab"}

    assert len(paths) == 4
