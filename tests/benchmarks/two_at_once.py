"""How long each of two who ask at the same time waits for the first word, by who asks alone.

By the scheduler of the page, with the passages kept in memory. The aim: who waits longer waits 2.2
times as long as alone at most.
"""

import time
from collections.abc import Iterator

from qa.cli import opening
from qa.llm.llama import LlamaModel
from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler
from qa.weights.checksums import sha256_of
from qa.weights.paths import llm_path
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table, table
from tests.benchmarks.timing import ratios, spread, told

PAIRS = (
    ("Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?", "Who bought Light Years Away?"),
    ("मई में ChatGPT की विज़िट कितनी बढ़ीं?", "5月份ChatGPT的访问量增长了多少？"),
)
COLUMNS = ("the two ask in", "n", "alone, mean", "together, sooner", "later", "later ÷ alone")
NOTE = (
    "Seconds to the first word. Alone: each of the two by itself. Together: asked at one moment. "
    "Questions are answered by turns (`qa/service/jobs/scheduler.py` says why)."
)


def first_words(scheduler: Scheduler, *questions: str) -> list[float]:
    """Seconds to the first word of each of some questions that are asked together."""
    begun = time.perf_counter()
    jobs = [scheduler.ask(question, visitor=question) for question in questions]
    seen: dict[Job, float] = {}
    while len(seen) < len(jobs):
        time.sleep(0.002)
        for job in jobs:
            if job not in seen and (job.over or (job.answer and job.answer.draft)):
                seen[job] = time.perf_counter() - begun
    for job in jobs:
        job.stop()
        job.wait()
    return [seen[job] for job in jobs]


def tables(options: Options) -> Iterator[Table]:
    """One row for each pair."""
    path, rows = llm_path(), []
    scheduler = Scheduler(
        opening.searcher(options.index, None), opening.reader(), LlamaModel(path, sha256_of(path))
    )
    for name, pair in zip(("Indonesian, English", "Hindi, Chinese"), PAIRS, strict=True):
        first_words(scheduler, *pair)  # what is read once is kept from then on
        alone, sooner, later = list[float](), list[float](), list[float]()
        for run in range(options.runs):
            told(f"run {run + 1} of {options.runs}: {name}")
            alone.append(sum(first_words(scheduler, question)[0] for question in pair) / 2)
            both = sorted(first_words(scheduler, *pair))
            sooner.append(both[0])
            later.append(both[1])
        cells = map(spread, (alone, sooner, later, ratios(later, alone)))
        rows.append([name, str(options.runs), *cells])
    scheduler.close()
    yield table("Two who ask at once", COLUMNS, rows, NOTE)
