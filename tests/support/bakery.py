"""Bakery: servers over the two small articles; their model knows of loaves and of the oven."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from index.build import sync
from index.scope import EVERYTHING, Scope
from index.search import Searcher
from qa.answer import Timings
from qa.ask import ask
from qa.llm.model import Message
from qa.service.answer_format import answer_json, passages_json
from tests.support.fakes import (
    HashEmbedder,
    ScriptedDraft,
    ScriptedModel,
    ScriptedReader,
    jobs_of,
    until,
)
from tests.support.served import Served, served
from tests.support.small_articles import write_articles

LOAVES = "How many loaves did the bakery sell in May?"
OVEN = "Who built the new oven in 2019?"
KING = "Which king reigns over Denmark?"
SLOWLY = "Slowly now: how many loaves did the bakery sell in May?"
SAYS = {
    "loaves": "The bakery sold 400 loaves in May.",
    "oven": "The new oven was built by Kumar Steel in 2019.",
}
MODELS = {"llm": "scripted", "llm_sha256": "0" * 64, "embedder": "hash"}


class Baker(ScriptedModel):
    """Over a question with "Slowly" it thinks until it is stopped."""

    def __init__(self) -> None:
        super().__init__("")

    def write(self, messages: Sequence[Message], max_tokens: int) -> ScriptedDraft:
        if "Slowly" in messages[-1].content:
            self._wait(600)
        self._texts = (_says(messages[-1].content.partition("Question: ")[2]),)
        return super().write(messages, max_tokens)


def knowing() -> ScriptedReader:
    """What the baker knows is told by the passage that says it."""
    return ScriptedReader(
        lambda question, passage: float(bool(_says(question)) and _says(question) in passage)
    )


def _says(question: str) -> str:
    return next((text for word, text in SAYS.items() if word in question), "")


@contextmanager
def bakery(folder: Path, **settings: Any) -> Iterator[Served]:
    """A server over an index in this folder; what is uploaded to it lies there too."""
    articles, index = folder / "articles", folder / "index"
    articles.mkdir()
    write_articles(articles)
    sync([articles], index, HashEmbedder())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        patch.setattr("qa.web.http_server._GOODBYE_S", 0.2)
        with served(
            index, Searcher(index, HashEmbedder()), knowing(), Baker(), **settings
        ) as server:
            yield server


def answered(server: Served, question: str, **wishes: Any) -> dict[str, Any]:
    """The object of `ask --json`, untimed."""
    *_, answer = ask(question, server.searcher, knowing(), Baker(), **wishes)
    told = untimed(json.loads(answer_json(answer, MODELS)))
    assert told["timings"] == list(Timings.__dataclass_fields__)
    return told


def found(
    server: Served, question: str, limit: int = 10, scope: Scope = EVERYTHING
) -> dict[str, Any]:
    """The object of `search --json`, untimed."""
    passages = server.searcher.search(question, limit, scope)
    return untimed(json.loads(passages_json(question, passages, 0.0, scope)))


def untimed(told: Any) -> dict[str, Any]:
    """What was told, of its timings the names alone."""
    return {**told, "timings": list(told["timings"])}


def unfinished(server: Served) -> int:
    """How many questions wait or are being answered."""
    return len(jobs_of(server.chat.scheduler))


def thinking(server: Served) -> bool:
    """Whether a question is being answered that will not be soon."""
    return any(job.stage == "reading" for job in jobs_of(server.chat.scheduler))


def stop_all(server: Served) -> None:
    for job in jobs_of(server.chat.scheduler):
        job.stop()
    until(lambda: not unfinished(server))
