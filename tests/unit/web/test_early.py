from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from components.web.early import EarlyScript
from tests.unit.web.asgi import client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

PAGE = "<html><head><title>x</title></head></html>"
PUT = "<html><head><script>1;</script><title>x</title></head></html>"


async def answered(answer: Response, path: str = "/") -> tuple[str, str | None]:
    async with client(EarlyScript(answer, "1;")) as web:
        got = await web.get(path)
    return got.text, got.headers.get("content-length")


async def test_the_script_stands_before_all_others() -> None:
    assert await answered(HTMLResponse(PAGE)) == (PUT, str(len(PUT)))


async def test_a_page_that_comes_in_pieces_gets_it_too() -> None:
    async def pieces() -> AsyncIterator[str]:
        for start in range(0, len(PAGE), 3):
            yield PAGE[start : start + 3]

    assert (await answered(StreamingResponse(pieces())))[0] == PUT


async def test_it_is_put_in_once() -> None:
    assert (await answered(HTMLResponse(PAGE + "<head>")))[0] == PUT + "<head>"


@pytest.mark.parametrize(("answer", "path"), [(PlainTextResponse("no page"), "/"), (HTMLResponse(PAGE), "/elsewhere")])
async def test_nothing_else_is_changed(answer: Response, path: str) -> None:
    body = bytes(answer.body).decode()
    assert await answered(answer, path) == (body, str(len(body)))
