"""What is kept of a model's work, in memory and on disk, and what goes when there is no room."""

from pathlib import Path

from qa.llm.cache.files import DiskCache
from qa.llm.cache.memory import PrefixCache


def state(letter: str, size: int = 10) -> bytearray:
    return bytearray(letter.encode() * size)


def test_a_state_is_found_by_exactly_its_tokens() -> None:
    states = PrefixCache(100)
    states.put([1, 2, 3], state("a"))

    assert states.get([1, 2, 3]) == state("a")
    assert [states.get(tokens) for tokens in ([1, 2], [1, 2, 3, 4], [3, 2, 1], [])] == [None] * 4
    assert ([1, 2, 3] in states, [1, 2] in states) == (True, False)


def test_the_least_recently_used_goes_first() -> None:
    states = PrefixCache(30)
    for token, letter in enumerate("abc"):
        states.put([token], state(letter))
    states.get([0])
    states.put([3], state("d"))

    assert [[token] in states for token in range(4)] == [True, False, True, True]


def test_one_large_state_may_take_the_place_of_many() -> None:
    states = PrefixCache(30)
    for token, letter in enumerate("abc"):
        states.put([token], state(letter))
    states.put([3], state("d", 25))

    assert [[token] in states for token in range(4)] == [False, False, False, True]


def test_a_state_over_the_budget_is_not_kept_and_nothing_goes_for_it() -> None:
    states = PrefixCache(30)
    states.put([0], state("a"))
    states.put([1], state("b", 31))

    assert [[0] in states, [1] in states] == [True, False]


def test_a_state_put_again_counts_once() -> None:
    states = PrefixCache(30)
    states.put([0], state("a"))
    for _ in range(5):
        states.put([1], state("b", 20))

    assert [[0] in states, [1] in states] == [True, True]


def test_what_went_from_memory_is_found_on_disk_and_comes_back(tmp_path: Path) -> None:
    files = DiskCache(tmp_path / "states", 10_000)
    states = PrefixCache(20, files)
    for token, letter in enumerate("abc"):
        states.put([token], state(letter))

    assert [states.get([token]) for token in range(3)] == [state(letter) for letter in "abc"]
    before = files.tally()
    assert states.get([2]) == state("c")  # from memory: nobody looks on the disk
    assert (before.hits, before.misses, files.tally()) == (3, 0, before)


def test_another_maker_has_other_states(tmp_path: Path) -> None:
    files = DiskCache(tmp_path / "states", 10_000)
    PrefixCache(100, files, b"one").put([1, 2], state("a"))

    assert PrefixCache(100, files, b"two").get([1, 2]) is None
    assert PrefixCache(100, files, b"one").get([1, 2]) == state("a")


def test_what_is_stored_ahead_takes_no_memory(tmp_path: Path) -> None:
    files = DiskCache(tmp_path / "states", 10_000)
    states = PrefixCache(20, files)
    states.put([0], state("a"))
    sizes = [states.stored([1]), states.store([1], state("b")), states.stored([1])]

    assert sizes[0] == 0 < sizes[1] == sizes[2]
    assert (list(states._states), states.get([1])) == ([b"\0\0\0\0"], state("b"))


def test_without_a_disk_nothing_is_stored_ahead() -> None:
    states = PrefixCache(100)

    assert (states.store([1], state("a")), states.stored([1]), states.get([1])) == (0, 0, None)
