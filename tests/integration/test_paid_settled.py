"""Films that hang: calls from the service, looks, and how an order whose outcome nobody knows is settled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from components.errors import CannotResolve, Doubtful, GenerationFailed, NotFound, ServiceDown
from components.services.base import Candidate, Failed, Finished, Working
from components.studio.handover import piece_key
from components.studio.hooks import Hooks
from tests.workshop_film import VISITOR
from tests.workshop_paid import PaidBench, holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.scripted import Seller


async def unconfirmed(bench: PaidBench, seller: Seller, token: str = "one") -> str:  # noqa: S107 - no secret
    seller.script.doubts = [Doubtful()]
    job = bench.order(token)
    await bench.make(job)
    assert bench.row(job).state == "unconfirmed"
    seller.events.clear()
    return job


def hooks(bench: PaidBench) -> Hooks:
    return Hooks(bench.jobs, bench.films, bench.resolver().attach)


# --- calls of the service ------------------------------------------------------------------------------------------------


@pytest.fixture
def called(bench: PaidBench, seller: Seller) -> Iterator[PaidBench]:
    bench.address.base = "https://studio.example.org"
    seller.script.held = True
    yield bench
    seller.script.held = False


async def follow(bench: PaidBench, seller: Seller) -> tuple[str, str, asyncio.Task[None]]:
    """A film that is looked at once and then only when somebody calls; returns the job and its secret."""
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "processing")
    url = seller.orders[0].callback_url or ""
    head, _, token = url.rpartition("/")
    assert head == f"https://studio.example.org/gradio_api/studio/hook/{job}"
    return job, token, making


async def test_a_call_makes_the_task_be_read_with_the_key_at_once(called: PaidBench, seller: Seller) -> None:
    job, token, making = await follow(called, seller)
    seller.script.held = False
    assert await asyncio.to_thread(hooks(called).called, job, token)
    await making
    assert (called.row(job).state, called.row(job).called_back_at is not None) == ("completed", True)


async def test_calls_that_come_twice_early_or_late_change_nothing_by_themselves(called: PaidBench, seller: Seller) -> None:
    job, token, making = await follow(called, seller)
    looks = seller.events.count("read task-1")
    hook = hooks(called)
    for _ in range(3):
        await asyncio.to_thread(hook.called, job, token)
    await holds(lambda: seller.events.count("read task-1") > looks)
    assert called.row(job).state == "processing"
    seller.script.held = False
    await asyncio.to_thread(hook.called, job, token)
    await making
    assert not await asyncio.to_thread(hook.called, job, token)
    assert called.row(job).state == "completed"


async def test_a_call_without_the_secret_is_nothing(called: PaidBench, seller: Seller) -> None:
    job, token, making = await follow(called, seller)
    looks = list(seller.events)
    hook = hooks(called)
    for wrong in ("", "x" * 32, token[:-1], token + "x", "ä"):
        assert not await asyncio.to_thread(hook.called, job, wrong)
    assert not await asyncio.to_thread(hook.called, "no-such-job", token)
    assert (seller.events, called.row(job).called_back_at) == (looks, None)
    seller.script.held = False
    called.films.wake(job)
    await making


async def test_a_call_brings_back_an_order_whose_reply_was_lost(bench: PaidBench, seller: Seller) -> None:
    bench.address.base = "https://studio.example.org"
    job = await unconfirmed(bench, seller)
    token = (seller.orders[0].callback_url or "").rpartition("/")[2]
    hook = hooks(bench)
    assert not await asyncio.to_thread(hook.called, job, token, "of-somebody-else")
    assert await asyncio.to_thread(hook.called, job, token, "task-1")
    await bench.make(job)
    assert (bench.row(job).state, seller.charged) == ("completed", [job])


@pytest.mark.parametrize("base", [None, "http://127.0.0.1:7860"])
async def test_where_no_service_would_call_us_no_call_is_waited_for(bench: PaidBench, seller: Seller, base: str | None) -> None:
    bench.address.base = base
    job = bench.order()
    await bench.make(job)
    assert (seller.orders[0].callback_url, bench.row(job).hook_token) == (None, None)


# --- settled by a person -------------------------------------------------------------------------------------------------


async def test_a_task_is_read_before_it_is_believed_and_then_followed_without_a_second_order(bench: PaidBench, seller: Seller) -> None:
    job = await unconfirmed(bench, seller)
    resolver = bench.resolver()
    found = resolver.check(VISITOR, job, "task-1")
    assert found is not None
    assert (found.status, bench.row(job).state) == ("finished", "unconfirmed")
    view = resolver.attach(VISITOR, job, "task-1")
    assert (view.state, bench.orders.given[-1][:2]) == ("pending", (job, 2))
    await bench.make(job)
    assert (bench.row(job).state, bench.row(job).error, seller.charged) == ("completed", None, [job])
    assert bench.ledger.lines == [("settled", "0.5000")]


@pytest.mark.parametrize("task_id", ["not-there", "", "x" * 300, "a\nb"])
async def test_a_task_that_the_service_does_not_know_is_not_attached(bench: PaidBench, seller: Seller, task_id: str) -> None:
    job = await unconfirmed(bench, seller)
    resolver = bench.resolver()
    assert resolver.check(VISITOR, job, task_id) is None
    with pytest.raises(NotFound):
        resolver.attach(VISITOR, job, task_id)
    assert bench.row(job).state == "unconfirmed"


@pytest.mark.parametrize(
    ("reading", "status"), [(Working(progress=30), "working"), (Failed(GenerationFailed()), "failed"), (Finished("x"), "finished")]
)
async def test_a_check_says_how_the_task_stands(bench: PaidBench, seller: Seller, reading: object, status: str) -> None:
    job = await unconfirmed(bench, seller)
    seller.script.readings = [reading]  # type: ignore[list-item]  # one of the readings
    found = bench.resolver().check(VISITOR, job, "task-1")
    assert found is not None
    assert found.status == status


async def test_a_task_of_another_film_is_not_attached(bench: PaidBench, seller: Seller) -> None:
    other = bench.order("other")
    await bench.make(other)
    job = await unconfirmed(bench, seller)
    with pytest.raises(CannotResolve):
        bench.resolver().attach(VISITOR, job, "task-1")
    assert bench.row(job).state == "unconfirmed"


async def test_what_was_never_made_has_failed_and_frees_the_money(bench: PaidBench, seller: Seller) -> None:
    seller.script.keeps_until = bench.clock.now() + 100_000
    job = await unconfirmed(bench, seller)
    view = bench.resolver().never_made(VISITOR, job)
    assert view.error is not None
    assert (view.state, view.error.code, view.error.charged, view.cost.actual) == ("failed", "never_made", "no", "0")
    assert (bench.ledger.lines, seller.forgotten) == ([("released", "0")], ["file-1"])


async def test_the_sound_of_what_was_never_made_is_not_given_out_any_more(bench: PaidBench, seller: Seller) -> None:
    job = await unconfirmed(bench, seller)
    part = bench.objects.work_file()
    part.write_bytes(b"a sound")
    bench.objects.publish_now(part, piece_key(job))
    bench.resolver().never_made(VISITOR, job)
    assert not bench.objects.has_now(piece_key(job))


async def test_only_an_unconfirmed_film_of_ones_own_can_be_settled(bench: PaidBench, seller: Seller) -> None:
    job = await unconfirmed(bench, seller)
    done = bench.order("done")
    await bench.make(done)
    resolver = bench.resolver()
    for call in (
        lambda: resolver.check(VISITOR, done, "task-1"),
        lambda: resolver.attach(VISITOR, done, "task-1"),
        lambda: resolver.never_made(VISITOR, done),
    ):
        with pytest.raises(CannotResolve):
            call()
    for foreign in (
        lambda: resolver.look("somebody else", job),
        lambda: resolver.check("somebody else", job, "task-1"),
        lambda: resolver.attach("somebody else", job, "task-1"),
        lambda: resolver.never_made("somebody else", job),
    ):
        with pytest.raises(NotFound):
            foreign()


async def test_a_look_lists_tasks_that_could_be_the_one_at_most_every_ten_seconds(bench: PaidBench, seller: Seller) -> None:
    other = bench.order("other")
    await bench.make(other)
    job = await unconfirmed(bench, seller)
    now = bench.clock.now()
    seller.script.candidates = (
        Candidate("of-somebody-later", now + 3600, "processing"),
        Candidate("task-2", now, "processing"),
        Candidate("task-1", 0.0, "completed"),
    )
    resolver = bench.resolver()
    first = resolver.look(VISITOR, job)
    assert [found.task_id for found in first.candidates or ()] == ["task-2"]
    assert resolver.look(VISITOR, job).candidates == first.candidates
    assert seller.events.count("list") == 1
    bench.pushed.ahead = 11.0
    resolver.look(VISITOR, job)
    assert seller.events.count("list") == 2


async def test_a_service_that_cannot_be_asked_settles_nothing(bench: PaidBench, seller: Seller) -> None:
    job = await unconfirmed(bench, seller)
    seller.script.readings = [ServiceDown()]
    with pytest.raises(ServiceDown):
        bench.resolver().attach(VISITOR, job, "task-1")
    assert bench.row(job).state == "unconfirmed"


async def test_a_look_at_a_film_at_work_asks_the_service_now(called: PaidBench, seller: Seller) -> None:
    job, _, making = await follow(called, seller)
    seller.script.held = False
    assert called.resolver().look(VISITOR, job).candidates is None
    await making
    assert called.row(job).state == "completed"
