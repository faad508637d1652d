from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from components.errors import StudioError, TooManyTries, WrongToken
from components.studio.owner import OWNER_S
from components.studio.tries import ALL_TRIES, TRIES
from tests.unit.studio.money_bench import TOKEN, MoneyBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MoneyBench]:
    made = MoneyBench(tmp_path, {"admin_token": TOKEN})
    yield made
    made.close()


def wrong(bench: MoneyBench, times: int, place: str = "") -> None:
    for _ in range(times):
        with pytest.raises(WrongToken):
            bench.owners.claim(bench.visitor(), "guess", place)


def test_nobody_is_the_owner_at_first(bench: MoneyBench) -> None:
    assert not bench.owners.is_owner(bench.visitor())


def test_whoever_sends_the_token_is_the_owner_and_nobody_else(bench: MoneyBench) -> None:
    visitor, other = bench.visitor(), bench.visitor()
    bench.owners.claim(visitor, f" {TOKEN}\n")
    assert bench.owners.is_owner(visitor)
    assert not bench.owners.is_owner(other)


def test_the_owner_is_the_owner_for_thirty_days(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN)
    bench.clock.time += OWNER_S - 1
    assert bench.owners.is_owner(visitor)
    bench.clock.time += 1
    assert not bench.owners.is_owner(visitor)


def test_the_token_sent_again_counts_anew(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN)
    bench.clock.time += OWNER_S - 1
    bench.owners.claim(visitor, TOKEN)
    bench.clock.time += 10
    assert bench.owners.is_owner(visitor)


def test_the_owner_can_step_down(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN)
    bench.owners.resign(visitor)
    assert not bench.owners.is_owner(visitor)


def test_after_a_change_of_the_token_nobody_is_the_owner(bench: MoneyBench) -> None:
    old, new = bench.visitor(), bench.visitor()
    bench.owners.claim(old, TOKEN)
    bench.use(admin_token="another-token")
    assert not bench.owners.is_owner(old)
    bench.owners.claim(new, "another-token")
    assert bench.owners.is_owner(new)
    assert not bench.owners.is_owner(old)


def test_without_a_token_there_is_no_owner_and_an_empty_one_makes_none(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN)
    bench.use()
    assert not bench.owners.is_owner(visitor)
    with pytest.raises(WrongToken):
        bench.owners.claim(visitor, "")


def test_after_five_wrong_tokens_even_the_right_one_has_to_wait(bench: MoneyBench) -> None:
    wrong(bench, TRIES)
    visitor = bench.visitor()
    with pytest.raises(TooManyTries) as refused:
        bench.owners.claim(visitor, TOKEN)
    assert refused.value.retry_after == 3600
    assert not bench.owners.is_owner(visitor)


def test_an_hour_later_there_are_five_new_tries(bench: MoneyBench) -> None:
    wrong(bench, TRIES)
    bench.clock.time += 3600
    wrong(bench, TRIES - 1)
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN)
    assert bench.owners.is_owner(visitor)


def test_wrong_tokens_from_one_place_do_not_shut_out_another(bench: MoneyBench) -> None:
    wrong(bench, TRIES, "198.51.100.7")
    visitor = bench.visitor()
    bench.owners.claim(visitor, TOKEN, "203.0.113.9")
    assert bench.owners.is_owner(visitor)


def test_many_places_together_have_a_limit_too(bench: MoneyBench) -> None:
    for place in range(ALL_TRIES):
        wrong(bench, 1, f"place {place}")
    with pytest.raises(TooManyTries):
        bench.owners.claim(bench.visitor(), "guess", "one more")


def test_tokens_sent_all_at_once_are_not_more_than_five_tries(bench: MoneyBench) -> None:
    def guess(visitor: str) -> str:
        try:
            bench.owners.claim(visitor, "guess")
        except StudioError as error:
            return error.code
        return "owner"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, [bench.visitor() for _ in range(20)]))
    assert sorted(answers) == sorted(["wrong_token"] * TRIES + ["too_many_tries"] * (20 - TRIES))


def test_a_switch_outlives_a_restart(bench: MoneyBench) -> None:
    assert not bench.switches.paid_paused
    bench.switches.pause_paid(paused=True)
    assert MoneyBench(bench.folder).switches.paid_paused
    bench.switches.pause_paid(paused=False)
    assert not bench.switches.paid_paused
