"""The end of a paid film: brought here however often that takes, what it cost, and whose sound lies under it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from components.errors import (
    DownloadBroken,
    FilmUnreadable,
    GenerationFailed,
    ServiceUnreachable,
)
from components.generation.job import JobState as S
from components.generation.job import Stage
from components.services.base import Cost, Failed, Finished, Working
from components.studio.objects import object_key
from tests.doubles.scripted import DAY_S, FILM, Seller
from tests.workshop_paid import PaidBench, creates, error, holds, paid_bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workshop_film import Facts


async def test_a_film_that_is_said_to_have_cost_nothing_is_counted_by_the_list(bench: PaidBench, seller: Seller) -> None:
    seller.script.cost = Cost(Decimal(0), Decimal(0), "credits")  # not booked yet
    job = bench.order()
    await bench.make(job)
    row = bench.row(job)
    assert (row.actual, (row.cost or {})["source"], bench.ledger.lines) == ("0.50", "computed", [("settled", "0.5000")])


# --- saved -------------------------------------------------------------------------------------------------------------


async def test_a_dead_link_is_read_anew(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Finished("https://dead"), Finished("https://fresh")]
    seller.script.takes = [DownloadBroken(reason="link", status=403)]
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).state == "completed"
    assert [event for event in seller.events if event.startswith("take")] == ["take https://dead", "take https://fresh"]


async def test_a_film_that_is_not_saved_yet_says_so_and_until_when_it_lives(tmp_path: Path, seller: Seller) -> None:
    with paid_bench(tmp_path, seller, quiet_s=0.0, unsaved_s=(3600.0,)) as bench:
        seller.script.takes = [DownloadBroken()]
        job = bench.order()
        making = asyncio.create_task(bench.films.make_film(job))
        await holds(lambda: bench.row(job).wait_reason == "not_saved")
        row = bench.row(job)
        assert row.state == "saving"
        assert 0.9 * DAY_S < (row.remote_expires_at or 0) - bench.clock.now() <= DAY_S
        bench.films.wake(job)  # "Save now"
        await making
        assert bench.row(job).state == "completed"


async def test_a_finished_film_that_turns_back_to_work_is_waited_for(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Finished("https://dead"), Working(Stage.MAKING, 10), Failed(GenerationFailed()), Finished("https://fresh")]
    seller.script.takes = [DownloadBroken()]
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).state == "completed"


async def test_a_film_that_was_forgotten_before_it_was_saved_is_lost_and_paid(bench: PaidBench, seller: Seller) -> None:
    seller.script.takes.extend([DownloadBroken()] * 10_000)
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "saving")
    bench.pushed.ahead = DAY_S + 60
    await making
    assert (error(bench, job)["code"], error(bench, job)["charged"]) == ("result_expired", "yes")
    assert bench.ledger.lines == [("settled", "1")]


async def test_a_program_that_slept_for_a_day_asks_for_a_fresh_link_before_it_gives_a_film_up(bench: PaidBench, seller: Seller) -> None:
    seller.script.takes.extend([DownloadBroken()] * 10_000)
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).state == "saving")
    seller.script.readings.extend([ServiceUnreachable()] * 3)
    await holds(lambda: not seller.script.readings[2:])
    bench.pushed.ahead = DAY_S + 60
    seller.script.takes.clear()
    await making
    assert bench.row(job).state == "completed"


async def test_a_film_that_came_damaged_is_fetched_again(bench: PaidBench) -> None:
    left = [2]
    look = bench.look

    def damaged(film: Path) -> Facts:
        left[0] -= 1
        if left[0] >= 0:
            raise FilmUnreadable
        return look(film)

    bench.look = damaged
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).state == "completed"


async def test_what_is_no_film_however_often_it_is_fetched_has_failed_and_is_paid(bench: PaidBench) -> None:
    def unreadable(_film: Path) -> Facts:
        raise FilmUnreadable

    bench.look = unreadable
    job = bench.order()
    await bench.make(job)
    assert (error(bench, job)["code"], error(bench, job)["charged"]) == ("film_unreadable", "yes")


async def test_a_film_that_was_being_saved_is_saved_after_a_restart(bench: PaidBench, seller: Seller) -> None:
    job = bench.order()
    for frm, to in ((S.QUEUED, S.SUBMITTING), (S.SUBMITTING, S.PENDING), (S.PENDING, S.SAVING)):
        assert bench.jobs.move(job, frm={frm}, to=to, task_id="task-1")
    await bench.make(job)
    assert bench.row(job).state == "completed"
    assert (creates(seller), seller.events[0]) == (0, "read task-1")


async def test_a_look_and_a_save_in_one_go_ask_the_service_once(bench: PaidBench, seller: Seller) -> None:
    await bench.make(bench.order())
    assert [event.split()[0] for event in seller.events] == ["hand", "create", "read", "take"]


# --- what it cost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "actual", "source", "line"),
    [
        (Cost(Decimal("0.31"), Decimal(21), "credits"), "0.31", "service", "0.31"),
        (Cost(None, Decimal(21), "credits"), "0.50", "computed", "0.5000"),
        (None, "0.50", "computed", "0.5000"),
    ],
)
async def test_what_it_cost_is_read_or_else_computed_and_marked(  # noqa: PLR0917 - a row of the table
    bench: PaidBench, seller: Seller, cost: Cost | None, actual: str, source: str, line: str
) -> None:
    seller.script.cost = cost
    job = bench.order()
    await bench.make(job)
    row = bench.row(job)
    assert (row.actual, (row.cost or {})["source"]) == (actual, source)
    assert (row.cost or {})["original"] == ({"amount": "21", "unit": "credits"} if cost else None)
    assert bench.ledger.lines == [("settled", line)]


async def test_where_nobody_knows_the_price_what_was_set_aside_counts(bench: PaidBench, seller: Seller) -> None:
    seller.prices = ()
    job = bench.order()
    await bench.make(job)
    assert (bench.row(job).actual, (bench.row(job).cost or {})["source"]) == (None, "unknown")
    assert bench.ledger.lines == [("settled", "1")]


async def test_the_length_that_was_billed_counts(bench: PaidBench, seller: Seller) -> None:
    seller.script.readings = [Finished("https://film", seconds=4.0)]
    job = bench.order()
    await bench.make(job)
    assert bench.row(job).actual == "0.40"


# --- sound -------------------------------------------------------------------------------------------------------------


def sound(bench: PaidBench) -> str:
    key = object_key("sound", "mp3", of="song")
    part = bench.objects.work_file()
    part.write_bytes(b"a song")
    bench.objects.publish_now(part, key)
    return key


async def test_a_sound_under_the_film_is_laid_here_and_the_sellers_film_is_kept(bench: PaidBench, seller: Seller) -> None:
    job = bench.order(audio_key=sound(bench), audio="upload-two", sound="under")
    await bench.make(job)
    row = bench.row(job)
    assert bench.objects.local_now(row.video_key or "").read_bytes() == FILM + b" with a song"
    assert bench.objects.local_now(row.original_key or "").read_bytes() == FILM
    assert (seller.orders[0].audio, seller.orders[0].audio_url) == (None, None)
    assert (row.actual, (row.video or {})["bytes"]) == ("0.25", len(FILM) + len(b" with a song"))


async def test_a_film_whose_sound_is_gone_is_kept_without_it(bench: PaidBench) -> None:
    key = sound(bench)
    job = bench.order(audio_key=key, audio="upload-two", sound="under")
    bench.objects.delete_now([key])
    await bench.make(job)
    row = bench.row(job)
    assert (row.state, row.original_key) == ("completed", None)
    assert bench.objects.local_now(row.video_key or "").read_bytes() == FILM


async def test_only_the_piece_that_is_heard_lies_open_and_only_while_the_job_lives(bench: PaidBench, seller: Seller) -> None:
    bench.address.base = "https://studio.example.org"
    job = bench.order(audio_key=sound(bench), audio="upload-two", sound="own")
    open_then: list[str] = []
    seller.before_create = lambda order: open_then.append(order.audio_url or "")
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bool(seller.orders))
    bench.films.wake(job)
    await making
    (url,) = open_then
    key = url.removeprefix("https://studio.example.org/media/")
    assert key.startswith("sound/")
    assert key != bench.row(job).audio_key
    assert not bench.objects.has_now(key)
