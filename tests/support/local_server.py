"""A server for the terminals of this machine, by stand-ins, and files that name its models."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.passage import Passage
from qa.ipc.server import serving
from qa.service.jobs.scheduler import Scheduler
from qa.weights.checksums import remember_sha256
from tests.support.fakes import FixedIndex, ScriptedModel, ScriptedReader, passage

DEAL = passage("Meituan bought it in June. It paid 2.065 billion yuan for all of it.")
QUESTION = "Who bought it?"
ANSWER = "Meituan bought it in June. [1]"
EMBEDDER = "multilingual-e5-small"


@dataclass(frozen=True, slots=True)
class Named:
    """The folder of an index, and models as options name them; the server's are the same."""

    index: Path
    llm: str
    embedder: str

    @property
    def options(self) -> tuple[str, ...]:
        return "--index", str(self.index), "--llm", self.llm, "--embedder", self.embedder


def named(folder: Path) -> Named:
    """Files that stand for the models, known as those of `ScriptedModel`; an empty index."""
    (folder / "embedder").mkdir()
    (folder / "embedder" / "modules.json").write_text("[]")
    (folder / "scripted.gguf").write_text("weights")
    remember_sha256(folder / "scripted.gguf", ScriptedModel.sha256)
    (folder / "index").mkdir(exist_ok=True)
    return Named(folder / "index", str(folder / "scripted.gguf"), str(folder / "embedder"))


@contextmanager
def served_locally(
    names: Named,
    model: ScriptedModel,
    found: Passage = DEAL,
    *,
    index: FixedIndex | None = None,
) -> Iterator[Scheduler]:
    """Serve until the end of the block; gives the scheduler."""
    with (
        closing(Scheduler(index or FixedIndex(found), ScriptedReader(), model)) as scheduler,
        serving(
            names.index,
            Path(names.embedder),
            scheduler,
            lambda: {**scheduler.model, "embedder": EMBEDDER},
        ),
    ):
        yield scheduler


def quick() -> ScriptedModel:
    return ScriptedModel("Meituan bought it in June.")
