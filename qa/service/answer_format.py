"""Answer format: answers and passages as JSON for programs and as text for people. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.scope import EVERYTHING, Scope
from index.text.characters import REPLACEMENT, as_unicode, without_controls
from index.text.languages import ENGLISH_NAMES, detect

if TYPE_CHECKING:
    from index.passage import Page, Passage, Span
    from qa.answer import Answer, Citation, Nearest
    from qa.extraction.reader import Reading

_QUOTE_LENGTH = 400  # code points of a passage that are shown
_PLACES_LISTED = 5  # other places of one passage


def answer_fields(answer: "Answer", models: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The object of `ask --json`: keys and order as documented.

    `models` is there only when given, and `verdict` where the articles tell whether something is
    so. `standing` and `scope` are the last keys: the one is there only when the question was
    rewritten from earlier turns, the other when not all articles were searched.
    """
    return {
        "question": answer.question,
        "language": answer.language,
        "answer": answer.text,
        "answered": answer.answered,
        "citations": [_place_fields(citation) for citation in answer.citations],
        "nearest": [_place_fields(passage) for passage in answer.nearest],
        "timings": asdict(answer.timings),
        **({} if models is None else {"models": dict(models)}),
        **({"verdict": answer.verdict} if answer.verdict else {}),
        **({"standing": answer.standing} if answer.standing else {}),
        **({} if answer.scope.is_all else {"scope": answer.scope.fields}),
    }


def _place_fields(place: "Citation | Nearest") -> dict[str, Any]:
    """A citation or passage, without `said`, which only the page needs."""
    apart = "said", "page", "address"
    fields = {key: value for key, value in asdict(place).items() if key not in apart}
    return fields | page_fields(place.page) | address_fields(place.address)


def address_fields(address: str) -> dict[str, str]:
    """`"address": "https://…"` of a web page that was fetched."""
    return {"address": address} if address else {}


def page_fields(page: "Page | None") -> dict[str, Any]:
    """`"page": 3`, `"slide": 3` or `"sheet": "Catch"`, and `ocr` where it read the words."""
    if page is None:
        return {}
    name = int(page.name) if page.kind != "sheet" and page.name.isdecimal() else page.name
    return {page.kind: name, **({} if page.ocr is None else {"ocr": round(page.ocr, 2)})}


def page_text(page: "Page | None") -> str:
    """What follows an article's name for people: `, p. 3`, `, slide 3`, `, sheet Catch`, or ""."""
    if page is None:
        return ""
    said = {"page": "p.", "slide": "slide", "sheet": "sheet"}[page.kind]
    read = "" if page.ocr is None else f", read by OCR ({page.ocr:.0%} sure)"
    return f", {said} {safe(page.name)}{read}"


def answer_json(answer: "Answer", models: Mapping[str, str]) -> str:
    """The line of `ask --json`."""
    return json_text(answer_fields(answer, models))


def reading_json(
    question: str, passage: str, found: "Reading", answer: str | None, right: float | None
) -> str:
    """The line of `read --json`; `answer` and `right` are there only when an answer was given."""
    fields = {
        "question": question,
        "start": found.start,
        "end": found.end,
        "text": passage[found.start : found.end],
        "score": round(found.score, 4),
        "probability": round(found.probability, 4),
    }
    if answer is not None and right is not None:
        fields |= {"answer": answer, "right": round(right, 4)}
    return json_text(fields)


def reading_text(
    question: str, passage: str, found: "Reading", answer: str | None, right: float | None
) -> str:
    """What `read` shows: the span, where it stands, and how likely the passage tells at all."""
    lines = [
        f"“{safe(passage[found.start : found.end])}”",
        f"characters {found.start:,} to {found.end:,} of {len(passage):,}, score {found.score:.1f}",
        f"The passage answers the question: {found.probability:.0%}",
    ]
    if answer is not None and right is not None:
        lines.append(f"“{safe(answer)}” is right by the passage: {right:.0%}")
    return "\n".join(lines)


