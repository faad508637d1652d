"""A paid film's life, step by step: what each answer and each silence of a seller leaves in the row and in the ledger."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import (
    Charged,
    ContentRefused,
    Doubtful,
    GenerationFailed,
    KeyRefused,
    NeedsKey,
    RateLimited,
    ServiceDown,
    ServiceUnreachable,
    TaskGone,
    UnclearAnswer,
)
from components.generation.job import JobState as S
from components.generation.job import Stage
from components.services.base import Account, Cancelled, Failed, Working
from components.studio.paying import Keyless
from tests.doubles.scripted import DAY_S, FILM, Seller
from tests.workshop_paid import PaidBench, creates, error, holds, paid_bench

if TYPE_CHECKING:
    from pathlib import Path

    from components.studio.tables import JobRow


# --- ordered -----------------------------------------------------------------------------------------------------------


async def test_a_bought_film_is_kept_byte_for_byte_and_settled(bench: PaidBench, seller: Seller) -> None:
    job = bench.order()
    await bench.make(job)
    row = bench.row(job)
    assert (row.state, row.settled, seller.charged) == ("completed", True, [job])
    assert bench.objects.local_now(row.video_key or "").read_bytes() == FILM
    assert bench.ledger.lines == [("settled", "0.5000")]


async def test_files_are_handed_over_before_the_intent_and_the_order_is_sent_after_it(bench: PaidBench, seller: Seller) -> None:
    states: list[str] = []
    job = bench.order()
    seller.before_create = lambda _order: states.append(bench.row(job).state)
    seller.script.hand_overs = [ServiceUnreachable()]
    await bench.make(job)
    assert states == ["submitting"]
    assert [event.split()[0] for event in seller.events[:3]] == ["hand", "hand", "create"]


async def test_an_upload_that_is_refused_fails_the_job_and_nothing_is_ordered(bench: PaidBench, seller: Seller) -> None:
    seller.script.hand_overs = [ContentRefused(field="image")]
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, error(bench, job)["code"], error(bench, job)["charged"]) == ("failed", "content_refused", "no")
    assert creates(seller) == 0
    assert bench.ledger.lines == [("released", "0")]


async def test_a_refusal_in_words_is_the_end_and_frees_the_money(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [ContentRefused(field="prompt")]
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, error(bench, job)["charged"], bench.row(job).actual) == ("failed", "no", "0")
    assert bench.ledger.lines == [("released", "0")]


@pytest.mark.parametrize("doubt", [Doubtful(), UnclearAnswer(), ServiceDown(), ConnectionResetError("broken")])
async def test_a_doubtful_order_is_unconfirmed_keeps_its_money_and_is_never_sent_again(
    bench: PaidBench, seller: Seller, doubt: Exception
) -> None:
    seller.script.doubts = [doubt]
    job = bench.order()
    await bench.make(job)
    await bench.new_films().make_film(job)
    assert (bench.row(job).state, creates(seller), bench.row(job).settled) == ("unconfirmed", 1, False)
    assert bench.ledger.lines == []


@pytest.mark.parametrize("passing", [RateLimited(), RateLimited(retry_after=0.01), ServiceUnreachable(retry_after=0.01)])
async def test_an_order_that_surely_did_not_arrive_is_sent_again(bench: PaidBench, seller: Seller, passing: Exception) -> None:
    seller.script.creates = [passing, passing]
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, creates(seller), seller.charged) == ("completed", 3, [job])
    assert bench.row(job).first_refused_at is None


async def test_a_wait_for_a_busy_service_stands_in_the_row_and_can_be_cut_short(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [RateLimited(retry_after=100.0)]
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).wait_reason is not None)
    row = bench.row(job)
    assert (row.state, row.wait_reason) == ("queued", "busy")
    assert 90 < (row.retry_at or 0) - bench.clock.now() <= 100
    assert bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    bench.films.wake(job)
    await making
    assert creates(seller) == 1


async def test_who_is_busy_for_too_long_is_not_waited_for(tmp_path: Path, seller: Seller) -> None:
    with paid_bench(tmp_path, seller, patience_s=0.05) as bench:
        seller.script.creates = [RateLimited()] * 100
        job = bench.order()
        await bench.make(job)
        assert (bench.row(job).state, error(bench, job)["code"], error(bench, job)["charged"]) == ("failed", "busy", "no")
        assert bench.ledger.lines == [("released", "0")]


async def test_patience_counts_from_the_first_refusal_also_over_a_restart(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [RateLimited(retry_after=100.0), RateLimited()]
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).wait_reason is not None)
    await bench.films.park()
    await asyncio.gather(making, return_exceptions=True)
    bench.pushed.ahead = 1000.0
    await bench.new_films().make_film(job)
    assert error(bench, job)["code"] == "busy"


async def test_a_wish_for_longer_than_two_minutes_is_not_waited_for(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [RateLimited(retry_after=3600.0)]
    job = bench.order()
    await bench.make(job)
    assert error(bench, job)["code"] == "busy"


async def test_a_reply_to_an_order_that_was_given_up_as_lost_is_good_news(bench: PaidBench, seller: Seller) -> None:
    job = bench.order()
    seller.before_create = lambda _order: bench.jobs.move(job, frm={S.SUBMITTING}, to=S.UNCONFIRMED)
    await bench.make(job)
    assert bench.row(job).state == "completed"


# --- followed ----------------------------------------------------------------------------------------------------------


async def test_what_goes_backwards_is_not_believed(bench: PaidBench, seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    seller.script.readings = [Working(Stage.MAKING, 60), Working(Stage.IN_LINE, 0), Working(Stage.MAKING, 20), Working(Stage.MAKING, 80)]
    seen: list[tuple[Any, Any]] = []
    change = bench.jobs.change

    def watched(work: Any) -> bool:  # noqa: ANN401 - passed on
        done = change(work)
        row = bench.row("job-visi-one")
        if row.state == "processing":
            seen.append((row.stage, row.progress))
        return done

    monkeypatch.setattr(bench.jobs, "change", watched)
    await bench.make(bench.order())
    assert seen == [("making", 60), ("making", 80)]


async def test_no_such_task_right_after_the_order_is_not_believed(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [TaskGone(), TaskGone(), TaskGone()]
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).state == "completed"


async def test_no_such_task_for_minutes_is_the_end_and_perhaps_charged(tmp_path: Path, seller: Seller) -> None:
    with paid_bench(tmp_path, seller, gone_s=0.05) as bench:
        seller.script.readings = [TaskGone()] * 100
        job = bench.order()
        await bench.make(job)
        assert (bench.row(job).state, error(bench, job)["code"], error(bench, job)["charged"]) == ("failed", "result_expired", "maybe")
        assert bench.ledger.lines == [("settled", "1")]


async def test_a_service_that_says_so_of_old_tasks_too_is_believed_only_when_it_forgets(tmp_path: Path, seller: Seller) -> None:
    seller.gone_is_sure = False  # type: ignore[misc]  # of this one only
    with paid_bench(tmp_path, seller, gone_s=0.0) as bench:
        seller.script.readings = [TaskGone()] * 5
        job = bench.order()
        await bench.make(job)
        assert bench.row(job).state == "completed"


@pytest.mark.parametrize("silence", [ServiceDown(), RateLimited(retry_after=0.01), ServiceUnreachable(), UnclearAnswer(), KeyRefused()])
async def test_no_silence_of_a_service_fails_a_job(bench: PaidBench, seller: Seller, silence: Exception) -> None:
    seller.script.readings = [silence] * 4
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, seller.charged) == ("completed", [job])


async def test_a_key_that_is_refused_is_said_on_the_card_until_it_works_again(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings.extend([KeyRefused()] * 3)
    seller.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).wait_reason == "key_refused")
    await holds(lambda: bench.row(job).wait_reason is None)
    seller.script.held = False
    await making
    assert bench.row(job).state == "completed"


@pytest.mark.parametrize("wish_to_stop", [False, True])
async def test_a_key_that_was_taken_away_is_said_on_the_card_after_a_restart_too(
    *, bench: PaidBench, seller: Seller, monkeypatch: pytest.MonkeyPatch, wish_to_stop: bool
) -> None:
    seller.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "processing")
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    bench.jobs.note(job, frm={S.PROCESSING}, cancel_requested=wish_to_stop)
    find, gone = Keyless.of, [True]

    def of(keyless: Keyless, row: JobRow) -> Account:
        if gone[0]:
            raise NeedsKey(field="key", service="Seller")
        return find(keyless, row)

    monkeypatch.setattr(Keyless, "of", of)
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).wait_reason is not None)
    assert bench.row(job).wait_reason == "needs_key"
    gone[0] = seller.script.held = False
    await making
    assert (bench.row(job).state, seller.charged) == ("completed", [job])


async def slept_for_a_day(bench: PaidBench, seller: Seller, silences: int) -> str:
    """A film at work; a day passes, then nobody answers for so many looks; made to its end."""
    seller.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "processing")
    seller.script.readings.extend([ServiceUnreachable()] * silences)
    seller.script.held = False
    bench.pushed.ahead = DAY_S + 60
    await making
    return job


async def test_a_program_that_slept_for_a_day_asks_before_it_gives_a_film_up(bench: PaidBench, seller: Seller) -> None:
    job = await slept_for_a_day(bench, seller, silences=3)
    assert bench.row(job).state == "completed"


async def test_a_service_that_stays_silent_after_its_day_is_not_waited_for_for_ever(tmp_path: Path, seller: Seller) -> None:
    with paid_bench(tmp_path, seller, unheard_s=(0.0,)) as bench:
        job = await slept_for_a_day(bench, seller, silences=1000)
        assert (error(bench, job)["code"], error(bench, job)["charged"]) == ("result_expired", "maybe")


async def test_a_film_that_is_at_work_for_more_than_a_day_is_still_followed(bench: PaidBench, seller: Seller) -> None:
    seller.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "processing")
    bench.pushed.ahead = DAY_S - 60
    await holds(lambda: (bench.films.asked.at(job) or 0) > bench.clock.now() - 5)
    assert bench.row(job).state == "processing"
    bench.pushed.ahead = 3 * DAY_S
    await holds(lambda: (bench.films.asked.at(job) or 0) > bench.clock.now() - 5)
    assert bench.row(job).state == "processing"
    seller.script.held = False
    await making
    assert bench.row(job).state == "completed"


async def test_a_job_that_waits_writes_nothing_but_knows_when_it_was_asked_for(bench: PaidBench, seller: Seller) -> None:
    seller.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).progress == 50)
    before, asked, looks = bench.row(job), bench.films.asked.at(job), len(seller.events)
    await holds(lambda: len(seller.events) > looks + 20)
    after = bench.row(job)
    assert (after.revision, after.updated_at, after.asked_at) == (before.revision, before.updated_at, before.asked_at)
    assert (bench.films.asked.at(job) or 0) > (asked or 0)
    seller.script.held = False
    await making
    assert bench.films.asked.at(job) is None


@pytest.mark.parametrize(("charged", "lines"), [(Charged.NO, [("released", "0")]), (Charged.YES, [("settled", "1")])])
async def test_a_failure_frees_the_money_only_where_nothing_was_charged(
    bench: PaidBench, seller: Seller, charged: Charged, lines: list[tuple[str, str]]
) -> None:
    seller.script.readings = [Failed(GenerationFailed(charged=charged))]
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, error(bench, job)["charged"]) == ("failed", charged.value)
    assert bench.ledger.lines == lines


async def test_what_the_service_stopped_is_cancelled_and_frees_the_money(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Working(Stage.IN_LINE), Cancelled()]
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).state == "cancelled"
    assert bench.ledger.lines == [("released", "0")]


async def test_what_the_service_stopped_is_not_said_to_be_free_where_nobody_knows(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Cancelled(Charged.MAYBE)]
    job = bench.order()
    await bench.make(job)
    row = bench.row(job)
    assert (row.state, row.actual, (row.cost or {})["source"]) == ("cancelled", None, "unclear")
    assert bench.ledger.lines == [("settled", "1")]


async def test_a_wish_to_stop_that_came_too_late_is_taken_back_and_the_film_is_kept(bench: PaidBench, seller: Seller) -> None:
    seller.script.stops = [False]
    seller.before_create = lambda order: bench.jobs.note(order.job_id, frm={S.SUBMITTING}, cancel_requested=True)
    job = bench.order()
    await bench.make(job)
    row = bench.row(job)
    assert (row.state, row.cancel_requested, seller.events.count("cancel task-1")) == ("completed", False, 1)


async def test_a_wish_to_stop_that_was_taken_is_told_once(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Working(Stage.IN_LINE), Working(Stage.IN_LINE), Cancelled()]
    seller.before_create = lambda order: bench.jobs.note(order.job_id, frm={S.SUBMITTING}, cancel_requested=True)
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).state, seller.events.count("cancel task-1")) == ("cancelled", 1)
