"""A film that is handed on as it comes: judged like one that is fetched, kept nowhere."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from components.errors import AddressRefused, DownloadBroken
from components.services.base import Finished, Passage
from components.services.download import Downloads
from components.services.preview.service import Preview
from tests.unit.services.bench import KEY, OtherSide, account, nowhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FILM = bytes(range(256)) * 64
URL = "https://cdn.example.com/x.mp4?Signature=abc"


class Pieces(httpx.AsyncByteStream):
    """A body in pieces; ``torn`` breaks off at its end. Remembers how much of it was taken and whether it was let go."""

    def __init__(self, data: bytes, *, torn: bool = False) -> None:
        self._data, self._torn = data, torn
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._data), 1000):
            self.taken = begin + 1000
            yield self._data[begin : begin + 1000]
        if self._torn:
            raise httpx.ReadError(f"reset by {URL}")

    async def aclose(self) -> None:
        self.closed = True


def answer(data: bytes = FILM, status: int = 200, *, torn: bool = False, length: bool = True, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sized = {"content-length": str(len(data))} if length else {}
    return httpx.Response(status, stream=Pieces(data, torn=torn), headers={**sized, **named})


def downloads(side: OtherSide) -> Downloads:
    return Downloads(resolve=nowhere, transport=httpx.MockTransport(side))


async def whole(passage: Passage) -> bytes:
    return b"".join([piece async for piece in passage.pieces])


async def test_a_film_comes_through_byte_for_byte_without_the_key() -> None:
    side = OtherSide(answer(accept_ranges="bytes"))
    async with account("evolink", side).passing(Finished(URL)) as passage:
        assert (passage.status, passage.length, passage.content_range, passage.parts) == (200, len(FILM), None, True)
        assert await whole(passage) == FILM
    assert KEY not in str(side.last.headers)
    assert "range" not in side.last.headers


async def test_a_part_that_is_asked_for_comes_as_a_part() -> None:
    side = OtherSide(answer(FILM[10:20], 206, content_range=f"bytes 10-19/{len(FILM)}"))
    async with downloads(side).passing(URL, "bytes=10-19") as passage:
        assert (passage.status, passage.length, passage.content_range) == (206, 10, f"bytes 10-19/{len(FILM)}")
        assert await whole(passage) == FILM[10:20]
    assert side.last.headers["range"] == "bytes=10-19"


async def test_a_host_without_parts_sends_the_whole_and_promises_none() -> None:
    async with downloads(OtherSide(answer())).passing(URL, "bytes=10-19") as passage:
        assert (passage.status, passage.content_range, passage.parts) == (200, None, False)


async def test_a_part_that_is_not_there_is_told_with_the_length() -> None:
    side = OtherSide(answer(b"", 416, content_range="bytes */500"))
    async with downloads(side).passing(URL, "bytes=900-") as passage:
        assert (passage.status, passage.content_range, await whole(passage)) == (416, "bytes */500", b"")


@pytest.mark.parametrize(
    ("told", "part"),
    [
        (answer(FILM[:9], 206, content_range="bytes 0-8/999"), None),
        (answer(FILM[:9], 206, content_range="bytes 0-8/999"), "bytes=5-13"),
        (answer(FILM[:9], 206), "bytes=0-8"),
        (answer(FILM[:9], 206, content_range="bytes 8-0/999\r\nX: y"), "bytes=8-"),
        (answer(b"", 416), "bytes=900-"),
        (answer(b"", 416, content_range="bytes */500"), None),
        (answer(content_encoding="gzip"), None),
        (answer(b"gone", 403), None),
        (answer(b"later", 503), None),
        (httpx.ConnectError("no"), None),
    ],
)
async def test_what_is_no_film_or_another_part_of_it_is_no_answer(told: object, part: str | None) -> None:
    with pytest.raises(DownloadBroken):
        async with downloads(OtherSide(told)).passing(URL, part):
            pytest.fail("nothing to hand on")


async def test_an_address_that_is_not_public_is_not_asked_also_behind_a_redirect() -> None:
    away = httpx.Response(302, headers={"location": "http://127.0.0.1/x.mp4"})
    side = OtherSide(away)
    with pytest.raises(AddressRefused):
        async with Downloads(transport=httpx.MockTransport(side)).passing("http://169.254.169.254/latest"):
            pytest.fail("asked")
    assert side.asked == []
    with pytest.raises(DownloadBroken) as broken:
        async with account("evolink", side).passing(Finished(URL)):
            pytest.fail("asked")
    assert broken.value.params == {"reason": "address", "service": "EvoLink"}
    assert len(side.asked) == 1


async def test_a_film_that_says_that_it_is_too_large_is_not_begun() -> None:
    with pytest.raises(DownloadBroken) as broken:
        async with downloads(OtherSide(answer())).passing(URL, limit_bytes=len(FILM) - 1):
            pytest.fail("begun")
    assert broken.value.params["reason"] == "too_large"


async def test_a_film_that_turns_out_too_large_is_cut() -> None:
    body = Pieces(FILM)
    told = httpx.Response(200, stream=body)
    async with downloads(OtherSide(told)).passing(URL, limit_bytes=5000) as passage:
        assert passage.length is None
        with pytest.raises(DownloadBroken):
            await whole(passage)
    assert body.taken <= 6000


@pytest.mark.parametrize("told", [answer(torn=True), answer(FILM[:500], content_length=str(len(FILM)), length=False)])
async def test_a_film_that_breaks_off_says_so_and_names_no_address(told: httpx.Response) -> None:
    async with downloads(OtherSide(told)).passing(URL) as passage:
        with pytest.raises(DownloadBroken) as broken:
            await whole(passage)
    assert "cdn.example.com" not in repr((broken.value, broken.value.params, broken.value.__cause__))


async def test_the_line_is_let_go_when_nobody_wants_the_rest() -> None:
    body = Pieces(FILM)
    side = OtherSide(httpx.Response(200, stream=body))
    async with AsyncExitStack() as lines:
        passage = await lines.enter_async_context(downloads(side).passing(URL))
        await anext(passage.pieces)
    assert body.closed
    assert body.taken <= 1000


async def test_what_is_made_here_is_never_far_away() -> None:
    with pytest.raises(DownloadBroken):
        async with Preview().passing(Finished("x")):
            pytest.fail("passed")
