"""Confinement: Gradio reads no file but uploads, fetches nothing, and answers at few routes."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qa.web.gradio.private_names import (
    complete_calls,
    escape_printed_errors,
    forbid_fetching,
    limit_sessions,
    mark_launched,
    queue_of,
    wrap_mounted,
)
from qa.web.gradio.queue_limits import QueueLimits
from qa.web.gradio.route_allowlist import RouteAllowlist
from qa.web.gradio.session_limits import SessionLimits
from qa.web.gradio.upload_quota import UploadQuota

_BATCHES = 4  # of uploads: one is added, two wait for it, one is being received
_SESSIONS = 2000  # pages and calls whose state is kept; Gradio's 10,000 would take 2 GB


def limit(blocks: Any) -> None:
    """Limit the sessions of a page that is not yet mounted."""
    limit_sessions(blocks, _SESSIONS)


def confine(
    app: Any, blocks: Any, endpoints: Iterable[str], *, uploads: bool, upload_bytes: int
) -> None:
    """Confine a page that was mounted last.

    Args:
        app: what it was mounted in.
        blocks: the page.
        endpoints: the functions that programs may call.
        uploads: whether files can be sent.
        upload_bytes: the most that is added at once.
    """
    sessions = SessionLimits(blocks)
    complete_calls(blocks)
    QueueLimits(queue_of(blocks), sessions.use)
    mark_launched(blocks)
    forbid_fetching()
    escape_printed_errors()
    folder = os.environ.get("GRADIO_TEMP_DIR")  # Gradio's usual folder is shared by all its pages
    quota = UploadQuota(Path(folder), _BATCHES * upload_bytes) if folder else None
    names = frozenset(endpoints)
    wrap_mounted(app, lambda inner: RouteAllowlist(inner, names, sessions, uploads, quota))
