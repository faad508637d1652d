from __future__ import annotations

import pytest

from components.errors import RateLimited
from components.studio.pace import Tempo
from components.studio.waiting import Asked, Creates, Pacer, patience, step


@pytest.mark.parametrize(("attempt", "wait"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (100, 60)])
def test_a_refusal_without_a_word_is_waited_for_longer_and_longer(attempt: int, wait: float) -> None:
    assert patience(RateLimited(), attempt, 0.0, Tempo()) == wait


@pytest.mark.parametrize(("told", "wait"), [(0.0, 1.0), (7.0, 7.0), (120.0, 120.0), (121.0, None)])
def test_a_wish_is_obeyed_up_to_two_minutes(told: float, wait: float | None) -> None:
    assert patience(RateLimited(retry_after=told), 3, 0.0, Tempo()) == wait


def test_patience_ends_after_fifteen_minutes_whatever_is_asked() -> None:
    assert patience(RateLimited(retry_after=5.0), 1, 899.0, Tempo()) == 5.0
    assert patience(RateLimited(retry_after=5.0), 1, 900.0, Tempo()) is None


def test_the_last_step_repeats() -> None:
    assert [step((1.0, 2.0), attempt) for attempt in (1, 2, 3)] == [1.0, 2.0, 2.0]


def test_a_pacer_lets_no_more_through_than_it_may() -> None:
    pacer = Pacer(50.0)
    waits = [pacer.wait_s(10.0) for _ in range(101)]
    assert waits[0] == 0.0
    assert waits[-1] == pytest.approx(2.0)


def test_a_pacer_that_was_idle_owes_nothing() -> None:
    pacer = Pacer(1.0)
    assert [pacer.wait_s(now) for now in (0.0, 100.0, 100.0)] == [0.0, 0.0, 1.0]


def test_each_account_has_its_own_pace_and_some_have_none() -> None:
    creates = Creates()
    assert [creates.wait_s("a", account, 1.0, 0.0) for account in ("x", "y", "x")] == [0.0, 0.0, 1.0]
    assert [creates.wait_s("b", "x", None, 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_when_a_service_was_asked_is_remembered_until_the_film_is_done() -> None:
    asked = Asked()
    asked.answered("one", "somebody", 5.0)
    asked.stretch("one", 9.0)
    assert (asked.at("one"), asked.stretched_until("one"), asked.at("two")) == (5.0, 9.0, None)
    assert (asked.of("somebody"), asked.of("another")) == ({"one": 5.0}, {})
    asked.forget("one")
    assert (asked.at("one"), asked.stretched_until("one"), asked.of("somebody")) == (None, None, {})
