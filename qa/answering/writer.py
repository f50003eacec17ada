"""PassageWriter: the prompts about one passage and a question, and what the model writes of them.

All prompts have the passage as their common prefix, so the model prefills it once.
"""

from collections.abc import Sequence
from dataclasses import replace

import prompts
from index.text.languages import ENGLISH_NAMES
from qa.llm.model import Draft, LanguageModel, Leaning, Message
from qa.question import Question
from qa.text.numbers import localise
from qa.verification.evidence import Evidence


class PassageWriter:
    """One passage before the model, which is asked for an answer from it."""

    def __init__(
        self, question: Question, language: str, evidence: Evidence, model: LanguageModel
    ) -> None:
        """`language` is the ISO 639 code to answer in."""
        self.question, self.language, self.evidence = question, language, evidence
        self._model = model
        words = localise(evidence.text, evidence.language, language)
        self.passage = f"{evidence.context}\n{words}" if evidence.context else words
        self._begin = prompts.load("passage").fill(passage=self.passage, question=question.text)
        self._prefix = len(self._begin) - len(f" {question.text}")

    @property
    def cost(self) -> int:
        """Tokens of the prefix, but for those of the chat template."""
        read = (message.content[: message.prefix or None] for message in self._ask(""))
        return sum(self._model.count(text) for text in read)

    def stored(self) -> int:
        """Bytes that the KV state of the prefix takes on disk; 0 when it is not there."""
        return self._model.stored(self._ask(""))

    def store(self, room: int) -> int:
        """Prefill the passage ahead of questions, and store it: see `LanguageModel.store`."""
        return self._model.store(self._ask(""), room)

    @property
    def is_across(self) -> bool:
        """Whether the answer is in another language than the passage."""
        return self.evidence.language != self.language

    def answer_prompt(self) -> Sequence[Message]:
        """The prompt of `answer`."""
        return self._ask(prompts.load("answer").fill(language=self._language))

    def answer(self) -> Draft:
        """Begin to answer."""
        most = int(prompts.load("answer").settings["max_tokens"])
        return self._model.write(self.answer_prompt(), most)

    def witness(self) -> list[Leaning]:
        """How far the model is from declining, and leans to what the reader found being right."""
        declines = self._ask(prompts.load("none").fill())
        right = self._ask(prompts.load("right").fill(answer=self.evidence.found))
        self._model.prefill([declines, right])
        leaning = self._model.first_word(declines, "none")
        return [replace(leaning, log_odds=-leaning.log_odds), self._model.yes_no(right)]

    def holds(self) -> Leaning:
        """How far the model leans to yes, where the question asks for yes or no."""
        return self._model.yes_no(self._ask(prompts.load("holds").fill()))

    @property
    def _language(self) -> str:
        return ENGLISH_NAMES.get(self.language, self.language)

    def _ask(self, task: str) -> Sequence[Message]:
        system = prompts.load("answer_system").fill()
        return [Message("system", system), Message("user", f"{self._begin}\n{task}", self._prefix)]
