"""Texts that begin alike are read once as far as they do, and what was read is gone on from."""

import itertools
import random

import pytest

from qa.llm.batching import PrefixPlan, common, plan_prefixes


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [([], [1], 0), ([1, 2], [1, 2, 3], 2), ([1, 2, 3], [1, 4, 3], 1), ([2], [1], 0)],
)
def test_common_beginning_is_counted(one: list[int], other: list[int], shared: int) -> None:
    assert common(one, other) == common(other, one) == shared


def test_a_text_that_nothing_is_known_of_is_read_whole() -> None:
    plans, steps = plan_prefixes({}, [[5, 6, 7]])

    assert plans == [PrefixPlan(None, 0, 3)]
    assert [(s.token, s.position, s.prompts, s.last) for s in steps] == [
        (5, 0, [0], None),
        (6, 1, [0], None),
        (7, 2, [0], 0),
    ]


def test_tasks_about_one_passage_read_the_question_once() -> None:
    passage, question = [1, 2, 3], [4, 5]
    tasks = [[*passage, *question, task, 9] for task in (6, 7)]

    plans, steps = plan_prefixes({3: [8], 7: passage}, tasks)

    assert plans == [PrefixPlan(7, 3, 4), PrefixPlan(7, 3, 2)]
    assert [(s.token, s.prompts) for s in steps] == [
        *((token, [0, 1]) for token in question),
        *((token, [0]) for token in (6, 9)),
        *((token, [1]) for token in (7, 9)),
    ]


def test_the_last_token_is_read_even_where_all_are_held() -> None:
    plans, steps = plan_prefixes({0: [1, 2, 3, 4]}, [[1, 2, 3]])

    assert plans == [PrefixPlan(0, 2, 1)]
    assert [(s.token, s.last) for s in steps] == [(3, 0)]


def test_a_text_that_begins_another_ends_within_it() -> None:
    plans, steps = plan_prefixes({}, [[1, 2, 3], [1, 2], [1, 2, 3, 4]])

    assert [plan.fresh for plan in plans] == [3, 1, 1]
    assert [(s.token, s.position, s.prompts, s.last) for s in steps] == [
        (1, 0, [0, 1, 2], None),
        (2, 1, [0, 2], None),
        (3, 2, [0, 2], 0),
        (2, 1, [1], 1),
        (4, 3, [2], 2),
    ]


@pytest.mark.parametrize("seed", range(50))
def test_every_text_is_read_to_its_end_and_in_order(seed: int) -> None:
    chance = random.Random(seed)

    def some() -> list[int]:
        return [chance.choice((1, 1, 1, 2)) for _ in range(chance.randint(1, 8))]

    held = {key: some() for key in range(chance.randint(0, 4))}
    texts = [list(text) for text in dict.fromkeys(tuple(some()) for _ in range(4))]

    plans, steps = plan_prefixes(held, texts)

    for number, (text, plan) in enumerate(zip(texts, plans, strict=True)):
        mine = [step for step in steps if number in step.prompts]
        shared = held[plan.source][: plan.shared] if plan.source is not None else []
        assert [*shared, *(step.token for step in mine)] == text
        assert [step.position for step in mine] == list(range(plan.shared, len(text)))
        assert [step.last == number for step in mine] == [*[False] * (len(mine) - 1), True]
    assert sum(plan.fresh for plan in plans) == len(steps)
    # llama.cpp asks of texts that share a token that they share all before it.
    for step, a, b in ((s, *pair) for s in steps for pair in itertools.combinations(s.prompts, 2)):
        assert (plans[a].source, plans[a].shared) == (plans[b].source, plans[b].shared), step
