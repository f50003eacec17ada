"""Side by side: `index` runs again and again while a page and `ask` answer; nothing is lost."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from index.build import sync
from index.health import examine
from index.search import Searcher
from index.storage.catalog import Catalog
from qa.ask import ask
from tests.support.bakery import LOAVES, SAYS, Baker, knowing
from tests.support.bakery_process import apart
from tests.support.fakes import HashEmbedder
from tests.support.small_articles import BAKERY

pytestmark = pytest.mark.attack

_SECONDS = float(os.environ.get("SIDE_BY_SIDE_S", "300"))


@contextmanager
def again_and_again(work: Callable[[int], None]) -> Iterator[list[Exception]]:
    """Work in a thread until the end of the block; what went wrong."""
    is_over, wrong = threading.Event(), list[Exception]()

    def run() -> None:
        number = 0
        while not is_over.is_set():
            try:
                work(number)
            except Exception as error:
                wrong.append(error)
            number += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield wrong
    finally:
        is_over.set()
        thread.join(60)


def change(articles: Path, index: Path, number: int) -> None:
    """Add, change and remove articles beside the bakery's, and index them."""
    for which in range(12):
        path = articles / f"other {which}.txt"
        if (number + which) % 3:
            path.write_text(f"Ship {which} came {number} times to the quay.\n\n" * 5)
        else:
            path.unlink(missing_ok=True)
    (articles / "bakery.txt").write_text(f"{BAKERY}\nIt was printed {number} times.\n")
    sync([articles], index, HashEmbedder())


def ask_alone(index: Path) -> None:
    """What `ask` does that no server answers: it opens the index, asks, and closes it."""
    searcher = Searcher(index, HashEmbedder())
    *_, answer = ask(LOAVES, searcher, knowing(), Baker())
    assert answer.text == f"{SAYS['loaves']} [1]"
    time.sleep(0.5)


def test_index_page_and_ask_work_side_by_side(tmp_path: Path) -> None:
    articles, index = tmp_path / "articles", tmp_path / "index"
    messages = [{"role": "user", "content": LOAVES}]
    answers: list[Any] = []
    with (
        apart(tmp_path) as server,
        again_and_again(lambda number: change(articles, index, number)) as wrong,
        again_and_again(lambda number: ask_alone(index)) as wrong_alone,
    ):
        ends = time.monotonic() + _SECONDS
        while time.monotonic() < ends:
            answer = ask_page(server.client, messages)
            answers.append(answer)
            time.sleep(2)  # thirty questions a minute are one visitor's

    assert (wrong, wrong_alone) == ([], [])
    assert {status for status, _ in answers} == {200}
    assert {text for _, text in answers} == {f"{SAYS['loaves']} [1]"}
    with closing(Catalog.open(index)) as catalog:
        assert list(examine(catalog)) == []
        assert {"bakery.txt", "harbour.txt"} < {entry.id for entry in catalog.entries()}


def ask_page(client: httpx2.Client, messages: list[dict[str, str]]) -> tuple[int, str]:
    answer = client.post("/v1/chat/completions", json={"messages": messages})
    told = answer.json()
    return answer.status_code, told["choices"][0]["message"]["content"] if "choices" in told else ""
