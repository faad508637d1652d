"""``jobs/{id}/film``: a film that is not saved here yet, handed on while the service still has it."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from components.errors import StudioError
from components.services.download import FILM_S
from components.studio.links import disposition
from components.studio.passing import Here
from components.web.router import new_router
from components.web.shapes import JobId  # noqa: TC001 - FastAPI reads it
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from fastapi import APIRouter
    from starlette.types import Receive, Scope, Send

    from components.studio.passing import Handed
    from components.studio.studio import Studio
    from components.web.answers import Answers

log = logging.getLogger(__name__)

UNSATISFIABLE = 416
_ONE_PART = re.compile(r"bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})", re.ASCII)
_FILM: dict[int | str, dict[str, Any]] = {
    200: {"description": "The film.", "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The part of it that was asked for by Range, where the service can give it."},
    307: {"description": "It is saved by now, and lies there."},
    416: {"description": "It has no such part."},
}


def passing_routes(studio: Studio, answers: Answers, *, limit_s: float = FILM_S) -> APIRouter:
    """The route of films that are still elsewhere.

    Args:
        studio: Hands them on.
        answers: Words errors.
        limit_s: Seconds that one answer may take.
    """
    router = new_router(answers)

    @router.get("/jobs/{job_id}/film", response_class=Response, responses=_FILM)
    async def pass_film(request: Request, job_id: JobId, *, download: bool = False) -> Response:
        wanted = request.headers.get("range", "")
        # we know no version of it by name, so nothing can be said about "if it is still the same"
        part = wanted if _ONE_PART.fullmatch(wanted) and "if-range" not in request.headers else None
        lines = AsyncExitStack()
        try:
            found = await lines.enter_async_context(studio.passing.open(visitor_of(request), job_id, part))
            if not isinstance(found, Here):
                first = await anext(found.passage.pieces, b"")  # before the headers: what fails here can still be told
                return Passed(found, first, lines.pop_all(), download=download, limit_s=limit_s)
        finally:
            await lines.aclose()
        return RedirectResponse(f"{found.url}?download=1" if download else found.url, 307, {"Cache-Control": "no-store"})

    return router


class Passed(StreamingResponse):
    """The film on its way through; the line to its service is closed with the answer, however that ends."""

    def __init__(self, film: Handed, first: bytes, lines: AsyncExitStack, *, download: bool, limit_s: float) -> None:
        passage = film.passage
        headers = {
            "Accept-Ranges": "bytes" if passage.parts else "none",
            "Cache-Control": "no-store",
            "Content-Disposition": disposition(film.name, download=download),
        }
        if passage.length is not None:
            headers["Content-Length"] = str(passage.length)
        if passage.content_range is not None:
            headers["Content-Range"] = passage.content_range
        # never what the service calls it: this program says what it is
        super().__init__(_all(first, passage.pieces), passage.status, headers, media_type="video/mp4")
        self._lines = lines
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; where it breaks off the connection is cut, so that nobody takes a part for the whole."""
        try:
            async with asyncio.timeout(self._limit_s):
                await super().__call__(scope, receive, send)
        except (TimeoutError, StudioError, ClientDisconnect) as broken:
            log.info("a film that was handed on broke off (%s)", getattr(broken, "params", {}).get("reason", type(broken).__name__))
        finally:
            await self._lines.aclose()


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):  # type: ignore[type-var]  # it is a generator: it is closed when a viewer leaves
        if first:
            yield first
        async for piece in rest:
            yield piece
