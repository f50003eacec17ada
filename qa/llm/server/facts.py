"""Facts: what is found out of a server before anything is asked: its model, context and abilities.

    /v1/models          every server: the names; llama.cpp and vLLM tell the context, too
    /props              llama-server: the context of one request
    /api/ps, /api/show  Ollama: the context that the model was loaded with
    a probe of 4 tokens which keys it takes, whether it gives probabilities, whether it thinks

All but the probe may be missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from qa.cancellation import StopFlag
from qa.llm.server import reply
from qa.llm.server.connection import Connection
from qa.llm.server.errors import Rejected, ServerError
from qa.llm.server.tokenizer import Kind
from qa.llm.thinking import MARKS

LEAST_CONTEXT = 1792
"""Tokens of a prompt and its answer: PROMPT_TOKENS of qa/ask.py."""

TOP = 20
"""Likeliest tokens that are asked for: what OpenAI, vLLM and Ollama allow at most."""

_PROBE = "Answer with one word. Is water wet?"
_PROBE_TOKENS = 4
_LISTED = 10  # models that a message names
_LONGEST_NAME = 300  # code points; longer ones are no names
_NUM_CTX = regex.compile(r"^num_ctx\s+(\d{1,9})\s*$", regex.MULTILINE)

# llama.cpp and vLLM repeat words less than the model would, by their own defaults or those of a
# model's makers. Other servers ignore keys that they do not know, or refuse them (then {} is left).
_EVEN = {"repeat_penalty": 1.0, "repetition_penalty": 1.0}
_NO_TEMPLATE_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}  # llama.cpp, vLLM
_NO_EFFORT = {"reasoning_effort": "none"}  # Ollama, OpenAI
_KEYS: tuple[Mapping[str, Any], ...] = (
    {**_EVEN, **_NO_TEMPLATE_THINKING},
    {**_EVEN, **_NO_TEMPLATE_THINKING, **_NO_EFFORT},
    _NO_EFFORT,
    {},
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server can do for one model.

    `prompt_room` are the tokens of prompt and answer together, None where the server does not
    tell. `keys` are those that requests have beside the usual ones.
    """

    model: str
    prompt_room: int | None
    tokenizer: Kind
    has_probabilities: bool
    thinks: bool
    one_at_a_time: bool
    keys: Mapping[str, Any]


def find_out(connection: Connection) -> Facts:
    """Ask a server all that has to be known.

    Raises:
        ServerError: it does not answer, has no such model, or too little context.
    """
    listed = _models(connection)
    model = _chosen(connection, listed)
    entry: Any = next((entry for entry in listed if _name(entry) == model), {})
    kind = _tokenizer(connection, model)
    if one_at_a_time := kind == "extras":  # llama_cpp.server stops a draft for another request
        connection.one_at_a_time()
    keys, answer = _probe(connection, model)
    room = _context(connection, model, entry)
    if room is not None and room < LEAST_CONTEXT:
        raise ServerError(
            f"The model server at {connection.address.host} gives {model} only {room} tokens for a "
            f"question; {LEAST_CONTEXT} are needed. Start it with a context of 4096 or more: "
            "llama-server --ctx-size, vllm --max-model-len; Ollama, which uses half of it, with "
            "OLLAMA_CONTEXT_LENGTH=8192."
        )
    chosen = reply.choice(answer)
    thinks = _is_thinking(answer)
    has_probabilities = any(token.top for token in reply.tokens(chosen)) and not thinks
    return Facts(model, room, kind, has_probabilities, thinks, one_at_a_time, keys)


def _models(connection: Connection) -> list[Any]:
    """The entries of the list of models; empty where the server has no list."""
    try:
        said = connection.json(f"{connection.address.base}/models", None, StopFlag(), 30.0)
    except Rejected as error:
        if error.status == 404 and connection.address.model:
            return []
        raise
    data = said.get("data") if isinstance(said, dict) else None
    return data if isinstance(data, list) else []


def _chosen(connection: Connection, listed: list[Any]) -> str:
    """The model that is named, or the only one there is.

    Raises:
        ServerError: there is no such model, none at all, or several to choose from.
    """
    address, names = connection.address, [name for entry in listed if (name := _name(entry))]
    if address.model:
        for name in (address.model, f"{address.model}:latest"):  # Ollama's names have a tag
            if name in names or not names:
                return name
        raise ServerError(
            f"The model server at {address.host} has no model {address.model}. {_list(names)}"
        )
    if len(names) == 1:
        return names[0]
    if not names:
        raise ServerError(
            f"The model server at {address.host} does not tell which models it has. Name one: "
            f"--llm {address.base}#model"
        )
    raise ServerError(
        f"The model server at {address.host} has several models. Name one, as in --llm "
        f"{address.base}#{names[0]}. {_list(names)}"
    )


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"It has: {', '.join(names[:_LISTED])}{more}."


