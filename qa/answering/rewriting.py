"""Query rewriting: a question and the turns before it -> a standalone question.

First what the reader is sure of (qa/answering/leaning.py), then rules over words (followups.py);
the model only where they see that something is missing but not what, and its words only where every
name, number and word of them comes from the conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from index.scope import Scope
from index.text.languages import ENGLISH_NAMES, detect
from qa.answering.followups import Followup, Said, followup, language
from qa.answering.leaning import Entries, conversation, leaning
from qa.answering.question_words import parse
from qa.answering.standing import Standing
from qa.answering.turns import Turn
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel, Message
from qa.question import Question
from qa.text.numbers import numbers

# Tokens of a standalone question: half of what a question may have, the rest is for long ones.
_MAX_TOKENS = 256
_TURN_CHARS = 400  # code points of each turn that the model is shown to rewrite a question
_ENDS = ("?", "？", "؟")
# Letters by which two forms of one word are the same ("bought", "buy" are not; "model", "models").
_STEM_LETTERS = 4


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A question as it can be understood without the turns before it.

    `asked_in` is the ISO 639 code of the language of the question as it was typed; of one that is
    too short to tell, that of the question before. `is_rewritten` says whether `question` differs
    from what was typed. `standing` is what it takes from earlier turns, where the reader is sure.
    """

    question: Question
    asked_in: str
    is_rewritten: bool
    standing: Standing | None = None

    @property
    def rewritten(self) -> str | None:
        """The question in full, when it leaned on earlier turns; else None."""
        if not self.is_rewritten:
            return None
        return self.standing.shown if self.standing else self.question.text

    def within(self, scope: Scope) -> Scope:
        """The articles of a scope that are asked.

        Raises:
            BadScope: it is of articles in another language.
        """
        return self.standing.within(scope) if self.standing else scope


def understand(
    question: str,
    history: Sequence[Turn],
    model: LanguageModel,
    reader: Reader,
    entries: Entries,
) -> StandaloneQuestion:
    """The question as it can be understood without `history`, the turns before it, oldest first.

    One that would be longer than `_MAX_TOKENS` in full stays as it was typed.

    Args:
        question: what was typed.
        history: the turns before.
        model: what may write it anew.
        reader: says how it leans on them.
        entries: gives the articles that may be meant.
    """
    before = conversation(history, reader, entries)
    said = before.said
    standing = leaning(question, before, reader, entries)
    if standing and model.count(standing.question) <= _MAX_TOKENS:
        asked_in = standing.said_in or language(
            question, said, standing.as_followup if history else None
        )
        is_new = standing.shown != question
        return StandaloneQuestion(Question.of(standing.question), asked_in, is_new, standing)
    found = followup(question, said)
    asked_in = language(question, said, found)
    if found is not None:
        whole = found.question if found.sure else _rewrite(question, said, found, asked_in, model)
        if whole and model.count(whole) <= _MAX_TOKENS:
            return StandaloneQuestion(Question.of(whole), asked_in, is_rewritten=True)
    return StandaloneQuestion(Question.of(question), asked_in, is_rewritten=False)


def _rewrite(question: str, said: Said, found: Followup, code: str, model: LanguageModel) -> str:
    """The question in full by the model, or by the rules when its words cannot be trusted."""
    prompt = prompts.load("standing")
    text = prompt.fill(
        topic=said.topic[:_TURN_CHARS],
        answer=said.answer[:_TURN_CHARS] or "…",
        question=question[:_TURN_CHARS],
        language=ENGLISH_NAMES.get(code, code),
    )
    draft = model.write([Message("user", text)], int(prompt.settings["max_tokens"]))
    written = "".join(draft).strip()
    return written if _is_trusted(written, question, said, code) else found.question


def _is_trusted(written: str, question: str, said: Said, code: str) -> bool:
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
        and detect(written) == code
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
    stems = (word.folded[:_STEM_LETTERS] for word in parse(written) if word.kind == "other")
    return all(name in text for name in names) and all(stem in text for stem in stems)
