"""Runs jobs on an index in processes of their own that may be killed.

A warm process has imported everything and opened nothing; each line of JSON on standard input
names a job, for which it forks. It answers with the process's id, and then with what came of it.
"""

import itertools
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401 - the second it takes to import is spent once

from index import build, new_vectors, taking_in
from index.errors import UserError
from index.health import examine
from index.search import Searcher
from index.storage.catalog import Catalog
from index.storage.near_duplicates import signature
from index.storage.vectors import chroma, exact_index, seal, vector_file
from index.storage.vectors.ann_index import AnnIndex
from index.text.languages import detect
from index.text.sentences import sentence_spans
from tests.support.fakes import HashEmbedder

PAUSE = 0.002  # seconds, so that a run lasts long enough to be killed everywhere

QUESTIONS = ["number 7 of harbour", "bread oven", "year 1975"]


def main() -> None:
    warm = "What is imported late, and tables that are read, are read once. So each job is quick."
    detect(warm)
    signature(warm)
    sentence_spans(warm)
    for line in sys.stdin:
        job = json.loads(line)
        kill_after = job.pop("kill_after", None)
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            _work(job, writing)
        os.close(writing)
        if not select.select([reading], [], [], kill_after)[0]:
            os.kill(pid, signal.SIGKILL)
        with os.fdopen(reading) as answer:
            said = answer.read()
        os.waitpid(pid, 0)
        sys.stdout.write(f"{said or 'null'}\n")
        sys.stdout.flush()


def _work(job: dict[str, Any], out: int) -> None:
    try:
        answer = sync(**job) if job.pop("what") == "sync" else look(**job)
        os.write(out, json.dumps(answer).encode())
        os._exit(0)
    except UserError as error:
        os.write(out, json.dumps({"refused": type(error).__name__}).encode())
        os._exit(0)
    except BaseException:
        os.write(out, json.dumps({"error": traceback.format_exc()}).encode())
        os._exit(1)


def sync(
    articles: str, index: str, rebuild: bool, slow: bool, die_at: int | None
) -> dict[str, int]:
    """Sync in small batches; how much was done. `die_at` is the step to die at."""
    steps = itertools.count(1)

    def step() -> int:
        if (number := next(steps)) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(PAUSE if slow else 0)
        return number

    def stepped(call: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **options: Any) -> Any:
            step()
            result = call(*args, **options)
            step()
            return result

        return stepping

    _small_batches()
    for owner, name in (
        (taking_in, "load"), (HashEmbedder, "documents"), (build, "_finish"),
        (AnnIndex, "_write"), (AnnIndex, "remove"), (Catalog, "remove"),
        (seal.IntegritySeal, "mark_dirty"), (seal.IntegritySeal, "mark_clean"),
        (vector_file.VectorFile, "add"), (vector_file.VectorFile, "settle"),
    ):  # fmt: skip
        setattr(owner, name, stepped(getattr(owner, name)))
    report = build.sync([Path(articles)], Path(index), HashEmbedder(), rebuild=rebuild)
    return {"steps": step(), "embedded": report.embedded}


def _small_batches() -> None:
    """Chroma writes its graph after 1,000 vectors; here after 20, so that kills land there too."""
    chroma.GRAPH |= {"batch_size": 5, "sync_threshold": 20}
    vector_file.BATCH = 25
    new_vectors.AT_ONCE = 16


def look(index: str) -> dict[str, Any]:
    """What a reader sees: contents, vectors, what is found, what is wrong."""
    with Catalog.open(Path(index)) as catalog, catalog.transaction():
        contents = [
            [entry.id, entry.sha256, *(key for _, key in chunks)]
            for entry, _, chunks in catalog.contents()
        ]
        wrong = list(examine(catalog))
        named = sorted(catalog.keys())
    exact_index.FEW = 0  # as large indexes are searched
    searcher = Searcher(Path(index), HashEmbedder())
    found = [[p.text for p in searcher.search(question, 5)] for question in QUESTIONS]
    kept = AnnIndex(Path(index), HashEmbedder().fingerprint)
    return {
        "contents": contents,
        "wrong": wrong,
        "found": found,
        "exact": sorted(kept.keys()) == named and kept.count() == len(named),
    }


if __name__ == "__main__":
    main()
