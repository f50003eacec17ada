"""Answer format: answers and passages as text for people and as JSON for scripts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.languages import ENGLISH_NAMES, detect

if TYPE_CHECKING:
    from index.passage import Passage, Span
    from qa.answer import Answer

_QUOTE_LENGTH = 400  # code points of a passage that are shown
_PLACES_LISTED = 5  # other places of one passage
# An article must not move the cursor or repaint the screen: control characters are made visible.
# So are the marks that turn the direction of writing for all that follows (UAX #9).
_CONTROLS = {
    c: "\ufffd"
    for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(c) not in "\n\t"
}


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
        f"{i}. {safe(p.article)} {p.start}-{p.end} ({ENGLISH_NAMES[p.language]}, {p.score:.2f})"
        + _also("also", p.elsewhere, "")
        + _also("also in", p.copies, ", nearly the same")
        + f"\n   {_short(p.text)}"
        for i, p in enumerate(passages, 1)
    )


def _also(what: str, places: "Sequence[Span]", how: str) -> str:
    some = places[:_PLACES_LISTED]
    lines = [f"{what} {safe(p.article)} {p.start}-{p.end}{how}" for p in some]
    if len(places) > len(some):
        lines.append(f"{what} {len(places) - len(some)} more places{how}")
    return "".join(f"\n   {line}" for line in lines)


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
