"""A state that llama.cpp took, and cannot go on from, costs a second reading and no error."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa.llm import loading
from qa.llm.cache.files import DiskCache
from qa.llm.cache.memory import PrefixCache
from qa.llm.chat_template import PromptTokens
from qa.llm.context import Decoded, DecodeFailed
from qa.llm.session import Session

PREFIX, PROMPT = [1, 2, 3], PromptTokens([1, 2, 3, 4, 5], 3)
GOOD, BAD = bytearray(b"good"), bytearray(b"bad")


class PickyContext:
    """Takes any state, and gives up decoding behind one that is not `GOOD`."""

    def __init__(self, fails: bool = False) -> None:
        self._fails = fails
        self.clear()

    def clear(self) -> None:
        self._held: list[int] = []
        self._spoilt = self._fails

    def common(self, tokens: Sequence[int]) -> int:
        return len(self._held)

    def set_abort_callback(self, callback: object, address: int | None) -> None:
        pass

    def load_state(self, tokens: Sequence[int], state: bytearray) -> bool:
        self._held, self._spoilt = list(tokens), self._spoilt or state != GOOD
        return True

    def state(self, tokens: Sequence[int]) -> bytearray:
        return bytearray(GOOD)

    def decode(self, prompts: Sequence[list[int]]) -> list[Decoded]:
        if self._spoilt:
            raise DecodeFailed("llama_decode returned -1")
        fresh = [len(prompt) - len(self._held) for prompt in prompts]
        self._held = list(prompts[-1])
        return [Decoded(np.zeros(1, dtype=np.float32), count) for count in fresh]


def session(monkeypatch: pytest.MonkeyPatch, cache: PrefixCache, *, fails: bool = False) -> Session:
    monkeypatch.setattr(
        loading, "open_context", lambda llama, size, free_cores, whole: PickyContext(fails)
    )
    monkeypatch.setattr(loading, "can_branch", lambda llama: True)
    llama: Any = None
    return Session(llama, cache)


def test_a_bad_state_is_removed_and_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = DiskCache(tmp_path / "states", 10_000)
    PrefixCache(0, files).put(PREFIX, BAD)

    cached, _ = session(monkeypatch, PrefixCache(1000, files)).read(PROMPT)
    assert cached == 0
    assert PrefixCache(0, files).get(PREFIX) == GOOD
    assert session(monkeypatch, PrefixCache(1000, files)).read(PROMPT)[0] == len(PREFIX)


def test_what_fails_without_a_state_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = session(monkeypatch, PrefixCache(1000), fails=True)

    with pytest.raises(DecodeFailed):
        failing.read(PROMPT)
