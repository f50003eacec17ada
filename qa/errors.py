"""The errors of asking: each is a UserError and says what to do next.

UserError (index/errors.py)
  ├─ BadQuestion         empty, or longer than the model can be given
  ├─ BadQuestions        a file of questions that cannot be used
  ├─ BadHistory          a file of earlier turns that cannot be used
  ├─ BadRun              a folder of an evaluation that cannot be used
  ├─ BadGates            a file of gates that cannot be used
  └─ BadModel            a GGUF file that cannot be loaded (index/errors.py)
"""

from pathlib import Path

from index.errors import UserError


class BadQuestion(UserError):
    """A question that cannot be asked as it stands."""


class BadQuestions(UserError):
    """A file of questions that cannot be used; the message names the line."""


class BadHistory(UserError):
    """A file of earlier turns that cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The history {path} {reason}. "
            'Give a JSON list of turns, oldest first: [{"role": "user", "content": "…"}, …]'
        )


class BadRun(UserError):
    """A folder of an evaluation that cannot be used."""


class BadGates(UserError):
    """A file of gates that cannot be used; the message names the gate."""
