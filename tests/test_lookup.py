"""Guesses how a text goes on."""

from collections.abc import Sequence

import pytest

from qa.lookup import Lookup

AGAIN = [7, 1, 2, 3, 4, 5, 8, 1, 2, 3]


@pytest.mark.parametrize(
    ("tokens", "guess"),
    [
        pytest.param(AGAIN, [4, 5, 8, 1, 2, 3], id="as before"),
        pytest.param([1, 2, 3, 4, 9, 1, 2, 3, 5, 9, 1, 2, 3], [5, 9, 1, 2, 3], id="the last time"),
        pytest.param([6, 6, 6, 6], [6], id="of itself"),
        pytest.param([1, 2, 3, *range(10, 40), 1, 2, 3], list(range(10, 25)), id="no more than 15"),
        pytest.param([0, 2, 3, 4, 1, 2, 3], [], id="too little the same"),
        pytest.param([1, 2, 3], [], id="never before"),
        pytest.param([1], [], id="too short"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_a_text_is_guessed_to_go_on(tokens: list[int], guess: list[int]) -> None:
    assert Lookup().guess(tokens) == guess


@pytest.mark.parametrize(
    ("rights", "matched"),
    [((), 3), ((4,), 3), ((0,), 5), ((3, 3), 7), ((0,) * 9, 9), ((0, 0, 4), 3)],
)
def test_after_poor_guesses_more_must_be_the_same(rights: Sequence[int], matched: int) -> None:
    lookup = Lookup()
    for right in rights:
        lookup.learn(right)

    stood = list(range(100, 100 + matched))
    assert lookup.guess([*stood, 1, 2, *stood]) == [1, 2, *stood]
    assert lookup.guess([*stood[1:], 1, 2, *stood[1:]]) == []
