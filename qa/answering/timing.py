"""Timing: the seconds and tokens of one question."""

import time
from dataclasses import replace

from qa.answer import Timings
from qa.llm.model import Draft, Leaning


class Stopwatch:
    """Seconds and tokens of one question."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._timings = Timings()

    @property
    def timings(self) -> Timings:
        """The timings until now."""
        return replace(self._timings, total_s=self._now())

    def retrieved(self) -> None:
        """The passages are found."""
        self._timings = replace(self._timings, retrieve_s=self._now())

    def wrote(self, text: str) -> None:
        """Note when the first text of the draft is visible, which is what people wait for."""
        if text and not self._timings.first_token_s:
            self._timings = replace(self._timings, first_token_s=self._now())

    def read(self, result: Draft | Leaning) -> None:
        """Count the tokens of a prompt."""
        t = self._timings
        self._timings = replace(
            t,
            prompt_tokens=t.prompt_tokens + result.prompt_tokens,
            cached_tokens=t.cached_tokens + result.cached_tokens,
        )

    def finished(self, draft: Draft) -> None:
        """Count the tokens of a draft."""
        tokens = self._timings.answer_tokens + draft.answer_tokens
        self._timings = replace(self._timings, answer_tokens=tokens)

    def _now(self) -> float:
        return round(time.perf_counter() - self._start, 4)
