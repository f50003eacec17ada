"""GPUs: those that llama.cpp was built for and finds on this machine."""

import ctypes
from functools import cache

_GPU, _INTEGRATED = 1, 2  # of ggml_backend_dev_type in llama.cpp's ggml-backend.h


@cache
def names() -> tuple[str, ...]:
    """What each is called, such as `NVIDIA H200`; none where llama.cpp was built for none."""
    import llama_cpp

    if not llama_cpp.llama_supports_gpu_offload():
        return ()
    return tuple(name for kind, name in devices() if kind in (_GPU, _INTEGRATED))


def devices() -> list[tuple[int, str]]:
    """The kind and the name of every device that llama.cpp computes with, the processor too."""
    from llama_cpp.llama_cpp import _lib as library  # with the libraries it is linked to

    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    get, kind, name = (
        getattr(library, f"ggml_backend_dev_{part}") for part in ("get", "type", "description")
    )
    get.argtypes, get.restype = [ctypes.c_size_t], ctypes.c_void_p
    kind.argtypes, kind.restype = [ctypes.c_void_p], ctypes.c_int
    name.argtypes, name.restype = [ctypes.c_void_p], ctypes.c_char_p
    found = map(get, range(library.ggml_backend_dev_count()))
    return [(kind(one), name(one).decode(errors="replace")) for one in found]
