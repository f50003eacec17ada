"""Model: prompt -> stream of text; home of llama_cpp, with context.py and loading.py."""

import codecs
import contextlib
import copy
import functools
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import regex

from index.errors import BadModel
from qa.llm import loading
from qa.llm.batching import common
from qa.llm.cache.files import StateFiles
from qa.llm.cache.memory import States
from qa.llm.context import Context, Logits, NotRead
from qa.llm.interrupt import Stopping
from qa.llm.settings import DEFAULTS, Tuning

if TYPE_CHECKING:
    from llama_cpp import Llama


Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat as the model reads it."""

    role: Role
    content: str
    kept: int = 0
    """Of the last message: so many code points of its beginning will be read again."""


class Draft(Protocol):
    """Text as it is being written. Iterate over it once; the counts are whole when it ends."""

    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    confidence: float
    """The mean natural logarithm of the probabilities of the tokens so far; 0 is certain."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of text, each one or more whole code points."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """Which way a model leans: the natural logarithm of how much likelier one answer is, as Yes.

    Counts as in `Draft`.
    """

    log_odds: float
    prompt_tokens: int = 0
    cached_tokens: int = 0


class Model(Protocol):
    """What asking needs of a language model; tests give a scripted one."""

    @property
    def name(self) -> str:
        """The name people know it by."""

    @property
    def sha256(self) -> str:
        """Of the weights file, in hexadecimal."""

    def count(self, text: str) -> int:
        """How many tokens a text costs."""

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """Begin to write what most likely follows the messages, `max_tokens` at most."""

    def leaning(self, messages: Sequence[Message]) -> Leaning:
        """Whether the model would answer the messages with Yes or with No, without writing it.

        May be asked while a draft is written.
        """

    def declining(self, messages: Sequence[Message], word: str) -> Leaning:
        """Whether the model would begin with this word or with any other, without writing it.

        As `leaning`.
        """

    def foresee(self, prompts: Sequence[Sequence[Message]]) -> None:
        """Read prompts in one go, which is quicker than one by one when they are asked about.

        Each is counted as read where it is asked about first.
        """

    def beside(self) -> "Model":
        """The same model once more, which reads and writes apart from this one.

        It heeds what it is told itself. One thread uses both.
        """

    def stored(self, messages: Sequence[Message]) -> int:
        """Bytes that the kept beginning of messages takes on disk; 0 when it is not there."""

    def store(self, messages: Sequence[Message], room: int) -> int:
        """Read the kept beginning of messages and put it on disk, for later; the bytes it takes.

        0 when it would take more than `room`, or nothing can be written.
        """

    def forget(self) -> None:
        """Go on from nothing that was read, so that what follows depends on nothing before.

        What a model computes differs in the last digits by where it went on from. Beginnings that
        are kept may be taken up again: they are always computed alone, so they are always the same.
        """

    def heed(self, stopped: Callable[[], bool]) -> None:
        """From now on, read and write only as long as `stopped` is false, else raise `Stopped`.

        That is a fraction of a second after it has become true, in the midst of a prompt, too.
        Other threads may ask it, and once true it must stay true. What comes next needs another.
        """


# Tokens of prompt and answer together. Longer contexts only cost memory: see PROMPT_TOKENS.
_CONTEXT = 4096
_ROOM = 6144  # tokens of all prompts that are held side by side
# Bytes of kept beginnings in memory, the least recently used go first. A token takes 28 KB.
_KEPT = 512 * 2**20
_BRACKETS = ("<", "[")  # what marks of chat templates begin with
_SENTINEL = "\ue000{}\ue001"  # private use: stands for a message's content in the chat template