def passages_fields(
    question: str, passages: "Sequence[Passage]", seconds: float, scope: Scope = EVERYTHING
) -> dict[str, Any]:
    """The object of `search --json`.

    `seconds` is how long the search took; `scope` is the last key, there only when not all articles
    were searched.
    """
    found = [
        {
            **{"article": p.article, "start": p.start, "end": p.end, "quote": p.text},
            **{"score": p.score, **page_fields(p.page), **address_fields(p.address)},
        }
        for p in passages
    ]
    timings = {"retrieve_s": round(seconds, 4)}
    searched = {} if scope.is_all else {"scope": scope.fields}
    return {"question": question, "passages": found, "timings": timings, **searched}


def passages_json(
    question: str, passages: "Sequence[Passage]", seconds: float, scope: Scope = EVERYTHING
) -> str:
    """The line of `search --json`."""
    return json_text(passages_fields(question, passages, seconds, scope))


def json_text(value: Mapping[str, Any], indent: int | None = None) -> str:
    """JSON in the letters of its texts, on one line unless indented."""
    # A lone surrogate cannot be UTF-8; it can only come from a command line that was not.
    return as_unicode(json.dumps(value, ensure_ascii=False, indent=indent))


def sources_text(answer: "Answer") -> str:
    """The citations of an answer for people; of a refusal, the nearest passages."""
    if answer.answered:
        return "\n".join(map(_source_text, answer.citations))
    if not answer.nearest:
        return ""
    lines = [
        f"\n  - {safe(n.article)}{page_text(n.page)} {n.start}-{n.end} "
        f"({language_of(n.quote)}, {n.score:.2f})\n"
        f"{_address_line(n.address, 4)}"
        f"    {_short(n.quote)}"
        for n in answer.nearest
    ]
    return "\n".join(["\nNearest passages:", *lines])


def _source_text(cited: "Citation") -> str:
    if cited.support == "metadata":
        address = _address_line(cited.address, 4).rstrip("\n")
        return f"\n[{cited.marker}] {safe(cited.article)} (metadata)" + (address and f"\n{address}")
    return (
        f"\n[{cited.marker}] {safe(cited.article)}{page_text(cited.page)} "
        f"{cited.start}-{cited.end} "
        f"({language_of(cited.quote)}, {cited.support}, {cited.score:.2f})\n"
        f"{_address_line(cited.address, 4)}    {safe(cited.quote)}"
    )


def _address_line(address: str, indent: int) -> str:
    """A line of its own with the web address of an article that was fetched."""
    return f"{' ' * indent}{safe(address)}\n" if address else ""


def passages_text(passages: "Sequence[Passage]") -> str:
    """Passages for people, best first."""
    return "\n\n".join(
        f"{i}. {safe(p.article)}{page_text(p.page)} {p.start}-{p.end} "
        f"({ENGLISH_NAMES[p.language]}, {p.score:.2f})"
        + _places_text("also", p.elsewhere, "")
        + _places_text("also in", p.copies, ", nearly the same")
        + f"\n{_address_line(p.address, 3)}   {_short(p.text)}"
        for i, p in enumerate(passages, 1)
    )


def _places_text(what: str, places: "Sequence[Span]", how: str) -> str:
    listed = places[:_PLACES_LISTED]
    lines = [f"{what} {safe(p.article)} {p.start}-{p.end}{how}" for p in listed]
    if len(places) > len(listed):
        lines.append(f"{what} {len(places) - len(listed)} more places{how}")
    return "".join(f"\n   {line}" for line in lines)


def language_of(text: str) -> str:
    """The English name of a text's language."""
    return ENGLISH_NAMES[detect(text)]


def safe(text: str) -> str:
    """A text that a terminal only shows: control characters replaced, lone surrogates escaped."""
    return as_unicode(without_controls(text, REPLACEMENT), None)


def _short(text: str) -> str:
    flat = " ".join(safe(text).split())
    return flat if len(flat) <= _QUOTE_LENGTH else flat[: _QUOTE_LENGTH - 1] + "…"
