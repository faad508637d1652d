from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response  # noqa: TC002 - FastAPI reads it

from components.studio.keys import Secrets
from components.studio.links import Links
from components.studio.objects import PIECE_BYTES, Objects, object_key
from components.web.media import media
from components.web.router import new_router
from tests.unit.web.asgi import ANSWERS, client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

FILM = bytes(range(256)) * (10 * PIECE_BYTES // 1024)  # two and a half pieces
NAME = "preview-照片 “x”-5s.mp4"


class Turned:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def now(self) -> float:
        return self.seconds


class Shelf:
    """One film in a real store, a clock that can be turned, and the route."""

    def __init__(self, folder: Path) -> None:
        self.clock = Turned()
        self.objects = Objects(folder / "media", folder / "work")
        self.links = Links(Secrets((b"k" * 32,)), self.clock)
        self.key = object_key("video", "mp4")
        part = self.objects.work_file()
        part.write_bytes(FILM)
        self.objects.publish_now(part, self.key)
        self.url = self.links.url(self.key, NAME)
        self.app = FastAPI()
        router = new_router(ANSWERS)

        @router.api_route("/gradio_api/studio/media/{signed}", methods=["GET", "HEAD"])
        async def film(request: Request, signed: str, *, download: bool = False) -> Response:
            return await media(request, signed, links=self.links, objects=self.objects, download=download)

        self.app.include_router(router)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
async def web(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    async with client(shelf.app) as web:
        yield web


async def test_the_whole_film_comes_as_it_is(web: httpx.AsyncClient, shelf: Shelf) -> None:
    answer = await web.get(shelf.url)
    assert answer.status_code == 200
    assert answer.content == FILM
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(FILM))
    assert answer.headers["content-disposition"].startswith("inline;")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, len(FILM)),
        ("bytes=-100", len(FILM) - 100, len(FILM)),
        (f"bytes={PIECE_BYTES - 1}-{PIECE_BYTES}", PIECE_BYTES - 1, PIECE_BYTES + 1),
        (f"bytes={len(FILM) - 1}-{len(FILM) + 5}", len(FILM) - 1, len(FILM)),
    ],
)
async def test_a_range_is_206_with_exactly_these_bytes(web: httpx.AsyncClient, shelf: Shelf, asked: str, start: int, end: int) -> None:
    answer = await web.get(shelf.url, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == FILM[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(FILM)}"


async def test_a_range_answer_repeats_nothing_of_the_request(web: httpx.AsyncClient, shelf: Shelf) -> None:
    answer = await web.get(shelf.url, headers={"Range": "bytes=0-99", "Cookie": "secret=1", "X-Mine": "secret"})
    assert "secret" not in str(answer.headers)


@pytest.mark.parametrize("asked", [f"bytes={len(FILM)}-", "bytes=-0"])
async def test_a_range_behind_the_end_is_416(web: httpx.AsyncClient, shelf: Shelf, asked: str) -> None:
    answer = await web.get(shelf.url, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(FILM)}"


async def test_several_ranges_are_answered_with_the_whole_film(web: httpx.AsyncClient, shelf: Shelf) -> None:
    assert (await web.get(shelf.url, headers={"Range": "bytes=0-1,5-6"})).status_code == 200


async def test_if_range_gives_the_part_of_the_same_film_and_all_of_another(web: httpx.AsyncClient, shelf: Shelf) -> None:
    etag = (await web.head(shelf.url)).headers["etag"]
    same = await web.get(shelf.url, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await web.get(shelf.url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


@pytest.mark.parametrize("form", ["{etag}", 'W/{etag}, "x"', "*"])
async def test_a_film_that_the_browser_has_is_304_without_a_body(web: httpx.AsyncClient, shelf: Shelf, form: str) -> None:
    etag = (await web.head(shelf.url)).headers["etag"]
    answer = await web.get(shelf.url, headers={"If-None-Match": form.format(etag=etag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)


async def test_head_tells_everything_and_sends_nothing(web: httpx.AsyncClient, shelf: Shelf) -> None:
    answer = await web.head(shelf.url, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(FILM)))


async def test_a_download_has_its_name_in_any_script(web: httpx.AsyncClient, shelf: Shelf) -> None:
    said = (await web.get(shelf.url, params={"download": "1"}, headers={"Range": "bytes=0-0"})).headers["content-disposition"]
    assert said.startswith("attachment;")
    assert f"filename*=UTF-8''{quote(NAME, safe='')}" in said


async def test_an_altered_link_opens_nothing(web: httpx.AsyncClient, shelf: Shelf) -> None:
    flipped = "A" if shelf.url[-20] != "A" else "B"
    for url in (
        shelf.url[:-20] + flipped + shelf.url[-19:],
        shelf.url[:-4],
        f"{shelf.url}x",
        shelf.url.rpartition("/")[0] + "/" + "A" * 120,
    ):
        answer = await web.get(url)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_link_dies_within_a_day_and_lives_half_a_day(web: httpx.AsyncClient, shelf: Shelf) -> None:
    shelf.clock.seconds += 12 * 3600 - 1
    assert (await web.head(shelf.url)).status_code == 200
    shelf.clock.seconds += 12 * 3600 + 1
    assert (await web.head(shelf.url)).status_code == 404


async def test_a_film_that_is_gone_is_404(web: httpx.AsyncClient, shelf: Shelf) -> None:
    await shelf.objects.delete([shelf.key])
    assert (await web.get(shelf.url)).status_code == 404


async def test_a_link_laid_into_the_store_leads_nowhere(web: httpx.AsyncClient, shelf: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    path = shelf.objects.media_dir / shelf.key
    path.unlink()
    path.symlink_to(secret)
    assert (await web.get(shelf.url)).status_code == 404
