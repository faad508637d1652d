from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from components.errors import DiskFull, FileTooBig, TooManyUploads
from components.studio import gate as module
from components.studio.gate import ALL_AT_ONCE, AT_ONCE
from tests import media_factory as media

if TYPE_CHECKING:
    from tests.unit.studio.files_bench import FilesBench


async def test_the_place_for_the_bytes_is_empty_again_afterwards(bench: FilesBench) -> None:
    async with bench.uploads.begin(bench.visitor(), "image", 10) as part:
        part.write_bytes(b"half an upl")
    assert bench.leftovers() == []


async def test_an_upload_that_breaks_off_leaves_nothing_and_frees_its_place(bench: FilesBench) -> None:
    visitor = bench.visitor()

    async def break_off() -> None:
        async with bench.uploads.begin(visitor, "image") as part:
            part.write_bytes(b"half")
            raise ConnectionError

    for _ in range(AT_ONCE + 1):
        with pytest.raises(ConnectionError):
            await break_off()
    assert bench.leftovers() == []


async def test_one_visitor_may_send_four_at_once_and_is_told_when_to_come_back(bench: FilesBench) -> None:
    visitor = bench.visitor()
    async with AsyncExitStack() as stack:
        for _ in range(AT_ONCE):
            await stack.enter_async_context(bench.uploads.begin(visitor, "image"))
        with pytest.raises(TooManyUploads) as refused:
            await stack.enter_async_context(bench.uploads.begin(visitor, "image"))
        assert refused.value.retry_after
        await stack.enter_async_context(bench.uploads.begin(bench.visitor(), "image"))
    async with bench.uploads.begin(visitor, "image"):
        pass


async def test_of_two_hundred_at_once_four_come_in(bench: FilesBench) -> None:
    visitor, refused = bench.visitor(), 0
    all_refused = asyncio.Event()

    async def send() -> bool:
        nonlocal refused
        try:
            async with bench.uploads.begin(visitor, "image"):
                await all_refused.wait()
        except TooManyUploads:
            refused += 1
            if refused == 200 - AT_ONCE:
                all_refused.set()
            return False
        return True

    assert sum(await asyncio.gather(*(send() for _ in range(200)))) == AT_ONCE


async def test_all_visitors_together_have_a_limit_too(bench: FilesBench) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(ALL_AT_ONCE):
            await stack.enter_async_context(bench.uploads.begin(bench.visitor(), "image"))
        with pytest.raises(TooManyUploads):
            await stack.enter_async_context(bench.uploads.begin(bench.visitor(), "image"))


@pytest.mark.parametrize(("kind", "most"), [("image", 40_000_000), ("audio", 60_000_000)])
async def test_what_is_announced_as_too_big_is_refused_before_a_byte(bench: FilesBench, kind: str, most: int) -> None:
    visitor = bench.visitor()
    async with bench.uploads.begin(visitor, kind, most):  # type: ignore[arg-type]
        pass
    with pytest.raises(FileTooBig) as refused:
        async with bench.uploads.begin(visitor, kind, most + 1):  # type: ignore[arg-type]
            pytest.fail("let in")
    assert refused.value.field == kind


async def test_a_full_disk_is_said_before_a_byte_is_written(bench: FilesBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.studio.disk.room", lambda _path: 0)
    with pytest.raises(DiskFull):
        async with bench.uploads.begin(bench.visitor(), "image", 10):
            pytest.fail("let in")


async def test_who_never_uses_uploads_is_stopped_at_a_number_of_them(bench: FilesBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORED", 3)
    visitor, data = bench.visitor(), media.jpeg(400, 400)
    first, *_ = [bench.bring(visitor, data).upload for _ in range(3)]
    with pytest.raises(TooManyUploads) as refused:
        async with bench.uploads.begin(visitor, "image", 10):
            pytest.fail("let in")
    assert refused.value.retry_after
    with pytest.raises(TooManyUploads):
        bench.uploads.fix(visitor, first.id, [{"code": "turn", "degrees": 90}])
    bench.uploads.delete(visitor, first.id)
    async with bench.uploads.begin(visitor, "image", 10):
        pass


async def test_uploads_that_films_were_made_of_do_not_count(bench: FilesBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORED", 1)
    visitor = bench.visitor()
    view = bench.bring(visitor, media.jpeg(400, 400)).upload
    bench.film(visitor, "film-1", image_key=bench.uploads.usable(visitor, view.id, "image", "preview").key)
    async with bench.uploads.begin(visitor, "image", 10):
        pass


async def test_who_never_uses_uploads_is_stopped_at_a_size_of_them(bench: FilesBench, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = bench.visitor()
    bench.bring(visitor, media.jpeg(400, 400))
    monkeypatch.setattr(module, "STORED_BYTES", 20_000)
    with pytest.raises(TooManyUploads):
        async with bench.uploads.begin(visitor, "image", 20_000):
            pytest.fail("let in")


async def test_looking_at_a_file_happens_beside_the_event_loop(bench: FilesBench) -> None:
    outcome = await bench.uploads.pooled(bench.bring, bench.visitor(), media.jpeg(400, 400))
    assert outcome.error is None
