"""Template worker: renders a chat template; run in a process of its own by template_renderer.py.

A template is a program that came with a model: llama_cpp's sandbox keeps it from the machine, and
this process from the time and the memory.
"""

import datetime
import itertools
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

# What templates call the switch for thinking: Qwen, SmolLM, Gemma and GLM; Granite and DeepSeek. A
# template that knows neither is not troubled.
_NO_THINKING = {"enable_thinking": False, "thinking": False}
# Some templates tell the day, with which no passage that was read yesterday could be used again.
_ANY_DAY = datetime.date(2024, 7, 26)

SENTINEL = "\ue000{}\ue001"
"""Private use: stands for the content of a message, by its number."""


def render(template: str, eos: str, bos: str, roles: Sequence[Role]) -> str:
    """A template's text around messages of these roles, with a sentinel for each one's content.

    It tells the model not to think.

    Raises:
        BadModel: it cannot be rendered.
    """
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    turns: list[Any] = [
        {"role": role, "content": SENTINEL.format(i)} for i, role in enumerate(roles)
    ]
    try:
        formatter: Any = Jinja2ChatFormatter(template=template, eos_token=eos, bos_token=bos)
        formatter.strftime_now = _ANY_DAY.strftime
        return _rendered(formatter, turns)
    except Exception as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise BadModel(
            f"The model's chat template cannot be used: {reason or type(error).__name__}. "
            "Give another GGUF file with --llm"
        ) from error


def _rendered(formatter: Any, turns: list[Any]) -> str:
    """The text for turns; where there is none, for what some templates want in their place.

    Of what goes wrong with all, the first error is raised.
    """
    first: Exception | None = None
    # Some know no system message, and some must have a list of tools.
    for messages, tools in itertools.product((turns, _merged(turns)), (None, [])):
        try:
            return str(formatter(messages=messages, tools=tools, **_NO_THINKING).prompt)
        except Exception as error:  # templates raise what they like
            first = first or error
    assert first
    raise first


def _merged(turns: list[Any]) -> list[Any]:
    """The turns, the first of which says what the system message says, too."""
    if len(turns) < 2 or turns[0]["role"] != "system":
        return turns
    both = f"{turns[0]['content']}\n\n{turns[1]['content']}"
    return [{"role": "user", "content": both}, *turns[2:]]


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
