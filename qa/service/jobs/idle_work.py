"""Idle work: prefills passages while nobody asks, a step at a time, until a question comes."""

import logging
from collections.abc import Callable

from index.errors import UserError
from qa.cancellation import StopFlag
from qa.errors import Cancelled
from qa.llm.model import LanguageModel

_LOG = logging.getLogger(__name__)

Ahead = Callable[[LanguageModel], Callable[[], bool]]
"""Gives the idle work of a model as a function: one step a call, false when nothing is left."""


class IdleWork:
    """Steps that run while nobody asks; one thread runs them, and any other may interrupt it."""

    def __init__(self, ahead: Ahead | None) -> None:
        self._ahead = ahead
        self._step: Callable[[], bool] | None = None
        self._interrupted = StopFlag()

    @property
    def exists(self) -> bool:
        """Whether there is anything to do at all."""
        return self._ahead is not None

    def allow(self) -> None:
        """Let it run from now on; earlier interruptions no longer count."""
        # A new flag, as one that is set stays so: see `LanguageModel.cancel_when`.
        self._interrupted = StopFlag()

    def interrupt(self) -> None:
        """Cancel the step that runs, within a fraction of a second, and let none begin."""
        self._interrupted.set()

    def restart(self) -> None:
        """Begin anew, with another model."""
        self._step = None

    def run(self, model: LanguageModel) -> None:
        """Run steps until nothing is left or it is interrupted."""
        interrupted = self._interrupted
        try:
            model.cancel_when(interrupted)
            while self._ahead and not interrupted.is_set():
                self._step = self._step or self._ahead(model)
                if not self._step():
                    break
        except Cancelled:
            pass
        except UserError:
            self._step = None  # the index may be in order again another time
        except Exception:
            _LOG.exception("Passages could not be read ahead.")
            self._step = self._ahead = None
