"""Metrics: counts and seconds of all questions for Prometheus; only home of prometheus_client.

Holds no word of a question, no name of a person, an article or a model, and every label is one of
a few words that stand here: nothing that is told grows with use.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler

if TYPE_CHECKING:
    from prometheus_client import Metric

OUTCOMES = ("answered", "refused", "stopped", "failed")
STAGES = ("waiting", "loading", "searching", "reading", "writing", "checking")
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)


class Metrics:
    """Counts the questions of a scheduler from now on, in a registry of its own."""

    def __init__(self, scheduler: Scheduler) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

        self._registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        registry.register(_Line(scheduler))
        self._questions = Counter(
            "article_qa_questions",
            "Questions that are over, by how they ended; refused: the articles do not tell.",
            ["outcome"],
            registry=registry,
        )
        self._stages = Histogram(
            "article_qa_stage_seconds",
            "Seconds that a question spent in a stage, its turns of waiting for another included.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._first_word = Histogram(
            "article_qa_first_word_seconds",
            "Seconds from when a question's turn came until its first word was seen.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._whole = Histogram(
            "article_qa_question_seconds",
            "Seconds from when a question was asked until it was over.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._read = Counter(
            "article_qa_prompt_tokens",
            "Tokens of prompts; cache: their state was kept, computed: it was not.",
            ["source"],
            registry=registry,
        )
        self._cache = Counter(
            "article_qa_cache_questions",
            "Questions with a prompt; hit: the state of a part of it was kept, miss: of none.",
            ["result"],
            registry=registry,
        )
        self._wrote = Counter(
            "article_qa_answer_tokens", "Tokens that the model wrote.", registry=registry
        )
        self._begin_at_zero()
        scheduler.follow(self._count)

    @property
    def content_type(self) -> str:
        """The media type of `text`."""
        from prometheus_client import CONTENT_TYPE_LATEST

        return CONTENT_TYPE_LATEST

    def text(self) -> bytes:
        """All of it in Prometheus' text exposition format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)

    def _begin_at_zero(self) -> None:
        """Have every series from the start: a rate needs the zero before the first one."""
        for outcome in OUTCOMES:
            self._questions.labels(outcome)
        for stage in STAGES:
            self._stages.labels(stage)
        for source in ("cache", "computed"):
            self._read.labels(source)
        for result in ("hit", "miss"):
            self._cache.labels(result)

    def _count(self, job: Job) -> None:
        self._questions.labels(_outcome(job)).inc()
        self._whole.observe(job.elapsed)
        for stage, seconds in job.stage_seconds.items():
            if stage in STAGES:
                self._stages.labels(stage).observe(seconds)
        if job.answer:
            self._count_answer(job)

    def _count_answer(self, job: Job) -> None:
        assert job.answer
        timings = job.answer.timings
        if timings.first_token_s:
            self._first_word.observe(timings.first_token_s)
        self._read.labels("cache").inc(timings.cached_tokens)
        self._read.labels("computed").inc(timings.prompt_tokens - timings.cached_tokens)
        if timings.prompt_tokens:
            self._cache.labels("hit" if timings.cached_tokens else "miss").inc()
        self._wrote.inc(timings.answer_tokens)


def _outcome(job: Job) -> str:
    if job.state == "done":
        return "answered" if job.answer and job.answer.answered else "refused"
    return "stopped" if job.state == "stopped" else "failed"


class _Line:
    """What of the line is read when it is asked for."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def collect(self) -> "Iterator[Metric]":
        """The questions that wait and are worked on, and those that were turned away."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        line = self._scheduler.line
        queue = GaugeMetricFamily(
            "article_qa_queue_questions", "Questions that are not over.", labels=["state"]
        )
        queue.add_metric(["waiting"], line.waiting)
        queue.add_metric(["working"], line.working)
        yield queue
        told = "Questions not taken: their visitor, or all together, asked too much."
        yield CounterMetricFamily("article_qa_questions_turned_away", told, value=line.turned_away)
