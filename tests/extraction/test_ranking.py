import math

import pytest

from qa.extraction.ranking import best_first, log_odds
from qa.extraction.reader import Reading


def read(*probabilities: float) -> list[Reading]:
    return [Reading(0, 1, 0.0, probability) for probability in probabilities]


def test_passages_that_the_search_ranks_alike_go_by_what_the_reader_says() -> None:
    assert best_first(read(0.2, 0.9, 0.5), [0.8, 0.8, 0.8]) == [1, 2, 0]


def test_of_passages_that_answer_nearly_alike_the_one_found_first_is_first() -> None:
    assert best_first(read(0.80, 0.81), [0.9, 0.8]) == [0, 1]
    assert best_first(read(0.05, 0.95), [0.9, 0.8]) == [1, 0]


def test_certainty_is_no_error() -> None:
    assert best_first(read(0.0, 1.0), [0.9, 0.1]) == [1, 0]
    assert best_first([], []) == []
    assert log_odds(0.5) == 0
    assert log_odds(0.9) == pytest.approx(math.log(9))
