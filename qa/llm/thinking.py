"""Thinking: what a model writes for itself between marks, kept out of what is shown and judged.

A model is told not to think (`template_worker.py`). Where it begins to all the same, its thought is
closed for it, and hidden with its marks. Pure.
"""

from dataclasses import dataclass

# How the thoughts of public models begin, and how they end.
MARKS = {
    "<think>": "</think>",  # Qwen, DeepSeek, SmolLM, GLM, Nemotron, LFM
    "<thinking>": "</thinking>",
    "[THINK]": "[/THINK]",  # Mistral
    "<|channel>thought": "<channel|>",  # Gemma 4
    "<seed:think>": "</seed:think>",
    "<|START_THINKING|>": "<|END_THINKING|>",  # Command
    "<|channel|>analysis": "<|channel|>final<|message|>",  # gpt-oss
}
_ENDS = tuple(MARKS.values())
_LONGEST = max(map(len, (*MARKS, *_ENDS)))


def closed(closing: str) -> str:
    """The text that ends a thought, as in the empty thoughts that templates write."""
    return f"\n{closing}\n\n"


def unclosed(text: str) -> str:
    """What closes the thought that a text leaves open at its end; empty where it leaves none."""
    last = max(MARKS, key=text.rfind)
    begun, closing = text.rfind(last), MARKS[last]
    return closing if begun >= 0 and text.rfind(closing) < begun else ""


@dataclass(slots=True)
class Hiding:
    """Takes a text piece by piece, and gives what of it is no thought.

    What may be the beginning of a mark is held back until it is known.
    """

    closing: str = ""
    """What ends the thought that is open; empty outside of one."""
    _rest: str = ""
    _blank: bool = False  # white space that comes next belongs to the thought before it

    def feed(self, piece: str) -> str:
        """What can be shown, by this piece of text."""
        self._rest += piece
        shown = ""
        while True:
            before, mark = self._next_mark()
            shown += self._visible(before)
            if not mark:
                return shown
            self._blank = True
            self.closing = MARKS.get(mark, "")

    def end(self) -> str:
        """What was held back and turned out to be no mark; the text has ended."""
        rest, self._rest = self._rest, ""
        return self._visible(rest)

    def _next_mark(self) -> tuple[str, str]:
        """The text before the next mark, and that mark; both are taken out of the rest."""
        marks = (self.closing,) if self.closing else (*MARKS, *_ENDS)
        found = [(at, mark) for mark in marks if (at := self._rest.find(mark)) >= 0]
        if found:
            at, mark = min(found)
            before, self._rest = self._rest[:at], self._rest[at + len(mark) :]
            return before, mark
        keep = _begun(self._rest, marks)
        cut = len(self._rest) - keep
        before, self._rest = self._rest[:cut], self._rest[cut:]
        return before, ""

    def _visible(self, text: str) -> str:
        if self.closing:
            return ""
        if self._blank:
            text = text.lstrip()
            self._blank = not text
        return text


def _begun(text: str, marks: tuple[str, ...]) -> int:
    """How many letters at the end of a text may be the beginning of a mark."""
    most = min(len(text), _LONGEST - 1)
    return next((n for n in range(most, 0, -1) if any(m.startswith(text[-n:]) for m in marks)), 0)
