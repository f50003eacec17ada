"""Model: prompt -> stream of text; home of llama_cpp, with context.py and loading.py."""

import codecs
import contextlib
import copy
import functools
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import regex

from qa.cancellation import StopFlag
from qa.llm import loading
from qa.llm.batching import common
from qa.llm.cache.files import DiskCache
from qa.llm.cache.memory import PrefixCache
from qa.llm.chat_template import BRACKETS, SENTINEL, added_words, render
from qa.llm.context import Context, Logits, NotRead
from qa.llm.interrupt import Interrupt
from qa.llm.model import Draft, Leaning, Message, Role
from qa.llm.settings import DEFAULTS, LlamaSettings

# Tokens of prompt and answer together. Longer contexts only cost memory: see PROMPT_TOKENS.
_CONTEXT = 4096
_ROOM = 6144  # tokens of all prompts that are held side by side
# Bytes of kept beginnings in memory, the least recently used go first. A token takes 28 KB.
_KEPT = 512 * 2**20


class LlamaModel:
    """A GGUF model run by llama.cpp on the CPU."""

    def __init__(
        self,
        path: Path,
        sha256: str,
        threads: int | None = None,
        kept: DiskCache | None = None,
        tuning: LlamaSettings = DEFAULTS,
    ) -> None:
        """Load the weights.

        Args:
            path: a GGUF file.
            sha256: of that file.
            threads: processor cores to use; when None, as many as `tuning` says.
            kept: where beginnings that are kept outlast this process.
            tuning: how llama.cpp is to compute.

        Raises:
            BadModel: llama.cpp cannot load the file.
        """
        self._path, self._sha256 = path, sha256
        self._frames: dict[tuple[Role, ...], str] = {}
        if threads:
            tuning = replace(tuning, reading_threads=threads, writing_threads=threads)
        self._llama = loading.load(path, tuning)
        maker = loading.maker(self._llama, sha256, _CONTEXT) if kept else b""
        self._states = PrefixCache(_KEPT, kept, maker)
        self._open()

    def _open(self) -> None:
        """Begin to read and write, with nothing read."""
        self._interrupt = Interrupt()
        self._question: tuple[object, int | None] = None, None  # what llama.cpp is to ask
        self._opened: list[Any] = []
        self._foreseen: dict[tuple[int, ...], int] = {}  # tokens it took to read a prompt
        self._contexts: dict[int, Context] = {}

    @property
    def name(self) -> str:
        """See `LanguageModel`."""
        return self._path.stem

    @property
    def sha256(self) -> str:
        """See `LanguageModel`."""
        return self._sha256

    def count(self, text: str) -> int:
        """See `LanguageModel`."""
        return len(self._plain(text))

    def fork(self) -> "LlamaModel":
        """See `LanguageModel`."""
        other = copy.copy(self)
        other._open()
        return other

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """See `LanguageModel`."""
        return _LlamaDraft(self, self._asked(messages), max_tokens)

    def yes_no(self, messages: Sequence[Message]) -> Leaning:
        """See `LanguageModel`."""
        read, logits = self._lean(messages)
        yes, no = (np.logaddexp.reduce(logits[self._spelled(word)]) for word in ("yes", "no"))
        return replace(read, log_odds=float(yes - no))

    def first_word(self, messages: Sequence[Message], word: str) -> Leaning:
        """See `LanguageModel`."""
        read, logits = self._lean(messages)
        said = np.zeros(len(logits), dtype=bool)
        said[self._spelled(word)] = True
        this, others = (np.logaddexp.reduce(logits[some]) for some in (said, ~said))
        return replace(read, log_odds=float(this - others))

    def prefill(self, prompts: Sequence[Sequence[Message]]) -> None:
        """See `LanguageModel`."""
        asked = [self._asked(messages) for messages in prompts]
        if sum(len(one.tokens) for one in asked) <= _CONTEXT:
            read = zip(asked, self._read(asked), strict=True)
            self._foreseen |= {tuple(one.tokens): took for one, (took, _) in read}

    def _lean(self, messages: Sequence[Message]) -> tuple[Leaning, Logits]:
        """Read messages as far as to what would be written behind them; no odds yet."""
        asked = self._asked(messages)
        spared, logits = self._spared(asked)
        return Leaning(0.0, len(asked.tokens), spared), logits

    def _spared(self, asked: "_Asked") -> tuple[int, Logits]:
        """Read one prompt: how many of its tokens need not be read for it, and what comes next."""
        ((took, logits),) = self._read([asked])
        took += self._foreseen.pop(tuple(asked.tokens), 0)
        return len(asked.tokens) - took, logits

    def _read(self, prompts: Sequence["_Asked"]) -> list[tuple[int, Logits]]:
        """Read prompts; for each, how many tokens were read for it and what may come next."""
        with self._reading():
            self._interrupt.check()
            took = [self._begin(asked) for asked in prompts]
            reads = self._context.read([asked.tokens for asked in prompts])
        return [(begun + read.fresh, read.logits) for begun, read in zip(took, reads, strict=True)]

    def _begin(self, asked: "_Asked") -> int:
        """Hold what of a prompt is kept; how many tokens had to be read for that.

        It is read alone if it never was, so that its state is the same whatever is asked behind it.
        """
        begun = asked.tokens[: asked.beginning]
        if self._context.common(begun) == len(begun):
            return 0
        state = self._states.get(begun)
        if state is not None and self._context.take(begun, state):
            return 0
        state = self._alone(begun)
        self._states.put(begun, state)
        self._context.take(begun, state)
        return len(begun)

    def stored(self, messages: Sequence[Message]) -> int:
        """See `LanguageModel`."""
        return self._states.stored(self._begun(messages))

    def store(self, messages: Sequence[Message], room: int) -> int:
        """See `LanguageModel`."""
        begun = self._begun(messages)
        with self._reading():
            self._interrupt.check()
            state = self._alone(begun)
        return self._states.store(begun, state) if len(state) <= room else 0

    def _begun(self, messages: Sequence[Message]) -> list[int]:
        """The kept beginning of messages."""
        asked = self._asked(messages)
        return asked.tokens[: asked.beginning]

    def _alone(self, tokens: list[int]) -> bytearray:
        """The state of tokens read with nothing before or beside them."""
        apart = self._context_of(_CONTEXT)  # what is at work is not disturbed
        apart.clear()
        apart.read([tokens])
        return apart.state(tokens)

    @property
    def _context(self) -> Context:
        """What is at work."""
        return self._context_of(_ROOM)

    def _context_of(self, room: int) -> Context:
        """The one for so many tokens, opened when it is first needed."""
        from llama_cpp._internals import LlamaContext

        if room in self._contexts:
            return self._contexts[room]
        llama = self._llama
        parameters = loading.parameters(llama, room)
        opened = LlamaContext(model=llama._model, params=parameters, verbose=False)
        self._opened.append(opened)
        if self._question[0]:
            self._let_ask(*self._question)
        self._contexts[room] = Context(opened.ctx, llama.n_vocab())
        return self._contexts[room]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """See that the reading can be stopped, and that nothing half read is gone on from."""
        with self._interrupt.watching(self._let_ask):
            try:
                yield
            except NotRead:
                self.forget()
                self._interrupt.check()
                raise

    def _spelled(self, word: str) -> list[int]:
        """The first tokens of a word's usual spellings."""
        spellings = (word, word.capitalize(), word.upper(), f" {word.capitalize()}")
        return sorted({self._tokens(spelling, special=False)[0] for spelling in spellings})

    def _plain(self, text: str) -> list[int]:
        """Tokens of a text that is data: none of them means anything to the chat template.

        llama.cpp reads tokens that a model's makers added, as `<tool_call>`, even where it is told
        to read none: such a word is cut behind its first letter.
        """
        parts = self._marks.split(text) if self._marks else [text]
        return [token for part in parts for token in self._tokens(part, special=False)]

    @functools.cached_property
    def _marks(self) -> regex.Pattern[str] | None:
        """The places within every added token that looks like a mark of a template."""
        pieces = (piece for piece in added_words(self._llama) if piece[:1] in BRACKETS)
        inside = [f"(?<={regex.escape(p[0])})(?={regex.escape(p[1:])})" for p in pieces if p[1:]]
        return regex.compile("|".join(inside), regex.VERSION1) if inside else None

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return tokens

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of the chat template around the messages.

        Only the template's own text may become control tokens: `<|im_start|>` in an article or a
        question is read as the letters it is written with.
        """
        frame = self._frame(tuple(message.role for message in messages))
        tokens: list[int] = []
        for i, message in enumerate(messages):
            before, frame = frame.split(SENTINEL.format(i), 1)
            tokens += self._tokens(before, special=True)
            tokens += self._plain(message.content)
        return tokens + self._tokens(frame, special=True)

    def _frame(self, roles: tuple[Role, ...]) -> str:
        if roles not in self._frames:
            self._frames[roles] = render(self._llama, roles)
        return self._frames[roles]

    def _asked(self, messages: Sequence[Message]) -> "_Asked":
        tokens = self._prompt(messages)
        *before, last = messages
        if not last.kept:
            return _Asked(tokens, 0)
        begun = self._prompt([*before, replace(last, content=last.content[: last.kept])])
        return _Asked(tokens, common(tokens, begun))

    def _let_ask(self, question: object, address: int | None) -> None:
        """Have llama.cpp ask between its steps whether to give up."""
        import llama_cpp

        self._question = question, address
        for opened in self._opened:
            llama_cpp.llama_set_abort_callback(opened.ctx, question, address)

    def ends(self, token: int) -> bool:
        """Whether a token ends what the model says."""
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        return bool(llama_cpp.llama_vocab_is_eog(vocabulary, token))

    def _generate(self, draft: "_LlamaDraft") -> Generator[tuple[int, float]]:
        """The likeliest token, again and again, and the natural logarithm of its probability."""
        written = list(draft.asked.tokens)
        with self._reading():
            spared, logits = self._spared(draft.asked)
            draft.cached_tokens = spared
            while True:
                token = int(logits.argmax())
                yield token, log_probability(logits, token)
                self._interrupt.check()
                written.append(token)
                (read,) = self._context.read([written])
                logits = read.logits

    def forget(self) -> None:
        """See `LanguageModel`."""
        self._context.clear()
        self._foreseen.clear()

    def cancel_when(self, flag: StopFlag) -> None:
        """See `LanguageModel`."""
        self._interrupt.cancel_when(flag)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Tokens of a prompt, of which a beginning is kept."""

    tokens: list[int]
    beginning: int


def log_probability(logits: Logits, token: int) -> float:
    """Of a token as what comes next, the natural logarithm."""
    highest = logits.max()
    return float(logits[token] - highest - np.log(np.exp(logits - highest).sum()))


class _LlamaDraft:
    def __init__(self, model: LlamaModel, asked: _Asked, max_tokens: int) -> None:
        self._model, self.asked, self._max_tokens = model, asked, max_tokens
        self.prompt_tokens = len(asked.tokens)
        self.cached_tokens = 0
        self.answer_tokens = 0
        self.confidence = 0.0

    def __iter__(self) -> Iterator[str]:
        llama = self._model._llama
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        room = min(self._max_tokens, _CONTEXT - self.prompt_tokens)
        with contextlib.closing(self._model._generate(self)) as tokens:
            for token, log_probability in tokens:
                if self._model.ends(token):
                    break
                self.answer_tokens += 1
                self.confidence += (log_probability - self.confidence) / self.answer_tokens
                text = decoder.decode(llama.detokenize([token], special=False))
                if text:
                    yield text
                if self.answer_tokens >= room:
                    break