def _name(entry: Any) -> str:
    name = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.isprintable() or len(name) > _LONGEST_NAME:
        return ""
    return name


def _tokenizer(connection: Connection, model: str) -> Kind:
    root = connection.address.root
    asked = {"model": model, "content": "wet", "prompt": "wet", "input": "wet"}
    for kind, path in (("tokenize", "/tokenize"), ("extras", "/extras/tokenize")):
        said = connection.told(f"{root}{path}", asked, StopFlag())
        if isinstance(said, dict) and isinstance(said.get("tokens"), list) and said["tokens"]:
            return kind  # type: ignore[return-value]
    return ""


def _probe(connection: Connection, model: str) -> tuple[Mapping[str, Any], Any]:
    """The keys that the server takes, and its answer with them.

    Of those under which it does not think, the first; llama_cpp.server refuses probabilities with
    an error of its own (500) unless it was started for them.

    Raises:
        Rejected: it answers with none of them.
    """
    refused: Rejected | None = None
    thinking: tuple[Mapping[str, Any], Any] | None = None
    for keys in _KEYS:
        for probabilities in ({"logprobs": True, "top_logprobs": TOP}, {}):
            try:
                answer = _asked(connection, model, {**keys, **probabilities})
            except Rejected as error:
                if error.status not in (400, 422, 500, 501):
                    raise
                refused = refused or error
                continue
            if not _is_thinking(answer):
                return keys, answer
            thinking = thinking or (keys, answer)
            break
    if thinking:
        return thinking
    assert refused
    raise refused


def _asked(connection: Connection, model: str, keys: Mapping[str, Any]) -> Any:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": _PROBE}],
        "temperature": 0,
        "max_tokens": _PROBE_TOKENS,
        **keys,
    }
    return connection.json(f"{connection.address.base}/chat/completions", body, StopFlag())


def _is_thinking(answer: Any) -> bool:
    """Whether the model begins with thoughts, whatever it was told."""
    chosen = reply.choice(answer)
    first = "".join(token.text for token in reply.tokens(chosen)) or reply.text(chosen)
    begins = first.lstrip().startswith(("<think", *MARKS))
    return begins or bool(reply.thoughts(chosen).strip())


def _context(connection: Connection, model: str, entry: Any) -> int | None:
    """The tokens of prompt and answer together, as far as the server tells."""
    root = connection.address.root
    meta = entry.get("meta") if isinstance(entry, dict) else None
    props = connection.told(f"{root}/props", None, StopFlag()) if isinstance(meta, dict) else None
    defaults = props.get("default_generation_settings") if isinstance(props, dict) else None
    for holder, name in ((defaults, "n_ctx"), (entry, "max_model_len"), (meta, "n_ctx")):
        if isinstance(holder, dict) and (size := _positive(holder.get(name))):
            return size
    version = connection.told(f"{root}/api/version", None, StopFlag())
    return _of_ollama(connection, model) if isinstance(version, dict) else None


def _of_ollama(connection: Connection, model: str) -> int | None:
    """Ollama cuts a longer prompt without a word, newer versions to half of the context.

    So that half is what a prompt may have: github.com/ollama/ollama/issues/17427 and 17889.
    """
    return next((size // 2 for size in _ollama_sizes(connection, model)), None)


def _ollama_sizes(connection: Connection, model: str) -> Iterator[int]:
    root = connection.address.root
    running = connection.told(f"{root}/api/ps", None, StopFlag())
    models = running.get("models") if isinstance(running, dict) else None
    for one in models if isinstance(models, list) else ():
        names = (one.get("name"), one.get("model")) if isinstance(one, dict) else ()
        if model in names and (size := _positive(one.get("context_length"))):
            yield size
    shown = connection.told(f"{root}/api/show", {"model": model}, StopFlag())
    parameters = shown.get("parameters") if isinstance(shown, dict) else None
    if isinstance(parameters, str) and (found := _NUM_CTX.search(parameters)):
        yield int(found[1])


def _positive(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
