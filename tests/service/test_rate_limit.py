"""So many times a minute for each caller, over any sixty seconds."""

import time

import pytest

from qa.rate_limit import RateLimit


def test_each_caller_has_a_limit_of_their_own() -> None:
    limit = RateLimit(2)

    assert [limit.hit(who) for who in "aaaba"] == [True, True, False, True, False]


def test_wait_ends_when_the_oldest_hit_is_a_minute_old(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, now = RateLimit(1), time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert limit.hit("a")
    assert not limit.hit("a")
    assert limit.wait("a") == 60

    now += 59.5
    assert not limit.hit("a")
    assert limit.wait("a") == 1
    now += 1
    assert limit.hit("a")
