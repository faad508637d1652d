from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from components.errors import AddressRefused, DownloadBroken, FetchFailed, FileTooBig, StudioError
from components.services.base import Finished
from components.services.download import Downloads, fetch_public
from components.services.http import Http, Lines
from tests.unit.services.bench import NOW, OtherSide, account, at_once, line, nowhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

FILM = bytes(range(256)) * 8192
URL = "https://cdn.example.com/x.mp4?Signature=abc"


class Torn(httpx.AsyncByteStream):
    """The first bytes of a body, then the connection breaks."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
        raise httpx.ReadError("reset")


class Whole(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._data), 300_000):
            yield self._data[begin : begin + 300_000]


class Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536


class Sticky(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()


def downloads(side: Callable[[httpx.Request], httpx.Response], *trusted: str) -> Downloads:
    return Downloads(trusted_origins=trusted, resolve=nowhere, transport=httpx.MockTransport(side), pause=at_once)


def whole(data: bytes, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, stream=Whole(data), headers={"content-length": str(len(data)), **named})


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def torn(cut: int, **headers: str) -> httpx.Response:
    return httpx.Response(200, stream=Torn(FILM[:cut]), headers={"content-length": str(len(FILM)), **headers})


def rest(start: int, *, total: int = len(FILM), **headers: str) -> httpx.Response:
    return whole(FILM[start:], 206, content_range=f"bytes {start}-{len(FILM) - 1}/{total}", **headers)


async def test_a_film_comes_byte_for_byte_without_the_key_and_with_a_name_of_ours(tmp_path: Path) -> None:
    side = OtherSide(whole(FILM))
    await account("evolink", side).take(Finished(URL), tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == FILM
    assert "authorization" not in side.last.headers
    assert side.last.headers["user-agent"].startswith("wan-flash-studio")
    assert side.last.headers["accept-encoding"] == "identity"
    assert names(tmp_path) == ["film"]


async def test_a_broken_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    side = OtherSide(torn(700_000, etag='"v1"'), httpx.ReadTimeout("slow"), rest(700_000))
    await downloads(side).fetch(URL, tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == FILM
    assert (side.last.headers["range"], side.last.headers["if-range"]) == ("bytes=700000-", '"v1"')


async def test_a_body_shorter_than_announced_is_completed(tmp_path: Path) -> None:
    short = whole(FILM[:1000], content_length=str(len(FILM)))
    await downloads(OtherSide(short, rest(1000))).fetch(URL, tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == FILM


@pytest.mark.parametrize("second", [whole(FILM), httpx.Response(416), rest(5), rest(1000, total=17), whole(FILM, 206)])
async def test_a_server_that_does_not_go_on_where_it_broke_is_asked_for_everything_again(second: httpx.Response, tmp_path: Path) -> None:
    side = OtherSide(torn(1000), second, whole(FILM))
    await downloads(side).fetch(URL, tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == FILM


BROKEN: list[tuple[list[Any], str]] = [
    ([httpx.Response(403, text="Request has expired")], "link"),
    ([httpx.Response(404)], "link"),
    ([httpx.Response(410)], "link"),
    ([httpx.Response(304)], "link"),
    ([whole(b""), whole(b""), whole(b"")], "length"),
    ([httpx.Response(200, stream=Torn(b""), headers={"content-length": "9"})], "connection"),
    ([httpx.Response(503)], "connection"),
    ([httpx.Response(429)], "connection"),
    ([httpx.ConnectError("no")], "connection"),
    ([whole(b"123", content_length="3000000000")], "too_large"),
    ([httpx.Response(200, stream=Endless())], "too_large"),
    ([httpx.Response(302, headers={"location": URL})], "link"),
]


@pytest.mark.parametrize(("answers", "reason"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
async def test_what_does_not_come_whole_leaves_nothing_and_says_why(answers: list[Any], reason: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadBroken) as broken:
        await downloads(OtherSide(*answers)).fetch(URL, tmp_path / "film", limit_bytes=8_000_000)
    assert broken.value.params["reason"] == reason
    assert broken.value.retryable
    assert names(tmp_path) == []


async def test_a_drip_ends_at_the_time_limit(tmp_path: Path) -> None:
    with pytest.raises(DownloadBroken) as broken:
        await downloads(OtherSide(httpx.Response(200, stream=Sticky()))).fetch(URL, tmp_path / "film", limit_s=0.05)
    assert broken.value.params["reason"] == "too_slow"
    assert names(tmp_path) == []


async def test_a_redirect_to_another_public_address_is_followed(tmp_path: Path) -> None:
    side = OtherSide(httpx.Response(302, headers={"location": "//other.example.org/y"}), whole(FILM))
    await downloads(side).fetch(URL, tmp_path / "film")
    assert side.last.headers["host"] == "other.example.org"


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest", "http://127.0.0.1:9000/film", "file:///etc/passwd", "https://u:p@x.org/"]
)
async def test_a_redirect_into_the_house_is_refused_even_to_a_trusted_origin(location: str, tmp_path: Path) -> None:
    side = OtherSide(httpx.Response(302, headers={"location": location}), whole(FILM))
    with pytest.raises(AddressRefused):
        await downloads(side, "http://127.0.0.1:9000").fetch(URL, tmp_path / "film")
    assert len(side.asked) == 1
    assert names(tmp_path) == []


async def test_a_trusted_origin_may_redirect_within_itself(tmp_path: Path) -> None:
    side = OtherSide(httpx.Response(307, headers={"location": "/elsewhere"}), whole(FILM))
    await downloads(side, "http://127.0.0.1:9000").fetch("http://127.0.0.1:9000/film", tmp_path / "film")
    assert str(side.last.url) == "http://127.0.0.1:9000/elsewhere"


@pytest.mark.parametrize("source", ["ftp://cdn.example.com/film", "oss://bucket/film", "nonsense", "https://"])
async def test_a_film_at_an_address_that_may_not_be_asked_is_a_broken_download(source: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadBroken) as broken:
        await account("aimlapi", OtherSide({})).take(Finished(source), tmp_path / "film")
    assert (broken.value.params["reason"], broken.value.params["service"]) == ("address", "AI/ML API")


@pytest.mark.parametrize(
    ("url", "answer", "error"),
    [
        ("http://pictures.example.org/a.png", whole(b"x"), AddressRefused),
        ("https://pictures.example.org/a.png", httpx.Response(404), FetchFailed),
        ("https://pictures.example.org/a.png", whole(b"x" * 11), FileTooBig),
    ],
)
async def test_what_a_person_names_by_its_address_is_refused_in_words(
    url: str, answer: httpx.Response, error: type[StudioError], tmp_path: Path
) -> None:
    with pytest.raises(error):
        await fetch_public(url, tmp_path / "a", limit_bytes=10, resolve=nowhere, transport=httpx.MockTransport(OtherSide(answer)))
    assert names(tmp_path) == []


async def test_what_a_person_names_by_its_address_is_fetched(tmp_path: Path) -> None:
    side = OtherSide(whole(b"0123456789"))
    await fetch_public(
        "https://pictures.example.org/a.png", tmp_path / "a", limit_bytes=10, resolve=nowhere, transport=httpx.MockTransport(side)
    )
    assert (tmp_path / "a").read_bytes() == b"0123456789"


async def test_over_a_real_connection_a_torn_film_is_completed(tmp_path: Path) -> None:
    ranges: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        begin = int(head.partition(b"bytes=")[2].partition(b"-")[0] or 0)
        ranges.append(head)
        if begin:
            writer.write(f"HTTP/1.1 206 OK\r\nContent-Range: bytes {begin}-{len(FILM) - 1}/{len(FILM)}\r\n".encode())
            writer.write(f"Content-Length: {len(FILM) - begin}\r\n\r\n".encode() + FILM[begin:])
        else:
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(FILM)}\r\n\r\n".encode() + FILM[:500_000])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        http = Http(lambda: NOW, trusted_origins=(base,), pause=at_once)
        await http.download(f"{base}/film.mp4", tmp_path / "film")
        await http.aclose()
    assert (tmp_path / "film").read_bytes() == FILM
    assert len(ranges) == 2


async def test_each_loop_has_its_own_line_and_all_are_closed() -> None:
    made: list[Http] = []

    def make() -> Http:
        made.append(line(OtherSide({})))
        return made[-1]

    lines = Lines(make)
    here = lines()

    async def elsewhere() -> Http:
        return lines()

    there = await asyncio.to_thread(asyncio.run, elsewhere())
    assert lines() is here
    assert there is not here
    await lines.aclose()
    with pytest.raises(RuntimeError):
        await here.read("GET", "https://api.example.org/")


async def test_a_sellers_link_without_tls_is_asked_for_with_it(tmp_path: Path) -> None:
    side = OtherSide(httpx.Response(200, stream=Whole(FILM)))
    await line(side).download("http://cdn.example.com/x.mp4?Signature=abc", tmp_path / "film.mp4")
    assert (side.last.url.scheme, side.last.headers["host"], side.last.url.query) == ("https", "cdn.example.com", b"Signature=abc")
