"""Bringing a file here: streamed, whole or not at all, however the connection behaves."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import httpx

from components.errors import AddressRefused, DownloadBroken, FetchFailed, FileTooBig
from components.services.base import Passage
from components.services.public import MOST_REDIRECTS, UNTRUSTED, PublicTransport, next_hop, no_cookies, resolve_host

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
    from pathlib import Path

    from components.services.public import Resolve

FILM_BYTES = 512 * 1024 * 1024
"""More is no film of 15 s (measured: 1.1 MB a second at 720p)."""
FILM_S = 900.0
"""Seconds after which one attempt ends; the link is then read anew."""
PIECE = 1024 * 1024
"""Bytes gathered before they are written, in a thread."""
IDLE_ATTEMPTS = 3
"""Connections in a row that bring not one byte before it is given up for now."""
OK, PARTIAL, UNSATISFIABLE, TOO_MANY, SERVER_ERRORS = 200, 206, 416, 429, 500
USER_AGENT = "wan-flash-studio/1"
"""Some file hosts refuse an unnamed client."""
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", re.ASCII)
_NO_RANGE = re.compile(r"bytes \*/(\d{1,15})", re.ASCII)


class _InterruptedError(Exception):
    """The connection ended before the file did; ``reason`` and ``status`` as in ``DownloadBroken``."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(slots=True)
class _Progress:
    """How far a file is: bytes on disk, bytes in all where known, and what the server calls this very version."""

    got: int = 0
    total: int | None = None
    tag: str | None = None


