"""PassageAttempt: an answer from one passage, in the model's words where proven, or as a quotation.

Whether the passage answers at all is weighed before anything is written. A sentence of the model is
said when it is proven and the model was sure of it; where none is, the article is quoted.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.answer import Answer, Attempt, Stage
from qa.answering.drafts import add, claims, finished, visible
from qa.answering.reader import PassageReader
from qa.answering.timing import Stopwatch
from qa.answering.wording import Wording
from qa.llm.model import Message
from qa.text.marks import plain
from qa.text.repetition import garbled, loops, repeats, unlooped
from qa.verification.answer_type import expects, explains, provides
from qa.verification.facts import other_names
from qa.verification.prompt_injection import is_instruction
from qa.verification.support import (
    Similarity,
    Verdict,
    lacks_required_facts,
    lacks_required_name,
    support,
)
from qa.verification.thresholds import Thresholds

# What it takes from the model's leaning when the passage holds none of a name: of tuning questions
# about somebody who is not in the passage the model still leaned by up to 2.4 to Yes.
_OTHER_NAME_PENALTY = 2.0
_MOST_RIGHT = 3.5  # the furthest that the model leaned to any of 126 answers to shipped questions
_NOTHING = "none"  # what small models write that find no answer


class PassageAttempt:
    """One passage before the model. `attempt` is whole when `answers` has been iterated over."""

    def __init__(
        self, reading: PassageReader, similarity: Similarity, limits: Thresholds, clock: Stopwatch
    ) -> None:
        self._reading, self._wording = reading, Wording(reading, similarity)
        self._similarity, self._limits, self._clock = similarity, limits, clock
        self._across = reading.evidence.language != reading.language
        self._words: str | None = None
        self._prior = 0.0  # log-odds that the passage answers, before anything is written
        self._leanings: dict[str, float] = {}  # to what was written, once it was asked about
        self._unsure: list[str] = []  # claims that were proven, but of which it was not sure
        first, last = reading.evidence.sentences[0], reading.evidence.sentences[-1]
        self.attempt, self.was_asked = Attempt(first.article, first.start, last.end), False
        # A heading may name the year that its paragraphs are about.
        self._shown = f"{reading.evidence.context}\n{reading.evidence.text}"
        self._unmet = lacks_required_facts(reading.question, self._shown)

    def prompts(self, *, answer: bool) -> list[Sequence[Message]]:
        """What the model is going to read to see whether the passage tells, and to `answer`."""
        if self._unmet:
            return []
        reading = self._reading
        declines = [reading.abstention_prompt()] if answer and self._limits.declines else []
        return [
            reading.answerability_prompt(),
            *declines,
            *([reading.answer_prompt()] if answer else []),
        ]

    def answerability(self) -> float:
        """How surely the passage answers the question, as log-odds: by the model and the search.

        Minus infinity, without asking, when the question names a number or a month that the
        passage does not; less when it names somebody else.
        """
        reading, self.was_asked = self._reading, True
        if self._unmet:
            return -math.inf
        leaning = reading.answerability()
        self._clock.read(leaning)
        self._prior = leaning.log_odds - (
            _OTHER_NAME_PENALTY if lacks_required_name(reading.question.text, self._shown) else 0
        )
        tells = self._prior + self._limits.search * reading.evidence.worth
        self.attempt = replace(self.attempt, tells=tells)
        return tells

    def answers(self, answer: Answer) -> Iterator[Answer]:
        """Yield `answer` as it grows from this passage."""
        if self._limits.declines:
            abstention = self._reading.abstention()
            self._clock.read(abstention)
            self._prior -= self._limits.declines * abstention.log_odds
        if self._prior + _MOST_RIGHT < self._limits.right:
            return
        for insist in (False, True):
            for grown in self._write(answer, insist=insist):
                yield grown
            if grown.answered:
                return
            if not self._wording.is_foreign(self.attempt.draft):
                break
        yield self._at("checking", self._quoted(answer))

    def _write(self, answer: Answer, *, insist: bool) -> Iterator[Answer]:
        draft, text, checked = self._reading.answer(insist=insist), "", 0
        for piece in draft:
            text += piece
            shown = visible(text)
            self._clock.wrote(shown)
            whole, last = finished(shown)
            # What is said in another language than the article's is judged by the whole draft.
            for claim in () if self._across else whole[checked:]:
                yield self._at("checking", answer, *whole[checked:], last)
                answer = self._with(answer, claim, draft.confidence)
                checked += 1
            yield self._at("writing", answer, last)
            if loops(text):
                break
        self._clock.finished(draft)
        text = unlooped(text)
        self.attempt = replace(self.attempt, draft=text, confidence=draft.confidence)
        left = claims(text)[checked:]
        for i, claim in enumerate(left):
            yield self._at("checking", answer, *left[i:])
            answer = self._with(answer, claim, draft.confidence)
        yield self._at("checking", answer)

    def _at(self, stage: Stage, answer: Answer, *unjudged: str) -> Answer:
        """The answer as it can be shown now, with the sentences that are not judged yet."""
        draft = " ".join(unjudged)
        return replace(answer, stage=stage, draft=draft, timings=self._clock.timings)

    def _with(self, answer: Answer, claim: str, confidence: float) -> Answer:
        """The answer and a sentence of the draft, if it is proven and in the answer's language."""
        proof = self._proof(claim, confidence)
        if proof.state != "unsupported" and not self._wording.is_foreign(claim):
            said = self._wording.of_claim(claim, proof)
            if all(not garbled(words) for words, _ in said):
                for words, proven in said:
                    answer = add(answer, words, proven)
                return answer
        self.attempt = replace(self.attempt, dropped=(*self.attempt.dropped, claim))
        return answer

    def _proof(self, claim: str, confidence: float) -> Verdict:
        question, language = self._reading.question, self._reading.language
        evidence = self._reading.evidence
        found = support(question, claim, language, evidence, self._similarity, self._limits)
        if (
            found.state == "unsupported"
            or is_instruction(claim)
            or repeats(claim, question.text)
            or not provides(claim, question, evidence)
            or (
                expects(question, "why") and not explains(" ".join(s.text for s in found.sentences))
            )
            # Last of all, as the model has to read for it.
            or not self._is_right(self.attempt.draft if self._across else claim)
        ):
            return replace(found, state="unsupported")
        if self._across and not self._is_sure(claim, confidence):
            self._unsure.append(claim)
            return replace(found, state="unsupported")
        return found

    def _is_right(self, said: str) -> bool:
        """Whether the model stands by what it wrote, by all that speaks for the passage, too."""
        if self._limits.right == -math.inf:
            return True  # a model that was not measured is not asked
        if said not in self._leanings:
            leaning = self._reading.self_check(said)
            self._clock.read(leaning)
            self._leanings[said] = leaning.log_odds
            self.attempt = replace(self.attempt, right=(*self.attempt.right, leaning.log_odds))
        return self._prior + self._leanings[said] >= self._limits.right

    def _is_sure(self, claim: str, confidence: float) -> bool:
        """Whether the model was sure of its words, and means what it copied from the passage."""
        if confidence < self._limits.sure or garbled(claim):
            return False
        return not other_names(claim, self._copied(), self._reading.question.text)

    def _copied(self) -> str:
        """The few words that the model copies from the passage as its answer; asked for once."""
        if self._words is None:
            draft = self._reading.answer_span()
            words = "".join(draft)
            self._clock.finished(draft)
            nothing = words.strip(" .\"'").casefold() == _NOTHING
            self._words = "" if nothing else plain(unlooped(words))
            self.attempt = replace(self.attempt, words=self._words)
        return self._words

    def _quoted(self, answer: Answer) -> Answer:
        """The answer in the article's own words, if they give what the question wants."""
        question, evidence = self._reading.question, self._reading.evidence
        if not self._is_right(self.attempt.draft.strip() or self._copied()):
            return answer
        meant = (self._copied(), *self._unsure) if self._copied() else ()
        told = next((words for words in meant if provides(words, question, evidence)), None)
        if told is None:
            return answer
        said = self._wording.sentences_for(told)
        source = " ".join(sentence.text for _, proof in said for sentence in proof.sentences)
        reason = not expects(question, "why") or explains(source)
        if not said or not reason or not provides(source, question, evidence):
            return answer
        for words, proven in said:
            answer = add(answer, words, proven)
        return answer
