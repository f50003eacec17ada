"""A job wakes who follows it: the first word and the end at once, growing text now and then."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from qa.answer import Answer, Stage
from qa.service.jobs.job import AskRequest, Job

NEVER_S = 600.0  # so long between two looks at growing text


@dataclass
class Line:
    """A queue of one thread, in which `before` jobs are before any other."""

    before: int = 0
    lock: threading.Condition = field(default_factory=threading.Condition)

    def position(self, job: Job) -> int:
        return self.before if job.state == "waiting" else 0

    def is_current(self, job: Job) -> bool:
        return False

    def remove(self, job: Job) -> None:
        self.before = 0


Seen = list[tuple[str, int, str]]


def followed(job: Job, pause: float, *steps: Callable[[], None], patience: float = 0.5) -> Seen:
    """Stage, place in line and text at each change; each step is given time to be seen."""
    seen: Seen = []

    def go_on() -> None:
        for step in steps:
            step()
            until = time.monotonic() + patience
            while (not seen or seen[-1] != _now(job)) and time.monotonic() < until:
                time.sleep(0.002)

    async def follow() -> None:
        async for changed in job.changes(pause):
            seen.append(_now(changed))

    async def both() -> None:
        await asyncio.wait_for(asyncio.gather(follow(), asyncio.to_thread(go_on)), 60)

    asyncio.run(both())
    return seen


def _now(job: Job) -> tuple[str, int, str]:
    return job.stage, job.ahead, job.answer.text + job.answer.draft if job.answer else ""


def grown(job: Job, stage: Stage, draft: str = "") -> Callable[[], None]:
    return lambda: job.reach(stage, Answer("Who?", "en", draft=draft))


def test_first_word_and_end_come_at_once_and_growing_text_does_not() -> None:
    job = Job(AskRequest("Who?", "a"), Line())

    seen = followed(
        job,
        NEVER_S,
        grown(job, "reading"),
        grown(job, "writing"),
        grown(job, "writing", "Mei"),
        grown(job, "writing", "Meituan"),
        grown(job, "writing", "Meituan did."),
        lambda: job.end("done"),
    )

    assert [(stage, text) for stage, _, text in seen if stage != "waiting"] == [
        ("reading", ""),
        ("writing", ""),
        ("writing", "Mei"),
        ("done", ""),
    ]


def test_growing_text_is_seen_after_the_pause() -> None:
    job = Job(AskRequest("Who?", "a"), Line())
    drafts = [grown(job, "writing", "Meituan"[:end]) for end in (1, 3, 7)]

    seen = followed(job, 0.05, *drafts, lambda: job.end("done"), patience=30)

    assert [text for *_, text in seen] == ["", "M", "Mei", "Meituan", ""]


def test_place_in_line_is_a_change() -> None:
    line = Line(2)
    job = Job(AskRequest("Who?", "a"), line)

    def move_up() -> None:
        line.before -= 1
        job.notify()

    seen = followed(job, NEVER_S, move_up, move_up, lambda: job.end("stopped"))

    assert [place for _, place, _ in seen[-3:]] == [1, 0, 0]


def test_who_followed_is_not_called_any_more() -> None:
    job = Job(AskRequest("Who?", "a"), Line())
    calls: list[str] = []

    with job.subscribed(lambda: calls.append(job.stage)):
        job.reach("searching")
    job.reach("reading")

    assert calls == ["searching"]


def test_who_stops_following_is_forgotten() -> None:
    job = Job(AskRequest("Who?", "a"), Line())

    async def look_once() -> None:
        following = job.changes()
        await anext(following)
        await following.aclose()

    asyncio.run(look_once())

    assert job._followers == []


def test_loop_that_is_closed_harms_no_job() -> None:
    job = Job(AskRequest("Who?", "a"), Line())
    loop, following = asyncio.new_event_loop(), job.changes()

    loop.run_until_complete(anext(following))
    loop.close()
    job.end("done")

    assert job.over
