"""``GET media/{signed}``: films, posters, pictures and sounds out of the store, in pieces, from any place in them."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from components.errors import Gone, NotFound
from components.web.ranges import Span, Unsatisfiable, parse_range

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from starlette.requests import Request

    from components.studio.links import Links
    from components.studio.objects import Objects

_FRESH = "private, max-age=43200, immutable"  # a link keeps its text for 12 hours and its bytes never change


async def media(request: Request, signed: str, *, links: Links, objects: Objects, download: bool) -> Response:
    """Answer for one link; whoever holds it may open it.

    Raises:
        NotFound: The link is altered, expired or never was, or its file is gone.
        Unavailable: The store does not answer.
    """
    found = links.open(signed)
    if found is None:
        raise NotFound
    try:
        size = await objects.size(found.key)
    except Gone:
        raise NotFound from None
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": _FRESH,
        "Content-Disposition": found.disposition(download=download),
        "ETag": found.etag,
    }
    if _matches(request.headers.get("if-none-match"), found.etag):
        return Response(status_code=304, headers={"ETag": found.etag, "Cache-Control": _FRESH})
    wanted = request.headers.get("range") if request.headers.get("if-range", found.etag).strip() == found.etag else None
    try:
        span = parse_range(wanted, size) if request.method == "GET" else None
    except Unsatisfiable:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    if span is not None:
        headers["Content-Range"] = span.header
    part = span or Span(0, size, size)
    headers["Content-Length"] = str(part.length)
    if request.method == "HEAD" or part.length == 0:
        return Response(headers=headers, media_type=found.content_type)
    pieces = objects.read(found.key, part.start, part.end)
    try:
        first = await anext(pieces)  # before the headers: what fails here can still be told
    except Gone:
        raise NotFound from None
    return StreamingResponse(_all(first, pieces), 206 if span else 200, headers, media_type=found.content_type)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):  # type: ignore[type-var]  # it is a generator: its file is closed when a viewer leaves
        yield first
        async for piece in rest:
            yield piece


def _matches(header: str | None, etag: str) -> bool:
    """``If-None-Match`` compares weakly: ``W/"x"`` and ``"x"`` are the same."""
    if header is None:
        return False
    return header.strip() == "*" or etag in {part.strip().removeprefix("W/") for part in header.split(",")}
