"""Root path: the sub-path that a proxy shows the page under, and a request's path below it.

A proxy may pass a path on whole or without the root path. Both are taken, and the application is
given the whole one, as ASGI wants it: `path` begins with `root_path`. No root path begins as a path
of the page does, so none is taken for the other.
"""

import re
from typing import TYPE_CHECKING

from index.errors import UserError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

_SHAPE = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
# What paths of the page, of its APIs and of Gradio begin with.
TAKEN = frozenset(
    (
        *("article", "assets", "config", "export", "favicon.ico", "gradio_api", "health", "login"),
        *("logout", "manifest.json", "metrics", "original", "page", "picture", "places", "proof"),
        *("ready", "robots.txt", "static", "svelte", "theme.css", "v1"),
    )
)


def checked(root_path: str) -> str:
    """A root path without a slash at its end; empty for `/`.

    Raises:
        UserError: it is none, or begins as a path of the page does.
    """
    root = root_path.rstrip("/")
    if root and not _SHAPE.fullmatch(root):
        raise UserError(
            f"{root_path} is no root path. Give one such as /qa: a slash, then letters, digits, "
            "hyphens and underscores."
        )
    if root.split("/")[1:2] and root.split("/")[1] in TAKEN:
        raise UserError(f"The page has paths that begin with {root} itself. Choose another.")
    return root


def with_root(scope: "Scope", root: str) -> "Scope":
    """The scope of a request, its path whole, whichever way the proxy passed it on."""
    if not root:
        return scope
    path: str = scope["path"]
    if path == root or path.startswith(f"{root}/"):
        return {**scope, "root_path": root}
    raw: bytes = scope.get("raw_path") or b""
    whole = {"path": root + path, "raw_path": root.encode() + raw if raw else None}
    return {**scope, **whole, "root_path": root}


def root_of(scope: "Scope") -> str:
    """The root path of a request, without a slash at its end; empty where there is none."""
    return str(scope.get("root_path", "")).rstrip("/")


def below(scope: "Scope") -> str:
    """The path of a request below the root path."""
    path, root = str(scope["path"]), root_of(scope)
    is_whole = path == root or path.startswith(f"{root}/")
    return (path[len(root) :] if is_whole else path) or "/"


def to_the_page(scope: "Scope") -> "Response | None":
    """Redirect from the root path itself to the page: its links count from the slash on."""
    from starlette.responses import RedirectResponse

    root = root_of(scope)
    if scope["type"] != "http" or not root or scope["path"] != root:
        return None
    query = scope["query_string"].decode("latin-1")
    address = f"{root}/?{query}" if query else f"{root}/"
    return RedirectResponse(address, 308, {"cache-control": "no-store"})
