"""Films that a visitor makes with somebody else's key, and whose order hangs: what such a visitor may see and say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from components.errors import CannotDelete, Doubtful
from components.services.base import Candidate
from tests.workshop_film import VISITOR

if TYPE_CHECKING:
    from tests.doubles.scripted import Seller
    from tests.workshop_paid import PaidBench


async def unconfirmed(bench: PaidBench, seller: Seller) -> str:
    seller.script.doubts = [Doubtful()]
    job = bench.order("one")
    await bench.make(job)
    seller.script.candidates = (Candidate("somebodys-film", None, "completed"),)
    return job


@pytest.mark.parametrize("theirs", [True, False])
async def test_the_tasks_of_an_account_are_listed_only_for_whoever_speaks_for_it(bench: PaidBench, seller: Seller, *, theirs: bool) -> None:
    job = await unconfirmed(bench, seller)
    bench.answers_for = theirs
    looked = await asyncio.to_thread(bench.resolver().look, VISITOR, job)
    assert (looked.candidates is not None) == theirs


@pytest.mark.parametrize(("theirs", "line"), [(True, "released"), (False, "settled")])
async def test_the_word_that_nothing_was_ordered_frees_only_ones_own_money(
    bench: PaidBench, seller: Seller, line: str, *, theirs: bool
) -> None:
    job = await unconfirmed(bench, seller)
    bench.answers_for = theirs
    ended = await asyncio.to_thread(bench.resolver().never_made, VISITOR, job)
    assert ended.error is not None
    assert ended.error.charged == ("no" if theirs else "maybe")
    assert [kind for kind, _usd in bench.ledger.lines] == [line]


async def test_a_film_that_may_have_been_charged_is_not_deleted_before_that_is_settled(bench: PaidBench, seller: Seller) -> None:
    job = await unconfirmed(bench, seller)
    with pytest.raises(CannotDelete):
        bench.library().delete(VISITOR, job)
