"""How services are called: one place for time limits, for what may be sent again, and for what a doubtful answer means.

DESIGN §5: HTTP/1.1, ``follow_redirects=False``, explicit time limits, creates over a fresh connection (a stale
keep-alive would turn creates into ``unconfirmed``), separate clients for calls, uploads and downloads.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import math
import random
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from components.errors import Doubtful, ServiceUnreachable
from components.services.download import USER_AGENT, Downloads
from components.services.public import PublicTransport, no_cookies, resolve_host

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from components.errors import StudioError
    from components.services.base import Passage
    from components.services.public import Resolve

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes of an API answer that are read; more is nobody's JSON."""
ANSWER_S = 60.0
"""Seconds for the body of an API answer, from its head on: one that drips keeps every single read within its time."""
NEVER_ARRIVED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # raised while the way to the service is opened, before a byte of ours
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
RATE_LIMITED = 429
SERVER_ERRORS = 500
UNDECIDED = frozenset({408, 409})
"""Refusals that do not say that nothing was made: a gateway's time ran out; "that order is here already"."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read whole; ``data`` is its JSON, or None where it is none (HTML, empty)."""

    status: int
    data: Any
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of an HTTP status


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds of a ``Retry-After`` header (seconds or an HTTP date), or None where it is absent or unreadable.

    How long is too long, the caller knows.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if 0 <= seconds < math.inf else None


