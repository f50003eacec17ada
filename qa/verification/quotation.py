"""Quotation: which sentences of a passage answer a question in the article's own words. Pure.

A small model finds an answer far more surely than it words one, above all across languages. Its few
words, copied from the passage, say which sentence is meant; the sentence itself is what is said.
"""

from collections.abc import Sequence
from functools import cache

import regex

import prompts
from qa.question import Question
from qa.text.marks import ITEM, clean
from qa.verification.answer_type import expects
from qa.verification.evidence import Sentence
from qa.verification.prompt_injection import is_instruction
from qa.verification.support import WORDS_WEIGHT, Similarity, shared

_OPENS_LIST = regex.compile(r"[:：]\s*\Z")
# What an item of a list is called, before a colon: "Chip bans: Chinese firms …".
_HEAD = regex.compile(r"(?<head>[^:：.।。]{4,60})[:：]\s*\S")
_CLAUSE = regex.compile(r"[;；]\s*")
_LONG_ITEM = 60  # code points of an item from which its head is enough
# How much nearer a list is taken to be, in cosine, where several things are asked for: what opens
# it or stands in it says little of the question by itself.
_LIST_GAIN = 0.03
# Marks of quotation within a sentence become single: the quotation gets the double ones.
_INSIDE = str.maketrans(
    {**dict.fromkeys("“〝«", "‘"), **dict.fromkeys("”‟〞»", "’"), "„": "‚", '"': "'", "＂": "'"}
)
_WHOLE = regex.compile(r"[\"“„«]([^\"“”„‟«»]*)[\"”“»]")


def quotation(
    question: Question, words: str, sentences: Sequence[Sentence], similarity: Similarity
) -> tuple[Sentence, ...]:
    """The sentences to quote, in the article's order.

    Args:
        question: what was asked.
        words: what the model copied from the passage as its answer; may be empty.
        sentences: those of one passage; at least one.
        similarity: gives cosines of shape (len(questions), len(passages)).
    """
    texts = [sentence.text for sentence in sentences]
    cosines = similarity([f"{question.text} {words}".strip()], texts)[0]
    worth = [float(cosines[i]) + WORDS_WEIGHT * shared(words, texts[i]) for i in range(len(texts))]
    several = expects(question, "several")
    if several:
        worth = [
            one + _LIST_GAIN * _is_listed(text) for one, text in zip(worth, texts, strict=True)
        ]
    best = max(range(len(texts)), key=worth.__getitem__)
    if items := _list_about(best, sentences, several=several):
        return tuple(items)
    first = best - 1 if best and leans(texts[best]) else best
    # "It was slow. This made them stop.": the reason is told by both.
    reason = expects(question, "why") and best + 1 < len(texts) and leans(texts[best + 1])
    return tuple(sentences[first : best + 2 if reason else best + 1])


def leans(sentence: str) -> bool:
    """Whether a sentence begins with a word that means the one before it: "This made …"."""
    return _leaning().match(sentence.casefold()) is not None


def quoted(sentence: Sentence, *, short: bool) -> str:
    """What of a sentence is put in quotation marks: no list mark, and of a long item its head.

    `short` for readers of another language.
    """
    mark = ITEM.match(sentence.text)
    text = _before_orders(sentence.text[mark.end() if mark else 0 :]).strip()
    if not short:
        return text
    whole = _WHOLE.fullmatch(text)
    text = str(whole[1] if whole else text).translate(_INSIDE)
    head = _HEAD.match(text) if mark else None
    return str(head["head"]) if head and len(text) > _LONG_ITEM else text


def quoted_words(claim: str, sentence: Sentence) -> str:
    """The words of a sentence that a claim has between quotation marks; empty when it has none."""
    words = clean(quoted(sentence, short=True))
    return words if words and f"“{words}”" in claim else ""


def _before_orders(text: str) -> str:
    """A sentence as far as to the first of its clauses that gives an order."""
    starts = (match.end() for match in _CLAUSE.finditer(text))
    ordering = (start for start in starts if is_instruction(text[start:]))
    return text[: next(ordering, len(text))].rstrip(" ;；")


def _is_listed(text: str) -> bool:
    return bool(ITEM.match(text) or _OPENS_LIST.search(text))


def _list_about(best: int, sentences: Sequence[Sentence], *, several: bool) -> list[Sentence]:
    """A list with what opens it, where that is meant; its items where several are asked for."""
    is_item = [ITEM.match(sentence.text) is not None for sentence in sentences]
    if _OPENS_LIST.search(sentences[best].text) and is_item[best + 1 : best + 2] == [True]:
        first, last = best, best + 1
    elif several and is_item[best]:
        first = last = best
        while first and is_item[first - 1]:
            first -= 1
    else:
        return []
    while last < len(sentences) and is_item[last]:
        last += 1
    return list(sentences[first:last])


@cache
def _leaning() -> regex.Pattern[str]:
    words = [w for listed in prompts.table("quoting")["leans"].values() for w in listed]
    spelt = "|".join(map(regex.escape, sorted(words, key=len, reverse=True)))
    return regex.compile(
        rf"[^\p{{L}}\p{{N}}]*(?:{spelt})(?:(?<=\p{{Han}})|(?![\p{{L}}\p{{M}}\p{{N}}]))"
    )
