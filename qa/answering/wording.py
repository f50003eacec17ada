"""Wording: what is said for a proven claim: the article's own words, wherever they say the same.

To readers of another language sentences of the article are shown as quotations.
"""

from dataclasses import replace

import regex

import prompts
from index.text.languages import detect, detected_as, in_capitals, may_be, unread_scripts
from qa.answer import Answer
from qa.answering.drafts import add
from qa.answering.writer import PassageWriter
from qa.text.alignment import quoting, source_wording
from qa.text.marks import clean, plain
from qa.text.repetition import echoes, garbled, strange
from qa.verification.quotation import quotation, quoted
from qa.verification.support import Verdict, keeps

# The share of a claim's words that may be the model's own where the article could be quoted.
_MAX_OWN_WORDS = 0.2
_LETTER_OR_DIGIT = regex.compile(r"[\p{L}\p{N}]")


class Wording:
    """How claims from one passage, and its sentences, are worded in the answer."""

    def __init__(self, writer: PassageWriter) -> None:
        self._question, self._language = writer.question, writer.language
        self._sentences, self._text = writer.evidence.sentences, writer.evidence.text
        self._across, self._article_language = writer.is_across, writer.evidence.language

    def of_claim(self, claim: str, proof: Verdict) -> list[tuple[str, Verdict]]:
        """The claim in the article's own words where it repeats them, and with no false quote.

        In the article's language nothing need be said that the article does not say: a claim with
        words of its own gives way to the sentences that answer.
        """
        language, question = self._language, self._question.text
        for sentence in proof.sentences:
            words = source_wording(claim, sentence.text)
            kept = words and keeps(claim, words, language)
            if words and kept and not self.is_unread(words):
                return [(plain(words), proof)]
        own = strange(claim, f"{question} {self._text}") > _MAX_OWN_WORDS
        if not self._across and (own or garbled(claim) or echoes(claim, question)):
            said = self.sentences_of(proof)
            if said and keeps(claim, " ".join(words for words, _ in said), language):
                return said
        return [(quoting(claim, [self._text]), proof)]

    def sentences_of(self, proof: Verdict) -> list[tuple[str, Verdict]]:
        """The sentences of a proof, each with itself as its proof.

        To readers of another language they are shown as quotations.
        """
        answering = sorted(proof.sentences, key=lambda sentence: sentence.start)
        said: list[tuple[str, Verdict]] = []
        for sentence in quotation(self._question, answering, self._sentences):
            foreign = self._across or self._is_foreign(sentence.text)
            text = clean(quoted(sentence, short=foreign))
            if not _LETTER_OR_DIGIT.search(text):
                continue
            if foreign:
                text = f"“{text}”" if said else _after(prompts.says(self._language), f"“{text}”")
            said.append((text, replace(proof, state="supported", sentences=(sentence,))))
        return said

    def quote(self, answer: Answer, proof: Verdict, opens: str = "") -> Answer:
        """The answer and the sentences of a proof; `opens` stands before the first."""
        for words, proven in self.sentences_of(proof):
            answer = add(answer, f"{opens} {words}" if opens else words, proven)
            opens = ""
        return answer

    def is_unread(self, claim: str) -> bool:
        """Whether a claim is in another language than the answer, or says words of one.

        Who did not ask in a script may not read it. Words of the article that stand as they are
        there are told by their language, but for names: "Grafik pengetahuan", "A, B, dan C".
        """
        if not self._across:
            return self._is_foreign(claim)
        unread = unread_scripts(claim, self._language) - unread_scripts(self._question.text)
        left = (
            detect(claim, self._language) == self._article_language != detected_as(self._language)
        )
        return self._is_foreign(claim) or bool(unread) or (left and not in_capitals(claim))

    def _is_foreign(self, text: str) -> bool:
        return not may_be(text, self._language)


def _after(lead: str, words: str) -> str:
    """Words after what leads to them, with a space where their script has one."""
    return f"{lead}{words}" if lead.endswith("：") else f"{lead} {words}"
