"""Translator: a few words from one language into another, by a small model that goes on with a text.

It is shown a few words in both languages, one below the other, and then the words to translate. It
needs no chat template. Its words are a guess: see `qa/answering/rendering.py`.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import prompts
from index.text.languages import ENGLISH_NAMES
from qa.llm import loading
from qa.llm.context import Context
from qa.llm.settings import LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

_CONTEXT_TOKENS = 1024
_MAX_TOKENS = 48  # of what is written
_MAX_LETTERS = 200  # of what is translated


class Translator(Protocol):
    """What rendering needs of a translator; tests use a scripted one."""

    def translate(self, words: str, source: str, target: str) -> str:
        """A few words in another language (ISO 639 codes); empty where that is not known."""


class LlamaTranslator:
    """A model in a GGUF file, loaded when it is first needed. One thread uses it."""

    def __init__(self, path: Path) -> None:
        """Take a file that was checked."""
        self._path = path

    def translate(self, words: str, source: str, target: str) -> str:
        """See `Translator`."""
        examples = prompts.table("translate")
        words = " ".join(words.split())
        if not {source, target} <= examples.keys() or not 0 < len(words) <= _MAX_LETTERS:
            return ""
        pairs = zip(examples[source], examples[target], strict=True)
        shown = "".join(f"{_line(source, a)}\n{_line(target, b)}\n\n" for a, b in pairs)
        return self._go_on(f"{shown}{_line(source, words)}\n{_line(target, '').rstrip()}")

    def _go_on(self, text: str) -> str:
        """The rest of a text's last line, by the likeliest token again and again."""
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        tokens = self._llama.tokenize(text.encode(), add_bos=True, special=False)
        written: list[int] = []
        while len(written) < _MAX_TOKENS:
            (decoded,) = self._context.decode([tokens + written])
            token = int(decoded.logits.argmax())
            if llama_cpp.llama_vocab_is_eog(vocabulary, token):
                break
            written.append(token)
            if b"\n" in self._llama.detokenize([token], special=False):
                break
        said: bytes = self._llama.detokenize(written, special=False)
        return said.decode("utf-8", "ignore").split("\n")[0].strip()

    @cached_property
    def _llama(self) -> "Llama":
        return loading.load(self._path, LlamaSettings())

    @cached_property
    def _context(self) -> Context:
        return loading.open_context(self._llama, _CONTEXT_TOKENS)


def _line(language: str, words: str) -> str:
    return f"{ENGLISH_NAMES[language]}: {words}"
