"""A page that is really served, on a port of its own, by stand-ins or by the real models."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.search import Searcher
from qa.extraction.reader import Reader
from qa.llm.model import LanguageModel
from qa.service.chat import Chat, Offer
from qa.service.conversations import Conversations
from qa.service.jobs.scheduler import Scheduler
from qa.service.json_api import JsonApi
from qa.service.library import Library
from qa.verification.calibrations import in_force, save
from qa.verification.thresholds import READER_ALONE, Pair
from qa.web.app import Service, application
from qa.web.http_server import listening, serve
from qa.web.security.users import Users


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs, at `url` (no slash at its end), and what it serves."""

    url: str
    chat: Chat
    searcher: Searcher


@contextmanager
def served(
    index: Path,
    searcher: Searcher,
    reader: Reader,
    model: LanguageModel,
    *,
    users: Users | None = None,
    read_only: bool = False,
    mcp: bool = False,
    examples: Sequence[str] = (),
    watching: bool = False,
    calibrated: bool = True,
    metrics: bool = False,
    root_path: str = "",
) -> Iterator[Served]:
    """Serve an index until the end of the block; the page has no word of calibrating by itself."""
    pair = Pair(model.sha256, searcher.embedder_fingerprint)
    if calibrated and in_force(pair).source == "none":
        save(pair, READER_ALONE, "2026-11-29", {})
    ready = threading.Event()
    ends: list[Callable[[], None]] = []

    def tell(end: Callable[[], None]) -> None:
        ends.append(end)
        ready.set()

    with (
        closing(Conversations(index / "conversations.sqlite")) as kept,
        closing(Scheduler(searcher, reader, model)) as scheduler,
        listening("127.0.0.1", 0) as made,
    ):
        chat = Chat(scheduler, kept, Library(index, searcher.embedder, read_only=read_only))
        offer = Offer((model.name,), read_only, tuple(examples), watching)
        programs = JsonApi(scheduler, searcher)
        app = application(Service(chat, programs, offer, users, mcp, metrics, root_path))
        thread = threading.Thread(target=serve, args=(app, made, tell), daemon=True)
        thread.start()
        assert ready.wait(60), "the server did not start"
        try:
            yield Served(f"http://127.0.0.1:{made.getsockname()[1]}", chat, searcher)
        finally:
            ends[0]()
            thread.join(20)
