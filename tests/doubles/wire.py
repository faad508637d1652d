"""HTTP/1.1 on loopback that can also misbehave: what no framework lets one do to a connection is done here.

Every listener of a double runs on one event loop in one thread. A request is read whole, then answered; ``Manner``
says how the answer travels (late, in drops, cut, with a wrong length, without end, not at all).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

LARGEST_BODY = 120 * 1024 * 1024
"""Bytes; more than any seller's own limit, so that the refusal is the seller's and not ours."""
_READ = 64 * 1024
_ABORT_AT_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 seconds: closing sends RST, as a machine does that falls over."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; header names in lower case, ``path`` decoded, ``host`` names the listener."""

    host: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    at: float = 0.0

    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer travels.

    Args:
        delay_s: Seconds of silence before it.
        piece: Bytes of each drop of a body that drips, or None.
        pause_s: Seconds between two drops.
        vanish: Nothing is sent, the connection is reset.
        cut_at: After so many bytes of the body the connection is reset.
        announce: The Content-Length that is stated, where it is not the truth; the connection is closed after the body.
        endless: The body is repeated until the other side goes.
        twice: The whole answer follows once more behind itself, and the connection is closed.
    """

    delay_s: float = 0.0
    piece: int | None = None
    pause_s: float = 0.0
    vanish: bool = False
    cut_at: int | None = None
    announce: int | None = None
    endless: bool = False
    twice: bool = False


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and how it travels."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = PLAIN

    @classmethod
    def of(cls, data: object, status: int = 200, **headers: str) -> Answer:
        """A JSON answer; ``_`` in the names of ``headers`` stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(data, ensure_ascii=False).encode(), {"content-type": "application/json", **named})


class Wire:
    """The listeners of one double, on a loop and a thread of their own.

    Args:
        answer: Called for every request, on the loop.
        drops: Told the head of every request; True resets the connection before the body is read.
        ports: Name of each listener and its port; 0 takes a free one.
    """

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Answer]],
        drops: Callable[[Request], bool],
        ports: Mapping[str, int],
        name: str = "double",
    ) -> None:
        self._answer = answer
        self._drops = drops
        self._wanted = dict(ports)
        self.ports: dict[str, int] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Listen.

        Raises:
            RuntimeError: A port is taken.
        """
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise RuntimeError("the double could not start") from self._failure

    def stop(self) -> None:
        """Reset what is open, close, and wait for the thread."""
        if self.loop is not None and self._stop is not None and self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        servers: list[asyncio.Server] = []
        try:
            for name, port in self._wanted.items():
                server = await asyncio.start_server(self._connected(name), "127.0.0.1", port)
                servers.append(server)
                self.ports[name] = int(server.sockets[0].getsockname()[1])
            self._ready.set()
            await self._stop.wait()
        finally:
            for server in servers:
                server.close()
            for task in tuple(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            for server in servers:
                await server.wait_closed()

    def _connected(self, name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._serve(name, reader, writer))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

        return begin

    async def _serve(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024)
        try:
            while await self._exchange(name, line, reader, writer):
                line.start_next_cycle()
        except (OSError, h11.RemoteProtocolError):
            pass  # the other side went or speaks no HTTP
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _exchange(self, name: str, line: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether another may follow on this connection."""
        head = await self._next(line, reader, writer)
        if not isinstance(head, h11.Request):
            return False
        request = _request(name, head)
        if self._drops(request):
            _reset(writer)
            return False
        body = bytearray()
        while isinstance(event := await self._next(line, reader, writer), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                _reset(writer)
                return False
        if not isinstance(event, h11.EndOfMessage):
            return False
        answer = await self._answer(Request(**{**_fields(request), "body": bytes(body)}))
        return await _send(line, writer, answer, head_only=request.method == "HEAD")

    async def _next(self, line: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> object:
        while (event := line.next_event()) is h11.NEED_DATA:
            if line.they_are_waiting_for_100_continue:
                writer.write(line.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            line.receive_data(await reader.read(_READ))
        return event


async def _send(line: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, *, head_only: bool) -> bool:
    manner = answer.manner
    await asyncio.sleep(manner.delay_s)
    if manner.vanish:
        _reset(writer)
        return False
    raw = manner.announce is not None or manner.cut_at is not None
    length = manner.announce if manner.announce is not None else len(answer.body)
    headers = [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]
    headers += [] if manner.endless else [("content-length", str(length))]
    headers += [("connection", "close")] if raw else []
    if manner.twice:
        events = (h11.Response(status_code=answer.status, headers=headers), h11.Data(data=answer.body), h11.EndOfMessage())
        writer.write(b"".join(line.send(event) or b"" for event in events) * 2)
        await writer.drain()
        return False
    writer.write(line.send(h11.Response(status_code=answer.status, headers=headers)) or b"")
    if head_only or answer.status == 304:
        await writer.drain()
        writer.write(line.send(h11.EndOfMessage()) or b"")
        return not raw
    if raw:
        await _send_raw(writer, answer)
        return False
    while manner.endless:  # in chunks, none of which is the last
        writer.write(line.send(h11.Data(data=(answer.body or b"\0") * (_READ // max(1, len(answer.body)) + 1))) or b"")
        await writer.drain()
        await asyncio.sleep(manner.pause_s)
    for at in range(0, len(answer.body), manner.piece or _READ * 4):
        writer.write(line.send(h11.Data(data=answer.body[at : at + (manner.piece or _READ * 4)])) or b"")
        await writer.drain()
        if manner.piece is not None:
            await asyncio.sleep(manner.pause_s)
    writer.write(line.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    return line.our_state is h11.DONE


async def _send_raw(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Bytes behind the head that break what the head said."""
    manner, body = answer.manner, answer.body
    writer.write(body if manner.cut_at is None else body[: manner.cut_at])
    await writer.drain()
    if manner.cut_at is not None:
        await asyncio.sleep(0.02)  # lets the other side have what was sent: a reset throws away what is not read yet
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT_AT_CLOSE)
    writer.transport.abort()


def _fields(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("host", "method", "path", "query", "headers", "at")}


def _request(name: str, head: h11.Request) -> Request:
    target = urlsplit(head.target.decode("ascii"))
    return Request(
        host=name,
        method=head.method.decode("ascii"),
        path=unquote(target.path),
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers={key.decode("ascii").lower(): value.decode("latin-1") for key, value in head.headers},
        at=time.time(),
    )
