"""How long each of two who ask at the same time waits for the first word.

    python tests/benchmarks/two_at_once.py [--index .article-qa] [--runs 5]

A run asks each question alone, then both together, at the desk of the page, with the passages kept
in memory. The aim: who waits longer waits 2.2 times as long as alone at most.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from qa import opening
from qa.desk import Desk, Job
from qa.llm import LlamaModel
from qa.models import llm_path, sha256_of

QUESTIONS = ("Berapa pertumbuhan kunjungan ChatGPT pada bulan Mei?", "Who bought Light Years Away?")


def first_words(desk: Desk, *questions: str) -> list[float]:
    """Seconds to the first word of each of some questions that are asked together."""
    begun = time.perf_counter()
    jobs = [desk.ask(question, visitor=question) for question in questions]
    seen: dict[Job, float] = {}
    while len(seen) < len(jobs):
        time.sleep(0.002)
        for job in jobs:
            if job not in seen and job.answer and (job.answer.draft or job.answer.text):
                seen[job] = time.perf_counter() - begun
    for job in jobs:
        job.stop()
        job.wait()
    return [seen[job] for job in jobs]


def run(desk: Desk) -> tuple[list[float], list[float]]:
    """Seconds of each question alone, and of both together."""
    alone = [seconds for question in QUESTIONS for seconds in first_words(desk, question)]
    return alone, first_words(desk, *QUESTIONS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--index", type=Path, default=Path(".article-qa"))
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    path = llm_path()
    desk = Desk(opening.searcher(args.index, None), LlamaModel(path, sha256_of(path)))
    run(desk)  # what is read once is kept from then on
    ratios = []
    for _ in range(args.runs):
        alone, together = run(desk)
        ratios.append(max(together) / statistics.mean(alone))
        sys.stdout.write(f"alone {alone}, together {together}: {ratios[-1]:.2f} times as long\n")
    sys.stdout.write(f"median {statistics.median(ratios):.2f}\n")
    desk.close()


if __name__ == "__main__":
    main()
