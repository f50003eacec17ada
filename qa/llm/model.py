"""Model: what asking needs of a language model, and what that gives back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from qa.cancellation import StopFlag

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat as the model reads it."""

    role: Role
    content: str
    kept: int = 0
    """Of the last message: so many code points of its beginning will be read again."""


class Draft(Protocol):
    """Text as it is being written. Iterate over it once; the counts are whole when it ends."""

    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    confidence: float
    """The mean natural logarithm of the probabilities of the tokens so far; 0 is certain."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of text, each one or more whole code points."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """Which way a model leans: the natural logarithm of how much likelier one answer is, as Yes.

    Counts as in `Draft`.
    """

    log_odds: float
    prompt_tokens: int = 0
    cached_tokens: int = 0


class LanguageModel(Protocol):
    """What asking needs of a language model; tests give a scripted one."""

    @property
    def name(self) -> str:
        """The name people know it by."""

    @property
    def sha256(self) -> str:
        """Of the weights file, in hexadecimal."""

    def count(self, text: str) -> int:
        """How many tokens a text costs."""

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """Begin to write what most likely follows the messages, `max_tokens` at most."""

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        """Whether the model would answer the messages with Yes or with No, without writing it.

        May be asked while a draft is written.
        """

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        """Whether the model would begin with this word or with any other, without writing it.

        As `yes_no`.
        """

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Read prompts in one go, which is quicker than one by one when they are asked about.

        Each is counted as read where it is asked about first.
        """

    def fork(self) -> "LanguageModel":
        """The same model once more, which reads and writes apart from this one.

        It heeds what it is told itself. One thread uses both.
        """

    def stored(self, messages: Sequence[Message]) -> int:
        """Bytes that the kept beginning of messages takes on disk; 0 when it is not there."""

    def store(self, messages: Sequence[Message], room: int) -> int:
        """Read the kept beginning of messages and put it on disk, for later; the bytes it takes.

        0 when it would take more than `room`, or nothing can be written.
        """

    def forget(self) -> None:
        """Go on from nothing that was read, so that what follows depends on nothing before.

        What a model computes differs in the last digits by where it went on from. Beginnings that
        are kept may be taken up again: they are always computed alone, so they are always the same.
        """

    def cancel_when(self, flag: StopFlag) -> None:
        """Raise `Cancelled` within a fraction of a second once `flag` is set.

        That is so in the midst of a prompt, too. What comes next needs another flag.
        """
