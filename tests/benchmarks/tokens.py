"""Tokens a second: our model beside llama.cpp's own loop and the library's class, in turn."""

import ctypes
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import llama_cpp

from index.child_process import ChildProcess
from qa.llm.llama import LlamaModel
from qa.llm.model import Message
from qa.llm.trial import ended_by
from qa.weights.checksums import sha256_of
from qa.weights.paths import llm_path
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, table
from tests.benchmarks.timing import ratios, spread, turns

CONTEXT = 4096
BATCH = 512
READ = 512
WRITTEN = 64
LONGEST = 600.0  # seconds to load and to read once
SYSTEM = "You are a helpful assistant."
COUNTING = "Write the numbers from one to two hundred as English words, separated by commas."
WORDS = "In the harbour town the bakery sold four hundred loaves of bread before noon. "
OURS, RAW, LIBRARY = (
    "`qa.llm.llama.LlamaModel`",
    "llama.cpp alone",
    "`llama_cpp.Llama`, its defaults",
)


class Raw:
    """llama.cpp with the settings that our model loads with, and nothing around it."""

    def __init__(self, path: Path, threads: int) -> None:
        llama_cpp.llama_backend_init()
        loading = llama_cpp.llama_model_default_params()
        loading.use_extra_bufts = False
        model = llama_cpp.llama_model_load_from_file(os.fsencode(path), loading)
        self.vocabulary = llama_cpp.llama_model_get_vocab(model)
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = CONTEXT
        settings.n_batch = settings.n_ubatch = BATCH
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self.context = llama_cpp.llama_init_from_model(model, settings)
        self.greedy = llama_cpp.llama_sampler_init_greedy()

    def tokens(self, text: str) -> list[int]:
        """Of a text that may hold marks of the chat template."""
        data, room = text.encode(), (llama_cpp.llama_token * CONTEXT)()
        count = llama_cpp.llama_tokenize(
            self.vocabulary, data, len(data), room, CONTEXT, False, True
        )
        return list(room[:count])

    def read(self, tokens: Sequence[int]) -> None:
        """Read tokens behind nothing, as many at once as our model does."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        for i in range(0, len(tokens), BATCH):
            self._decode(tokens[i : i + BATCH])

    def write(self, count: int) -> Iterator[int]:
        """Go on with the likeliest token, `count` times."""
        for left in reversed(range(count)):
            token = llama_cpp.llama_sampler_sample(self.greedy, self.context, -1)
            yield token
            if left:
                self._decode([token])

    def _decode(self, tokens: Sequence[int]) -> None:
        some = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(ctypes.cast(some, _POINTER), len(tokens))
        if wrong := llama_cpp.llama_decode(self.context, batch):
            raise RuntimeError(f"llama_decode: {wrong}")


_POINTER: Any = ctypes.POINTER(llama_cpp.llama_token)


def tables(options: Options) -> Iterator[Table]:
    """Reading and writing."""
    path, threads = llm_path(), len(os.sched_getaffinity(0))
    ours = LlamaModel(path, sha256_of(path), threads)
    raw = Raw(path, threads)
    library = ChildProcess("tests.benchmarks.library_worker", str(path), str(CONTEXT))
    prompt = prompt_of(raw)
    tokens = raw.tokens(framed(prompt))
    counted = raw.tokens(framed(COUNTING))

    def read_ours() -> float:
        ours.reset()
        begun = time.perf_counter()
        read = ours.yes_no(messages(prompt)).prompt_tokens
        taken = time.perf_counter() - begun
        if read != len(tokens):
            raise RuntimeError(f"our model read {read} tokens, llama.cpp {len(tokens)}")
        return read / taken

    def read_raw() -> float:
        begun = time.perf_counter()
        raw.read(tokens)
        return len(tokens) / (time.perf_counter() - begun)

    def read_library() -> float:
        taken = library.ask(json.dumps(tokens).encode(), seconds=LONGEST, most=100)
        return len(tokens) / float(json.loads(taken))

    def write_ours() -> float:
        ours.reset()
        draft = ours.write(messages(COUNTING), WRITTEN)
        return rate(iter(draft), lambda: draft.answer_tokens)

    def write_raw() -> float:
        raw.read(counted)
        return rate(raw.write(WRITTEN), lambda: WRITTEN)

    reads = {OURS: read_ours, RAW: read_raw, LIBRARY: read_library}
    writes = {OURS: write_ours, RAW: write_raw}
    loaded = LOADED
    try:
        read_library()
    except (EOFError, OSError):
        del reads[LIBRARY]
        loaded += f" Here these end the process ({ended_by(library.ended)})."
    for warm in (read_ours, read_raw, *writes.values()):
        warm()
    what = f"Reading {len(tokens)} tokens behind nothing, tokens a second"
    with closing(library):
        yield compared(what, turns(reads, options.runs), loaded)
    what = f"Writing {WRITTEN} tokens, the likeliest each time, tokens a second"
    yield compared(what, turns(writes, options.runs), MEANT)


LOADED = (
    f"{RAW}: a loop over `llama_decode` with our model's settings (weights not repacked, flash "
    f"attention, threads). {LIBRARY}: repacked weights, a context as large, a process of its own."
)
MEANT = (
    "From the first token to the last. Ours also weighs each token's probability, makes text of it "
    "and asks whether to stop; it is meant to reach 0.95 of llama.cpp alone."
)


def rate(pieces: Iterator[object], written: Any) -> float:
    """Tokens a second, from the first piece to the end."""
    next(pieces)
    begun = time.perf_counter()
    for _ in pieces:
        pass
    return float((written() - 1) / (time.perf_counter() - begun))


def compared(title: str, found: dict[str, list[float]], note: str) -> Table:
    """Each, and the ratio of ours to it within a run."""
    rows = [[name, spread(of), spread(ratios(found[OURS], of))] for name, of in found.items()]
    return table(title, ("by", "tokens a second", "ours ÷ this"), rows, note)


def messages(content: str) -> list[Message]:
    """A conversation of one question."""
    return [Message("system", SYSTEM), Message("user", content)]


def framed(content: str) -> str:
    """The same in the default model's chat template, ChatML."""
    turn = "<|im_start|>{}\n{}<|im_end|>\n".format
    return turn("system", SYSTEM) + turn("user", content) + "<|im_start|>assistant\n"


def prompt_of(raw: Raw) -> str:
    """A text that makes a prompt of `READ` tokens."""
    text = WORDS * (READ // len(raw.tokens(WORDS)))
    while len(raw.tokens(framed(text))) > READ:
        text = text.rpartition(" ")[0]
    while len(raw.tokens(framed(text))) < READ:
        text += " and"
    return text
