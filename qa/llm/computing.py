"""Computing: what somebody asks of one command: how many cores, and layers on the GPU."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.llm.settings import LlamaSettings


@dataclass(frozen=True, slots=True)
class Computing:
    """What somebody asks of one command, which goes before what was found out; None says nothing.

    `steady` is for figures that are to be the same each time: then it makes no way for others.
    """

    threads: int | None = None
    gpu_layers: int | None = None
    steady: bool = False

    @property
    def is_free(self) -> bool:
        """Whether nothing was asked for, so that any process may compute as it does."""
        return self.threads is None and self.gpu_layers is None

    @property
    def gives_way(self) -> bool:
        """Whether fewer threads are used while other programs need the cores."""
        return self.threads is None and not self.steady

    def over(self, settings: "LlamaSettings") -> "LlamaSettings":
        """These settings, but for what was asked for."""
        threads, layers = self.threads, self.gpu_layers
        if threads is not None:
            settings = replace(settings, reading_threads=threads, writing_threads=threads)
        return settings if layers is None else replace(settings, gpu_layers=layers)
