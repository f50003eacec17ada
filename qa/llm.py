"""Model: prompt -> stream of text; only home of llama_cpp."""

import codecs
import contextlib
import ctypes
import functools
import hashlib
import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import regex
from numpy.typing import NDArray

from index.errors import BadModel
from qa.state_files import StateFiles
from qa.states import States
from qa.stopping import Stopping

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

    def write(self, messages: Sequence[Message], max_tokens: int, temperature: float) -> Draft:
        """Begin to write what follows the messages, `max_tokens` at most."""

    def leaning(self, messages: Sequence[Message]) -> Leaning:
        """Whether the model would answer the messages with Yes or with No, without writing it.

        May be asked while a draft is written.
        """

    def declining(self, messages: Sequence[Message], word: str) -> Leaning:
        """Whether the model would begin with this word or with any other, without writing it.

        As `leaning`.
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
# Bytes of kept beginnings in memory, the least recently used go first. A token takes 28 KB.
_KEPT = 512 * 2**20
_NUMBERS = ctypes.c_bool, ctypes.c_int, ctypes.c_uint, ctypes.c_float  # no pointers
_THREADS = "n_threads", "n_threads_batch"
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
    ) -> None:
        """Load the weights.

        Args:
            path: a GGUF file.
            sha256: of that file.
            threads: processor cores to use; all that this process may run on when None.
            kept: where beginnings that are kept outlast this process.

        Raises:
            BadModel: llama.cpp cannot load the file.
        """
        self._path, self._sha256 = path, sha256
        self._stopping = Stopping()
        self._frames: dict[tuple[Role, ...], str] = {}
        self._llama = _load(path, threads or len(os.sched_getaffinity(0)))
        self._states = States(_KEPT, kept, _maker(self._llama, sha256) if kept else b"")

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

    def write(self, messages: Sequence[Message], max_tokens: int, temperature: float) -> Draft:
        """See `Model`."""
        tokens = self._prompt(messages)
        return _LlamaDraft(self, tokens, self._beginning(messages, tokens), max_tokens, temperature)

    def leaning(self, messages: Sequence[Message]) -> Leaning:
        """See `Model`."""
        read = self._read(messages)
        logits = self._logits()
        yes, no = (np.logaddexp.reduce(logits[self._spelled(word)]) for word in ("yes", "no"))
        return replace(read, log_odds=float(yes - no))

    def declining(self, messages: Sequence[Message], word: str) -> Leaning:
        """See `Model`."""
        read = self._read(messages)
        logits = self._logits()
        said = np.zeros(len(logits), dtype=bool)
        said[self._spelled(word)] = True
        this, others = (np.logaddexp.reduce(logits[some]) for some in (said, ~said))
        return replace(read, log_odds=float(this - others))

    def _read(self, messages: Sequence[Message]) -> Leaning:
        """Read messages as far as to what would be written behind them; no odds yet."""
        tokens = self._prompt(messages)
        with self._reading():
            spared = self._begin(tokens, self._beginning(messages, tokens))
            self._llama.n_tokens = _common_prefix(self._held(), tokens[:-1])
            self._llama.eval(tokens[self._llama.n_tokens :])
        return Leaning(0.0, len(tokens), spared)

    def _begin(self, tokens: list[int], beginning: int) -> int:
        """Take up what is known of a prompt's beginning; how many tokens need not be read.

        `beginning` tokens are kept: read alone if they never were, so that their state is the same
        whatever is asked behind them. Of them all are spared, or none.
        """
        self._stopping.check()
        held = _common_prefix(self._held(), tokens[:-1])
        if held >= beginning:
            return held
        begun = tokens[:beginning]
        state = self._states.get(begun)
        if state is not None and self._restore(begun, state):
            return beginning
        self._states.put(begun, self._alone(begun))
        return 0

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
        tokens = self._prompt(messages)
        return tokens[: self._beginning(messages, tokens)]

    def _alone(self, tokens: list[int]) -> bytearray:
        """The state of tokens read with nothing before them."""
        self.forget()
        self._llama.eval(tokens)
        return self._state()

    def _held(self) -> Any:
        """The tokens that the context holds."""
        return self._llama.input_ids[: self._llama.n_tokens]

    def _state(self) -> bytearray:
        """What the context holds, to be restored."""
        import llama_cpp

        context = self._llama.ctx
        state = bytearray(llama_cpp.llama_state_seq_get_size(context, 0))
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        llama_cpp.llama_state_seq_get_data(context, buffer, len(state), 0)
        return state

    def _restore(self, tokens: list[int], state: bytearray) -> bool:
        """Hold what a state holds; false where it is of no use, and then hold nothing."""
        import llama_cpp

        llama = self._llama
        self.forget()
        buffer = (ctypes.c_uint8 * len(state)).from_buffer(state)
        if not llama_cpp.llama_state_seq_set_data(llama.ctx, buffer, len(state), 0):
            return False
        llama.input_ids[: len(tokens)] = tokens
        llama.n_tokens = len(tokens)
        return True

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """See that the reading can be stopped, and that nothing half read is gone on from."""
        with self._stopping.watching(self._let_ask):
            try:
                yield
            except RuntimeError:
                self.forget()
                self._stopping.check()
                raise

    def _logits(self) -> NDArray[np.float32]:
        """Of what may come next, unnormalised; shape (vocabulary,)."""
        import llama_cpp

        row = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        return np.ctypeslib.as_array(row, shape=(self._llama.n_vocab(),)).copy()

    def log_probability(self, token: int) -> float:
        """Of a token as what comes next, the natural logarithm."""
        logits = self._logits()
        highest = logits.max()
        return float(logits[token] - highest - np.log(np.exp(logits - highest).sum()))

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

    def _beginning(self, messages: Sequence[Message], tokens: list[int]) -> int:
        """How many tokens of a prompt belong to what of it is kept."""
        *before, last = messages
        begun = self._prompt([*before, replace(last, content=last.content[: last.kept])])
        return _common_prefix(tokens, begun) if last.kept else 0

    def _let_ask(self, question: object, address: int | None) -> None:
        """Have llama.cpp ask between its steps whether to give up."""
        import llama_cpp

        llama_cpp.llama_set_abort_callback(self._llama.ctx, question, address)

    def ends(self, token: int) -> bool:
        """Whether a token ends what the model says."""
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        return bool(llama_cpp.llama_vocab_is_eog(vocabulary, token))

    def _generate(self, draft: "_LlamaDraft", temperature: float) -> Generator[int]:
        written = list(draft.tokens)
        with self._reading():
            draft.cached_tokens = self._begin(written, draft.beginning)
            while True:
                for token in self._next(written, temperature):
                    written.append(token)
                    yield token
                    self._stopping.check()
                    if not self._holds(written[:-1]):
                        break  # something was asked meanwhile: go on behind what is written
                self._begin(written, draft.beginning)

    def _next(self, written: list[int], temperature: float) -> Iterator[int]:
        tokens: Iterator[int] = self._llama.generate(
            written, temp=temperature, top_k=40, top_p=0.95
        )
        return tokens

    def _holds(self, tokens: list[int]) -> bool:
        """Whether these tokens, and no others, are what the model has read."""
        held = self._held()
        return len(held) == len(tokens) == _common_prefix(held, tokens)

    def forget(self) -> None:
        """See `Model`."""
        self._llama.reset()  # type: ignore[no-untyped-call]  # the library has no types

    def heed(self, stopped: Callable[[], bool]) -> None:
        """See `Model`."""
        self._stopping.heed(stopped)


class _LlamaDraft:
    def __init__(
        self,
        model: LlamaModel,
        tokens: list[int],
        beginning: int,
        max_tokens: int,
        temperature: float,
    ) -> None:
        self._model, self.tokens, self.beginning = model, tokens, beginning
        self._max_tokens, self._temperature = max_tokens, temperature
        self.prompt_tokens = len(tokens)
        self.cached_tokens = 0
        self.answer_tokens = 0
        self.confidence = 0.0

    def __iter__(self) -> Iterator[str]:
        llama = self._model._llama
        decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        room = min(self._max_tokens, _CONTEXT - len(self.tokens))
        with contextlib.closing(self._model._generate(self, self._temperature)) as tokens:
            for token in tokens:
                if self._model.ends(token):
                    break
                self.answer_tokens += 1
                log_probability = self._model.log_probability(token)
                self.confidence += (log_probability - self.confidence) / self.answer_tokens
                text = decoder.decode(llama.detokenize([token], special=False))
                if text:
                    yield text
                if self.answer_tokens >= room:
                    break


def _common_prefix(held: Any, wanted: list[int]) -> int:
    for i, (a, b) in enumerate(zip(held, wanted, strict=False)):
        if a != b:
            return i
    return min(len(held), len(wanted))


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


def _load(path: Path, threads: int) -> "Llama":
    # Threads wait by spinning, then asleep. On two cores of which another program holds one, 10,000
    # turns write 4.8 tokens a second, 100,000 only 0.6; undisturbed they write 14.1 and 15.6.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    import llama_cpp

    try:
        with _tiled_weights():
            llama = llama_cpp.Llama(
                str(path),
                n_ctx=_CONTEXT,
                n_batch=512,
                n_threads=threads,
                n_threads_batch=threads,
                flash_attn=True,
                verbose=False,
            )
    except (ValueError, RuntimeError, OSError, AssertionError) as error:
        raise BadModel(
            f"Cannot load the model {path}: {error}. Is the file whole? Check with: "
            "article-qa models verify, or give another GGUF file with --llm"
        ) from error
    finally:
        # Not even errors: it takes llama.cpp's warnings for them, and real ones are raised. Each
        # `Llama` sets this anew for all of them, one that cannot be loaded too.
        logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    return llama


def _maker(llama: "Llama", sha256: str) -> bytes:
    """A digest of all that decides what a state is, besides its tokens.

    The processor too: another computes other last digits. The number of threads changes no bit.
    """
    import llama_cpp

    settings = {
        name: getattr(parameters, name)
        for parameters in (llama.context_params, llama.model_params)
        for name, kind in parameters._fields_
        if kind in _NUMBERS and name not in _THREADS
    }
    built = llama_cpp.__version__, llama_cpp.llama_print_system_info()
    return hashlib.sha256(repr((sha256, built, settings)).encode()).digest()


@contextlib.contextmanager
def _tiled_weights() -> Iterator[None]:
    """Load without repacking weights: reading is 1.3 to 2 times as fast, loading 2 to 3 times.

    `Llama` has no argument for it, so the defaults it starts from are changed while it loads.
    """
    import llama_cpp

    module = llama_cpp.llama_cpp
    defaults = module.llama_model_default_params

    def tiled() -> Any:
        parameters = defaults()
        parameters.use_extra_bufts = False
        return parameters

    module.llama_model_default_params = tiled
    try:
        yield
    finally:
        module.llama_model_default_params = defaults
