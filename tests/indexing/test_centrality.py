"""Which sentences say most, by their vectors."""

import itertools

import numpy as np
import pytest

from index.centrality import central, even, growing

ONE, OTHER = np.eye(2, dtype=np.float32)


@pytest.mark.parametrize(
    ("count", "parts", "lengths"),
    [
        (9, 5, [1, 1, 1, 3, 3]),
        (126, 5, [5, 15, 25, 36, 45]),
        (3, 5, [1, 1, 1]),
        (4, 1, [4]),
        (0, 5, []),
    ],
)
def test_parts_grow_to_the_end_and_hold_every_position(
    count: int, parts: int, lengths: list[int]
) -> None:
    made = growing(count, parts)

    assert [len(part) for part in made] == lengths
    assert [i for part in made for i in part] == list(range(count))


@pytest.mark.parametrize("count", range(1, 40))
def test_no_part_is_empty_and_none_shrinks_by_more_than_rounding(count: int) -> None:
    for parts in range(1, 13):
        lengths = [len(part) for part in growing(count, parts)]
        assert len(lengths) == min(count, parts)
        assert all(after >= before - 1 > -1 for before, after in itertools.pairwise(lengths))


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
