"""Terminal: shows answers, passages and progress to people, and JSON to scripts."""

import itertools
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol, TextIO, TypeVar

import click

from index.errors import UserError
from index.languages import ENGLISH_NAMES, detect
from qa import sizes

if TYPE_CHECKING:
    from index.search import Passage, Place
    from index.storage.near_duplicates import Copy
    from qa.answer import Answer
    from qa.llm.cache.ledger import Tally

_SAVE, _RESTORE = "\x1b7", "\x1b8\x1b[J"  # DEC save and restore cursor; erase what follows
_QUOTE_LENGTH = 400  # code points of a passage that are shown
_PLACES_LISTED = 5  # other places of one passage
COPIES_LISTED = 20  # near-copies named one by one: as many as a screen has room for

# An article must not move the cursor or repaint the screen: control characters are made visible.
# So are the marks that turn the direction of writing for all that follows (UAX #9).
_CONTROLS = {
    c: "\ufffd"
    for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(c) not in "\n\t"
}


class Growing(Protocol):
    """What is shown of an answer while it grows; see `qa.answer.Answer`."""

    @property
    def text(self) -> str:
        """The sentences that are proven."""

    @property
    def draft(self) -> str:
        """The sentence that is being written or checked."""

    @property
    def standing(self) -> str | None:
        """What a question that leans on earlier turns was taken for."""


G = TypeVar("G", bound=Growing)


def stream(answers: Iterator[G], out: TextIO) -> G:
    """Print an answer as it grows and return it whole; `answers` yields at least one.

    A question that was rewritten from earlier turns is shown before its answer.
    On a terminal the sentence being written is shown too, and wiped if it turns out unproven;
    elsewhere only proven sentences are written.
    """
    live = out.isatty()
    first = next(answers)
    if first.standing:
        out.write(f"(understood as: {' '.join(safe(first.standing).split())})\n\n")
    if live:
        out.write(_SAVE)
    end = f"{_RESTORE}\n" if live else "\n"
    try:
        answer = _grow(itertools.chain([first], answers), out, live)
    except UserError:
        out.write(end)  # what is said of it begins a line, and a draft is no part of the answer
        raise
    out.write(end)
    return answer


def _grow(answers: Iterator[G], out: TextIO, live: bool) -> G:
    printed = ""
    for answer in answers:
        fresh = safe(answer.text.removeprefix(printed))
        if fresh or live:
            out.write(_RESTORE if live else "")
            out.write(fresh)
            printed = answer.text
        if live:
            draft = (" " if printed and answer.draft else "") + safe(answer.draft)
            out.write(_room(draft) + _SAVE + draft)
        out.flush()
    return answer


