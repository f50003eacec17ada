"""LanguageModel: what asking needs of a language model, and what that returns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from qa.cancellation import StopFlag

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat as the model reads it.

    Of the last message of a prompt, the first `prefix` code points begin other prompts too: their
    KV state is cached.
    """

    role: Role
    content: str
    prefix: int = 0


class Draft(Protocol):
    """Text as it is decoded. Iterate over it once; the counts are whole when it ends.

    `cached_tokens` are those of the prompt's tokens whose KV state was there already. `confidence`
    is the mean natural logarithm of the probabilities of the tokens so far; 0 is certain.
    """

    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    confidence: float

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of the text, each one or more whole code points."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """Log-odds: the natural logarithm of how much likelier one answer is than another, as Yes.

    It is no number (NaN) of a model that gives no probabilities. Counts as in `Draft`.
    """

    log_odds: float
    prompt_tokens: int = 0
    cached_tokens: int = 0


def spellings(word: str) -> tuple[str, ...]:
    """The ways a model may begin its answer with a word."""
    return word, word.capitalize(), word.upper(), f" {word.capitalize()}"


class LanguageModel(Protocol):
    """What asking needs of a language model; tests use a scripted one."""

    @property
    def name(self) -> str:
        """The name that people know it by."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights file, in hexadecimal; for a server an id of that form."""

    @property
    def gives_probabilities(self) -> bool:
        """Whether it can be asked how far it leans, and so be calibrated: not some on servers."""

    def count(self, text: str) -> int:
        """How many tokens a text has."""

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """Begin to decode what most likely follows the messages, `max_tokens` at most."""

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        """The log-odds of Yes against No as the answer, without writing it.

        May be called while a draft is iterated over.
        """

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        """The log-odds of this word against any other as the first one, without writing it.

        May be called while a draft is iterated over.
        """

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Run several prompts in one batch, so that later calls find them in the KV cache.

        That is quicker than one by one. The tokens of each are counted by the first of those calls.
        """

    def fork(self) -> "LanguageModel":
        """A second session on the same weights with a KV cache of its own. One thread uses both.

        Each is cancelled by a flag of its own.
        """

    def stored(self, messages: Sequence[Message]) -> int:
        """The bytes that the KV state of the messages' prefix takes on disk; 0 if it is not there.

        It counts as used now.
        """

    def store(self, messages: Sequence[Message], room: int) -> int:
        """Prefill the messages' prefix and write its KV state to disk; the bytes it takes there.

        0 when it would take more than `room`, or nothing can be written.
        """

    def reset(self) -> None:
        """Drop the KV cache of this session, so that what follows depends on nothing before.

        The last digits of what a model computes differ by which tokens were cached. States of
        prefixes are used again all the same: each is computed alone, so it is always the same.
        """

    def cancel_when(self, flag: StopFlag) -> None:
        """Raise `Cancelled` within a fraction of a second once `flag` is set.

        That is so in the midst of a prompt, too. What comes next needs another flag.
        """
