"""Question: a question that can be understood alone, with its language. Pure."""

from dataclasses import dataclass

from index.text.languages import detect


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is searched for and asked of each passage.

    `language` is the ISO 639 code of the language that `text` is written in.
    """

    text: str
    language: str

    @classmethod
    def of(cls, text: str) -> "Question":
        """The question with its language, which is detected here and nowhere else."""
        return cls(text, detect(text))
