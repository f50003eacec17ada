"""Template worker: renders a chat template; run in a process of its own by template_renderer.py.

A template is a program that came with a model: llama_cpp's sandbox keeps it from the machine, and
this process from the time and the memory.
"""

import json
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.child_process import READY, bounded, connected
from index.errors import BadModel
from qa.llm.model import Role

SECONDS = 5.0
"""Seconds for one text; real templates take a few hundredths of one."""
_MEMORY = 2**30  # bytes of address space

SENTINEL = "\ue000{}\ue001"
"""Private use: stands for the content of a message, by its number."""


def render(template: str, eos: str, bos: str, roles: Sequence[Role]) -> str:
    """A template's text around messages of these roles, with a sentinel for each one's content.

    Raises:
        BadModel: it cannot be rendered.
    """
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    turns: list[Any] = [
        {"role": role, "content": SENTINEL.format(i)} for i, role in enumerate(roles)
    ]
    try:
        formatter = Jinja2ChatFormatter(template=template, eos_token=eos, bos_token=bos)
        try:
            return str(formatter(messages=turns).prompt)
        except Exception:  # templates raise what they like for a role they do not know
            if len(turns) < 2 or turns[0]["role"] != "system":
                raise
            both = f"{turns[0]['content']}\n\n{turns[1]['content']}"
            merged: Any = {"role": "user", "content": both}
            return str(formatter(messages=[merged, *turns[2:]]).prompt)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise BadModel(
            f"The model's chat template cannot be used: {reason or type(error).__name__}"
        ) from error


def main() -> None:
    """Render templates until the connection ends."""
    connection = connected()
    import llama_cpp.llama_chat_format  # noqa: F401 - now, not within a text's time

    # Libraries of a GPU take more than that by themselves.
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = max(_MEMORY, pages * resource.getpagesize() + _MEMORY // 2)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    connection.send_bytes(READY)
    while True:
        try:
            template, eos, bos, roles = json.loads(connection.recv_bytes())
        except (EOFError, ConnectionError):
            return
        with bounded(SECONDS):
            connection.send_bytes(json.dumps(_answer(template, eos, bos, roles)).encode())


def _answer(template: str, eos: str, bos: str, roles: Sequence[Role]) -> dict[str, str]:
    try:
        return {"text": render(template, eos, bos, roles)}
    except BadModel as error:
        return {"refused": str(error)}


if __name__ == "__main__":
    main()
