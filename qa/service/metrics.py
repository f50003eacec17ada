"""Metrics: counts and seconds of all questions for Prometheus; only home of prometheus_client.

Holds no word of a question, no name of a person, an article or a model, and every label is one of
a few words that stand here: nothing that is told grows with use.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from qa.service.jobs.job import Job
from qa.service.jobs.scheduler import Scheduler

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram, Metric

OUTCOMES = ("answered", "refused", "stopped", "failed")
STAGES = ("waiting", "loading", "searching", "reading", "writing", "checking")
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
_Made = TypeVar("_Made", "Counter", "Histogram")


class Metrics:
    """Counts the questions of a scheduler from now on, in a registry of its own."""

    def __init__(self, scheduler: Scheduler) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

        # Else each has a second series, of when it began. The library has no types here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._registry.register(_Line(scheduler))
        self._questions = self._counter(
            "questions",
            "Questions that are over, by how they ended; refused: the articles do not tell.",
            outcome=OUTCOMES,
        )
        self._stages = self._seconds(
            "stage_seconds",
            "Seconds of a question in a stage, the turns of another question among them.",
            stage=STAGES,
        )
        self._first_word = self._seconds(
            "first_word_seconds", "Seconds from a question's turn until its first word was seen."
        )
        self._whole = self._seconds(
            "question_seconds", "Seconds from when a question was asked until it was over."
        )
        self._read = self._counter(
            "prompt_tokens",
            "Tokens of prompts; cache: their state was kept, computed: it was not.",
            source=("cache", "computed"),
        )
        self._cache = self._counter(
            "cache_questions",
            "Questions with a prompt; hit: the state of a part of it was kept, miss: of none.",
            result=("hit", "miss"),
        )
        self._wrote = self._counter("answer_tokens", "Tokens that the model wrote.")
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

    def _counter(self, name: str, told: str, **labels: tuple[str, ...]) -> "Counter":
        from prometheus_client import Counter

        made = Counter(f"article_qa_{name}", told, list(labels), registry=self._registry)
        return _begun(made, labels)

    def _seconds(self, name: str, told: str, **labels: tuple[str, ...]) -> "Histogram":
        from prometheus_client import Histogram

        name = f"article_qa_{name}"
        made = Histogram(name, told, list(labels), buckets=_SECONDS, registry=self._registry)
        return _begun(made, labels)

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


def _begun(made: _Made, labels: Mapping[str, tuple[str, ...]]) -> _Made:
    """Have every series from the start: a rate needs the zero before the first one."""
    for values in labels.values():
        for value in values:
            made.labels(value)
    return made


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
