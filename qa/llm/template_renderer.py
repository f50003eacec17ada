"""Template renderer: a model's chat template around messages, within limits of time and memory.

The template of the default model, whose every byte is known, is rendered in this process; that of
another in a process of its own, which stays for the next.
"""

import json
import weakref
from collections.abc import Sequence
from typing import Protocol

from index.child_process import ChildProcess, NotStarted
from index.errors import BadModel
from qa.llm import template_worker
from qa.llm.model import Role
from qa.llm.template_worker import SECONDS

_MOST = 100_000
"""Bytes of a rendered template: more than a context has room for, several times over."""


class Renderer(Protocol):
    """Renders chat templates."""

    def render(self, template: str, eos: str, bos: str, roles: Sequence[Role]) -> str:
        """A template's text around messages of these roles, with `SENTINEL` for each one's content.

        Raises:
            BadModel: it cannot be rendered.
        """


class TrustedRenderer:
    """Renders templates in this process."""

    def render(self, template: str, eos: str, bos: str, roles: Sequence[Role]) -> str:
        """See `Renderer`."""
        return template_worker.render(template, eos, bos, roles)


class BoundedRenderer:
    """Renders templates in a process of its own, which ends with this object."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Start the process, and do not wait for it; `seconds` are for one text."""
        self._seconds = seconds
        self._process = ChildProcess("qa.llm.template_worker")
        weakref.finalize(self, self._process.close)
        self._process.start()

    def render(self, template: str, eos: str, bos: str, roles: Sequence[Role]) -> str:
        """See `Renderer`."""
        answer = json.loads(self._ask(json.dumps([template, eos, bos, roles]).encode()))
        if "refused" in answer:
            raise BadModel(answer["refused"])
        return str(answer["text"])

    def _ask(self, request: bytes) -> bytes:
        try:
            return self._process.ask(request, seconds=self._seconds, most=_MOST)
        except NotStarted as error:
            raise BadModel(error.advice("renders the model's chat template")) from error
        except TimeoutError as error:
            raise _unusable(f"takes more than {self._seconds:g} seconds") from error
        except (EOFError, OSError) as error:
            raise _unusable("needs too much memory, or is too long") from error


def _unusable(why: str) -> BadModel:
    return BadModel(
        f"The model's chat template cannot be used: it {why}. Give another GGUF file with --llm"
    )
