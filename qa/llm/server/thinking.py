"""Thinking: what a model thinks aloud is taken out of what it writes, as it comes. Pure."""

from collections.abc import Iterable, Iterator

from qa.llm.thinking import MARKS

_TAGS = tuple(MARKS.items())
_OPENING, _CLOSING = tuple(MARKS), tuple(MARKS.values())


class ThoughtsAmongWords(Exception):
    """Thoughts end that were never begun, so that what came before were thoughts, too."""


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """The words of a draft alone; what may still become a tag is held back until that is known.

    Raises:
        ThoughtsAmongWords: a tag ends what no tag began.
    """
    rest, awaited = "", ""
    for piece in pieces:
        rest += piece
        while rest:
            if awaited:
                _, ended, behind = rest.partition(awaited)
                if not ended:
                    rest = rest[len(rest) - _half(rest, (awaited,)) :]
                    break
                rest, awaited = behind, ""
            words, awaited, rest = _until_tag(rest)
            if words:
                yield words
            if not awaited:
                break
    if rest and not awaited:
        yield rest


def _until_tag(text: str) -> tuple[str, str, str]:
    """The words before a tag that opens, the one that will close it, and what is behind."""
    if any(tag in text for tag in _CLOSING) and not any(tag in text for tag in _OPENING):
        raise ThoughtsAmongWords
    places = [(text.find(opens), opens, closes) for opens, closes in _TAGS if opens in text]
    if places:
        place, opens, closes = min(places)
        return text[:place], closes, text[place + len(opens) :]
    end = len(text) - _half(text, _OPENING + _CLOSING)
    return text[:end], "", text[end:]


def _half(text: str, tags: Iterable[str]) -> int:
    """How many letters at the end of a text may be the beginning of a tag."""
    sizes = (n for tag in tags for n in range(1, len(tag)) if text.endswith(tag[:n]))
    return max(sizes, default=0)
