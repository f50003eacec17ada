"""History: what a question asks in full, by the turns before it.

Rules first (qa/answering/followups.py); the model only where they see that something is missing but
not what, and its words only where every name, number and word of them comes from the conversation.
"""

from collections.abc import Sequence

import prompts
from index.languages import ENGLISH_NAMES, detect
from qa.answering.followups import Followup, Said, followup, language, situation
from qa.answering.question_words import parse
from qa.answering.turns import Turn
from qa.llm.model import LanguageModel, Message
from qa.text.numbers import numbers

# Tokens of a standing question: half of what a question may have, the rest is for long ones.
_TOKENS = 256
_CUT = 400  # code points of each turn that the model is shown to rewrite a question
_ENDS = ("?", "？", "؟")
# Letters by which two forms of one word are the same ("bought", "buy" are not; "model", "models").
_STEM = 4


def understand(question: str, history: Sequence[Turn], model: LanguageModel) -> str | None:
    """The question as it can be understood without the turns before it; None when it can be."""
    found = followup(question, situation(history))
    if found is None:
        return None
    whole = found.question if found.sure else rewrite(question, history, model)
    return whole if whole and model.count(whole) <= _TOKENS else None


def rewrite(question: str, history: Sequence[Turn], model: LanguageModel) -> str | None:
    """The question in full by the model, or by the rules when its words cannot be trusted.

    None when it can be understood alone.
    """
    said = situation(history)
    found = followup(question, said)
    if found is None:
        return None
    code, prompt = language(question, said), prompts.load("standing")
    text = prompt.fill(
        topic=said.topic[:_CUT],
        answer=said.answer[:_CUT] or "…",
        question=question[:_CUT],
        language=ENGLISH_NAMES.get(code, code),
    )
    draft = model.write([Message("user", text)], int(prompt.settings["max_tokens"]))
    written = "".join(draft).strip()
    return written if _is_trusted(written, question, said, found) else found.question


def asked_in(question: str, history: Sequence[Turn]) -> str:
    """The ISO 639 code of the question's language; of the last one's when it is too short."""
    return language(question, situation(history))


def _is_trusted(written: str, question: str, said: Said, found: Followup) -> bool:
    """Whether it is one question, in the right language, of nothing but what was said."""
    known = f"{said.topic} {said.answer} {question}"
    alike = {text.casefold() for text in (said.topic, question)}
    return (
        written.endswith(_ENDS)
        and len(written.splitlines()) == 1
        and len(written) <= len(known)
        and written.casefold() not in alike
        and followup(written, said) is None
        and _asks(written) == _asks(question)
        and detect(written) == language(question, said)
        and _keeps(question, written)
        and _adds_nothing(written, known)
    )


def _asks(text: str) -> set[str]:
    """The question words: small models like to make "Who?" of "When?"."""
    return {word.folded for word in parse(text) if word.kind == "asks"}


def _keeps(question: str, written: str) -> bool:
    """Whether every number and name of the question is still there."""
    there = numbers(written)
    return all(any(n.same(other) for other in there) for n in numbers(question)) and all(
        word.folded in written.casefold() for word in parse(question) if word.kind == "name"
    )


def _adds_nothing(written: str, known: str) -> bool:
    """Whether every number, name and word of it was said before, whatever its ending."""
    before = numbers(known)
    if not all(any(n.same(other) for other in before) for n in numbers(written)):
        return False
    text = known.casefold()
    names = (word.folded for word in parse(written) if word.kind == "name")
    stems = (word.folded[:_STEM] for word in parse(written) if word.kind == "other")
    return all(name in text for name in names) and all(stem in text for stem in stems)
