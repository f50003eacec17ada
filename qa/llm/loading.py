"""Loading: a GGUF file -> llama.cpp's model, and the parameters of what is computed with it."""

import contextlib
import ctypes
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import BadModel
from qa.llm.context import BATCH, SEQUENCES
from qa.llm.settings import LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

_NUMBERS = ctypes.c_bool, ctypes.c_int, ctypes.c_uint, ctypes.c_float  # no pointers
_THREADS = "n_threads", "n_threads_batch"


def load(path: Path, tuning: LlamaSettings) -> "Llama":
    """Load a model.

    Raises:
        BadModel: llama.cpp cannot load the file.
    """
    import llama_cpp

    try:
        with _weights(repacked=tuning.repack):
            # Its own context, of the least size, is never used: see `parameters`.
            llama = llama_cpp.Llama(str(path), n_ctx=256, verbose=False)
    except (ValueError, RuntimeError, OSError, AssertionError) as error:
        raise BadModel(
            f"Cannot load the model {path}: {error}. Is the file whole? Check with: "
            "article-qa models verify, or give another GGUF file with --llm"
        ) from error
    finally:
        # Not even errors: it takes llama.cpp's warnings for them, and real ones are raised. Each
        # `Llama` sets this anew for all of them, one that cannot be loaded too.
        logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    tune(llama.context_params, tuning)
    return llama


def tune(parameters: Any, tuning: LlamaSettings) -> None:
    """Have a context compute as `tuning` says, but for how weights are laid out."""
    import llama_cpp

    cores = len(os.sched_getaffinity(0))
    attention = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
    if not tuning.flash_attention:
        attention = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.flash_attn_type, parameters.n_ubatch = attention, tuning.ubatch
    parameters.n_threads = tuning.writing_threads or cores
    parameters.n_threads_batch = tuning.reading_threads or cores


def parameters(llama: "Llama", room: int) -> Any:
    """Of a context for `room` tokens of several texts; how it computes was said on loading."""
    found = type(llama.context_params).from_buffer_copy(llama.context_params)
    found.n_ctx, found.n_batch = room, BATCH
    found.n_seq_max, found.kv_unified = SEQUENCES, True
    return found


def maker(llama: "Llama", sha256: str, room: int) -> bytes:
    """A digest of all that decides what a state is, besides its tokens.

    The processor too: another computes other last digits. The number of threads changes no bit.
    """
    import llama_cpp

    settings = {
        name: getattr(found, name)
        for found in (parameters(llama, room), llama.model_params)
        for name, kind in found._fields_
        if kind in _NUMBERS and name not in _THREADS
    }
    built = llama_cpp.__version__, llama_cpp.llama_print_system_info()
    return hashlib.sha256(repr((sha256, built, settings)).encode()).digest()


@contextlib.contextmanager
def _weights(*, repacked: bool) -> Iterator[None]:
    """Load weights as they lie in the file, or repacked for writing.

    `Llama` has no argument for it, so the defaults it starts from are changed while it loads.
    """
    import llama_cpp

    module = llama_cpp.llama_cpp
    defaults = module.llama_model_default_params

    def changed() -> Any:
        found = defaults()
        found.use_extra_bufts = repacked
        return found

    module.llama_model_default_params = changed
    try:
        yield
    finally:
        module.llama_model_default_params = defaults