class Downloads:
    """Fetches files from trusted origins and public https addresses, with our own User-Agent and never with a key.

    Args:
        trusted_origins: Addresses of our configuration.
        resolve: (name, port) to addresses.
        transport: What carries the requests; tests give their own.
        tls: Certificates to believe in; None = the usual ones.
        pause: How to wait between two attempts, in seconds.
    """

    def __init__(
        self,
        *,
        trusted_origins: Iterable[str] = (),
        resolve: Resolve = resolve_host,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._pause = pause
        self._public = PublicTransport(trusted_origins, resolve=resolve, inner=transport, tls=tls)
        self._client = httpx.AsyncClient(
            transport=self._public,
            follow_redirects=False,
            trust_env=False,
            cookies=no_cookies(),
            timeout=httpx.Timeout(connect=10, read=30, write=10, pool=30),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    async def fetch(self, url: str, to: Path, *, limit_bytes: int = FILM_BYTES, limit_s: float = FILM_S) -> None:
        """Bring what lies at ``url`` into the file ``to``, whole or not at all. Not fsynced: that is the caller's step.

        A broken connection is taken up where it broke (Range).

        Args:
            url: Where it lies.
            to: The file; a neighbour of it with ``.part`` is used meanwhile.
            limit_bytes: A larger one is refused.
            limit_s: Seconds for everything.

        Raises:
            AddressRefused: The address, or one that it leads to, may not be asked.
            DownloadBroken: It did not come; params ``reason`` ``link`` (a fresh link is needed; ``status``), ``connection``,
                ``length``, ``too_large`` or ``too_slow``.
        """
        part = to.with_name(f"{to.name}.part")
        try:
            file = await asyncio.to_thread(part.open, "wb")
            try:
                async with asyncio.timeout(limit_s):
                    await self._whole(url, file, limit_bytes)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(part.replace, to)
        except TimeoutError as error:
            raise DownloadBroken(reason="too_slow") from error
        finally:
            part.unlink(missing_ok=True)

    @contextlib.asynccontextmanager
    async def passing(self, url: str, part: str | None = None, *, limit_bytes: int = FILM_BYTES) -> AsyncIterator[Passage]:
        """What lies at ``url`` as it comes: never more of it in memory than a piece. How long it may take is for the caller to say.

        Args:
            url: Where it lies.
            part: A ``Range`` of one part that is asked for, or None for the whole.
            limit_bytes: A larger one is refused, and cut where that shows late.

        Raises:
            AddressRefused: The address, or one that it leads to, may not be asked.
            DownloadBroken: It does not come, as in ``fetch``.
        """
        try:
            async with self._opened(url, {"Range": part} if part else {}) as answer:
                yield _passage(answer, part, limit_bytes)
        except httpx.RequestError as error:
            raise DownloadBroken(reason="connection") from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _whole(self, url: str, file: BinaryIO, limit: int) -> None:
        progress = _Progress()
        idle = 0
        while True:
            before = progress.got
            try:
                await self._some(url, file, progress, limit)
            except _InterruptedError as broken:
                idle = 0 if progress.got > before else idle + 1
                if idle == IDLE_ATTEMPTS:
                    raise DownloadBroken(reason=broken.reason, status=broken.status) from broken
                await self._pause(0.5 * 2**idle)
            else:
                return

    async def _some(self, url: str, file: BinaryIO, progress: _Progress, limit: int) -> None:
        headers = {"Range": f"bytes={progress.got}-"} if progress.got else {}
        if progress.got and progress.tag:
            headers["If-Range"] = progress.tag
        try:
            async with self._opened(url, headers) as answer:
                if not self._goes_on(answer, progress):
                    progress.got = 0
                    await asyncio.to_thread(_emptied, file)
                if (progress.total or 0) > limit:
                    raise DownloadBroken(reason="too_large")
                await self._written(answer, file, progress, limit)
        except (httpx.RequestError, httpx.StreamError) as error:
            raise _InterruptedError("connection") from error
        if progress.got == 0 or (progress.total is not None and progress.got < progress.total):
            raise _InterruptedError("length")
        if progress.total is not None and progress.got > progress.total:
            raise DownloadBroken(reason="length")

    @contextlib.asynccontextmanager
    async def _opened(self, url: str, headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """The answer at the end of all redirects, each judged like the first address."""
        untrusted = False
        for _ in range(MOST_REDIRECTS + 1):
            try:
                request = self._client.build_request("GET", url, headers=headers, extensions={UNTRUSTED: untrusted})
            except (httpx.InvalidURL, ValueError) as error:
                raise AddressRefused(host="") from error
            request.extensions.setdefault("timeout", self._client.timeout.as_dict())
            answer = await self._client.send(request, stream=True)
            try:
                hop = next_hop(self._public, request, answer)
                if hop is None:
                    yield answer
                    return
            finally:
                await answer.aclose()
            url, untrusted = hop
        raise DownloadBroken(reason="link", status=answer.status_code)

    def _goes_on(self, answer: httpx.Response, progress: _Progress) -> bool:
        """Whether the body continues what is here already; takes down what the answer says about the file.

        Raises:
            DownloadBroken: The link is dead.
            _InterruptedError: The server cannot now.
        """
        status = answer.status_code
        if status == UNSATISFIABLE and progress.got:  # another file than before: begin anew
            progress.got, progress.tag, progress.total = 0, None, None
            raise _InterruptedError("length", status)
        if status == TOO_MANY or status >= SERVER_ERRORS:
            raise _InterruptedError("connection", status)
        if status not in {OK, PARTIAL} or answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise DownloadBroken(reason="link", status=status)
        etag = answer.headers.get("etag", "")
        tag = etag if etag.startswith('"') else answer.headers.get("last-modified")
        if status == PARTIAL:
            found = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
            total = int(found[3]) if found and found[3] != "*" else progress.total
            if found is None or int(found[1]) != progress.got or (progress.total is not None and total != progress.total):
                progress.got, progress.tag, progress.total = 0, None, None
                raise _InterruptedError("length", status)
            progress.total = total
            return True
        progress.total = _length(answer)
        progress.tag = tag
        return False

    async def _written(self, answer: httpx.Response, file: BinaryIO, progress: _Progress, limit: int) -> None:
        waiting = bytearray()
        try:
            async for piece in answer.aiter_raw():
                waiting += piece
                if progress.got + len(waiting) > limit:
                    raise DownloadBroken(reason="too_large")
                if len(waiting) >= PIECE:
                    await _put(file, waiting, progress)
        except httpx.TransportError:
            await _put(file, waiting, progress)  # what came is kept: the rest is asked for by Range
            raise
        await _put(file, waiting, progress)


def _passage(answer: httpx.Response, part: str | None, limit: int) -> Passage:
    """An answer as it may be handed on: nothing of its headers but figures, and those are judged.

    Raises:
        DownloadBroken: It is no file, or too large a one.
    """
    status = answer.status_code
    if status == TOO_MANY or status >= SERVER_ERRORS:
        raise DownloadBroken(reason="connection", status=status)
    if status not in {OK, PARTIAL, UNSATISFIABLE} or answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise DownloadBroken(reason="link", status=status)
    if status == UNSATISFIABLE:
        found = _NO_RANGE.fullmatch(answer.headers.get("content-range", "").strip()) if part else None
        if found is None:
            raise DownloadBroken(reason="link", status=status)
        return Passage(UNSATISFIABLE, f"bytes */{int(found[1])}", 0, _nothing())
    length, content_range = _length(answer), None
    if status == PARTIAL:
        found = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        begin = part.removeprefix("bytes=").partition("-")[0] if part else None
        if found is None or begin is None or (begin and int(begin) != int(found[1])) or int(found[2]) < int(found[1]):
            raise DownloadBroken(reason="length", status=status)
        length = int(found[2]) - int(found[1]) + 1
        content_range = f"bytes {int(found[1])}-{int(found[2])}/{found[3]}"
        if found[3] != "*" and int(found[3]) > limit:
            raise DownloadBroken(reason="too_large")
    if (length or 0) > limit:
        raise DownloadBroken(reason="too_large")
    parts = status == PARTIAL or answer.headers.get("accept-ranges", "").strip().lower() == "bytes"
    return Passage(status, content_range, length, _counted(answer, length, limit), parts)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _counted(answer: httpx.Response, length: int | None, limit: int) -> AsyncIterator[bytes]:
    """The body, neither more nor less of it than was said."""
    got = 0
    try:
        async for piece in answer.aiter_raw():
            got += len(piece)
            if got > (limit if length is None else length):
                raise DownloadBroken(reason="too_large" if length is None else "length")
            yield piece
    except (httpx.RequestError, httpx.StreamError):
        raise DownloadBroken(reason="connection") from None
    if got < (length or 1):
        raise DownloadBroken(reason="length")


def _length(answer: httpx.Response) -> int | None:
    told = answer.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None


async def _put(file: BinaryIO, waiting: bytearray, progress: _Progress) -> None:
    data = bytes(waiting)
    await asyncio.to_thread(file.write, data)
    progress.got += len(data)
    waiting.clear()


def _emptied(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


async def fetch_public(
    url: str,
    to: Path,
    *,
    limit_bytes: int,
    trusted_origins: Iterable[str] = (),
    limit_s: float = 120.0,
    resolve: Resolve = resolve_host,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Fetch what a person has named by its address into the file ``to``, whole or not at all.

    Raises:
        AddressRefused: The address, or one that it leads to, is no public https address.
        FetchFailed: Nobody answers, the answer is no file, or it does not come whole within ``limit_s`` seconds.
        FileTooBig: It has more than ``limit_bytes`` bytes.
    """
    # in a thread: certificates are read for it
    downloads = await asyncio.to_thread(Downloads, trusted_origins=trusted_origins, resolve=resolve, transport=transport)
    try:
        await downloads.fetch(url, to, limit_bytes=limit_bytes, limit_s=limit_s)
    except DownloadBroken as error:
        if error.params.get("reason") == "too_large":
            raise FileTooBig(max=limit_bytes) from error
        raise FetchFailed(reason=error.params["reason"], status=error.params.get("status", 0)) from error
    finally:
        await downloads.aclose()