def _as_json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Http:
    """The clients of one event loop. Made and closed on that loop.

    Args:
        clock: UTC seconds, for ``Retry-After`` dates.
        trusted_origins: Addresses of our configuration; what lies on their origins may be fetched though it is not public.
        transport: What carries the calls; tests give their own.
        resolve: How a name becomes addresses, for what is fetched from elsewhere.
        pause: How to wait between two attempts of a read, in seconds.
        answer_s: Seconds for the body of an answer.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        trusted_origins: Iterable[str] = (),
        transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
        resolve: Resolve = resolve_host,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._clock = clock
        self._answer_s = answer_s
        self._transport = transport
        self._pause = pause
        self._tls = None if transport else httpx.create_ssl_context()  # once: it reads a few hundred certificates
        trusted = tuple(trusted_origins)
        self._calls = self._client(httpx.Timeout(connect=5, read=20, write=20, pool=10), keep=20)
        self._uploads = self._client(httpx.Timeout(connect=5, read=60, write=60, pool=30), keep=4)
        self._public = PublicTransport(trusted, resolve=resolve, inner=transport() if transport else None, tls=self._tls)
        self._elsewhere = httpx.AsyncClient(
            timeout=httpx.Timeout(connect=5, read=60, write=60, pool=30),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": USER_AGENT},
            cookies=no_cookies(),
            transport=self._public,
        )
        self._downloads = Downloads(
            trusted_origins=trusted,
            resolve=resolve,
            transport=transport() if transport else None,
            tls=self._tls,
            pause=pause,
        )

    async def read(self, method: str, url: str, *, attempts: int = 3, **request: Any) -> Reply:  # noqa: ANN401 - as httpx takes them
        """A call that may be repeated: reads, deletes, key checks. Any answer is returned, a 5xx after several attempts.

        Raises:
            ServiceUnreachable: Nobody answered, several times.
        """
        for attempt in range(attempts):
            last = attempt + 1 == attempts
            try:
                reply = await self._send(self._calls, method, url, **request)
            except httpx.RequestError as error:
                if last:
                    raise ServiceUnreachable(retry_after=5.0) from error
            else:
                if reply.status < SERVER_ERRORS or last:
                    return reply
            await self._pause(0.5 * 2**attempt * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries, no secret
        raise ServiceUnreachable(retry_after=5.0)

    async def create(self, url: str, *, refused: Callable[[Reply], StudioError], **request: Any) -> Reply:  # noqa: ANN401 - as httpx takes them
        """A call that costs money: sent once, over a fresh connection.

        Returns:
            A 2xx answer whose body was read; whether it holds an id is for the caller to see.

        Raises:
            ServiceUnreachable: It surely never arrived; may be sent again.
            Doubtful: It may have arrived (charged maybe): never sent again by itself.
            StudioError: Refused, as ``refused`` classifies a 4xx (429 included).
        """
        if "json" in request:  # a picture inside it makes megabytes of text
            request["content"] = await asyncio.to_thread(_as_json, request.pop("json"))
            request["headers"] = {"Content-Type": "application/json", **request.get("headers", {})}
        client = self._client(httpx.Timeout(connect=5, read=60, write=60, pool=10), keep=0)
        try:
            reply = await self._send(client, "POST", url, **request)
        except NEVER_ARRIVED as error:
            raise ServiceUnreachable(retry_after=5.0) from error
        except httpx.HTTPError as error:
            raise Doubtful from error
        finally:
            with contextlib.suppress(httpx.HTTPError, OSError):
                await client.aclose()
        if reply.ok:
            return reply
        if 400 <= reply.status < SERVER_ERRORS and reply.status not in UNDECIDED:  # noqa: PLR2004 - the class of an HTTP status
            raise refused(reply)
        raise Doubtful(status=reply.status)

    async def upload(self, method: str, url: str, *, elsewhere: bool = False, **request: Any) -> Reply:  # noqa: ANN401 - as httpx takes them
        """Hand over a file; costs nothing, so it may be repeated. Any answer is returned.

        Args:
            method: POST or PUT.
            url: Where to.
            elsewhere: An address that a service named, not our configuration: it has to be a public one.
            **request: As httpx takes it.

        Raises:
            ServiceUnreachable: It did not get through.
            AddressRefused: ``elsewhere`` is no public https address.
        """
        try:
            return await self._send(self._elsewhere if elsewhere else self._uploads, method, url, **request)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise ServiceUnreachable(retry_after=5.0) from error

    async def download(self, url: str, to: Path) -> None:
        """Bring a film into the file ``to``, whole or not at all (see ``Downloads.fetch``)."""
        await self._downloads.fetch(self._encrypted(url), to)

    def passing(self, url: str, part: str | None = None) -> AbstractAsyncContextManager[Passage]:
        """A film as it comes, kept nowhere (see ``Downloads.passing``)."""
        return self._downloads.passing(self._encrypted(url), part)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._calls.aclose()
        await self._uploads.aclose()
        await self._elsewhere.aclose()
        await self._downloads.aclose()

    def _encrypted(self, url: str) -> str:
        """A seller's link without TLS is asked for with it: as it is nobody would fetch it, and the film is paid."""
        plain = url[:7].lower() == "http://" and not self._public.trusts(url)
        return f"https://{url[7:]}" if plain else url

    def now(self) -> float:
        """UTC seconds."""
        return self._clock()

    async def _send(self, client: httpx.AsyncClient, method: str, url: str, **request: Any) -> Reply:  # noqa: ANN401 - as httpx takes them
        async with client.stream(method, url, **request) as answer:
            body = bytearray()
            try:
                async with asyncio.timeout(self._answer_s):
                    async for piece in answer.aiter_bytes():
                        body += piece
                        if len(body) > LARGEST_ANSWER:
                            raise httpx.RemoteProtocolError("answer too large")
            except TimeoutError as error:
                raise httpx.ReadTimeout("the answer does not end") from error
            text = body.decode("utf-8", "replace")
            try:
                data: Any = json.loads(text) if text.strip() else None
            except (ValueError, RecursionError):
                data = None
            return Reply(answer.status_code, data, text, {k.lower(): v for k, v in answer.headers.items()})

    def _client(self, timeout: httpx.Timeout, *, keep: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=timeout,
            http1=True,
            http2=False,
            follow_redirects=False,
            trust_env=True,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=keep),
            headers={"User-Agent": USER_AGENT},
            cookies=no_cookies(),
            verify=self._tls or True,
            transport=self._transport() if self._transport else None,
        )


class Lines:
    """One ``Http`` for each event loop that calls services (the workflows' loop, the page's loop).

    Args:
        make: Makes one, on the loop that will use it.
    """

    def __init__(self, make: Callable[[], Http]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._by_loop: dict[asyncio.AbstractEventLoop, Http] = {}

    def __call__(self) -> Http:
        """The running loop's own."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for gone in [known for known in self._by_loop if known.is_closed()]:
                del self._by_loop[gone]
            if loop not in self._by_loop:
                self._by_loop[loop] = self._make()
            return self._by_loop[loop]

    async def leave(self) -> None:
        """Close the running loop's own: it ends."""
        with self._lock:
            http = self._by_loop.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.aclose()

    async def aclose(self) -> None:
        """Close those of all loops that still run, each on its own loop."""
        with self._lock:
            lines, self._by_loop = self._by_loop, {}
        here = asyncio.get_running_loop()
        for loop, http in lines.items():
            if loop is here:
                await http.aclose()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(http.aclose(), loop))
