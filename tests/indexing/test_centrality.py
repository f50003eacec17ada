"""Which sentences say most, by their vectors."""

import numpy as np
import pytest

from index.centrality import central, even, growing

ONE, OTHER = np.eye(2, dtype=np.float32)


@pytest.mark.parametrize(
    ("count", "parts", "lengths"),
    [
        (9, 5, [1, 1, 1, 2, 4]),
        (126, 5, [1, 8, 23, 39, 55]),
        (3, 5, [1, 1, 1]),
        (4, 1, [1]),
        (0, 5, []),
        (5, 0, []),
    ],
)
def test_the_first_sentence_is_a_part_and_the_others_grow(
    count: int, parts: int, lengths: list[int]
) -> None:
    assert [len(part) for part in growing(count, parts)] == lengths


@pytest.mark.parametrize("count", range(1, 40))
def test_no_part_is_empty_and_all_but_one_hold_every_position(count: int) -> None:
    for parts in range(2, 13):
        made = growing(count, parts)
        assert len(made) == min(count, parts)
        assert all(len(part) for part in made)
        assert [i for part in made for i in part] == list(range(count))


def test_even_parts_are_no_more_than_there_are_positions() -> None:
    assert [list(part) for part in even(5, 2)] == [[0, 1, 2], [3, 4]]
    assert len(even(2, 5)) == 2
    assert even(0, 5) == even(5, 0) == []


def test_what_was_said_is_not_said_again() -> None:
    vectors = np.stack([ONE, ONE, OTHER, OTHER])

    assert central(vectors, [np.array([0]), np.array([1, 2])]) == [0, 2]


def test_of_two_alike_the_longer_is_chosen() -> None:
    vectors = np.stack([ONE, ONE, ONE])

    assert central(vectors, even(3, 1), [30, 90, 60]) == [1]


def test_only_the_best_are_asked_whether_they_may_be_said() -> None:
    vectors, asked = np.stack([ONE] * 6), list[int]()

    def may(i: int) -> bool:
        asked.append(i)
        return i not in (3, 4, 5)

    assert central(vectors, even(6, 2), [60, 50, 40, 60, 50, 40], may) == [0]
    assert asked == [0, 3, 4, 5]
