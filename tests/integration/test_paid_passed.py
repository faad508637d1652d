"""A film that is finished at its service and not saved here yet, handed on to its visitor."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from components.errors import DownloadBroken, NotFound, ResultExpired, ServiceUnreachable, TaskGone, Unavailable
from components.services.base import Finished, Passage
from components.services.registry import Services
from components.studio.keys import Secrets
from components.studio.library import Library
from components.studio.links import Links
from components.studio.passing import AT_ONCE, LINK_S, TROUBLE_S, Handed, Here, Passing
from components.studio.paying import Keyless
from components.studio.views import Views
from components.studio.wording import Wording
from components.web.passing import Passed
from tests.doubles.scripted import FILM, Seller
from tests.workshop_film import VISITOR
from tests.workshop_paid import PaidBench, paid_bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.types import Message


@pytest.fixture
def bench(tmp_path: Path, seller: Seller) -> Iterator[PaidBench]:
    with paid_bench(tmp_path, seller, quiet_s=0.0, unsaved_s=(3600.0,)) as made:
        yield made


@pytest.fixture
def passing(bench: PaidBench) -> Passing:
    services = Services(bench.seller)
    links = Links(Secrets((b"k" * 32,)), bench.clock)
    views = Views(services, links, Wording.read(), 30, bench.films.asked)
    return Passing(Library(bench.jobs, bench.revisions, views, {}), Keyless(services), bench.clock)


@asynccontextmanager
async def unsaved(bench: PaidBench) -> AsyncIterator[str]:
    """A film whose saving waits for an hour."""
    bench.seller.script.takes = [DownloadBroken(reason="connection")]
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    while bench.row(job).wait_reason != "not_saved":  # noqa: ASYNC110 - what is waited for stands in a database
        await asyncio.sleep(0.005)
    bench.seller.events.clear()
    try:
        yield job
    finally:
        making.cancel()
        with suppress(asyncio.CancelledError):
            await making


async def handed(passing: Passing, job: str, visitor: str = VISITOR, part: str | None = None) -> bytes:
    async with passing.open(visitor, job, part) as found:
        assert isinstance(found, Handed)
        return b"".join([piece async for piece in found.passage.pieces])


async def test_a_film_that_is_not_saved_comes_from_its_service(bench: PaidBench, passing: Passing) -> None:
    async with unsaved(bench) as job:
        assert await handed(passing, job, part="bytes=0-") == FILM
        assert bench.seller.events == ["read task-1", "pass https://files.example.com/task-1.mp4 bytes=0-", "passed"]


async def test_many_parts_are_one_look_at_the_task_for_a_while(bench: PaidBench, passing: Passing) -> None:
    async with unsaved(bench) as job:
        for _ in range(5):
            await handed(passing, job)
        assert bench.seller.events.count("read task-1") == 1
        bench.pushed.ahead += LINK_S + 1
        await handed(passing, job)
        assert bench.seller.events.count("read task-1") == 2


async def test_a_link_that_has_died_is_read_anew_once(bench: PaidBench, passing: Passing) -> None:
    async with unsaved(bench) as job:
        bench.seller.script.readings = [Finished("https://first"), Finished("https://second")]
        await handed(passing, job)
        bench.seller.script.passes = [DownloadBroken(reason="link", status=403)]
        assert await handed(passing, job) == FILM
        assert bench.seller.events[-2:] == ["pass https://second", "passed"]
        bench.seller.script.passes = [DownloadBroken(reason="link", status=403)] * 2
        with pytest.raises(DownloadBroken):
            await handed(passing, job)


@pytest.mark.parametrize(("trouble", "told"), [(TaskGone(), ResultExpired), (ServiceUnreachable(), ServiceUnreachable)])
async def test_a_service_in_trouble_is_not_asked_again_at_once(
    bench: PaidBench, passing: Passing, trouble: Exception, told: type[Exception]
) -> None:
    async with unsaved(bench) as job:
        bench.seller.script.readings = [trouble]
        for _ in range(3):
            with pytest.raises(told):
                await handed(passing, job)
        assert bench.seller.events == ["read task-1"]
        bench.pushed.ahead += TROUBLE_S + 1
        assert await handed(passing, job) == FILM


async def test_nobody_else_is_handed_it_and_no_other_film_is_handed_on(bench: PaidBench, passing: Passing) -> None:
    bench.visitor("stranger")
    queued = bench.order("two")
    async with unsaved(bench) as job:
        for visitor, film in (("stranger", job), (VISITOR, queued), (VISITOR, "nothing")):
            with pytest.raises(NotFound):
                await handed(passing, film, visitor)
        assert bench.seller.events == []


async def test_once_it_is_saved_it_lies_here(bench: PaidBench, passing: Passing) -> None:
    job = bench.order()
    await bench.make(job)
    async with passing.open(VISITOR, job) as found:
        assert isinstance(found, Here)
        assert found.url.startswith("/gradio_api/studio/media/")


async def test_a_visitor_has_only_so_many_at_once(bench: PaidBench, passing: Passing) -> None:
    async with unsaved(bench) as job:
        async with AsyncExitStack() as lines:
            for _ in range(AT_ONCE):
                await lines.enter_async_context(passing.open(VISITOR, job))
            with pytest.raises(Unavailable):
                await handed(passing, job)
        assert await handed(passing, job) == FILM


# --- what is sent


async def test_an_answer_that_takes_too_long_is_cut_and_its_line_closed() -> None:
    closed: list[str] = []

    async def sticky() -> AsyncIterator[bytes]:
        yield b"more"
        await asyncio.Event().wait()

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    lines = AsyncExitStack()
    lines.callback(closed.append, "line")
    film = Handed(Passage(200, None, None, sticky()), "film.mp4")
    answer = Passed(film, b"first ", lines, download=True, limit_s=0.05)
    await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    assert [message.get("body") for message in sent] == [None, b"first ", b"more"]
    assert all(message.get("more_body", True) for message in sent)  # so the server cuts the line: nobody takes it for the whole
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"].startswith('attachment; filename="film.mp4"')
    assert closed == ["line"]
