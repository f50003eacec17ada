import pytest

from index.embedding.tokenizer import Tokens
from qa.extraction import pairs
from qa.extraction.pairs import Window


def tokens(count: int) -> Tokens:
    return Tokens(list(range(100, 100 + count)), [(i, i + 1) for i in range(count)])


def test_a_short_passage_is_one_window() -> None:
    (window,) = pairs.windows(pairs.head([7, 8]), tokens(2))

    assert window == Window([0, 7, 8, 2, 2, 100, 101, 2], 5, [(0, 1), (1, 2)])


def test_an_answer_stands_between_question_and_passage() -> None:
    (window,) = pairs.windows(pairs.head([7], [9]), tokens(1))

    assert window == Window([0, 7, 2, 2, 9, 2, 2, 100, 2], 7, [(0, 1)])


@pytest.mark.parametrize("limit", [12, 60, 288])
def test_windows_hold_every_token_and_overlap(limit: int) -> None:
    made = list(pairs.windows(pairs.head([7, 8]), tokens(900), limit))
    starts = [window.offsets[0][0] for window in made]
    ends = [window.offsets[-1][1] for window in made]

    assert (starts[0], ends[-1]) == (0, 900)
    assert all(len(window.ids) <= limit for window in made)
    assert all(start < end for start, end in zip(starts[1:], ends[:-1], strict=True))
    assert all(window.ids[window.first] == 100 + window.offsets[0][0] for window in made)


def test_of_a_long_question_only_the_beginning_is_read() -> None:
    assert len(pairs.head(list(range(500)), list(range(500)))) == 64 + 96 + 5


def test_an_empty_passage_is_one_empty_window() -> None:
    assert list(pairs.windows(pairs.head([7]), tokens(0))) == [Window([0, 7, 2, 2, 2], 4, [])]


def test_a_question_that_leaves_no_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="leave no room in 8"):
        list(pairs.windows(pairs.head([7, 8, 9]), tokens(5), 8))
