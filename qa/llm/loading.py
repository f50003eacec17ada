"""Loading: a GGUF file -> llama.cpp's model, and the contexts that compute with it.

The only file that relies on the inner workings of llama_cpp: see `_weights`.
"""

import contextlib
import ctypes
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import BadModel
from qa.llm import gpus
from qa.llm.context import BATCH, SEQUENCES, Context
from qa.llm.free_cores import FreeCores
from qa.llm.settings import LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

_NUMBER_TYPES = ctypes.c_bool, ctypes.c_int, ctypes.c_uint, ctypes.c_float  # no pointers
_THREADS = "n_threads", "n_threads_batch"


def load(path: Path, settings: LlamaSettings) -> "Llama":
    """Load the weights of a model.

    Raises:
        BadModel: llama.cpp cannot load the file.
    """
    import llama_cpp

    _silence()
    try:
        with _weights(repacked=settings.repack):
            # Its own context, of the least size, is never used: see `parameters`.
            on_gpu = _layers_on_gpu(settings)
            llama = llama_cpp.Llama(str(path), n_gpu_layers=on_gpu, n_ctx=256, verbose=False)
    except (ValueError, RuntimeError, OSError, AssertionError, MemoryError) as error:
        raise BadModel(
            f"Cannot load the model {path}: {error}. Is the file whole? Check with: "
            f"article-qa models verify, or give another GGUF file with --llm{_gpu_hint()}"
        ) from error
    _apply(settings, llama.context_params)
    return llama


def layers(llama: "Llama") -> int:
    """How many a GPU can be given: those of the network, and the one that it ends with."""
    import llama_cpp

    return int(llama_cpp.llama_model_n_layer(llama.model)) + 1


def _layers_on_gpu(settings: LlamaSettings) -> int:
    """As llama_cpp counts them: -1 is all; none without a GPU, whatever the settings say."""
    if not gpus.names():
        return 0
    return -1 if settings.gpu_layers is None else settings.gpu_layers


def _silence() -> None:
    """Print nothing of llama.cpp's; what fails is raised.

    llama_cpp sets a log of its own when it is imported, which takes warnings for errors and prints
    them. In its place comes a function of the C library that does nothing with what it is given:
    one in Python would be called by every thread that computes, and when Python is gone.
    """
    import llama_cpp

    nothing = ctypes.cast(ctypes.CDLL(None).abs, llama_cpp.llama_log_callback)
    llama_cpp.llama_log_set(nothing, ctypes.c_void_p(0))


def open_context(
    llama: "Llama",
    size: int,
    settings: LlamaSettings | None = None,
    free_cores: FreeCores | None = None,
    *,
    whole: bool = False,
) -> Context:
    """Open a context for `size` tokens.

    It computes as the model was loaded to, or as other `settings` say, but for the layout of the
    weights; where `free_cores` are given, with fewer threads while others need the cores. With
    `whole` it decodes each prompt whole, as it does for a model that needs that.

    Raises:
        BadModel: there is no memory for it.
    """
    opened = parameters(llama, size)
    if settings:
        _apply(settings, opened)
    branches = not whole and can_branch(llama)
    if not branches:
        opened.n_seq_max, opened.swa_full = 1, False
    try:
        return Context(llama, opened, free_cores, branches=branches)
    except MemoryError as error:
        raise BadModel(
            f"There is no memory to compute with the model {llama.model_path}. Close other "
            f"programs, or give a smaller model with --llm{_gpu_hint()}"
        ) from error


def _gpu_hint() -> str:
    """What else may help where layers are on a GPU, whose memory may be too small."""
    if not gpus.names():
        return ""
    return "; or put fewer layers on the GPU: --gpu-layers N, which article-qa models tune finds"


def can_branch(llama: "Llama") -> bool:
    """Whether several prompts can go on from one prefix, and its state be kept, with this model.

    Not where layers forget what lies behind a sliding window, or keep one state for all of it.
    """
    import llama_cpp

    forgets = llama_cpp.llama_model_n_swa(llama.model) > 0
    kinds = llama_cpp.llama_model_is_recurrent, llama_cpp.llama_model_is_hybrid
    return not forgets and not any(kind(llama.model) for kind in kinds)


def _apply(settings: LlamaSettings, parameters: Any) -> None:
    """Have a context compute as `settings` say, but for the layout of the weights."""
    import llama_cpp

    cores = len(os.sched_getaffinity(0))
    attention = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
    if not settings.flash_attention:
        attention = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.flash_attn_type, parameters.n_ubatch = attention, settings.ubatch
    parameters.n_threads = settings.writing_threads or cores
    parameters.n_threads_batch = settings.reading_threads or cores


def parameters(llama: "Llama", size: int) -> Any:
    """The parameters of a context for `size` tokens of several sequences."""
    found = type(llama.context_params).from_buffer_copy(llama.context_params)
    found.n_ctx, found.n_batch = size, BATCH
    found.n_seq_max, found.kv_unified = SEQUENCES, True
    return found


def state_fingerprint(llama: "Llama", sha256: str, size: int) -> bytes:
    """A digest of all that decides a KV state, besides its tokens.

    The processor too: another computes other last digits. The number of threads changes no bit.
    """
    import llama_cpp

    settings = {
        name: getattr(found, name)
        for found in (parameters(llama, size), llama.model_params)
        for name, kind in found._fields_
        if kind in _NUMBER_TYPES and name not in _THREADS
    }
    built = llama_cpp.__version__, llama_cpp.llama_print_system_info(), *gpus.names()
    return hashlib.sha256(repr((sha256, built, settings)).encode()).digest()


@contextlib.contextmanager
def _weights(*, repacked: bool) -> Iterator[None]:
    """Load weights as they lie in the file, or repacked for writing; compile no chat template.

    `Llama` has no argument for either, so the defaults it starts from and the compiler it uses are
    changed while it loads. A template is a program: see template_renderer.py.
    """
    import llama_cpp.llama

    module: Any = llama_cpp.llama_cpp
    loader: Any = llama_cpp.llama
    defaults, formats = module.llama_model_default_params, loader.llama_chat_format

    def changed() -> Any:
        found = defaults()
        found.use_extra_bufts = repacked
        return found

    module.llama_model_default_params = changed
    loader.llama_chat_format = _NoFormats
    try:
        yield
    finally:
        module.llama_model_default_params = defaults
        loader.llama_chat_format = formats


class _NoFormats:
    """Stands for llama_cpp.llama_chat_format while a model is loaded."""

    class Jinja2ChatFormatter:
        def __init__(self, **given: Any) -> None:
            """Nothing is compiled."""

        def to_chat_handler(self) -> None:
            """There is none."""

    @staticmethod
    def guess_chat_format_from_gguf_metadata(metadata: dict[str, str]) -> None:
        """None is guessed."""