class LlamaModel:
    """A GGUF model run by llama.cpp on the CPU."""

    def __init__(
        self,
        path: Path,
        sha256: str,
        threads: int | None = None,
        kept: StateFiles | None = None,
        tuning: Tuning = DEFAULTS,
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
        self._states = States(_KEPT, kept, maker)
        self._open()

    def _open(self) -> None:
        """Begin to read and write, with nothing read."""
        self._stopping = Stopping()
        self._question: tuple[object, int | None] = None, None  # what llama.cpp is to ask
        self._opened: list[Any] = []
        self._foreseen: dict[tuple[int, ...], int] = {}  # tokens it took to read a prompt
        self._contexts: dict[int, Context] = {}

    @property
    def name(self) -> str:
        """See `Model`."""
        return self._path.stem

    @property
    def sha256(self) -> str:
        """See `Model`."""
        return self._sha256

    def count(self, text: str) -> int:
        """See `Model`."""
        return len(self._plain(text))

    def beside(self) -> "LlamaModel":
        """See `Model`."""
        other = copy.copy(self)
        other._open()
        return other

    def write(self, messages: Sequence[Message], max_tokens: int) -> Draft:
        """See `Model`."""
        return _LlamaDraft(self, self._asked(messages), max_tokens)

    def leaning(self, messages: Sequence[Message]) -> Leaning:
        """See `Model`."""
        read, logits = self._lean(messages)
        yes, no = (np.logaddexp.reduce(logits[self._spelled(word)]) for word in ("yes", "no"))
        return replace(read, log_odds=float(yes - no))

    def declining(self, messages: Sequence[Message], word: str) -> Leaning:
        """See `Model`."""
        read, logits = self._lean(messages)
        said = np.zeros(len(logits), dtype=bool)
        said[self._spelled(word)] = True
        this, others = (np.logaddexp.reduce(logits[some]) for some in (said, ~said))
        return replace(read, log_odds=float(this - others))

    def foresee(self, prompts: Sequence[Sequence[Message]]) -> None:
        """See `Model`."""
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
            self._stopping.check()
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
        """See `Model`."""
        return self._states.stored(self._begun(messages))

    def store(self, messages: Sequence[Message], room: int) -> int:
        """See `Model`."""
        begun = self._begun(messages)
        with self._reading():
            self._stopping.check()
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
        with self._stopping.watching(self._let_ask):
            try:
                yield
            except NotRead:
                self.forget()
                self._stopping.check()
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
        pieces = (piece for piece in _added(self._llama) if piece[:1] in _BRACKETS)
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
            before, frame = frame.split(_SENTINEL.format(i), 1)
            tokens += self._tokens(before, special=True)
            tokens += self._plain(message.content)
        return tokens + self._tokens(frame, special=True)

    def _frame(self, roles: tuple[Role, ...]) -> str:
        if roles not in self._frames:
            self._frames[roles] = _render(self._llama, roles)
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
                self._stopping.check()
                written.append(token)
                (read,) = self._context.read([written])
                logits = read.logits

    def forget(self) -> None:
        """See `Model`."""
        self._context.clear()
        self._foreseen.clear()

    def heed(self, stopped: Callable[[], bool]) -> None:
        """See `Model`."""
        self._stopping.heed(stopped)


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


def _render(llama: "Llama", roles: Sequence[Role]) -> str:
    """The model's own chat template with a sentinel for each message's content."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    # A model without a template of its own gets ChatML, which most small models know.
    template = llama.metadata.get("tokenizer.chat_template") or (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    formatter = Jinja2ChatFormatter(
        template=template,
        eos_token=_piece(llama, llama.token_eos()),
        bos_token=_piece(llama, llama.token_bos()),
    )
    turns: list[Any] = [
        {"role": role, "content": _SENTINEL.format(i)} for i, role in enumerate(roles)
    ]
    try:
        return str(formatter(messages=turns).prompt)
    except Exception as error:  # templates raise what they like for a role they do not know
        if len(turns) < 2 or turns[0]["role"] != "system":
            raise BadModel(f"The model's chat template cannot be used: {error}") from error
        merged: Any = {"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
        return str(formatter(messages=[merged, *turns[2:]]).prompt)


def _added(llama: "Llama") -> Iterator[str]:
    """Words that the model's makers added to its vocabulary and that are no control tokens."""
    import llama_cpp

    vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
    for token in range(llama_cpp.llama_vocab_n_tokens(vocabulary)):
        attributes = llama_cpp.llama_vocab_get_attr(vocabulary, token)
        if attributes & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
            yield _piece(llama, token)


def _piece(llama: "Llama", token: int) -> str:
    return llama.detokenize([token], special=True).decode(errors="ignore") if token >= 0 else ""
