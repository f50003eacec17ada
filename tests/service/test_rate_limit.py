"""So many times a minute for each caller, over any sixty seconds."""

import pytest

from qa.rate_limit import RateLimit


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_each_caller_has_a_limit_of_their_own() -> None:
    limit = RateLimit(2)

    assert [limit.hit(who) for who in "aaaba"] == [True, True, False, True, False]


def test_wait_ends_when_the_oldest_hit_is_a_minute_old(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    assert limit.hit("a")
    assert not limit.hit("a")
    assert limit.wait("a") == 60

    clock.now += 59.5
    assert not limit.hit("a")
    assert limit.wait("a") == 1
    clock.now += 1
    assert limit.hit("a")


def test_asking_counts_nothing(clock: Clock) -> None:
    limit = RateLimit(2, clock)
    limit.hit("a")

    assert [(limit.allows(who), limit.amount(who)) for who in "aabb"] == [
        *[(True, 1)] * 2,
        *[(True, 0)] * 2,
    ]
    assert limit.wait("b") == 1
    clock.now += 60
    assert limit.amount("a") == 0


def test_callers_of_long_ago_take_no_memory(clock: Clock) -> None:
    limit = RateLimit(1, clock)
    for n in range(100):
        limit.hit(str(n))
    clock.now += 61
    limit.hit("late")

    assert list(limit._hits) == ["late"]
