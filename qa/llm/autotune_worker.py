"""Autotune worker: times a typical question with some settings; run apart by autotune.py.

What a processor announces it may lack all the same: then a setting ends the process it is tried in.
"""

import itertools
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.child_process import READY, bounded, connected
from index.errors import BadModel
from qa.llm import loading
from qa.llm.settings import LlamaSettings

if TYPE_CHECKING:
    from llama_cpp import Llama

    from qa.llm.context import Context

_CONTEXT_TOKENS = 1024
# Tokens: the prefix of a passage, mostly cached; of two prompts that are decoded together behind
# it, twice a question; and of a draft.
_PASSAGE, _SUFFIX, _WRITTEN = 256, 36, 10


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one round takes: a passage, the prompts of a question behind it, and one token."""

    passage: float
    question: float
    word: float

    @property
    def cost(self) -> float:
        """Seconds of one answer; those until its first word count twice, as somebody waits."""
        return 2 * (0.2 * self.passage + 1.5 * self.question) + 30 * self.word


class Bench:
    """A model loaded with some settings.

    Raises:
        BadModel: it cannot be.
    """

    def __init__(self, path: Path, settings: LlamaSettings) -> None:
        self.llama: Llama = loading.load(path, settings)
        self.context: Context = loading.open_context(self.llama, _CONTEXT_TOKENS)
        self.run()  # the first time is slower

    @property
    def layers(self) -> int:
        """Of the network, that with which it ends too."""
        return loading.layers(self.llama)

    def run(self) -> Seconds:
        """One round; tokens are any of the vocabulary."""
        words = self.llama.n_vocab()
        count = _PASSAGE + 2 * _SUFFIX + _WRITTEN
        tokens = [(1000 + i) % words for i in range(count)]
        passage, rest = tokens[:_PASSAGE], tokens[_PASSAGE:]
        self.context.clear()
        times = [time.perf_counter()]
        self.context.decode([passage])
        times.append(time.perf_counter())
        prompts = [[*passage, *rest[:_SUFFIX]], [*passage, *rest[_SUFFIX : 2 * _SUFFIX]]]
        self.context.decode(prompts)
        times.append(time.perf_counter())
        written = prompts[0]
        for token in rest[-_WRITTEN:]:
            written = [*written, token]
            self.context.decode([written])
        times.append(time.perf_counter())
        one, two, three = (after - before for before, after in itertools.pairwise(times))
        return Seconds(one, two, three / _WRITTEN)


def main() -> None:
    """Load the model that is named, with the settings that are; then a round for each request."""
    connection = connected()
    path, settings = Path(sys.argv[1]), LlamaSettings(**json.loads(sys.argv[2]))
    connection.send_bytes(READY)
    bench: Bench | None = None
    while True:
        seconds = float(connection.recv_bytes())
        with bounded(seconds):
            answer: dict[str, object]
            try:
                bench = bench or Bench(path, settings)
                answer = {"seconds": asdict(bench.run()), "layers": bench.layers}
            except BadModel as error:
                answer = {"refused": str(error)}
        connection.send_bytes(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
