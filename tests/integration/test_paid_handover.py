"""Pictures in a seller's hands: given once, used again, and taken back when the last film that uses them has its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from components.errors import ContentRefused, Doubtful, ServiceUnreachable
from components.generation.job import JobState as S
from components.studio.database import read
from components.studio.tables import HandedRow
from tests.doubles.scripted import DAY_S, Seller
from tests.workshop_paid import PaidBench, holds, paid_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path, seller: Seller) -> Iterator[PaidBench]:
    with paid_bench(tmp_path, seller) as made:
        seller.script.keeps_until = made.clock.now() + 3 * DAY_S
        yield made


def rows(bench: PaidBench) -> list[tuple[str, str | None]]:
    with read(bench.engine) as connection:
        return [(row.image, row.remote_id) for row in connection.execute(select(HandedRow.image, HandedRow.remote_id))]


async def test_the_same_picture_is_uploaded_once_and_deleted_when_the_last_film_has_its_end(bench: PaidBench, seller: Seller) -> None:
    seller.script.held = True
    first, second = bench.order("one"), bench.order("two")
    making = [asyncio.create_task(bench.films.make_film(first))]
    await holds(lambda: bench.row(first).state == "processing")
    making.append(asyncio.create_task(bench.films.make_film(second)))
    await holds(lambda: bench.row(second).state == "processing")
    assert seller.uploads == [first]
    assert rows(bench) == [("https://files.example.com/file-1", "file-1")]
    bench.jobs.move(first, frm={S.PROCESSING}, to=S.FAILED)
    bench.films.wake(first)
    await making[0]
    assert seller.forgotten == []
    seller.script.held = False
    await making[1]
    assert (seller.forgotten, rows(bench)) == (["file-1"], [])


async def test_an_unconfirmed_film_keeps_its_picture_there(bench: PaidBench, seller: Seller) -> None:
    seller.script.doubts = [Doubtful()]
    first, second = bench.order("one"), bench.order("two")
    await bench.make(first, second)
    assert (bench.row(first).state, bench.row(second).state) == ("unconfirmed", "completed")
    assert (seller.uploads, seller.forgotten) == ([first], [])


async def test_a_copy_that_goes_soon_is_not_relied_on(bench: PaidBench, seller: Seller) -> None:
    seller.script.doubts = [Doubtful()]
    first, second = bench.order("one"), bench.order("two")
    await bench.make(first)
    bench.pushed.ahead = 3 * DAY_S - 60
    seller.script.keeps_until = bench.clock.now() + 3 * DAY_S
    await bench.make(second)
    assert seller.uploads == [first, second]


async def test_a_refused_order_that_is_sent_again_uploads_nothing_again(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [ServiceUnreachable()]
    job = bench.order()
    await bench.make(job)
    assert seller.uploads == [job]
    assert bench.row(job).state == "completed"


async def test_another_accounts_copy_is_nobodys_business(bench: PaidBench, seller: Seller) -> None:
    seller.script.doubts = [Doubtful()]
    first, second = bench.order("one"), bench.order("two")
    await bench.make(first)
    with bench.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET account = 'another account' WHERE id = ?", (second,))
    await bench.make(second)
    assert seller.uploads == [first, second]


async def test_a_picture_that_went_along_as_data_is_not_remembered(bench: PaidBench, seller: Seller) -> None:
    seller.script.keeps_until = None
    job = bench.order()
    await bench.make(job)
    assert (rows(bench), bench.row(job).handed, seller.forgotten) == ([], None, [])


async def test_a_copy_that_could_not_be_deleted_is_deleted_later(bench: PaidBench, seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [True]

    async def forget(_account: object, remote_id: str) -> None:
        if away[0]:
            raise ServiceUnreachable
        seller.forgotten.append(remote_id)

    monkeypatch.setattr("tests.doubles.scripted.SellerAccount.forget", forget)
    job = bench.order()
    await bench.make(job)
    (left,) = bench.films.handover.left_behind()
    assert (bench.row(job).state, left.id) == ("completed", job)
    away[0] = False
    await bench.films.handover.take_back(left)
    assert seller.forgotten == ["file-1"]
    assert bench.films.handover.left_behind() == []


async def test_a_copy_that_is_gone_by_itself_is_forgotten_without_a_call(bench: PaidBench, seller: Seller) -> None:
    seller.script.creates = [ContentRefused()]
    job = bench.order()
    bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    handed = {"image": "https://files.example.com/old", "remote_id": "old", "expires_at": bench.clock.now() - 1}
    with bench.engine.begin() as connection:
        connection.execute(insert(HandedRow).values(service="evolink", account="a", sha256="b", **handed))
    assert bench.films.handover.drop_expired() == 1
    assert (rows(bench), seller.forgotten) == ([], [])
