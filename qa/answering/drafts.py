"""Drafts: the model's words -> sentences that state something, and cited sentences. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import regex

from index.text.sentences import sentences
from qa.answer import Answer, Citation
from qa.text.marks import clean, plain, without_half_mark, without_marks
from qa.verification.quotation import quoted_words
from qa.verification.support import Verdict

# A link or tag whose end is still to come, or never does; `[text]` may go on as a link. What was
# taken is not given back, so that a text of brackets costs no more than any other.
_OPEN_TAG = r"<!.*+|</?+(?:[a-z][a-z0-9-]*+(?:[\s/:][^<>]*+)?+)?+"
_OPEN_LINK = r"(?:!?\[)++(?:[^\[\]<]|<(?![a-z/!])){0,200}+(?:\]\([^)]{0,2000}+)?+"
_HALF_LINKS = regex.compile(rf"(?>(?:{_OPEN_LINK}|{_OPEN_TAG})\s*+)++", regex.I | regex.S)
_BRACKETED = regex.compile(r"(?<!\[!?)(?:!?\[)++[^\[\]]{0,200}+\]\Z")
_BULLET = regex.compile(r"^[ \t]*[•*–-][ \t]+", regex.MULTILINE)
_LIST_NUMBER = regex.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+", regex.MULTILINE)
# "1. Energy is first. 2. Games follow."
_NEXT_NUMBER = regex.compile(r"(?<=[.!?।。！？][\"”’)]?\s*)(\d{1,2})[.)]\s+(?=\p{L})")
_BARE_NUMBER = regex.compile(r"\d{1,2}[.)]")
_LETTER = regex.compile(r"\p{L}")
_STATES = regex.compile(r"[\p{L}\p{N}].*(?<![?？؟][\s\"”’)]*)\Z", regex.DOTALL)


def visible(draft: str) -> str:
    """What may be shown of a draft: no mark, link or tag, whole or half written."""
    return str(_BRACKETED.sub("", _plain(draft))).rstrip()


def claims(draft: str) -> list[str]:
    """The sentences of a draft that state something: no marks, no repetition, no question.

    Small models like to say the question once more before they answer it.
    """
    lines = _joined(line.strip() for line in sentences(_plain(draft)))
    return list(dict.fromkeys(line for line in lines if _STATES.search(line)))


def finished(draft: str) -> tuple[list[str], str]:
    """The claims of an unfinished draft that no further word can change, and the one under way.

    `It cost ca. 2` may go on as `ca. 200 million`: where a sentence ends is only known once a
    letter of the next one is.
    """
    *whole, last = claims(draft) or [""]
    return (whole, last) if _LETTER.search(last) else ([], " ".join([*whole, last]))


def _plain(draft: str) -> str:
    text = _without_half_link(without_half_mark(plain(without_marks(draft))))
    text = str(_BULLET.sub("", text))
    # Numbers are list marks when they begin at 1; "29. Juni" is a date.
    if first := _LIST_NUMBER.search(text):
        text = _without_numbers(text) if first[1] == "1" else text
    return text.strip()


def _without_half_link(text: str) -> str:
    """Without the links and tags at its end that are not whole."""
    ends = (run.start() for run in _HALF_LINKS.finditer(text) if run.end() == len(text))
    return text[: next(ends, len(text))]


def _without_numbers(text: str) -> str:
    """A list without its marks, at line beginnings and, where they count on, within a line."""
    after = 2

    def left(match: regex.Match[str]) -> str:
        nonlocal after
        if int(match[1]) != after:
            return str(match[0])
        after += 1
        return ""

    return str(_NEXT_NUMBER.sub(left, _LIST_NUMBER.sub("", text)))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """The sentences, each bare "29." with what follows it; alone it is a sentence itself."""
    bare, alone = "", True
    for line in lines:
        if _BARE_NUMBER.fullmatch(line):
            bare = f"{bare} {line}".lstrip()
        elif line:
            yield f"{bare} {line}".lstrip()
            bare, alone = "", False
    if bare and alone:
        yield bare


def add(answer: Answer, claim: str, proof: Verdict) -> Answer:
    """The answer with one more sentence and its marks; as it was when that is unproven or said.

    The model's own marks are never used: a citation is made from a proof, or not at all.
    """
    claim = clean(claim)  # an article's own words may hold links, and marks of its footnotes
    if proof.state == "unsupported" or f" {claim} [" in f" {answer.text}":
        return answer
    cited = {(c.article, c.start): c for c in answer.citations}
    marks = ""
    for sentence in proof.sentences:
        key = (sentence.article, sentence.start)
        citation = cited.get(key) or Citation(
            len(cited) + 1,
            sentence.article,
            sentence.start,
            sentence.end,
            sentence.text,
            proof.state,
            round(proof.score, 4),
        )
        said = citation.said or quoted_words(claim, sentence)
        cited[key] = replace(citation, said=said)
        marks += f"[{citation.marker}]"
    text = f"{answer.text} {claim} {marks}".lstrip()
    return replace(answer, text=text, answered=True, citations=tuple(cited.values()))