def _room(draft: str) -> str:
    """Scroll until a draft fits below the cursor: a saved place does not scroll with the text."""
    columns, lines = shutil.get_terminal_size()
    rows = min(len(draft) * 2 // columns + 1, lines - 1)  # a letter takes two columns at most
    return "\x1bD" * rows + f"\x1b[{rows}A"


def sources(answer: "Answer") -> str:
    """Where an answer stands in the articles; or, for a refusal, the nearest passages."""
    if answer.answered:
        return "\n".join(
            f"\n[{c.marker}] {safe(c.article)} {c.start}-{c.end} "
            f"({language_of(c.quote)}, {c.support}, {c.score:.2f})\n    {safe(c.quote)}"
            for c in answer.citations
        )
    if not answer.nearest:
        return ""
    lines = [
        f"\n  - {safe(n.article)} {n.start}-{n.end} ({language_of(n.quote)}, {n.score:.2f})\n"
        f"    {_short(n.quote)}"
        for n in answer.nearest
    ]
    return "\n".join(["\nNearest passages:", *lines])


def answer_json(answer: "Answer", models: dict[str, str]) -> str:
    """An answer as scripts read it: one line, keys and order as documented.

    `standing` is the last key, there only when the question was rewritten from earlier turns.
    """
    understood = {"standing": answer.standing} if answer.standing else {}
    return _line(
        {
            "question": answer.question,
            "language": answer.language,
            "answer": answer.text,
            "answered": answer.answered,
            "citations": [asdict(citation) for citation in answer.citations],
            "nearest": [asdict(passage) for passage in answer.nearest],
            "timings": asdict(answer.timings),
            "models": models,
            **understood,
        }
    )


def passages_text(passages: "Sequence[Passage]") -> str:
    """Passages for people, best first."""
    return "\n\n".join(
        f"{i}. {safe(p.article)} {p.start}-{p.end} ({language_of(p.text)}, {p.score:.2f})"
        + _also("also", p.elsewhere, "")
        + _also("also in", p.copies, ", nearly the same")
        + f"\n   {_short(p.text)}"
        for i, p in enumerate(passages, 1)
    )


def _also(what: str, places: "Sequence[Place]", how: str) -> str:
    some = places[:_PLACES_LISTED]
    lines = [f"{what} {safe(p.article)} {p.start}-{p.end}{how}" for p in some]
    if len(places) > len(some):
        lines.append(f"{what} {len(places) - len(some)} more places{how}")
    return "".join(f"\n   {line}" for line in lines)


def copies_text(count: int, copies: "Sequence[Copy]") -> list[str]:
    """Lines that name the first of `count` near-copies, each with what it repeats."""
    some = copies[:COPIES_LISTED]
    lines = [
        f"near-copies: {safe(copy.article)} ≈ {safe(copy.original)} ({copy.similarity:.2f})"
        for copy in some
    ]
    return [*lines, f"near-copies: and {count - len(some)} more"] if count > len(some) else lines


def kept_text(tally: "Tally") -> str:
    """How many passages are kept as the model read them, and how often that was of use."""
    some = "1 text" if tally.states == 1 else f"{tally.states} texts"
    kept = f"{some} as the model read them, {sizes.text(tally.size)}"
    if tally.budget:
        kept += f" of {sizes.text(tally.budget)}"
    if needed := tally.hits + tally.misses:
        kept += f"; {tally.hits} of {needed} times one was there ({tally.hits / needed:.0%})"
    return kept


def passages_json(question: str, passages: "Sequence[Passage]", seconds: float) -> str:
    """Passages as scripts read them: one line."""
    found = [
        {"article": p.article, "start": p.start, "end": p.end, "quote": p.text, "score": p.score}
        for p in passages
    ]
    timings = {"retrieve_s": round(seconds, 4)}
    return _line({"question": question, "passages": found, "timings": timings})


def language_of(text: str) -> str:
    """What a text's language is called in English."""
    return ENGLISH_NAMES[detect(text)]


class Progress:
    """How far a long job is: a bar on a terminal, a plain line now and then elsewhere."""

    _PAUSE = 5.0  # seconds between two plain lines

    def __init__(self, unit: str, out: TextIO) -> None:
        """`unit` is what is counted."""
        self._unit, self._out = unit, out
        self._bar: Any = None
        self._said = time.monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` are done and `what` is next."""
        if self._out.isatty():
            self._draw(done, total, what)
        elif time.monotonic() - self._said >= self._PAUSE:
            self._said = time.monotonic()
            click.echo(f"{done} of {total} {self._unit}s: {safe(what)}", file=self._out)

    def close(self) -> None:
        """Leave the terminal clean."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit=self._unit, leave=False, file=self._out)
        self._bar.set_postfix_str(safe(what[-40:]), refresh=False)
        self._bar.total = total
        self._bar.update(done - self._bar.n)


def _line(value: dict[str, Any]) -> str:
    # A lone surrogate cannot be UTF-8; it can only come from a command line that was not.
    text = json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()


def safe(text: str) -> str:
    """A text that can do nothing to the terminal but be read; what is no Unicode is escaped."""
    return text.translate(_CONTROLS).encode(errors="backslashreplace").decode()


def _short(text: str) -> str:
    flat = " ".join(safe(text).split())
    return flat if len(flat) <= _QUOTE_LENGTH else flat[: _QUOTE_LENGTH - 1] + "…"
