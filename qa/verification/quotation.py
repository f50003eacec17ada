"""Quotation: the sentences that answer, in the article's own words. Pure."""

from collections.abc import Sequence
from functools import cache

import regex

import prompts
from qa.question import Question
from qa.text.marks import ITEM, clean
from qa.verification.answer_type import expects
from qa.verification.evidence import Sentence
from qa.verification.table_cells import is_row

_OPENS_LIST = regex.compile(r"[:：]\s*\Z")
# What an item of a list is called, before a colon: "Chip bans: Chinese firms …".
_HEAD = regex.compile(r"(?<head>[^:：.।。]{4,60})[:：]\s*\S")
_LONG_ITEM = 60  # code points of an item from which its head is enough
# Marks of quotation within a sentence become single: the quotation gets the double ones.
_INSIDE = str.maketrans(
    {**dict.fromkeys("“〝«", "‘"), **dict.fromkeys("”‟〞»", "’"), "„": "‚", '"': "'", "＂": "'"}
)
_WHOLE = regex.compile(r"[\"“„«]([^\"“”„‟«»]*)[\"“”»]")


def quotation(
    question: Question, answering: Sequence[Sentence], sentences: Sequence[Sentence]
) -> tuple[Sentence, ...]:
    """The sentences to quote, in the article's order.

    Args:
        question: what was asked.
        answering: those that answer, in the article's order; at least one.
        sentences: all of their passage.

    Returns:
        From the first of them to the last, with the list that it opens, and with the sentence
        before where the first leans on it. Of items of a list, all where several are asked for.
    """
    first, last = sentences.index(answering[0]), sentences.index(answering[-1])
    listed = expects(question, "several") and ITEM.match(sentences[first].text)
    while listed and first and ITEM.match(sentences[first - 1].text):
        first -= 1
    if listed or _OPENS_LIST.search(sentences[last].text):
        while last + 1 < len(sentences) and ITEM.match(sentences[last + 1].text):
            last += 1
    if first and leans(sentences[first].text):
        first -= 1
    return tuple(sentences[first : last + 1])


def leans(sentence: str) -> bool:
    """Whether a sentence begins with a word that means the one before it: "This made …"."""
    return _leaning().match(sentence.casefold()) is not None


def quoted(sentence: Sentence, *, short: bool) -> str:
    """What of a sentence is put in quotation marks: no list mark, and of a long item its head.

    `short` for readers of another language.
    """
    mark = ITEM.match(sentence.text)
    text = sentence.text[mark.end() if mark else 0 :].strip()
    if not short:
        return text
    whole = _WHOLE.fullmatch(text)
    text = str(whole[1] if whole else text).translate(_INSIDE)
    head = _HEAD.match(text) if mark and not is_row(sentence.text) else None
    return str(head["head"]) if head and len(text) > _LONG_ITEM else text


def quoted_words(claim: str, sentence: Sentence) -> str:
    """The words of a sentence that a claim has between quotation marks; empty when it has none."""
    words = clean(quoted(sentence, short=True))
    return words if words and f"“{words}”" in claim else ""


@cache
def _leaning() -> regex.Pattern[str]:
    words = [w for listed in prompts.table("quoting")["leans"].values() for w in listed]
    spelt = "|".join(map(regex.escape, sorted(words, key=len, reverse=True)))
    return regex.compile(
        rf"[^\p{{L}}\p{{N}}]*(?:{spelt})(?:(?<=\p{{Han}})|(?![\p{{L}}\p{{M}}\p{{N}}]))"
    )
