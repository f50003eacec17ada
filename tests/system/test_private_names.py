"""Private names of libraries: each that is used still exists, so that an update says what broke."""

import inspect
import re
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest

from index.storage.vectors.chroma import GRAPH_FILE, graph_files, open_client

# Library, name and purpose. In `package.module:Class.attribute` the attribute may be one that the
# class's methods set.
PRIVATE_NAMES = [
    (
        "chromadb",
        "chromadb.api.shared_system_client:SharedSystemClient.clear_system_cache",
        "see what another process wrote",
    ),
    ("gradio", "gradio:api", "offer functions to programs"),
    ("gradio", "gradio.blocks:Blocks.has_launched", "check that a file was uploaded"),
    ("gradio", "gradio.blocks:Blocks.state_session_capacity", "limit the sessions kept"),
    ("gradio", "gradio.blocks:Blocks.fns", "complete the calls of older programs"),
    ("gradio", "gradio.blocks:Blocks._queue", "limit the calls at work"),
    ("gradio", "gradio.events:EventData._data", "read what a click carries"),
    ("gradio", "gradio.processing_utils:async_ssrf_protected_get", "fetch no address"),
    ("gradio", "gradio.queueing:traceback.print_exc", "escape what errors print"),
    ("gradio", "gradio.queueing:Event.alive", "see a client go away"),
    ("gradio", "gradio.queueing:Event.session_hash", "find the calls of a client"),
    ("gradio", "gradio.queueing:Queue.push", "limit the calls of a visitor"),
    ("gradio", "gradio.queueing:Queue.active_jobs", "count the calls at work"),
    ("gradio", "gradio.queueing:Queue.event_queue_per_concurrency_id", "count the calls waiting"),
    ("gradio", "gradio.queueing:Queue.max_thread_count", "set how many calls are at work"),
    ("gradio", "gradio.queueing:Queue.pending_messages_per_session", "see a client go away"),
    ("llama_cpp", "llama_cpp.llama:llama_chat_format", "compile no template while loading"),
    (
        "llama_cpp",
        "llama_cpp.llama_chat_format:guess_chat_format_from_gguf_metadata",
        "compile no template while loading",
    ),
    ("llama_cpp", "llama_cpp.llama_chat_format:Jinja2ChatFormatter", "render chat templates"),
    ("llama_cpp", "llama_cpp.llama_cpp:llama_model_default_params", "load weights as they lie"),
    ("llama_cpp", "llama_cpp.llama_cpp:llama_model_params.use_extra_bufts", "repack weights"),
    ("py3langid", "py3langid.langid:MODEL_FILE", "load the classifier of languages"),
    ("py3langid", "py3langid.langid:LanguageIdentifier.from_model_file", "load the classifier"),
    (
        "py3langid",
        "py3langid.langid:LanguageIdentifier.set_languages",
        "choose among few languages",
    ),
    ("uvicorn", "uvicorn:Server.on_tick", "look for idle connections each second"),
    ("uvicorn", "uvicorn.server:ServerState.connections", "close connections"),
    ("uvicorn", "uvicorn.protocols.http.h11_impl:H11Protocol.cycle", "find idle connections"),
    (
        "uvicorn",
        "uvicorn.protocols.http.h11_impl:RequestResponseCycle.response_complete",
        "find idle connections",
    ),
]


@pytest.mark.parametrize(("library", "name", "purpose"), PRIVATE_NAMES)
def test_private_name_exists(library: str, name: str, purpose: str) -> None:
    assert exists(name), f"{library} has no {name} any more, which is used to {purpose}"


def exists(name: str) -> bool:
    owner, _, attribute = name.rpartition("." if "." in name.partition(":")[2] else ":")
    try:
        found = resolve_name(owner)
    except (ImportError, AttributeError):
        return False
    return hasattr(found, attribute) or (
        inspect.isclass(found)
        and re.search(rf"\bself\.{attribute}\b", inspect.getsource(found)) is not None
    )


def test_chroma_still_names_a_file_of_each_graph_as_we_look_for_it(tmp_path: Path) -> None:
    few: Any = {"hnsw": {"batch_size": 5, "sync_threshold": 10}}
    collection = open_client(tmp_path).create_collection("numbers", configuration=few)
    collection.add(ids=[str(i) for i in range(20)], embeddings=np.eye(20, dtype=np.float32))

    assert GRAPH_FILE in {file.name for file in graph_files(tmp_path)}, (
        f"chromadb writes no {GRAPH_FILE} any more, by which the checksums of its graphs are made"
    )


@pytest.mark.parametrize("name", ["gradio:apis", "gradio.queueing:Queue.pop", "gradio.gone:Queue"])
def test_name_that_is_gone_is_missed(name: str) -> None:
    assert not exists(name)
