"""Proving: what the model answers from one passage, sentence by proven sentence.

Whether the passage answers at all is asked before anything is written; each sentence is checked
when it is whole, and what is not proven, or not in the answer's language, goes.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from index.languages import detect, may_be
from qa.answer import Answer, Attempt, add, claims, finished, visible
from qa.clock import Clock
from qa.exact import exact, garbled, loops, plain, quoting, repeats, strange, unlooped
from qa.instructions import instructs
from qa.reading import Reading
from qa.support import Similarity, Support, keeps, support, unmet, unnamed
from qa.thresholds import Thresholds

# The share of a claim's words that may be the model's own where the article could be quoted.
_OWN_WORDS = 0.2
# What it takes from the model's leaning when the passage holds none of a name: of tuning questions
# about somebody who is not in the passage the model still leaned by up to 2.4 to Yes.
_SOMEBODY_ELSE = 1.5


class Proving:
    """One passage before the model. `attempt` is whole when `answers` has been iterated over."""

    def __init__(
        self, reading: Reading, similarity: Similarity, limits: Thresholds, clock: Clock
    ) -> None:
        self._reading, self._sentences = reading, reading.evidence.sentences
        self._similarity, self._limits, self._clock = similarity, limits, clock
        first, last = self._sentences[0], self._sentences[-1]
        self.attempt, self.was_asked = Attempt(first.article, first.start, last.end), False

    def tells(self) -> float:
        """How far the model leans to the passage answering the question, as log-odds.

        Minus infinity, without asking, when the question names a number or a month that the
        passage does not; less when it names somebody else.
        """
        reading, self.was_asked = self._reading, True
        # A heading may name the year that its paragraphs are about.
        shown = f"{reading.evidence.context}\n{reading.evidence.text}"
        if unmet(reading.question, shown):
            return -math.inf
        leaning = reading.tells()
        self._clock.read(leaning)
        somebody_else = unnamed(reading.question, shown)
        tells = leaning.log_odds - (_SOMEBODY_ELSE if somebody_else else 0)
        self.attempt = replace(self.attempt, tells=tells)
        return tells

    def answers(self, answer: Answer) -> Iterator[Answer]:
        """Yield `answer` as it grows from this passage."""
        for insist in (False, True):
            for grown in self._write(answer, insist=insist):
                yield grown
            if grown.answered or not self._is_foreign(self.attempt.draft):
                return

    def _write(self, answer: Answer, *, insist: bool) -> Iterator[Answer]:
        draft, text, checked = self._reading.answer(insist=insist), "", 0
        for piece in draft:
            text += piece
            shown = visible(text)
            self._clock.wrote(shown)
            whole, last = finished(shown)
            for claim in whole[checked:]:
                answer = self._with(answer, claim)
                checked += 1
            yield replace(answer, draft=last, timings=self._clock.timings)
            if loops(text):
                break
        self._clock.finished(draft)
        text = unlooped(text)
        self.attempt = replace(self.attempt, draft=text)
        for claim in claims(text)[checked:]:
            answer = self._with(answer, claim)
        yield replace(answer, draft="", timings=self._clock.timings)

    def _with(self, answer: Answer, claim: str) -> Answer:
        """The answer and a sentence of the draft, if it is proven and in the answer's language."""
        proof = self._proof(claim)
        if proof.state != "unsupported" and not self._is_foreign(claim):
            words = self._worded(claim, proof)
            if not garbled(words):
                return add(answer, words, proof)
        self.attempt = replace(self.attempt, dropped=(*self.attempt.dropped, claim))
        return answer

    def _proof(self, claim: str) -> Support:
        question, language = self._reading.question, self._reading.language
        found = support(question, claim, language, self._sentences, self._similarity, self._limits)
        if found.state == "unsupported" or instructs(claim) or repeats(claim, question):
            return replace(found, state="unsupported")
        leaning = self._reading.confirms(claim)
        self._clock.read(leaning)
        self.attempt = replace(self.attempt, right=(*self.attempt.right, leaning.log_odds))
        together = self.attempt.tells + leaning.log_odds
        holds = leaning.log_odds >= 0 and together >= self._limits.right
        return found if holds else replace(found, state="unsupported")

    def _worded(self, claim: str, proof: Support) -> str:
        """The claim in the article's own words where it repeats them, and with no false quote.

        In the article's language nothing need be said that the article does not say: a claim with
        words of its own gives way to the sentence that proves it.
        """
        for sentence in proof.sentences:
            words = exact(claim, sentence.text)
            kept = words and keeps(claim, words, self._reading.language)
            if words and kept and not self._is_foreign(words):
                return plain(words)
        shown = self._reading.evidence.text
        own = garbled(claim) or strange(claim, f"{self._reading.question} {shown}") > _OWN_WORDS
        if own and detect(shown) == self._reading.language:
            return plain(proof.sentences[0].text)
        return quoting(claim, [shown])

    def _is_foreign(self, text: str) -> bool:
        return not may_be(text, self._reading.language)
