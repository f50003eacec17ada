"""Errors: what can go wrong when asking; each is a `UserError` and says what to do next.

UserError (index/errors.py)
  ├─ BadQuestion         empty, or longer than the model can be given
  ├─ BadQuestions        a file of questions that cannot be used
  ├─ BadHistory          a file of earlier turns that cannot be used
  ├─ BadRun              a folder of an evaluation that cannot be used
  ├─ BadGates            a file of gates that cannot be used
  ├─ NoPlace             an article or folder that is not indexed
  ├─ TooManyPlaces       more articles and folders than a conversation may be kept to
  ├─ OriginalGone        the file of an article is not there any more
  ├─ OriginalChanged     the file of an article is not as it was indexed
  ├─ ReadOnly            articles that cannot be changed from the page
  ├─ BadConversations    the file of conversations cannot be read or written
  ├─ NoConversation      the visitor has no such conversation
  ├─ ConversationsFull   a limit of the stored conversations is reached
  ├─ BadUsers            a file of users that cannot be used
  ├─ ChangesWaiting      too many changes of the articles are waiting
  ├─ NoProbabilities     a language model that gives no probabilities to measure
  ├─ TooBusy             more questions than can be accepted now
  └─ BadModel            a GGUF file that cannot be loaded (index/errors.py)
Cancelled                work that was stopped on request (qa/cancellation.py); no UserError
"""

from pathlib import Path

from index.errors import UserError


class BadQuestion(UserError):
    """A question that cannot be asked as it stands."""


class Cancelled(Exception):
    """Work that was stopped on request: see `qa.cancellation.StopFlag`."""


class TooBusy(UserError):
    """More questions than can be accepted now; the message says when to ask again."""


class NoProbabilities(UserError):
    """A language model that gives no probabilities, so that nothing of it can be measured."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model} gives no probabilities of what it would say, so it cannot be calibrated. It "
            "may write all the same; what it writes is shown where the reader proves it."
        )


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


class NoGpu(UserError):
    """Layers are to be computed on a GPU, of which llama.cpp knows none."""

    def __init__(self) -> None:
        super().__init__(
            "--gpu-layers needs a GPU, and llama.cpp was built without one, or finds none. "
            "Build it for one with: GPU=cuda make chat (or vulkan, metal, rocm), "
            "or leave out --gpu-layers"
        )


class NoPlace(UserError):
    """An article or folder that was chosen and is not indexed."""

    def __init__(self) -> None:
        super().__init__("There is no such article or folder any more. Choose another one.")


class OriginalGone(UserError):
    """The file of an article is not there any more, or may not be read."""

    def __init__(self) -> None:
        super().__init__("The file of this article is not there any more; its text is.")


class OriginalChanged(UserError):
    """The file of an article is not as it was indexed."""

    def __init__(self) -> None:
        super().__init__("The file has changed since it was indexed. Index it again to see it.")


class TooManyPlaces(UserError):
    """More articles and folders than a conversation may be kept to."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A conversation can be kept to {most} articles and folders. "
            "Take one out, or choose a folder that holds them."
        )


class ReadOnly(UserError):
    """Articles that cannot be changed from the page."""

    def __init__(self, index: Path) -> None:
        super().__init__(
            "The articles cannot be changed from here. "
            f"Change them in a terminal: article-qa index ARTICLES --index {index}"
        )


class ChangesWaiting(UserError):
    """Too many changes of the articles are waiting already."""

    def __init__(self) -> None:
        super().__init__("Other changes of the articles are waiting. Try again in a few minutes.")


class BadUsers(UserError):
    """A file of users that cannot be used; the message names the line."""


class BadConversations(UserError):
    """The file of conversations cannot be used; its contents are left unchanged."""

    def __init__(self, path: Path, why: str, advice: str) -> None:
        super().__init__(f"The file of conversations {path} {why}. {advice}")


class NoConversation(UserError):
    """A conversation, or a question of one, that its visitor does not have."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "There is no such conversation. Start a new one.")


class ConversationsFull(UserError):
    """A limit of the stored conversations; the message says what to delete or to start."""
