"""Reply: what is read of a server's JSON: text, tokens with probabilities, counts. Pure.

Every part is checked for its type, and taken as missing where it has another one: a server may send
anything.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LOWEST = -1e4  # logarithm of a probability: no float is so small, and sums of it stay numbers


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """A token that was written: its text, the logarithm of its probability, the likeliest others.

    `is_partial` is true where its text is a part of a letter that the server did not send.
    """

    text: str
    log_probability: float
    top: tuple[tuple[str, float], ...]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by the server's own count; None where it does not tell."""

    prompt: int | None = None
    cached: int | None = None
    answer: int | None = None


def choice(reply: Any) -> Mapping[str, Any]:
    """The first choice of a reply or an event; an empty one where there is none."""
    choices = reply.get("choices") if isinstance(reply, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def text(chosen: Mapping[str, Any]) -> str:
    """The words for the reader, of a whole reply or a piece of one."""
    return _string(_said(chosen), "content")


def thoughts(chosen: Mapping[str, Any]) -> str:
    """What the model thought aloud, where the server keeps it apart."""
    said = _said(chosen)
    return _string(said, "reasoning_content") or _string(said, "reasoning")


def tokens(chosen: Mapping[str, Any]) -> Iterator[TokenChoice]:
    """The tokens that were written, where the server gives their probabilities."""
    told = chosen.get("logprobs")
    content = told.get("content") if isinstance(told, dict) else None
    for one in content if isinstance(content, list) else ():
        found = _pair(one)
        if found is None:
            continue
        others = one.get("top_logprobs")
        top = tuple(filter(None, map(_pair, others if isinstance(others, list) else ())))
        words, probability = found
        is_partial = one.get("bytes") is None and (not words or "\ufffd" in words)
        yield TokenChoice(words, probability, top, is_partial)


def usage(reply: Any) -> Usage:
    """The counts of a reply."""
    said = reply.get("usage") if isinstance(reply, dict) else None
    if not isinstance(said, dict):
        return Usage()
    details = said.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(
        _count(said.get("prompt_tokens")), _count(cached), _count(said.get("completion_tokens"))
    )


def _said(chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    said = chosen.get("delta") or chosen.get("message")
    return said if isinstance(said, dict) else {}


def _string(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _pair(one: Any) -> tuple[str, float] | None:
    """A token and the logarithm of its probability."""
    if not isinstance(one, dict):
        return None
    words, value = one.get("token"), one.get("logprob")
    if not isinstance(words, str) or not isinstance(value, int | float):
        return None
    # Nothing is larger than what is no number (NaN).
    if isinstance(value, bool) or not value < math.inf:
        return None
    return words, float(max(_LOWEST, min(0.0, value)))


def _count(value: Any) -> int | None:
    """A count; 0 is none: older servers do not count what they had in their cache."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_count else None
