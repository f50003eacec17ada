"""Readiness: whether a question could be answered now, for what sends people to one server."""

import logging

from index.errors import UserError
from qa.service.jobs.scheduler import Scheduler
from qa.service.library import Library

_LOG = logging.getLogger(__name__)
_NO_MODEL = "not ready: no more questions are answered"
_NO_INDEX = "not ready: the index cannot be opened"


def problem(scheduler: Scheduler, library: Library) -> str:
    """Why no question can be answered, in one line that names no file; empty when one can."""
    if not scheduler.is_serving:
        return _NO_MODEL
    try:
        return "" if library.is_open() else _NO_INDEX
    except (UserError, OSError) as error:
        _LOG.warning("The index cannot be opened: %s", error)
        return _NO_INDEX
