"""What Prometheus reads, moved by real questions, and what tells whether a server is ready."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from qa.errors import TooBusy
from qa.service.metrics import OUTCOMES, STAGES
from tests.support.bakery import KING, LOAVES, SLOWLY, bakery, stop_all, thinking
from tests.support.browser import two_users
from tests.support.fakes import until
from tests.support.served import Served

pytestmark = pytest.mark.slow

STATES = ("waiting", "working")
Told = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with bakery(tmp_path_factory.mktemp("open"), metrics=True) as server:
        yield server


def told(server: Served) -> Told:
    """Every sample by its name and the values of its labels."""
    answer = httpx2.get(f"{server.url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def moved(before: Told, after: Told) -> Told:
    """By how much our samples grew, where they did."""
    grown = {key: after[key] - before.get(key, 0.0) for key in after}
    return {key: by for key, by in grown.items() if by and key[0].startswith("article_qa_")}


def put(server: Served, question: str) -> None:
    body = {"model": "x", "messages": [{"role": "user", "content": question}]}
    answer = httpx2.post(f"{server.url}/v1/chat/completions", json=body, timeout=60)
    assert answer.status_code == 200


def test_questions_move_the_counters(server: Served) -> None:
    before = told(server)
    put(server, LOAVES)
    put(server, LOAVES)
    put(server, KING)
    grown = moved(before, told(server))

    assert grown["article_qa_questions_total", "answered"] == 2
    assert grown["article_qa_questions_total", "refused"] == 1
    assert ("article_qa_questions_total", "failed") not in grown
    assert grown["article_qa_question_seconds_count", ""] == 3
    assert grown["article_qa_first_word_seconds_count", ""] == 2
    assert grown["article_qa_stage_seconds_count", "waiting"] == 3
    assert grown["article_qa_stage_seconds_count", "searching"] == 3
    assert grown["article_qa_stage_seconds_count", "writing"] == 2
    assert grown["article_qa_stage_seconds_sum", "writing"] > 0
    assert grown["article_qa_prompt_tokens_total", "computed"] > 0
    assert grown["article_qa_answer_tokens_total", ""] > 0
    assert grown["article_qa_cache_questions_total", "miss"] >= 2


def test_stages_take_no_longer_than_the_question(server: Served) -> None:
    before = told(server)
    put(server, LOAVES)
    grown = moved(before, told(server))
    stages = sum(grown.get(("article_qa_stage_seconds_sum", stage), 0.0) for stage in STAGES)

    assert stages == pytest.approx(grown["article_qa_question_seconds_sum", ""], abs=1e-3)


def test_line_and_what_is_turned_away_are_told(server: Served) -> None:
    before = told(server)
    jobs = [server.chat.scheduler.ask(SLOWLY, visitor="anon:x") for _ in range(4)]
    until(lambda: thinking(server))
    with pytest.raises(TooBusy):
        server.chat.scheduler.ask(LOAVES, visitor="anon:x")
    during = told(server)
    stop_all(server)
    grown = moved(before, told(server))

    states = {state: during["article_qa_queue_questions", state] for state in STATES}
    assert states["working"] > 0
    assert sum(states.values()) == len(jobs)
    assert grown["article_qa_questions_turned_away_total", ""] == 1
    assert grown["article_qa_questions_total", "stopped"] == len(jobs)
    assert told(server)["article_qa_queue_questions", "waiting"] == 0


def test_all_is_there_from_the_start_and_grows_by_no_label(server: Served) -> None:
    before = set(told(server))
    put(server, f"{LOAVES} My name is Rosalind.")
    after = httpx2.get(f"{server.url}/metrics").text

    assert set(told(server)) == before
    assert {("article_qa_questions_total", outcome) for outcome in OUTCOMES} <= before
    assert {("article_qa_stage_seconds_sum", stage) for stage in STAGES} <= before
    secrets = ("Rosalind", "loaves", "bakery", "harbour", "scripted", "anon:", "127.0.0.1")
    assert [word for word in secrets if word in after] == []


def test_metrics_are_off_unless_they_are_asked_for(tmp_path: Path) -> None:
    with bakery(tmp_path) as server:
        assert httpx2.get(f"{server.url}/metrics").status_code == 404


def test_metrics_are_for_users_where_there_are_users(tmp_path: Path) -> None:
    with bakery(tmp_path, metrics=True, users=two_users(tmp_path)) as server:
        nobody = httpx2.get(f"{server.url}/metrics")
        ana = httpx2.get(f"{server.url}/metrics", auth=("ana", "sesame"))
        ready = httpx2.get(f"{server.url}/ready")

    assert (nobody.status_code, ana.status_code) == (401, 200)
    assert (ready.status_code, ready.text) == (200, "ok\n")


def test_server_is_ready_while_its_index_can_be_opened(tmp_path: Path) -> None:
    with bakery(tmp_path) as server:
        ready = httpx2.get(f"{server.url}/ready")
        catalog = tmp_path / "index" / "catalog.sqlite"
        catalog.rename(catalog.with_name("away"))
        gone = httpx2.get(f"{server.url}/ready")
        catalog.write_bytes(b"no database at all" * 100)
        broken = httpx2.get(f"{server.url}/ready")
        healthy = httpx2.get(f"{server.url}/health")

    assert (ready.status_code, ready.text) == (200, "ok\n")
    for answer in (gone, broken):
        said = "not ready: the index cannot be opened\n"
        assert (answer.status_code, answer.text) == (503, said)
    assert healthy.status_code == 200


def test_server_is_not_ready_once_its_model_answers_no_more(tmp_path: Path) -> None:
    with bakery(tmp_path) as server:
        server.chat.scheduler.close()
        answer = httpx2.get(f"{server.url}/ready")

    said = "not ready: no more questions are answered\n"
    assert (answer.status_code, answer.text) == (503, said)
