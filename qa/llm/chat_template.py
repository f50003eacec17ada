"""Chat template: messages -> the model's tokens, safe from control tokens that text spells out.

What the model writes behind them is read here, too: `text_of`.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import regex

from index.errors import BadModel
from qa.llm.batching import common
from qa.llm.model import Message, Role, spellings
from qa.llm.template_renderer import Renderer
from qa.llm.template_worker import SENTINEL
from qa.llm.thinking import MARKS, closed, unclosed

if TYPE_CHECKING:
    from llama_cpp import Llama

_BRACKETS = ("<", "[")  # what control words of chat templates begin with
_KEY = "tokenizer.chat_template"
# A model without a template of its own gets ChatML, which most small models know.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """The tokens of a prompt; the first `prefix_length` of them are shared with other prompts."""

    tokens: list[int]
    prefix_length: int

    @property
    def prefix(self) -> list[int]:
        """The tokens whose KV state is cached."""
        return self.tokens[: self.prefix_length]


class ChatTemplate:
    """The chat template and the tokenizer of one model."""

    def __init__(self, llama: "Llama", renderer: Renderer) -> None:
        """Render the template once.

        Raises:
            BadModel: the template cannot be used.
        """
        self._llama, self._renderer = llama, renderer
        self._rendered: dict[tuple[Role, ...], list[str]] = {}
        self._around(("system", "user"))

    def prompt(self, messages: Sequence[Message]) -> PromptTokens:
        """The tokens of messages, and how many of them are the prefix (`Message.prefix`)."""
        tokens = self.tokens(messages)
        *before, last = messages
        if not last.prefix:
            return PromptTokens(tokens, 0)
        prefix = self.tokens([*before, replace(last, content=last.content[: last.prefix])])
        return PromptTokens(tokens, common(tokens, prefix))

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of the chat template around the messages.

        Only the template's own text may become control tokens: `<|im_start|>` in an article or a
        question is read as the letters it is written with.
        """
        *around, end = self._around(tuple(message.role for message in messages))
        tokens: list[int] = []
        for before, message in zip(around, messages, strict=True):
            tokens += self._tokenize(before, special=True)
            tokens += self.plain_tokens(message.content)
        return tokens + self._tokenize(end, special=True)

    def plain_tokens(self, text: str) -> list[int]:
        """Tokens of a text that is data: none of them means anything to the chat template.

        llama.cpp reads tokens that a model's makers added, as `<tool_call>`, even where it is told
        to read none: such a word is cut behind its first letter.
        """
        parts = self._cuts.split(text) if self._cuts else [text]
        return [token for part in parts for token in self._tokenize(part, special=False)]

    def text_of(self, token: int) -> bytes:
        """What a written token adds to the text; of control words, those of thoughts alone."""
        return self._thought_marks.get(token) or self._llama.detokenize([token], special=False)

    def closing_tokens(self, closing: str) -> list[int]:
        """What ends a thought that the model has begun (`thinking.MARKS`)."""
        return self._tokenize(closed(closing), special=True)

    @property
    def is_missing(self) -> bool:
        """Whether the model came without a template, as one does that was never taught to chat."""
        return not self._llama.metadata.get(_KEY)

    def first_tokens(self, word: str) -> list[int]:
        """The first tokens of a word's usual spellings."""
        return sorted({self._tokenize(each, special=False)[0] for each in spellings(word)})

    @functools.cached_property
    def _thought_marks(self) -> dict[int, bytes]:
        """The tokens of marks of thoughts that the tokenizer would leave out of a text."""
        marks = (mark for both in MARKS.items() for mark in both)
        tokens = {token for mark in marks for token in self._tokenize(mark, special=True)}
        texts = {token: self._llama.detokenize([token], special=True) for token in tokens}
        return {t: text for t, text in texts.items() if text.strip().startswith((b"<", b"["))}

    @functools.cached_property
    def _cuts(self) -> regex.Pattern[str] | None:
        """The places within every added word that looks like a control word of a template."""
        words = (word for word in added_words(self._llama) if word[:1] in _BRACKETS)
        inside = [f"(?<={regex.escape(w[0])})(?={regex.escape(w[1:])})" for w in words if w[1:]]
        return regex.compile("|".join(inside), regex.VERSION1) if inside else None

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return tokens

    def _around(self, roles: tuple[Role, ...]) -> list[str]:
        """The template's texts before each message of these roles, and behind the last one."""
        if roles not in self._rendered:
            template = self._llama.metadata.get(_KEY) or _CHATML
            eos, bos = (
                _word(self._llama, token)
                for token in (self._llama.token_eos(), self._llama.token_bos())
            )
            text = self._renderer.render(template, eos, bos, roles)
            if bos and not text.lstrip().startswith(bos) and _begins_with_bos(self._llama):
                text = bos + text
            *before, end = _parts(text, len(roles))
            thought = unclosed(end)  # of a template that knows no switch for it
            self._rendered[roles] = [*before, end + closed(thought) if thought else end]
        return self._rendered[roles]


def _parts(rest: str, messages: int) -> list[str]:
    """A rendered template, cut at each message."""
    parts = []
    for i in range(messages):
        before, found, rest = rest.partition(SENTINEL.format(i))
        if not found:
            raise BadModel(
                "The model's chat template cannot be used: it leaves out messages, or changes "
                "their order. Give another GGUF file with --llm"
            )
        parts.append(before)
    return [*parts, rest]


def added_words(llama: "Llama") -> Iterator[str]:
    """Words that the model's makers added to its vocabulary and that are no control tokens."""
    import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    for token in range(llama_cpp.llama_vocab_n_tokens(vocabulary)):
        attributes = llama_cpp.llama_vocab_get_attr(vocabulary, token)
        if attributes & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
            yield _word(llama, token)


def _begins_with_bos(llama: "Llama") -> bool:
    """Whether every text that the model learnt from began with a token for that."""
    import llama_cpp

    return bool(llama_cpp.llama_vocab_get_add_bos(llama_cpp.llama_model_get_vocab(llama.model)))


def _word(llama: "Llama", token: int) -> str:
    return llama.detokenize([token], special=True).decode(errors="ignore") if token >= 0 else ""
