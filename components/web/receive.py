"""An upload's body on its way to a file: counted, timed, and gone again if anything goes wrong."""

from __future__ import annotations

import asyncio
import errno
from contextlib import aclosing
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote_to_bytes

from starlette.requests import ClientDisconnect

from components.errors import DiskFull, FileTooBig, Unavailable, UploadCut, UploadStalled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from starlette.requests import Request

STALL_S = 30.0
"""A sender that says nothing for so long is given up."""
WRITE_BYTES = 1024 * 1024
_NAME_CHARACTERS = 200


def announced(request: Request) -> int | None:
    """The length that the caller announces, in bytes, or None where it does not."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def file_name(header: str | None) -> str:
    """The name in ``X-Filename`` (percent-encoded UTF-8), without folders and control characters; it is only ever shown."""
    text = unquote_to_bytes(header or "").decode("utf-8", "replace")
    last = text.replace("\\", "/").rpartition("/")[2]
    return "".join(ch for ch in last if ch.isprintable()).strip()[:_NAME_CHARACTERS]


async def receive(request: Request, to: Path, *, kind: str, limit: int, stall_s: float = STALL_S) -> int:
    """Write the body into the new file ``to``, whole or not at all.

    Args:
        request: Whose body has not been read yet.
        to: A file that does not exist yet.
        kind: Which input it is (``image``, ``audio``): what errors are about.
        limit: Most bytes that are taken.
        stall_s: Seconds without a byte after which the sender is given up.

    Returns:
        Bytes written.

    Raises:
        FileTooBig: More came than ``limit``.
        UploadStalled: Nothing came for ``stall_s``.
        UploadCut: The connection ended before the body did.
        DiskFull: It does not fit.
    """
    try:
        with await asyncio.to_thread(to.open, "xb") as file:
            return await _pour(request, file, kind, limit, stall_s)
    except OSError as cause:
        await asyncio.to_thread(to.unlink, missing_ok=True)
        raise (DiskFull(field=kind) if cause.errno in {errno.ENOSPC, errno.EDQUOT} else Unavailable()) from cause
    except BaseException:
        await asyncio.to_thread(to.unlink, missing_ok=True)
        raise


async def _pour(request: Request, file: BinaryIO, kind: str, limit: int, stall_s: float) -> int:
    size = 0
    waiting = bytearray()
    async with aclosing(_pieces(request, kind, stall_s)) as pieces:
        async for piece in pieces:
            size += len(piece)
            if size > limit:
                raise FileTooBig(field=kind, max=limit)
            waiting += piece
            if len(waiting) >= WRITE_BYTES:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return size


async def _pieces(request: Request, kind: str, stall_s: float) -> AsyncGenerator[bytes]:
    stream = request.stream()
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), stall_s)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise UploadStalled(field=kind, seconds=round(stall_s)) from None
        except ClientDisconnect:
            raise UploadCut(field=kind) from None
