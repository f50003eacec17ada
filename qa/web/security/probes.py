"""Probes: whether the server answers, and whether it can answer questions; told without a login."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.web.security.root_path import below

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

# For what watches over the server (a container's health check, a proxy that chooses among several):
# told to all who may reach the page, users or not, and nothing else is.
HEALTH = "/health"
READY = "/ready"

Problem = Callable[[], str]
"""Why no question can be answered, in one line; empty when one can."""


def always_ready() -> str:
    """The problem of an application that needs nothing."""
    return ""


async def response(scope: "Scope", problem: Problem) -> "Response | None":
    """The response at HEALTH and READY; None at any other path."""
    from anyio import to_thread
    from starlette.responses import PlainTextResponse

    if scope["type"] != "http" or below(scope) not in (HEALTH, READY):
        return None
    found = await to_thread.run_sync(problem) if below(scope) == READY else ""
    return PlainTextResponse(f"{found or 'ok'}\n", 503 if found else 200)
