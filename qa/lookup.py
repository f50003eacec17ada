"""Lookup: tokens so far -> how they may go on, because they stood before. Pure.

Answers copy much of the passage, and to read several tokens in one go takes little longer than one:
what was guessed right need not be written token by token. Prompt lookup decoding (Saxena 2023), a
draft without a draft model for speculative decoding (Leviathan et al. 2023, arXiv:2211.17192).
tests/benchmarks/START.md says what it gains.
"""

from collections.abc import Sequence

_MATCHED = 3  # so many tokens must have stood before
_MORE = 2  # after a guess that did not pay, so many more
_MOST = 9  # and no more than this
# Tokens in a guess: with the one before them what llama.cpp reads as quickly as half of it (two
# cores: 1 token 36 ms, 8 tokens 146, 16 tokens 158).
_GUESSED = 15
_PAYS = 4  # tokens guessed right from which it was quicker than one by one


class Lookup:
    """Guesses for one text as it is written."""

    def __init__(self) -> None:
        self._matched = _MATCHED

    def guess(self, tokens: Sequence[int]) -> list[int]:
        """What came where the last tokens stood before, the last time; empty when they did not."""
        length = self._matched
        tail = list(tokens[-length:])
        for i in range(len(tokens) - length - 1, -1, -1):
            if tokens[i] == tail[0] and list(tokens[i : i + length]) == tail:
                return list(tokens[i + length : i + length + _GUESSED])
        return []

    def learn(self, right: int) -> None:
        """How many tokens of the last guess were right: after a poor one it takes more to guess."""
        self._matched = _MATCHED if right >= _PAYS else min(self._matched + _MORE, _MOST)
